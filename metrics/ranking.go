package metrics

// Metrics of how well confidence separates right predictions from wrong ones,
// at all thresholds at once. Counts are integers, so these values are exact up
// to the last divisions.

const (
	notRanked = "no confidence function"
	allRight  = "no wrong predictions"
	allWrong  = "no correct predictions"
)

// unranked says why a metric of the ranking cannot be given, or "".
func unranked(r *Ranked) string {
	switch {
	case r.Confidence == nil:
		return notRanked
	case r.N() == 0:
		return noSamples
	}
	return ""
}

// oneClass is unranked, or why right and wrong cannot be told apart.
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
	var twice int64 // twice the pairs in the right order, ties counted once
	for g := range r.Ends {
		t := r.group(g)
		below := r.Errors - t.wrongBefore - t.wrong
		twice += int64(t.size-t.wrong) * int64(2*below+t.wrong)
	}
	pairs := int64(r.Errors) * int64(r.N()-r.Errors)
	return point(float64(twice)/float64(2*pairs), r.N())
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
	var area sum
	for g, end := range r.Ends {
		t := r.group(g)
		found := end - r.Wrong[g]
		area.add(float64(t.size-t.wrong) * (float64(found) / float64(end)))
	}
	return point(area.value()/float64(r.N()-r.Errors), r.N())
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
	var area sum
	for g := len(r.Ends) - 1; g >= 0; g-- {
		t := r.group(g)
		found, seen := r.Errors-t.wrongBefore, r.N()-t.before
		area.add(float64(t.wrong) * (float64(found) / float64(seen)))
	}
	return point(area.value()/float64(r.Errors), r.N())
}

// fprAt is the share of wrong predictions accepted at the highest threshold
// that accepts at least the given share of the correct ones.
func fprAt(r *Ranked, recall float64) Estimate {
	if why := oneClass(r); why != "" {
		return undefined(r.N(), why)
	}
	right := float64(r.N() - r.Errors)
	for g, end := range r.Ends {
		if float64(end-r.Wrong[g])/right >= recall {
			return point(float64(r.Wrong[g])/float64(r.Errors), r.N())
		}
	}
	return point(1, r.N())
}
