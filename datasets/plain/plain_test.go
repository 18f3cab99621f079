package plain_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"abstain/datasets/column"
	"abstain/datasets/ipc"
	"abstain/datasets/parquet"
	"abstain/datasets/plain"
)

var fields = []plain.Field{{Name: "z", Kind: plain.Int}, {Name: "a", Kind: plain.Float}, {Name: "name", Kind: plain.Text},
	{Name: "few", Kind: plain.Text, Few: true}, {Name: "right", Kind: plain.Bool}, {Name: "none", Kind: plain.Float}, {Name: "nobody", Kind: plain.Text}}

// blocks are two blocks of rows with all kinds of missing values.
func blocks() [][]plain.Column {
	return [][]plain.Column{{
		{Ints: []int64{1, -2, math.MaxInt64}, Missing: []bool{false, true, false}},
		{Floats: []float64{1, math.NaN(), 1568000}},
		{Texts: []string{"a", "", "c,\"d\"\n"}},
		{Texts: []string{"x", "x", ""}},
		{Bools: []bool{true, false, true}},
		{Missing: []bool{true, true, true}},
		{Missing: []bool{true, true, true}},
	}, {
		{Missing: []bool{true}},
		{Floats: []float64{math.Inf(-1)}},
		{Texts: []string{"é"}},
		{Texts: []string{"y"}},
		{Missing: []bool{true}},
		{Missing: []bool{true}},
		{Missing: []bool{true}},
	}}
}

func written(t *testing.T, format string) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := plain.Create(&b, format, fields, column.Pair{Key: "what", Value: "test"})
	if err != nil {
		t.Fatal(err)
	}
	for _, block := range blocks() {
		if err := w.Write(block); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestCSV(t *testing.T) {
	want := "z,a,name,few,right,none,nobody\n" +
		"1,1.0,a,x,true,,\n,,,x,false,,\n9223372036854775807,1568000.0,\"c,\"\"d\"\"\n\",,true,,\n,-inf,é,y,,,\n"
	if got := string(written(t, "csv")); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestBinary reads Parquet and Arrow back by the module's own readers: the columns in their
// order with their types, also those without any value.
func TestBinary(t *testing.T) {
	for _, format := range []string{"parquet", "arrow"} {
		b := written(t, format)
		if again := written(t, format); !bytes.Equal(again, b) {
			t.Errorf("%s: the same table gives other bytes", format)
		}
		var r column.Source
		var err error
		if format == "arrow" {
			r, err = ipc.Open(bytes.NewReader(b), int64(len(b)))
		} else {
			r, err = parquet.Open(bytes.NewReader(b), int64(len(b)))
		}
		if err != nil {
			t.Fatalf("%s: %v", format, err)
		}
		kinds := []column.Kind{column.Int, column.Float64, column.Text, column.Text, column.Bool, column.Float64, column.Text}
		var want []column.Want
		for i, f := range r.Fields() {
			if f.Name != fields[i].Name || f.Kind != kinds[i] {
				t.Errorf("%s: field %d is %+v", format, i, f)
			}
			want = append(want, column.Want{Field: i, Kind: f.Kind})
		}
		if !slices.Contains(r.Meta(), column.Pair{Key: "what", Value: "test"}) {
			t.Errorf("%s: metadata %v", format, r.Meta())
		}
		if err := r.Select(want); err != nil {
			t.Fatal(err)
		}
		rows := 0
		for {
			chunk, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", format, err)
			}
			for i := range chunk.N {
				if row := chunk.First + i; row == 2 && (chunk.Columns[0].Int[i] != math.MaxInt64 || chunk.Columns[1].F64[i] != 1568000 ||
					chunk.Columns[2].Text[i] != "c,\"d\"\n" || !chunk.Columns[4].Bool[i]) {
					t.Errorf("%s: row 2 differs", format)
				}
			}
			rows += chunk.N
		}
		if rows != 4 {
			t.Errorf("%s: %d rows", format, rows)
		}
	}
}

func TestCreateErrors(t *testing.T) {
	if _, err := plain.Create(io.Discard, "xlsx", fields); err == nil || !strings.Contains(err.Error(), "parquet, csv, arrow") {
		t.Errorf("error %v", err)
	}
	if _, err := plain.Create(io.Discard, "csv", []plain.Field{{Name: "a"}, {Name: "a"}}); err == nil {
		t.Error("two columns of one name")
	}
	w, err := plain.Create(io.Discard, "csv", fields[:2])
	if err != nil {
		t.Fatal(err)
	}
	if w.Write([]plain.Column{{Ints: []int64{1}}}) == nil || w.Write([]plain.Column{{Ints: []int64{1}}, {Floats: []float64{1, 2}}}) == nil {
		t.Error("a block that does not fit is taken")
	}
	for _, format := range plain.Formats() {
		w, err := plain.Create(broken{}, format, fields)
		for _, block := range blocks() {
			if err == nil {
				err = w.Write(block)
			}
		}
		if err == nil {
			err = w.Close()
		}
		if err == nil {
			t.Errorf("%s: lost output is not noticed", format)
		}
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("full") }

func FuzzFloat(f *testing.F) {
	for _, v := range []float64{0, 1, -1, 0.1, 1e-5, 1e15, 1e300, 5e-324, math.Inf(1), 1568000, 123456789012345} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v float64) {
		text := string(plain.AppendFloat(nil, v))
		if back, err := strconv.ParseFloat(text, 64); err != nil || back != v && v == v {
			t.Errorf("%v is written %q, which is %v (%v)", v, text, back, err)
		}
		if v == v && !math.IsInf(v, 0) && !strings.ContainsAny(text, ".e") {
			t.Errorf("%q looks like an integer", text)
		}
	})
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"", "a", "a,b", "\"", " x", "x\r\ny", "\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var b bytes.Buffer
		w, _ := plain.Create(&b, "csv", []plain.Field{{Name: "a", Kind: plain.Text}, {Name: "b", Kind: plain.Int}})
		if err := errors.Join(w.Write([]plain.Column{{Texts: []string{s}}, {Ints: []int64{7}}}), w.Close()); err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(&b).ReadAll()
		if want := strings.ReplaceAll(s, "\r\n", "\n"); err != nil || len(rows) != 2 || rows[1][0] != want {
			t.Errorf("%q is read back as %q (%v)", s, rows, err)
		}
	})
}
