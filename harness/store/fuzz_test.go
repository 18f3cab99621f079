package store

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"abstain/datasets"
	"abstain/metrics"
)

func FuzzJournal(f *testing.F) {
	if line, err := lineOf(&Record{Format: format, Key: "a", N: 3, Cells: map[string]Cells{"msp": {"aurc#1": {Value: 0.5, N: 3}}}}); err == nil {
		f.Add(line)
	}
	f.Add([]byte(`{"format":"2","key":"a","n":3,"cells":{"msp":{"aurc#1":{"v":0.5,"n":3}}}}` + "\n"))
	f.Add([]byte(`{"format":"2","key":"a","cells":{"msp":{"nll#1":{"v":"inf","n":3},"ece@15#1":{"v":null,"n":3}}}}` + "\n{"))
	f.Add([]byte(`{"key":"a","n":3}` + "\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "journal.jsonl"), content, 0o644); err != nil {
			t.Fatal(err)
		}
		j, err := Open(dir)
		if err != nil {
			t.Fatal(err) // a journal that is damaged is one with fewer records
		}
		if _, err := j.Begin(); err != nil {
			t.Fatal(err)
		}
		if err := j.Append(&Record{Format: format, Key: "new", N: 1}); err != nil {
			t.Fatal(err)
		}
		if err := j.Close(); err != nil {
			t.Fatal(err)
		}
		again, err := ReadJournal(dir)
		if err != nil {
			t.Fatal("what was written cannot be read:", err)
		}
		if again.Lookup("new") == nil || len(again.records) != len(j.records) {
			t.Fatalf("%d records, want %d", len(again.records), len(j.records))
		}
	})
}

func FuzzLoadOutcomes(f *testing.F) {
	o := &Outcomes{Outcomes: &metrics.Outcomes{Classes: 2, Label: []int32{0, 1}, Prediction: []int32{0, 0},
		Correct: []bool{true, false}, LabelRank: []int32{0, 1}, NLL: []float64{0.1, 2}, Brier: []float64{0.1, 1.5},
		Confidences: []metrics.Confidence{{Name: "msp", Value: []float64{0.9, 0.8}, Key: []float64{1, 0}, Probability: true}},
		Groups:      []metrics.Group{{Name: "g", Levels: []string{"x"}, Code: []int32{0, -1}}}},
		IDs: datasets.IDs{Text: []string{"p", "q"}}}
	encoded := func() []byte {
		var b bytes.Buffer
		if err := encode(&b, o, new(Workspace)); err != nil {
			f.Fatal(err)
		}
		return b.Bytes()
	}
	content := encoded()
	f.Add(content)
	o.Prediction[1], o.ShouldAbstain = -1, []bool{true, false}
	f.Add(encoded())
	f.Add(content[:len(content)/2])
	f.Fuzz(func(t *testing.T, content []byte) {
		decode(bytes.NewReader(content), int64(len(content))) // an error or outcomes, never a panic
	})
}

// FuzzPack: of any file, what is found can be read or is refused, and the next frame can
// be written.
func FuzzPack(f *testing.F) {
	first := &pack{path: filepath.Join(f.TempDir(), "p"), at: map[string]place{}}
	for _, key := range []string{"a", "b"} {
		if err := first.writeBytes(key, []byte(key+key)); err != nil {
			f.Fatal(err)
		}
	}
	whole, err := os.ReadFile(first.path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Add(append(bytes.Clone(marker), whole...))
	f.Fuzz(func(t *testing.T, b []byte) {
		p := &pack{path: filepath.Join(t.TempDir(), "p"), at: map[string]place{}}
		if err := os.WriteFile(p.path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		for _, key := range []string{"a", "b"} {
			if got, err := content(p, key); err == nil && bytes.Equal(b[:min(len(b), len(whole))], whole) && string(got) != key+key {
				t.Fatalf("%q is %q", key, got)
			}
		}
		if err := p.writeBytes("new", []byte("new")); err != nil {
			t.Fatal(err)
		}
		if got, err := content(p, "new"); err != nil || string(got) != "new" {
			t.Fatalf("%q, %v", got, err)
		}
	})
}
