package sets_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"abstain/metrics/sets"
)

// TestTallyIsThatOfSets: at every threshold it counts what the sets made one by one are like.
func TestTallyIsThatOfSets(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for trial := range 300 {
		classes, n := 1+rng.IntN(7), 1+rng.IntN(12)
		rows := sets.Rows{Classes: classes}
		for range n {
			total, p := 0.0, make([]float64, classes)
			for j := range p {
				p[j] = float64(rng.IntN(5))
				total += p[j]
			}
			for j := range p {
				rows.Probs = append(rows.Probs, p[j]/math.Max(total, 1))
			}
			rows.Label, rows.U = append(rows.Label, int32(rng.IntN(classes+1)-1)), append(rows.U, rng.Float64())
		}
		k := sets.Kind{Score: sets.ScoreName(trial % 6), Lambda: 0.1, Free: 1}
		k.Randomised = k.Score >= sets.APSScore && trial%4 > 1
		k.FirstWhole = trial%8 > 5
		thresholds := []float64{0, 0.2, 0.5, 0.6, 0.6, 0.99, 1, 1.5, 3, math.Inf(1)}
		tally, err := sets.NewTally(k, trial%3 == 0, thresholds)
		if err != nil {
			t.Fatal(err)
		}
		for from := 0; from < n; from += 5 { // in batches
			to := min(from+5, n)
			part := sets.Rows{Probs: rows.Probs[from*classes : to*classes], Classes: classes, Label: rows.Label[from:to], U: rows.U[from:to]}
			if err := tally.Add(part); err != nil {
				t.Fatal(err)
			}
		}
		for i, q := range thresholds {
			p := sets.Predictor{Kind: k, Classes: classes, NeverEmpty: trial%3 == 0, Threshold: q}
			s, err := p.Sets(rows)
			if err != nil {
				t.Fatal(err)
			}
			want := sets.Counted{Rows: n}
			for r, size := range s.Size {
				want.Size += int(size)
				if s.Label[r] >= 0 {
					want.Labelled++
				}
				if s.Covered[r] {
					want.Covered++
				}
				if size == 1 {
					want.Singles++
					if s.Covered[r] {
						want.SinglesRight++
					}
				}
			}
			if tally.At[i] != want {
				t.Fatalf("trial %d, %+v at %v: %+v, want %+v", trial, k, q, tally.At[i], want)
			}
		}
	}
	if _, err := sets.NewTally(sets.Kind{}, false, []float64{2, 1}); err == nil {
		t.Error("falling thresholds are accepted")
	}
}
