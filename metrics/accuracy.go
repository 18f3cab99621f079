package metrics

import (
	"fmt"
	"math"

	"abstain/metrics/internal/sums"
)

// Metrics of the predictions alone: whether they are right, and how large the
// loss is.

const (
	noSamples = "no in-distribution samples"
	noVectors = "the table stores no class vectors"
	noLabels  = "the table stores no labels and predictions"
)

// accuracy is the share of samples predicted right. Those without an answer are not.
func accuracy(r *Ranked, _ float64) Estimate {
	n := r.All()
	if n == 0 {
		return undefined(0, noSamples)
	}
	return point(float64(r.N()-r.Errors)/float64(n), n)
}

// errorRate is the share of samples predicted wrong. Those without an answer are not.
func errorRate(r *Ranked, _ float64) Estimate {
	n := r.All()
	if n == 0 {
		return undefined(0, noSamples)
	}
	return point(float64(r.Errors)/float64(n), n)
}

// topK is the share of samples whose label is among the k classes placed highest.
func topK(r *Ranked, k float64) Estimate {
	rank := r.Outcomes.LabelRank
	n := r.N()
	switch {
	case n == 0:
		return undefined(0, noSamples)
	case rank == nil:
		return undefined(n, noVectors)
	}
	hits := 0
	for _, i := range r.Order {
		hits += count(float64(rank[i]) < k)
	}
	e := point(float64(hits)/float64(n), n)
	if k >= float64(r.Outcomes.Classes) {
		e.Notes = append(e.Notes, fmt.Sprintf("k = %v takes in all %d classes", k, r.Outcomes.Classes))
	}
	return e
}

// balancedAccuracy is the mean over the classes that occur of the accuracy
// among the samples of the class.
func balancedAccuracy(r *Ranked, _ float64) Estimate {
	label := r.Outcomes.Label
	n := r.All()
	switch {
	case n == 0:
		return undefined(0, noSamples)
	case label == nil:
		return undefined(n, "the table stores no labels")
	}
	size, right := perClass(r, true)
	var mean sums.Sum
	classes := 0
	for c, n := range size {
		if n > 0 {
			mean.Add(float64(right[c]) / float64(n))
			classes++
		}
	}
	return point(mean.Value()/float64(classes), n)
}

// perClass counts, by true class, the samples and the correct ones: all in distribution,
// or those answered.
func perClass(r *Ranked, all bool) (size, right []int) {
	correct := r.Outcomes.Correct
	for i, l := range r.Outcomes.Label {
		if l < 0 || !all && !r.Outcomes.Answered(i) {
			continue
		}
		for int(l) >= len(size) {
			size, right = append(size, 0), append(right, 0)
		}
		size[l]++
		right[l] += count(correct[i])
	}
	return size, right
}

// nll is the mean of -ln p(label).
func nll(r *Ranked, _ float64) Estimate { return meanLoss(r, r.Outcomes.NLL) }

// brierScore is the mean of sum over classes of (p - indicator)^2.
func brierScore(r *Ranked, _ float64) Estimate { return meanLoss(r, r.Outcomes.Brier) }

// meanLoss is the mean of a column of losses over the in-distribution samples.
func meanLoss(r *Ranked, loss []float64) Estimate {
	n := r.N()
	switch {
	case n == 0:
		return undefined(0, noSamples)
	case loss == nil:
		return undefined(n, noVectors)
	}
	return mean(loss, r.Order)
}

// mean is the mean of the column over the rows; infinite terms are noted. Four
// sums take turns, because an addition would otherwise have to wait for the one
// before.
func mean(column []float64, rows []int32) Estimate {
	var a, b, c, d sums.Sum
	rest := rows
	for ; len(rest) >= 4; rest = rest[4:] {
		a.Add(column[rest[0]])
		b.Add(column[rest[1]])
		c.Add(column[rest[2]])
		d.Add(column[rest[3]])
	}
	for _, i := range rest {
		a.Add(column[i])
	}
	all := a.Plus(b).Plus(c.Plus(d))
	total := all.Value()
	e := point(total/float64(len(rows)), len(rows))
	if math.IsInf(total, 0) || math.IsNaN(total) {
		e.Notes = append(e.Notes, infinities(column, rows)...)
	}
	return e
}

// infinities notes how many terms are infinite, if any.
func infinities(column []float64, rows []int32) []string {
	infinite := 0
	for _, i := range rows {
		if math.IsInf(column[i], 0) {
			infinite++
		}
	}
	if infinite == 0 {
		return nil
	}
	return []string{fmt.Sprintf("infinite for %d of %d samples", infinite, len(rows))}
}
