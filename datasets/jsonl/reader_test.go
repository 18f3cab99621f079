package jsonl

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"abstain/datasets/column"
)

func open(content string) (*Reader, error) {
	return Open(strings.NewReader(content), int64(len(content)), "m.jsonl")
}

// read reads columns as the kinds that letters say: i, f, b, t, v; - for none.
func read(content, kinds string) (values []any, lines []int, notes []string, err error) {
	r, err := open(content)
	if err != nil {
		return nil, nil, nil, err
	}
	defer r.Close()
	var want []column.Want
	for i := range r.Fields() {
		if i < len(kinds) && kinds[i] != '-' {
			kind := map[byte]column.Kind{'i': column.Int, 'f': column.Float64, 'b': column.Bool, 't': column.Text, 'v': column.Vector64}[kinds[i]]
			want = append(want, column.Want{Field: i, Kind: kind})
		}
	}
	if err := r.Select(want); err != nil {
		return nil, nil, nil, err
	}
	values = make([]any, len(want))
	for {
		chunk, err := r.Next()
		if errors.Is(err, io.EOF) {
			return values, lines, r.Notes(), nil
		}
		if err != nil {
			return values, nil, nil, err
		}
		for row := range chunk.N {
			lines = append(lines, r.Line(chunk.First+row))
		}
		for i, c := range chunk.Columns {
			switch want[i].Kind {
			case column.Int:
				values[i] = slices.Clone(c.Int)
			case column.Bool:
				values[i] = slices.Clone(c.Bool)
			case column.Text:
				values[i] = slices.Clone(c.Text)
			default:
				values[i] = slices.Clone(c.F64)
			}
			if c.Null != nil {
				values[i] = fmt.Sprint(values[i], c.Null)
			}
		}
	}
}

// TestRead: the same rows, however they are written.
func TestRead(t *testing.T) {
	const want = "[[7 8] [0.5 1] [x é\"\n] [true false] [1 -Inf 3 4]]"
	for name, content := range map[string]string{
		"lines":    `{"id": 7, "c": 0.5, "g": "x", "ok": true, "v": [1, -Infinity]}` + "\n" + `{"id": 8, "c": 1, "g": "\u00e9\"\n", "ok": false, "v": [3, 4.0]}`,
		"dress":    "\ufeff\r\n" + `{"id":7,"c":5e-1,"g":"x","ok":1,"v":["1"," -inf "]}` + "\r\n  \r\n\t" + `{"v":[3,4],"ok":"no","g":"é\"\n","c":"1","id":8.0}` + "\r\n",
		"texts":    `{"id": "7", "c": "0.5", "g": "x", "ok": "True", "v": ["1", "-Infinity"]}` + "\n" + `{"id": "8", "c": "1.0", "g": "é\"\n", "ok": "False", "v": ["3", "4"]}`,
		"array":    `[{"id": 7, "c": 0.5, "g": "x", "ok": true, "v": [1, -Infinity]}, {"id": 8, "c": 1, "g": "é\"\n", "ok": false, "v": [3, 4]}]`,
		"indented": "[\n {\n  \"id\": 7,\n  \"c\": 0.5, \"g\": \"x\", \"ok\": true,\n  \"v\": [\n   1,\n   -Infinity\n  ]\n }\n ,\n {\"id\": 8, \"c\": 1, \"g\": \"\\u00e9\\\"\\n\", \"ok\": false, \"v\": [3, 4]}\n]\n\n",
		"other":    `{"id": 7, "c": 0.5, "g": "x", "ok": true, "v": [1, -Infinity], "n": {"a": [{}]}, "l": ["a"]}` + "\n" + `{"n": null, "\u0069d": 8, "c": 1, "g": "é\"\n", "ok": false, "v": [3, 4]}`,
	} {
		values, _, _, err := read(content, "iftbv")
		if err != nil || fmt.Sprint(values) != want {
			t.Errorf("%s: %v, %v", name, values, err)
		}
	}
}

