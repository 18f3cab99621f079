// Package page makes what the scripts of report.html read: the values of every view of a
// run with their intervals, who is proven better than whom, exact risk-coverage curves and
// thresholds, comparisons with a reference, metadata. Everything is stored once.
//
// Begin with [New], which gathers from a board and the results behind it, and [Store.Pack],
// which writes the store for a page. The package computes no metric and tests nothing: it
// asks package board as the command line does.
package page

import (
	"cmp"
	"errors"
	"slices"

	"abstain/harness/board"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/reports/palette"
	"abstain/reports/words"
)

// Input is what a store is made from.
type Input struct {
	Board   *board.Board     // the view shown at first, with all its entries; must not be nil
	Results *results.Results // nil: there are no other views, and the only curves are those given
	Curves  []board.Curves   // of the models ticked at first; may be empty

	// Shown are the columns shown at first beside the ranking metric; nil for a few.
	Shown []metrics.Measure
}

// Store is what the scripts of a page read. Models and metrics are meant by their places in
// Models and Metrics, models of a view by the places in its list.
type Store struct {
	Dataset string   `json:"dataset"`
	Classes int      `json:"classes"`
	Level   float64  `json:"level"`   // of intervals; 0 if there are none
	Z       float64  `json:"z"`       // normal quantile of the level, for score intervals of curves
	Metrics []Metric `json:"metrics"` // the ranking metric first
	Models  []string `json:"models"`  // in the order of the board
	Meta    []Words  `json:"meta"`    // of the models
	// Kinds are the kinds of training of the words of the key regime, KindNames their names.
	Kinds     []string          `json:"kinds"`
	KindNames map[string]string `json:"kindNames"`
	Files     []string          `json:"files,omitempty"` // key under which the outcomes of a model are kept; "" if none are
	Ticked    []int             `json:"ticked"`          // models whose curves are drawn at first
	Views     []*View           `json:"views"`           // the first is shown at first

	sections sections
	units    []words.Unit
}

// Metric is a column of values.
type Metric struct {
	ID       string  `json:"id"`
	Label    string  `json:"label"`
	Group    string  `json:"group"`
	Better   int     `json:"better"` // 1: higher, -1: lower, 0: neither
	Factor   float64 `json:"factor"` // of the printed value
	Sign     string  `json:"sign"`   // "%" or ""
	Decimals int     `json:"decimals"`
	Shown    bool    `json:"shown"` // at first
}

// Words are the values of one key of the metadata: Of[model] is a place in Words, -1 for
// none.
type Words struct {
	Key   string   `json:"key"`
	Words []string `json:"words"`
	Of    []int    `json:"of"`
}

// View is one split under one condition, with one transform and confidence function.
type View struct {
	Split      string   `json:"split"`
	Condition  string   `json:"condition"`
	Transform  string   `json:"transform"`
	Confidence string   `json:"confidence"`
	N          int      `json:"n"`
	Models     []int    `json:"models"`
	Columns    []column `json:"columns"` // by metric
	Orders     []*order `json:"orders"`  // rank sets, by some of the metrics
	Curves     *curves  `json:"curves,omitempty"`
}

// column holds the values of a metric in a view; all nil where it is not stored there.
type column struct {
	V  numbers `json:"v,omitempty"`
	Lo numbers `json:"lo,omitempty"`
	Hi numbers `json:"hi,omitempty"`
}

// New gathers a store. It fails if the board is nil, or if the results cannot be ranked or
// read again as they were for the board.
func New(in Input) (*Store, error) {
	if in.Board == nil {
		return nil, errors.New("page: a page needs a leaderboard")
	}
	s := &Store{Dataset: in.Board.Choice.Dataset, Classes: in.Board.Classes, Meta: metadata(in.Board), Models: []string{}, Ticked: []int{}}
	if in.Results != nil {
		s.Level = in.Results.Run.Intervals.Level
		if len(in.Results.Rows) == 0 { // provenance alone: there is nothing to rank again
			in.Results = nil
		}
	}
	for _, e := range in.Board.Entries {
		s.Models = append(s.Models, e.Model)
		s.Level = max(s.Level, e.Value.Level)
	}
	s.Z = quantile(s.Level)
	s.nameKinds()
	s.addMetrics(in)
	if err := s.addFirstView(in); err != nil {
		return nil, err
	}
	if in.Results != nil {
		if err := s.addOtherViews(in); err != nil {
			return nil, err
		}
		s.addFiles(in)
	}
	s.tick(in)
	return s, nil
}

