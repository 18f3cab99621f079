package pictures

import (
	"testing"

	"abstain/harness/study"
	"abstain/metrics"
)

func TestRiskCoverageSentences(t *testing.T) {
	point := func(v float64) metrics.Estimate { return metrics.Estimate{Value: v} }
	within := metrics.Estimate{Value: 0.05, Lo: 0.04, Hi: 0.06, Level: 0.95}
	own := study.Basis{Intervals: []study.Interval{{Method: study.OwnInterval, Level: 0.95, Over: study.NewSamples}}}
	sentences(t, "risk-coverage", []study.Finding{
		{Claim: study.CurveModel{Model: "vit", AURC: within, AUROC: point(0.9), Accuracy: point(0.8)}, Basis: own, N: 1000, Of: study.Samples},
		{Claim: study.CurveModel{Model: "vit", AURC: point(0.05), AUROC: point(0.9), Accuracy: point(0.8)}, N: 1000, Of: study.Samples},
	},
		"Model vit has AURC 0.0500 [0.0400, 0.0600], AUROC 0.9000 and accuracy 0.8000 (95 % intervals of each value by itself, over new samples; 1000 samples).",
		"Model vit has AURC 0.0500, AUROC 0.9000 and accuracy 0.8000 (point values: the folder has no intervals; 1000 samples).",
	)
	remarks(t, "risk-coverage", []study.Missing{study.NoCurves{}}, []study.Note{study.SpreadOver{Metric: "aurc"}},
		"risk-coverage curves need stored predictions: the folder holds published figures only",
		"models at the places 0, 10, 25, 50, 75 and 90 % from the best by AURC; curves of more than 500 points are thinned in the file")
}
