package metrics

import (
	"math"

	"abstain/metrics/internal/radix"
	"abstain/metrics/internal/sums"
)

// Detection of a positive class by thresholds on confidence. The positive class
// may be correct predictions, errors, or samples in or out of distribution.

// mark counts the positives and negatives on the positive side of a threshold.
type mark struct{ hits, alarms int }

// detection has one mark for each threshold between groups of equal confidence,
// beginning with the most positive group. The last mark counts all samples.
type detection []mark

// all returns the numbers of positives and negatives.
func (d detection) all() mark {
	if len(d) == 0 {
		return mark{}
	}
	return d[len(d)-1]
}

// errorsFound detects errors from the least trusted group up.
func errorsFound(r *Ranked) detection {
	d := make(detection, len(r.Ends))
	for k := range d {
		t := r.group(len(r.Ends) - 1 - k)
		d[k] = mark{r.Errors - t.wrongBefore, (r.N() - t.before) - (r.Errors - t.wrongBefore)}
	}
	return d
}

// insideFound detects in-distribution samples from the most trusted down.
func insideFound(r *Ranked) detection {
	d := make(detection, 0, len(r.Ends)+len(r.Outside))
	inside := make([]float64, len(r.Ends)) // keys of the groups
	for g := range inside {
		inside[g] = r.threshold(g)
	}
	g, out := 0, 0
	for g < len(inside) || out < len(r.Outside) {
		key := math.Inf(-1)
		if g < len(inside) {
			key = inside[g]
		}
		if out < len(r.Outside) {
			key = math.Max(key, r.Outside[out])
		}
		for out < len(r.Outside) && r.Outside[out] == key {
			out++
		}
		if g < len(inside) && inside[g] == key {
			g++
		}
		m := mark{alarms: out}
		if g > 0 {
			m.hits = int(r.Ends[g-1])
		}
		d = append(d, m)
	}
	return d
}

// outsideFound detects out-of-distribution samples from the least trusted up.
func outsideFound(r *Ranked) detection {
	in := insideFound(r)
	all := in.all()
	d := make(detection, len(in))
	for k := range d {
		var above mark
		if j := len(in) - 2 - k; j >= 0 {
			above = in[j]
		}
		d[k] = mark{all.alarms - above.alarms, all.hits - above.hits}
	}
	return d
}

// falsePositives is the share of negatives on the positive side of the
// strictest threshold with at least the given recall.
func (d detection) falsePositives(recall float64) float64 {
	all := d.all()
	for _, m := range d {
		if float64(m.hits)/float64(all.hits) >= recall {
			return float64(m.alarms) / float64(all.alarms)
		}
	}
	return 1
}

// falsePositivesNearest is the same at the threshold whose recall is nearest to
// the given one, above or below it. Of several that are equally near it takes the
// loosest, but none that is looser than full recall needs.
func (d detection) falsePositivesNearest(recall float64) float64 {
	all := d.all()
	best, least := mark{}, math.Inf(1)
	for _, m := range d {
		off := math.Abs(float64(m.hits)/float64(all.hits) - recall)
		if off <= least {
			best, least = m, off
		}
		if m.hits == all.hits {
			break
		}
	}
	return float64(best.alarms) / float64(all.alarms)
}

// averagePrecision is the sum of precision over steps of recall.
func (d detection) averagePrecision() float64 {
	var area sums.Unit
	before := 0
	for _, m := range d {
		area.AddTimes(float64(m.hits)/float64(m.hits+m.alarms), m.hits-before)
		before = m.hits
	}
	return area.Value() / float64(d.all().hits)
}

// precisionRecallArea joins the points of precision against recall by
// trapezoids, from precision 1 at recall 0.
func (d detection) precisionRecallArea() float64 {
	var area sums.Sum
	hits, precision := 0, 1.0
	for _, m := range d {
		p := float64(m.hits) / float64(m.hits+m.alarms)
		area.Add(float64(m.hits-hits) * ((precision + p) / 2))
		hits, precision = m.hits, p
	}
	return area.Value() / float64(d.all().hits)
}

