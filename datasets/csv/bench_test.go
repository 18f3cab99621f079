package csv

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strconv"
	"strings"
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
	blocks := func() error {
		r, err := Open(bytes.NewReader(file), int64(len(file)), "m.csv")
		if err == nil {
			err = r.Select(want)
		}
		for err == nil {
			_, err = r.Next()
		}
		return err
	}
	for name, read := range map[string]func() error{"blocks": blocks, "encoding-csv": func() error { return plainly(file, kinds) }} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(file)))
			for b.Loop() {
				if err := read(); !errors.Is(err, io.EOF) {
					b.Fatal(err)
				}
			}
		})
	}
}

// plainly reads a file with the standard library, in chunks as this package does.
func plainly(file []byte, kinds []column.Kind) error {
	r := csv.NewReader(bytes.NewReader(file))
	r.ReuseRecord = true
	if _, err := r.Read(); err != nil {
		return err
	}
	columns := make([]column.Column, len(kinds))
	for row := 0; ; row++ {
		record, err := r.Read()
		if err != nil {
			return err
		}
		for i, cell := range record {
			c, cell := &columns[i], strings.TrimSpace(cell)
			if row%column.MaxRows(len(kinds)) == 0 {
				c.Int, c.F64 = c.Int[:0], c.F64[:0]
			}
			if kinds[i] == column.Int {
				v, err := strconv.ParseInt(cell, 10, 64)
				if err != nil {
					return err
				}
				c.Int = append(c.Int, v)
			} else {
				v, err := strconv.ParseFloat(cell, 64)
				if err != nil {
					return err
				}
				c.F64 = append(c.F64, v)
			}
		}
	}
}
