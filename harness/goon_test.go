package harness_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"abstain/datasets"
	"abstain/harness"
	"abstain/harness/evaluate"
	"abstain/harness/posthoc"
	"abstain/harness/results"
	"abstain/metrics"
)

// missing lists those of the files that a folder does not have.
func missing(dir string, names ...string) (gone []string) {
	for _, name := range names {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			gone = append(gone, name)
		}
	}
	return gone
}

// TestMetricsStay: what was asked before stays, behind what is asked now, computed for
// new tables too.
func TestMetricsStay(t *testing.T) {
	out, tables := t.TempDir(), map[string]string{"a.csv": random(1, 60, 3)}
	cfg := harness.Config{Corpora: []*datasets.Corpus{corpus(t, tables)}, Out: out, Metrics: metrics.MustMeasures("ece", "accuracy", "ece-classwise"),
		Confidences: []string{"entropy"}, Intervals: evaluate.Intervals{Level: 0.9}}
	before := mustRun(t, cfg)
	tables["b.csv"] = random(2, 60, 3)
	cfg.Corpora, cfg.Metrics, cfg.Confidences = []*datasets.Corpus{corpus(t, tables)}, metrics.MustMeasures("aurc", "accuracy"), nil
	r := mustRun(t, cfg)
	if got := fmt.Sprint(r.Names(), r.Run.Metrics, r.Run.Confidences); got != "[aurc accuracy ece ece-classwise] [aurc accuracy ece ece-classwise] [entropy msp score:*]" {
		t.Errorf("metrics and confidence functions %s", got)
	}
	if r.Rows[0].Cells[3].Value != before.Rows[0].Cells[2].Value || len(r.Rows) != 4 {
		t.Errorf("%d rows, the first %+v, before %+v", len(r.Rows), r.Rows[0], before.Rows[0])
	}
	for _, row := range r.Rows {
		if slices.ContainsFunc(row.Cells, func(e metrics.Estimate) bool { return !e.Defined() }) && row.Confidence == "msp" {
			t.Errorf("not all are computed: %+v", row)
		}
	}
	// without the corpus: metrics over class vectors stay as long as the journal has them
	cfg.Corpora, cfg.Metrics = nil, metrics.MustMeasures("auroc")
	r = mustRun(t, cfg)
	if got := fmt.Sprint(r.Names(), r.Run.Confidences, r.Run.Notices); got != "[auroc aurc accuracy ece ece-classwise] [entropy msp score:*] []" {
		t.Errorf("without the corpus %s", got)
	}
	cfg.Intervals.Level = 0.8
	r = mustRun(t, cfg)
	if got := fmt.Sprint(r.Names(), r.Run.Notices); !strings.HasPrefix(got, "[auroc aurc accuracy ece] [metric \"ece-classwise\" is left out: ") {
		t.Errorf("without the corpus at another level %s", got)
	}
}

// TestStaleFilesGo: what a run does not make any more is not left over.
func TestStaleFilesGo(t *testing.T) {
	out := t.TempDir()
	table := draw(5, 60, 0, 2)
	c := corpus(t, map[string]string{"m.csv": table.csv("l")})
	cfg := harness.Config{Corpora: []*datasets.Corpus{c}, Out: out, Metrics: metrics.MustMeasures("accuracy"), Groups: []string{"label"},
		Transforms: posthoc.Transforms{IDs: []string{"temperature"}, Holdout: 0.3, Seed: 1}}
	mustRun(t, cfg)
	all := []string{"groups.csv", "disparities.csv", "transforms.csv"}
	if gone := missing(out, all...); gone != nil {
		t.Fatalf("not made: %v", gone)
	}
	kept := harness.Config{Out: out, Metrics: metrics.MustMeasures("aurc")}
	if r := mustRun(t, kept); missing(out, all...) != nil || len(r.GroupRows) == 0 || len(r.Fits) == 0 {
		t.Errorf("without the corpus gone: %v, %d rows of groups, %d fits", missing(out, all...), len(r.GroupRows), len(r.Fits))
	}
	cfg.Groups, cfg.Transforms = nil, posthoc.Transforms{}
	mustRun(t, cfg)
	if gone := missing(out, all...); len(gone) != 3 {
		t.Errorf("gone: %v of %v", gone, all)
	}
}

// TestRenderedFromOtherResults: a run says what of the folder is older than its results,
// and removes the study of another corpus.
func TestRenderedFromOtherResults(t *testing.T) {
	out := t.TempDir()
	named := func(name string, seed uint64) []*datasets.Corpus {
		c := corpus(t, map[string]string{"m.csv": random(seed, 40, 3)})
		c.Name = name
		return []*datasets.Corpus{c}
	}
	cfg := harness.Config{Corpora: named("one", 1), Out: out, Metrics: metrics.MustMeasures("accuracy")}
	mustRun(t, cfg)
	if err := os.Mkdir(filepath.Join(out, "study"), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, "{}", out, "study", "study.json")
	write(t, "<body>", out, "report.html")
	for _, c := range []struct {
		corpora []*datasets.Corpus
		want    string
	}{
		{named("one", 1), "[] []"}, {named("one", 2), "[report.html study] []"}, {named("two", 1), "[report.html] [study]"}, {named("two", 2), "[report.html] []"},
	} {
		cfg.Corpora = c.corpora
		r := mustRun(t, cfg)
		if got := fmt.Sprint(r.Older, r.Removed); got != c.want {
			t.Errorf("%s: older and removed %s, want %s", c.corpora[0].Name, got, c.want)
		}
	}
	if i := results.ReadInfo(out); i.Corpora[0].Name != "two" || results.ReadInfo(t.TempDir()).Metrics != nil {
		t.Errorf("run.json: %+v", i)
	}
}
