package ipc

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"testing"

	"abstain/datasets/column"
)

// table is everything read from a source, column by column.
type readTable struct {
	chunks  int
	rows    int
	columns map[string]*column.Column
}

// readAll selects every column of a usable kind and reads to the end.
func readAll(src column.Source) (*readTable, error) {
	var want []column.Want
	t := &readTable{columns: map[string]*column.Column{}}
	var names []string // of the wanted columns, told apart where a damaged file has one twice
	for i, f := range src.Fields() {
		if f.Kind == column.Other {
			continue
		}
		want = append(want, column.Want{Field: i, Kind: f.Kind})
		name := f.Name
		if t.columns[name] != nil {
			name = fmt.Sprintf("%s (column %d)", name, i)
		}
		names = append(names, name)
		t.columns[name] = &column.Column{}
	}
	if err := src.Select(want); err != nil {
		return nil, err
	}
	for {
		chunk, err := src.Next()
		if errors.Is(err, io.EOF) {
			return t, nil
		}
		if err != nil {
			return t, err
		}
		if chunk.First != t.rows {
			return t, fmt.Errorf("chunk begins at row %d, want %d", chunk.First, t.rows)
		}
		t.chunks++
		t.rows += chunk.N
		for i := range want {
			c, got := t.columns[names[i]], chunk.Columns[i]
			c.Int, c.F32, c.F64 = append(c.Int, got.Int...), append(c.F32, got.F32...), append(c.F64, got.F64...)
			c.Bool, c.Text, c.Width = append(c.Bool, got.Bool...), append(c.Text, got.Text...), got.Width
			for row := range chunk.N {
				c.Null = append(c.Null, got.Null != nil && got.Null[row])
			}
		}
	}
}

func openBytes(b []byte) (*Reader, error) { return Open(bytes.NewReader(b), int64(len(b))) }

// sample is a table with a column of every kind the writer knows.
func sample(rows, classes int) []Column {
	ids, labels := make([]int64, rows), make([]int32, rows)
	vectors, scores := make([]float64, rows*classes), make([]float32, rows)
	texts, groups, flags := make([]string, rows), make([]string, rows), make([]bool, rows)
	for i := range rows {
		ids[i], labels[i] = int64(1000+7*i), int32(i%classes-1)
		scores[i], texts[i], flags[i] = float32(i)/8, fmt.Sprintf("img-%05d", i), i%3 == 0
		groups[i] = []string{"young", "", "old"}[i%3]
	}
	for i := range vectors {
		vectors[i] = float64(i%64)/64 - 0.25
	}
	return []Column{
		Ints("sample_id", Int64, ids), Ints("label", Int16, labels),
		Vectors("logits", Float16, classes, vectors), Vectors("single", Float32, classes, vectors), Vectors("double", Float64, classes, vectors),
		Floats("score:mc", Float32, scores), Texts("name", texts), Dictionary("age", groups), Bools("flag", flags),
	}
}

func write(t testing.TB, columns []Column, o Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, columns, o); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWriteAndRead(t *testing.T) {
	const rows, classes = 1000, 5
	for _, o := range []Options{{}, {Stream: true}, {Zstd: true}, {Stream: true, Zstd: true}, {Rows: 77}, {Rows: 77, Stream: true, Zstd: true}} {
		t.Run(fmt.Sprintf("%+v", o), func(t *testing.T) {
			o.Meta = []column.Pair{{Key: "model", Value: "модель"}, {Key: "family", Value: "cnn"}}
			r, err := openBytes(write(t, sample(rows, classes), o))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(r.Meta(), o.Meta) {
				t.Errorf("metadata %v, want %v", r.Meta(), o.Meta)
			}
			got, err := readAll(r)
			if err != nil {
				t.Fatal(err)
			}
			checkSample(t, got, rows, classes)
		})
	}
}

