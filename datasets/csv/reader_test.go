package csv

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"abstain/datasets/column"
)

// Columns of fractions are floats, columns without a name cannot be used, and all
// others can be read as any kind.
func TestFields(t *testing.T) {
	r, err := open("\ufeff a ,b,c,,d\n1,0.5,x,9,\n2,1,0.5,9,1e-3\n3,,y,9,\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []column.Field{{Name: "a", Kind: column.Untyped}, {Name: "b", Kind: column.Float64}, {Name: "c", Kind: column.Untyped}, {Kind: column.Other}, {Name: "d", Kind: column.Float64}}
	if !slices.Equal(r.Fields(), want) {
		t.Errorf("fields %v, want %v", r.Fields(), want)
	}
}

func TestKinds(t *testing.T) {
	r, err := open("a,b,c,d\n1,true,x,1e999\n -2 ,0,,-0.5\n")
	if err != nil {
		t.Fatal(err)
	}
	kinds := []column.Kind{column.Int, column.Bool, column.Text, column.Float64}
	var want []column.Want
	for i, k := range kinds {
		want = append(want, column.Want{Field: i, Kind: k})
	}
	if err := r.Select(want); err != nil {
		t.Fatal(err)
	}
	chunk, err := r.Next()
	if err != nil || chunk.N != 2 || chunk.First != 0 {
		t.Fatalf("chunk %+v, error %v", chunk, err)
	}
	c := chunk.Columns
	if !slices.Equal(c[0].Int, []int64{1, -2}) || !slices.Equal(c[1].Bool, []bool{true, false}) || !slices.Equal(c[2].Text, []string{"x", ""}) || c[3].F64[1] != -0.5 || c[3].F64[0] < 1e308 {
		t.Errorf("columns %+v", c)
	}
	if _, err := r.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("error %v at the end", err)
	}
}

func TestSelectErrors(t *testing.T) {
	r, err := open("a\n1\n")
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Select([]column.Want{{Field: 0, Kind: column.Vector32}}); err == nil || !strings.Contains(err.Error(), `column "a": text cannot be read as list of float32`) {
		t.Errorf("error %v", err)
	}
	if err := r.Select(nil); err == nil {
		t.Error("no columns selected without error")
	}
}

// open opens text as a file.
func open(content string) (*Reader, error) {
	return Open(strings.NewReader(content), int64(len(content)), "m.csv")
}

// Rows beyond those that Open looks at come in bounded chunks and in order.
func TestManyRows(t *testing.T) {
	const n = 10000
	r, err := open("a\n" + strings.Repeat("7\n", n))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Select([]column.Want{{Field: 0, Kind: column.Int}}); err != nil {
		t.Fatal(err)
	}
	rows := 0
	for {
		chunk, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || chunk.First != rows || chunk.N > column.MaxRows(1) || len(chunk.Columns[0].Int) != chunk.N {
			t.Fatalf("chunk %d+%d, error %v", chunk.First, chunk.N, err)
		}
		rows += chunk.N
	}
	if rows != n {
		t.Errorf("%d rows, want %d", rows, n)
	}
	r.Close()
	if _, err := r.Next(); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("error %v after Close", err)
	}
}
