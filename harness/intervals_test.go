package harness_test

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"abstain/datasets"
	"abstain/harness"
	"abstain/harness/evaluate"
	"abstain/harness/results"
	"abstain/metrics"
)

// TestReplicatesAreShared: a model's replicates, kept or made again, do not
// depend on the other models that are asked for. Differences are therefore those
// of the pair.
func TestReplicatesAreShared(t *testing.T) {
	tables := map[string]string{}
	for seed := range uint64(4) {
		tables[fmt.Sprintf("m%d.csv", seed)] = random(seed, 150, 4)
	}
	c := corpus(t, tables)
	cfg := harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Metrics: metrics.MustMeasures("aurc", "sac@0.9"),
		Intervals: evaluate.Intervals{Level: 0.95, Replicates: 60, Seed: 9}}
	r := mustRun(t, cfg)
	measures := metrics.MustMeasures("sac@0.90", "aurc") // "0.90" is another spelling of 0.9
	all, made, err := r.Replicates(r.Rows, measures[0])
	if err != nil || made != 0 || len(all) != 4 || len(all[0]) != 60 {
		t.Fatalf("%d made, %v", made, err)
	}
	pair, _, err := r.Replicates([]results.Row{r.Rows[3], r.Rows[1]}, measures[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(cfg.Out, "replicates")); err != nil {
		t.Fatal(err)
	}
	anew, made, err := r.Replicates(r.Rows, measures[0])
	if err != nil || made != 4 {
		t.Fatalf("%d made, %v", made, err)
	}
	varies := false
	for k := range all[0] {
		if pair[0][k]-pair[1][k] != all[3][k]-all[1][k] {
			t.Fatalf("replicate %d: the difference of a pair depends on who else is asked", k)
		}
		for i := range all {
			if all[i][k] != anew[i][k] {
				t.Fatalf("model %d, replicate %d: kept %v, anew %v", i, k, all[i][k], anew[i][k])
			}
		}
		varies = varies || all[0][k] != all[0][0]
	}
	if !varies {
		t.Error("all replicates are the same")
	}
	// the interval in the table is not of these replicates, which know too little of an
	// operating point, but holds nearly all of them
	cell := r.Rows[0].Cells[1]
	within := 0
	for _, v := range all[0] {
		if v >= cell.Lo-1e-6 && v <= cell.Hi+1e-6 {
			within++
		}
	}
	if within < 56 {
		t.Errorf("%d of 60 replicates in [%v, %v]", within, cell.Lo, cell.Hi)
	}
	if _, made, err := r.Replicates(r.Rows, measures[1]); err != nil || made != 4 { // AURC has an interval of closed form, so none were kept
		t.Errorf("AURC: %d made, %v", made, err)
	}
}

// TestReplicatesOfMoreMetrics: the replicates of a metric added later join those
// kept; another seed replaces all.
func TestReplicatesOfMoreMetrics(t *testing.T) {
	c := corpus(t, map[string]string{"a.csv": random(1, 80, 3)})
	cfg := harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Metrics: metrics.MustMeasures("sac@0.6"),
		Intervals: evaluate.Intervals{Level: 0.95, Replicates: 30, Seed: 1}}
	mustRun(t, cfg)
	cfg.Metrics = metrics.MustMeasures("sac@0.6", "risk@0.5")
	made := func(seed uint64) string {
		cfg.Intervals.Seed = seed
		r := mustRun(t, cfg)
		var counts []string
		for _, id := range []string{"sac@0.6", "risk@0.5"} {
			m := metrics.MustMeasures(id)
			_, n, err := r.Replicates(r.Rows, m[0])
			if err != nil {
				t.Fatal(err)
			}
			counts = append(counts, fmt.Sprint(n))
		}
		return strings.Join(counts, " ")
	}
	if got := made(1); got != "0 0" {
		t.Errorf("made %s", got)
	}
	if got := made(2); got != "0 0" {
		t.Errorf("made %s with another seed", got)
	}
}

