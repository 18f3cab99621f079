package resample

import (
	"math"
	"slices"

	"abstain/metrics"
	"abstain/metrics/stattest"
)

// Influence returns how much each sample pulls at a metric: value i is the
// derivative of the metric as weight moves from all samples alike to row i of
// the outcomes, in the metric's unit. Values add up to 0; rows that do not enter
// the metric have 0. For a mean of a column it is the column less its mean.
//
// From the values of n rows follow the standard error sqrt(sum v^2)/n
// (StandardError), the covariance with another model, sum v w / n^2
// (Covariance), and the acceleration of a BCa interval (Acceleration).
//
// It is false where the metric is undefined or infinite on r, where no closed
// form is known, and where one would mislead: metrics that are not smooth in the
// weights, such as operating points and largest gaps. Samples of equal confidence
// share the influence of their place. Terms of order 1/n are left out. Calibration
// errors hold the edges of bins and the sign of each bin's gap fixed, which makes
// standard errors up to 1.7 times too large where a model is calibrated; the
// balanced accuracy holds the set of classes. It costs O(n).
//
// Source: Jaeckel 1972 and Efron 1982, chapter 6 (infinitesimal jackknife);
// DeLong et al. 1988 for the AUROC.
func Influence(m metrics.Metric, at float64, r *metrics.Ranked) (values []float64, ok bool) {
	if v := m.Of(r, at).Value; math.IsNaN(v) || math.IsInf(v, 0) {
		return nil, false
	}
	return newLayout(r).byRow(m.ID, at)
}

// StandardError is the standard error of the metric with these influence
// values: sqrt(sum v^2)/n. It is NaN without samples.
func StandardError(influence []float64) float64 {
	n := float64(len(influence))
	return math.Sqrt(float64(dot(influence, influence))) / n
}

// Acceleration is the acceleration of a BCa interval, sum v^3 / (6 (sum v^2)^1.5):
// a sixth of the skewness of the estimate. 0 if all values are 0.
//
// Source: Efron 1987, equation 7.3.
func Acceleration(influence []float64) float64 {
	squares, cubes, _ := moments(influence)
	if squares == 0 {
		return 0
	}
	return cubes / (6 * squares * math.Sqrt(squares))
}

// layout is a ranking with its columns in the order of the places: place j holds the
// j-th most trusted sample, so that sums run along memory. What several metrics need is gathered once.
// Its influence values are by place, followed by zeros for the samples out of
// distribution, and are written over by the next ones.
type layout struct {
	r      *metrics.Ranked
	n      int       // places
	wrong  []float64 // 1 for an error, by place
	values []float64 // as many as there are rows

	confidence []float64 // by place; nil until it is needed
	area       []float64 // influence on the AURC; nil until it is needed
	bins       [2]*gaps  // the last used of each binning
}

func newLayout(r *metrics.Ranked) *layout {
	l := &layout{r: r, n: r.N(), wrong: make([]float64, r.N()), values: make([]float64, r.Outcomes.N())}
	for j, i := range r.Order {
		l.wrong[j] = 1 - right(r.Outcomes, i)
	}
	return l
}

// byRow is the influence of each row on a metric that is defined; false if there
// is no closed form.
func (l *layout) byRow(id string, at float64) ([]float64, bool) {
	if of := l.rowForm(id); of != nil {
		return checked(of(l.r))
	}
	byPlace, ok := l.byPlace(id, at)
	if !ok {
		return nil, false
	}
	values := make([]float64, len(byPlace))
	for j, i := range l.r.Order {
		values[i] = byPlace[j]
	}
	return values, true
}

// inAnyOrder is byRow where the order of the values does not matter.
func (l *layout) inAnyOrder(id string, at float64) ([]float64, bool) {
	if l.rowForm(id) != nil {
		return l.byRow(id, at)
	}
	return l.byPlace(id, at)
}

func (l *layout) byPlace(id string, at float64) ([]float64, bool) {
	of := formOf(id).byPlace
	if of == nil {
		return nil, false
	}
	return checked(of(l, at))
}

// checked refuses what is not a number.
func checked(values []float64) ([]float64, bool) {
	for _, v := range values {
		if v-v != 0 {
			return nil, false
		}
	}
	return values, values != nil
}

// rowForm is the closed form over samples that have no place, where it is the one to
// take: the others' have a place if there are any.
func (l *layout) rowForm(id string) func(*metrics.Ranked) []float64 {
	f := formOf(id)
	switch {
	case f.ofAll != nil && l.r.Unanswered > 0:
		return f.ofAll
	case f.byPlace != nil && l.n > 0:
		return nil
	}
	return f.byRow
}

// allAccuracy, allErrors and allBalanced are those of accuracy, errorRate and
// balancedAccuracy where samples without an answer count, which have no place.
func allAccuracy(r *metrics.Ranked) []float64 {
	return amongAll(r, func(i int32) float64 { return right(r.Outcomes, i) })
}

