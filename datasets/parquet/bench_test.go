package parquet

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"time"

	pq "github.com/parquet-go/parquet-go"

	"abstain/datasets/column"
)

type logitsRow struct {
	Logits []float32 `parquet:"logits,list"`
}

// BenchmarkList compares reading class vectors with a plain pass over the pages
// as parquet-go decodes them, which checks nothing. The two alternate; the ratio
// is that of the fastest rounds.
func BenchmarkList(b *testing.B) {
	for _, form := range []struct {
		name    string
		classes int
		options []pq.WriterOption
	}{
		{"plain", 1000, nil}, {"10 classes", 10, nil}, {"snappy", 1000, []pq.WriterOption{pq.Compression(&pq.Snappy)}},
		{"zstd", 1000, []pq.WriterOption{pq.Compression(&pq.Zstd)}},
	} {
		b.Run(form.name, func(b *testing.B) {
			data := benchTable(b, 4_000_000/form.classes, form.classes, form.options...)
			b.SetBytes(16_000_000)
			b.ReportAllocs()
			var best [2]float64
			for b.Loop() {
				for i, pass := range []func(*testing.B, []byte){readPass, plainPass} {
					start := time.Now()
					pass(b, data)
					if t := time.Since(start).Seconds(); best[i] == 0 || t < best[i] {
						best[i] = t
					}
				}
			}
			b.ReportMetric(best[0]/best[1], "time/pages")
			b.ReportMetric(best[0]*1e3, "ms")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// benchTable writes four million logits in two row groups.
func benchTable(b *testing.B, rows, classes int, options ...pq.WriterOption) []byte {
	rng := rand.New(rand.NewPCG(1, 2))
	all := make([]logitsRow, rows)
	for i := range all {
		all[i].Logits = make([]float32, classes)
		for k := range all[i].Logits {
			all[i].Logits[k] = float32(2 * rng.NormFloat64())
		}
	}
	var out bytes.Buffer
	w := pq.NewGenericWriter[logitsRow](&out, options...)
	for _, half := range [][]logitsRow{all[:rows/2], all[rows/2:]} {
		if _, err := w.Write(half); err != nil {
			b.Fatal(err)
		}
		if err := w.Flush(); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return out.Bytes()
}

var sum float32 // of what was read

// total adds up all values in eight sums, so that the additions do not limit the
// speed.
func total(values []float32) {
	var s [8]float32
	for ; len(values) >= 8; values = values[8:] {
		for i := range s {
			s[i] += values[i]
		}
	}
	sum += s[0] + s[1] + s[2] + s[3] + s[4] + s[5] + s[6] + s[7]
}

func readPass(b *testing.B, data []byte) {
	r, err := Open(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	if err := r.Select([]column.Want{{Field: 0, Kind: column.Vector32}}); err != nil {
		b.Fatal(err)
	}
	chunk, err := r.Next()
	for ; err == nil; chunk, err = r.Next() {
		total(chunk.Columns[0].F32)
	}
	if !errors.Is(err, io.EOF) {
		b.Fatal(err)
	}
}

func plainPass(b *testing.B, data []byte) {
	f, err := pq.OpenFile(bytes.NewReader(data), int64(len(data)), pq.SkipPageIndex(true), pq.SkipBloomFilters(true))
	if err != nil {
		b.Fatal(err)
	}
	for _, g := range f.RowGroups() {
		pages := g.ColumnChunks()[0].Pages()
		page, err := pages.ReadPage()
		for ; err == nil; page, err = pages.ReadPage() {
			values := page.Data()
			total(values.Float())
			pq.Release(page)
		}
		if !errors.Is(err, io.EOF) {
			b.Fatal(err)
		}
		if err := pages.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
