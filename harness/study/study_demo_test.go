package study

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"abstain/datasets"
	"abstain/datasets/demo"
	"abstain/harness"
	"abstain/harness/board"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/ranks"
)

// demoResults evaluates the embedded corpus into a folder of the test.
func demoResults(t *testing.T) *results.Results {
	t.Helper()
	corpus, err := demo.Corpus()
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	_, err = harness.Run(context.Background(), harness.Config{Corpora: []*datasets.Corpus{corpus}, Out: out,
		Metrics: metrics.MustMeasures("accuracy", "auroc", "aurc", "ece", "overconfidence", "ood-auroc")})
	if err != nil {
		t.Fatal(err)
	}
	results, err := results.Read(out)
	if err != nil {
		t.Fatal(err)
	}
	return results
}

// TestStudyOfDemo puts every experiment to the embedded corpus of 523 real
// classifiers and computes some of the numbers again from the rows.
func TestStudyOfDemo(t *testing.T) {
	results := demoResults(t)
	o := Options{Metrics: metrics.MustMeasures("accuracy", "auroc", "aurc", "ece@15"), Replicates: 40, Seed: 1}
	r, err := Run(t.Context(), results, o)
	if err != nil {
		t.Fatal(err)
	}
	checkFindings(t, r)
	if r.Models != 523 || len(r.Broken) != 0 || r.N != 1000 || !r.Outcomes {
		t.Errorf("%d models, %d samples, broken %v", r.Models, r.N, r.Broken)
	}
	t.Run("regimes", func(t *testing.T) { checkRegimes(t, results, r) })
	t.Run("conditions", func(t *testing.T) { checkConditions(t, results, r) })
	t.Run("severity", func(t *testing.T) { checkSeverity(t, results, r) })
	t.Run("workers", func(t *testing.T) {
		o := o
		o.Where = []board.Filter{{Key: "family", Value: "cnn"}} // 88 models: rank sets of all take long
		r, err := Run(t.Context(), results, o)
		if err != nil {
			t.Fatal(err)
		}
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		again, err := Run(t.Context(), results, o)
		if err != nil {
			t.Fatal(err)
		}
		for k := range r.Experiments {
			a, b := r.Experiments[k], again.Experiments[k]
			if fmt.Sprint(a.Findings, a.Missing, a.Notes, a.Tables) != fmt.Sprint(b.Findings, b.Missing, b.Notes, b.Tables) {
				t.Errorf("%s depends on the number of workers", a.Name)
			}
		}
	})
	t.Run("constraint", func(t *testing.T) {
		o := Options{Selection: board.Selection{Where: []board.Filter{{Key: "regime", Value: "distilled"}}}, Replicates: 40, Seed: 1}
		few, err := Run(t.Context(), results, o)
		if err != nil {
			t.Fatal(err)
		}
		checkBoardTaken(t, results, o, few)
		checkFindings(t, few)
		checkConstraint(t, results, few)
		checkTied(t, results, few)
	})
}

// checkFindings demands of every experiment that it has data or says what is
// missing, and of every finding that it names its test and what n counts.
func checkFindings(t *testing.T, r *Report) {
	t.Helper()
	if len(r.Experiments) != len(experiments)-3 { // those of presets, prediction sets and borrowed calibration are out of place
		t.Fatalf("%d experiments", len(r.Experiments))
	}
	files := map[string]bool{}
	for _, e := range r.Experiments {
		if len(e.Tables) == 0 && len(e.Missing) == 0 {
			t.Errorf("%s has neither data nor a reason", e.Name)
		}
		if (e.Data == nil) != (len(e.Tables) == 0) {
			t.Errorf("%s has data %T and %d tables", e.Name, e.Data, len(e.Tables))
		}
		for _, f := range e.Findings {
			if f.Claim == nil || !f.Basis.stands() && !ofValues(f.Claim) || f.N <= 0 || f.Of == "" {
				t.Errorf("%s: a claim without its test: %+v", e.Name, f)
			}
		}
		for _, table := range e.Tables {
			if files[table.Name] {
				t.Errorf("two tables %s", table.Name)
			}
			files[table.Name] = true
			for _, row := range table.Rows {
				if len(row) != len(table.Columns) {
					t.Fatalf("%s: a row of %d cells under %d heads", table.Name, len(row), len(table.Columns))
				}
			}
		}
	}
}

// stands reports whether there is anything that a finding rests on.
func (b Basis) stands() bool { return b.Counted || len(b.Tests)+len(b.Intervals) > 0 }

// ofValues reports whether a claim gives values of single models, which the folder
// need not have intervals of.
func ofValues(c Claim) bool {
	switch c.(type) {
	case CurveModel, Extremes, BestUnderConstraint:
		return true
	}
	return false
}

