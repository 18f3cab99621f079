package harness_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"abstain/datasets"
	"abstain/harness"
	"abstain/harness/board"
	"abstain/harness/compare"
	"abstain/harness/evaluate"
	"abstain/harness/posthoc"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/ranks"
)

// furtherCorpus has two models with a test, a validation and an OOD table each, a
// score-only model, and clusters.
func furtherCorpus(t *testing.T) *datasets.Corpus {
	tables := map[string]string{}
	manifest := "file,model,dataset,split,condition\n"
	for k, model := range []string{"a", "b"} {
		for i, split := range []string{"test", "val", "ood"} {
			s := draw(uint64(10+i), 90, 1000*i, 1+float64(k)/8)
			condition := "clean"
			if split == "ood" {
				condition = "ood"
				for j := range s.label {
					s.label[j] = -1
				}
			}
			name := model + "-" + split + ".csv"
			tables[name] = withClusters(s.csv("l"))
			manifest += fmt.Sprintf("%s,%s,d,%s,%s\n", name, model, split, condition)
		}
	}
	scored := "sample_id,correct,confidence\n"
	for i := range 90 {
		scored += fmt.Sprintf("%d,%t,0.%d\n", i, i%4 > 0, 500+i)
	}
	tables["c.csv"], tables["manifest.csv"] = withClusters(scored), manifest+"c.csv,c,d,test,clean\n"
	return corpus(t, tables)
}

// withClusters adds a column that joins three samples each.
func withClusters(table string) string {
	lines := strings.Split(strings.TrimSpace(table), "\n")
	lines[0] += ",patient"
	for i, line := range lines[1:] {
		id, _, _ := strings.Cut(line, ",")
		n := 0
		fmt.Sscan(id, &n)
		lines[i+1] += fmt.Sprintf(",p%d", n/3)
	}
	return strings.Join(lines, "\n") + "\n"
}

// TestFurtherMetrics: metrics that a folder lacks have the values, intervals, ranks and
// differences that they have in the folder of a run that asked for them.
func TestFurtherMetrics(t *testing.T) {
	c := furtherCorpus(t)
	for name, intervals := range map[string]evaluate.Intervals{
		"plain": {Level: 0.95, Replicates: 50, Seed: 2}, "clusters": {Level: 0.9, Replicates: 50, Seed: 2, Cluster: "patient"},
		"exact": {Level: 0.95}, "bootstrap": {Level: 0.95, Replicates: 50, Seed: 2, Method: evaluate.ByBootstrap}, "none": {},
	} {
		run := func(ids ...string) *results.Results {
			out := t.TempDir()
			mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: out, Metrics: metrics.MustMeasures(ids...), Intervals: intervals,
				Confidences: []string{"msp", "entropy"}, Transforms: posthoc.Transforms{IDs: []string{"temperature"}}})
			r, err := results.Read(out)
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		further := []string{"auroc", "aurc", "risk@0.8", "sac@0.9", "ece@10", "smece", "nll", "ood-auroc"}
		few, all := run("accuracy"), run(append([]string{"accuracy"}, further...)...)
		got, err := few.With(metrics.MustMeasures(further...), func(results.Row) bool { return true })
		if err != nil {
			t.Fatal(err)
		}
		defined := map[string]bool{}
		for i, row := range got.Rows {
			for k, e := range row.Cells {
				defined[got.Measures[k].Name()] = defined[got.Measures[k].Name()] || e.Defined()
				if want := all.Rows[i].Cells[k]; row.Key != all.Rows[i].Key || !alike(e, want) {
					t.Errorf("%s: %v: %s is %+v, want %+v", name, row.Key, got.Measures[k].Name(), e, want)
				}
			}
		}
		for _, id := range further {
			if !defined[id] {
				t.Errorf("%s: %s is nowhere defined: nothing is tested", name, id)
			}
		}
		for _, id := range []string{"auroc", "risk@0.8"} {
			if got, want := ranked(t, few, id), ranked(t, all, id); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: by %s %v, want %v", name, id, got, want)
			}
			if got, want := compared(t, few, id), compared(t, all, id); got != want {
				t.Errorf("%s: by %s\n%s, want\n%s", name, id, got, want)
			}
		}
	}
}

// alike compares estimates by their bits, as far as results.csv has them.
func alike(a, b metrics.Estimate) bool {
	text := func(e metrics.Estimate) string { return fmt.Sprint(e.Value, e.Lo, e.Hi, e.Notes) }
	return text(a) == text(b)
}

func ranked(t *testing.T, r *results.Results, by string) (lines []string) {
	t.Helper()
	b, err := board.New(r, board.Options{By: metrics.MustMeasure(by)})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.ResolveRanks(r, board.Simultaneous, ranks.Options{Seed: 1, Draws: 200}); err != nil {
		t.Fatal(err)
	}
	for _, e := range b.Entries {
		lines = append(lines, fmt.Sprint(e.Model, e.Rank, e.Ranks, e.Tie, e.Value.Value, e.Value.Lo, e.Value.Hi))
	}
	return lines
}

func compared(t *testing.T, r *results.Results, by string) string {
	t.Helper()
	c, err := compare.Models(r, board.Selection{}, []string{"a", "b"}, compare.Options{Metrics: metrics.MustMeasures(by), Replicates: 50, Seed: 2})
	if err != nil {
		t.Fatal(err)
	}
	d := c.Metrics[0]
	return fmt.Sprint(d.A, d.B, d.Difference, d.P, d.Verdict)
}

// TestFurtherMetricsRefused: what outcomes cannot give is an error that says so.
func TestFurtherMetricsRefused(t *testing.T) {
	r := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{furtherCorpus(t)}, Out: t.TempDir(), Metrics: metrics.MustMeasures("accuracy")})
	every := func(results.Row) bool { return true }
	if _, err := r.With(metrics.MustMeasures("ece-classwise"), every); err == nil || !strings.Contains(err.Error(), "--metrics +ece-classwise adds it") {
		t.Errorf("class vectors: %v", err)
	}
	if same, err := r.With(metrics.MustMeasures("accuracy"), every); same != r || err != nil {
		t.Errorf("nothing to add: %v", err)
	}
	if e, err := r.Estimates(r.Rows[0], metrics.MustMeasures("aurc", "accuracy")); err != nil || !e[0].Defined() || !alike(e[1], r.Rows[0].Cells[0]) {
		t.Errorf("one row: %+v, %v", e, err)
	}
	r.Kept = nil
	if _, err := r.With(metrics.MustMeasures("aurc"), every); err == nil || !strings.Contains(err.Error(), "keeps no outcomes to compute it from (there are accuracy)") {
		t.Errorf("no outcomes: %v", err)
	}
}
