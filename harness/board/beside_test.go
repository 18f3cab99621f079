package board

import (
	"slices"
	"testing"

	"abstain/harness/evaluate"
	"abstain/metrics"
	"abstain/metrics/ranks"
)

// TestResolveBeside: the standings by a metric beside are those of a board that is ranked by
// it, in the board's own order; metrics that were not asked for are not tested, and keeping
// some of the metrics keeps their standings.
func TestResolveBeside(t *testing.T) {
	r := runOf(t, evaluate.Intervals{Level: 0.95, Method: evaluate.ByInfluence})
	o := ranks.Options{Seed: 1, Draws: 500}
	by := func(id string) *Board {
		b, err := New(r, Options{By: metrics.MustMeasure(id)})
		if err != nil {
			t.Fatal(err)
		}
		if err := b.ResolveRanks(r, Simultaneous, o); err != nil {
			t.Fatal(err)
		}
		return b
	}
	b := by("accuracy")
	asked := metrics.MustMeasures("aurc", "sac@0.9")
	if err := b.ResolveBeside(r, asked, o); err != nil {
		t.Fatal(err)
	}
	for _, m := range asked {
		direct, at := by(m.ID()), b.BesideAt(m)
		for _, e := range direct.Entries {
			mine := b.Entries[b.place(e.Model)].Standings[at]
			if got := b.Entries[b.place(e.Model)].RanksBeside[at]; got != e.Ranks {
				t.Errorf("%s by %s: ranks %v, ranked by it %v", e.Model, m.Name(), got, e.Ranks)
			}
			if want := direct.Standing(e); mine != want || want == NotTested {
				t.Errorf("%s by %s: %d, ranked by it %d", e.Model, m.Name(), mine, want)
			}
		}
		if b.TiedBeside[at] != direct.Resolution.Tied || direct.Resolution.Tied < 2 || direct.Resolution.Tied == len(b.Entries) {
			t.Errorf("%s: %d tied, ranked by it %d", m.Name(), b.TiedBeside[at], direct.Resolution.Tied)
		}
	}
	other := b.BesideAt(metrics.MustMeasure("smece"))
	if other < 0 || b.TiedBeside[other] != 0 || slices.ContainsFunc(b.Entries, func(e Entry) bool { return e.Standings[other] != NotTested }) {
		t.Error("a metric that was not asked for was tested")
	}
	want := b.Entries[3].Standings[b.BesideAt(asked[1])]
	b.KeepBeside(asked[1:])
	if len(b.TiedBeside) != 1 || len(b.Entries[3].Standings) != 1 || b.Entries[3].Standings[0] != want {
		t.Error("keeping a metric loses its standings")
	}
}
