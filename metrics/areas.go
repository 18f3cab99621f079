package metrics

import (
	"math"

	"abstain/metrics/internal/sums"
)

// The area under the risk-coverage curve by other conventions than the mean over
// prefixes (aurc). All are expected values over random order inside groups of
// equal confidence, except those that have points only between groups.

const fewerThanTwo = "fewer than two samples"

// aurcTrapezoid joins the selective risks at the ends of groups by trapezoids;
// below the first end the risk is that of the first group.
func aurcTrapezoid(r *Ranked, _ float64) Estimate {
	if why := unranked(r); why != "" {
		return undefined(r.N(), why)
	}
	return point(trapezoids(r), r.N())
}

func trapezoids(r *Ranked) float64 {
	n := float64(r.N())
	risk := func(g int) float64 { return float64(r.Wrong[g]) / float64(r.Ends[g]) }
	var area sums.Sum
	before := risk(0)
	for g := range r.Ends {
		after := risk(g)
		area.Add(float64(r.group(g).size) / n * ((before + after) / 2))
		before = after
	}
	return area.Value()
}

// aurcZeroOrigin is the trapezoid rule from (0, 0) through the risks of all
// prefixes. It is less than their mean by half the last risk divided by n.
func aurcZeroOrigin(r *Ranked, _ float64) Estimate {
	if why := unranked(r); why != "" {
		return undefined(r.N(), why)
	}
	n := float64(r.N())
	return point(r.sweep.risk.Value()/n-zeroOriginLess(r.N(), r.Errors), r.N())
}

// zeroOriginLess is how much less the trapezoid rule from (0, 0) gives than the
// mean of the risks of all prefixes.
func zeroOriginLess(n, errors int) float64 {
	return float64(errors) / (2 * float64(n) * float64(n))
}

// naurcZeroOrigin is naurc with both areas by aurcZeroOrigin.
func naurcZeroOrigin(r *Ranked, _ float64) Estimate {
	if why := oneClass(r); why != "" {
		return undefined(r.N(), why)
	}
	best := oracleRisk(r.N(), r.Errors)
	spare := sums.Ones(r.Errors).Less(best)/float64(r.N()) + zeroOriginLess(r.N(), r.Errors)
	return point(r.sweep.risk.Less(best)/float64(r.N())/spare, r.N())
}

// aurcNormalised is the trapezoid rule through the risks of all prefixes
// between coverage 1/n and 1, divided by the length of that stretch.
func aurcNormalised(r *Ranked, _ float64) Estimate {
	why := unranked(r)
	if why == "" && r.N() < 2 {
		why = fewerThanTwo
	}
	if why != "" {
		return undefined(r.N(), why)
	}
	n, first := float64(r.N()), r.group(0)
	ends := float64(first.wrong)/float64(first.size) + float64(r.Errors)/n
	return point((r.sweep.risk.Value()-ends/2)/(n-1), r.N())
}

// aurcLn weighs an error at place k of n by ln((n+1)/k).
func aurcLn(r *Ranked, _ float64) Estimate {
	if why := unranked(r); why != "" {
		return undefined(r.N(), why)
	}
	n := float64(r.N())
	var area sums.Sum
	for g := range r.Ends {
		t := r.group(g)
		if t.wrong == 0 {
			continue
		}
		share := float64(t.wrong) / float64(t.size)
		for k := t.before + 1; k <= t.before+t.size; k++ {
			area.Add(share * math.Log((n+1)/float64(k)))
		}
	}
	return point(area.Value()/n, r.N())
}

// sele is the mean over samples of error times ascending rank over n. It is
// summed in integers: twice the sum of ranks of errors.
func sele(r *Ranked, _ float64) Estimate {
	if why := unranked(r); why != "" {
		return undefined(r.N(), why)
	}
	var twice int64
	for g := range r.Ends {
		t := r.group(g)
		twice += int64(t.wrong) * int64(2*(r.N()-t.before)-t.size+1)
	}
	n := int64(r.N())
	return point(float64(twice)/float64(2*n*n), r.N())
}

// auarc is the mean over prefixes of the selective accuracy.
func auarc(r *Ranked, _ float64) Estimate {
	if why := unranked(r); why != "" {
		return undefined(r.N(), why)
	}
	return point(sums.Ones(r.N()).Less(r.sweep.risk)/float64(r.N()), r.N())
}

// augrcNormalised is the trapezoid rule through the generalised risks of all
// prefixes between coverage 1/n and 1, divided by the length of that stretch. It
// is summed in integers: twice the sum, in units of 1/n.
func augrcNormalised(r *Ranked, _ float64) Estimate {
	why := unranked(r)
	if why == "" && r.N() < 2 {
		why = fewerThanTwo
	}
	if why != "" {
		return undefined(r.N(), why)
	}
	var twice int64 // of the sum over prefixes of errors so far
	for g := range r.Ends {
		t := r.group(g)
		twice += int64(t.size)*int64(2*t.wrongBefore+t.wrong) + int64(t.wrong)
	}
	n, first := float64(r.N()), r.group(0)
	ends := float64(first.wrong)/float64(first.size) + float64(r.Errors)
	return point((float64(twice)-ends)/(2*n*(n-1)), r.N())
}

