package harness_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"abstain/datasets"
	"abstain/harness"
	"abstain/harness/evaluate"
	"abstain/harness/results"
	"abstain/metrics"
)

// TestKept checks metrics, intervals and groups that are added when the
// predictions are gone: they equal those of a run over the predictions, to the
// last digit.
func TestKept(t *testing.T) {
	dir := t.TempDir()
	for i, name := range []string{"a", "b", "c"} {
		write(t, random(uint64(i+1), 120, 5), dir, name+".csv")
	}
	write(t, "sample_id,label,l0,l1\n0,7,1,2\n", dir, "aa-wrong.csv") // label 7 of 2 classes
	c, err := datasets.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	more := harness.Config{Metrics: metrics.MustMeasures("accuracy", "auroc", "aurc", "sac@0.9", "nll", "ece@10"), Groups: []string{"group"},
		Intervals: evaluate.Intervals{Level: 0.9, Replicates: 30, Seed: 3}}
	want, got := more, more
	want.Corpora, want.Out = []*datasets.Corpus{c}, t.TempDir()
	if r := mustRun(t, want); len(r.Failures) != 1 {
		t.Fatalf("failures %v", r.Failures)
	}
	got.Out = t.TempDir()
	mustRun(t, harness.Config{Corpora: want.Corpora, Out: got.Out, Metrics: metrics.MustMeasures("accuracy")})

	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	r := mustRun(t, got)
	if r.Run.Counts.Computed != 3 {
		t.Errorf("counts %+v, %v", r.Run.Counts, r.Failures)
	}
	for _, name := range []string{"results.csv", "models.csv", "groups.csv", "disparities.csv", "notes.csv"} {
		if !bytes.Equal(read(t, got.Out, name), read(t, want.Out, name)) {
			t.Errorf("%s differs from that of a run over the predictions", name)
		}
	}
	before, err := results.Read(want.Out)
	if err != nil || fmt.Sprint(r.Run.Corpora) != fmt.Sprint(before.Run.Corpora) || len(r.Failures) != len(before.Failures) {
		t.Errorf("run.json: %+v, %v; want %+v, %v (%v)", r.Run.Corpora, r.Failures, before.Run.Corpora, before.Failures, err)
	}
	if r := mustRun(t, got); r.Run.Counts.Cached != 3 {
		t.Errorf("again: counts %+v", r.Run.Counts)
	}
}

// TestKeptSuffices: what the kept outcomes cannot give is refused before anything
// is computed.
func TestKeptSuffices(t *testing.T) {
	out := t.TempDir()
	c := corpus(t, map[string]string{"a.csv": random(1, 50, 3)})
	mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: out, Metrics: metrics.MustMeasures("accuracy")})
	results := read(t, out, "results.csv")
	for want, cfg := range map[string]harness.Config{
		"confidence function entropy": {Out: out, Confidences: []string{"entropy"}},
		"class vectors":               {Out: out, Metrics: metrics.MustMeasures("ece-classwise")},
		"is no run's folder":          {Out: filepath.Join(out, "nowhere")},
	} {
		if _, err := harness.Run(context.Background(), cfg); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
	if !slices.Equal(read(t, out, "results.csv"), results) {
		t.Error("results.csv has changed")
	}
}

func write(t *testing.T, content string, parts ...string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(parts...), []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}
