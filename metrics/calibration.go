package metrics

import (
	"math"
	"sync"

	"abstain/metrics/calibration"
	"abstain/metrics/internal/radix"
	"abstain/metrics/internal/sums"
)

// Metrics of calibration by bins: whether predictions are right as often as their
// confidence, read as a probability, says. Package calibration computes them.

const noProbability = "the confidence is no probability"

// uncalibrated says why a calibration metric is undefined; "" if it is defined.
func uncalibrated(r *Ranked) string {
	switch why := unranked(r); {
	case why != "":
		return why
	case !r.Confidence.Probability:
		return noProbability
	}
	return ""
}

// rising returns confidence, on its own scale, and correctness, from the least
// trusted sample on.
func rising(r *Ranked) (confidence []float64, correct []bool) {
	n := r.N()
	confidence, correct = make([]float64, n), make([]bool, n)
	for j, i := range r.Order {
		confidence[n-1-j], correct[n-1-j] = r.Confidence.Value[i], r.Outcomes.Correct[i]
	}
	return confidence, correct
}

// calibrated makes a metric of a function of the confidences, their correctness
// and the metric's parameter. Where the function gives NaN, the metric is
// undefined for the reason undefinedFor.
func calibrated(of func(confidence []float64, correct []bool, at float64) float64, undefinedFor string) func(*Ranked, float64) Estimate {
	return func(r *Ranked, at float64) Estimate {
		if why := uncalibrated(r); why != "" {
			return undefined(r.N(), why)
		}
		confidence, correct := rising(r)
		v := of(confidence, correct, at)
		if math.IsNaN(v) && undefinedFor != "" {
			return undefined(r.N(), undefinedFor)
		}
		return point(v, r.N())
	}
}

// ece is the expected calibration error over equal-width bins.
func ece(r *Ranked, bins float64) Estimate { return binned(r, equalWidth, bins, calibration.L1) }

// eceL2 is the root mean squared calibration error over equal-width bins.
func eceL2(r *Ranked, bins float64) Estimate { return binned(r, equalWidth, bins, calibration.L2) }

// mce is the largest calibration error of an equal-width bin.
func mce(r *Ranked, bins float64) Estimate { return binned(r, equalWidth, bins, calibration.Largest) }

// eceMass is the expected calibration error over bins of equal numbers of samples.
func eceMass(r *Ranked, bins float64) Estimate { return binned(r, equalMass, bins, calibration.L1) }

// eceOver is the part of ece from bins whose confidence is above their accuracy.
func eceOver(r *Ranked, bins float64) Estimate { return binned(r, equalWidth, bins, calibration.Over) }

// eceUnder is the part of ece from bins whose confidence is below their accuracy.
func eceUnder(r *Ranked, bins float64) Estimate {
	return binned(r, equalWidth, bins, calibration.Under)
}

// binned evaluates a norm of the gaps of the bins.
func binned(r *Ranked, binning func(*Ranked, int) []calibration.Bin, bins float64, norm calibration.Norm) Estimate {
	if why := uncalibrated(r); why != "" {
		return undefined(r.N(), why)
	}
	return point(norm.Of(binning(r, int(bins)), r.N()), r.N())
}

// equalWidth returns the bins of equal width. Several metrics use the same ones,
// so they are made once and must not be changed.
func equalWidth(r *Ranked, m int) []calibration.Bin {
	if r.widths == nil {
		return widthBins(r, m)
	}
	r.widths.mu.Lock()
	defer r.widths.mu.Unlock()
	if r.widths.bins[m] == nil {
		r.widths.bins[m] = widthBins(r, m)
	}
	return r.widths.bins[m]
}

// widths are the bins of equal width of a ranking, by the number of bins.
type widths struct {
	mu   sync.Mutex
	bins map[int][]calibration.Bin
}

// widthBins takes the samples in the order of the rows, which is faster than the
// order of the ranking.
func widthBins(r *Ranked, m int) []calibration.Bin {
	label := r.Outcomes.Label
	if r.N() == len(r.Confidence.Value) {
		label = nil // no sample is left out
	} else if r.Unanswered > 0 {
		label = r.left()
	}
	return calibration.WidthBins(r.Confidence.Value, r.Outcomes.Correct, label, m)
}

