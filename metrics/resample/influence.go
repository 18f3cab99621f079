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
	of := influenceOf(m.ID)
	if of == nil {
		return nil, false
	}
	if v := m.Of(r, at).Value; math.IsNaN(v) || math.IsInf(v, 0) {
		return nil, false
	}
	if values = of(r, at); values == nil {
		return nil, false
	}
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, false
		}
	}
	return values, true
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
	var squares, cubes float64
	for _, v := range influence {
		square := float64(v * v)
		squares += square
		cubes += float64(square * v)
	}
	if squares == 0 {
		return 0
	}
	return cubes / (6 * squares * math.Sqrt(squares))
}

// influenceOf is the closed form for a metric id; nil if there is none. Its
// result is nil where the form has no meaning for the samples at hand.
func influenceOf(id string) func(*metrics.Ranked, float64) []float64 {
	switch id {
	case "accuracy":
		return meanOf(func(o *metrics.Outcomes, _ *metrics.Confidence, i int32, _ float64) float64 { return right(o, i) })
	case "error":
		return meanOf(func(o *metrics.Outcomes, _ *metrics.Confidence, i int32, _ float64) float64 { return 1 - right(o, i) })
	case "top-k":
		return meanOf(func(o *metrics.Outcomes, _ *metrics.Confidence, i int32, k float64) float64 {
			return indicator(float64(o.LabelRank[i]) < k)
		})
	case "nll":
		return meanOf(func(o *metrics.Outcomes, _ *metrics.Confidence, i int32, _ float64) float64 { return o.NLL[i] })
	case "brier":
		return meanOf(func(o *metrics.Outcomes, _ *metrics.Confidence, i int32, _ float64) float64 { return o.Brier[i] })
	case "mean-confidence":
		return meanConfidence
	case "overconfidence":
		return meanOf(func(o *metrics.Outcomes, c *metrics.Confidence, i int32, _ float64) float64 {
			return c.Value[i] - right(o, i)
		})
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
		return aurc
	case "auarc":
		return func(r *metrics.Ranked, at float64) []float64 { return scaled(aurc(r, at), -1) }
	case "eaurc", "eaurc-continuous":
		return eaurc
	case "naurc":
		return naurc
	case "augrc", "sele":
		return augrc
	case "eaugrc":
		return eaugrc
	case "aurc-nll":
		return func(r *metrics.Ranked, _ float64) []float64 { return areaUnder(r, r.Outcomes.NLL) }
	case "aurc-brier":
		return func(r *metrics.Ranked, _ float64) []float64 { return areaUnder(r, r.Outcomes.Brier) }
	case "ece", "ece-mass":
		return ece(id, func(gap float64) float64 { return sign(gap) })
	case "ece-over":
		return ece(id, func(gap float64) float64 { return math.Min(sign(gap), 0) })
	case "ece-under":
		return ece(id, func(gap float64) float64 { return math.Max(sign(gap), 0) })
	case "ece-l2":
		return eceL2
	case "ood-auroc":
		return oodAUROC
	}
	return nil
}

// spread turns derivatives by row into influence values: those of the
// in-distribution rows are centred and scaled to the number of all rows, the
// others are 0. It works in place.
func spread(r *metrics.Ranked, values []float64) []float64 {
	n := float64(r.N())
	mean := 0.0
	for _, i := range r.Order {
		mean += values[i]
	}
	mean /= n
	scale := float64(len(values)) / n
	for _, i := range r.Order {
		values[i] = scale * (values[i] - mean)
	}
	return values
}

// rows is a column for all rows, filled for those in distribution.
func rows(r *metrics.Ranked, of func(i int32) float64) []float64 {
	values := make([]float64, r.Outcomes.N())
	for _, i := range r.Order {
		values[i] = of(i)
	}
	return values
}

// meanOf is the influence on the mean of a per-sample number.
func meanOf(of func(o *metrics.Outcomes, c *metrics.Confidence, i int32, at float64) float64) func(*metrics.Ranked, float64) []float64 {
	return func(r *metrics.Ranked, at float64) []float64 {
		return spread(r, rows(r, func(i int32) float64 { return of(r.Outcomes, r.Confidence, i, at) }))
	}
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

func scaled(values []float64, by float64) []float64 {
	for i := range values {
		values[i] *= by
	}
	return values
}

// meanConfidence has samples of its own in a table that is all out of
// distribution.
func meanConfidence(r *metrics.Ranked, _ float64) []float64 {
	if r.N() == 0 {
		return centred(r.Confidence.Value)
	}
	return spread(r, rows(r, func(i int32) float64 { return r.Confidence.Value[i] }))
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
func balancedAccuracy(r *metrics.Ranked, _ float64) []float64 {
	o := r.Outcomes
	size := make([]float64, slices.Max(o.Label)+1)
	hits := make([]float64, len(size))
	classes := 0.0
	for _, i := range r.Order {
		l := o.Label[i]
		if size[l] == 0 {
			classes++
		}
		size[l]++
		hits[l] += right(o, i)
	}
	n := float64(r.N())
	return spread(r, rows(r, func(i int32) float64 {
		l := o.Label[i]
		return n / (classes * size[l]) * (right(o, i) - hits[l]/size[l])
	}))
}

// rate is the influence on a rate of a binary task.
func rate(id string) func(*metrics.Ranked, float64) []float64 {
	return func(r *metrics.Ranked, _ float64) []float64 {
		o := r.Outcomes
		member, hit := rateOf(id)
		n, m, hits := float64(r.N()), 0.0, 0.0
		for _, i := range r.Order {
			m += indicator(member(o.Label[i]))
			hits += indicator(member(o.Label[i]) && hit(o.Prediction[i]))
		}
		return spread(r, rows(r, func(i int32) float64 {
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
