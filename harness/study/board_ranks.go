package study

import (
	"fmt"
	"math"

	"abstain/harness"
	"abstain/metrics"
	"abstain/metrics/resample"
)

// Kinds of rank sets that a board can show.
const (
	Simultaneous = "simultaneous" // cover the ranks of the whole board at once
	Marginal     = "marginal"     // cover the rank of one model looked at by itself
)

// ResolveRanks gives every entry with a value the interval of ranks that the data
// cannot tell apart, and marks those that are not told apart from the best. All
// models answer the same samples, so what is compared are paired differences;
// their joint error comes from the influence of each sample on each value. It
// has to be called before the board is cut to its top.
//
// A board without stored outcomes, or by a metric without a closed form, keeps
// its ranks without intervals, and a note says why. The error is of an unknown
// kind or of the outcomes.
func (b *Board) ResolveRanks(s *harness.Results, kind string, o RankOptions) error {
	if kind != Simultaneous && kind != Marginal {
		return fmt.Errorf("rank intervals are %s or %s, not %q", Simultaneous, Marginal, kind)
	}
	values, influence, places, why := b.influences(s)
	if why == "" && len(places) < 2 {
		why = "there is nothing to compare"
	}
	if why != "" {
		b.Notes = append(b.Notes, "no rank intervals: "+why)
		return nil
	}
	n := len(influence[0])
	covariance, err := resample.Covariance(influence, n)
	if err != nil {
		return err
	}
	noise, err := NewNoise(covariance)
	if err != nil {
		return err
	}
	o.Better = b.By.Metric.Better
	if o.Parallel == nil {
		o.Parallel = harness.Parallel
	}
	sets, err := Ranks(values, noise, o)
	if err != nil {
		return err
	}
	stripes := sets.Stripes()
	for k, i := range places {
		e := &b.Entries[i]
		e.Stripe = stripes[k]
		e.Ranks = sets.Sets[k].Simultaneous
		if kind == Marginal {
			e.Ranks = sets.Sets[k].Marginal
		}
	}
	for _, k := range sets.TiedWithBest() {
		b.Entries[places[k]].Tie = true
	}
	b.Resolution = b.resolution(kind, sets, n)
	return nil
}

// influences lists, for the entries that can be compared, the value and the
// influence of each sample on it; why says that none can.
func (b *Board) influences(s *harness.Results) (values []float64, influence [][]float64, places []int, why string) {
	for i, e := range b.Entries {
		if !e.Value.Defined() || math.IsInf(e.Value.Value, 0) {
			continue
		}
		row, err := b.Row(s, e.Model)
		if err != nil {
			return nil, nil, nil, err.Error()
		}
		outcomes, err := s.Outcomes(row.Key)
		if err != nil {
			return nil, nil, nil, "the folder keeps no outcomes"
		}
		v, ok := resample.Influence(b.By.Metric, b.By.At, metrics.Rank(outcomes, outcomes.Confidence(e.Confidence)))
		if !ok {
			return nil, nil, nil, fmt.Sprintf("%s has no closed form of its sampling error; rank by %s for them", b.By.Metric.Label, "AURC, AUROC or accuracy")
		}
		if len(influence) > 0 && len(v) != len(influence[0]) {
			return nil, nil, nil, "the models answer different numbers of samples"
		}
		values, influence, places = append(values, e.Value.Value), append(influence, v), append(places, i)
	}
	return values, influence, places, ""
}

// resolution says below the table how the intervals were made and how much of
// the order they leave standing.
func (b *Board) resolution(kind string, sets *RankSets, n int) string {
	tied := 0
	for _, e := range b.Entries {
		if e.Tie {
			tied++
		}
	}
	return fmt.Sprintf("ranks: %s %g %% confidence sets from paired differences, studentised max-t, two-sided, step-down; critical value %.2f, %d draws, n = %d; "+
		"%d of %d adjacent pairs are separable; = marks %s not separable from the best",
		kind, 100*sets.Level, sets.LastCritical, sets.Draws, n, sets.SeparableNeighbours(), len(sets.Sets)-1, plural(tied, "model"))
}
