package resample

import "abstain/metrics"

// form says how the sampling error of one metric comes about. What a row leaves out is
// done by replicates, each evaluated on the expanded table, or not at all; see refusal.
type form struct {
	id string

	// byPlace are the influence values by place of the ranking, byRow those of samples
	// that have no place. Their result is nil where they have no meaning for the samples
	// at hand. byRow goes first.
	byPlace func(l *layout, at float64) []float64
	byRow   func(r *metrics.Ranked) []float64
	ofAll   func(r *metrics.Ranked) []float64 // in place of both where samples without an answer count
	why     string                            // why the metric has no influence values; "" if it has

	read  func(e *Evaluator, at float64) reader // reads the metric off the sums of a replicate; see reader
	reads requirement                           // what read asks of the ranking
	whole bool                                  // read wants the sums of losses or those over groups, not blocks alone

	interval interval
	kinds    func(r *metrics.Ranked) kindOf                              // of viaModerated
	names    [2]string                                                   // of one sample of each of the kinds
	score    func(r *metrics.Ranked, level float64) (lo, hi float64)     // of viaScore, for a function of a share
	bias     func(l *layout, bins int, lo float64) float64               // the lower bound less the bias of binning
	scarce   scarceInterval                                              // of viaScarce
	by       string                                                      // the name of scarce; "" is byGamma
	weight   float64                                                     // what an error adds to the area on average, over n
	ofErrors bool                                                        // the value is a mean over the errors: their number is what it knows
	bounds   func(r *metrics.Ranked, at, level float64) (lo, hi float64) // of thresholds, where there are no replicates
	exact    bool                                                        // bounds also where there are replicates: they hold, percentiles do not
	binning  binning
	norm     norm // of viaUnbiased: what it makes of the gaps of the binning
	test     pairedTest
}

// requirement is what a reader asks of the ranking.
type requirement uint8

const (
	nothing     requirement = iota
	ranking                 // that there is one
	probability             // and that its confidence is a probability
)

// interval is the closed form of an interval.
type interval uint8

const (
	viaReplicates interval = iota // none
	viaScore                      // Wilson's, of a share of independent samples or what score makes of one; influence values otherwise
	viaInfluence                  // influence values
	viaModerated                  // moderated t of the logit; see moderated
	viaScarce                     // a form that holds where errors are few
	viaUnbiased                   // influence values, with bias taken off the lower bound
)

// pairedTest is the closed form of the test of two models on the same samples.
type pairedTest uint8

const (
	testReplicates pairedTest = iota // none
	testMcNemar                      // of independent samples; influence values otherwise
	testModerated                    // moderated t of the logits
	testInfluence                    // influence values
)

// Why a metric has no influence values. Where it says "not derived" they exist, but
// nobody has written them: replicates serve.
const (
	steps      = "an operating point moves in steps as weights do: it has no derivative"
	loose      = "the largest coverage of its kind moves in steps as weights do: replicates hold the true one too seldom"
	largest    = "a largest gap or a range has no derivative where two gaps are alike"
	refitted   = "a fit to the same samples decides what is added up: its own error is part of the value"
	overBins   = "not derived: a sum over bins"
	smoothed   = "not derived: sums of kernels over pairs of samples"
	isTest     = "a test's statistic or p-value: its sampling error is what the test is about"
	ofPeers    = "the convention of other code, there to compare with: the metric it stands beside has an interval"
	asAUC      = "not derived: an area by another rule, within 1/n of one that has an interval"
	asMean     = "not derived: a mean over samples, whose values nobody has asked for"
	ofAccuracy = "not derived: a function of the accuracy, which has an interval"
	notDerived = "not derived"
)

