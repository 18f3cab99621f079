// Writes the files of the writers that npm has: node writers.mjs DIR
import fs from 'node:fs'
import path from 'node:path'
import { createRequire } from 'node:module'
import * as arrow from 'apache-arrow'
import { DuckDBInstance } from '@duckdb/node-api'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { n, classes, logits, halves, ids, labels, groups, flags } from './table.mjs'

const require = createRequire(import.meta.url)
const wasm = require('parquet-wasm/node')
const pl = require('nodejs-polars')
const { ParquetSchema, ParquetWriter } = require('@dsnp/parquetjs')
const dir = process.argv[2]
fs.writeFileSync('table.json', JSON.stringify({ ids, labels, logits, halves, groups, flags })) // for the writers in Go
const file = name => path.join(dir, name + '.parquet')

// DuckDB
const db = await (await DuckDBInstance.create()).connect()
const json = path.join(dir, 'rows.json')
fs.writeFileSync(json, JSON.stringify(ids.map((id, i) => ({ sample_id: id, label: labels[i], logits: logits[i], grp: groups[i], flag: flags[i], i }))))
await db.run(`CREATE TABLE t AS SELECT sample_id, label::INT AS label, logits::FLOAT[] AS logits, grp, flag, i::INT AS i FROM read_json('${json}') ORDER BY i`)
fs.rmSync(json)
const duck = (name, select, options) => db.run(`COPY (SELECT ${select} FROM t ORDER BY i) TO '${file('duckdb-' + name)}' (FORMAT parquet, ${options})`)
const all = 'sample_id, label, logits, grp, flag'
for (const codec of ['uncompressed', 'snappy', 'zstd', 'gzip', 'brotli', 'lz4_raw'])
  await duck(codec, all, `COMPRESSION ${codec}`)
await duck('v2', `sample_id, label::UTINYINT AS label, logits::FLOAT[${classes}] AS logits, grp, flag`, 'PARQUET_VERSION V2, COMPRESSION lz4_raw')
await duck('types', `uuid_like.sample_id, label::USMALLINT AS label, list_transform(logits, x -> x::DOUBLE) AS logits,
  grp::ENUM('day', 'night', 'dämmerung') AS grp, i::UBIGINT + 9223372036854775000 AS big, TIMESTAMP '2026-01-02' + to_days(i) AS at,
  DATE '2026-01-02' AS day, INTERVAL 1 DAY AS span, {'a': i} AS pair, MAP {'a': i} AS map`.replace('uuid_like.sample_id', `CAST(lpad(i::VARCHAR, 32, '0') AS UUID) AS sample_id`), 'COMPRESSION zstd')
await duck('decimals', `i::DECIMAL(18, 0) AS sample_id, label::DECIMAL(4, 0) AS label, ${logits[0].map((_, k) => `logits[${k + 1}]::DECIMAL(${[4, 9, 18, 30, 38, 12][k]}, ${[2, 4, 9, 20, 18, 10][k]}) AS l${k}`).join(', ')}`, 'COMPRESSION snappy')

// arrow-rs by parquet-wasm, from tables of apache-arrow
const f = (name, type, nullable = true) => new arrow.Field(name, type, nullable)
const { Compression, Encoding, WriterVersion, WriterPropertiesBuilder } = wasm
function wasmFile(name, columns, set) {
  const schema = new arrow.Schema(columns.map(([name, type]) => f(name, type)))
  const children = columns.map(([, type, values]) => arrow.vectorFromArray(values, type).data[0])
  const data = arrow.makeData({ type: new arrow.Struct(schema.fields), length: n, children })
  const table = wasm.Table.fromIPCStream(arrow.tableToIPC(new arrow.Table(new arrow.RecordBatch(schema, data)), 'stream'))
  fs.writeFileSync(file('arrow-rs-' + name), wasm.writeParquet(table, set(new WriterPropertiesBuilder()).build()))
}
const listOf = type => new arrow.List(f('item', type))
const fixed = type => new arrow.FixedSizeList(classes, f('item', type))
const id = ['sample_id', new arrow.Utf8(), ids], label = ['label', new arrow.Int32(), labels]
const grp = ['grp', new arrow.Dictionary(new arrow.Utf8(), new arrow.Int32()), groups], flag = ['flag', new arrow.Bool(), flags]
const F32 = new arrow.Float32(), F16 = new arrow.Float16(), F64 = new arrow.Float64()
for (const codec of ['UNCOMPRESSED', 'SNAPPY', 'GZIP', 'BROTLI', 'LZ4', 'ZSTD', 'LZ4_RAW'])
  wasmFile(codec.toLowerCase(), [id, label, ['logits', listOf(F32), logits], grp, flag], b => b.setCompression(Compression[codec]))
