package csv

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"abstain/datasets/column"
)

// rows reads all cells of a file as text, through Next.
func rows(content []byte) (header []string, cells [][]string, err error) {
	r, err := Open(bytes.NewReader(content), int64(len(content)), "m.csv")
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	var want []column.Want
	for i, f := range r.Fields() {
		header = append(header, f.Name)
		want = append(want, column.Want{Field: i, Kind: column.Text})
	}
	if err := r.Select(want); err != nil {
		return nil, nil, err
	}
	for {
		chunk, err := r.Next()
		if errors.Is(err, io.EOF) {
			return header, cells, nil
		}
		if err != nil {
			return nil, nil, err
		}
		for row := range chunk.N {
			var line []string
			for i := range want {
				line = append(line, chunk.Columns[i].Text[row])
			}
			cells = append(cells, line)
		}
	}
}

// standard reads the same with the standard library.
func standard(content []byte) (header []string, cells [][]string, err error) {
	r := csv.NewReader(bytes.NewReader(content))
	r.TrimLeadingSpace = true
	all, err := r.ReadAll()
	if err != nil || len(all) == 0 {
		return nil, nil, errors.Join(err, errors.New("empty"))
	}
	for _, line := range all {
		for i := range line {
			line[i] = strings.Trim(line[i], " \t")
		}
	}
	return all[0], all[1:], nil
}

// comparable reports whether this package and the standard library should read the same
// cells. The latter knows no other separators, encodings and line ends, no comments and
// no blanks after a quoted cell, takes lines of spaces for rows, and trims blanks of other
// scripts.
func comparable(content []byte) bool {
	s := string(content)
	plain := strings.ReplaceAll(s, "\r\n", "\n")
	if strings.ContainsAny(plain, "\r;\t|#\x00\v\f") || strings.Contains(s, "\" ") || strings.IndexFunc(s, func(r rune) bool { return r > 126 }) >= 0 {
		return false
	}
	for line := range strings.SplitSeq(plain, "\n") {
		if line != "" && strings.Trim(line, " ") == "" {
			return false
		}
	}
	for _, packed := range []string{"PK", "BZh", "7z"} {
		if strings.HasPrefix(s, packed) {
			return false
		}
	}
	return true
}

// FuzzCells: the cells are those of the standard library, or both find a fault. A first
// line of numbers, or of words between blanks, may be a fault only here.
func FuzzCells(f *testing.F) {
	for _, s := range []string{"a,b\n1,2\n", "a,b\r\n\"x,\"\"y\"\"\",\"line\r\nbreak\"\r\n", "a\n\n\"\"\n", "a,b\n1\n", "a,b\n\"x\"y,1\n", "a,b\nx\"y,1\n", "a,b\n\"open,1\n",
		" a, \"b\"\n 1 , 2", "a,\n,\n", "\"a\nb\",c\n1,2\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, content []byte) {
		if !comparable(content) {
			return
		}
		header, cells, err := rows(content)
		if err != nil && strings.Contains(err.Error(), "has no end") {
			return
		}
		wantHeader, wantCells, wantErr := standard(content)
		if wantErr == nil && (holdsNumbers(wantHeader) || len(wantHeader) == 1 && len(strings.Fields(wantHeader[0])) > 1) {
			return
		}
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("error %v, the standard library's is %v", err, wantErr)
		}
		if err == nil && (!slices.EqualFunc(header, wantHeader, sameName) || !slices.EqualFunc(cells, wantCells, slices.Equal[[]string])) {
			t.Errorf("cells\n%q\n%q, want\n%q\n%q", header, cells, wantHeader, wantCells)
		}
	})
}

func sameName(a, b string) bool { return strings.TrimSpace(a) == strings.TrimSpace(b) }

// FuzzRead: whatever a file holds, there is an error, or chunks that follow each other
// with as many values as rows.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"label;l0;l1\n1;0,5;-1,5\n", "\xff\xfel\x00,\x00a\x00\n\x001\x00,\x002\x00", "a,b\n1,\"[0.1, 0.2]\"\n2,\"[1 2]\"\n", "# c\na\tb\r1\t2\r",
		"\x1f\x8b\x08", "\x28\xb5\x2f\xfd", "PK\x03\x04", "a,b\n1,50%\n", "a;b\n1,234;5\n", "a\n[1 ... 2]\n"} {
		f.Add([]byte(s), byte(0))
	}
	kinds := []column.Kind{column.Text, column.Int, column.Float64, column.Bool, column.Vector64}
	f.Fuzz(func(t *testing.T, content []byte, choice byte) {
		r, err := Open(bytes.NewReader(content), int64(len(content)), "m.csv")
		if err != nil {
			return
		}
		defer r.Close()
		var want []column.Want
		for i, field := range r.Fields() {
			kind := kinds[(int(choice)+i)%len(kinds)]
			if kind == column.Vector64 && field.Kind == column.Float64 {
				kind = column.Float64
			}
			want = append(want, column.Want{Field: i, Kind: kind})
		}
		if r.Select(want) != nil {
			return
		}
		next, line := 0, 0
		for {
			chunk, err := r.Next()
			if err != nil {
				return
			}
			if chunk.First != next || chunk.N == 0 {
				t.Fatalf("chunk of %d rows at %d, want one at %d", chunk.N, chunk.First, next)
			}
			next += chunk.N
			for i, c := range chunk.Columns {
				if n := max(len(c.Int), len(c.Bool), len(c.Text)); want[i].Kind != column.Vector64 && max(n, len(c.F64)) != chunk.N || len(c.F64)%max(1, c.Width) != 0 {
					t.Fatalf("%d values in %d rows", n, chunk.N)
				}
			}
			for row := chunk.First; row < next; row++ {
				if r.Line(row) <= line {
					t.Fatalf("row %d is on line %d, after line %d", row, r.Line(row), line)
				}
				line = r.Line(row)
			}
		}
	})
}
