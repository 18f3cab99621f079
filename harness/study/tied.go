package study

import (
	"errors"
	"fmt"
	"math"

	"abstain/harness/board"
	"abstain/harness/pool"
	"abstain/harness/results"
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
	sets  []rankSet // of all that were compared
}

// rankSet are the ranks that the data allow for a model, among those that were compared.
type rankSet struct {
	model string
	ranks ranks.Interval
	tied  bool // with the best
}

// tied counts them.
func (r rivals) tied() Tied { return Tied{len(r.names), r.of} }

// rivals finds the models that may be the best by a column, at the level of the study: for
// a metric of the folder by the same rank sets as abstain rank shows, for one that was
// computed here by the replicates that it would take.
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
	if r, ok := f.rivalsOf(f.options.Board, c); ok {
		return r, nil
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
		if e.Ranks.Lo > 0 {
			r.sets = append(r.sets, rankSet{e.Model, e.Ranks, e.Tie})
		}
	}
	return r, nil
}

// rivalsOf are the rivals by a column that a leaderboard knows already; false if it does not.
func (f *Folder) rivalsOf(b *board.Board, c *column) (r rivals, ok bool) {
	if b == nil || b.Resolution == nil || b.Resolution.Kind != board.Simultaneous || b.Resolution.Level != f.level ||
		fmt.Sprint(b.Choice) != fmt.Sprint(f.view.Choice) || len(b.Entries) != b.Models {
		return r, false
	}
	at := b.BesideAt(c.measure)
	if own := b.By.Same(c.measure); !own && (at < 0 || b.TiedBeside == nil || b.TiedBeside[at] == 0) {
		return r, false
	}
	for _, e := range b.Entries {
		value, set := e.Value, rankSet{e.Model, e.Ranks, e.Tie}
		if at >= 0 {
			value, set = e.Beside[at], rankSet{e.Model, e.RanksBeside[at], e.Standings[at] == board.MayBeBest}
		}
		if value.Defined() {
			r.of++
		}
		if set.tied {
			r.names = append(r.names, e.Model)
		}
		if set.ranks.Lo > 0 {
			r.sets = append(r.sets, set)
		}
	}
	return r, true
}

// rivalsByReplicates are the rivals by a column that the folder does not have, with the
// replicates that abstain rank would make for it; none if it takes no replicates.
func (f *Folder) rivalsByReplicates(c *column) (r rivals, err error) {
	if f.options.Replicates == 0 {
		return r, nil
	}
	var values []float64
	var rows []results.Row
	for i, v := range c.Values {
		if s := f.models[i]; !math.IsNaN(v) && s.row.N == f.view.N {
			values, rows = append(values, v), append(rows, s.row)
		}
	}
	if len(rows) < 2 {
		return r, nil
	}
	replicates, _, err := f.results.Replicates(rows, c.measure)
	if errors.Is(err, results.ErrNotSwept) {
		return r, nil
	}
	if err != nil {
		return r, err
	}
	total := len(replicates[0])
	replicates, dropped := results.DefinedReplicates(replicates)
	if total-dropped < max(2, total/2) {
		return r, nil
	}
	noise, err := ranks.FactoredReplicates(replicates, pool.Each)
	if err != nil {
		return r, err
	}
	sets, err := ranks.New(values, noise, ranks.Options{Better: c.Better, Level: f.level, Seed: 1, Parallel: pool.Each,
		TooFew: resample.LeastP(f.view.N) > 1-f.level})
	if err != nil {
		return r, err
	}
	for k, row := range rows {
		r.sets = append(r.sets, rankSet{model: row.Model, ranks: sets.Sets[k].Simultaneous})
	}
	for _, k := range sets.TiedWithBest() {
		r.names = append(r.names, rows[k].Model)
		r.sets[k].tied = true
	}
	r.of = len(rows)
	return r, nil
}
