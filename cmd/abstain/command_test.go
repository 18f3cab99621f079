package main

import (
	"testing"

	"abstain/datasets/demo"
	"abstain/harness"
	"abstain/harness/evaluate"
	"abstain/harness/posthoc"
	"abstain/harness/results"
	"abstain/metrics"
)

// TestCommand: the command shown in a report names what differs from the defaults.
func TestCommand(t *testing.T) {
	standard := evaluate.Intervals{Level: evaluate.DefaultLevel, Replicates: evaluate.DefaultReplicates, Seed: evaluate.DefaultSeed}
	of := func(corpus string, confidences []string, t posthoc.Transforms, i evaluate.Intervals) results.RunInfo {
		return results.RunInfo{Corpora: []results.CorpusInfo{{Name: corpus}}, Metrics: metrics.DefaultIDs(), Confidences: confidences, Transforms: t, Intervals: i}
	}
	demoed := posthoc.Transforms{IDs: list(demoTransforms), FitSplit: posthoc.DefaultFitSplit}
	few := standard
	few.Replicates = 0
	for want, run := range map[string]results.RunInfo{
		"abstain demo":                  of(demo.Name, list(demoConfidences), demoed, standard),
		"abstain demo --confidence msp": of(demo.Name, []string{"msp"}, demoed, standard),
		"abstain run x":                 of("x", harness.DefaultConfidences, posthoc.Transforms{}, standard),
		"abstain run x --transform platt --bootstrap 0":         of("x", harness.DefaultConfidences, posthoc.Transforms{IDs: []string{"platt"}, FitSplit: "val"}, few),
		"abstain run x --transform pnorm --fit-split fit":       of("x", harness.DefaultConfidences, posthoc.Transforms{IDs: []string{"pnorm"}, FitSplit: "fit"}, standard),
		"abstain run x --transform beta --holdout 0.1":          of("x", harness.DefaultConfidences, posthoc.Transforms{IDs: []string{"beta"}, Holdout: 0.1, Seed: 1}, standard),
		"abstain run x --transform beta --folds 5 --fit-seed 7": of("x", harness.DefaultConfidences, posthoc.Transforms{IDs: []string{"beta"}, Folds: 5, Seed: 7}, standard),
	} {
		if got := command(run); got != want {
			t.Errorf("command %q, want %q", got, want)
		}
	}
}
