package board

import (
	"fmt"
	"slices"

	"abstain/metrics/ranks"
	"abstain/metrics/spelling"
)

// Against is what the data say of a model beside a pinned reference.
type Against struct {
	Difference float64 // value less that of the reference, in the metric's unit
	Lo, Hi     float64 // its interval; those of all models hold at once
	// Verdict is Better or Worse where the test proves it and the interval leaves out
	// 0; else Unproven, or Reference for the reference itself.
	Verdict ranks.Verdict
}

// Pin sets every entry that has a rank interval against one model, which has to
// be among them. It is meant for a model named before the values were seen. It has
// to be called between ResolveRanks and Cut. Without rank intervals it does
// nothing: then a note says why there are none.
func (b *Board) Pin(model string) error {
	if !slices.ContainsFunc(b.Entries, func(e Entry) bool { return e.Model == model }) {
		return fmt.Errorf("no model %q to compare with; abstain ls models lists them%s%s", model, inside(b), spelling.Meant(model, b.models()))
	}
	if b.resolved == nil {
		return nil
	}
	sets, reference := b.resolved.sets, slices.Index(b.resolved.models, model)
	if reference < 0 {
		return fmt.Errorf("model %q has no %s to compare with", model, b.By.Metric.Label)
	}
	b.Pinned = &Pinned{Model: model, Others: len(sets.Sets) - 1, Level: sets.Level, Critical: sets.AgainstCritical(reference),
		Noise: b.resolved.noise}
	for i := range b.Entries {
		e := &b.Entries[i]
		k := slices.Index(b.resolved.models, e.Model)
		if k < 0 {
			continue
		}
		a := b.resolved.against(reference, k)
		switch a.Verdict {
		case ranks.Better:
			b.Pinned.Better++
		case ranks.Worse:
			b.Pinned.Worse++
		}
		e.Against = &a
	}
	b.Pinned.Marked = b.outdoneButTied()
	return nil
}

// against sets the k-th model against a reference.
func (r *resolved) against(reference, k int) Against {
	a := Against{Verdict: ranks.Unproven}
	a.Difference, a.Lo, a.Hi = r.sets.Difference(reference, k)
	switch proven := r.sets.Against(reference, k); {
	case k == reference:
		a.Verdict = ranks.Reference
	case !a.leavesOut0(): // the step-down proves a little more than the intervals show
	case proven > 0:
		a.Verdict = ranks.Better
	case proven < 0:
		a.Verdict = ranks.Worse
	}
	return a
}

// models are the names of the entries.
func (b *Board) models() []string {
	var names []string
	for _, e := range b.Entries {
		names = append(names, e.Model)
	}
	return names
}

// leavesOut0 reports whether the difference has an interval on one side of 0.
func (a Against) leavesOut0() bool { return a.Lo > 0 || a.Hi < 0 }

// outdoneButTied counts the models that are proven worse than another one beside the
// pinned one, and all the same not told apart from the best by the ranks.
func (b *Board) outdoneButTied() int {
	n := 0
	for _, e := range b.Entries {
		if e.Against == nil || !e.Tie {
			continue
		}
		if e.Against.Verdict == ranks.Worse || e.Against.Verdict == ranks.Reference && b.Pinned.Better > 0 {
			n++
		}
	}
	return n
}

func inside(b *Board) string {
	if len(b.Choice.Where) == 0 {
		return ""
	}
	return " (it has to be inside the filter)"
}

// MarkTop marks the models that may be among the top best, by the confidence set of
// those: at the level it holds every model whose true rank is at most top. It
// has to be called between ResolveRanks and Cut, and does nothing without rank
// intervals.
func (b *Board) MarkTop(top int) error {
	if top < 1 {
		return fmt.Errorf("a set of the %d best: want 1 or more", top)
	}
	if b.resolved == nil {
		return nil
	}
	var names []string
	for _, k := range b.resolved.sets.MayBeAmong(top) {
		names = append(names, b.resolved.models[k])
	}
	for i := range b.Entries {
		b.Entries[i].MayBeTop = slices.Contains(names, b.Entries[i].Model)
	}
	slices.SortFunc(names, func(x, y string) int { return b.place(x) - b.place(y) })
	b.MayBeTop = &MayBeTop{top, names, b.resolved.sets.Level}
	return nil
}

// place is the place of a model in the order of the board.
func (b *Board) place(model string) int {
	return slices.IndexFunc(b.Entries, func(e Entry) bool { return e.Model == model })
}
