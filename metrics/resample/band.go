package resample

import (
	"math"

	"abstain/metrics"
	"abstain/metrics/stattest"
)

// RiskBand is the score interval of the selective risk at each point of a
// risk-coverage curve of n samples, thinned or not. It holds for each threshold
// on its own, not for the curve as a whole.
func RiskBand(points []metrics.Point, n int, level float64) (lo, hi []float64) {
	lo, hi = make([]float64, len(points)), make([]float64, len(points))
	for k, p := range points {
		accepted := math.Round(p.Coverage * float64(n))
		lo[k], hi[k] = stattest.Wilson(int(math.Round(p.Risk*accepted)), int(accepted), level)
	}
	return lo, hi
}

// ReliabilityBand is the score interval of the accuracy of each bin of a
// reliability diagram, each on its own; NaN for empty bins.
func ReliabilityBand(bins []metrics.Bin, level float64) (lo, hi []float64) {
	lo, hi = make([]float64, len(bins)), make([]float64, len(bins))
	for k, b := range bins {
		if lo[k], hi[k] = math.NaN(), math.NaN(); b.N > 0 {
			lo[k], hi[k] = stattest.Wilson(int(math.Round(b.Accuracy*float64(b.N))), b.N, level)
		}
	}
	return lo, hi
}
