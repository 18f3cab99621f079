package recalibrate_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"abstain/metrics/recalibrate"
)

// plainECE is the ECE of the definition: of the rows with a label, in bins (lo, hi].
func plainECE(logits []float64, classes int, label []int32, t float64, bins int) float64 {
	n := 0.0
	gap := make([]float64, bins)
	p := make([]float64, classes)
	for i, l := range label {
		if l < 0 {
			continue
		}
		n++
		recalibrate.Softmax(p, logits[i*classes:(i+1)*classes], classes, t)
		top := slices.Index(p, slices.Max(p))
		b := 0
		for b < bins-1 && p[top] > float64(b+1)/float64(bins) {
			b++
		}
		gap[b] -= p[top]
		if top == int(l) {
			gap[b]++
		}
	}
	total := 0.0
	for _, g := range gap {
		total += math.Abs(g) / n
	}
	return total
}

// TestTemperatureByECE: the choice is the first of the grid with the least ECE, whatever
// the number of bins and classes, and rows without a label do not count.
func TestTemperatureByECE(t *testing.T) {
	rng := rand.New(rand.NewPCG(91, 1))
	for trial := range 40 {
		classes, bins, n := 2+trial%5, []int{15, 1, 4}[trial%3], 5+4*trial
		logits, label := draw(rng, n, classes, 0.3+2*rng.Float64())
		for i := range label {
			if rng.Float64() < 0.2 {
				label[i] = -1
			}
		}
		label[0] = 0
		grid := recalibrate.Tenths(100)
		got, err := recalibrate.FitTemperatureECE(logits, classes, label, grid, bins)
		if err != nil {
			t.Fatal(err)
		}
		best, least := 0.0, math.Inf(1)
		for _, at := range grid {
			if v := plainECE(logits, classes, label, at, bins); v < least-1e-12 {
				best, least = at, v
			}
		}
		if got.T != best || math.Abs(got.Loss-least) > 1e-12 || got.AtBound != (best == 0.1 || best == 10) || got.Flat {
			t.Errorf("trial %d: %+v, want T = %v with %v", trial, got, best, least)
		}
	}
}

// TestTemperatureByECETies: where every temperature does as well, the first is taken.
func TestTemperatureByECETies(t *testing.T) {
	inf := math.Inf(-1)
	got, err := recalibrate.FitTemperatureECE([]float64{3, inf, inf, 1}, 2, []int32{0, 1}, []float64{2, 1, 4}, 15)
	if err != nil || got.T != 2 || got.Loss != 0 || !got.AtBound {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = recalibrate.FitTemperatureECE([]float64{1, 1, 5, 5}, 2, []int32{0, 1}, recalibrate.Tenths(40), 15)
	if err != nil || !got.Flat || got.T != 0.1 || got.Loss != 0 {
		t.Errorf("equal logits: %+v, %v", got, err)
	}
	if _, err := recalibrate.FitTemperatureECE([]float64{1, 2}, 2, []int32{-1}, []float64{1}, 15); err == nil {
		t.Error("no row has a label, yet there is a temperature")
	}
	if g := recalibrate.Tenths(40); g[2] != 0.3 || g[39] != 4 {
		t.Errorf("grid %v", g)
	}
}