// fprError is the share of correct predictions rejected at the highest
// threshold that rejects at least the given share of the errors.
func fprError(r *Ranked, recall float64) Estimate {
	if why := oneClass(r); why != "" {
		return undefined(r.N(), why)
	}
	return point(errorsFound(r).falsePositives(recall), r.N())
}

// fprErrorNearest takes the threshold whose share of rejected errors is nearest
// to the given one.
func fprErrorNearest(r *Ranked, recall float64) Estimate {
	if why := oneClass(r); why != "" {
		return undefined(r.N(), why)
	}
	return point(errorsFound(r).falsePositivesNearest(recall), r.N())
}

// gamma is the difference of the shares of pairs in the right and in the wrong
// order, among the pairs that are not tied.
func gamma(r *Ranked, _ float64) Estimate {
	if why := oneClass(r); why != "" {
		return undefined(r.N(), why)
	}
	var tied int64
	for g := range r.Ends {
		t := r.group(g)
		tied += int64(t.wrong) * int64(t.size-t.wrong)
	}
	untied := int64(r.Errors)*int64(r.N()-r.Errors) - tied
	if untied == 0 {
		return undefined(r.N(), "every right prediction ties with every wrong one")
	}
	concordant := (r.sweep.pairs - tied) / 2
	return point(float64(2*concordant-untied)/float64(untied), r.N())
}

// aurocOVR is the mean over classes of the AUROC of telling the samples of the
// class from the others by the probability of the class. With two classes it is
// the AUROC of the second class.
func aurocOVR(r *Ranked, _ float64) Estimate {
	o := r.Outcomes
	switch {
	case r.N() == 0:
		return undefined(0, noSamples)
	case o.Vectors == nil:
		return undefined(r.N(), vectorsNotKept)
	}
	share := make([]float64, o.N()) // share of the class's probability in the sum of its row
	total := rowSums(o)
	var mean sums.Sum
	present := 0
	for c := range o.Classes {
		if c == 0 && o.Classes == 2 {
			continue
		}
		for i := range share {
			share[i] = o.Vector(i)[c] / total[i]
		}
		if v := oneAgainstRest(o, share, radix.Falling(share, r.Order), int32(c)); !math.IsNaN(v) {
			mean.Add(v)
			present++
		}
	}
	if present == 0 {
		return undefined(r.N(), "every sample has the same label")
	}
	e := point(mean.Value()/float64(present), r.N())
	if present < o.Classes && o.Classes > 2 {
		e.Notes = append(e.Notes, "classes without samples are left out")
	}
	return e
}

// vectorsNotKept says why metrics of whole class vectors may be undefined.
const vectorsNotKept = "the class vectors were not kept or the table stores none"

// rowSums adds up each class vector. Vectors of two classes are not normalised,
// so their sum counts as 1.
func rowSums(o *Outcomes) []float64 {
	sums := make([]float64, o.N())
	for i := range sums {
		if o.Classes == 2 {
			sums[i] = 1
			continue
		}
		for _, p := range o.Vector(i) {
			sums[i] += p
		}
	}
	return sums
}

// oneAgainstRest is the probability that a sample of the class has a higher score
// than another sample; ties count one half. It is NaN if there is only one kind.
// The rows are sorted by falling score.
func oneAgainstRest(o *Outcomes, score []float64, rows []int32, class int32) float64 {
	var twice int64 // pairs in the right order, ties counted once
	others, members := 0, 0
	for from, to := 0, 0; from < len(rows); from = to {
		in, out := 0, 0
		for to = from; to < len(rows) && score[rows[to]] == score[rows[from]]; to++ {
			if o.Label[rows[to]] == class {
				in++
			} else {
				out++
			}
		}
		twice += int64(out) * int64(2*members+in)
		members, others = members+in, others+out
	}
	if members == 0 || others == 0 {
		return math.NaN()
	}
	return float64(twice) / float64(2*int64(members)*int64(others))
}
