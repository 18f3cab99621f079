package resample_test

import (
	"slices"
	"testing"

	"abstain/metrics/resample"
)

// TestBundles: replicates evaluated 64 at a time have the values that each has alone, to
// the bit, for lengths around those of blocks, for every design and with undrawn places.
func TestBundles(t *testing.T) {
	points := measures(t, "sac@0.8", "risk@0.5", "coverage-at-risk@0.1", "fpr@0.95", "ece@15", "ece-mass@10", "overconfidence", "accuracy", "gamma")
	for _, n := range []int{1, 2, 7, 63, 64, 65, 127, 128, 129, 333} {
		r := world{curve: overconfident, grid: n % 50, outside: 0.1}.ranked(generator(uint64(n)), n)
		for _, d := range []*resample.Design{resample.Independent(n), resample.Clustered(codes(n, 9)), resample.Stratified(codes(n, 3))} {
			for _, draws := range []*resample.Replicates{resample.Draw(d, 5, 70), resample.DrawEach(d, 5, 70)} {
				for _, ms := range [][]string{nil, {"sac@0.8", "risk@0.5"}, {"accuracy", "aurc"}} { // all; without gaps; with areas
					asked := points
					if ms != nil {
						asked = measures(t, ms...)
					}
					all := resample.Bootstrap(r, asked, draws)
					e, out := resample.NewEvaluator(r, asked), make([]float64, len(asked))
					for _, k := range []int{69, 0, 63, 64} {
						e.Values(draws.Counts(k), out)
						for i, v := range out {
							if !near(all[i][k], v, 0) {
								t.Fatalf("n = %d, %v, replicate %d: %s = %v among others, %v alone", n, d, k, asked[i].ID(), all[i][k], v)
							}
						}
					}
				}
			}
		}
	}
}

// TestCountsOfBundles: the counts are those of the design's own drawing.
func TestCountsOfBundles(t *testing.T) {
	d := resample.Independent(77)
	want := make([]uint8, 77)
	for k := range 130 {
		d.Draw(want, 9, k)
		if got := resample.Draw(d, 9, 130).Counts(k); !slices.Equal(got, want) {
			t.Fatalf("replicate %d: %v, want %v", k, got, want)
		}
	}
}
