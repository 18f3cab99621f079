package resample

import (
	"math"
	"math/rand/v2"

	"abstain/metrics"
)

// norm is what a calibration error makes of the gaps of its bins.
type norm func(size, excess []float64, n float64) float64

func sumOfGaps(weight func(gap float64) float64) norm {
	return func(_, excess []float64, n float64) float64 {
		sum := 0.0
		for _, x := range excess {
			sum += float64(weight(x) * x)
		}
		return sum / n
	}
}

func rootOfGaps(size, excess []float64, n float64) float64 {
	sum := 0.0
	for b, x := range excess {
		if size[b] > 0 {
			sum += float64(x*x) / size[b]
		}
	}
	return math.Sqrt(sum / n)
}

// showsMiscalibration reports whether a calibration error is larger than a calibrated
// model of the same confidences would show: larger than all of so many tables whose
// samples are right with the probability that is their bin's mean confidence. Only then is
// it sure that the true error is not 0. Where samples come in clusters, so many of them
// are drawn as there are clusters.
//
// Source: Bröcker and Smith 2007, Increasing the reliability of reliability diagrams
// (consistency resampling); Vaicenavicius et al. 2019 for the test.
func (l *layout) showsMiscalibration(by binning, bins int, of norm, d *Design, level float64) bool {
	c := l.gaps(by, bins)
	right := make([]float64, len(c.size))
	for j, b := range c.of {
		right[b] += 1 - l.wrong[j]
	}
	n, share := float64(l.n), float64(d.Size())/float64(d.n)
	value := of(c.size, c.excess, n)
	rng := rand.New(rand.NewPCG(1, 2))
	again := make([]float64, len(c.size))
	for range int(math.Ceil(3 / (1 - level))) {
		for b, size := range c.size {
			again[b] = 0
			if size > 0 {
				trust := right[b] - c.excess[b] // sum of confidences
				p := math.Min(1, math.Max(0, trust/size))
				again[b] = (draw(rng, math.Max(1, math.Round(size*share)), p) - p) * size
			}
		}
		if of(c.size, again, n) >= value {
			return false
		}
	}
	return true
}

// draw is the share of successes among n trials of chance p: binomial, or normal where
// that comes to the same.
func draw(rng *rand.Rand, n, p float64) float64 {
	variance := n * p * (1 - p)
	switch {
	case p > 0.5:
		return 1 - draw(rng, n, 1-p)
	case variance > 100:
		return p + math.Sqrt(variance)/n*rng.NormFloat64()
	case p == 0:
		return 0
	}
	k, skip := 0.0, 0.0 // by the waiting times between successes
	for {
		skip += math.Floor(math.Log(1-rng.Float64())/math.Log1p(-p)) + 1
		if skip > n {
			return k / n
		}
		k++
	}
}

// Reasons why a metric has no interval, whatever the method.
const (
	widened = "chance widens the gaps that are added up, and in replicates a second time: " + seldom
	unfit   = "its sampling error is part of what it adds up: " + seldom
	outlier = "a largest gap is one that chance has widened: " + seldom
	seldom  = "intervals held the true value too seldom in simulations"
)

// refusal says why a metric has no interval at all; "" if it may have one.
func (f *form) refusal(m metrics.Metric) string {
	switch {
	case f.why == isTest || f.why == loose:
		return f.why
	case f.interval != viaReplicates:
		return ""
	case f.why == largest:
		return outlier
	case m.Nature == metrics.BinGap || f.why == overBins:
		return widened
	case f.why == refitted || f.why == smoothed:
		return unfit
	}
	return ""
}
