package pictures

import (
	"math"
	"testing"

	"abstain/harness/study"
)

func TestConstraintSentences(t *testing.T) {
	nan := math.NaN()
	share := study.Basis{Intervals: []study.Interval{{Method: study.WilsonInterval, Level: 0.95, Over: study.NewModels}}}
	correlation := study.Basis{Tests: []study.Test{{Method: study.SpearmanTest, P: 0.00002}}, Intervals: []study.Interval{{Method: study.FisherTransform, Level: 0.95, Over: study.NewModels}}}
	best := study.Basis{Tests: []study.Test{{Method: study.TiedWithBestTest, P: nan, Level: 0.95, Replicates: 1000}},
		Intervals: []study.Interval{{Method: study.BinomialBounds, Level: 0.95, Over: study.NewSamples, Family: study.Family{Correction: study.Bonferroni, Size: 523, Of: "model"}}}}
	sentences(t, "constraint", []study.Finding{
		{Claim: study.ReachConstraint{Accuracy: 0.99, Reaching: 3, Models: 4, Share: study.Bounds{Lo: 0.3, Hi: 0.95}}, Basis: share, N: 4, Of: study.Models},
		{Claim: study.ConstraintCorrelated{Accuracy: 0.95, Spearman: 0.9, In: study.Bounds{Lo: 0.8, Hi: 0.95}}, Basis: correlation, N: 30, Of: study.Models},
		{Claim: study.NoneReaches{Accuracy: 0.99}, Basis: study.Basis{Counted: true}, N: 1, Of: study.Models},
		{Claim: study.BestUnderConstraint{Accuracy: 0.95, Model: "vit", Coverage: 0.75, In: study.Bounds{Lo: 0.7, Hi: 0.8}, Rivals: []string{"vit", "cnn"}}, Basis: best, N: 1000, Of: study.Samples},
		{Claim: study.BestUnderConstraint{Accuracy: 0.95, Model: "vit", Coverage: 0.75, In: study.Bounds{Lo: nan, Hi: nan}}, N: 2, Of: study.Models},
	},
		"3 of 4 models (75 % [30, 95]) reach a selective accuracy of 99 % at some coverage (95 % Wilson interval over new models; 4 models).",
		"Accuracy and the coverage at 95 % selective accuracy go together with Spearman 0.90 [0.80, 0.95] (95 % interval over new models; p = 2.0e-05; 30 models).",
		"No model reaches a selective accuracy of 99 % at any coverage (exact count on these samples; 1 model).",
		"Under a selective accuracy of 95 % take vit, which answers the largest share of the samples, 0.7500 [0.7000, 0.8000]; 2 models are not told apart from the best "+
			"(exact binomial bounds over new samples, 95 % for all 523 models at once by Bonferroni; max-t set of the best from 1000 bootstrap replicates, 95 %; 1000 samples).",
		"Under a selective accuracy of 95 % take vit, which answers the largest share of the samples, 0.7500 (point values: the folder has no stored predictions; 2 models).",
	)
}
