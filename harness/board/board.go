package board

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"abstain/datasets"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/ranks"
	"abstain/metrics/resample"
	"abstain/metrics/spelling"
)

// Board is a leaderboard: comparable models ranked by one metric.
type Board struct {
	By      metrics.Measure
	Beside  []metrics.Measure // further metrics shown for each entry
	Choice  Selection         // what was taken, defaults filled in
	Entries []Entry           // best first; undefined values last
	Models  int               // models inside the filter, before any cut to the top
	All     int               // models outside any filter
	N       int               // samples
	Classes int
	Notes   []Note // footnotes: choices made, models without a value

	Resolution *Resolution // how the entries' rank intervals were made; nil if there are none
	Scarce     Scarce      // where errors are too few for rank intervals
	Groups     int         // groups of models not told apart among themselves, by which the entries' Groups go
	Pinned     *Pinned     // how the entries' Against were made; nil if no model is pinned
	MayBeTop   *MayBeTop   // which models may be among the best; nil if it was not asked
	TiedBeside []int       // by metric of Beside, models not told apart from the best; nil if it was not asked, 0 where it could not be tested

	resolved *resolved
}

// Entry is one model's line.
type Entry struct {
	Model      string
	Confidence string // its confidence function: the one chosen, or "stored"
	Meta       datasets.Meta
	Rank       int            // among the filtered; equal values share the better rank; 0 if undefined
	Overall    int            // among all models; equals Rank without a filter
	Ranks      ranks.Interval // of ranks the data allow; zero if they were not asked for
	Tie        bool           // not told apart from the best
	Stripe     int            // number of its tie group, by ranks.Sets.Stripes; 0 likewise
	Groups     string         // connected letters: two models that share one are not told apart; "" likewise
	Against    *Against       // beside the pinned reference; nil if none is
	MayBeTop   bool           // is in Board.MayBeTop
	Value      metrics.Estimate
	Beside     []metrics.Estimate
	Standings  []Standing // by metric of Beside; nil if they were not asked for
	// RanksBeside are the ranks that the data allow by each metric of Beside; zero where
	// that was not tested, nil if it was not asked for.
	RanksBeside []ranks.Interval
}

// Options say what a board ranks, and by what.
type Options struct {
	Selection Selection       // the rows ranked; its filters say which of them are shown
	By        metrics.Measure // in whatever spelling: the board shows the folder's
	// Also are further metrics that the board has to have beside. These and By are
	// computed from the kept outcomes where the folder lacks them.
	Also []metrics.Measure
	Top  int // how many entries are kept; 0 means all
}

// New ranks the models of a selection by a metric. Equal values share a rank;
// ranking is repeated inside the filter and the overall rank kept.
func New(s *results.Results, o Options) (*Board, error) {
	view, err := Select(s, o.Selection)
	if err != nil {
		return nil, err
	}
	if o.By.Metric.Better == metrics.None {
		return nil, fmt.Errorf("metric %q has no better and worse end, so it ranks nothing", o.By.Name())
	}
	if s, err = view.with(s, append([]metrics.Measure{o.By}, o.Also...)); err != nil {
		return nil, err
	}
	at := s.Column(o.By)
	b := &Board{By: s.Measures[at], Choice: view.Choice, All: len(view.Rows), N: view.N, Classes: view.Classes, Notes: view.Notes}
	b.Beside = slices.Delete(slices.Clone(s.Measures), at, at+1)
	for _, row := range view.Rows {
		e := Entry{Model: row.Model, Confidence: row.Confidence, Meta: s.Meta(row.Model, row.Dataset), Value: row.Cells[at]}
		e.Beside = slices.Delete(slices.Clone(row.Cells), at, at+1)
		b.Entries = append(b.Entries, e)
	}
	rank(b.Entries, b.By.Metric.Better, func(e *Entry) *int { return &e.Overall })
	b.Entries = slices.DeleteFunc(b.Entries, func(e Entry) bool { return !view.Choice.Admits(e.Meta) })
	b.Models = len(b.Entries)
	if b.Models == 0 {
		return nil, view.NoMatch(s)
	}
	rank(b.Entries, b.By.Metric.Better, func(e *Entry) *int { return &e.Rank })
	if missing := view.missing(s); missing != nil {
		b.Notes = append(b.Notes, NotShown{b.Models + len(missing), missing})
	}
	b.note(s)
	b.noteChance()
	b.Cut(o.Top)
	return b, nil
}

// Cut keeps the first entries, all of them if top is 0, and says so if the cut
// goes through equal values.
func (b *Board) Cut(top int) {
	if top <= 0 || top >= len(b.Entries) {
		return
	}
	last := b.Entries[top-1].Rank
	tied := 0
	for _, e := range b.Entries[top:] {
		if e.Rank == last && last > 0 {
			tied++
		}
	}
	if tied > 0 {
		b.Notes = append(b.Notes, TiedBelow{tied})
	}
	b.Entries = b.Entries[:top]
}

