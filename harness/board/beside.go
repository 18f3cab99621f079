package board

import (
	"math"
	"slices"

	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/ranks"
)

// Standing is what the data say of a model beside the best by one metric.
type Standing uint8

// Standings.
const (
	NotTested Standing = iota // no value, no outcomes, or a metric without a better end
	MayBeBest                 // not told apart from the best
	NotBest                   // proven worse than the best
)

// ResolveBeside finds, for some of the metrics beside the ranking one, the models that are
// not told apart from the best by it, from rank sets as ResolveRanks makes them for the
// ranking metric. It fills in the entries' Standings and RanksBeside, and the board's
// TiedBeside; what was filled in before stays. Other metrics, and those that cannot be tested, are NotTested.
// The error is of stored outcomes.
//
// Each metric costs as much as ResolveRanks. As for ResolveRanks, the board must not be
// cut yet.
func (b *Board) ResolveBeside(s *results.Results, measures []metrics.Measure, o ranks.Options) error {
	if b.TiedBeside == nil {
		b.TiedBeside = make([]int, len(b.Beside))
		for i := range b.Entries {
			b.Entries[i].Standings, b.Entries[i].RanksBeside = make([]Standing, len(b.Beside)), make([]ranks.Interval, len(b.Beside))
		}
	}
	for k, m := range b.Beside {
		if m.Metric.Better == metrics.None || b.TiedBeside[k] > 0 || !slices.ContainsFunc(measures, m.Same) {
			continue
		}
		c := b.rankedBy(k)
		if err := c.ResolveRanks(s, Simultaneous, o); err != nil {
			return err
		}
		if c.Resolution == nil {
			continue
		}
		b.TiedBeside[k] = c.Resolution.Tied
		for _, e := range c.Entries {
			if e.Ranks.Lo == 0 {
				continue // no value
			}
			standing := NotBest
			if e.Tie {
				standing = MayBeBest
			}
			mine := &b.Entries[b.place(e.Model)]
			mine.Standings[k], mine.RanksBeside[k] = standing, e.Ranks
		}
	}
	return nil
}

// rankedBy is the board by the k-th metric beside, without any rank sets.
func (b *Board) rankedBy(k int) *Board {
	c := &Board{By: b.Beside[k], Choice: b.Choice, N: b.N, Classes: b.Classes, All: b.All, Models: b.Models}
	for _, e := range b.Entries {
		c.Entries = append(c.Entries, Entry{Model: e.Model, Confidence: e.Confidence, Meta: e.Meta, Value: e.Beside[k]})
	}
	rank(c.Entries, c.By.Metric.Better, func(e *Entry) *int { return &e.Rank })
	return c
}

// Standing is what the data say of an entry by the ranking metric.
func (b *Board) Standing(e Entry) Standing {
	switch {
	case b.Resolution == nil || math.IsNaN(e.Value.Value):
		return NotTested
	case e.Tie:
		return MayBeBest
	}
	return NotBest
}

// BesideAt is the place of a metric beside the ranking one; -1 if the board does not have it.
func (b *Board) BesideAt(m metrics.Measure) int { return slices.IndexFunc(b.Beside, m.Same) }
