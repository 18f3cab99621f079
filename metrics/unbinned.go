package metrics

import (
	"math"

	"abstain/metrics/calibration"
	"abstain/metrics/stattest"
)

// Metrics of calibration without bins. Package calibration computes them.

const (
	noNeighbour   = "no sample has a neighbour within the bandwidth"
	onePair       = "kernels need two samples"
	tooMany       = "too many samples and classes for kernels about class vectors: n^2 C is above 2e10"
	atAllCorners  = "kernels about class vectors vanish at every sample"
	noVariance    = "no confidence is strictly between 0 and 1"
	noSlope       = "every confidence is 0, 1/2 or 1"
	infiniteScore = "infinite: a right prediction has confidence 0, or a wrong one 1"
)

var (
	// sece and mmce use kernels over confidence.
	sece = calibrated(calibration.SECE, noNeighbour)
	mmce = calibrated(calibration.MMCE, "")

	// smece is the smooth calibration error, smeceWidth its bandwidth, smeceSigma the
	// error at a given one, smeceOnMesh the error as its authors' code has it.
	smece = calibrated(func(confidence []float64, correct []bool, _ float64) float64 {
		value, _ := calibration.SmoothECE(confidence, correct)
		return value
	}, "")
	smeceWidth = calibrated(func(confidence []float64, correct []bool, _ float64) float64 {
		_, width := calibration.SmoothECE(confidence, correct)
		return width
	}, "")
	smeceSigma  = calibrated(calibration.SmoothECEAt, "")
	smeceOnMesh = calibrated(func(confidence []float64, correct []bool, _ float64) float64 {
		value, _ := calibration.SmoothECEOnMesh(confidence, correct)
		return value
	}, "")

	// ksError is the largest gap between cumulative confidence and accuracy, ks the same
	// in units of its standard deviation, ksP the probability of so large a ks under
	// calibration; kuiper and kuiperP likewise of the range of the gap.
	ksError = calibrated(func(confidence []float64, correct []bool, _ float64) float64 {
		return calibration.CumulativeDifferences(confidence, correct).Largest
	}, "")
	ks      = standardised(calibration.Cumulative.KolmogorovSmirnov)
	ksP     = standardised(func(w calibration.Cumulative) float64 { return calibration.BrownianMaximum(w.KolmogorovSmirnov()) })
	kuiper  = standardised(calibration.Cumulative.Kuiper)
	kuiperP = standardised(func(w calibration.Cumulative) float64 { return calibration.BrownianRange(w.Kuiper()) })

	// spiegelhalterZ is Spiegelhalter's statistic, spiegelhalterP the probability of one
	// as far from 0 under calibration, spiegelhalterUpperP that of one as large.
	spiegelhalterZ = calibrated(func(confidence []float64, correct []bool, _ float64) float64 {
		return calibration.Spiegelhalter(confidence, correct)
	}, noSlope)
	spiegelhalterP = calibrated(func(confidence []float64, correct []bool, _ float64) float64 {
		return 2 * stattest.NormalTail(math.Abs(calibration.Spiegelhalter(confidence, correct)))
	}, noSlope)
	spiegelhalterUpperP = calibrated(func(confidence []float64, correct []bool, _ float64) float64 {
		return stattest.NormalTail(calibration.Spiegelhalter(confidence, correct))
	}, noSlope)
)

// standardised makes a metric of a cumulative difference divided by its scale. It
// is undefined if the scale is 0.
func standardised(of func(calibration.Cumulative) float64) func(*Ranked, float64) Estimate {
	return calibrated(func(confidence []float64, correct []bool, _ float64) float64 {
		w := calibration.CumulativeDifferences(confidence, correct)
		if !(w.Scale > 0) {
			return math.NaN()
		}
		return of(w)
	}, noVariance)
}

// kdeECE is the calibration error by beta kernels.
func kdeECE(norm int) func(*Ranked, float64) Estimate {
	return calibrated(func(confidence []float64, correct []bool, bandwidth float64) float64 {
		return calibration.KernelError(confidence, correct, bandwidth, norm)
	}, onePair)
}

// kdeMarginal is kdeECE of each class's probability, summed over the classes.
func kdeMarginal(r *Ranked, bandwidth float64) Estimate {
	in, why := vectorsOf(r)
	if why != "" {
		return undefined(r.N(), why)
	}
	v := calibration.MarginalKernelError(in.Vectors, in.Classes, in.Label, bandwidth, 1)
	if math.IsNaN(v) {
		return undefined(r.N(), onePair)
	}
	return point(v, r.N())
}

// kdeCanonical is the calibration error of whole class vectors by Dirichlet
// kernels.
func kdeCanonical(r *Ranked, bandwidth float64) Estimate {
	in, why := vectorsOf(r)
	switch {
	case why != "":
		return undefined(r.N(), why)
	case r.N() < 2:
		return undefined(r.N(), onePair)
	case float64(in.N())*float64(len(in.Vectors)) > 2e10:
		return undefined(r.N(), tooMany)
	}
	v := calibration.CanonicalKernelError(in.Vectors, in.Classes, in.Label, bandwidth, 1)
	if math.IsNaN(v) {
		return undefined(r.N(), atAllCorners)
	}
	return point(v, r.N())
}

// part makes a metric of a part of a score's decomposition.
func part(decompose func([]float64, []bool) calibration.Decomposition, of func(calibration.Decomposition) float64) func(*Ranked, float64) Estimate {
	value := calibrated(func(confidence []float64, correct []bool, _ float64) float64 {
		return of(decompose(confidence, correct))
	}, "")
	return func(r *Ranked, at float64) Estimate {
		e := value(r, at)
		if math.IsInf(e.Value, 0) {
			e.Notes = append(e.Notes, infiniteScore)
		}
		return e
	}
}

func recalibrated(d calibration.Decomposition) float64 { return d.Recalibrated }
func uncertainty(d calibration.Decomposition) float64  { return d.Uncertainty }

// brierPart evaluates one part of the decomposition by predicted class.
func brierPart(of func(calibration.BrierParts) float64) func(*Ranked, float64) Estimate {
	return func(r *Ranked, _ float64) Estimate {
		in, why := vectorsOf(r)
		if why != "" {
			return undefined(r.N(), why)
		}
		return point(of(calibration.DecomposeBrierByPrediction(in.Vectors, in.Classes, in.Label, in.Prediction)), r.N())
	}
}
