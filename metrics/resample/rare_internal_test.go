package resample

import (
	"testing"

	"abstain/metrics/stattest"
)

// TestRare: the bounds decide as the binomial probability itself does.
func TestRare(t *testing.T) {
	for _, tail := range []float64{0.005, 0.025, 0.1} {
		z := -stattest.NormalQuantile(tail)
		for _, n := range []float64{1, 2, 10, 57, 400, 3000} {
			for _, p := range []float64{0.001, 0.01, 0.05, 0.3, 0.5, 0.9, 0.99} {
				for k := 0.0; k <= n; k++ {
					if got, want := rare(k, n, p, tail, z), stattest.BinomialAtMost(k, n, p) <= tail; got != want {
						t.Fatalf("at most %v of %v at %v: rare is %v, the probability is %v", k, n, p, got, stattest.BinomialAtMost(k, n, p))
					}
				}
			}
		}
	}
}
