package resample

import (
	"testing"

	"abstain/metrics"
)

// TestEveryMetricHasAForm: each metric of the table has one row here, each row names a
// metric, and a row without influence values says why.
func TestEveryMetricHasAForm(t *testing.T) {
	seen := map[string]int{}
	for _, f := range forms {
		seen[f.id]++
		if _, ok := metrics.Lookup(f.id); !ok {
			t.Errorf("the row %q names no metric", f.id)
		}
	}
	for _, m := range metrics.Metrics() {
		if seen[m.ID] != 1 {
			t.Errorf("%s has %d rows in forms.go: say there how its sampling error comes about, or why it is left to replicates", m.ID, seen[m.ID])
		}
	}
}

// TestFormsAgree: what a row says in one column agrees with the others and with the
// metric's row in the table.
func TestFormsAgree(t *testing.T) {
	for i := range forms {
		f := &forms[i]
		m, _ := metrics.Lookup(f.id)
		influence := f.byPlace != nil || f.byRow != nil
		for what, wrong := range map[string]bool{
			"has influence values and says why not, or neither":       influence == (f.why != ""),
			"an interval without influence values, or the reverse":    influence != (f.interval != viaReplicates),
			"a test without influence values, or the reverse":         influence != (f.test != testReplicates),
			"a score interval of no share, or a share without one":    (f.interval == viaScore && f.score == nil) != (m.Nature == metrics.Share),
			"bias taken off without a way":                            (f.interval == viaUnbiased) != (f.bias != nil),
			"bias taken off no gap of bins":                           f.bias != nil && m.Nature != metrics.BinGap,
			"bounds of thresholds of no operating point":              f.bounds != nil && m.Nature != metrics.OperatingPoint,
			"an operating point with influence values":                m.Nature == metrics.OperatingPoint && influence,
			"reads sums, but has no reader":                           f.read == nil && (f.whole || f.reads != nothing),
			"reads a ranking that it does not need, or the reverse":   f.read != nil && (f.reads != nothing) != (m.Needs&metrics.NeedsConfidence != 0),
			"reads a probability that it does not need, or reverse":   f.read != nil && (f.reads == probability) != (m.Needs&metrics.NeedsProbability != 0),
			"the default set, but each replicate is evaluated anew":   m.In(metrics.InDefault) && f.read == nil,
			"tested by default, but has neither influence nor reader": m.In(metrics.InComparison) && !influence && f.read == nil,
		} {
			if wrong {
				t.Errorf("%s: %s", f.id, what)
			}
		}
		if (WithoutInfluence(m) == "") != influence {
			t.Errorf("%s: %q", f.id, WithoutInfluence(m))
		}
	}
}