// rowOf is the row of a model under a condition.
func rowOf(t *testing.T, s *results.Results, model, condition string) results.Row {
	t.Helper()
	for _, row := range s.Rows {
		if row.Model == model && row.Condition == condition && row.Split != "val" && row.Status == "ok" {
			return row
		}
	}
	t.Fatalf("no row of %s under %s", model, condition)
	panic("unreachable")
}

func checkRegimes(t *testing.T, s *results.Results, r *Report) {
	d := data[*Regimes](t, r, "regimes")
	pairs := 0
	for _, c := range d.Changes {
		if c.Metric != "auroc" {
			continue
		}
		pairs += len(c.Values)
		for k, m := range c.Names {
			base := s.Meta(m, "fashion-523").Get("base")
			at := s.Column(metrics.MustMeasure("auroc"))
			want := rowOf(t, s, m, "clean").Cells[at].Value - rowOf(t, s, base, "clean").Cells[at].Value
			if c.Values[k] != want || s.Meta(m, "fashion-523").Get("regime") != c.Treatment {
				t.Fatalf("%s against %s: %v, want %v", m, base, c.Values[k], want)
			}
		}
		if c.Units >= leastUnits(0.95) && !(c.Both.Hi > c.Both.Lo && c.Samples.Hi > c.Samples.Lo && c.Models.Hi >= c.Models.Lo) {
			t.Errorf("%s: intervals %v, %v, %v", c.Treatment, c.Samples, c.Models, c.Both)
		}
	}
	if pairs != 384 {
		t.Errorf("%d pairs, but 384 models have a base", pairs)
	}
}

// checkConditions finds the clean samples of a condition's table again.
func checkConditions(t *testing.T, s *results.Results, r *Report) {
	d := data[*Conditions](t, r, "conditions")
	if len(d.Settings) != 11 || !d.SameSamples {
		t.Fatalf("%d conditions", len(d.Settings))
	}
	for i, in := range d.Settings {
		if i%4 != 0 {
			continue
		}
		m := slices.IndexFunc(d.Under[i][0], func(v float64) bool { return !math.IsNaN(v) })
		under, clean := rowOf(t, s, d.Models[m], in.Name), rowOf(t, s, d.Models[m], "clean")
		_, ids, err := s.Samples(under.Key)
		if err != nil {
			t.Fatal(err)
		}
		o, all, err := s.Samples(clean.Key)
		if err != nil {
			t.Fatal(err)
		}
		var rows []int32
		for row, id := range all.Int {
			if slices.Contains(ids.Int, id) {
				rows = append(rows, int32(row))
			}
		}
		if len(rows) != under.N || under.N == clean.N {
			t.Fatalf("%d of %d samples", len(rows), under.N)
		}
		part := o.Take(rows)
		for k, id := range d.Metrics {
			metric := metrics.MustMeasure(id)
			want := metric.Of(metrics.Rank(part, part.Confidence(clean.Confidence))).Value
			if d.Clean[i][k][m] != want || d.Under[i][k][m] != under.Cells[s.Column(metric)].Value {
				t.Errorf("%s under %s, %s: clean %v, want %v", d.Models[m], in.Name, id, d.Clean[i][k][m], want)
			}
		}
	}
}

// With three classes out of distribution each is a level by itself.
func checkSeverity(t *testing.T, s *results.Results, r *Report) {
	d := data[*Severity](t, r, "severity")
	if len(d.Levels) != 3 || !d.Computed || d.Levels[0].N != 68 {
		t.Fatalf("%+v", d.Levels)
	}
	for i := range d.Models {
		if math.IsNaN(d.Values[0][i]) {
			continue
		}
		whole := rowOf(t, s, d.Models[i], "ood").Cells[s.Column(metrics.MustMeasure("ood-auroc"))].Value
		mean := (d.Values[0][i] + d.Values[1][i] + d.Values[2][i]) / 3
		if math.Abs(mean-whole) > 0.08 { // classes are of equal size; a quarter of their samples is judged
			t.Errorf("%s: levels have the mean %v, the whole table %v", d.Models[i], mean, whole)
		}
	}
}

func checkConstraint(t *testing.T, s *results.Results, r *Report) {
	for _, c := range data[[]Constraint](t, r, "constraint") {
		best, model := math.Inf(-1), ""
		for _, p := range c.Scatter.Points {
			o, err := s.Outcomes(rowOf(t, s, p.Model, "clean").Key)
			if err != nil {
				t.Fatal(err)
			}
			sac := metrics.MustMeasure(fmt.Sprintf("sac@%g", c.Accuracy))
			if v := sac.Of(metrics.Rank(o, &o.Confidences[0])).Value; v != p.Y {
				t.Errorf("%s: coverage %v, want %v", p.Model, p.Y, v)
			} else if v > best {
				best, model = v, p.Model
			}
		}
		if model != c.Best || len(c.Scatter.Points) != 36 || !slices.Contains(c.Rivals, c.Best) {
			t.Errorf("best %s, want %s; %d models; rivals %v", c.Best, model, len(c.Scatter.Points), c.Rivals)
		}
	}
}

