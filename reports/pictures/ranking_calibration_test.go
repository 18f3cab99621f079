package pictures

import (
	"testing"

	"abstain/harness/study"
)

func TestRankingCalibrationSentences(t *testing.T) {
	correlation := study.Basis{Tests: []study.Test{{Method: study.SpearmanTest, P: 0.01, Units: 12}},
		Intervals: []study.Interval{{Method: study.FisherTransform, Level: 0.95, Over: study.NewModels}}}
	share := study.Basis{Intervals: []study.Interval{{Method: study.WilsonInterval, Level: 0.95, Over: study.NewModels, Units: 12}}}
	together := func(r float64) study.RankingWithCalibration {
		return study.RankingWithCalibration{Ranking: "auroc", Calibration: "ece@15", Spearman: r, In: study.Bounds{Lo: r - 0.1, Hi: r + 0.1}}
	}
	undominated := func(models ...string) study.Undominated {
		return study.Undominated{Ranking: "auroc", Calibration: "|overconfidence|", Models: models}
	}
	sentences(t, "ranking-calibration", []study.Finding{
		{Claim: together(0.5), Basis: correlation, N: 20, Of: study.Models},
		{Claim: together(-0.5), Basis: correlation, N: 20, Of: study.Models},
		{Claim: undominated("a"), Basis: study.Basis{Counted: true}, N: 20, Of: study.Models},
		{Claim: undominated("a", "b", "c", "d", "e", "f", "g", "h", "i", "j"), Basis: study.Basis{Counted: true}, N: 20, Of: study.Models},
		{Claim: study.Overconfident{Over: 9, Models: 20, Share: study.Bounds{Lo: 0.26, Hi: 0.66}}, Basis: share, N: 20, Of: study.Models},
	},
		"Models that rank their errors better are worse calibrated, as far as the rank correlation goes: Spearman(AUROC, ECE@15) = 0.50 [0.40, 0.60] "+
			"(95 % interval over new models; p = 0.01 of 12 units; 20 models).",
		"Models that rank their errors better are better calibrated, as far as the rank correlation goes: Spearman(AUROC, ECE@15) = −0.50 [−0.60, −0.40] "+
			"(95 % interval over new models; p = 0.01 of 12 units; 20 models).",
		"1 model is such that no other model is better at both AUROC and |overconfidence|: a "+
			"(exact count on these values; their sampling error may move models on and off; 20 models).",
		"10 models are such that no other model is better at both AUROC and |overconfidence|: a, b, c, d, e, f, g, h and 2 more "+
			"(exact count on these values; their sampling error may move models on and off; 20 models).",
		"45 % [26, 66] of the models are over-confident on average (mean confidence above accuracy) (95 % Wilson interval over new models, for 12 units; 20 models).",
	)
	remarks(t, "ranking-calibration", []study.Missing{study.NoRankingCalibration{}}, nil,
		"AUROC and a calibration error (ece@15, or accuracy and mean-confidence) of the same models")
}
