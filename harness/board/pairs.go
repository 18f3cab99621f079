package board

import (
	"abstain/harness/results"
	"abstain/metrics/ranks"
)

// Pairs is what the data say of every two models of a board: what its rank sets and
// its comparisons with a pinned model are counted from.
type Pairs struct {
	Models []string // those with a value, best first; the methods mean them by place
	of     *resolved
}

// Pairs returns the comparisons behind the board's rank sets; nil if it has none. They
// are those of all models inside the filter, whatever was cut since.
func (b *Board) Pairs() *Pairs {
	if b.resolved == nil {
		return nil
	}
	return &Pairs{b.resolved.models, b.resolved}
}

// Over reports whether model i is proven better than model j. All such statements on
// a board hold at once at its level, and so do those on any part of its models.
func (p *Pairs) Over(i, j int) bool { return p.of.sets.Over(i, j) }

// Ranks are the rank set of model i as the board shows it.
func (p *Pairs) Ranks(i int) ranks.Interval {
	if p.of.kind == Marginal {
		return p.of.sets.Sets[i].Marginal
	}
	return p.of.sets.Sets[i].Simultaneous
}

// Critical is how many standard errors wide, to either side, the intervals of Against
// are for a reference.
func (p *Pairs) Critical(reference int) float64 { return p.of.sets.AgainstCritical(reference) }

// Against sets model i against a reference, as Board.Pin does.
func (p *Pairs) Against(reference, i int) Against { return p.of.against(reference, i) }

// ResolveAs gives the board rank sets made as those of another board are, which says
// how; without any there, it does nothing.
func (b *Board) ResolveAs(other *Board, s *results.Results) error {
	if other.resolved == nil {
		return nil
	}
	return b.ResolveRanks(s, other.resolved.kind, other.resolved.options)
}
