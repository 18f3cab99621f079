// Command writers writes the files of the writers that Go has: go run . DIR
package main

import (
	"bytes"
	"encoding/json"
	"log"
	"os"
	"path/filepath"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/compress"
	"github.com/apache/arrow-go/v18/parquet/pqarrow"
	pq "github.com/parquet-go/parquet-go"
)

// table.json is what table.mjs makes.
type table struct {
	IDs    []string    `json:"ids"`
	Labels []int32     `json:"labels"`
	Logits [][]float32 `json:"logits"`
	Halves [][]float32 `json:"halves"`
	Groups []*string   `json:"groups"`
	Flags  []*bool     `json:"flags"`
}

type row struct {
	ID     string    `parquet:"sample_id"`
	Label  int32     `parquet:"label"`
	Logits []float32 `parquet:"logits,list"`
	Group  *string   `parquet:"grp,optional,dict"`
	Flag   *bool     `parquet:"flag,optional"`
}

type encoded struct {
	ID    string   `parquet:"sample_id,delta"`
	Label int32    `parquet:"label,delta"`
	L0    float32  `parquet:"l0,split"`
	L1    float32  `parquet:"l1,split"`
	Big   uint64   `parquet:"big,delta"`
	UUID  [16]byte `parquet:"uuid,uuid"`
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func main() {
	dir := os.Args[1]
	b, err := os.ReadFile("table.json")
	check(err)
	var t table
	check(json.Unmarshal(b, &t))
	parquetGo(dir, &t)
	arrowGo(dir, &t)
}

func parquetGo(dir string, t *table) {
	var rows []row
	var coded []encoded
	for i, id := range t.IDs {
		rows = append(rows, row{id, t.Labels[i], t.Logits[i], t.Groups[i], t.Flags[i]})
		coded = append(coded, encoded{id, t.Labels[i], t.Logits[i][0], t.Logits[i][1], uint64(i) << 40, [16]byte{15: byte(i)}})
	}
	put(dir, "lz4", rows, pq.Compression(&pq.Lz4Raw))
	put(dir, "lz4-v1", rows, pq.Compression(&pq.Lz4Raw), pq.DataPageVersion(1), pq.PageBufferSize(500))
	put(dir, "zstd", rows, pq.Compression(&pq.Zstd), pq.PageBufferSize(500), pq.MaxRowsPerRowGroup(16))
	put(dir, "none", rows)
	put(dir, "encodings", coded, pq.Compression(&pq.Brotli))
}

func put[T any](dir, name string, rows []T, options ...pq.WriterOption) {
	f, err := os.Create(filepath.Join(dir, "parquet-go-"+name+".parquet"))
	check(err)
	w := pq.NewGenericWriter[T](f, options...)
	_, err = w.Write(rows)
	check(err)
	check(w.Close())
	check(f.Close())
}

func arrowGo(dir string, t *table) {
	classes := int32(len(t.Logits[0]))
	for name, options := range map[string][]parquet.WriterProperty{
		"snappy-v1":         {parquet.WithCompression(compress.Codecs.Snappy)},
		"lz4":               {parquet.WithCompression(compress.Codecs.Lz4Raw)},
		"zstd-v2":           {parquet.WithCompression(compress.Codecs.Zstd), parquet.WithDataPageVersion(parquet.DataPageV2), parquet.WithDictionaryDefault(false)},
		"lz4-v2":            {parquet.WithCompression(compress.Codecs.Lz4Raw), parquet.WithDataPageVersion(parquet.DataPageV2), parquet.WithDictionaryDefault(false), parquet.WithMaxRowGroupLength(17)},
		"bss":               {parquet.WithDictionaryDefault(false), parquet.WithEncodingFor("logits.list.element", parquet.Encodings.ByteStreamSplit), parquet.WithEncodingFor("label", parquet.Encodings.ByteStreamSplit)},
		"encrypted-footer":  {parquet.WithEncryptionProperties(parquet.NewFileEncryptionProperties("0123456789012345"))},
		"encrypted-columns": {parquet.WithEncryptionProperties(parquet.NewFileEncryptionProperties("0123456789012345", parquet.WithPlaintextFooter()))},
	} {
		arrowFile(dir, name, t, arrow.ListOf(arrow.PrimitiveTypes.Float32), t.Logits, options...)
	}
	half := arrow.FixedWidthTypes.Float16
	arrowFile(dir, "f16-list", t, arrow.ListOf(half), t.Halves)
	arrowFile(dir, "f16-fixed", t, arrow.FixedSizeListOfNonNullable(classes, half), t.Halves, parquet.WithDictionaryDefault(false), parquet.WithCompression(compress.Codecs.Lz4Raw))
	arrowFile(dir, "f16-bss", t, arrow.ListOf(half), t.Halves, parquet.WithDictionaryDefault(false), parquet.WithEncodingFor("logits.list.element", parquet.Encodings.ByteStreamSplit))
	arrowFile(dir, "large-list", t, arrow.LargeListOf(arrow.PrimitiveTypes.Float64), t.Logits, parquet.WithCompression(compress.Codecs.Gzip))
}

func arrowFile(dir, name string, t *table, vector arrow.DataType, logits [][]float32, options ...parquet.WriterProperty) {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "sample_id", Type: arrow.BinaryTypes.String}, {Name: "label", Type: arrow.PrimitiveTypes.Int32},
		{Name: "logits", Type: vector, Nullable: true},
		{Name: "grp", Type: &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}, Nullable: true},
		{Name: "flag", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
		{Name: "nothing", Type: arrow.Null, Nullable: true},
	}, nil)
	b, err := json.Marshal(t.records(logits))
	check(err)
	rec, err := record(schema, b)
	check(err)
	f, err := os.Create(filepath.Join(dir, "arrow-go-"+name+".parquet"))
	check(err)
	w, err := pqarrow.NewFileWriter(schema, f, parquet.NewWriterProperties(append(options, parquet.WithAllocator(memory.DefaultAllocator))...), pqarrow.DefaultWriterProps())
	check(err)
	check(w.Write(rec))
	check(w.Close())
}

func (t *table) records(logits [][]float32) []map[string]any {
	var rows []map[string]any
	for i, id := range t.IDs {
		rows = append(rows, map[string]any{"sample_id": id, "label": t.Labels[i], "logits": logits[i], "grp": t.Groups[i], "flag": t.Flags[i]})
	}
	return rows
}

func record(schema *arrow.Schema, b []byte) (arrow.RecordBatch, error) {
	rec, _, err := array.RecordFromJSON(memory.DefaultAllocator, schema, bytes.NewReader(b))
	return rec, err
}
