// Writes beside each file what DuckDB reads in it, or parquet-wasm where DuckDB cannot: node expected.mjs DIR
import fs from 'node:fs'
import path from 'node:path'
import { createRequire } from 'node:module'
import * as arrow from 'apache-arrow'
import { DuckDBInstance } from '@duckdb/node-api'

const wasm = createRequire(import.meta.url)('parquet-wasm/node')
const dir = process.argv[2]
const db = await (await DuckDBInstance.create()).connect()

// Types that no prediction table uses; "nothing" is a column of type Null.
const unused = (name, type) => name === 'nothing' || /^(TIMESTAMP|DATE|TIME|INTERVAL|STRUCT|MAP)/.test(type)
// Decimals and what JSON has no numbers for pass through text.
const cast = (name, type) =>
  type === 'BLOB' ? `decode("${name}")` : /^(DECIMAL|UUID|ENUM|U?BIGINT)/.test(type) ? `"${name}"::VARCHAR` : `"${name}"`
const cell = type => v => {
  if (v === null || v === undefined) return null
  if (typeof v === 'object') return [...v].map(cell(type))
  if (/^(FLOAT|Float32)/.test(type)) return Number(v.toPrecision(9))
  if (/^(DECIMAL|U?BIGINT)/.test(type) && Number.isSafeInteger(Math.trunc(Number(v)))) return Number(v)
  return v
}

async function byDuckDB(file) {
  const types = (await db.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet('${file}')`)).getRowObjects()
  const table = {}
  for (const { column_name: name, column_type: type } of types) {
    if (unused(name, type)) continue
    const rows = (await db.runAndReadAll(`SELECT ${cast(name, type)} AS v FROM read_parquet('${file}')`)).getRowsJS()
    table[name] = rows.map(r => r[0]).map(cell(type))
  }
  return table
}

function byWasm(file) {
  const read = arrow.tableFromIPC(wasm.readParquet(new Uint8Array(fs.readFileSync(file))).intoIPCStream())
  const table = {}
  for (const { name, type } of read.schema.fields) {
    if (unused(name, '')) continue
    const inner = String(type.children?.[0]?.type ?? type)
    table[name] = [...read.getChild(name)].map(cell(inner))
  }
  return table
}

for (const name of fs.readdirSync(dir).filter(f => f.endsWith('.parquet') && !f.includes('encrypted'))) {
  const file = path.join(dir, name)
  const table = await byDuckDB(file).catch(e => (console.log(name + ': DuckDB:', e.message), byWasm(file)))
  const lines = Object.entries(table).map(([k, v]) => `${JSON.stringify(k)}: ${JSON.stringify(v)}`)
  fs.writeFileSync(file.replace('.parquet', '.json'), `{\n${lines.join(',\n')}\n}\n`)
}