// TestKinds: what the first rows tell of columns.
func TestKinds(t *testing.T) {
	r, err := open(`{"i": 1, "f": 1, "b": true, "t": "a", "n": "0.5", "v": [1, 2], "e": null, "o": {}, "l": ["a"], "m": 12345678901234567890}` + "\n" +
		`{"i": 2, "f": 0.5, "b": false, "t": "0.5", "n": "1", "v": [3], "late": 1, "x": -Infinity}`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range r.Fields() {
		got = append(got, fmt.Sprintf("%s:%v%d", f.Name, f.Kind, f.Width))
	}
	want := "i:untyped0 f:float640 b:bool0 t:untyped0 n:float640 v:list of float642 e:untyped0 o:unsupported0 l:unsupported0 m:untyped0 late:untyped0 x:float640"
	if strings.Join(got, " ") != want {
		t.Errorf("%s\nwant %s", strings.Join(got, " "), want)
	}
}

// TestMissing: nulls and keys that are not there are marked; a vector must be there.
func TestMissing(t *testing.T) {
	values, _, _, err := read(`{"i": 1, "f": null, "b": true, "t": "x"}`+"\n"+`{"i": null, "t": null}`+"\n"+`{"i": 3, "f": 0.5, "b": null, "t": ""}`, "ifbt")
	if err != nil || fmt.Sprint(values) != "[[1 0 3] [false true false] [NaN NaN 0.5] [true true false] [true false false] [false true true] [x  ] [false true false]]" {
		t.Errorf("%v, %v", values, err)
	}
}

// TestLines: blank lines count, and elements of an array on one line have no line of
// their own.
func TestLines(t *testing.T) {
	for content, want := range map[string]string{
		"\n\n{\"i\": 1}\n\n{\"i\": 2}\n{\"i\": 3}":  "[3 5 6]",
		"[\n{\"i\": 1},\n{\"i\":\n2}\n,{\"i\": 3}]": "[2 3 5]",
		`[{"i": 1}, {"i": 2}, {"i": 3}]`:            "[0 0 0]",
	} {
		if _, lines, _, err := read(content, "i"); err != nil || fmt.Sprint(lines) != want {
			t.Errorf("%q: lines %v, want %s, %v", content, lines, want, err)
		}
	}
}

// TestLateKeys: a key that the first rows do not have is not read, and that is said.
func TestLateKeys(t *testing.T) {
	_, _, notes, err := read(strings.Repeat("{\"a\": 1}\n", peekRows)+strings.Repeat("{\"a\": 2, \"z\": 1}\n", 3), "i")
	if err != nil || fmt.Sprint(notes) != "[keys that the first rows do not have are not read: z]" {
		t.Errorf("%q, %v", notes, err)
	}
}

func TestRefuses(t *testing.T) {
	ten := strings.Repeat(`{"i": 1, "v": [1, 2]}`+"\n", 10)
	many := strings.Repeat(`{"i": 1, "v": [1, 2]}`+"\n", peekRows)
	for _, c := range []struct{ content, want string }{
		{"", "the file is empty: it has no rows"},
		{" \n\n", "the file is empty: it has no rows"},
		{"oops", "line 1: not a JSON object: character 1 is 'o' in place of an object"},
		{ten + "\noops\n" + ten, "line 12: not a JSON object"},
		{ten + `{"i": 1, "v": [1, 2`, "line 11: not a JSON object: it ends within a value"},
		{ten + `{"i": 1, "v": [1, 2]} x`, "line 11: not a JSON object: character 23 is 'x' in place of the end of the line"},
		{ten + `{"i": 1 "v": [1, 2]}`, "line 11: not a JSON object: character 9 is '\"' in place of a comma or }"},
		{many + `{"i": 1, "v": [1, 2`, "line 1001: not a JSON object"},
		{many + `{"i": 1, "v": [01, 2]}`, "line 1001: not a JSON object"},
		{many + `{"i": 1, "v": [1, 2]}}`, "line 1001: not a JSON object"},
		{ten + `{"i": 1, "v": [1, 2, 3]}`, `column "v": line 11: 3 values where the rows before have 2`},
		{many + `{"i": 1, "v": [1, null]}`, `column "v": line 1001: value 1 of the list is null`},
		{ten + `{"i": 1, "v": [1, "a"]}`, `column "v": line 11: value 1 of the list is "a", no number`},
		{ten + `{"i": 1, "v": [[1, 2]]}`, `column "v": line 11: is a list of lists`},
		{ten + `{"i": 1, "v": 3}`, `column "v": line 11: is no list of numbers`},
		{ten + `{"i": 1, "v": null}`, `column "v": line 11: is null`},
		{ten + `{"i": 1}`, `column "v": line 11: is missing`},
		{ten + `{"i": 1.5, "v": [1, 2]}`, `column "i": line 11: 1.5 is no integer`},
		{ten + `{"i": "cat", "v": [1, 2]}`, `column "i": line 11: "cat" is no integer`},
		{ten + `{"i": 1, "v": [1, 2], "i": 2}`, `column "i": line 11: the key stands twice`},
		{ten + `{"i": 1, "v": ` + strings.Repeat("[", 5000), "nested more than"},
		{"[1, 2]", "a JSON array whose element 1 is no object"},
		{`[{"i": 1}, `, "the JSON array ends too early"},
		{`[{"i": 1} {"i": 2}]`, "in place of a comma or ]"},
		{`[{"i": 1},]`, "element 2 is no object"},
		{"[{\"i\": 1}]\nmore", "line 2: text follows the end of the JSON array"},
		{`{"label": [0, 1], "logits": [[1, 2], [3, 4]]}`, "one JSON object with whole columns in it"},
		{`{"label": {"0": 1}, "p0": {"0": 0.5}}`, "one JSON object with whole columns in it"},
		{"{\n  \"results\": {\n", "line 1: not a JSON object: it ends within a value"},
	} {
		if values, _, _, err := read(c.content, "iv"); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.50q...: %v, %v; want %q", c.content, values, err, c.want)
		}
	}
}