// TestClusters: if rows are copies of each other, and a cluster column says so,
// intervals are as wide as those of the single rows.
func TestClusters(t *testing.T) {
	once := strings.Split(strings.TrimSpace(random(4, 100, 3)), "\n")
	var b strings.Builder
	b.WriteString("sample_id,label,patient,l0,l1,l2\n")
	for i, line := range once[1:] {
		f := strings.Split(line, ",")
		for copies := range 4 {
			fmt.Fprintf(&b, "%d,%s,p%d,%s\n", 4*i+copies, f[1], i, strings.Join(f[3:], ","))
		}
	}
	c := corpus(t, map[string]string{"a.csv": b.String()})
	width := func(i evaluate.Intervals) []float64 {
		var widths []float64
		for _, e := range mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(),
			Metrics: metrics.MustMeasures("accuracy", "aurc", "risk@0.8"), Intervals: i}).Rows[0].Cells {
			widths = append(widths, e.Hi-e.Lo)
		}
		return widths
	}
	i := evaluate.Intervals{Level: 0.95, Replicates: 400, Seed: 1}
	plain := width(i)
	i.Cluster = "patient"
	for k, w := range width(i) {
		// the root of 4; more for areas, as a cluster of errors that is missing counts more
		if ratio := w / plain[k]; !(ratio > 1.6 && ratio < 2.5 || k == 1 && ratio > 2 && ratio < 3.2) {
			t.Errorf("measure %d: %v with clusters, %v without", k, w, plain[k])
		}
	}
}

// TestGroupsHaveIntervals checks metrics with and without an interval of closed
// form.
func TestGroupsHaveIntervals(t *testing.T) {
	c := corpus(t, map[string]string{"a.csv": random(1, 300, 4)})
	cfg := harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Metrics: metrics.MustMeasures("accuracy", "risk@0.8"), Groups: []string{"group"},
		Intervals: evaluate.Intervals{Level: 0.9, Replicates: 50, Seed: 1}}
	r := mustRun(t, cfg)
	for _, g := range r.GroupRows {
		for i, e := range g.Cells {
			if e.Level != 0.9 || !(e.Lo < e.Hi) {
				t.Errorf("%s: %s: %+v", g.Group, r.Measures[i].Name(), e)
			}
		}
	}
	if head, _, _ := strings.Cut(string(read(t, cfg.Out, "groups.csv")), "\n"); !strings.HasSuffix(head, ",group,status,n,classes,accuracy,accuracy.lo,accuracy.hi,risk@0.8,risk@0.8.lo,risk@0.8.hi") {
		t.Errorf("groups.csv begins %s", head)
	}
	if again := mustRun(t, cfg); again.Run.Counts.Cached != 1 || len(r.GroupRows) != 2 {
		t.Errorf("%+v, %d groups", again.Run.Counts, len(r.GroupRows))
	}
}

// TestSlowMetrics: slow metrics have replicates only if every metric is asked
// for.
func TestSlowMetrics(t *testing.T) {
	c := corpus(t, map[string]string{"a.csv": random(1, 300, 3)})
	cfg := harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Metrics: metrics.MustMeasures("gamma"),
		Intervals: evaluate.Intervals{Level: 0.95, Replicates: 20, Seed: 1}}
	if e := mustRun(t, cfg).Rows[0].Cells[0]; e.Level != 0 || !math.IsNaN(e.Lo) {
		t.Errorf("%+v", e)
	}
	if r := mustRun(t, cfg); r.Run.Counts.Cached != 1 {
		t.Errorf("the same again: %+v", r.Run.Counts)
	}
	cfg.Intervals.Every = true
	r := mustRun(t, cfg)
	if e := r.Rows[0].Cells[0]; e.Level != 0.95 || !(e.Lo < e.Hi) {
		t.Errorf("%+v", e)
	}
	if _, made, err := r.Replicates(r.Rows, r.Measures[0]); made != 0 || err != nil {
		t.Errorf("%d made, %v", made, err)
	}
	cfg.Intervals.Every = false
	if r := mustRun(t, cfg); r.Run.Counts.Cached != 1 || r.Rows[0].Cells[0].Level != 0.95 {
		t.Errorf("what is there is not used: %+v", r.Run.Counts)
	}
}

// TestMethodsOfIntervals: by bootstrap or BCa, every metric's interval comes from
// replicates, and differs from the closed form's without lying elsewhere.
func TestMethodsOfIntervals(t *testing.T) {
	c := corpus(t, map[string]string{"a.csv": random(1, 300, 4)})
	cells := func(method string) []metrics.Estimate {
		return mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Metrics: metrics.MustMeasures("accuracy", "auroc", "aurc", "nll"),
			Intervals: evaluate.Intervals{Level: 0.95, Method: method, Replicates: 400, Seed: 1}}).Rows[0].Cells
	}
	closed := cells(evaluate.ByInfluence)
	for _, method := range []string{evaluate.ByBootstrap, evaluate.ByBCa} {
		for i, e := range cells(method) {
			width := closed[i].Hi - closed[i].Lo
			if e.Value != closed[i].Value || e.Lo == closed[i].Lo || math.Abs(e.Lo-closed[i].Lo) > 0.25*width || math.Abs(e.Hi-closed[i].Hi) > 0.25*width {
				t.Errorf("%s: measure %d: %+v, closed form %+v", method, i, e, closed[i])
			}
		}
	}
}