// CheckBeside refuses metrics that the board lacks.
func (b *Board) CheckBeside(measures []metrics.Measure) error {
	have := append(slices.Clone(b.Beside), b.By)
	for _, m := range measures {
		if !slices.ContainsFunc(have, m.Same) {
			return fmt.Errorf("the folder has no metric %q; run again with --metrics to add it", m.Name())
		}
	}
	return nil
}

// KeepBeside keeps, of the metrics beside the ranking one, those given, for where
// there is little room.
func (b *Board) KeepBeside(measures []metrics.Measure) {
	drop := make([]bool, len(b.Beside))
	for i, m := range b.Beside {
		drop[i] = !slices.ContainsFunc(measures, m.Same)
	}
	b.Beside = sift(b.Beside, drop)
	if b.TiedBeside != nil {
		b.TiedBeside = sift(b.TiedBeside, drop)
	}
	for i := range b.Entries {
		e := &b.Entries[i]
		e.Beside = sift(e.Beside, drop)
		if e.Standings != nil {
			e.Standings, e.RanksBeside = sift(e.Standings, drop), sift(e.RanksBeside, drop)
		}
	}
}

// PointsBeside drops the intervals of the metrics beside the ranking one, for
// where there is little room.
func (b *Board) PointsBeside() {
	for i := range b.Entries {
		beside := slices.Clone(b.Entries[i].Beside)
		for k := range beside {
			beside[k].Lo, beside[k].Hi, beside[k].Level = math.NaN(), math.NaN(), 0
		}
		b.Entries[i].Beside = beside
	}
}

// rank sorts the entries from best to worst, undefined last, equal values by
// name, and sets the rank that place points to.
func rank(entries []Entry, better metrics.Direction, place func(*Entry) *int) {
	slices.SortStableFunc(entries, func(a, b Entry) int {
		if a.Value.Defined() != b.Value.Defined() {
			if a.Value.Defined() {
				return -1
			}
			return 1
		}
		c := cmp.Compare(a.Value.Value, b.Value.Value)
		if better == metrics.Higher {
			c = -c
		}
		return cmp.Or(c, cmp.Compare(a.Model, b.Model))
	})
	for i := range entries {
		e := &entries[i]
		switch {
		case !e.Value.Defined():
			*place(e) = 0
		case i > 0 && entries[i-1].Value.Value == e.Value.Value:
			*place(e) = *place(&entries[i-1])
		default:
			*place(e) = i + 1
		}
	}
}

// note adds the footnotes about entries that have no value or another
// confidence function than the one chosen.
func (b *Board) note(s *results.Results) {
	run := s.Run
	undefined, unexplained, stored, level := 0, 0, 0, 0.0
	for _, e := range b.Entries {
		level = max(level, e.Value.Level)
		if math.IsNaN(e.Value.Value) {
			undefined++
			if len(e.Value.Notes) == 0 {
				unexplained++
			}
		}
		if e.Confidence != b.Choice.Confidence {
			stored++
		}
	}
	if undefined > 0 {
		b.Notes = append(b.Notes, WithoutValue{undefined, b.By.Metric.Label, unexplained > 0})
	}
	if level > 0 {
		b.Notes = append(b.Notes, OwnIntervals{level})
		switch {
		case run.Intervals.Level == 0: // published, or made by hand
		case run.Methods != resample.Version && !slices.ContainsFunc(s.Computed, b.By.Same):
			b.Notes = append(b.Notes, OlderIntervals{})
		default:
			b.Notes = append(b.Notes, IntervalsMade{run.Intervals})
		}
	}
	if stored > 0 {
		b.Notes = append(b.Notes, ByStored{stored})
	}
}

// Row returns the stored row behind a model of the board.
func (b *Board) Row(s *results.Results, model string) (results.Row, error) {
	for _, e := range b.Entries {
		if e.Model != model {
			continue
		}
		for _, r := range s.Rows {
			c := b.Choice
			if r.Key == (results.Key{Model: model, Dataset: c.Dataset, Split: c.Split, Condition: c.Condition,
				Transform: c.Transform, Confidence: e.Confidence}) {
				return r, nil
			}
		}
	}
	return results.Row{}, fmt.Errorf("the leaderboard of %s has no model %q; abstain ls models %s lists them%s", b.Choice.Dataset, model, s.Dir,
		spelling.Meant(model, b.models()))
}

func sift[T any](all []T, drop []bool) []T {
	var kept []T
	for i, v := range all {
		if !drop[i] {
			kept = append(kept, v)
		}
	}
	return kept
}