// forms has one row for each metric, in the order of the table.
var forms = []form{
	{id: "accuracy", byPlace: accuracy, ofAll: allAccuracy, read: readAccuracy, interval: viaScore, test: testMcNemar},
	{id: "accuracy-galil2023", why: asMean},
	{id: "error", byPlace: errorRate, ofAll: allErrors, read: readError, interval: viaScore, test: testMcNemar},
	{id: "top-k", byPlace: topK, read: readTopK, interval: viaScore, test: testInfluence},
	{
		id: "balanced-accuracy", byPlace: balancedAccuracy, ofAll: allBalanced, read: readBalanced,
		interval: viaInfluence, test: testInfluence,
	},
	{id: "nll", byPlace: nll, read: readNLL, whole: true, interval: viaInfluence, test: testInfluence},
	{id: "brier", byPlace: brier, read: readBrier, whole: true, interval: viaInfluence, test: testInfluence},
	{id: "brier-mean", why: asMean},
	{id: "brier-half", why: asMean},
	{id: "nll-unfloored", why: asMean},
	{id: "nll-renormalised", why: asMean},
	{
		id: "auroc", byPlace: auroc, read: readAUROC, reads: ranking, whole: true,
		interval: viaModerated, test: testModerated, kinds: errorOrRight, names: [2]string{"error", "right sample"},
	},
	{id: "auroc-galil2023", why: ofPeers},
	{id: "gamma", why: notDerived},
	{
		id: "aupr-success", byPlace: auprSuccess, read: readSuccess, reads: ranking, whole: true,
		interval: viaScarce, scarce: gammaLoss, weight: 1, test: testInfluence,
	},
	{
		id: "aupr-error", byPlace: auprError, read: readFailure, reads: ranking, whole: true,
		interval: viaScarce, scarce: logitPrecision, by: byModerated, ofErrors: true, test: testInfluence,
	},
	{id: "fpr", read: readFPR, reads: ranking, why: steps, bounds: boundFPR, exact: true},
	{id: "fpr-error", why: steps},
	{id: "fpr-error-nearest", why: steps},
	{id: "auroc-ovr-macro", why: notDerived},
	{
		id: "aurc", byPlace: aurc, read: readAURC, reads: ranking, whole: true,
		interval: viaScarce, scarce: gammaArea, weight: 1, test: testInfluence,
	},
	{id: "auarc", byPlace: auarc, interval: viaScarce, scarce: gammaLoss, weight: 1, test: testInfluence},
	{id: "aurc-trapezoid", why: asAUC},
	{id: "aurc-trapezoid-zero-origin", byPlace: aurc, interval: viaScarce, scarce: gammaArea, weight: 1, test: testInfluence},
	{id: "aurc-trapezoid-normalised", why: asAUC},
	{id: "aurc-achievable", why: refitted},
	{id: "aurc-ln", why: asAUC},
	{id: "aurc-galil2023", why: ofPeers},
	{id: "aurrrc", why: asAUC},
	{id: "sele", byPlace: augrc, interval: viaScarce, scarce: gammaGeneral, weight: 0.5, test: testInfluence},
	{
		id: "eaurc", byPlace: eaurc, read: readEAURC, reads: ranking, whole: true,
		interval: viaScarce, scarce: gammaArea, weight: 1, test: testInfluence,
	},
	{id: "eaurc-continuous", byPlace: eaurc, interval: viaScarce, scarce: gammaArea, weight: 1, test: testInfluence},
	{id: "eaurc-trapezoid-continuous", why: asAUC},
	{id: "eaurc-galil2023", why: ofPeers},
	{
		id: "naurc", byPlace: naurc, read: readNAURC, reads: ranking, whole: true,
		interval: viaScarce, scarce: gammaShare, weight: 1, ofErrors: true, test: testInfluence,
	},
	{id: "naurc-zero-origin", why: asAUC},
	{
		id: "prr", byPlace: prr,
		interval: viaScarce, scarce: gammaRatio, weight: 1, ofErrors: true, test: testInfluence,
	},
	{
		id: "augrc", byPlace: augrc, read: readAUGRC, reads: ranking, whole: true,
		interval: viaScarce, scarce: gammaGeneral, weight: 0.5, test: testInfluence,
	},
	{id: "augrc-trapezoid-normalised", why: asAUC},
	{id: "eaugrc", byPlace: eaugrc, interval: viaScarce, scarce: gammaGeneral, weight: 0.5, test: testInfluence},
	{id: "aurc-balanced", why: notDerived},
	{id: "augrc-balanced", why: notDerived},
	{id: "aurc-nll", byPlace: aurcNLL, interval: viaInfluence, test: testInfluence},
	{id: "aurc-brier", byPlace: aurcBrier, interval: viaInfluence, test: testInfluence},
	{id: "sac", read: readSAC, reads: ranking, bounds: boundSAC, exact: true, why: steps},
	{id: "sac-galil2023", why: loose},
	{id: "sgr", why: loose},
	{id: "coverage-at-risk", read: readCoverage, reads: ranking, bounds: CoverageBounds, exact: true, why: steps},
	{id: "risk", read: readRisk, reads: ranking, bounds: RiskBounds, why: steps},
	{id: "selective-accuracy", read: readSelective, reads: ranking, bounds: boundSelective, why: steps},
	{id: "oracle-collaborative-accuracy", why: steps},
	{id: "answered", byRow: wereAnswered, interval: viaScore, test: testInfluence},
	{id: "answered-accuracy", byPlace: accuracy, interval: viaScore, test: testInfluence},
	{id: "abstention-precision", byRow: abstained, interval: viaScore, test: testInfluence},
	{id: "abstention-recall", byRow: should, interval: viaScore, test: testInfluence},
	{
		id: "abstention-f1", byRow: eitherAbstained, score: scoreF1,
		interval: viaScore, test: testInfluence,
	},
	{id: "set-coverage", byPlace: holdLabel, interval: viaScore, test: testInfluence},
	{id: "set-size", byPlace: sizeOfSet, interval: viaInfluence, test: testInfluence},
	{id: "set-singletons", byPlace: haveSize(1), interval: viaScore, test: testInfluence},
	{id: "set-empty", byPlace: haveSize(0), interval: viaScore, test: testInfluence},
	{id: "set-singleton-accuracy", byPlace: holdAlone, interval: viaScore, test: testInfluence},
	{id: "set-size-violation", why: largest},
	{id: "set-class-gap", why: notDerived},
	{id: "set-worst-class", why: largest},
	{
		id: "ece", byPlace: ece(equalWidth, sign), read: readGaps(gapL1), reads: probability,
		interval: viaUnbiased, test: testInfluence, bias: gapBias(equalWidth), norm: sumOfGaps(sign),
	},
	{
		id: "ece-l2", byPlace: eceL2, read: readGaps(gapL2), reads: probability,
		interval: viaUnbiased, test: testInfluence, bias: squareBias, norm: rootOfGaps,
	},
	{id: "mce", read: readGaps(gapMax), reads: probability, why: largest},
	{
		id: "ece-mass", byPlace: ece(equalMass, sign), read: readMassGaps, reads: probability,
		interval: viaUnbiased, test: testInfluence, bias: gapBias(equalMass), binning: equalMass, norm: sumOfGaps(sign),
	},
	{
		id: "mean-confidence", byPlace: meanConfidence, byRow: outsideConfidence, read: readConfidence, reads: ranking,
		interval: viaInfluence, test: testInfluence,
	},
	{
		id: "overconfidence", byPlace: overconfidence, read: readOverconfidence, reads: probability,
		interval: viaInfluence, test: testInfluence,
	},
	{id: "median-confidence", why: notDerived},
	{id: "confidence-variance", why: asMean},
	{id: "confidence-gini", why: notDerived},
	{id: "confidence-gini-galil2023", why: ofPeers},
	{id: "brier-top", why: asMean},
	{id: "nll-binary", why: asMean},
	{id: "fail-nll", why: asMean},
	{id: "ece-galil2023", why: ofPeers},
	{id: "mce-galil2023", why: largest},
	{id: "ece-adaptive-galil2023", why: ofPeers},
	{id: "ece-debiased", why: overBins},
	{id: "ece-unweighted", why: notDerived},
	{
		id: "ece-over", byPlace: ece(equalWidth, negative), read: readGaps(gapOver), reads: probability,
		interval: viaUnbiased, test: testInfluence, bias: gapBias(equalWidth), norm: sumOfGaps(negative),
	},
	{
		id: "ece-under", byPlace: ece(equalWidth, positive), read: readGaps(gapUnder), reads: probability,
		interval: viaUnbiased, test: testInfluence, bias: gapBias(equalWidth), norm: sumOfGaps(positive),
	},
	{id: "ece-p", why: isTest},
	{id: "ece-sweep", why: refitted},
	{id: "ece-top-class", why: notDerived},
	{id: "ece-classwise", why: notDerived},
	{id: "mce-classwise", why: largest},
	{id: "ece-classwise-debiased", why: overBins},
	{id: "ace", why: notDerived},
	{id: "tace", why: notDerived},
	{id: "smece", why: smoothed},
	{id: "smece-width", why: smoothed},
	{id: "smece-sigma", why: smoothed},
	{id: "smece-blasiok2023", why: smoothed},
	{id: "sece", why: smoothed},
	{id: "mmce", why: smoothed},
	{id: "kde-ece", why: smoothed},
	{id: "kde-ece-l2", why: smoothed},
	{id: "kde-ece-marginal", why: smoothed},
	{id: "kde-ece-canonical", why: smoothed},
	{id: "ks-error", why: largest},
	{id: "ks", why: largest},
	{id: "ks-p", why: isTest},
	{id: "kuiper", why: largest},
	{id: "kuiper-p", why: isTest},
	{id: "spiegelhalter-z", why: isTest},
	{id: "spiegelhalter-p", why: isTest},
	{id: "spiegelhalter-upper-p", why: isTest},
	{id: "mcb", why: refitted},
	{id: "dsc", why: refitted},
	{id: "unc", why: ofAccuracy},
	{id: "refinement", why: refitted},
	{id: "mcb-log", why: refitted},
	{id: "dsc-log", why: refitted},
	{id: "unc-log", why: ofAccuracy},
	{id: "refinement-log", why: refitted},
	{id: "brier-uncertainty", why: notDerived},
	{id: "brier-resolution", why: overBins},
	{id: "brier-reliability", why: overBins},
	{
		id: "ood-auroc", byRow: oodAUROC, read: readOutside, reads: ranking,
		interval: viaModerated, test: testModerated, kinds: outsideOrIn,
		names: [2]string{"sample out of distribution", "sample in distribution"},
	},
	{id: "ood-aupr-in", why: notDerived},
	{id: "ood-aupr-out", why: notDerived},
	{id: "ood-aupr-in-trapezoid", why: notDerived},
	{id: "ood-aupr-out-trapezoid", why: notDerived},
	{id: "ood-fpr-in", why: steps},
	{id: "ood-fpr-out", why: steps},
	{id: "ood-fpr-out-nearest", why: steps},
	{id: "ood-ccr", why: steps},
	{id: "positive-rate", byPlace: rate(anyClass, isOne), interval: viaScore, test: testInfluence},
	{id: "true-positive-rate", byPlace: rate(isOne, isOne), interval: viaScore, test: testInfluence},
	{id: "false-negative-rate", byPlace: rate(isOne, isNotOne), interval: viaScore, test: testInfluence},
	{id: "true-negative-rate", byPlace: rate(isNotOne, isNotOne), interval: viaScore, test: testInfluence},
	{id: "false-positive-rate", byPlace: rate(isNotOne, isOne), interval: viaScore, test: testInfluence},
}

// byID finds a row.
var byID = func() map[string]*form {
	found := make(map[string]*form, len(forms))
	for i := range forms {
		found[forms[i].id] = &forms[i]
	}
	return found
}()

// formOf is the row of a metric; of one that is not in the table, a row that leaves all
// to replicates.
func formOf(id string) *form {
	if f := byID[id]; f != nil {
		return f
	}
	return &form{id: id, why: notDerived}
}

// WithoutInfluence says why a metric has no influence values, so that its intervals and
// tests are those of replicates; "" if it has.
func WithoutInfluence(m metrics.Metric) string { return formOf(m.ID).why }
