package harness_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"abstain/datasets"
	"abstain/datasets/demo"
	"abstain/harness"
	"abstain/metrics"
)

// TestDemoGolden compares the embedded corpus with its golden table, which other
// code computed from the plain definitions.
func TestDemoGolden(t *testing.T) {
	corpus, err := demo.Corpus()
	if err != nil {
		t.Fatal(err)
	}
	ids := []string{"accuracy", "auroc", "aurc", "ece@15", "nll", "brier"}
	out := t.TempDir()
	r := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{corpus}, Out: out, Confidences: []string{"msp"}, Metrics: metrics.MustMeasures(ids...)})
	if c := r.Run.Counts; c.Tables < 1800 || c.Failed > 0 {
		t.Errorf("counts = %+v, failures %v", c, r.Failures)
	}
	got := map[string]map[string]string{}
	for _, row := range readTable(t, out+"/results.csv") {
		got[row["model"]+"|"+row["split"]+"|"+row["condition"]] = row
	}
	models := map[string]bool{}
	lines, err := csv.NewReader(strings.NewReader(demo.Expected())).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range lines[1:] {
		key := strings.Join(line[:3], "|")
		models[line[0]] = true
		for i, id := range ids {
			if lines[0][3+i] != id {
				t.Fatalf("golden column %d is %s, want %s", 3+i, lines[0][3+i], id)
			}
			closeTo(t, key+" "+id, got[key][id], line[3+i], 1e-9)
		}
	}
	if len(models) != 523 {
		t.Errorf("%d models, want 523", len(models))
	}
}
