package board

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"abstain/datasets"
	"abstain/harness"
	"abstain/metrics"
	"abstain/metrics/ranks"
)

// Measure is a metric at its operating point.
type Measure = harness.Measure

// Board is a leaderboard: comparable models ranked by one metric.
type Board struct {
	By      Measure
	Beside  []Measure // further metrics shown for each entry
	Choice  Selection // what was taken, defaults filled in
	Entries []Entry   // best first; undefined values last
	Models  int       // models inside the filter, before any cut to the top
	All     int       // models outside any filter
	N       int       // samples
	Classes int
	Notes   []string // footnotes: choices made, models without a value
	// Resolution says how the entries' rank intervals were made; "" if there are none.
	Resolution string
	Scarce     Scarce // where errors are too few for rank intervals
	Groups     int    // groups of models not told apart among themselves, by which the entries' Groups go
	Against    string // model pinned as reference; "" for none
	Pinned     string // says how the entries' Against were made
	Top        int    // how many best ones the entries' MayBeTop are about; 0 if it was not asked
	MayBeTop   string // says which may be among them

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
	MayBeTop   bool           // may be among the best of Board.Top
	Value      metrics.Estimate
	Beside     []metrics.Estimate
}

// Options say what a board ranks, and by what.
type Options struct {
	Selection Selection // the rows ranked; its filters say which of them are shown
	By        string    // metric id
	Top       int       // how many entries are kept; 0 means all
}

// New ranks the models of a selection by a metric. Equal values share a rank;
// ranking is repeated inside the filter and the overall rank kept.
func New(s *harness.Results, o Options) (*Board, error) {
	view, err := Select(s, o.Selection)
	if err != nil {
		return nil, err
	}
	measures, at, err := Columns(s, o.By)
	if err != nil {
		return nil, err
	}
	if measures[at].Metric.Better == metrics.None {
		return nil, fmt.Errorf("metric %q has no better and worse end, so it ranks nothing", o.By)
	}
	b := &Board{By: measures[at], Choice: view.Choice, All: len(view.Rows), N: view.N, Classes: view.Classes, Notes: view.Notes}
	b.Beside = slices.Delete(slices.Clone(measures), at, at+1)
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
	b.note(s.Run.Intervals)
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
		b.Notes = append(b.Notes, fmt.Sprintf("%s the same value as the last one shown",
			plural2(tied, "further model below the cut has", "further models below the cut have")))
	}
	b.Entries = b.Entries[:top]
}

// CheckBeside refuses ids of metrics that do not exist or that the board lacks.
func (b *Board) CheckBeside(ids []string) error {
	for _, id := range ids {
		want, err := metrics.Canonical(id)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(append(slices.Clone(b.Beside), b.By), func(m Measure) bool { got, _ := metrics.Canonical(m.ID); return got == want }) {
			return fmt.Errorf("the folder has no metric %q; run again with --metrics to add it", id)
		}
	}
	return nil
}

// KeepBeside keeps, of the metrics beside the ranking one, those with the given
// ids in any spelling, for where there is little room.
func (b *Board) KeepBeside(ids []string) {
	want := map[string]bool{}
	for _, id := range ids {
		if c, err := metrics.Canonical(id); err == nil {
			want[c] = true
		}
	}
	drop := make([]bool, len(b.Beside))
	for i, m := range b.Beside {
		c, _ := metrics.Canonical(m.ID)
		drop[i] = !want[c]
	}
	b.Beside = sift(b.Beside, drop)
	for i := range b.Entries {
		b.Entries[i].Beside = sift(b.Entries[i].Beside, drop)
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

// Columns are the metrics of a folder, and at is the place of the one asked for.
func Columns(s *harness.Results, by string) (measures []Measure, at int, err error) {
	at = -1
	want, err := metrics.Canonical(by)
	if err != nil {
		return nil, 0, err
	}
	for i, id := range s.Metrics {
		m, p, err := metrics.Parse(id)
		if err != nil {
			return nil, 0, fmt.Errorf("results.csv: column %q: %w", id, err)
		}
		measures = append(measures, Measure{ID: id, Metric: m, At: p})
		if got, err := metrics.Canonical(id); err == nil && got == want {
			at = i
		}
	}
	if at < 0 {
		return nil, 0, fmt.Errorf("%s has no metric %q; run again with --metrics to add it (there are %v)", s.Dir, by, s.Metrics)
	}
	return measures, at, nil
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
func (b *Board) note(intervals harness.Intervals) {
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
		note := fmt.Sprintf("%s no %s", plural2(undefined, "model has", "models have"), b.By.Metric.Label)
		if unexplained > 0 { // the others have a note of their own
			note += " (score-only tables have no class vectors; unbounded confidences do not calibrate)"
		}
		b.Notes = append(b.Notes, note)
	}
	if level > 0 {
		b.Notes = append(b.Notes, fmt.Sprintf("in brackets: the %g %% interval of each value by itself; models answer the same samples, so where two overlap the difference may still be sure", 100*level))
		if intervals.Level > 0 {
			b.Notes = append(b.Notes, intervals.String())
		}
	}
	if stored > 0 {
		b.Notes = append(b.Notes, fmt.Sprintf("%s scored by the stored confidence", plural(stored, "score-only model")))
	}
}

// Row returns the stored row behind a model of the board.
func (b *Board) Row(s *harness.Results, model string) (harness.Row, error) {
	for _, e := range b.Entries {
		if e.Model != model {
			continue
		}
		for _, r := range s.Rows {
			c := b.Choice
			if r.Key == (harness.Key{Model: model, Dataset: c.Dataset, Split: c.Split, Condition: c.Condition,
				Transform: c.Transform, Confidence: e.Confidence}) {
				return r, nil
			}
		}
	}
	return harness.Row{}, fmt.Errorf("the leaderboard of %s has no model %q; abstain ls models %s lists them", b.Choice.Dataset, model, s.Dir)
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
