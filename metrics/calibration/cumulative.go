package calibration

import (
	"math"

	"abstain/metrics/internal/sums"
	"abstain/metrics/stattest"
)

// Tests of calibration without bins: from the running sum of the residuals
// correct - confidence by rising confidence, and from their variance.

// Cumulative describes the walk C(k) = (1/n) sum of (correct - confidence) over
// the k least trusted samples, with C(0) = 0, at the ends of groups of equal
// confidence. If confidence is calibrated, the walk is a Brownian motion in the
// limit.
type Cumulative struct {
	Largest   float64 // largest |C|
	High, Low float64 // largest and smallest C, the origin included: Low <= 0 <= High
	Walk      float64 // largest minus smallest C(k) for k >= 1, the origin left out
	Scale     float64 // standard deviation of C(n) under calibration: root of the sum of c (1 - c), over n
}

// CumulativeDifferences walks over samples in any order. It panics if the slices
// differ in length, and on a confidence of NaN.
func CumulativeDifferences(confidence []float64, correct []bool) Cumulative {
	return rising(confidence, correct).walk()
}

func (p pairs) walk() Cumulative {
	var w Cumulative
	n := float64(p.n())
	var residual, variance sums.Sum
	high, low := math.Inf(-1), math.Inf(1)
	for j, c := range p.confidence {
		if p.correct[j] {
			residual.Add(1)
		}
		residual.Add(-c)
		variance.Add(c * (1 - c))
		if j+1 == p.n() || p.confidence[j+1] != c {
			at := residual.Value() / n
			high, low = max(high, at), min(low, at)
		}
	}
	if p.n() > 0 {
		w.High, w.Low, w.Walk = max(0, high), min(0, low), high-low
		w.Largest = max(w.High, -w.Low)
		w.Scale = math.Sqrt(max(0, variance.Value())) / n
	}
	return w
}

// KolmogorovSmirnov is the largest deviation in units of Scale (ECCE-MAD of
// Arrieta-Ibarra et al. 2022). It is NaN or infinite where Scale is 0.
func (w Cumulative) KolmogorovSmirnov() float64 { return w.Largest / w.Scale }

// Kuiper is the range of the walk in units of Scale (ECCE-R of Arrieta-Ibarra
// et al. 2022). It is NaN or infinite where Scale is 0.
func (w Cumulative) Kuiper() float64 { return (w.High - w.Low) / w.Scale }

// BrownianMaximum is the probability that standard Brownian motion on [0, 1]
// leaves [-x, x]. It is 1 for x <= 0.
func BrownianMaximum(x float64) float64 {
	// Reflection at both ends gives an alternating series of normal tails. Its
	// terms fall slowly only for small x, and a hundred are enough there too.
	if x <= 0.1 {
		return 1 // 1 - 1e-53
	}
	var p sums.Sum
	sign := 4.0
	for k := 0; k < 100; k++ {
		p.Add(sign * stattest.NormalTail(float64(2*k+1)*x))
		sign = -sign
	}
	return min(1, max(0, p.Value()))
}

// BrownianRange is the probability that the range of standard Brownian motion
// on [0, 1] is at least x (Feller 1951). It is 1 for x <= 0.
func BrownianRange(x float64) float64 {
	if x <= 0.2 {
		return 1 // 1 - 1e-50
	}
	var p sums.Sum
	sign := 8.0
	for k := 1; k < 200; k++ {
		p.Add(sign * float64(k) * stattest.NormalTail(float64(k)*x))
		sign = -sign
	}
	return min(1, max(0, p.Value()))
}

// Spiegelhalter is the statistic of Spiegelhalter's test of calibration, about
// standard normal if confidence is calibrated: sum of (correct - c)(1 - 2c)
// over the root of the sum of (1 - 2c)^2 c (1 - c). It is large and positive if
// the squared error is larger than the confidences promise. It is NaN where
// the denominator is 0: without samples, or if all confidences are 0, 1/2 or 1.
// It panics as CumulativeDifferences does.
func Spiegelhalter(confidence []float64, correct []bool) float64 {
	return rising(confidence, correct).spiegelhalter()
}

func (p pairs) spiegelhalter() float64 {
	var excess, variance sums.Sum
	for j, c := range p.confidence {
		slope := 1 - 2*c
		if p.correct[j] {
			excess.Add(slope)
		}
		excess.Add(-float64(c * slope))
		variance.Add(float64(slope*slope) * float64(c*(1-c)))
	}
	if !(variance.Value() > 0) {
		return math.NaN()
	}
	return excess.Value() / math.Sqrt(variance.Value())
}
