package reports

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"abstain/harness/study"
	"abstain/metrics"
)

func TestPlacesOf(t *testing.T) {
	for better, want := range map[metrics.Direction][]float64{metrics.Lower: {2.5, 1, 2.5, 4}, metrics.Higher: {2.5, 4, 2.5, 1}} {
		if got := placesOf([]float64{5, 3, 5, 9}, better); !slices.Equal(got, want) {
			t.Errorf("better %v: %v, want %v", better, got, want)
		}
	}
}

// Only models with both values are on a panel, and too few of them have none.
func TestPlacePanel(t *testing.T) {
	d := &study.Conditions{Metrics: []string{"auroc", "aurc"}, Better: []metrics.Direction{metrics.Higher, metrics.Lower},
		Settings: []study.Condition{{Name: "blur-1"}, {Name: "blur-5"}}}
	d.Clean, d.Under = make([][][]float64, 2), make([][][]float64, 2)
	for s := range 2 {
		d.Clean[s], d.Under[s] = make([][]float64, 2), make([][]float64, 2)
	}
	for i := range 12 {
		d.Models = append(d.Models, fmt.Sprint("m", i))
		d.Clean[1][1] = append(d.Clean[1][1], float64(i))
		d.Under[1][1] = append(d.Under[1][1], float64(-i))
	}
	d.Under[1][1][4] = math.NaN()
	r := study.Correlation{A: "aurc", Scope: "blur-5", Spearman: -1}
	panel, ok := placePanel(d, r)
	if !ok || len(panel.X) != 11 || panel.X[0] != 1 || panel.Y[0] != 11 {
		t.Errorf("%v %+v", ok, panel)
	}
	d.Models = d.Models[:6]
	if _, ok := placePanel(d, r); ok {
		t.Error("six models have a panel")
	}
	if _, ok := placePanel(d, study.Correlation{A: "nll", Scope: "blur-5"}); ok {
		t.Error("a metric without values has a panel")
	}
}
