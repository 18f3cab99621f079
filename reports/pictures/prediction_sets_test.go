package pictures

import (
	"testing"

	"abstain/harness/study"
)

func TestPredictionSetSentences(t *testing.T) {
	counted := study.Basis{Counted: true}
	correlation := study.Basis{Tests: []study.Test{{Method: study.SpearmanTest, P: 0.01, Units: 12}},
		Intervals: []study.Interval{{Method: study.FisherTransform, Level: 0.95, Over: study.NewModels}}}
	together := func(r float64) study.SmallSetsOfAccurate {
		return study.SmallSetsOfAccurate{Transform: "sets-lac", Spearman: r, In: study.Bounds{Lo: r - 0.1, Hi: r + 0.1}}
	}
	sentences(t, "prediction-sets", []study.Finding{
		{Claim: study.SetsNearAim{Transform: "sets-lac", Alpha: 0.1, Median: 0.903, Within: 19, Models: 20}, Basis: counted, N: 20, Of: study.Models},
		{Claim: study.SmallestSets{Transform: "sets-lac", Best: 18, Models: 20, Median: 1.25, Others: []study.SetMedian{{Transform: "sets-aps", Median: 1.5}}},
			Basis: counted, N: 20, Of: study.Models},
		{Claim: together(-0.5), Basis: correlation, N: 20, Of: study.Models},
		{Claim: together(0.5), Basis: correlation, N: 20, Of: study.Models},
		{Claim: study.WorstClassCovered{Score: "aps", Alpha: 0.1, All: 0.75, ByClass: 0.85, Better: 17, Models: 20, SizeAll: 1.5, SizeBy: 1.75},
			Basis: counted, N: 20, Of: study.Models},
		{Claim: study.SizeRanksErrors{Transform: "sets-lac", Confidence: "msp", Worse: 20, Models: 20, Size: 0.75, Reference: 0.875}, Basis: counted, N: 20, Of: study.Models},
	},
		"sets-lac: the median coverage is 0.9030, aimed at 0.9000; that of 19 of 20 models lies where 95 % of the draws of calibration and judged rows put it "+
			"(exact count on these rows; 20 models).",
		"Of the sets with one threshold for all rows, sets-lac is the smallest in 18 of 20 models: median of the mean sizes 1.2500; sets-aps 1.5000 "+
			"(exact count on these rows; 20 models).",
		"Models that are right more often have smaller sets (sets-lac), as far as the rank correlation goes: Spearman(accuracy, set size) = −0.50 [−0.60, −0.40] "+
			"(95 % interval over new models; p = 0.01 of 12 units; 20 models).",
		"Models that are right more often have larger sets (sets-lac), as far as the rank correlation goes: Spearman(accuracy, set size) = 0.50 [0.40, 0.60] "+
			"(95 % interval over new models; p = 0.01 of 12 units; 20 models).",
		"aps: a threshold for each class raises the coverage of the worst class in 17 of 20 models, median 0.7500 to 0.8500, aimed at 0.9000; "+
			"sets then have 1.7500 classes in place of 1.5000 (exact count on these rows; 20 models).",
		"The size of a set (sets-lac) tells wrong predictions from right ones worse than msp in 20 of 20 models: median AUROC 0.7500 against 0.8750 "+
			"(exact count on these rows; 20 models).",
	)
	remarks(t, "prediction-sets", []study.Missing{study.NoPredictionSets{}}, []study.Note{study.SetRowsJudged{On: "val", Rows: 500, Judged: 1000}},
		"prediction sets of the rows compared: abstain run CORPUS --sets lac,aps makes them",
		"calibrated on val (500 rows), judged on 1000 others; a set holds the true class with probability at least 1 - alpha on average over draws "+
			"of calibration rows (Vovk, Gammerman and Shafer 2005), and the coverage of one draw is beta-distributed around that")
}
