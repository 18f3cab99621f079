package stattest_test

import (
	"fmt"
	"testing"

	"abstain/metrics/stattest"
)

// TestConformalRank: in whole numbers, for all eps of three digits; where float64 is one
// off, the rank is not.
func TestConformalRank(t *testing.T) {
	for n := range 400 {
		for a := 1; a < 1000; a++ {
			var eps float64
			fmt.Sscan(fmt.Sprintf("0.%03d", a), &eps)
			if got, want := stattest.ConformalRank(n, eps), ((n+1)*(1000-a)+999)/1000; got != want {
				t.Fatalf("n = %d, eps %v: rank %d, want %d", n, eps, got, want)
			}
		}
	}
	for _, c := range []struct {
		n    int
		eps  float64
		want int
	}{{699, 0.7, 210}, {9, 0.7, 3}, {19, 0.85, 3}, {0, 0.5, 1}, {8, 0.1, 9}, {5, 1e-300, 6}, {1000000, 0.3, 700001}} {
		if got := stattest.ConformalRank(c.n, c.eps); got != c.want {
			t.Errorf("n = %d, eps %v: rank %d, want %d", c.n, c.eps, got, c.want)
		}
	}
}
