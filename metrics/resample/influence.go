package resample

import (
	"math"
	"slices"

	"abstain/metrics"
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
	return lineUp(r).byRow(m.ID, at)
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

// lineup is a ranking with its columns in the order of the places, most trusted
// first, where sums run along memory. What several metrics need is gathered once.
// Its influence values are by place, followed by zeros for the samples out of
// distribution, and are written over by the next ones.
type lineup struct {
	r      *metrics.Ranked
	n      int       // places
	wrong  []float64 // 1 for an error, by place
	values []float64 // as many as there are rows

	confidence []float64       // by place; nil until it is needed
	area       []float64       // influence on the AURC; nil until it is needed
	bins       [2]*calibration // the last used of equal width, and by mass
}

func lineUp(r *metrics.Ranked) *lineup {
	l := &lineup{r: r, n: r.N(), wrong: make([]float64, r.N()), values: make([]float64, r.Outcomes.N())}
	for j, i := range r.Order {
		l.wrong[j] = 1 - right(r.Outcomes, i)
	}
	return l
}

// byRow is the influence of each row on a metric that is defined; false if there
// is no closed form.
func (l *lineup) byRow(id string, at float64) ([]float64, bool) {
	if of := rowForm(id, l.r); of != nil {
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
func (l *lineup) inAnyOrder(id string, at float64) ([]float64, bool) {
	if rowForm(id, l.r) != nil {
		return l.byRow(id, at)
	}
	return l.byPlace(id, at)
}

func (l *lineup) byPlace(id string, at float64) ([]float64, bool) {
	of := placeForm(id)
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

// rowForm is the closed form of a metric over samples that have no place.
func rowForm(id string, r *metrics.Ranked) func(*metrics.Ranked) []float64 {
	switch {
	case id == "ood-auroc":
		return oodAUROC
	case id == "mean-confidence" && r.N() == 0:
		return func(r *metrics.Ranked) []float64 { return centred(r.Confidence.Value) }
	}
	return nil
}

// placeForm is the closed form of a metric; nil if there is none. Its result is
// nil where the form has no meaning for the samples at hand.
func placeForm(id string) func(l *lineup, at float64) []float64 {
	switch id {
	case "accuracy":
		return func(l *lineup, _ float64) []float64 {
			return l.spread(l.each(func(j int) float64 { return 1 - l.wrong[j] }))
		}
	case "error":
		return func(l *lineup, _ float64) []float64 {
			return l.spread(l.each(func(j int) float64 { return l.wrong[j] }))
		}
	case "top-k":
		return func(l *lineup, k float64) []float64 {
			rank := l.r.Outcomes.LabelRank
			return l.spread(l.gather(func(i int32) float64 { return indicator(float64(rank[i]) < k) }))
		}
	case "nll":
		return func(l *lineup, _ float64) []float64 { return l.spread(l.column(l.r.Outcomes.NLL)) }
	case "brier":
		return func(l *lineup, _ float64) []float64 { return l.spread(l.column(l.r.Outcomes.Brier)) }
	case "mean-confidence":
		return func(l *lineup, _ float64) []float64 { return l.spread(l.column(l.r.Confidence.Value)) }
	case "overconfidence":
		return func(l *lineup, _ float64) []float64 {
			c := l.confidences()
			return l.spread(l.each(func(j int) float64 { return c[j] - (1 - l.wrong[j]) }))
		}
	case "balanced-accuracy":
		return balancedAccuracy
	case "positive-rate", "true-positive-rate", "false-negative-rate", "true-negative-rate", "false-positive-rate":
		return rate(id)
	case "auroc":
		return auroc
	case "aupr-success":
		return auprSuccess
	case "aupr-error":
		return auprError
	case "aurc", "aurc-trapezoid-zero-origin":
		return func(l *lineup, _ float64) []float64 { return l.withArea(1, 0) }
	case "auarc":
		return func(l *lineup, _ float64) []float64 { return l.withArea(-1, 0) }
	case "eaurc", "eaurc-continuous":
		return eaurc
	case "naurc":
		return naurc
	case "augrc", "sele":
		return augrc
	case "eaugrc":
		return eaugrc
	case "aurc-nll":
		return func(l *lineup, _ float64) []float64 { return l.lossArea(l.r.Outcomes.NLL) }
	case "aurc-brier":
		return func(l *lineup, _ float64) []float64 { return l.lossArea(l.r.Outcomes.Brier) }
	case "ece", "ece-mass":
		return ece(id, func(gap float64) float64 { return sign(gap) })
	case "ece-over":
		return ece(id, func(gap float64) float64 { return math.Min(sign(gap), 0) })
	case "ece-under":
		return ece(id, func(gap float64) float64 { return math.Max(sign(gap), 0) })
	case "ece-l2":
		return eceL2
	}
	return nil
}

// spread turns derivatives by place into influence values: centred, and scaled to
// the number of all rows. It works in place.
func (l *lineup) spread(values []float64) []float64 {
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
func (l *lineup) each(of func(j int) float64) []float64 {
	for j := range l.n {
		l.values[j] = of(j)
	}
	return l.values
}

func (l *lineup) gather(of func(i int32) float64) []float64 {
	for j, i := range l.r.Order {
		l.values[j] = of(i)
	}
	return l.values
}

func (l *lineup) column(column []float64) []float64 {
	if column == nil {
		return nil
	}
	for j, i := range l.r.Order {
		l.values[j] = column[i]
	}
	return l.values
}

// confidences are those of the samples, by place.
func (l *lineup) confidences() []float64 {
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
func balancedAccuracy(l *lineup, _ float64) []float64 {
	o := l.r.Outcomes
	size := make([]float64, slices.Max(o.Label)+1)
	hits := make([]float64, len(size))
	classes := 0.0
	for j, i := range l.r.Order {
		c := o.Label[i]
		if size[c] == 0 {
			classes++
		}
		size[c]++
		hits[c] += 1 - l.wrong[j]
	}
	n := float64(l.n)
	return l.spread(l.gather(func(i int32) float64 {
		c := o.Label[i]
		return n / (classes * size[c]) * (right(o, i) - hits[c]/size[c])
	}))
}

// rate is the influence on a rate of a binary task.
func rate(id string) func(*lineup, float64) []float64 {
	return func(l *lineup, _ float64) []float64 {
		o := l.r.Outcomes
		member, hit := rateOf(id)
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

// rateOf says which labels a rate is taken over and which predictions count.
func rateOf(id string) (member, hit func(int32) bool) {
	positive := func(c int32) bool { return c == 1 }
	negative := func(c int32) bool { return c != 1 }
	switch id {
	case "true-positive-rate":
		return positive, positive
	case "false-negative-rate":
		return positive, negative
	case "true-negative-rate":
		return negative, negative
	case "false-positive-rate":
		return negative, positive
	}
	return func(int32) bool { return true }, positive
}
