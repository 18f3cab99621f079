package compare

import (
	"math"
	"slices"

	"abstain/metrics"
	"abstain/metrics/resample"
)

// coverageSteps is how many coverages selective risks are compared at: 1/200,
// 2/200, ..., 1.
const coverageSteps = 200

// leastErrors is how many errors a model and the reference must have accepted
// together at a coverage for their risks to be compared there. With fewer, the
// replicates of a difference take too few values to tell its error.
const leastErrors = 20

// riskGap is the difference of two selective risks along coverage.
type riskGap struct {
	model int // its place among the trials; the reference has place 0
	first int // first step compared
	gap   []float64
	se    []float64 // from the replicates
}

// findRanges looks for the ranges of coverage in which a model's selective risk is
// proven to be other than the reference's. At each step the difference is judged
// in its standard errors against a quantile of the largest such deviation that the
// shared replicates show over all steps and models, so that the chance of any
// wrong statement is at most 1 - level. Samples of equal confidence through which
// a coverage cuts count by their mean error.
//
// Source for the band (sup-t): Montiel Olea and Plagborg-Møller, Simultaneous
// confidence bands: theory, implementation, and an application to SVARs, Journal
// of Applied Econometrics 34 (2019).
func (c *Comparison) findRanges(trials []*trial, draws *resample.Replicates, o Options) {
	if trials[0].ranked.N() == 0 {
		return // all out of distribution: there is no risk
	}
	for i, t := range trials {
		if t.ranked.Unanswered > 0 {
			c.Notes = append(c.Notes, NotAllAnswered{c.Models[i].Label})
			return
		}
	}
	risks := make([][][]float64, len(trials)) // by trial, then replicate (0 is the sample itself), then step
	o.Parallel(len(trials), func(i int) { risks[i] = replicatedRisks(trials[i].ranked, draws) })
	var gaps []riskGap
	largest := make([]float64, draws.B)
	points, from := 0, 1.0
	for i := 1; i < len(trials); i++ {
		first := firstStep(trials[0].ranked.N(), risks[0][0], risks[i][0])
		if first == coverageSteps {
			continue
		}
		g := newGap(i, first, risks[i], risks[0])
		g.deviate(largest, risks[i], risks[0])
		gaps = append(gaps, g)
		points += coverageSteps - first
		from = math.Min(from, coverageAt(first))
	}
	if gaps == nil {
		c.Notes = append(c.Notes, TooFewErrors{leastErrors})
		return
	}
	critical := upperQuantile(largest, o.Level)
	c.Band = &Band{Level: o.Level, Points: points, From: from, Errors: leastErrors, Replicates: draws.B,
		Design: designName(draws.Design), Critical: critical}
	for _, g := range gaps {
		c.Ranges = append(c.Ranges, g.ranges(c.Models[g.model].Label, c.Models[0].Label, critical)...)
	}
}

// coverageAt is the coverage of a step, from 0.
func coverageAt(step int) float64 { return float64(step+1) / coverageSteps }

// replicatedRisks are the selective risks at all steps: of the samples themselves
// first, then of each replicate.
func replicatedRisks(r *metrics.Ranked, draws *resample.Replicates) [][]float64 {
	once := make([]uint8, r.Outcomes.N())
	for i := range once {
		once[i] = 1
	}
	risks := make([][]float64, draws.B+1)
	for k := range risks {
		risks[k] = make([]float64, coverageSteps)
		counts := once
		if k > 0 {
			counts = draws.Counts(k - 1)
		}
		stepRisks(r, counts, risks[k])
	}
	return risks
}

// stepRisks fills in the selective risk at every step, of the table in which row
// i stands counts[i] times; NaN if none does.
func stepRisks(r *metrics.Ranked, counts []uint8, into []float64) {
	total := 0
	for _, i := range r.Order {
		total += int(counts[i])
	}
	if total == 0 {
		for k := range into {
			into[k] = math.NaN()
		}
		return
	}
	step, place := 0, 0
	before, wrongBefore := 0, 0
	for _, end := range r.Ends {
		size, wrong := 0, 0
		for ; place < int(end); place++ {
			i := r.Order[place]
			size += int(counts[i])
			if !r.Outcomes.Correct[i] {
				wrong += int(counts[i])
			}
		}
		for step < len(into) && float64(before+size)*coverageSteps >= float64((step+1)*total) {
			accepted := coverageAt(step) * float64(total)
			share := 0.0
			if size > 0 {
				share = float64(wrong) / float64(size)
			}
			into[step] = (float64(wrongBefore) + float64(share*(accepted-float64(before)))) / accepted
			step++
		}
		before, wrongBefore = before+size, wrongBefore+wrong
	}
}

// firstStep is the first step from which on two models have accepted enough
// errors; coverageSteps if there is none.
func firstStep(n int, a, b []float64) int {
	for k := range a {
		if (a[k]+b[k])*coverageAt(k)*float64(n) >= leastErrors {
			return k
		}
	}
	return coverageSteps
}

// newGap is the difference of the risks of a model and the reference, with the
// standard error that the replicates show.
func newGap(model, first int, risks, reference [][]float64) riskGap {
	g := riskGap{model: model, first: first, gap: make([]float64, coverageSteps), se: make([]float64, coverageSteps)}
	differences := make([]float64, len(risks)-1)
	for k := first; k < coverageSteps; k++ {
		g.gap[k] = risks[0][k] - reference[0][k]
		for b := range differences {
			differences[b] = risks[b+1][k] - reference[b+1][k]
		}
		g.se[k] = resample.Spread(differences)
	}
	return g
}

// deviate raises, for every replicate, the largest deviation of its differences
// from those of the sample, in standard errors.
func (g riskGap) deviate(largest []float64, risks, reference [][]float64) {
	for b := range largest {
		for k := g.first; k < coverageSteps; k++ {
			if t := math.Abs(risks[b+1][k]-reference[b+1][k]-g.gap[k]) / g.se[k]; t > largest[b] {
				largest[b] = t
			}
		}
	}
}

// upperQuantile is the smallest of the values that at least a share of level of
// them, and one more, do not exceed.
func upperQuantile(values []float64, level float64) float64 {
	rising := slices.Sorted(slices.Values(values))
	at := int(math.Ceil(level*float64(len(rising)+1))) - 1
	return rising[min(max(at, 0), len(rising)-1)]
}

// ranges joins neighbouring steps at which the difference is proven, the same
// way, to ranges.
func (g riskGap) ranges(model, against string, critical float64) []Range {
	var found []Range
	open := false
	for k := g.first; k < coverageSteps; k++ {
		if !(math.Abs(g.gap[k]) > critical*g.se[k]) {
			open = false
			continue
		}
		better := g.gap[k] < 0
		if !open || found[len(found)-1].Better != better {
			found = append(found, Range{Model: model, Against: against, From: coverageAt(k), Better: better})
		}
		open = true
		r := &found[len(found)-1]
		r.To = coverageAt(k)
		if at := int(math.Round(r.At*coverageSteps)) - 1; at < 0 || math.Abs(g.gap[k])*g.se[at] > math.Abs(g.gap[at])*g.se[k] {
			reach := critical * g.se[k]
			r.At, r.Difference, r.Lo, r.Hi = coverageAt(k), g.gap[k], g.gap[k]-reach, g.gap[k]+reach
		}
	}
	return found
}