func allErrors(r *metrics.Ranked) []float64 {
	o := r.Outcomes
	return amongAll(r, func(i int32) float64 { return indicator(o.Answered(int(i))) - right(o, i) })
}

func allBalanced(r *metrics.Ranked) []float64 {
	o := r.Outcomes
	rows := inDistribution(o)
	of := classPulls(o, rows)
	return amongAll(r, of)
}

func wereAnswered(r *metrics.Ranked) []float64 {
	return amongAll(r, func(i int32) float64 { return indicator(r.Outcomes.Answered(int(i))) })
}

// amongAll is the influence on a mean over all in-distribution samples.
func amongAll(r *metrics.Ranked, of func(i int32) float64) []float64 {
	return amongRows(r.Outcomes.N(), inDistribution(r.Outcomes), of)
}

// amongRows is the influence on a mean over some of n rows: 0 for the others.
func amongRows(n int, rows []int32, of func(i int32) float64) []float64 {
	values := make([]float64, n)
	mean := 0.0
	for _, i := range rows {
		values[i] = of(i)
		mean += values[i]
	}
	mean /= float64(len(rows))
	scale := float64(n) / float64(len(rows))
	for _, i := range rows {
		values[i] = scale * (values[i] - mean)
	}
	return values
}

// inDistribution lists the rows whose label is a class.
func inDistribution(o *metrics.Outcomes) []int32 {
	return rowsWith(o, func(i int) bool { return o.Label == nil || o.Label[i] >= 0 })
}

func rowsWith(o *metrics.Outcomes, is func(i int) bool) []int32 {
	var rows []int32
	for i := range o.N() {
		if is(i) {
			rows = append(rows, int32(i))
		}
	}
	return rows
}

// abstained and should are the rows that the precision and the recall of abstaining are
// shares of.
func abstained(r *metrics.Ranked) []float64 {
	o := r.Outcomes
	rows := rowsWith(o, func(i int) bool { return !o.Answered(i) })
	return amongRows(o.N(), rows, func(i int32) float64 { return indicator(o.ShouldAbstain[i]) })
}

func should(r *metrics.Ranked) []float64 {
	o := r.Outcomes
	rows := rowsWith(o, func(i int) bool { return o.ShouldAbstain[i] })
	return amongRows(o.N(), rows, func(i int32) float64 { return indicator(!o.Answered(int(i))) })
}

// eitherAbstained is the influence on F1, a function of the share s of both among the
// samples of either: F1 = 2s/(1+s), whose slope is 2/(1+s)^2.
func eitherAbstained(r *metrics.Ranked) []float64 {
	o := r.Outcomes
	a, _ := metrics.AbstentionsOf(o)
	s := float64(a.Both) / float64(a.Both+a.Only+a.Missing)
	slope := 2 / float64((1+s)*(1+s))
	rows := rowsWith(o, func(i int) bool { return !o.Answered(i) || o.ShouldAbstain[i] })
	return amongRows(o.N(), rows, func(i int32) float64 {
		return slope * indicator(!o.Answered(int(i)) && o.ShouldAbstain[i])
	})
}

// scoreF1 is the score interval of that share, on the scale of F1: given how many
// samples are of either, the number of both is binomial.
func scoreF1(r *metrics.Ranked, level float64) (lo, hi float64) {
	a, _ := metrics.AbstentionsOf(r.Outcomes)
	lo, hi = stattest.Wilson(a.Both, a.Both+a.Only+a.Missing, level)
	return 2 * lo / (1 + lo), 2 * hi / (1 + hi)
}

func accuracy(l *layout, _ float64) []float64 {
	return l.spread(l.each(func(j int) float64 { return 1 - l.wrong[j] }))
}

func errorRate(l *layout, _ float64) []float64 {
	return l.spread(l.each(func(j int) float64 { return l.wrong[j] }))
}

func topK(l *layout, k float64) []float64 {
	rank := l.r.Outcomes.LabelRank
	return l.spread(l.gather(func(i int32) float64 { return indicator(float64(rank[i]) < k) }))
}

func nll(l *layout, _ float64) []float64   { return l.spread(l.column(l.r.Outcomes.NLL)) }
func brier(l *layout, _ float64) []float64 { return l.spread(l.column(l.r.Outcomes.Brier)) }

func meanConfidence(l *layout, _ float64) []float64 {
	return l.spread(l.column(l.r.Confidence.Value))
}

// outsideConfidence is meanConfidence in a table that is all out of distribution.
func outsideConfidence(r *metrics.Ranked) []float64 { return centred(r.Confidence.Value) }

func overconfidence(l *layout, _ float64) []float64 {
	c := l.confidences()
	return l.spread(l.each(func(j int) float64 { return c[j] - (1 - l.wrong[j]) }))
}

