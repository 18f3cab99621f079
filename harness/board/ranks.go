package board

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"abstain/harness"
	"abstain/metrics"
	"abstain/metrics/ranks"
	"abstain/metrics/resample"
)

// Kinds of rank sets that a board can show.
const (
	Simultaneous = "simultaneous" // cover the ranks of the whole board at once
	Marginal     = "marginal"     // cover the rank of one model looked at by itself
)

// resolved are the rank sets of a board. The k-th of them belongs to models[k].
type resolved struct {
	sets   *ranks.Sets
	models []string
	noise  string // what the joint error comes from
	n      int    // samples
}

// ResolveRanks gives every entry with a value the interval of ranks that the data
// cannot tell apart, marks those that are not told apart from the best, and names
// the groups of models that are not told apart among themselves. All models
// answer the same samples, so what is compared are paired differences. Their
// joint error comes from the influence of each sample on each value, or, for
// metrics without a closed form and runs whose intervals are bootstrapped, from
// replicates that are the same samples for all models: those that the run kept,
// made from its outcomes where it kept none. The latter take operating points to be
// nearly normal: in simulations with 12 tied models, sets of SAC@0.9 held the truth
// in 92 to 93 % at 400 samples and in 96 % at 1000. It has to be called before the
// board is cut to its top; models outside the filter have no part in it.
//
// A board without stored outcomes keeps its ranks without intervals, and a note
// says why. The error is of an unknown kind or of the outcomes.
func (b *Board) ResolveRanks(s *harness.Results, kind string, o ranks.Options) error {
	if kind != Simultaneous && kind != Marginal {
		return fmt.Errorf("rank intervals are %s or %s, not %q", Simultaneous, Marginal, kind)
	}
	if o.Parallel == nil {
		o.Parallel = harness.Parallel
	}
	if level := s.Run.Intervals.Level; o.Level == 0 && level >= 0.5 {
		o.Level = level // as that of the values' intervals
	}
	o.Better = b.By.Metric.Better
	field, why := b.field(s)
	if why == "" && len(field.rows) < 2 {
		why = "there is nothing to compare"
	}
	if why != "" {
		b.Notes = append(b.Notes, "no rank intervals: "+why)
		return nil
	}
	noise, rivals, from, why, err := field.noise(s, b.By)
	if err != nil {
		return err
	}
	if why != "" {
		b.Notes = append(b.Notes, "no rank intervals: "+why)
		return nil
	}
	o.Level = cmp.Or(o.Level, ranks.DefaultLevel)
	if pairs, of := field.pairs(s); resample.LeastP(pairs) > 1-o.Level {
		o.TooFew = true
		b.Notes = append(b.Notes, fmt.Sprintf("%s too few to prove any order at %g %%", plural2(pairs, of+" is", of+"s are"), 100*o.Level))
	}
	if rivals != nil {
		o.Evidence = rivals
	}
	sets, err := ranks.New(field.values, noise, o)
	if err != nil {
		return err
	}
	b.noteScarcity(sets, rivals, field, o)
	b.resolved = &resolved{sets: sets, models: field.models, noise: from, n: field.rows[0].N}
	b.show(field.places, kind)
	b.Resolution = b.resolution(kind)
	return nil
}

// show gives the entries at the places what the sets say of them.
func (b *Board) show(places []int, kind string) {
	sets := b.resolved.sets
	letters := sets.Letters()
	b.Groups = len(letters.Groups)
	stripes := sets.Stripes()
	for k, i := range places {
		e := &b.Entries[i]
		e.Stripe = stripes[k]
		e.Ranks = sets.Sets[k].Simultaneous
		if kind == Marginal {
			e.Ranks = sets.Sets[k].Marginal
		}
		e.Groups = letters.Of(k)
	}
	for _, k := range sets.TiedWithBest() {
		b.Entries[places[k]].Tie = true
	}
}

// field is what can be compared of a board: models with a value and outcomes.
type field struct {
	values []float64
	models []string
	places []int // in the board's entries
	rows   []harness.Row
}

// field lists what can be compared; why says that nothing can.
func (b *Board) field(s *harness.Results) (f field, why string) {
	for i, e := range b.Entries {
		if !e.Value.Defined() || math.IsInf(e.Value.Value, 0) {
			continue
		}
		row, err := b.Row(s, e.Model)
		if err != nil {
			return f, err.Error()
		}
		f.values, f.models = append(f.values, e.Value.Value), append(f.models, e.Model)
		f.places, f.rows = append(f.places, i), append(f.rows, row)
		if row.N != f.rows[0].N {
			return f, "the models answer different numbers of samples"
		}
	}
	return f, ""
}

// pairs is the number of samples, or of clusters of them, on which models are
// compared, and which of the two.
func (f *field) pairs(s *harness.Results) (n int, of string) {
	if o, err := s.Outcomes(f.rows[0].Key); err == nil && s.Run.Intervals.Cluster != "" {
		if d, err := s.Design(o); err == nil {
			return d.Size(), "cluster"
		}
	}
	return f.rows[0].N, "sample"
}