// checkTied demands that the study names as many models not told apart from the best as the
// leaderboard marks, and of its best the interval that the leaderboard shows.
func checkTied(t *testing.T, s *results.Results, r *Report) {
	checked := 0
	for _, e := range r.Experiments {
		for _, f := range e.Findings {
			c, ok := f.Claim.(Extremes)
			if !ok {
				continue
			}
			b, err := board.New(s, board.Options{Selection: board.Selection{Where: []board.Filter{{Key: "regime", Value: "distilled"}}}, By: metrics.MustMeasure(c.Metric)})
			if err != nil {
				t.Fatal(err)
			}
			if err := b.ResolveRanks(s, board.Simultaneous, ranks.Options{Seed: 1}); err != nil {
				t.Fatal(err)
			}
			tied := 0
			for _, entry := range b.Entries {
				if entry.Tie {
					tied++
				}
			}
			if best := c.Best[0]; c.Tied != (Tied{tied, 36}) || best.Model != b.Entries[0].Model || fmt.Sprint(best.Estimate) != fmt.Sprint(b.Entries[0].Value) {
				t.Errorf("%s: %+v and %+v, the leaderboard has %d tied and %+v", c.Metric, c.Tied, best, tied, b.Entries[0])
			}
			checkRankSets(t, r, b)
			checked++
		}
	}
	if checked != 2 {
		t.Errorf("%d claims of the best", checked)
	}
}

// checkBoardTaken demands the same study of a board whose rank sets it need not make.
func checkBoardTaken(t *testing.T, s *results.Results, o Options, want *Report) {
	t.Helper()
	b, err := board.New(s, board.Options{Selection: o.Selection, By: metrics.MustMeasure("auroc")})
	if err != nil {
		t.Fatal(err)
	}
	how := ranks.Options{Seed: 1}
	if err := errors.Join(b.ResolveRanks(s, board.Simultaneous, how), b.ResolveBeside(s, metrics.MustMeasures("aurc", "ece@15"), how)); err != nil {
		t.Fatal(err)
	}
	o.Board = b
	got, err := Run(t.Context(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	sorted := func(r *Report) (all []string) {
		for _, e := range r.Experiments {
			all = append(all, fmt.Sprint(e.Name, e.Findings, e.Missing))
			for _, table := range e.Tables {
				for _, row := range table.Rows {
					all = append(all, fmt.Sprint(table.Name, row))
				}
			}
		}
		slices.Sort(all) // rank sets come in the order of the board
		return all
	}
	if !slices.Equal(sorted(got), sorted(want)) {
		t.Error("a board that is given changes the study")
	}
}

// checkRankSets demands that the table of rank sets has those of the leaderboard.
func checkRankSets(t *testing.T, r *Report, b *board.Board) {
	t.Helper()
	want, got := map[string]string{}, map[string]string{}
	for _, e := range b.Entries {
		want[e.Model] = fmt.Sprint(len(b.Entries), e.Ranks.Lo, e.Ranks.Hi, e.Tie)
	}
	for _, e := range r.Experiments {
		for _, table := range e.Tables {
			if table.Name != "rank-sets" {
				continue
			}
			for _, row := range table.Rows {
				if row[1] == b.By.Name() {
					got[row[0].(string)] = fmt.Sprint(row[2:]...)
				}
			}
		}
	}
	if !maps.Equal(want, got) {
		t.Errorf("rank sets by %s: %v, want %v", b.By.Name(), got, want)
	}
}

// TestStudyOfUnknownModel: a name that is not there is an error, not an empty figure.
func TestStudyOfUnknownModel(t *testing.T) {
	r := &results.Results{Measures: metrics.MustMeasures("accuracy")}
	for _, model := range []string{"a", "b"} {
		r.Rows = append(r.Rows, results.Row{Status: "ok", N: 100, Classes: 10, Cells: []metrics.Estimate{{Value: 0.9}},
			Key: results.Key{Model: model, Dataset: "data", Split: "test", Condition: "clean", Transform: "none", Confidence: "msp"}})
	}
	if _, err := Run(context.Background(), r, Options{Models: []string{"a", "zz"}}); err == nil || !strings.Contains(err.Error(), `no model "zz"`) {
		t.Errorf("error %v", err)
	}
}
