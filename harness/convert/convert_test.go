package convert

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"abstain/datasets"
	"abstain/datasets/column"
	"abstain/datasets/ipc"
)

// quiet counts what ended.
type quiet struct{ ended, there, failed int }

func (q *quiet) Start(int, int64) {}
func (q *quiet) Table(_ datasets.Table, there bool, err error) {
	q.ended++
	if there {
		q.there++
	}
	if err != nil {
		q.failed++
	}
}

const rows = 4100 // more than one batch

// corpus writes tables of all kinds into a folder.
func corpus(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "in")
	values := make([]float64, 3*rows)
	single := make([]float32, 3*rows)
	ids, sites, labels := make([]string, rows), make([]string, rows), make([]int64, rows)
	for i := range rows {
		labels[i] = int64(i%4) - 1 // -1 is outside
		ids[i], sites[i] = fmt.Sprintf("img%05d", i), []string{"", "a", "b"}[i%3]
		for k := range 3 {
			values[3*i+k] = float64(i*k%17)/3 - 2
			single[3*i+k] = float32(values[3*i+k])
		}
	}
	var probs, trust bytes.Buffer
	probs.WriteString("id,label,p0,p1,p2\n") // rounded: rows do not add to 1 exactly
	trust.WriteString("y_true,y_pred,score\n")
	for i := range rows {
		fmt.Fprintf(&probs, "%d,%d,0.333,0.333,0.333\n", 7*i, i%3)
		fmt.Fprintf(&trust, "%d,%d,%g\n", i%2, i%3%2, (float64(i%50)+1)*(2*float64(i%3%2)-1))
	}
	for name, b := range map[string][]byte{
		"half.arrow": table(t, ipc.Texts("sample_id", ids), ipc.Ints("label", ipc.Int16, labels), ipc.Vectors("logits", ipc.Float16, 3, single),
			ipc.Dictionary("site", sites), ipc.Floats("score:mc", ipc.Float32, single[:rows])),
		"wide.arrow":    table(t, ipc.Ints("label", ipc.Int64, labels), ipc.Vectors("logits", ipc.Float64, 3, values)),
		"probs.csv":     probs.Bytes(),
		"trust.csv":     trust.Bytes(),
		"correct.csv":   []byte("correct,confidence\n1,0.5\n0,0.25\n"),
		"val/names.csv": []byte("target,cat,dog,site\ndog,1.5,0.25,x/y\ncat,0.5,-2,\n"),
	} {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(p), 0o755), os.WriteFile(p, b, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func table(t *testing.T, columns ...ipc.Column) []byte {
	var b bytes.Buffer
	if err := ipc.Write(&b, columns, ipc.Options{Meta: []column.Pair{{Key: "family", Value: "cnn"}}}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func convertAll(t *testing.T, from, out, format string) (*Result, *quiet) {
	t.Helper()
	c, err := datasets.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	q := &quiet{}
	r, err := Run(context.Background(), Config{Corpora: []*datasets.Corpus{c}, Out: out, Format: format, Workers: 2, Progress: q})
	if err != nil {
		t.Fatal(err)
	}
	return r, q
}

// content is all that a table holds, with floats as they are stored.
type content struct {
	schema  string
	batches datasets.Batch
}

func read(t *testing.T, table datasets.Table) content {
	t.Helper()
	r, err := datasets.OpenTable(table)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	r.(datasets.Copier).KeepHalf()
	r.(datasets.Copier).KeepStored()
	s := r.Schema()
	c := content{schema: fmt.Sprint(s.Kind, s.Classes, s.ID, s.Label, s.Prediction, s.Correct, s.Scores, s.Groups)}
	all := &c.batches
	all.Scores, all.Groups = make([][]float64, len(s.Scores)), make([][]string, len(s.Groups))
	for b, err := range r.Batches() {
		if err != nil {
			t.Fatal(err)
		}
		all.N += b.N
		all.ID.Int, all.ID.Text = append(all.ID.Int, b.ID.Int...), append(all.ID.Text, b.ID.Text...)
		all.Label, all.Prediction, all.Correct = append(all.Label, b.Label...), append(all.Prediction, b.Prediction...), append(all.Correct, b.Correct...)
		all.F16, all.F32, all.F64 = append(all.F16, b.F16...), append(all.F32, b.F32...), append(all.F64, b.F64...)
		all.Confidence = append(all.Confidence, b.Confidence...)
		for i := range s.Scores {
			all.Scores[i] = append(all.Scores[i], b.Scores[i]...)
		}
		for i := range s.Groups {
			all.Groups[i] = append(all.Groups[i], b.Groups[i]...)
		}
	}
	return c
}

// No value changes, in no bit, and every name stays.
func TestConversionChangesNothing(t *testing.T) {
	in := corpus(t)
	for _, format := range Formats {
		out := filepath.Join(t.TempDir(), "out")
		r, _ := convertAll(t, in, out, format)
		if len(r.Failures) > 0 || r.Written != 6 {
			t.Fatalf("%s: %+v", format, r)
		}
		before, err := datasets.Open(in)
		after, err2 := datasets.Open(out)
		if err != nil || err2 != nil || len(before.Tables) != len(after.Tables) || len(after.Problems) > 0 {
			t.Fatalf("%v, %v: %+v", err, err2, after)
		}
		for i, b := range before.Tables {
			a := after.Tables[i]
			if a.Model != b.Model || a.Dataset != b.Dataset || a.Split != b.Split || a.Condition != b.Condition || a.Declared != b.Declared || a.Meta.Get("family") != b.Meta.Get("family") {
				t.Errorf("%s: %+v became %+v", format, b, a)
			}
			was, is := read(t, b), read(t, a)
			if format == "parquet" && was.batches.F16 != nil { // widened, exactly
				for _, bits := range was.batches.F16 {
					was.batches.F32 = append(was.batches.F32, column.Half(bits))
				}
				was.batches.F16 = nil
			}
			if was.schema != is.schema || fmt.Sprintf("%+v", was.batches) != fmt.Sprintf("%+v", is.batches) {
				t.Errorf("%s: %s: %s became %s, or values differ", format, b.Name, was.schema, is.schema)
			}
		}
	}
}

// What the values say of a score, and the names of classes, are kept as metadata.
func TestMetadataAreKept(t *testing.T) {
	out := filepath.Join(t.TempDir(), "out")
	convertAll(t, corpus(t), out, "arrow")
	for name, want := range map[string]map[string]string{
		"test/trust.arrow": {"score_kind": "margin", "model": "trust", "split": "test"},
		"val/names.arrow":  {"classes": `["cat","dog"]`, "split": "val", "condition": "clean"},
		"test/half.arrow":  {"family": "cnn"},
	} {
		b, err := os.ReadFile(filepath.Join(out, filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		r, err := ipc.Open(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, p := range r.Meta() {
			got[p.Key] = p.Value
		}
		for k, v := range want {
			if got[k] != v {
				t.Errorf("%s: %s is %q, want %q", name, k, got[k], v)
			}
		}
		r.Close()
	}
}

// The second call writes only what changed or is missing.
func TestConversionGoesOn(t *testing.T) {
	in, out := corpus(t), filepath.Join(t.TempDir(), "out")
	convertAll(t, in, out, "arrow")
	r, q := convertAll(t, in, out, "arrow")
	if r.Written != 0 || r.There != 6 || q.there != 6 || q.ended != 6 {
		t.Errorf("%+v, %+v", r, q)
	}
	if err := os.Remove(filepath.Join(out, "test", "probs.arrow")); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(filepath.Join(out, "test", "half.arrow"), 100); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(in, "correct.csv"), []byte("correct,confidence\n1,0.5\n0,0.25\n0,1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if r, _ := convertAll(t, in, out, "arrow"); r.Written != 3 || r.There != 3 {
		t.Errorf("%d written, %d there", r.Written, r.There)
	}
	if left, err := filepath.Glob(filepath.Join(out, "*", ".tmp-*")); err != nil || left != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A table that cannot be read fails alone, and leaves no file.
func TestFailuresStayAlone(t *testing.T) {
	in, out := corpus(t), filepath.Join(t.TempDir(), "out")
	if err := os.WriteFile(filepath.Join(in, "late.csv"), []byte("label,l0,l1\n0,1,2\n0,1,x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(in, "model.pt"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	r, q := convertAll(t, in, out, "arrow")
	if len(r.Failures) != 2 || q.failed != 1 || r.Written != 6 {
		t.Errorf("%+v", r)
	}
	if _, err := os.Stat(filepath.Join(out, "test", "late.arrow")); err == nil {
		t.Error("a failed table has a file")
	}
	f, err := os.Open(filepath.Join(out, "manifest.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if lines, err := csv.NewReader(f).ReadAll(); err != nil || len(lines) != 7 {
		t.Errorf("manifest %v, %v", lines, err)
	}
}

func TestInterrupted(t *testing.T) {
	c, err := datasets.Open(corpus(t))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, Config{Corpora: []*datasets.Corpus{c}, Out: filepath.Join(t.TempDir(), "out"), Format: "arrow", Workers: 1, Progress: &quiet{}}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

func TestWhereNotToWrite(t *testing.T) {
	in := corpus(t)
	c, err := datasets.Open(in)
	if err != nil {
		t.Fatal(err)
	}
	full := t.TempDir()
	if err := os.WriteFile(filepath.Join(full, "mine.txt"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for out, want := range map[string]string{in: "lies in the corpus", filepath.Join(in, "arrow"): "lies in the corpus", full: "holds mine.txt"} {
		_, err := Run(context.Background(), Config{Corpora: []*datasets.Corpus{c}, Out: out, Format: "arrow", Workers: 1, Progress: &quiet{}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", out, err, want)
		}
	}
}

func TestFileNames(t *testing.T) {
	of := func(model, dataset, split string) datasets.Table {
		return datasets.Table{Model: model, Dataset: dataset, Split: split, Condition: "clean", Name: model}
	}
	for _, c := range []struct {
		tables []datasets.Table
		want   string
	}{
		{[]datasets.Table{of("a", "d", "test"), of("b", "d", "test")}, "a.x b.x"},
		{[]datasets.Table{of("a", "d", "test"), of("A", "d", "test")}, "a.x A-2.x"},
		{[]datasets.Table{of("a", "d", "test"), of("a", "d", "val")}, "test/a.x val/a.x"},
		{[]datasets.Table{of("org/net:1", "d", "test"), of("../b", "e", "test")}, "d/org%2Fnet%3A1.x e/%2E.%2Fb.x"},
	} {
		got, err := fileNames(c.tables, "x")
		if err != nil || !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("%v, %v; want %s", got, err, c.want)
		}
	}
	if _, err := fileNames([]datasets.Table{of("a", "d", "test"), of("a", "d", "test")}, "x"); err == nil {
		t.Error("two tables of the same names")
	}
}

func FuzzSafe(f *testing.F) {
	for _, s := range []string{"a/b", "..", "-x", "NUL ", "é%", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, name string) {
		got := safe(name)
		if strings.ContainsAny(got, "/\\:") || strings.HasPrefix(got, ".") || len(got) > 150 || strings.HasSuffix(got, ".") {
			t.Errorf("%q became %q", name, got)
		}
	})
}
