package ipc

import (
	"bytes"
	"testing"

	"abstain/datasets/column"
)

// BenchmarkRead reads class vectors of 1000 float32 and touches one value a
// cache line, so that copies and page faults count but arithmetic does not.
func BenchmarkRead(b *testing.B) {
	const rows, classes = 16384, 1000
	values := make([]float32, rows*classes)
	for i := range values {
		values[i] = float32(i%1021) / 64
	}
	for name, o := range map[string]Options{"batches of 512": {Rows: 512}, "one batch": {}, "stream": {Rows: 512, Stream: true}, "zstd": {Rows: 512, Zstd: true}} {
		b.Run(name, func(b *testing.B) {
			data := write(b, []Column{Vectors("logits", Float32, classes, values)}, o)
			b.SetBytes(4 * rows * classes)
			b.ReportAllocs()
			for b.Loop() {
				touch(b, data)
			}
		})
	}
}

func touch(b *testing.B, data []byte) {
	r, err := Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	if err := r.Select([]column.Want{{Field: 0, Kind: column.Vector32}}); err != nil {
		b.Fatal(err)
	}
	var sum float32
	for chunk, err := r.Next(); err == nil; chunk, err = r.Next() {
		for i := 0; i < len(chunk.Columns[0].F32); i += 16 {
			sum += chunk.Columns[0].F32[i]
		}
	}
	if sum == 0 {
		b.Fatal("nothing was read")
	}
}
