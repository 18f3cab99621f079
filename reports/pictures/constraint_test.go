package pictures

import (
	"math"
	"testing"

	"abstain/harness/study"
	"abstain/metrics"
)

func TestConstraintSentences(t *testing.T) {
	nan := math.NaN()
	none := study.Bounds{Lo: nan, Hi: nan}
	share := study.Basis{Intervals: []study.Interval{{Method: study.WilsonInterval, Level: 0.95, Over: study.NewModels, Units: 3}}}
	correlation := study.Basis{Tests: []study.Test{{Method: study.SpearmanTest, P: 0.00002, Units: 12}}, Intervals: []study.Interval{{Method: study.FisherTransform, Level: 0.95, Over: study.NewModels}}}
	best := study.Basis{Tests: []study.Test{{Method: study.TiedWithBestTest, P: nan, Level: 0.95}},
		Intervals: []study.Interval{{Method: study.OwnInterval, Level: 0.95, Over: study.NewSamples}}}
	coverage := metrics.Estimate{Value: 0.75, Lo: 0.7, Hi: 0.8, Level: 0.95}
	point := metrics.Estimate{Value: 0.75, Lo: nan, Hi: nan}
	sentences(t, "constraint", []study.Finding{
		{Claim: study.ReachConstraint{Accuracy: 0.99, Reaching: 3, Models: 4, Points: 4, Level: 0.9, Share: study.Bounds{Lo: 0.3, Hi: 0.95}}, Basis: share, N: 4, Of: study.Models},
		{Claim: study.ReachConstraint{Accuracy: 0.99, Reaching: 3, Models: 4, Points: 3, Share: none}, Basis: study.Basis{Counted: true}, N: 4, Of: study.Models},
		{Claim: study.ConstraintCorrelated{Accuracy: 0.95, Spearman: 0.9, In: study.Bounds{Lo: 0.8, Hi: 0.95}}, Basis: correlation, N: 30, Of: study.Models},
		{Claim: study.NoneReaches{Accuracy: 0.99}, Basis: study.Basis{Counted: true}, N: 1, Of: study.Models},
		{Claim: study.BestUnderConstraint{Accuracy: 0.95, Model: "vit", Coverage: coverage, Tied: study.Tied{Models: 2, Of: 9}}, Basis: best, N: 1000, Of: study.Samples},
		{Claim: study.BestUnderConstraint{Accuracy: 0.95, Model: "vit", Coverage: coverage, Tied: study.Tied{Models: 1, Of: 9}}, Basis: best, N: 1000, Of: study.Samples},
		{Claim: study.BestUnderConstraint{Accuracy: 0.95, Model: "vit", Coverage: point}, N: 2, Of: study.Models},
	},
		"3 of 4 models (75 % [30, 95]) reach a selective accuracy of 99 % at a coverage whose 90 % interval is above 0; on these samples 4 do at some coverage, be it of few samples "+
			"(95 % Wilson interval over new models, for 3 units; 4 models).",
		"3 of 4 models (75 %) reach a selective accuracy of 99 % at some coverage, be it of few samples: the coverages have no intervals "+
			"(exact count; too few units for an interval; 4 models).",
		"Accuracy and the coverage at 95 % selective accuracy go together with Spearman 0.90 [0.80, 0.95] (95 % interval over new models; p < 0.001 of 12 units; 30 models).",
		"No model reaches a selective accuracy of 99 % at any coverage (exact count on these samples; 1 model).",
		"Under a selective accuracy of 95 % vit answers the largest share of these samples, 0.7500 [0.7000, 0.8000]: one of 2, none proven better "+
			"(95 % intervals of each value by itself, over new samples; set of the best by max-t at 95 %; 1000 samples).",
		"Under a selective accuracy of 95 % vit answers the largest share of these samples, 0.7500 [0.7000, 0.8000]: proven better than each of the other 8 "+
			"(95 % intervals of each value by itself, over new samples; set of the best by max-t at 95 %; 1000 samples).",
		"Under a selective accuracy of 95 % vit answers the largest share of these samples, 0.7500: which others may be as good was not tested "+
			"(point values: the folder has no intervals; 2 models).",
	)
}
