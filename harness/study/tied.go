package study

import (
	"math"
	"slices"

	"abstain/harness/board"
	"abstain/harness/pool"
	"abstain/metrics"
	"abstain/metrics/ranks"
	"abstain/metrics/resample"
)

// Tied is how many models are not told apart from the best by a metric, the best among
// them. Every sentence that names the best says so.
type Tied struct {
	Models int // 0 if that could not be tested
	Of     int // models that were compared
}

// Tested reports whether the models were tested against the best.
func (t Tied) Tested() bool { return t.Models > 0 }

// rivals are the models that may be the best by a column, and how many were compared;
// without names they could not be tested.
type rivals struct {
	names []string
	of    int
}

// tied counts them.
func (r rivals) tied() Tied { return Tied{len(r.names), r.of} }

// rivals finds the models that may be the best by a column, at the level of the study: for
// a metric of the folder by the same rank sets as abstain rank shows, for one that was
// computed here by the study's replicates.
func (f *Folder) rivals(c *column) (rivals, error) {
	if r, ok := f.tied[c]; ok {
		return r, nil
	}
	r, err := f.findRivals(c)
	f.tied[c] = r
	return r, err
}

func (f *Folder) findRivals(c *column) (r rivals, err error) {
	switch {
	case !f.stored || c.Better == metrics.None || c.known() < 2 || f.level < 0.5: // rank sets have no lower level
		return r, nil
	case c.at < 0:
		return f.rivalsByReplicates(c)
	}
	b, err := board.New(f.results, board.Options{Selection: f.options.Selection, By: c.measure})
	if err != nil {
		return r, err
	}
	if err := b.ResolveRanks(f.results, board.Simultaneous, ranks.Options{Level: f.level, Seed: 1}); err != nil || b.Resolution == nil {
		return r, err
	}
	for _, e := range b.Entries {
		if e.Value.Defined() {
			r.of++
		}
		if e.Tie {
			r.names = append(r.names, e.Model)
		}
	}
	return r, nil
}

// rivalsByReplicates are the rivals by the replicates of a column; nil if it has none.
func (f *Folder) rivalsByReplicates(c *column) (r rivals, err error) {
	var values []float64
	var deviations [][]float64
	var models []int
	for i, d := range c.Replicates {
		if d == nil || slices.ContainsFunc(d, math.IsNaN) {
			continue
		}
		m, b := mean(d), float64(len(d))
		v := make([]float64, len(d))
		for k := range d { // so that resample.Covariance gives the covariance of the replicates
			v[k] = (d[k] - m) * b / math.Sqrt(b-1)
		}
		values, deviations, models = append(values, c.Values[i]), append(deviations, v), append(models, i)
	}
	if len(models) < 2 || len(c.Replicates[models[0]]) < 2 {
		return r, nil
	}
	covariance, err := resample.Covariance(deviations, len(deviations[0]))
	if err != nil {
		return r, err
	}
	noise, err := ranks.NewNoise(covariance)
	if err != nil {
		return r, err
	}
	sets, err := ranks.New(values, noise, ranks.Options{Better: c.Better, Level: f.level, Seed: f.options.Seed, Parallel: pool.Each})
	if err != nil {
		return r, err
	}
	for _, k := range sets.TiedWithBest() {
		r.names = append(r.names, f.models[models[k]].row.Model)
	}
	r.of = len(models)
	return r, nil
}
