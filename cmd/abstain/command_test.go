package main

import (
	"testing"

	"abstain/datasets/demo"
	"abstain/harness"
	"abstain/metrics"
)

// TestCommand: the command shown in a report names what differs from the defaults.
func TestCommand(t *testing.T) {
	standard := harness.Intervals{Level: harness.DefaultLevel, Replicates: harness.DefaultReplicates, Seed: harness.DefaultSeed}
	of := func(corpus string, confidences []string, t harness.Transforms, i harness.Intervals) harness.RunInfo {
		return harness.RunInfo{Corpora: []harness.CorpusInfo{{Name: corpus}}, Metrics: metrics.DefaultIDs(), Confidences: confidences, Transforms: t, Intervals: i}
	}
	demoed := harness.Transforms{IDs: list(demoTransforms), FitSplit: harness.DefaultFitSplit}
	few := standard
	few.Replicates = 0
	for want, run := range map[string]harness.RunInfo{
		"abstain demo":                  of(demo.Name, list(demoConfidences), demoed, standard),
		"abstain demo --confidence msp": of(demo.Name, []string{"msp"}, demoed, standard),
		"abstain run x":                 of("x", harness.DefaultConfidences, harness.Transforms{}, standard),
		"abstain run x --transform platt --bootstrap 0":         of("x", harness.DefaultConfidences, harness.Transforms{IDs: []string{"platt"}, FitSplit: "val"}, few),
		"abstain run x --transform pnorm --fit-split fit":       of("x", harness.DefaultConfidences, harness.Transforms{IDs: []string{"pnorm"}, FitSplit: "fit"}, standard),
		"abstain run x --transform beta --holdout 0.1":          of("x", harness.DefaultConfidences, harness.Transforms{IDs: []string{"beta"}, Holdout: 0.1, Seed: 1}, standard),
		"abstain run x --transform beta --folds 5 --fit-seed 7": of("x", harness.DefaultConfidences, harness.Transforms{IDs: []string{"beta"}, Folds: 5, Seed: 7}, standard),
	} {
		if got := command(run); got != want {
			t.Errorf("command %q, want %q", got, want)
		}
	}
}
