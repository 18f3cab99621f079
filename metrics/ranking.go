package metrics

import (
	"cmp"
	"sort"

	"abstain/metrics/internal/sums"
)

// Metrics of how well confidence separates right predictions from wrong ones,
// over all thresholds. Counts are integers, so the values are exact up to the
// last divisions.

const (
	notRanked = "no confidence function"
	allRight  = "no wrong predictions"
	allWrong  = "no correct predictions"
)

// unranked says why a metric of the ranking is undefined; "" if it is defined.
func unranked(r *Ranked) string {
	switch {
	case r.Confidence == nil:
		return cmp.Or(r.why, notRanked)
	case r.N() == 0:
		return noSamples
	}
	return ""
}

// oneClass is unranked, or says that all predictions are right or all wrong.
func oneClass(r *Ranked) string {
	switch why := unranked(r); {
	case why != "":
		return why
	case r.Errors == 0:
		return allRight
	case r.Errors == r.N():
		return allWrong
	}
	return ""
}

// auroc is the probability that a correct prediction is trusted more than a
// wrong one, ties counted one half.
func auroc(r *Ranked, _ float64) Estimate {
	if why := oneClass(r); why != "" {
		return undefined(r.N(), why)
	}
	pairs := int64(r.Errors) * int64(r.N()-r.Errors)
	return point(float64(r.sweep.pairs)/float64(2*pairs), r.N())
}

// auprSuccess is the average precision of finding correct predictions from the
// most trusted downwards.
func auprSuccess(r *Ranked, _ float64) Estimate {
	why := unranked(r)
	if why == "" && r.Errors == r.N() {
		why = allWrong
	}
	if why != "" {
		return undefined(r.N(), why)
	}
	var sum sums.Unit // precision of acceptance, over the correct samples
	before := int32(0)
	for g, end := range r.Ends {
		right := end - r.Wrong[g]
		sum.AddTimes(float64(right)/float64(end), int(right-before))
		before = right
	}
	return point(sum.Value()/float64(r.N()-r.Errors), r.N())
}

// auprError is the average precision of finding wrong predictions from the
// least trusted upwards.
func auprError(r *Ranked, _ float64) Estimate {
	why := unranked(r)
	if why == "" && r.Errors == 0 {
		why = allRight
	}
	if why != "" {
		return undefined(r.N(), why)
	}
	var sum sums.Unit // precision of rejection, over the errors
	n, errors := int32(r.N()), int32(r.Errors)
	var before, wrongBefore int32
	for g, end := range r.Ends {
		wrong := r.Wrong[g]
		sum.AddTimes(float64(errors-wrongBefore)/float64(n-before), int(wrong-wrongBefore))
		before, wrongBefore = end, wrong
	}
	return point(sum.Value()/float64(r.Errors), r.N())
}

// fprAt is the share of wrong predictions accepted at the highest threshold
// that accepts at least the given share of the correct ones.
func fprAt(r *Ranked, recall float64) Estimate {
	if why := oneClass(r); why != "" {
		return undefined(r.N(), why)
	}
	right := float64(r.N() - r.Errors)
	g := sort.Search(len(r.Ends), func(g int) bool { return float64(r.Ends[g]-r.Wrong[g])/right >= recall })
	if g == len(r.Ends) {
		return point(1, r.N())
	}
	return point(float64(r.Wrong[g])/float64(r.Errors), r.N())
}
