package harness_test

import (
	"context"
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"abstain/datasets"
	"abstain/harness"
	"abstain/metrics"
)

// shared returns the path of the reference corpus beside the module, or skips.
func shared(t *testing.T) string {
	t.Helper()
	dir := filepath.Join("..", "..", "shared", "corpus")
	if _, err := os.Stat(dir); err != nil {
		t.Skip("no reference corpus at ../shared/corpus beside the module")
	}
	return dir
}

func readTable(t *testing.T, path string) []map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, name := range lines[0] {
			row[name] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// closeTo compares a cell with a reference: both empty, or equal within tol.
func closeTo(t *testing.T, what, got, want string, tol float64) bool {
	t.Helper()
	if got == "" || want == "" {
		if got != want {
			t.Errorf("%s = %q, want %q", what, got, want)
			return false
		}
		return true
	}
	g, err1 := strconv.ParseFloat(got, 64)
	w, err2 := strconv.ParseFloat(want, 64)
	if err1 != nil || err2 != nil || math.Abs(g-w) > tol {
		t.Errorf("%s = %s, want %s within %g", what, got, want, tol)
		return false
	}
	return true
}

// TestCorpus runs the whole reference corpus and compares every value of
// expected.csv, expected-groups.csv and expected-ood.csv by the tolerances
// that the corpus states: 1e-9, and 1e-6 where class vectors are logits.
func TestCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("a run over every table of the corpora")
	}
	dir := shared(t)
	corpus, err := datasets.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	results, err := harness.Run(context.Background(), harness.Config{
		Corpora: []*datasets.Corpus{corpus}, Out: out, Confidences: []string{"msp"},
		Groups:  []string{"sex", "race", "age_band", "source"},
		Metrics: metrics.MustMeasures("accuracy", "auroc", "aurc", "ece@15", "nll", "brier", "mean-confidence", "ood-auroc", "positive-rate", "true-positive-rate", "false-positive-rate"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if c := results.Run.Counts; c.Failed > 0 || c.Computed != len(corpus.Tables) {
		t.Errorf("counts = %+v, failures %v", c, results.Failures)
	}
	got := map[string]map[string]string{}
	for _, row := range readTable(t, filepath.Join(out, "results.csv")) {
		got[row["dataset"]+"|"+row["model"]+"|"+row["split"]+"|"+row["condition"]] = row
	}
	t.Run("expected", func(t *testing.T) { compareExpected(t, dir, got) })
	t.Run("groups", func(t *testing.T) { compareGroups(t, dir, out) })
	t.Run("ood", func(t *testing.T) { compareOOD(t, dir, out, got) })
}

var columnOf = map[string]string{"accuracy": "accuracy", "auroc": "auroc", "aurc": "aurc", "ece15": "ece@15",
	"nll": "nll", "brier": "brier", "mean_conf": "mean-confidence"}

func compareExpected(t *testing.T, dir string, got map[string]map[string]string) {
	values := 0
	for _, want := range readTable(t, filepath.Join(dir, "expected.csv")) {
		key := want["dataset"] + "|" + want["model"] + "|" + want["split"] + "|" + want["condition"]
		row, ok := got[key]
		if !ok {
			t.Errorf("no row for %s", key)
			continue
		}
		tol := 1e-9
		if want["layout"] == "logits" {
			tol = 1e-6
		}
		for ref, id := range columnOf {
			closeTo(t, key+" "+id, row[id], want[ref], tol)
			values++
		}
	}
	t.Logf("%d values compared", values)
}

func compareGroups(t *testing.T, dir, out string) {
	got := map[string]map[string]string{}
	for _, row := range readTable(t, filepath.Join(out, "groups.csv")) {
		if row["split"] == "test" {
			got[row["model"]+"|"+row["attribute"]+"|"+row["group"]] = row
		}
	}
	of := map[string]string{"accuracy": "accuracy", "auroc": "auroc", "aurc": "aurc", "ece15": "ece@15",
		"positive_rate": "positive-rate", "tpr": "true-positive-rate", "fpr": "false-positive-rate", "n": "n"}
	values := 0
	for _, want := range readTable(t, filepath.Join(dir, "expected-groups.csv")) {
		key := want["model"] + "|" + want["attribute"] + "|" + want["group"]
		row, ok := got[key]
		if !ok {
			t.Errorf("no row for %s", key)
			continue
		}
		for ref, id := range of {
			closeTo(t, key+" "+id, row[id], want[ref], 1e-6)
			values++
		}
	}
	t.Logf("%d values compared", values)
}

func compareOOD(t *testing.T, dir, out string, got map[string]map[string]string) {
	groups := map[string]map[string]string{}
	for _, row := range readTable(t, filepath.Join(out, "groups.csv")) {
		if row["attribute"] == "source" {
			groups[row["model"]+"|"+row["group"]] = row
		}
	}
	values := 0
	for _, want := range readTable(t, filepath.Join(dir, "expected-ood.csv")) {
		row := groups[want["model"]+"|"+want["source"]]
		if want["source"] == "all" {
			row = got["fashion-523|"+want["model"]+"|ood|ood"]
		}
		key := want["model"] + " " + want["source"]
		closeTo(t, key+" ood-auroc", row["ood-auroc"], want["auroc_max_prob"], 1e-6)
		closeTo(t, key+" mean-confidence", row["mean-confidence"], want["mean_conf_ood"], 1e-6)
		closeTo(t, key+" n", row["n"], want["n_ood"], 0)
		values += 3
	}
	t.Logf("%d values compared", values)
}
