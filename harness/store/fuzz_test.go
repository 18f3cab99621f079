package harness

import (
	"os"
	"path/filepath"
	"testing"

	"abstain/datasets"
	"abstain/metrics"
)

func FuzzReadResults(f *testing.F) {
	header := "model,dataset,split,condition,transform,confidence,status,n,classes,aurc,aurc.lo,aurc.hi\n"
	f.Add(header+"a,d,test,clean,none,msp,ok,5,3,0.5,0.4,0.6\n", "model,regime\na,x\n", "{}", "model,dataset,split,condition,transform,confidence,metric,note\na,d,test,clean,none,msp,aurc,why\n")
	f.Add(header+"a,d,test,clean,none,,failed,,,,,\n", "model\n", `{"failures":[{"table":"a"}]}`, "a,b\n")
	f.Add("model\n", "", "[", "")
	f.Fuzz(func(t *testing.T, results, models, run, notes string) {
		dir := t.TempDir()
		for name, content := range map[string]string{"results.csv": results, "models.csv": models, "run.json": run, "notes.csv": notes} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		r, err := ReadResults(dir)
		if err != nil {
			return
		}
		for _, row := range r.Rows {
			if row.Status == "ok" && len(row.Cells) != len(r.Metrics) {
				t.Fatalf("%d cells for %d metrics", len(row.Cells), len(r.Metrics))
			}
		}
	})
}

func FuzzJournal(f *testing.F) {
	f.Add([]byte(`{"key":"a","n":3,"cells":{"msp":{"aurc#1":{"v":0.5,"n":3}}}}` + "\n"))
	f.Add([]byte(`{"key":"a","cells":{"msp":{"nll#1":{"v":"inf","n":3},"ece@15#1":{"v":null,"n":3}}}}` + "\n{"))
	f.Fuzz(func(t *testing.T, content []byte) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "journal.jsonl"), content, 0o644); err != nil {
			t.Fatal(err)
		}
		j, err := readJournal(dir)
		if err != nil {
			return
		}
		if err := j.begin(); err != nil {
			t.Fatal(err)
		}
		if err := j.append(&record{Key: "new", N: 1}); err != nil {
			t.Fatal(err)
		}
		if err := j.close(); err != nil {
			t.Fatal(err)
		}
		again, err := readJournal(dir)
		if err != nil {
			t.Fatal("what was written cannot be read:", err)
		}
		if again.lookup("new") == nil || len(again.records) != len(j.records) {
			t.Fatalf("%d records, want %d", len(again.records), len(j.records))
		}
	})
}

func FuzzLoadOutcomes(f *testing.F) {
	o := &outcomes{Outcomes: &metrics.Outcomes{Classes: 2, Label: []int32{0, 1}, Prediction: []int32{0, 0},
		Correct: []bool{true, false}, LabelRank: []int32{0, 1}, NLL: []float64{0.1, 2}, Brier: []float64{0.1, 1.5},
		Confidences: []metrics.Confidence{{Name: "msp", Value: []float64{0.9, 0.8}, Key: []float64{1, 0}, Probability: true}},
		Groups:      []metrics.Group{{Name: "g", Levels: []string{"x"}, Code: []int32{0, -1}}}},
		IDs: datasets.IDs{Text: []string{"p", "q"}}}
	path := filepath.Join(f.TempDir(), "o.arrow")
	if err := saveOutcomes(path, o, new(narrowing)); err != nil {
		f.Fatal(err)
	}
	content, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(content)
	f.Add(content[:len(content)/2])
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "o.arrow")
		if err := os.WriteFile(path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		loadOutcomes(path) // an error or outcomes, never a panic
	})
}