// eaugrc is the AUGRC in excess of that of a perfect ranking, half the square
// of the error rate.
func eaugrc(r *Ranked, _ float64) Estimate {
	if why := unranked(r); why != "" {
		return undefined(r.N(), why)
	}
	n, e := int64(r.N()), int64(r.Errors)
	return point(float64(r.sweep.general-e*e)/float64(2*n*n), r.N())
}

// ContinuousOptimum is the AURC of a perfect ranking of infinitely many samples
// with the given error rate r: r + (1-r) ln(1-r), in [0, 1] (Geifman, Uziel and
// El-Yaniv 2019, section 3). Perfect is the same for a finite number of samples.
func ContinuousOptimum(errorRate float64) float64 {
	if errorRate >= 1 {
		return 1
	}
	return errorRate + float64((1-errorRate)*math.Log1p(-errorRate))
}

// eaurcContinuous is aurc less ContinuousOptimum.
func eaurcContinuous(r *Ranked, _ float64) Estimate {
	if why := unranked(r); why != "" {
		return undefined(r.N(), why)
	}
	n := float64(r.N())
	return point(r.sweep.risk.Value()/n-ContinuousOptimum(float64(r.Errors)/n), r.N())
}

// eaurcTrapezoid is aurcTrapezoid less ContinuousOptimum.
func eaurcTrapezoid(r *Ranked, _ float64) Estimate {
	if why := unranked(r); why != "" {
		return undefined(r.N(), why)
	}
	return point(trapezoids(r)-ContinuousOptimum(float64(r.Errors)/float64(r.N())), r.N())
}

// aurrrc is the mean selective risk at thresholds that accept at least k n/bins
// samples, k = 1..bins; n/bins is rounded down to a whole number.
func aurrrc(r *Ranked, bins float64) Estimate {
	if why := unranked(r); why != "" {
		return undefined(r.N(), why)
	}
	step := r.N() / int(bins)
	if step == 0 {
		e := point(float64(r.Errors)/float64(r.N()), r.N())
		e.Notes = append(e.Notes, "fewer samples than thresholds: the error rate")
		return e
	}
	var total sums.Sum
	g := 0
	for k := 1; k <= int(bins); k++ {
		for int(r.Ends[g]) < k*step {
			g++
		}
		total.Add(float64(r.Wrong[g]) / float64(r.Ends[g]))
	}
	return point(total.Value()/bins, r.N())
}

// aurcAchievable is the area under the risks that thresholds can reach if two
// thresholds may be mixed at random: the risks on the convex hull of the ROC
// curve. Between two points of the hull, errors grow linearly with coverage, so
// the area under the risk is a logarithm. Below the first point the risk is
// constant.
func aurcAchievable(r *Ranked, _ float64) Estimate {
	if why := unranked(r); why != "" {
		return undefined(r.N(), why)
	}
	hull := rocHull(r)
	var area sums.Sum
	area.Add(float64(hull[0].wrong))
	for k := 1; k < len(hull); k++ {
		a, b := hull[k-1], hull[k]
		cross := float64(b.n)*float64(a.wrong) - float64(a.n)*float64(b.wrong)
		area.Add(float64(b.wrong - a.wrong))
		area.Add(cross / float64(b.n-a.n) * math.Log(float64(b.n)/float64(a.n)))
	}
	return point(area.Value()/float64(r.N()), r.N())
}

// accepted counts the samples accepted at a threshold and the errors among them.
type accepted struct{ n, wrong int }

// rocHull lists the corners of the upper convex hull of the ROC curve except (0,
// 0), with rising coverage. The last is always the point that accepts all
// samples. If all samples are right, or all wrong, there is no curve, and that
// point is the only one.
func rocHull(r *Ranked) []accepted {
	if r.Errors == 0 || r.Errors == r.N() {
		return []accepted{{r.N(), r.Errors}}
	}
	hull := []accepted{{0, 0}}
	for g, end := range r.Ends {
		c := accepted{int(end), int(r.Wrong[g])}
		for len(hull) > 1 && !turnsRight(hull[len(hull)-2], hull[len(hull)-1], c) {
			hull = hull[:len(hull)-1]
		}
		hull = append(hull, c)
	}
	return hull[1:]
}

// turnsRight reports whether the way from a over b to c bends towards more
// errors. Counts of wrong and of all samples give the same answer as counts of
// wrong and of right ones.
func turnsRight(a, b, c accepted) bool {
	return int64(b.wrong-a.wrong)*int64(c.n-b.n) < int64(c.wrong-b.wrong)*int64(b.n-a.n)
}
