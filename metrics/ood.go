package metrics

import (
	"cmp"
	"math"
)

// Metrics of telling samples of the known classes from samples of unknown ones,
// ordered by a confidence function. The id says which of the two is the positive
// class: "in" or "out".

// noOutside says why such a metric is undefined; "" if it is defined.
func noOutside(r *Ranked) string {
	switch {
	case r.Confidence == nil:
		return cmp.Or(r.why, notRanked)
	case r.N() == 0:
		return noSamples
	case len(r.Outside) == 0:
		return "no out-of-distribution samples"
	}
	return ""
}

// ood makes a metric of a number computed from samples of both kinds.
func ood(of func(r *Ranked, at float64) float64) func(*Ranked, float64) Estimate {
	return func(r *Ranked, at float64) Estimate {
		n := r.N() + len(r.Outside)
		if why := noOutside(r); why != "" {
			return undefined(n, why)
		}
		return point(of(r, at), n)
	}
}

var (
	oodFPRIn  = ood(func(r *Ranked, recall float64) float64 { return insideFound(r).falsePositives(recall) })
	oodFPROut = ood(func(r *Ranked, recall float64) float64 { return outsideFound(r).falsePositives(recall) })

	oodFPROutNearest = ood(func(r *Ranked, recall float64) float64 { return outsideFound(r).falsePositivesNearest(recall) })

	oodAUPRIn  = ood(func(r *Ranked, _ float64) float64 { return insideFound(r).averagePrecision() })
	oodAUPROut = ood(func(r *Ranked, _ float64) float64 { return outsideFound(r).averagePrecision() })

	oodAUPRInTrapezoid  = ood(func(r *Ranked, _ float64) float64 { return insideFound(r).precisionRecallArea() })
	oodAUPROutTrapezoid = ood(func(r *Ranked, _ float64) float64 { return outsideFound(r).precisionRecallArea() })

	oodCCR = ood(correctAtFPR)
)

// correctAtFPR is the share of in-distribution samples that are predicted
// correctly and trusted more than the k-th most trusted out-of-distribution
// sample. k is the given share of the out-of-distribution samples, rounded up,
// and at least 1.
func correctAtFPR(r *Ranked, share float64) float64 {
	k := max(1, int(math.Ceil(share*float64(len(r.Outside)))))
	limit := r.Outside[k-1]
	right := 0
	for g, end := range r.Ends {
		if r.threshold(g) <= limit {
			break
		}
		right = int(end - r.Wrong[g])
	}
	return float64(right) / float64(r.N())
}

// oodAUROC is the probability that an in-distribution sample is trusted more than
// an out-of-distribution one; ties count one half. Both lists are sorted, so one
// merge finds how many of the others lie below every group.
func oodAUROC(r *Ranked, _ float64) Estimate {
	n, m := r.N(), len(r.Outside)
	if why := noOutside(r); why != "" {
		return undefined(n+m, why)
	}
	var twice int64 // twice the number of pairs in the right order; a tied pair counts once
	above := 0      // number of others trusted more than group g
	for g := range r.Ends {
		key := r.threshold(g)
		for above < m && r.Outside[above] > key {
			above++
		}
		upto := above
		for upto < m && r.Outside[upto] == key {
			upto++
		}
		twice += int64(r.group(g).size) * int64((m-above)+(m-upto))
	}
	return point(float64(twice)/float64(2*int64(n)*int64(m)), n+m)
}
