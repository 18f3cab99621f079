package harness_test

import (
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"abstain/datasets"
	"abstain/harness"
	"abstain/harness/posthoc"
	"abstain/harness/results"
	"abstain/metrics"
)

// fashion opens the reference corpus, or skips, and keeps some of its tables.
func fashion(t *testing.T, keep func(datasets.Table) bool) *datasets.Corpus {
	t.Helper()
	c, err := datasets.Open(shared(t))
	if err != nil {
		t.Fatal(err)
	}
	c.Tables = slices.DeleteFunc(c.Tables, func(table datasets.Table) bool { return table.Dataset != "fashion-523" || !keep(table) })
	return c
}

// temperatureOf is the fitted T of a model.
func temperatureOf(t *testing.T, r *results.Results, model string) float64 {
	t.Helper()
	for _, f := range r.Fits {
		if f.Model == model && f.Transform == "temperature" {
			v, err := strconv.ParseFloat(strings.TrimPrefix(f.Parameters, "T="), 64)
			if err != nil {
				t.Fatalf("%s: %v", f.Parameters, err)
			}
			return v
		}
	}
	t.Fatalf("no temperature of %s", model)
	return 0
}

// TestTemperatureOfCorpus compares temperatures, and the metrics after scaling,
// with those of expected-temperature.csv. The temperatures there are exact to
// about 1e-6; the tolerance is 1e-4.
func TestTemperatureOfCorpus(t *testing.T) {
	if testing.Short() {
		t.Skip("reads some hundred tables")
	}
	want := readTable(t, filepath.Join(shared(t), "expected-temperature.csv"))
	models := map[string]bool{}
	for _, w := range want {
		models[w["model"]] = true
	}
	c := fashion(t, func(table datasets.Table) bool {
		return models[table.Model] && table.Condition == "clean"
	})
	r := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Confidences: []string{"msp"},
		Metrics: metrics.MustMeasures("nll", "ece@15", "brier", "auroc", "aurc"), Transforms: posthoc.Transforms{IDs: []string{"temperature"}}})
	if len(r.Failures) > 0 {
		t.Fatal(r.Failures)
	}
	cells := map[string]results.Row{}
	fits := map[string]results.FitRow{}
	for _, row := range r.Rows {
		if row.Transform == "temperature" {
			cells[row.Model] = row
		}
	}
	for _, f := range r.Fits {
		fits[f.Model] = f
	}
	columns := []string{"test_nll_scaled", "test_ece15_scaled", "test_brier_scaled", "test_auroc_scaled", "test_aurc_scaled"}
	values, worst := 0, 0.0
	close := func(what string, got float64, wanted string) {
		t.Helper()
		w, err := strconv.ParseFloat(wanted, 64)
		if err != nil || math.Abs(got-w) > 1e-4 {
			t.Errorf("%s = %v, want %s", what, got, wanted)
		}
		values++
		worst = max(worst, math.Abs(got-w))
	}
	for _, w := range want {
		m := w["model"]
		close(m+" T", temperatureOf(t, r, m), w["temperature"])
		close(m+" NLL on val", fits[m].Before, w["val_nll"])
		close(m+" scaled NLL on val", fits[m].After, w["val_nll_scaled"])
		for i, column := range columns {
			if len(cells[m].Cells) != len(columns) {
				t.Fatalf("%s has no scaled row", m)
			}
			close(m+" "+column, cells[m].Cells[i].Value, w[column])
		}
	}
	t.Logf("%d values compared, the worst off by %.1e", values, worst)
}
