package metrics

import (
	"math/rand/v2"
	"testing"
)

// TestLargestCoverage: with skipping, the search finds the same coverage as by
// looking at every group, also for targets that are met exactly.
func TestLargestCoverage(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		n, levels, easy := 1+rng.IntN(3000), 1+rng.IntN(2000), rng.Float64()
		o, c := &Outcomes{Correct: make([]bool, n)}, &Confidence{Value: make([]float64, n)}
		for i := range n {
			c.Value[i] = float64(rng.IntN(levels)) / float64(levels)
			o.Correct[i] = rng.Float64() < easy+(1-easy)*c.Value[i]
		}
		r := Rank(o, c)
		end := rng.IntN(len(r.Ends))
		met := 1 - float64(r.Wrong[end])/float64(r.Ends[end])
		for _, target := range []float64{0, 0.5, 0.8, 0.95, 0.99, 1, met} {
			want := 0.0
			for g, end := range r.Ends {
				if float64(end-r.Wrong[g])/float64(end) >= target {
					want = float64(end) / float64(n)
				}
			}
			if got := sac(r, target); got.Value != want {
				t.Fatalf("%d samples, target %v: coverage %v, want %v", n, target, got.Value, want)
			}
			limit := 1 - target
			want = 0
			for g, end := range r.Ends {
				if float64(r.Wrong[g])/float64(end) <= limit {
					want = float64(end) / float64(n)
				}
			}
			if got := coverageAtRisk(r, limit); got.Value != want {
				t.Fatalf("%d samples, limit %v: coverage %v, want %v", n, limit, got.Value, want)
			}
		}
	}
}
