package metrics

import (
	"fmt"
	"math"

	"abstain/metrics/internal/sums"
)

// Selective prediction with other losses than being wrong: any loss of a sample,
// and errors weighted by class.

// LossAURC is the mean over k = 1..n of the mean loss of the k most trusted
// samples, expected over random order inside groups of equal confidence: the
// AURC for any loss. loss has one entry per row of the outcomes; entries of
// out-of-distribution rows are not looked at. The unit is that of the loss. An
// infinite loss makes it infinite, with a note. It is undefined if r is empty or
// not ranked, and panics if the lengths differ.
//
// Source: Geifman, Uziel and El-Yaniv 2019, equation 2, which is for any loss.
func LossAURC(r *Ranked, loss []float64) Estimate {
	if why := unranked(r); why != "" {
		return undefined(r.N(), why)
	}
	var area, so sums.Sum
	infinite := false
	eachLoss(r, loss, func(t tie, total float64) {
		infinite = infinite || math.IsInf(total, 0)
		base, share := so.Value(), total/float64(t.size)
		for j := 1; j <= t.size; j++ {
			area.Add((base + float64(float64(j)*share)) / float64(t.before+j))
		}
		so.Add(total)
	})
	if infinite {
		e := point(math.Inf(1), r.N())
		e.Notes = append(e.Notes, "infinite loss")
		return e
	}
	return point(area.Value()/float64(r.N()), r.N())
}

// LossRisk is the mean loss of the samples accepted at the smallest coverage that
// is at least the given one; coverages are those at the ends of groups of equal
// confidence. Otherwise it is as LossAURC.
func LossRisk(r *Ranked, loss []float64, coverage float64) Estimate {
	n, _, why := acceptedAt(r, coverage)
	if why != "" {
		return undefined(r.N(), why)
	}
	checkLosses(r, loss)
	e := mean(loss, r.Order[:n])
	e.N = r.N()
	return e
}

// eachLoss calls visit for every group, with the sum of its losses.
func eachLoss(r *Ranked, loss []float64, visit func(t tie, total float64)) {
	checkLosses(r, loss)
	for g := range r.Ends {
		t := r.group(g)
		var total sums.Sum
		for _, i := range r.Order[t.before : t.before+t.size] {
			total.Add(loss[i])
		}
		visit(t, total.Value())
	}
}

func checkLosses(r *Ranked, loss []float64) {
	if len(loss) != r.Outcomes.N() {
		panic("metrics: losses and outcomes differ in length")
	}
}

// aurcNLL is LossAURC of -ln p(label).
func aurcNLL(r *Ranked, _ float64) Estimate { return lossAURC(r, r.Outcomes.NLL) }

// aurcBrier is LossAURC of the Brier score.
func aurcBrier(r *Ranked, _ float64) Estimate { return lossAURC(r, r.Outcomes.Brier) }

func lossAURC(r *Ranked, loss []float64) Estimate {
	why := unranked(r)
	if why == "" && loss == nil {
		why = noVectors
	}
	if why != "" {
		return undefined(r.N(), why)
	}
	return LossAURC(r, loss)
}

// classes gives the classes that occur as labels the places 0, 1, ... and counts
// their samples; the place of the others is -1.
func classes(r *Ranked) (place, size []int) {
	all, _ := perClass(r, false)
	place = make([]int, len(all))
	for c, n := range all {
		place[c] = -1
		if n > 0 {
			place[c] = len(size)
			size = append(size, n)
		}
	}
	return place, size
}

func unbalanced(r *Ranked) string {
	why := unranked(r)
	if why == "" && r.Outcomes.Label == nil {
		why = "the table stores no labels"
	}
	return why
}

// aurcBalanced is the area under the balanced selective risk: the mean over
// classes of the error rate among the accepted samples of the class. It uses the
// trapezoids of aurcTrapezoid. A class without accepted samples counts 0.
func aurcBalanced(r *Ranked, _ float64) Estimate {
	if why := unbalanced(r); why != "" {
		return undefined(r.N(), why)
	}
	place, size := classes(r)
	taken, wrong := make([]int, len(size)), make([]int, len(size))
	var total, area sums.Sum // total of the classes' risks, kept up to date
	before := 0.0
	for g := range r.Ends {
		t := r.group(g)
		for _, i := range r.Order[t.before : t.before+t.size] {
			c := place[r.Outcomes.Label[i]]
			total.Add(-quotient(wrong[c], taken[c]))
			taken[c]++
			wrong[c] += count(!r.Outcomes.Correct[i])
			total.Add(quotient(wrong[c], taken[c]))
		}
		risk := total.Value() / float64(len(size))
		if g == 0 {
			before = risk
		}
		area.Add(float64(t.size) * ((before + risk) / 2))
		before = risk
	}
	return point(clamp(area.Value()/float64(r.N())), r.N())
}

// quotient is a/b, 0 for 0/0.
func quotient(a, b int) float64 {
	if b == 0 {
		return 0
	}
	return float64(a) / float64(b)
}

// clamp limits v to [0, 1], which rounding may have made it leave.
func clamp(v float64) float64 { return math.Min(math.Max(v, 0), 1) }

// augrcBalanced is augrc with weighted errors: the weight is n divided by the
// number of classes and by the number of samples of the error's class.
func augrcBalanced(r *Ranked, _ float64) Estimate {
	if why := unbalanced(r); why != "" {
		return undefined(r.N(), why)
	}
	place, size := classes(r)
	n := float64(r.N())
	weight := make([]float64, len(size))
	for c, m := range size {
		weight[c] = n / (float64(len(size)) * float64(m))
	}
	var so, area sums.Sum
	for g := range r.Ends {
		t := r.group(g)
		before := so.Value()
		for _, i := range r.Order[t.before : t.before+t.size] {
			if !r.Outcomes.Correct[i] {
				so.Add(weight[place[r.Outcomes.Label[i]]])
			}
		}
		area.Add(float64(t.size) * ((before + so.Value()) / 2))
	}
	return point(area.Value()/(n*n), r.N())
}

// oracleCollaboration is the accuracy of the model together with an expert who is
// always right and answers the given share of the samples, rounded down,
// beginning with the least trusted.
func oracleCollaboration(r *Ranked, share float64) Estimate {
	if why := unranked(r); why != "" {
		return undefined(r.N(), why)
	}
	asked := int(share*float64(r.N()) + 1e-9) // so that 29 % of 100 are 29
	kept := r.N() - asked
	wrong := expectedErrors(r, kept)
	e := point((float64(r.N())-wrong)/float64(r.N()), r.N())
	if asked == 0 {
		e.Notes = append(e.Notes, fmt.Sprintf("%v of %d samples is less than one: nothing is asked", share, r.N()))
	}
	return e
}

// expectedErrors is the expected number of errors among the k most trusted.
func expectedErrors(r *Ranked, k int) float64 {
	for g, end := range r.Ends {
		if int(end) >= k {
			t := r.group(g)
			return float64(t.wrongBefore) + float64(t.wrong)*float64(k-t.before)/float64(t.size)
		}
	}
	return float64(r.Errors)
}
