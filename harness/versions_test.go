package harness_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"abstain/datasets"
	"abstain/harness"
	"abstain/harness/evaluate"
	"abstain/harness/results"
	"abstain/harness/store"
	"abstain/metrics"
)

// kept copies a folder of testdata/versions and opens the corpus that it is of.
func kept(t *testing.T, version string) harness.Config {
	t.Helper()
	out := filepath.Join(t.TempDir(), "out")
	if err := os.CopyFS(out, os.DirFS(filepath.Join("testdata", "versions", version))); err != nil {
		t.Fatal(err)
	}
	c, err := datasets.Open(filepath.Join("testdata", "versions", "corpus"))
	if err != nil {
		t.Fatal(err)
	}
	return harness.Config{Corpora: []*datasets.Corpus{c}, Out: out, Metrics: metrics.MustMeasures("accuracy", "aurc", "sac@0.9"),
		Intervals: evaluate.Intervals{Level: 0.95, Replicates: 20, Seed: evaluate.DefaultSeed}}
}

// TestFolderWithoutDigests: what a version before there were digests kept is set aside,
// with a sentence, and computed anew; without the corpus it is refused by name. Its
// results can be read, as published figures can.
func TestFolderWithoutDigests(t *testing.T) {
	cfg := kept(t, "1-no-digests")
	if r, err := results.Read(cfg.Out); err != nil || len(r.Rows) != 2 {
		t.Errorf("%v", err)
	}
	alone := cfg
	alone.Corpora = nil
	if _, err := harness.Run(t.Context(), alone); err == nil || !strings.Contains(err.Error(), "has no digests, so it is not believed: name the corpus to read") {
		t.Errorf("without the corpus: %v", err)
	}
	before := read(t, cfg.Out, "journal.jsonl")
	r := mustRun(t, cfg)
	if c := r.Run.Counts; c.Computed != 2 || len(r.Run.Notices) == 0 || !strings.Contains(r.Run.Notices[0], "earlier-version, which can be deleted") {
		t.Errorf("%+v, %q", c, r.Run.Notices)
	}
	if !bytes.Equal(before, read(t, cfg.Out, "earlier-version", "journal.jsonl")) {
		t.Error("the journal that was set aside is another")
	}
	if r := mustRun(t, cfg); r.Run.Counts.Cached != 2 || len(r.Run.Notices) != 0 {
		t.Errorf("again: %+v, %q", r.Run.Counts, r.Run.Notices)
	}
}

// TestFolderOfToday: what this version keeps is read by this and later versions, or set
// aside with a sentence. When its format changes, its folder stays in testdata.
func TestFolderOfToday(t *testing.T) {
	cfg := kept(t, "2-packs")
	r, err := results.Read(cfg.Out)
	if err != nil || len(r.Kept) != 2 {
		t.Fatal(r, err)
	}
	j, err := store.ReadJournal(cfg.Out)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range r.Kept {
		o, err := store.Folder(cfg.Out).LoadOutcomes(key)
		if err != nil || o.N() != 24 {
			t.Error(err)
		}
		if j.Lookup(key) == nil || store.Folder(cfg.Out).LoadReplicates(key, cfg.Intervals.Drawn()) == nil {
			t.Error("no record or no replicates of " + key)
		}
	}
	cfg.Corpora, cfg.Metrics = nil, metrics.MustMeasures("auroc")
	if r := mustRun(t, cfg); len(r.Measures) != 4 || len(r.Rows) != 2 || !r.Rows[1].Cells[0].Defined() {
		t.Errorf("%v", r.Rows)
	}
}
