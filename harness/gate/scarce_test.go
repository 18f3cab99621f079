package gate_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"abstain/datasets"
	"abstain/harness"
	"abstain/harness/board"
	"abstain/harness/compare"
	"abstain/harness/evaluate"
	"abstain/harness/gate"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/ranks"
)

// oneError runs three models on 1000 samples, each of them wrong on one: the surest of a,
// the 300th of b, the last of c.
func oneError(t *testing.T) *results.Results {
	t.Helper()
	files := fstest.MapFS{}
	for model, wrong := range map[string]int{"a": 0, "b": 300, "c": 999} {
		var b strings.Builder
		b.WriteString("sample_id,label,p0,p1\n")
		for i := range 1000 {
			p := 0.999 - 0.000499*float64(i)
			if i == wrong {
				p = 1 - p // sure of the other class
			}
			fmt.Fprintf(&b, "%d,0,%.7f,%.7f\n", i, p, 1-p)
		}
		files[model+".csv"] = &fstest.MapFile{Data: []byte(b.String())}
	}
	corpus, err := datasets.OpenFS(files, ".", "one")
	if err != nil {
		t.Fatal(err)
	}
	r, err := harness.Run(context.Background(), harness.Config{Corpora: []*datasets.Corpus{corpus}, Out: t.TempDir(),
		Metrics: metrics.MustMeasures("auroc", "aupr-error"), Intervals: evaluate.Intervals{Level: 0.95}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestOneErrorProvesNothing: neither of a model, nor of an order, nor to a gate.
func TestOneErrorProvesNothing(t *testing.T) {
	r := oneError(t)
	t.Run("board", func(t *testing.T) { onBoard(t, r) })
	t.Run("compare", func(t *testing.T) { onComparison(t, r) })
}

func onBoard(t *testing.T, r *results.Results) {
	b, err := board.New(r, board.Options{By: metrics.MustMeasure("auroc")})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.ResolveRanks(r, board.Simultaneous, ranks.Options{}); err != nil {
		t.Fatal(err)
	}
	if err := b.Pin("a"); err != nil {
		t.Fatal(err)
	}
	for _, e := range b.Entries {
		if e.Value.Lo > 0 || e.Value.Hi < 1 || e.Value.Notes == nil {
			t.Errorf("%s: %+v is sure of what one error shows", e.Model, e.Value)
		}
		if e.Ranks != (ranks.Interval{Lo: 1, Hi: 3}) || e.Against.Verdict == ranks.Better || e.Against.Verdict == ranks.Worse {
			t.Errorf("%s has rank %+v, %+v", e.Model, e.Ranks, e.Against)
		}
	}
	said := slices.ContainsFunc(b.Notes, func(n board.Note) bool { _, ok := n.(board.FewOfAKind); return ok })
	if len(b.Scarce.Models) != 3 || !b.Scarce.All || !said {
		t.Errorf("the board does not say so: %+v, %q", b.Scarce, b.Notes)
	}
	var gates []gate.Gate
	for _, text := range []string{"auroc < 0.5", "auroc > 0.5"} {
		g, err := gate.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		gates = append(gates, g)
	}
	breaches, _, err := gate.OnBoard(b, gates, nil)
	if err != nil || breaches != nil {
		t.Errorf("gates: %v, %v", breaches, err)
	}
}

func onComparison(t *testing.T, r *results.Results) {
	c, err := compare.Models(r, board.Selection{}, []string{"a", "b", "c"}, compare.Options{Metrics: []metrics.Measure{metrics.MustMeasure("auroc")}, Replicates: 50})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range c.Metrics {
		if d.P != 1 || d.Verdict != ranks.Unproven {
			t.Errorf("%s: %+v", d.Model, d)
		}
	}
}
