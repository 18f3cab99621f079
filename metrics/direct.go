package metrics

import (
	"math"
	"slices"
)

// FromConfidence ranks samples of which only a confidence and correctness are known.
// confidence holds one number per sample, higher is more trusted, on any scale; correct
// says which predictions are right. Both are kept and must not be changed.
//
// Confidences that all lie in [0, 1] are taken for probabilities of being right.
// Otherwise calibration metrics, such as ECE, are undefined. Infinite confidences are
// ranked like any other. If one is NaN there is no ranking: metrics that need a
// confidence are undefined, with a note that says so. Without samples all are.
//
// FromConfidence panics if the slices differ in length.
func FromConfidence(confidence []float64, correct []bool) *Ranked {
	if len(confidence) != len(correct) {
		panic("metrics: confidences and correctness differ in length")
	}
	o := &Outcomes{Correct: correct}
	if slices.ContainsFunc(confidence, math.IsNaN) {
		r := Rank(o, nil)
		r.why = "a confidence is NaN"
		return r
	}
	o.Confidences = []Confidence{{Name: "stored", Value: confidence, Probability: unit(confidence)}}
	return Rank(o, &o.Confidences[0])
}

// Accuracy returns the share of predictions that are right.
func Accuracy(r *Ranked) Estimate { return accuracy(r, 0) }

// ErrorRate returns the share of predictions that are wrong.
func ErrorRate(r *Ranked) Estimate { return errorRate(r, 0) }

// TopK returns the share of samples whose label is among the k classes placed highest.
// It needs class vectors. TopK panics if k is not positive.
func TopK(r *Ranked, k int) Estimate {
	if k < 1 {
		panic("metrics: top-k accuracy needs a class")
	}
	return topK(r, float64(k))
}

// BalancedAccuracy returns the mean over classes of the accuracy among the samples of
// the class. It needs labels.
func BalancedAccuracy(r *Ranked) Estimate { return balancedAccuracy(r, 0) }

// NLL returns the mean negative log-likelihood of the labels, in nats. It needs class
// vectors.
func NLL(r *Ranked) Estimate { return nll(r, 0) }

// Brier returns the mean over samples of the squared error of the class vector, summed
// over classes. It needs class vectors.
func Brier(r *Ranked) Estimate { return brierScore(r, 0) }

// AUROC returns the probability that a right prediction has more confidence than a wrong
// one, ties counted one half.
func AUROC(r *Ranked) Estimate { return auroc(r, 0) }

// AUPRSuccess returns the average precision of finding right predictions from the most
// trusted downwards.
func AUPRSuccess(r *Ranked) Estimate { return auprSuccess(r, 0) }

// AUPRError returns the average precision of finding wrong predictions from the least
// trusted upwards.
func AUPRError(r *Ranked) Estimate { return auprError(r, 0) }

// FPR returns the share of wrong predictions accepted at the highest threshold that
// accepts at least the share recall of the right ones. FPR panics if recall is outside
// [0, 1].
func FPR(r *Ranked, recall float64) Estimate { return fprAt(r, operatingPoint(recall)) }

// AURC returns the area under the risk-coverage curve: the mean over k of the error rate
// among the k most trusted samples, expected over random order among ties.
func AURC(r *Ranked) Estimate { return aurc(r, 0) }

// EAURC returns the AURC minus that of the same errors ranked perfectly.
func EAURC(r *Ranked) Estimate { return eaurc(r, 0) }

// NAURC returns the AURC on a scale where a perfect ranking has 0 and random
// confidence has 1 in expectation.
func NAURC(r *Ranked) Estimate { return naurc(r, 0) }

// AUGRC returns the area under the generalised risk: the number of errors
// accepted divided by the number of all samples.
func AUGRC(r *Ranked) Estimate { return augrc(r, 0) }

// SAC returns the largest coverage whose selective accuracy is at least the given one;
// 0 if there is none. SAC panics if accuracy is outside [0, 1].
func SAC(r *Ranked, accuracy float64) Estimate { return sac(r, operatingPoint(accuracy)) }

// CoverageAtRisk returns the largest coverage whose selective risk is at most the given
// one; 0 if there is none. CoverageAtRisk panics if risk is outside [0, 1].
func CoverageAtRisk(r *Ranked, risk float64) Estimate { return coverageAtRisk(r, operatingPoint(risk)) }

// Risk returns the selective risk, the error rate among the accepted, at the smallest
// coverage that is at least the given one. Risk panics if coverage is outside [0, 1].
func Risk(r *Ranked, coverage float64) Estimate { return riskAt(r, operatingPoint(coverage)) }

// SelectiveAccuracy returns 1 minus Risk. It panics as Risk does.
func SelectiveAccuracy(r *Ranked, coverage float64) Estimate {
	return selectiveAccuracy(r, operatingPoint(coverage))
}

// ECE returns the expected calibration error over bins of equal width, (lo, hi]; 15 is
// the usual number. ECE panics if bins is not positive.
func ECE(r *Ranked, bins int) Estimate { return ece(r, number(bins)) }

// ECEL2 returns the root mean squared calibration error over the bins of ECE. It panics
// as ECE does.
func ECEL2(r *Ranked, bins int) Estimate { return eceL2(r, number(bins)) }

// MCE returns the largest calibration error of a bin of ECE. It panics as ECE does.
func MCE(r *Ranked, bins int) Estimate { return mce(r, number(bins)) }

// ECEMass returns the expected calibration error over bins of equal numbers of samples.
// It panics as ECE does.
func ECEMass(r *Ranked, bins int) Estimate { return eceMass(r, number(bins)) }

// SmoothECE returns the smooth calibration error, which needs no choice of bins.
func SmoothECE(r *Ranked) Estimate { return smece(r, 0) }

// MeanConfidence returns the mean confidence, on its own scale.
func MeanConfidence(r *Ranked) Estimate { return meanConfidence(r, 0) }

// Overconfidence returns the mean confidence minus the accuracy.
func Overconfidence(r *Ranked) Estimate { return overconfidence(r, 0) }

// OODAUROC returns the probability that an in-distribution sample has more
// confidence than an out-of-distribution one; ties count one half. It needs
// samples with label -1.
func OODAUROC(r *Ranked) Estimate { return oodAUROC(r, 0) }

// operatingPoint checks that the point is a share.
func operatingPoint(v float64) float64 {
	if !(v >= 0 && v <= 1) {
		panic("metrics: an operating point lies between 0 and 1")
	}
	return v
}

// number checks that there is at least one bin.
func number(bins int) float64 {
	if bins < 1 {
		panic("metrics: a calibration error needs a bin")
	}
	return float64(bins)
}