// Write has names and words written by a function, as the texts of the page around are: one
// that spells out what cannot be seen.
func (s *Store) Write(word func(string) string) {
	each := func(list []string) {
		for i, text := range list {
			list[i] = word(text)
		}
	}
	each(s.Models)
	each(s.Files)
	for i := range s.Meta {
		s.Meta[i].Key = word(s.Meta[i].Key)
		each(s.Meta[i].Words)
	}
	s.Dataset = word(s.Dataset)
	for _, v := range s.Views {
		v.Split, v.Condition, v.Transform, v.Confidence = word(v.Split), word(v.Condition), word(v.Transform), word(v.Confidence)
	}
}

// nameKinds tells the kind of training of each regime.
func (s *Store) nameKinds() {
	s.Kinds, s.KindNames = []string{}, map[string]string{}
	for _, k := range palette.Kinds() {
		s.KindNames[k.ID()] = k.String()
	}
	for _, w := range s.Meta {
		if w.Key != "regime" {
			continue
		}
		for _, name := range w.Words {
			s.Kinds = append(s.Kinds, palette.Of(name).Kind.ID())
		}
	}
}

// addMetrics lists the metrics of the board, with the unit in which each is written.
func (s *Store) addMetrics(in Input) {
	b := in.Board
	for k, m := range append([]metrics.Measure{b.By}, b.Beside...) {
		var values []float64
		for _, e := range b.Entries {
			values = append(values, cell(e, k).Value)
		}
		u := words.UnitOf(m).For(values...)
		s.units = append(s.units, u)
		shown := k == 0 || in.Shown == nil && k <= 4 || slices.ContainsFunc(in.Shown, m.Same)
		s.Metrics = append(s.Metrics, Metric{ID: m.Name(), Label: m.Label(), Group: cmp.Or(m.Metric.Group, "metrics"), Better: way(m.Metric.Better),
			Factor: u.Factor, Sign: u.Sign, Decimals: u.Decimals, Shown: shown})
	}
}

// cell is the k-th estimate of an entry, the ranking one first.
func cell(e board.Entry, k int) metrics.Estimate {
	if k == 0 {
		return e.Value
	}
	return e.Beside[k-1]
}

func way(d metrics.Direction) int {
	switch d {
	case metrics.Higher:
		return 1
	case metrics.Lower:
		return -1
	}
	return 0
}

// metadata lists the keys that any model has a value of, in the order in which they come.
func metadata(b *board.Board) []Words {
	all := []Words{} // scripts read a nil slice as null
	at := map[string]int{}
	for i, e := range b.Entries {
		for _, p := range e.Meta {
			if p.Value == "" {
				continue
			}
			k, known := at[p.Key]
			if !known {
				k = len(all)
				at[p.Key] = k
				all = append(all, Words{Key: p.Key, Of: slices.Repeat([]int{-1}, len(b.Entries))})
			}
			w := slices.Index(all[k].Words, p.Value)
			if w < 0 {
				w = len(all[k].Words)
				all[k].Words = append(all[k].Words, p.Value)
			}
			all[k].Of[i] = w
		}
	}
	return all
}

// addFiles names what the folder keeps of each model in the first view.
func (s *Store) addFiles(in Input) {
	any := false
	for _, name := range s.Models {
		key := ""
		if row, err := in.Board.Row(in.Results, name); err == nil {
			key = in.Results.Kept[row.Table()]
		}
		any = any || key != ""
		s.Files = append(s.Files, key)
	}
	if !any {
		s.Files = nil
	}
}

// mostTicked is the largest number of curves drawn at first.
const mostTicked = 4

// tick chooses the models whose curves are drawn at first: those given if they are few;
// else the best, the best plain one, and those at the middle and the end of those given.
func (s *Store) tick(in Input) {
	given := []int{}
	for _, c := range in.Curves {
		if i := slices.Index(s.Models, c.Model); i >= 0 {
			given = append(given, i)
		}
	}
	if len(given) <= mostTicked {
		s.Ticked = given
		return
	}
	s.Ticked = []int{given[0]}
	plain := slices.IndexFunc(in.Board.Entries, func(e board.Entry) bool { return e.Meta.Get("regime") == "vanilla" })
	for _, i := range []int{plain, given[len(given)/2], given[len(given)-1]} {
		if i >= 0 && !slices.Contains(s.Ticked, i) {
			s.Ticked = append(s.Ticked, i)
		}
	}
}
