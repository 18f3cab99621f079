package datasets

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/klauspost/compress/gzip"
)

// gzipped is a text as gzip packs it.
func gzipped(t *testing.T, text string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// record is one of lm-evaluation-harness, about a document with two choices.
func record(id int, filter string, likely ...string) string {
	return fmt.Sprintf(`{"doc_id": %d, "target": "1", "arguments": [["Q", " ox"], ["Q", " elk"]], "filter": "%s", "filtered_resps": [["%s", "F"], ["%s", "F"]]}`+"\n",
		id, filter, likely[0], likely[1])
}

// TestWrittenTables: tables that are written as text are found in a folder, whatever
// packs them, and hold the same numbers; what is no table is left out by name.
func TestWrittenTables(t *testing.T) {
	fsys := fstest.MapFS{
		"c/comma.csv":       {Data: []byte("label;l0;l1\n1;-2,5;-1\n0;0,5;-0,25\n")},
		"c/packed.tsv.gz":   {Data: gzipped(t, "label\tl0\tl1\n1\t-2.5\t-1\n0\t0.5\t-0.25\n")},
		"c/cells.csv":       {Data: []byte("label,logits\n1,\"[-2.5, -1]\"\n0,\"[0.5, -0.25]\"\n")},
		"c/wide.txt":        {Data: []byte("\xff\xfel\x00a\x00b\x00e\x00l\x00,\x00l\x000\x00,\x00l\x001\x00\n\x001\x00,\x00-\x002\x00.\x005\x00,\x00-\x001\x00\n\x000\x00,\x00.\x005\x00,\x00-\x00.\x002\x005\x00\n\x00")},
		"c/lines.jsonl":     {Data: []byte(`{"label": 1, "logits": [-2.5, -1]}` + "\n\n" + `{"logits": ["0.5", -0.25], "label": "0"}`)},
		"c/array.json.gz":   {Data: gzipped(t, `[{"label": 1, "logits": [-2.5, -1]}, {"label": 0, "logits": [0.5, -0.25]}]`)},
		"c/README.txt":      {Data: []byte("What this is,\nin short\n")},
		"c/settings.json":   {Data: []byte("{\n \"seed\": 3\n}\n")},
		"c/unreadable.json": {Data: []byte("[1, 2]")},
	}
	corpus, err := OpenFS(fsys, "c", "c")
	if err != nil {
		t.Fatal(err)
	}
	var models []string
	for _, table := range corpus.Tables {
		models = append(models, table.Model)
		w, err := readWhole(table)
		if err != nil || fmt.Sprint(w.Label, w.F64) != "[1 0] [-2.5 -1 0.5 -0.25]" {
			t.Errorf("%s: %v %v, %v", table.Name, w.Label, w.F64, err)
		}
	}
	if slices.Sort(models); fmt.Sprint(models) != "[array cells comma lines packed wide]" || len(corpus.Problems) > 0 {
		t.Errorf("models %v, problems %v", models, corpus.Problems)
	}
	skipped := fmt.Sprint(corpus.Skipped)
	for _, name := range []string{"README.txt", "settings.json", "unreadable.json"} {
		if !strings.Contains(skipped, name) {
			t.Errorf("%s is not among the skipped: %s", name, skipped)
		}
	}
}

// TestFilterTables: the records of two filters are two tables, whose errors name the
// lines of the file.
func TestFilterTables(t *testing.T) {
	const file = "runs/net/samples_toy_2026-02-01T10-11-12.3.jsonl"
	corpus, err := OpenFS(fstest.MapFS{file: {Data: []byte(record(0, "none", "-2", "-1") + record(0, "debias", "-1", "-2") +
		record(1, "none", "-3", "-4") + record(1, "debias", "-4", "-3"))}}, "runs", "runs")
	if err != nil || len(corpus.Problems) > 0 || len(corpus.Tables) != 2 {
		t.Fatalf("%v, %v", corpus, err)
	}
	var got []string
	for _, table := range corpus.Tables {
		w, err := readWhole(table)
		got = append(got, fmt.Sprint(table.Model, " ", table.Dataset, " ", table.Condition, " ", w.ID.Int, w.Label, w.F64, err))
	}
	if want := "net toy clean [0 1] [1 1] [-2 -1 -3 -4] <nil>, net toy debias [0 1] [1 1] [-1 -2 -4 -3] <nil>"; strings.Join(got, ", ") != want {
		t.Errorf("%s\nwant %s", strings.Join(got, ", "), want)
	}
}

// TestLinesOfErrors: errors in tables of text name the line of the file, also where the
// reader of the table finds them and not that of the format.
func TestLinesOfErrors(t *testing.T) {
	for name, c := range map[string]struct{ content, want string }{
		"m.csv":   {"# a comment\n\nid,label,p0,p1\n\"x\ny\",0,0.5,0.5\nz,5000000000,1,0\n", `m.csv: column "label": line 6: `},
		"n.csv":   {"label,p0,p1\nox,1,0\n\n,0,1\n", `n.csv: column "label": line 4: is empty`},
		"m.jsonl": {"\n{\"label\": 0, \"probs\": [1, 0]}\n\n{\"label\": null, \"probs\": [1, 0]}\n", `m.jsonl: column "label": line 4: missing value (null)`},
	} {
		_, err := readWhole(Table{FS: fstest.MapFS{name: {Data: []byte(c.content)}}, Path: name, Name: name, Rows: -1})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}
