package metrics

import (
	"math"

	"abstain/metrics/guarantee"
	"abstain/metrics/stattest"
)

// Thresholds chosen for a purpose, and the guarantees that hold for them.

// PointAtRisk is the working point of largest coverage whose selective risk is at
// most the given one. It is false if there is none, or if r is empty or not
// ranked. No other point is better: every point of more coverage has more risk.
//
// It describes these samples and promises nothing: on new ones the risk is larger in 53 to 99 %
// of draws, as simulated. Guaranteed, and package metrics/guarantee, have promises.
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
// the given one with probability 1 - delta, by SGR of package metrics/guarantee, which has
// other methods too: a binary search over thresholds that accept enough samples to pass,
// each judged by the exact binomial tail. It returns the threshold of largest coverage
// that passed, and false if none passed. Samples of equal confidence are accepted
// together. The samples must not have been used to train or tune the classifier,
// and must not be used to measure the result. A risk of 1 is no promise: everything is
// accepted then.
//
// Source: Geifman and El-Yaniv 2017, algorithm 1 (SGR), except that the search there tries
// thresholds that too few samples pass to show anything.
func Guaranteed(r *Ranked, risk, delta float64) (Guarantee, bool) {
	if !(delta > 0 && delta < 1) {
		panic("metrics: a guarantee fails with a probability between 0 and 1")
	}
	if len(r.Ends) == 0 || risk <= 0 {
		return Guarantee{}, false
	}
	if risk >= 1 {
		return Guarantee{r.point(len(r.Ends) - 1), stattest.BinomialUpper(r.Errors, r.N(), delta)}, true
	}
	choice, err := guarantee.SGR(r.curve(), risk, delta)
	if err != nil || !choice.Feasible {
		return Guarantee{}, false
	}
	return Guarantee{r.point(r.groupOf(choice.Accepted - 1)), choice.Bound}, true
}

// curve counts what the thresholds between groups accept.
func (r *Ranked) curve() guarantee.Curve {
	var c guarantee.Curve
	for g, end := range r.Ends {
		c.Confidence = append(c.Confidence, r.threshold(g))
		c.Accepted, c.Errors = append(c.Accepted, int(end)), append(c.Errors, int(r.Wrong[g]))
	}
	return c
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
