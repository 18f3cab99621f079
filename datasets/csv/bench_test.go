package csv

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"testing"

	"abstain/datasets/column"
)

// BenchmarkNarrow reads a table of three columns, as score tables are; beside is the
// standard library's reader with strconv, which this package used before.
func BenchmarkNarrow(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	var file bytes.Buffer
	file.WriteString("label,prediction,confidence\n")
	for range 200000 {
		fmt.Fprintf(&file, "%d,%d,%s\n", r.IntN(1000), r.IntN(1000), strconv.FormatFloat(r.Float64(), 'f', 6, 64))
	}
	kinds := []column.Kind{column.Int, column.Int, column.Float64}
	bench(b, file.Bytes(), kinds)
}

// BenchmarkWide reads rows of 1000 floats, as programs print float32.
func BenchmarkWide(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	file := []byte("label")
	kinds := []column.Kind{column.Int}
	for i := range 1000 {
		file = fmt.Appendf(file, ",l%d", i)
		kinds = append(kinds, column.Float64)
	}
	for range 500 {
		file = append(file, "\n7"...)
		for range 1000 {
			file = strconv.AppendFloat(append(file, ','), float64(float32(r.NormFloat64())), 'g', -1, 32)
		}
	}
	bench(b, file, kinds)
}

func bench(b *testing.B, file []byte, kinds []column.Kind) {
	var want []column.Want
	for i, k := range kinds {
		want = append(want, column.Want{Field: i, Kind: k})
	}
	ways := []struct {
		name string
		open func() (column.Source, error)
	}{
		{"blocks", func() (column.Source, error) { return Open(bytes.NewReader(file), int64(len(file)), "m.csv") }},
		{"encoding-csv", func() (column.Source, error) { return oldOpen(bytes.NewReader(file)) }},
	}
	for _, way := range ways {
		b.Run(way.name, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				r, err := way.open()
				if err == nil {
					err = r.Select(want)
				}
				for err == nil {
					_, err = r.Next()
				}
				if !errors.Is(err, io.EOF) {
					b.Fatal(err)
				}
			}
		})
	}
}
