package pictures

import (
	"math"
	"reflect"
	"testing"

	"abstain/harness/study"
	"abstain/metrics/stattest"
)

// aChange improves two of three models; the median is 0.02.
func aChange(treatment, metric string, proof study.Proof) study.Changes {
	none := study.Bounds{Lo: math.NaN(), Hi: math.NaN()}
	c := study.Changes{Treatment: treatment, Metric: metric, Median: 0.02, Better: 2, Values: []float64{0.02, 0.03, -0.01},
		Units: 3, Wilcoxon: stattest.Result{P: 0.001}, P: 0.004, Tests: 8, Proof: proof, Samples: none, Models: none, Both: none}
	switch proof {
	case study.TestOnly:
		c.Both = study.Bounds{Lo: -0.01, Hi: 0.04}
	case study.Proven:
		c.Models = study.Bounds{Lo: 0.01, Hi: 0.04}
	}
	return c
}

// ofChange is what the claim of such a change rests on.
func ofChange(c study.Changes) study.Basis {
	b := study.Basis{Tests: []study.Test{{Method: study.WilcoxonTest, Raw: c.Wilcoxon.P, P: c.P, Level: 0.95, Units: c.Units,
		Family: study.Family{Correction: study.Holm, Size: 8, Of: "regime"}}}}
	if in, over := c.Widest(); in.Defined() {
		b.Intervals = []study.Interval{{Method: study.MedianOfChanges, Level: 0.95, Over: over}}
	}
	return b
}

// remarks compares what an experiment could not compute, and its notes, with the
// expected sentences.
func remarks(t *testing.T, name string, missing []study.Missing, notes []study.Note, want ...string) {
	t.Helper()
	e := &study.Experiment{Name: name, Missing: missing, Notes: notes}
	if got := append(Absent(e), Remarks(e)...); !reflect.DeepEqual(got, want) {
		t.Errorf("%s says\n%q, want\n%q", name, got, want)
	}
}