// TestConfiguration: files of settings are no tables, and no tables with faults.
func TestConfiguration(t *testing.T) {
	for _, content := range []string{"{\n \"a\": 1\n}\n", `{"a": {}, "b": []}`, "[1, 2]"} {
		if _, err := Open(strings.NewReader(content), int64(len(content)), "config.json"); !errors.Is(err, column.ErrNoTable) {
			t.Errorf("%q: %v", content, err)
		}
	}
}

// TestChunks: rows come in bounded chunks and in order.
func TestChunks(t *testing.T) {
	const n = 10000
	var content strings.Builder
	for i := range n {
		fmt.Fprintf(&content, "{\"i\": %d, \"v\": [%d.5, 1]}\n", i, i)
	}
	r, err := open(content.String())
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Select([]column.Want{{Field: 1, Kind: column.Vector64}, {Field: 0, Kind: column.Int}}); err != nil {
		t.Fatal(err)
	}
	next := 0
	for {
		chunk, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || chunk.First != next || chunk.N > column.MaxRows(3) {
			t.Fatalf("chunk %d+%d, error %v", chunk.First, chunk.N, err)
		}
		for i := range chunk.N {
			if chunk.Columns[1].Int[i] != int64(next) || chunk.Columns[0].F64[2*i] != float64(next)+0.5 {
				t.Fatalf("row %d is %v, %v", next, chunk.Columns[1].Int[i], chunk.Columns[0].F64[2*i])
			}
			next++
		}
	}
	if next != n {
		t.Errorf("%d rows, want %d", next, n)
	}
	r.Close()
	if _, err := r.Next(); err == nil || errors.Is(err, io.EOF) {
		t.Errorf("error %v after Close", err)
	}
}

func TestSelectErrors(t *testing.T) {
	for want, list := range map[string][]column.Want{
		"no columns selected":                  nil,
		"JSON cannot be read as list of float": {{Field: 0, Kind: column.Vector32}},
		"is asked for twice":                   {{Field: 0, Kind: column.Int}, {Field: 0, Kind: column.Text}},
	} {
		r, err := open(`{"a": 1}`)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Select(list); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
