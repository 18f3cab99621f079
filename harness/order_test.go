package harness_test

import (
	"context"
	"reflect"
	"slices"
	"strings"
	"testing"

	"abstain/datasets"
	"abstain/harness"
	"abstain/harness/board"
	"abstain/metrics"
)

// shuffledTables have no ids. Those of e are the rows of a in another order, and
// those of h the rows of g, which are other ones than a's.
var shuffledTables = map[string]string{
	"a.csv": "label,p0,p1\n0,0.9,0.1\n1,0.3,0.7\n0,0.6,0.4\n1,0.2,0.8\n",
	"b.csv": "label,p0,p1\n0,0.8,0.2\n1,0.4,0.6\n0,0.6,0.4\n1,0.3,0.7\n",
	"e.csv": "label,p0,p1\n1,0.2,0.8\n0,0.6,0.4\n1,0.3,0.7\n0,0.9,0.1\n",
	"g.csv": "label,p0,p1\n1,0.2,0.8\n1,0.4,0.6\n1,0.3,0.7\n0,0.9,0.1\n",
	"h.csv": "label,p0,p1\n0,0.9,0.1\n1,0.2,0.8\n1,0.4,0.6\n1,0.3,0.7\n",
}

// A table with the labels of another in another order is of the same dataset, so it
// fails, and the leaderboard names it.
func TestLabelsInAnotherOrder(t *testing.T) {
	c := corpus(t, shuffledTables)
	out := t.TempDir()
	for range 2 { // the second time from the journal
		r := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: out, Metrics: metrics.MustMeasures("accuracy")})
		var got [][3]string
		for _, f := range r.Failures {
			got = append(got, [3]string{f.Model, f.Dataset, f.Brief})
		}
		want := [][3]string{{"e", "corpus", "labels in another order than a"}, {"h", "corpus/g", "labels in another order than g"}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("failures %q, want %q", got, want)
		}
		b, err := board.New(r, board.Options{By: metrics.MustMeasure("accuracy")})
		if err != nil {
			t.Fatal(err)
		}
		note := board.NotShown{Of: 3, Models: []board.Missing{{Model: "e", Why: "labels in another order than a"}}}
		if b.Models != 2 || len(b.Notes) < 2 || !reflect.DeepEqual(b.Notes[1], board.Note(note)) {
			t.Errorf("%d models, notes %+v", b.Models, b.Notes)
		}
	}
}

func TestCheckReportsAnotherOrder(t *testing.T) {
	findings, err := harness.Check(context.Background(), []*datasets.Corpus{corpus(t, shuffledTables)}, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	findings = slices.DeleteFunc(findings, func(f harness.Finding) bool { return len(f.Problems)+len(f.Notes) == 0 })
	if len(findings) != 3 || findings[0].Table != "corpus/e.csv" || findings[1].Table != "corpus/h.csv" || len(findings[2].Notes) != 1 {
		t.Fatalf("findings %+v", findings)
	}
	want := `corpus/e.csv: column "label": labels in another order than corpus/a.csv: the same labels, as often, in another order`
	if got := findings[0].Problems; len(got) != 1 || got[0].Error() != want {
		t.Errorf("problems %v, want %s", got, want)
	}
}

// Where a manifest says that tables belong together, the reason is the same.
func TestDeclaredTablesInAnotherOrder(t *testing.T) {
	c := corpus(t, map[string]string{"a.csv": shuffledTables["a.csv"], "e.csv": shuffledTables["e.csv"],
		"manifest.csv": "file,model,dataset,split,condition\na.csv,a,d,test,clean\ne.csv,e,d,test,clean\n"})
	r := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Metrics: metrics.MustMeasures("accuracy")})
	if len(r.Failures) != 1 || r.Failures[0].Brief != "labels in another order than a" || !strings.Contains(r.Failures[0].Hint, "give sample ids") {
		t.Errorf("failures %+v", r.Failures)
	}
}

// TestOtherNumbersOfClassesAreOtherTasks: a manifest that calls two tasks one dataset loses neither of them.
func TestOtherNumbersOfClassesAreOtherTasks(t *testing.T) {
	c := corpus(t, map[string]string{
		"manifest.csv": "file,model,dataset\na.csv,a,toy\nb.csv,b,toy\nc.csv,c,toy\n",
		"a.csv":        "label,l0,l1\n0,2,1\n1,0,1\n0,0,1\n",
		"b.csv":        "label,l0,l1\n0,1,0\n1,2,1\n0,3,1\n",
		"c.csv":        "label,l0,l1,l2\n2,0,1,2\n1,2,1,0\n0,3,1,1\n",
	})
	r := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Metrics: metrics.MustMeasures("accuracy")})
	if len(r.Failures) > 0 {
		t.Fatalf("failures %+v", r.Failures)
	}
	for _, row := range r.Rows {
		if want := map[string]string{"a": "toy", "b": "toy", "c": "toy (3 classes)"}[row.Model]; row.Dataset != want {
			t.Errorf("model %s is of dataset %q, want %q", row.Model, row.Dataset, want)
		}
	}
}