// noise is the joint error of the values and what it comes from; rivals, if there are
// any, know what few errors are worth; why says that there is no error.
func (f *field) noise(s *harness.Results, by Measure) (e *ranks.Noise, rivals *resample.Rivals, from, why string, err error) {
	if m := s.Run.Intervals.Method; m == "" || m == harness.ByInfluence {
		rivals, why := f.rivals(s, by)
		if why != "" || rivals != nil {
			if why == "" {
				e, err = ranks.FactoredInfluence(rivals.Influence(), rivals.Samples(), harness.Parallel)
			}
			return e, rivals, "influence values", why, err
		}
	}
	if by.Metric.Needs&metrics.NeedsOutside != 0 {
		return nil, nil, "", by.Metric.Label + " sets one table against another", nil
	}
	values, made, err := s.Replicates(f.rows, by)
	switch {
	case errors.Is(err, harness.ErrNotSwept):
		return nil, nil, "", fmt.Sprintf("%s takes an evaluation of its own for each replicate, and the run kept none (--bootstrap %d keeps them)",
			by.Metric.Label, harness.DefaultReplicates), nil
	case err != nil:
		return nil, nil, "", "the folder keeps no outcomes", nil
	}
	total := len(values[0])
	values, dropped := harness.DefinedReplicates(values)
	if total-dropped < max(2, total/2) {
		return nil, nil, "", fmt.Sprintf("some model has no %s in %d of %d replicates", by.Metric.Label, dropped, total), nil
	}
	from = fmt.Sprintf("%d bootstrap replicates shared by all models", total-dropped)
	if dropped > 0 {
		from += fmt.Sprintf(" (%d in which a model has no value left out)", dropped)
	}
	if made > 0 {
		from += fmt.Sprintf(", made now for %s", plural(made, "model"))
	}
	e, err = ranks.FactoredReplicates(values, harness.Parallel)
	return e, nil, from, "", err
}

// rivals are the models with the influence of each unit of the run's design on each
// value; nil if the metric has no closed form. They take 8 bytes for each model and sample.
func (f *field) rivals(s *harness.Results, by Measure) (r *resample.Rivals, why string) {
	o, err := s.Outcomes(f.rows[0].Key)
	if err != nil {
		return nil, "the folder keeps no outcomes"
	}
	design, err := s.Design(o)
	if err != nil {
		return nil, err.Error()
	}
	r = resample.NewRivals(resample.Measure{Metric: by.Metric, At: by.At}, design, len(f.rows))
	reasons, without := make([]string, len(f.rows)), make([]bool, len(f.rows))
	harness.Parallel(len(f.rows), func(i int) {
		o, err := s.Outcomes(f.rows[i].Key)
		if err != nil {
			reasons[i] = "the folder keeps no outcomes"
			return
		}
		without[i] = !r.Set(i, metrics.Rank(o, o.Confidence(f.rows[i].Confidence)))
	})
	if i := slices.IndexFunc(reasons, func(why string) bool { return why != "" }); i >= 0 {
		return nil, reasons[i]
	}
	if slices.Contains(without, true) {
		return nil, ""
	}
	return r, ""
}

// noteScarcity says of which models no order can be proven for want of errors.
func (b *Board) noteScarcity(sets *ranks.Sets, r *resample.Rivals, f field, o ranks.Options) {
	if r == nil {
		return
	}
	for _, i := range r.Undetermined() {
		b.Scarce.Models = append(b.Scarce.Models, f.models[i])
	}
	b.Scarce.All = !o.TooFew && r.Hopeless(sets.Critical)
	b.Notes = append(b.Notes, b.Scarce.words(b.By.Metric.Label, 100*o.Level)...)
}

// resolution says below the table how the intervals were made and how much of
// the order they leave standing.
func (b *Board) resolution(kind string) string {
	r := b.resolved
	tied := 0
	for _, e := range b.Entries {
		if e.Tie {
			tied++
		}
	}
	family := "step-down over all pairs; no difference has a sampling error"
	if r.sets.LastCritical > 0 {
		family = fmt.Sprintf("step-down over all pairs; critical value %.2f", r.sets.LastCritical)
	}
	adjacent := ""
	if kind == Marginal {
		least, most := r.sets.CriticalRange()
		family = fmt.Sprintf("step-down over each model's pairs; critical values %.2f to %.2f", least, most)
		adjacent = "all pairs considered, "
	}
	return fmt.Sprintf("ranks: %s %g %% confidence sets from paired differences; error from %s; studentised max-t, two-sided, %s, %d draws, n = %d; "+
		"%s%d of %d adjacent pairs are separable; = marks %s not separable from the best",
		kind, 100*r.sets.Level, r.noise, family, r.sets.Draws, r.n, adjacent, r.sets.SeparableNeighbours(), len(r.sets.Sets)-1, plural(tied, "model"))
}
