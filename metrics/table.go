package metrics

import "math"

var (
	zeroToOne = [2]float64{0, 1}
	anything  = [2]float64{math.Inf(-1), math.Inf(1)}

	bins15 = &Param{Name: "bins", Default: 15, Min: 1, Max: 10000, Integer: true}
)

// Table lists every metric. It is the one place where a metric is entered;
// commands, tables, axes and manuals read it. Nothing in it may be changed.
var Table = []Metric{
	{
		ID: "accuracy", Label: "accuracy", Group: "accuracy", Better: Higher, Unit: "fraction", Range: zeroToOne,
		Definition: "Share of in-distribution samples predicted right. The prediction is the first class of the largest value.",
		Source:     "standard",
		Version:    1, Of: accuracy,
	},
	{
		ID: "error", Label: "error", Group: "accuracy", Better: Lower, Unit: "fraction", Range: zeroToOne,
		Definition: "Share of in-distribution samples predicted wrong: the selective risk at coverage 1.",
		Source:     "standard",
		Version:    1, Of: errorRate,
	},
	{
		ID: "top-k", Label: "top-k accuracy", Group: "accuracy", Better: Higher, Unit: "fraction", Range: zeroToOne,
		Param:      &Param{Name: "k", Default: 5, Min: 1, Max: 1e6, Integer: true},
		Definition: "Share of samples whose label is among the k classes placed highest; of equal values the lower class is placed higher. Undefined without class vectors.",
		Source:     "Russakovsky et al. 2015 (ILSVRC), section 4.1",
		Version:    1, Of: topK,
	},
	{
		ID: "balanced-accuracy", Label: "balanced accuracy", Group: "accuracy", Better: Higher, Unit: "fraction", Range: zeroToOne,
		Definition: "Mean over the classes that occur as labels of the accuracy among the samples of the class. Undefined without labels.",
		Source:     "Brodersen et al. 2010",
		Version:    1, Of: balancedAccuracy,
	},
	{
		ID: "nll", Label: "NLL", Group: "accuracy", Better: Lower, Unit: "nats", Range: [2]float64{0, math.Inf(1)},
		Definition: "Mean of -ln p(label). Exact from logits, infinite if a label's logit is -Inf; stored probabilities are raised to at least 1e-12 and not renormalised, so that a stored value rounded above 1 counts slightly below 0. Undefined without class vectors.",
		Source:     "Good 1952",
		Version:    1, Of: nll,
	},
	{
		ID: "brier", Label: "Brier", Group: "accuracy", Better: Lower, Unit: "squared probability", Range: [2]float64{0, 2},
		Definition: "Mean of the sum over classes of (p - indicator)^2: 0 to 2. Undefined without class vectors.",
		Source:     "Brier 1950, equation 2",
		Version:    1, Of: brierScore,
	},
	{
		ID: "auroc", Label: "AUROC", Group: "ranking", Better: Higher, Unit: "fraction", Range: zeroToOne, Needs: NeedsConfidence,
		Definition: "Probability that a correct prediction has more confidence than a wrong one, ties counted one half. Undefined if all predictions are right or all are wrong.",
		Source:     "Hanley and McNeil 1982; for failure prediction Hendrycks and Gimpel 2017",
		Version:    1, Of: auroc,
	},
	{
		ID: "aupr-success", Label: "AUPR success", Group: "ranking", Better: Higher, Unit: "fraction", Range: zeroToOne, Needs: NeedsConfidence,
		Definition: "Average precision of finding correct predictions from the most trusted downwards: sum over groups of equal confidence of recall gained times precision so far. Undefined if no prediction is right.",
		Source:     "Hendrycks and Gimpel 2017; average precision without interpolation",
		Version:    1, Of: auprSuccess,
	},
	{
		ID: "aupr-error", Label: "AUPR error", Group: "ranking", Better: Higher, Unit: "fraction", Range: zeroToOne, Needs: NeedsConfidence,
		Definition: "Average precision of finding wrong predictions from the least trusted upwards: sum over groups of equal confidence of recall gained times precision so far. Undefined if no prediction is wrong.",
		Source:     "Hendrycks and Gimpel 2017; average precision without interpolation",
		Version:    1, Of: auprError,
	},
	{
		ID: "fpr", Label: "FPR", Group: "ranking", Better: Lower, Unit: "fraction", Range: zeroToOne, Needs: NeedsConfidence,
		Param:      &Param{Name: "recall", Default: 0.95, Min: 0, Max: 1},
		Definition: "Share of wrong predictions accepted at the highest threshold that accepts at least the given share of the correct ones. Thresholds lie between groups of equal confidence. Undefined if all predictions are right or all are wrong.",
		Source:     "Liang et al. 2018 (ODIN), section 4.2, for success against error",
		Version:    1, Of: fprAt,
	},
	{
		ID: "aurc", Label: "AURC", Group: "selective", Better: Lower, Unit: "fraction", Range: zeroToOne, Needs: NeedsConfidence,
		Definition: "Mean over k = 1..n of the error rate among the k most trusted samples, expected over random order inside groups of equal confidence.",
		Source:     "Geifman, Uziel and El-Yaniv 2019, equation 2",
		Version:    1, Of: aurc,
	},
	{
		ID: "eaurc", Label: "E-AURC", Group: "selective", Better: Lower, Unit: "fraction", Range: zeroToOne, Needs: NeedsConfidence,
		Definition: "AURC minus the AURC of the same errors ranked perfectly, both by the same finite sum, so that a perfect ranking gives exactly 0.",
		Source:     "Geifman, Uziel and El-Yaniv 2019, section 3, with the optimum of the sample instead of its limit",
		Version:    1, Of: eaurc,
	},
	{
		ID: "naurc", Label: "NAURC", Group: "selective", Better: Lower, Unit: "ratio", Range: [2]float64{0, math.Inf(1)}, Needs: NeedsConfidence,
		Definition: "E-AURC divided by (error rate - AURC of the perfect ranking): 0 for a perfect ranking, 1 expected of random confidence. Undefined if all predictions are right or all are wrong.",
		Source:     "Cattelan and Silva 2024, equation 9",
		Version:    1, Of: naurc,
	},
	{
		ID: "augrc", Label: "AUGRC", Group: "selective", Better: Lower, Unit: "fraction", Range: [2]float64{0, 0.5}, Needs: NeedsConfidence,
		Definition: "Area under errors so far divided by n, against coverage: trapezoids from (0, 0) over the ends of groups of equal confidence. 1/2 if all predictions are wrong.",
		Source:     "Traub et al. 2024, section 3",
		Version:    1, Of: augrc,
	},
	{
		ID: "sac", Label: "SAC", Group: "selective", Better: Higher, Unit: "fraction", Range: zeroToOne, Needs: NeedsConfidence,
		Param:      &Param{Name: "accuracy", Default: 0.99, Min: 0, Max: 1},
		Definition: "Largest coverage whose selective accuracy is at least the given accuracy, over ends of groups of equal confidence; 0 if there is none.",
		Source:     "Galil, Dabbah and El-Yaniv 2023, section 2",
		Version:    1, Of: sac,
	},
	{
		ID: "coverage-at-risk", Label: "coverage at risk", Group: "selective", Better: Higher, Unit: "fraction", Range: zeroToOne, Needs: NeedsConfidence,
		Param:      &Param{Name: "risk", Default: 0.05, Min: 0, Max: 1},
		Definition: "Largest coverage whose selective risk is at most the given risk, over ends of groups of equal confidence; 0 if there is none.",
		Source:     "Geifman and El-Yaniv 2017, section 2",
		Version:    1, Of: coverageAtRisk,
	},
	{
		ID: "risk", Label: "risk", Group: "selective", Better: Lower, Unit: "fraction", Range: zeroToOne, Needs: NeedsConfidence,
		Param:      &Param{Name: "coverage", Default: 0.8, Min: 0, Max: 1},
		Definition: "Error rate among the accepted at the smallest coverage that is at least the given one, over ends of groups of equal confidence.",
		Source:     "Geifman and El-Yaniv 2017, section 2",
		Version:    1, Of: riskAt,
	},
	{
		ID: "selective-accuracy", Label: "selective accuracy", Group: "selective", Better: Higher, Unit: "fraction", Range: zeroToOne, Needs: NeedsConfidence,
		Param:      &Param{Name: "coverage", Default: 0.8, Min: 0, Max: 1},
		Definition: "Accuracy among the accepted at the smallest coverage that is at least the given one, over ends of groups of equal confidence: 1 - risk.",
		Source:     "Geifman and El-Yaniv 2017, section 2",
		Version:    1, Of: selectiveAccuracy,
	},
	{
		ID: "ece", Label: "ECE", Group: "calibration", Better: Lower, Unit: "fraction", Range: zeroToOne, Needs: NeedsConfidence | NeedsProbability,
		Param:      bins15,
		Definition: "Mean over samples of |accuracy - mean confidence| of their bin, for equal-width bins (lo, hi] with edges k/bins in float64, the first taking 0 too. Undefined for confidences that are no probabilities.",
		Source:     "Guo et al. 2017, equation 3; Naeini et al. 2015",
		Version:    1, Of: ece,
	},
	{
		ID: "ece-l2", Label: "ECE (l2)", Group: "calibration", Better: Lower, Unit: "fraction", Range: zeroToOne, Needs: NeedsConfidence | NeedsProbability,
		Param:      bins15,
		Definition: "Root of the mean over samples of the squared gap between accuracy and mean confidence of their bin, with the bins of ece. No debiasing. Undefined for confidences that are no probabilities.",
		Source:     "Kumar et al. 2019, section 2",
		Version:    1, Of: eceL2,
	},
	{
		ID: "mce", Label: "MCE", Group: "calibration", Better: Lower, Unit: "fraction", Range: zeroToOne, Needs: NeedsConfidence | NeedsProbability,
		Param:      bins15,
		Definition: "Largest |accuracy - mean confidence| of a non-empty bin, with the bins of ece. Undefined for confidences that are no probabilities.",
		Source:     "Guo et al. 2017, equation 5; Naeini et al. 2015",
		Version:    1, Of: mce,
	},
	{
		ID: "ece-mass", Label: "ECE (equal mass)", Group: "calibration", Better: Lower, Unit: "fraction", Range: zeroToOne, Needs: NeedsConfidence | NeedsProbability,
		Param:      bins15,
		Definition: "As ece, for bins of equal numbers of samples: the sorted confidences are cut into runs whose lengths differ by at most one (longer first), edges are the midpoints at the cuts, and samples are placed by value, (lo, hi], so that equal confidences share a bin. Undefined for confidences that are no probabilities.",
		Source:     "Kumar et al. 2019, section 3; Nguyen and O'Connor 2015",
		Version:    1, Of: eceMass,
	},
	{
		ID: "mean-confidence", Label: "mean confidence", Group: "calibration", Better: None, Unit: "confidence", Range: anything, Needs: NeedsConfidence,
		Definition: "Mean confidence, on the confidence function's own scale, of the in-distribution samples; of the out-of-distribution samples in a table that has no others.",
		Source:     "standard",
		Version:    1, Of: meanConfidence,
	},
	{
		ID: "overconfidence", Label: "overconfidence", Group: "calibration", Better: None, Unit: "fraction", Range: [2]float64{-1, 1}, Needs: NeedsConfidence | NeedsProbability,
		Definition: "Mean confidence minus accuracy: positive if the model promises too much, negative if too little. Undefined for confidences that are no probabilities.",
		Source:     "standard",
		Version:    1, Of: overconfidence,
	},
	{
		ID: "ood-auroc", Label: "OOD AUROC", Group: "ood", Better: Higher, Unit: "fraction", Range: zeroToOne, Needs: NeedsConfidence | NeedsOutside,
		Definition: "Probability that an in-distribution sample has more confidence than one whose class is not among the known ones, ties counted one half; in-distribution is the positive class. Undefined without samples of both kinds.",
		Source:     "Hendrycks and Gimpel 2017, section 3.2",
		Version:    1, Of: oodAUROC,
	},
	{
		ID: "positive-rate", Label: "positive rate", Group: "groups", Better: None, Unit: "fraction", Range: zeroToOne,
		Definition: "Share of samples of a binary task predicted as class 1. Undefined for more than two classes.",
		Source:     "Barocas, Hardt and Narayanan 2023, chapter 3 (independence)",
		Version:    1, Of: positiveRate,
	},
	{
		ID: "true-positive-rate", Label: "TPR", Group: "groups", Better: Higher, Unit: "fraction", Range: zeroToOne,
		Definition: "Share of the samples of class 1 of a binary task that are predicted as class 1. Undefined without any, or for more than two classes.",
		Source:     "Hardt, Price and Srebro 2016",
		Version:    1, Of: truePositive,
	},
	{
		ID: "false-negative-rate", Label: "FNR", Group: "groups", Better: Lower, Unit: "fraction", Range: zeroToOne,
		Definition: "Share of the samples of class 1 of a binary task that are predicted as class 0. Undefined without any, or for more than two classes.",
		Source:     "Hardt, Price and Srebro 2016",
		Version:    1, Of: missed,
	},
	{
		ID: "true-negative-rate", Label: "TNR", Group: "groups", Better: Higher, Unit: "fraction", Range: zeroToOne,
		Definition: "Share of the samples of class 0 of a binary task that are predicted as class 0. Undefined without any, or for more than two classes.",
		Source:     "Hardt, Price and Srebro 2016",
		Version:    1, Of: trueNegative,
	},
	{
		ID: "false-positive-rate", Label: "FPR of class 1", Group: "groups", Better: Lower, Unit: "fraction", Range: zeroToOne,
		Definition: "Share of the samples of class 0 of a binary task that are predicted as class 1. Undefined without any, or for more than two classes. Not to be confused with fpr@, the ranking metric.",
		Source:     "Hardt, Price and Srebro 2016",
		Version:    1, Of: falseAlarm,
	},
}

// Default lists the ids evaluated when the user names none: everything that
// is not particular to binary tasks.
var Default = []string{
	"accuracy", "error", "top-k@5", "balanced-accuracy", "nll", "brier",
	"auroc", "aupr-success", "aupr-error", "fpr@0.95",
	"aurc", "eaurc", "naurc", "augrc", "sac@0.99", "coverage-at-risk@0.05", "risk@0.8", "selective-accuracy@0.8",
	"ece@15", "ece-l2@15", "mce@15", "ece-mass@15", "mean-confidence", "overconfidence",
	"ood-auroc",
}
