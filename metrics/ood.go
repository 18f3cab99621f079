package metrics

// Metrics of telling samples of the known classes from samples of none.

// oodAUROC is the probability that an in-distribution sample is trusted more
// than one out of distribution, ties counted one half. Both lists are sorted,
// so one merge finds for every group how many of the others lie below it.
func oodAUROC(r *Ranked, _ float64) Estimate {
	n, m := r.N(), len(r.Outside)
	switch {
	case r.Confidence == nil:
		return undefined(n+m, notRanked)
	case n == 0:
		return undefined(m, noSamples)
	case m == 0:
		return undefined(n, "no out-of-distribution samples")
	}
	var twice int64 // twice the pairs in the right order, ties counted once
	above := 0      // others trusted more than group g
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