wasmFile('v2', [id, label, ['logits', fixed(F64), logits], grp, flag], b => b.setWriterVersion(WriterVersion.V2).setCompression(Compression.LZ4_RAW))
wasmFile('f16-list', [id, label, ['logits', listOf(F16), halves]], b => b.setCompression(Compression.SNAPPY))
wasmFile('f16-fixed', [id, label, ['logits', fixed(F16), halves]], b => b.setCompression(Compression.ZSTD).setDictionaryEnabled(false))
wasmFile('f16-wide', [id, label, ...halves[0].map((_, k) => ['l' + k, F16, halves.map(row => row[k])])], b => b.setWriterVersion(WriterVersion.V2))
for (const [name, type, values] of [['f16-bss', F16, halves], ['bss', F32, logits]])
  wasmFile(name, [label, ['logits', listOf(type), values]], b => b.setDictionaryEnabled(false).setEncoding(Encoding.BYTE_STREAM_SPLIT))
wasmFile('pages', [id, label, ['logits', listOf(F32), logits], grp], b => b.setDataPageSizeLimit(200).setMaxRowGroupSize(17).setCompression(Compression.LZ4_RAW)
  .setDictionaryEnabled(false).setColumnEncoding('sample_id', Encoding.DELTA_BYTE_ARRAY).setColumnEncoding('label', Encoding.DELTA_BINARY_PACKED))
wasmFile('types', [['sample_id', new arrow.Binary(), ids.map(t => Buffer.from(t))], ['label', new arrow.Uint8(), labels], ['logits', listOf(F32), logits],
  ['__index_level_0__', new arrow.Int64(), ids.map((_, i) => BigInt(i))], ['nothing', new arrow.Null(), ids.map(() => null)],
  ['at', new arrow.TimestampMillisecond(), ids.map((_, i) => 1e12 + i)], ['fold', new arrow.Int8(), ids.map((_, i) => i % 3 - 1)]], b => b)

// hyparquet-writer
const hyparquet = (name, columnData, options = {}) => fs.writeFileSync(file('hyparquet-' + name), Buffer.from(parquetWriteBuffer({ columnData, ...options })))
const wide = (table, type, encoding) => table[0].map((_, k) => ({ name: 'l' + k, data: table.map(row => row[k]), type, encoding }))
const hyID = { name: 'sample_id', data: ids, type: 'STRING' }, hyLabel = { name: 'label', data: labels, type: 'INT32' }
const hyGroup = { name: 'grp', data: groups, type: 'STRING' }, hyFlag = { name: 'flag', data: flags, type: 'BOOLEAN' }
hyparquet('wide', [hyID, hyLabel, ...wide(logits, 'FLOAT'), hyGroup, hyFlag])
hyparquet('plain', [hyID, hyLabel, ...wide(logits, 'DOUBLE'), hyGroup, hyFlag], { codec: 'UNCOMPRESSED', rowGroupSize: 15, statistics: false })
hyparquet('f16', [hyID, hyLabel, ...wide(halves, 'FLOAT16'), hyGroup])
hyparquet('encodings', [{ ...hyID, encoding: 'DELTA_LENGTH_BYTE_ARRAY' }, { ...hyLabel, encoding: 'DELTA_BINARY_PACKED' }, ...wide(logits, 'FLOAT', 'BYTE_STREAM_SPLIT'), { ...hyFlag, encoding: 'RLE' }])
const untyped = ({ type, ...column }) => column
hyparquet('lists', [hyID, hyLabel, { name: 'logits', data: logits }, hyGroup].map(untyped), { schema: [
  { name: 'root', num_children: 4 },
  { name: 'sample_id', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'REQUIRED' },
  { name: 'label', type: 'INT32', converted_type: 'UINT_16', repetition_type: 'REQUIRED' },
  { name: 'logits', repetition_type: 'OPTIONAL', num_children: 1, converted_type: 'LIST' },
  { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
  { name: 'element', type: 'FLOAT', repetition_type: 'OPTIONAL' },
  { name: 'grp', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
] })

// polars
const frame = pl.DataFrame({ sample_id: ids, label: labels, logits, grp: groups, flag: flags })
  .withColumns(pl.col('logits').cast(pl.List(pl.Float32)), pl.col('label').cast(pl.Int32), pl.col('grp').cast(pl.Categorical))
for (const compression of ['uncompressed', 'snappy', 'gzip', 'brotli', 'zstd', 'lz4'])
  frame.writeParquet(file('polars-' + compression), { compression })

// parquetjs
async function js(name, type, options) {
  const field = t => ({ type: t, ...(options.compression ? { compression: options.compression } : {}) })
  const schema = new ParquetSchema({ sample_id: field('UTF8'), label: field(type), logits: { ...field('FLOAT'), repeated: true },
    grp: { ...field('UTF8'), optional: true }, flag: { ...field('BOOLEAN'), optional: true } })
  const w = await ParquetWriter.openFile(schema, file('parquetjs-' + name), { rowGroupSize: 25, ...options })
  for (let i = 0; i < n; i++)
    await w.appendRow({ sample_id: ids[i], label: labels[i], logits: logits[i], grp: groups[i] ?? undefined, flag: flags[i] ?? undefined })
  await w.close()
}
await js('v1', 'INT64', { useDataPageV2: false })
await js('v2', 'INT_32', { useDataPageV2: true, compression: 'GZIP' })
await js('snappy', 'UINT_8', { useDataPageV2: true, compression: 'SNAPPY' })
