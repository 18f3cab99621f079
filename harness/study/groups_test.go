package study

import (
	"math"
	"math/rand/v2"
	"testing"

	"abstain/metrics"
)

// Fisher's tea: 3 of 4 cups right among 4 and 4 has a one-sided p of 17/70.
func TestFisherExact(t *testing.T) {
	if p := fisherExact(3, 4, 4, 8); math.Abs(p-2*17.0/70) > 1e-12 {
		t.Errorf("p = %v, want %v", p, 2*17.0/70)
	}
	if p := fisherExact(4, 4, 4, 8); math.Abs(p-2.0/70) > 1e-12 {
		t.Errorf("p = %v, want %v", p, 2.0/70)
	}
	if p := fisherExact(2, 4, 4, 8); p != 1 {
		t.Errorf("p of no difference = %v", p)
	}
}

// The standard error of a group's change in accuracy is that of many redraws of
// its samples at a fixed threshold.
func TestChangeErrorBySimulation(t *testing.T) {
	const total, runs = 400, 4000
	random := rand.New(rand.NewPCG(1, 2))
	answered := func() bool { return random.Float64() < 0.6 }
	right := func(a bool) bool { return a && random.Float64() < 0.9 || !a && random.Float64() < 0.7 }
	var changes []float64
	se := 0.0
	for range runs {
		var hits, n, all int
		for range total {
			a := answered()
			r := right(a)
			if a {
				n++
			}
			if r {
				all++
			}
			if a && r {
				hits++
			}
		}
		changes = append(changes, float64(hits)/float64(n)-float64(all)/total)
		se += changeError(hits, n, all, total) / runs
	}
	m, variance := mean(changes), 0.0
	for _, c := range changes {
		variance += (c - m) * (c - m) / float64(runs-1)
	}
	if sd := math.Sqrt(variance); math.Abs(se/sd-1) > 4/math.Sqrt(2*runs)+0.01 {
		t.Errorf("standard error %v, standard deviation %v", se, sd)
	}
}

// Two groups at one threshold, by hand: eight samples in order of confidence.
func TestGroupCurves(t *testing.T) {
	g := metrics.Group{Name: "sex", Levels: []string{"f", "m"}, Code: []int32{0, 0, 1, 0, 1, 1, 1, -1}}
	o := &metrics.Outcomes{Classes: 2, Correct: []bool{true, true, false, true, true, false, false, true}, Groups: []metrics.Group{g},
		Confidences: []metrics.Confidence{{Name: "msp", Value: []float64{0.9, 0.8, 0.7, 0.7, 0.6, 0.5, 0.4, 0.3}}}}
	r := metrics.Rank(o, o.Confidence("msp"))
	curve := groupCurves("model", "sex", "m", r, 1, &g)
	if len(curve) != len(groupCoverages) {
		t.Fatalf("%d points", len(curve))
	}
	half := curve[4] // the first threshold that answers 4 of 8 is below the pair at 0.7
	if half.Overall != 0.5 || half.Coverage != 0.25 || half.N != 1 || half.Accuracy != 0 || half.Change != -0.25 {
		t.Errorf("at half coverage: %+v", half)
	}
	if full := curve[9]; full.Overall != 1 || full.Coverage != 1 || full.Accuracy != 0.25 || full.Change != 0 || !math.IsNaN(full.P) {
		t.Errorf("at full coverage: %+v", full)
	}
	if n := thresholdAt(r, 0.3); n != 4 { // 2.4 of 8: the tie at 0.7 cannot be cut
		t.Errorf("a threshold that answers %d", n)
	}
}
