package compare

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"abstain/datasets"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/ranks"
)

// results makes a run's results: one row per model with accuracy and ECE.
func resultsOf(rows ...results.Row) *results.Results {
	r := &results.Results{Dir: "study", Measures: metrics.MustMeasures("accuracy", "ece@15", "mean-confidence"), Rows: rows}
	for _, row := range rows {
		regime := "vanilla"
		if strings.HasPrefix(row.Model, "d") {
			regime = "distilled"
		}
		r.Models = append(r.Models, results.Model{Model: row.Model, Dataset: row.Dataset,
			Meta: datasets.Meta{{Key: "regime", Value: regime}}})
	}
	return r
}

func row(model string, accuracy, ece float64) results.Row {
	return results.Row{Key: results.Key{Model: model, Dataset: "data", Split: "test", Condition: "clean", Transform: "none", Confidence: "msp"},
		Status: "ok", N: 100, Classes: 10, Cells: []metrics.Estimate{{Value: accuracy}, {Value: ece}, {Value: 0.5}}}
}

func with(r results.Row, change func(*results.Row)) results.Row {
	change(&r)
	return r
}

// scores are the accuracies of four models on 14 datasets.
var scores = func() [][]float64 {
	r := rand.New(rand.NewPCG(14, 4))
	table := make([][]float64, 14)
	for d := range table {
		hard := r.Float64()
		for m := range 4 {
			table[d] = append(table[d], 1-0.3*hard-0.05*float64(m)*r.Float64())
		}
	}
	return table
}()

// TestVerdictNeedsTestAndInterval: neither the p-value nor the interval proves alone.
func TestVerdictNeedsTestAndInterval(t *testing.T) {
	of := func(lo, hi, p float64) ranks.Verdict {
		return verdictOf(&Difference{Measure: metrics.MustMeasure("aurc"), AdjustedP: p,
			Difference: metrics.Estimate{Value: -0.02, Lo: lo, Hi: hi}}, 0.05)
	}
	for _, c := range []struct {
		lo, hi, p float64
		want      ranks.Verdict
	}{
		{-0.03, -0.01, 0.04, ranks.Better}, {-0.04, 0, 0.04, ranks.Unproven}, {-0.03, -0.01, 0.06, ranks.Unproven},
		{math.NaN(), math.NaN(), 0.01, ranks.Unproven}, {-0.03, -0.01, math.NaN(), ranks.Untried},
	} {
		if got := of(c.lo, c.hi, c.p); got != c.want {
			t.Errorf("[%v, %v] with p = %v: %q, want %q", c.lo, c.hi, c.p, got, c.want)
		}
	}
}