func checkSample(t *testing.T, got *readTable, rows, classes int) {
	t.Helper()
	if got.rows != rows {
		t.Fatalf("%d rows, want %d", got.rows, rows)
	}
	c := got.columns
	for i := range rows {
		if c["sample_id"].Int[i] != int64(1000+7*i) || c["label"].Int[i] != int64(i%classes-1) {
			t.Fatalf("row %d: id %d, label %d", i, c["sample_id"].Int[i], c["label"].Int[i])
		}
		if c["score:mc"].F32[i] != float32(i)/8 || c["name"].Text[i] != fmt.Sprintf("img-%05d", i) || c["flag"].Bool[i] != (i%3 == 0) {
			t.Fatalf("row %d: score %g, name %q, flag %v", i, c["score:mc"].F32[i], c["name"].Text[i], c["flag"].Bool[i])
		}
		if want := []string{"young", "", "old"}[i%3]; c["age"].Text[i] != want || c["age"].Null[i] != (want == "") {
			t.Fatalf("row %d: age %q, missing %v", i, c["age"].Text[i], c["age"].Null[i])
		}
	}
	for i := range rows * classes {
		want := float64(i%64)/64 - 0.25 // exact in float16
		if v := c["logits"].F32[i]; float64(v) != want {
			t.Fatalf("float16 value %d: %g, want %g", i, v, want)
		}
		if v := c["single"].F32[i]; float64(v) != want {
			t.Fatalf("float32 value %d: %g, want %g", i, v, want)
		}
		if v := c["double"].F64[i]; v != want {
			t.Fatalf("float64 value %d: %g, want %g", i, v, want)
		}
	}
	if c["logits"].Width != classes {
		t.Errorf("width %d, want %d", c["logits"].Width, classes)
	}
}

func TestWriteIsDeterministic(t *testing.T) {
	for _, o := range []Options{{}, {Zstd: true, Rows: 100}, {Stream: true}} {
		if !bytes.Equal(write(t, sample(500, 3), o), write(t, sample(500, 3), o)) {
			t.Errorf("%+v: two writes differ", o)
		}
	}
}

func TestWriteErrors(t *testing.T) {
	one := Ints("label", Int32, []int{1})
	for want, columns := range map[string][]Column{
		"without columns":                     nil,
		`column "x" has 2 rows`:               {one, Ints("x", Int32, []int{1, 2})},
		`column "x": row 1: 300 does not fit`: {Ints("x", Int8, []int{1, 300})},
		"do not make rows of 2":               {Vectors("x", Float32, 2, []float32{1, 2, 3})},
		"1e+06 does not fit into float16":     {Floats("x", Float16, []float64{1e6})},
		"integers of 7 bits":                  {Ints("x", 7, []int{1})},
		"floats of 7 bits":                    {Floats("x", 7, []float64{1})},
	} {
		err := Write(io.Discard, columns, Options{})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// Every float16 survives both conversions, and half-way values go to even.
func TestHalf(t *testing.T) {
	for bits := range 1 << 16 {
		f := column.Half(uint16(bits))
		nan := bits&0x7c00 == 0x7c00 && bits&0x3ff != 0
		switch {
		case nan != math.IsNaN(float64(f)):
			t.Fatalf("%#04x becomes %g", bits, f)
		case !nan && float64(f) != halfValue(bits):
			t.Fatalf("%#04x becomes %g, want %g", bits, f, halfValue(bits))
		case !nan && toHalf(float64(f)) != uint16(bits):
			t.Fatalf("%#04x comes back as %#04x", bits, toHalf(float64(f)))
		}
	}
	for bits := range 0x7bff {
		low, high := halfValue(bits), halfValue(bits+1)
		want := uint16(bits + bits&1)
		if got := toHalf((low + high) / 2); got != want {
			t.Fatalf("half way between %g and %g: %#04x, want %#04x", low, high, got, want)
		}
	}
}

// halfValue is the definition of binary16 in IEEE 754.
func halfValue(bits int) float64 {
	sign := 1 - 2*float64(bits>>15)
	exp, mantissa := bits>>10&31, float64(bits&0x3ff)
	switch exp {
	case 0:
		return sign * mantissa * 0x1p-24
	case 31:
		return math.Inf(int(sign))
	}
	return sign * math.Ldexp(1+mantissa/1024, exp-15)
}
