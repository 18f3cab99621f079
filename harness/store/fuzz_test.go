package store

import (
	"os"
	"path/filepath"
	"testing"

	"abstain/datasets"
	"abstain/metrics"
)

func FuzzJournal(f *testing.F) {
	f.Add([]byte(`{"format":"2","key":"a","n":3,"cells":{"msp":{"aurc#1":{"v":0.5,"n":3}}}}` + "\n"))
	f.Add([]byte(`{"format":"2","key":"a","cells":{"msp":{"nll#1":{"v":"inf","n":3},"ece@15#1":{"v":null,"n":3}}}}` + "\n{"))
	f.Add([]byte(`{"key":"a","n":3}` + "\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "journal.jsonl"), content, 0o644); err != nil {
			t.Fatal(err)
		}
		j, err := ReadJournal(dir)
		if err != nil {
			return
		}
		if err := j.Begin(); err != nil {
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
	path := filepath.Join(f.TempDir(), "o.arrow")
	if err := saveOutcomes(path, o, new(Workspace)); err != nil {
		f.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(content)
	o.Prediction[1], o.ShouldAbstain = -1, []bool{true, false}
	if err := saveOutcomes(path, o, new(Workspace)); err != nil {
		f.Fatal(err)
	}
	if abstained, err := os.ReadFile(path); err == nil {
		f.Add(abstained)
	}
	f.Add(content[:len(content)/2])
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "o.arrow")
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		loadOutcomes(path) // an error or outcomes, never a panic
	})
}
