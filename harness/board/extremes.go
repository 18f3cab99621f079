package board

import (
	"math"
	"slices"

	"abstain/metrics"
)

// Extreme is a model that shows how far something goes, and what that is.
type Extreme struct{ Model, Role string }

// CalibrationExtremes picks models whose reliability diagrams show how well and how badly
// models are calibrated: the best of the board, the one with the smallest ECE, and, among
// the more accurate half, those whose mean confidence is farthest above and below their
// accuracy. Each model is picked once, and metrics that the board lacks pick none.
func CalibrationExtremes(b *Board) []Extreme {
	var picks []Extreme
	pick := func(role string, entries []Entry, k int, more bool) {
		if k < 0 {
			return
		}
		best, at := math.Inf(-1), -1
		for i, e := range entries {
			v := e.Beside[k].Value
			if !more {
				v = -v
			}
			taken := slices.ContainsFunc(picks, func(p Extreme) bool { return p.Model == e.Model })
			if e.Beside[k].Defined() && v > best && !taken {
				best, at = v, i
			}
		}
		if at >= 0 {
			picks = append(picks, Extreme{entries[at].Model, role})
		}
	}
	if len(b.Entries) > 0 && b.Entries[0].Value.Defined() {
		picks = append(picks, Extreme{b.Entries[0].Model, "best " + b.By.Label()})
	}
	pick("smallest ECE", b.Entries, b.BesideAt(metrics.MustMeasure("ece@15")), false)
	accurate := b.accurateHalf()
	gap := b.BesideAt(metrics.MustMeasure("overconfidence"))
	pick("most over-confident", accurate, gap, true)
	pick("least confident", accurate, gap, false)
	return picks
}

// accurateHalf are the entries whose accuracy is at least the median; all of them if the
// board lacks accuracies.
func (b *Board) accurateHalf() []Entry {
	k := b.BesideAt(metrics.MustMeasure("accuracy"))
	if k < 0 {
		return b.Entries
	}
	var values []float64
	for _, e := range b.Entries {
		if e.Beside[k].Defined() {
			values = append(values, e.Beside[k].Value)
		}
	}
	if len(values) == 0 {
		return b.Entries
	}
	slices.Sort(values)
	least := values[len(values)/2]
	return slices.DeleteFunc(slices.Clone(b.Entries), func(e Entry) bool { return !(e.Beside[k].Value >= least) })
}