// holdLabel, sizeOfSet, haveSize and holdAlone are of prediction sets.
func holdLabel(l *layout, _ float64) []float64 {
	return l.spread(l.gather(func(i int32) float64 { return indicator(l.r.Outcomes.SetHolds[i]) }))
}

func sizeOfSet(l *layout, _ float64) []float64 {
	return l.spread(l.gather(func(i int32) float64 { return float64(l.r.Outcomes.SetSize[i]) }))
}

func haveSize(size int32) func(*layout, float64) []float64 {
	return func(l *layout, _ float64) []float64 {
		return l.spread(l.gather(func(i int32) float64 { return indicator(l.r.Outcomes.SetSize[i] == size) }))
	}
}

func holdAlone(l *layout, _ float64) []float64 {
	o := l.r.Outcomes
	single, hits := 0.0, 0.0
	for _, i := range l.r.Order {
		single += indicator(o.SetSize[i] == 1)
		hits += indicator(o.SetSize[i] == 1 && o.SetHolds[i])
	}
	return l.spread(l.gather(func(i int32) float64 {
		return indicator(o.SetSize[i] == 1) * float64(l.n) / single * (indicator(o.SetHolds[i]) - hits/single)
	}))
}

// spread turns derivatives by place into influence values: centred, and scaled to
// the number of all rows. It works in place.
func (l *layout) spread(values []float64) []float64 {
	mean := 0.0
	for _, v := range values[:l.n] {
		mean += v
	}
	mean /= float64(l.n)
	scale := float64(len(values)) / float64(l.n)
	for j, v := range values[:l.n] {
		values[j] = scale * (v - mean)
	}
	clear(values[l.n:])
	return values
}

// each fills the values by place, gather by the row of the place, and column from
// a column of the outcomes, nil if the table lacks it.
func (l *layout) each(of func(j int) float64) []float64 {
	for j := range l.n {
		l.values[j] = of(j)
	}
	return l.values
}

func (l *layout) gather(of func(i int32) float64) []float64 {
	for j, i := range l.r.Order {
		l.values[j] = of(i)
	}
	return l.values
}

func (l *layout) column(column []float64) []float64 {
	if column == nil {
		return nil
	}
	for j, i := range l.r.Order {
		l.values[j] = column[i]
	}
	return l.values
}

// confidences are those of the samples, by place.
func (l *layout) confidences() []float64 {
	if l.confidence == nil {
		l.confidence = slices.Clone(l.column(l.r.Confidence.Value)[:l.n])
	}
	return l.confidence
}

func right(o *metrics.Outcomes, i int32) float64 { return indicator(o.Correct[i]) }

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func sign(v float64) float64 {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}

// centred is a copy of the column less its mean.
func centred(column []float64) []float64 {
	mean := 0.0
	for _, v := range column {
		mean += v
	}
	mean /= float64(len(column))
	values := make([]float64, len(column))
	for i, v := range column {
		values[i] = v - mean
	}
	return values
}

// balancedAccuracy is a mean of ratios: a sample pulls at the accuracy of its
// class, the more the fewer share it. With less than ten samples a class the
// standard error is up to a fifth less than that of replicates, from which classes
// drop out.
func balancedAccuracy(l *layout, _ float64) []float64 {
	return l.spread(l.gather(classPulls(l.r.Outcomes, l.r.Order)))
}

// classPulls is how each of the rows pulls at the balanced accuracy among them.
func classPulls(o *metrics.Outcomes, rows []int32) func(i int32) float64 {
	size := make([]float64, slices.Max(o.Label)+1)
	hits := make([]float64, len(size))
	classes := 0.0
	for _, i := range rows {
		c := o.Label[i]
		if size[c] == 0 {
			classes++
		}
		size[c]++
		hits[c] += right(o, i)
	}
	n := float64(len(rows))
	return func(i int32) float64 {
		c := o.Label[i]
		return n / (classes * size[c]) * (right(o, i) - hits[c]/size[c])
	}
}

// rate is the influence on a rate of a binary task, over the samples whose label is a
// member, of which those count whose prediction is a hit.
func rate(member, hit func(class int32) bool) func(*layout, float64) []float64 {
	return func(l *layout, _ float64) []float64 {
		o := l.r.Outcomes
		n, m, hits := float64(l.n), 0.0, 0.0
		for _, i := range l.r.Order {
			m += indicator(member(o.Label[i]))
			hits += indicator(member(o.Label[i]) && hit(o.Prediction[i]))
		}
		return l.spread(l.gather(func(i int32) float64 {
			return indicator(member(o.Label[i])) * n / m * (indicator(hit(o.Prediction[i])) - hits/m)
		}))
	}
}

func isOne(class int32) bool    { return class == 1 }
func isNotOne(class int32) bool { return class != 1 }
func anyClass(int32) bool       { return true }
