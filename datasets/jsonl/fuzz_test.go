package jsonl

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"strings"
	"testing"
	"unicode/utf8"

	"abstain/datasets/column"
)

var seeds = []string{`{"a": 1, "b": [0.5, "1e-3"], "c": "x\u00e4\n\ud83d\ude00"}`, `[{"a": true}, {"a": null}]`, "\xef\xbb\xbf{\"a\": -0.0}\r\n\r\n{\"a\": 1e999}",
	`{"a": {"b": [[], {}]}, "a": 2}`, `{"a": NaN, "b": -Infinity}`, `{"\u0061": 1}` + "\n" + `{"a": 2}`, `{"a": "\ud800"}`, `{"a": 01}`, `{"a": 1.}`, "[]", "{}", `{"a" :[1 ,2 ] }`, "\"x\"", "[1"}

// FuzzSkip: this package takes for JSON what encoding/json does, but for NaN, Infinity
// and deep nesting.
func FuzzSkip(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		begin := space(b, 0)
		end, err := Skip(b, begin)
		ok := err == nil && space(b, end) == len(b)
		if errors.Is(err, errDeep) || bytes.Contains(b, []byte("NaN")) || bytes.Contains(b, []byte("Infinity")) {
			return
		}
		if ok != json.Valid(b) {
			t.Fatalf("valid %v (%v), want %v", ok, err, !ok)
		}
		if !ok || b[begin] != '"' || !utf8.Valid(b) {
			return
		}
		var want string
		if err := json.Unmarshal(b, &want); err != nil {
			t.Fatal(err)
		}
		if got := string(Unquote(nil, b[begin+1:end-1])); got != want {
			t.Errorf("text %q, want %q", got, want)
		}
	})
}

// FuzzRead: the rows are those of encoding/json, or there is an error.
func FuzzRead(f *testing.F) {
	for _, s := range seeds {
		f.Add([]byte(s), byte(0))
	}
	kinds := []column.Kind{column.Text, column.Float64, column.Int, column.Bool}
	f.Fuzz(func(t *testing.T, content []byte, choice byte) {
		r, err := Open(bytes.NewReader(content), int64(len(content)), "m.jsonl")
		if err != nil {
			return
		}
		defer r.Close()
		var want []column.Want
		for i, field := range r.Fields() {
			kind := kinds[(int(choice)+i)%len(kinds)]
			if field.Kind == column.Vector64 {
				kind = column.Vector64
			}
			want = append(want, column.Want{Field: i, Kind: kind})
		}
		if r.Select(want) != nil {
			return
		}
		objects := decoded(content)
		next := 0
		for {
			chunk, err := r.Next()
			if err != nil {
				if errors.Is(err, io.EOF) && objects != nil && len(objects) != next {
					t.Fatalf("%d rows, want %d", next, len(objects))
				}
				return
			}
			if chunk.First != next || chunk.N == 0 {
				t.Fatalf("chunk of %d rows at %d, want one at %d", chunk.N, chunk.First, next)
			}
			for row := range chunk.N {
				if objects == nil {
					continue
				}
				for i, w := range want {
					same(t, chunk.Columns[i], row, objects[next+row][r.Fields()[w.Field].Name])
				}
			}
			next += chunk.N
		}
	})
}

// decoded are the objects of lines by encoding/json; nil if it cannot read them or
// cannot tell.
func decoded(content []byte) []map[string]any {
	content = bytes.TrimPrefix(content, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(content) || len(bytes.TrimSpace(content)) == 0 || bytes.TrimLeft(content, " \t\r\n")[0] != '{' {
		return nil
	}
	list := []map[string]any{}
	d := json.NewDecoder(bytes.NewReader(content))
	d.UseNumber()
	for {
		var o map[string]any
		if err := d.Decode(&o); errors.Is(err, io.EOF) {
			return list
		} else if err != nil {
			return nil
		}
		list = append(list, o)
	}
}

// same compares a value with the one of encoding/json.
func same(t *testing.T, c column.Column, row int, want any) {
	if c.Null != nil && c.Null[row] {
		if want != nil {
			t.Errorf("null, want %v", want)
		}
		return
	}
	switch {
	case want == nil:
		t.Error("a value, want null")
	case c.Text != nil:
		switch v := want.(type) {
		case string:
			if c.Text[row] != v {
				t.Errorf("%q, want %q", c.Text[row], v)
			}
		case json.Number:
			if c.Text[row] != v.String() {
				t.Errorf("%q, want %q", c.Text[row], v)
			}
		}
	case c.F64 != nil && c.Width == 1:
		if v, ok := want.(json.Number); ok {
			if x, _ := v.Float64(); math.Float64bits(x) != math.Float64bits(c.F64[row]) {
				t.Errorf("%v, want %v", c.F64[row], x)
			}
		}
	case c.Int != nil:
		if v, ok := want.(json.Number); ok && !strings.ContainsAny(v.String(), ".eE") {
			if x, err := v.Int64(); err != nil || x != c.Int[row] {
				t.Errorf("%v, want %v", c.Int[row], v)
			}
		}
	case c.Bool != nil:
		if v, ok := want.(bool); ok && v != c.Bool[row] {
			t.Errorf("%v, want %v", c.Bool[row], v)
		}
	}
}
