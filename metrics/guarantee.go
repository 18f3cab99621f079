package metrics

import (
	"math"
	"math/bits"

	"abstain/metrics/stattest"
)

// Thresholds chosen for a purpose, and the guarantees that hold for them.

// PointAtRisk is the working point of largest coverage whose selective risk is at
// most the given one. It is false if there is none, or if r is empty or not
// ranked. No other point is better: every point of more coverage has more risk.
func PointAtRisk(r *Ranked, risk float64) (Point, bool) {
	for g := len(r.Ends) - 1; g >= 0; g-- {
		if p := r.point(g); p.Risk <= risk {
			return p, true
		}
	}
	return Point{}, false
}

// PointAtCoverage is the working point of least selective risk among those whose
// coverage is at least the given one; of several, the one with the largest
// coverage. It is false if r is empty or not ranked, or if coverage is above 1.
func PointAtCoverage(r *Ranked, coverage float64) (Point, bool) {
	best, found := Point{Risk: math.Inf(1)}, false
	for g := len(r.Ends) - 1; g >= 0; g-- {
		p := r.point(g)
		if p.Coverage < coverage {
			break
		}
		if p.Risk < best.Risk {
			best, found = p, true
		}
	}
	return best, found
}

// Guarantee is a working point with a bound on its risk on new samples of the
// same distribution.
type Guarantee struct {
	Point
	Bound float64 // the true risk is at most this, with probability 1 - delta
}

// Guaranteed selects a threshold whose selective risk on new samples is at most
// the given one with probability 1 - delta. It searches the samples as thresholds
// by halving, tries at most k = ceil(log2(n+1)) of them, and judges each by its
// exact binomial bound at delta/k. It returns the threshold of largest coverage
// that passed, and false if none passed. Samples of equal confidence are accepted
// together. The samples must not have been used to train or tune the classifier,
// and must not be used to measure the result.
//
// Source: Geifman and El-Yaniv 2017, algorithm 1 (SGR), except that the search
// there never tries to accept everything, nor the most trusted sample alone.
func Guaranteed(r *Ranked, risk, delta float64) (Guarantee, bool) {
	if !(delta > 0 && delta < 1) {
		panic("metrics: a guarantee fails with a probability between 0 and 1")
	}
	if len(r.Ends) == 0 {
		return Guarantee{}, false
	}
	delta /= float64(bits.Len(uint(r.N())))
	group := -1 // the group of the best threshold so far
	for low, high := 0, r.N()+1; high-low > 1; {
		z := (low + high + 1) / 2 // the threshold is the z-th smallest confidence
		g := r.groupOf(r.N() - z)
		if stattest.BinomialAtMost(float64(r.Wrong[g]), float64(r.Ends[g]), risk) <= delta {
			group, high = g, z
		} else {
			low = z
		}
	}
	if group < 0 {
		return Guarantee{}, false
	}
	return Guarantee{r.point(group), stattest.BinomialUpper(int(r.Wrong[group]), int(r.Ends[group]), delta)}, true
}

// sgrDelta is the probability with which the guarantee of sgr may fail.
const sgrDelta = 0.001

// sgr is the coverage of the guaranteed working point.
func sgr(r *Ranked, risk float64) Estimate {
	if why := unranked(r); why != "" {
		return undefined(r.N(), why)
	}
	p, ok := Guaranteed(r, risk, sgrDelta)
	e := point(p.Coverage, r.N())
	if !ok {
		e.Notes = append(e.Notes, "no coverage can be guaranteed")
	}
	return e
}
