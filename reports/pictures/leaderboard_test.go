package pictures

import (
	"math"
	"testing"

	"abstain/harness/study"
	"abstain/metrics"
)

func TestLeaderboardSentences(t *testing.T) {
	with := func(model string, v float64) study.ModelEstimate {
		return study.ModelEstimate{Model: model, Estimate: metrics.Estimate{Value: v, Lo: v - 0.1, Hi: v + 0.1, Level: 0.9}}
	}
	without := func(model string, v float64) study.ModelEstimate {
		return study.ModelEstimate{Model: model, Estimate: metrics.Estimate{Value: v, Lo: math.NaN(), Hi: math.NaN()}}
	}
	own := study.Basis{Intervals: []study.Interval{{Method: study.OwnInterval, Level: 0.9, Over: study.NewSamples}}}
	sentences(t, "leaderboard", []study.Finding{
		{Claim: study.Extremes{Metric: "auroc", Best: []study.ModelEstimate{with("vit", 0.8), with("cnn", 0.7)}, Worst: []study.ModelEstimate{with("mlp", 0.5), with("cnn", 0.7)}, Tied: study.Tied{Models: 2, Of: 3}},
			Basis: own, N: 3, Of: study.Models},
		{Claim: study.Extremes{Metric: "ece@15", Best: []study.ModelEstimate{without("vit", 0.02)}, Worst: []study.ModelEstimate{without("mlp", math.NaN())}},
			N: 2, Of: study.Models},
	},
		"The best by AUROC are vit 0.8000 [0.7000, 0.9000], cnn 0.7000 [0.6000, 0.8000] (the first is one of 2, none proven better); the worst are mlp 0.5000 [0.4000, 0.6000], cnn 0.7000 [0.6000, 0.8000] "+
			"(90 % intervals of each value by itself, over new samples; 3 models).",
		"The best by ECE@15 are vit 0.0200 (the first is not tested against the others); the worst are mlp undefined (point values: the folder has no intervals; 2 models).",
	)
	lacksAndNotes(t, &study.Experiment{Name: "leaderboard", Missing: []study.Missing{study.EmptyColumn{Column: "AURC", Metric: "aurc"},
		study.EmptyColumn{Column: "AURC_TS", Metric: "aurc", Scaled: true}}, Notes: []study.Note{study.OfficialConventions{}}},
		"column AURC: the folder has no aurc",
		"column AURC_TS: the folder has no aurc of the transform temperature (abstain run --transform none,temperature)",
		"fractions, not percent; the official code of the paper decides ties and operating points by row order, "+
			"abstain by groups of equal confidence (abstain ls metrics --verbose)",
	)
}
