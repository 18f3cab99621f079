package metrics

import (
	"math"
	"math/bits"

	"abstain/metrics/stattest"
)

// Thresholds chosen for a purpose, and what can be promised of them.

// PointAtRisk is the working point of largest coverage whose selective risk is
// at most the given one; false if there is none, or if r is empty or not ranked.
// It is always a point that no other betters: all points of more coverage have
// more risk.
func PointAtRisk(r *Ranked, risk float64) (Point, bool) {
	for g := len(r.Ends) - 1; g >= 0; g-- {
		if p := r.point(g); p.Risk <= risk {
			return p, true
		}
	}
	return Point{}, false
}

// PointAtCoverage is the working point of least selective risk among those
// whose coverage is at least the given one; of several, that of the largest
// coverage. It is false if r is empty or not ranked, or coverage is above 1.
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

// Guaranteed selects a threshold such that the selective risk on new samples is
// at most the given one with probability 1 - delta, by binary search over the
// samples as thresholds: each of the k = ceil(log2(n+1)) thresholds that the
// search may try is judged by its exact binomial bound at delta/k, and the one
// of largest coverage that passed is returned. It is false if none passed.
// Samples of equal confidence are accepted together. The samples must not have
// been used to train or tune the classifier, nor serve to measure the result.
//
// Source: Geifman and El-Yaniv 2017, algorithm 1 (SGR), but that the search
// there never tries to accept everything, nor the most trusted sample alone.
func Guaranteed(r *Ranked, risk, delta float64) (Guarantee, bool) {
	if !(delta > 0 && delta < 1) {
		panic("metrics: a guarantee fails with a probability between 0 and 1")
	}
	if len(r.Ends) == 0 {
		return Guarantee{}, false
	}
	delta /= float64(bits.Len(uint(r.N())))
	group := -1 // of the best threshold so far
	for low, high := 0, r.N()+1; high-low > 1; {
		z := (low + high + 1) / 2 // the threshold is the z-th smallest confidence
		g := r.groupOf(r.N() - z)
		if fewErrors(int(r.Wrong[g]), int(r.Ends[g]), risk) <= delta {
			group, high = g, z
		} else {
			low = z
		}
	}
	if group < 0 {
		return Guarantee{}, false
	}
	return Guarantee{r.point(group), BinomialUpper(int(r.Wrong[group]), int(r.Ends[group]), delta)}, true
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

// BinomialUpper is the largest probability of an error at which so few errors
// among n samples are still as probable as delta: the b with P(X <= errors) =
// delta for X of Binomial(n, b), solved to the last bits. It is an upper bound
// on the true error rate with probability 1 - delta, in [0, 1]; 1 if all are
// errors. It panics unless 0 <= errors <= n, n > 0 and delta is in (0, 1).
//
// Source: Clopper and Pearson 1934; Gascuel and Caraux 1992.
func BinomialUpper(errors, n int, delta float64) float64 {
	if errors < 0 || errors > n || n < 1 || !(delta > 0 && delta < 1) {
		panic("metrics: no binomial bound of these numbers")
	}
	return bisect(func(p float64) bool { return fewErrors(errors, n, p) > delta })
}

// fewErrors is the probability of at most so many errors among n samples, of
// which each is one with probability p.
func fewErrors(errors, n int, p float64) float64 {
	if errors == n {
		return 1
	}
	return stattest.BetaRatio(1-p, float64(n-errors), float64(errors+1))
}

// bisect is the number in [0, 1] up to which below holds.
func bisect(below func(float64) bool) float64 {
	lo, hi := 0.0, 1.0
	for {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi {
			return mid
		}
		if below(mid) {
			lo = mid
		} else {
			hi = mid
		}
	}
}

// ClopperPearson is the exact interval of a share of k among n at a level such
// as 0.95: it holds the true share with at least that probability. It panics
// unless 0 <= k <= n, n > 0 and level is in (0, 1).
//
// Source: Clopper and Pearson 1934.
func ClopperPearson(k, n int, level float64) (lo, hi float64) {
	tail := (1 - level) / 2
	return 1 - BinomialUpper(n-k, n, tail), BinomialUpper(k, n, tail)
}

// Wilson is the score interval of a share of k among n at a level such as 0.95,
// which holds the true share with about that probability and is shorter than
// ClopperPearson's. It panics as that does.
//
// Source: Wilson 1927.
func Wilson(k, n int, level float64) (lo, hi float64) {
	if k < 0 || k > n || n < 1 || !(level > 0 && level < 1) {
		panic("metrics: no interval of these numbers")
	}
	z := math.Sqrt2 * math.Erfinv(level)
	p, m := float64(k)/float64(n), float64(n)
	z2 := float64(z * z)
	centre := p + z2/(2*m)
	reach := z * math.Sqrt(float64(p*(1-p))/m+z2/(4*m*m))
	scale := 1 + z2/m
	lo, hi = clamp((centre-reach)/scale), clamp((centre+reach)/scale)
	// at the ends the bound is the end itself, which rounding can miss
	if k == 0 {
		lo = 0
	}
	if k == n {
		hi = 1
	}
	return lo, hi
}
