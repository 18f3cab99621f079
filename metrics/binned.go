package metrics

import (
	"math"
	"slices"
)

// Metrics that fix the choices of a calibration error.

// withOptions evaluates a calibration error of the confidence; the metric's
// parameter, where it has one, is the number of bins.
func withOptions(o Options) func(*Ranked, float64) Estimate {
	return func(r *Ranked, bins float64) Estimate {
		if why := uncalibrated(r); why != "" {
			return undefined(r.N(), why)
		}
		o := o
		o.Bins = int(bins)
		return point(calibrated(r).error(o), r.N())
	}
}

// classwise evaluates a calibration error of the class vectors.
func classwise(o Options) func(*Ranked, float64) Estimate {
	return func(r *Ranked, bins float64) Estimate {
		in, why := vectorsOf(r)
		if why != "" {
			return undefined(r.N(), why)
		}
		o := o
		o.Bins = int(bins)
		return point(ClasswiseCalibrationError(in.Vectors, in.Classes, in.Label, o), r.N())
	}
}

// tace is ace over the probabilities above a threshold.
func tace(r *Ranked, threshold float64) Estimate {
	return classwise(Options{Binning: EqualMassLeft, Threshold: threshold})(r, 15)
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
	v := TopClassCalibrationError(take(r.Confidence.Value, r.Order), take(o.Correct, r.Order), take(o.Prediction, r.Order), Options{Bins: int(bins)})
	return point(v, r.N())
}

// eceOver is the part of ece in bins that promise too much.
func eceOver(r *Ranked, bins float64) Estimate {
	return binned(r, equalWidth, bins, func(bins []bin, n int) float64 { return oneSided(bins, n, -1) })
}

// eceUnder is the part of ece in bins that promise too little.
func eceUnder(r *Ranked, bins float64) Estimate {
	return binned(r, equalWidth, bins, func(bins []bin, n int) float64 { return oneSided(bins, n, 1) })
}

// oneSided is normL1 of the gaps accuracy - confidence of one sign.
func oneSided(bins []bin, n int, sign float64) float64 {
	var total sum
	for i := range bins {
		total.add(math.Max(0, sign*bins[i].excess()))
	}
	return total.value() / float64(n)
}

// eceSweep is ece over as many bins of equal mass as keep accuracies from falling.
func eceSweep(r *Ranked, _ float64) Estimate {
	if why := uncalibrated(r); why != "" {
		return undefined(r.N(), why)
	}
	return point(calibrated(r).wrongFirst().error(Options{Binning: SweepMass}), r.N())
}

// wrongFirst are the same samples, in each group of ties the wrong ones first.
func (p pairs) wrongFirst() pairs {
	correct := slices.Clone(p.correct)
	from := 0
	for _, end := range p.groups() {
		slices.SortFunc(correct[from:end], compareBool)
		from = end
	}
	return pairs{p.confidence, correct}
}
