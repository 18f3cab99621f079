package metrics_test

import (
	"testing"

	"abstain/metrics"
)

// TestWilsonEnds: none or all of n bound the share by 0 or 1 exactly, and every
// interval holds its share.
func TestWilsonEnds(t *testing.T) {
	for n := 1; n <= 200; n++ {
		for _, level := range []float64{0.5, 0.9, 0.95, 0.999} {
			if lo, hi := metrics.Wilson(0, n, level); lo != 0 || hi <= 0 {
				t.Fatalf("0 of %d at %v: [%v, %v]", n, level, lo, hi)
			}
			if lo, hi := metrics.Wilson(n, n, level); hi != 1 || lo >= 1 {
				t.Fatalf("%d of %d at %v: [%v, %v]", n, n, level, lo, hi)
			}
			k := n / 3
			if lo, hi := metrics.Wilson(k, n, level); lo > float64(k)/float64(n) || hi < float64(k)/float64(n) {
				t.Fatalf("%d of %d at %v: [%v, %v]", k, n, level, lo, hi)
			}
		}
	}
}