// left has -1 for the samples that are not ranked, and 0 for the others.
func (r *Ranked) left() []int32 {
	left := make([]int32, r.Outcomes.N())
	for i := range left {
		left[i] = int32(count(r.Outcomes.judged(i))) - 1
	}
	return left
}

// equalMass are the bins of equal numbers of samples.
func equalMass(r *Ranked, m int) []calibration.Bin {
	return calibration.MassBins(r.Confidence.Value, r.Outcomes.Correct, r.Order, m)
}

// withOptions makes a metric of a calibration error of the confidence. The
// parameter of the metric, if it has one, is the number of bins.
func withOptions(o calibration.Options) func(*Ranked, float64) Estimate {
	return calibrated(func(confidence []float64, correct []bool, bins float64) float64 {
		o := o
		o.Bins = int(bins)
		return calibration.Error(confidence, correct, o)
	}, "")
}

// classwise makes a metric of a calibration error of the class vectors.
func classwise(o calibration.Options) func(*Ranked, float64) Estimate {
	return func(r *Ranked, bins float64) Estimate {
		in, why := vectorsOf(r)
		if why != "" {
			return undefined(r.N(), why)
		}
		o := o
		o.Bins = int(bins)
		return point(calibration.ClasswiseError(in.Vectors, in.Classes, in.Label, o), r.N())
	}
}

// vectorsOf returns the in-distribution samples with their class vectors, in a
// fixed order; why says why there are none.
func vectorsOf(r *Ranked) (in *Outcomes, why string) {
	switch {
	case r.N() == 0:
		return nil, noSamples
	case r.Outcomes.Vectors == nil:
		return nil, noVectors
	}
	return r.Outcomes.Take(r.Order), ""
}

// tace is ace of the probabilities above a threshold.
func tace(r *Ranked, threshold float64) Estimate {
	return classwise(calibration.Options{Binning: calibration.EqualMassLeft, Threshold: threshold})(r, 15)
}

// eceTopClass is the mean of ece over the predicted classes.
func eceTopClass(r *Ranked, bins float64) Estimate {
	if why := uncalibrated(r); why != "" {
		return undefined(r.N(), why)
	}
	if r.Outcomes.Prediction == nil {
		return undefined(r.N(), noLabels)
	}
	o := r.Outcomes
	v := calibration.TopClassError(take(r.Confidence.Value, r.Order), take(o.Correct, r.Order), take(o.Prediction, r.Order),
		calibration.Options{Bins: int(bins)})
	return point(v, r.N())
}

// eceSweep is ece over bins of equal mass: as many of them as possible while
// their accuracies do not fall.
var eceSweep = calibrated(func(confidence []float64, correct []bool, _ float64) float64 {
	return calibration.SweepError(confidence, correct)
}, "")

// eceP is the p-value of ece by consistency resampling, with 1000 replicates and
// a fixed seed.
var eceP = calibrated(func(confidence []float64, correct []bool, bins float64) float64 {
	return calibration.ConsistencyP(confidence, correct, int(bins), 1000, 1)
}, "")

// meanConfidence is the mean confidence of the in-distribution samples. For a
// table that has none, it is the mean over the out-of-distribution samples. It is
// defined on any scale.
func meanConfidence(r *Ranked, _ float64) Estimate {
	switch {
	case r.Confidence == nil:
		return undefined(r.N(), unranked(r))
	case r.N() > 0:
		return mean(r.Confidence.Value, r.Order)
	}
	_, outside, _ := split(r.Outcomes)
	if len(outside) == 0 {
		return undefined(0, "no samples")
	}
	e := mean(r.Confidence.Value, radix.Falling(r.Confidence.Order(), outside))
	e.Notes = append(e.Notes, "mean over out-of-distribution samples")
	return e
}

// overconfidence is mean confidence minus accuracy.
func overconfidence(r *Ranked, _ float64) Estimate {
	if why := uncalibrated(r); why != "" {
		return undefined(r.N(), why)
	}
	var total sums.Unit
	o := r.Outcomes
	for i, v := range r.Confidence.Value {
		if o.judged(i) {
			total.Add(v)
		}
	}
	return point(total.Less(sums.Ones(r.N()-r.Errors))/float64(r.N()), r.N())
}
