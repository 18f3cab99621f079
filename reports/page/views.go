package page

import (
	"slices"

	"abstain/harness/board"
	"abstain/harness/results"
	"abstain/metrics"
)

// Limits of what is made in advance. Rank sets by one metric take a second or two for
// 500 models, and grow with the square of their number.
const (
	fewModels  = 120  // up to so many, there are rank sets and curves in every view
	mostPinned = 1200 // up to so many, any model can be pinned
	digits     = 9    // significant ones of values in the view shown at first
	fewDigits  = 5    // and in the others, unless printing needs more
)

// addFirstView stores the board, with rank sets by each metric shown at first.
func (s *Store) addFirstView(in Input) error {
	b := in.Board
	v, place := s.newView(b, digits)
	s.Views = append(s.Views, v)
	if err := s.addOrders(v, in, b, place, true); err != nil {
		return err
	}
	if in.Results == nil {
		s.addGiven(v, in.Curves, place)
		return nil
	}
	s.addCurves(v, in.Results, rowsOf(b, in.Results))
	if v.Curves == nil {
		s.addGiven(v, in.Curves, place)
	}
	return nil
}

// newView stores the values of a board.
func (s *Store) newView(b *board.Board, digits int) (*View, map[string]int) {
	c := b.Choice
	v := &View{Split: c.Split, Condition: c.Condition, Transform: c.Transform, Confidence: c.Confidence, N: b.N, Models: []int{}, Orders: []*order{}}
	place := map[string]int{}
	var entries []board.Entry
	for _, e := range b.Entries {
		if i := slices.Index(s.Models, e.Model); i >= 0 {
			place[e.Model] = len(v.Models)
			v.Models, entries = append(v.Models, i), append(entries, e)
		}
	}
	for k := range s.Metrics {
		if len(s.Views) > 0 && !s.Metrics[k].Shown {
			v.Columns = append(v.Columns, column{})
			continue
		}
		column := make([]metrics.Estimate, len(entries))
		for i, e := range entries {
			column[i] = cell(e, k)
		}
		v.Columns = append(v.Columns, estimates(column, s.units[k], digits))
	}
	return v, place
}

// addOrders makes rank sets by the metrics shown at first, with comparisons with every
// model if asked for.
func (s *Store) addOrders(v *View, in Input, b *board.Board, place map[string]int, first bool) error {
	few := len(v.Models) <= fewModels
	for k, m := range append([]metrics.Measure{b.By}, b.Beside...) {
		if m.Metric.Better == metrics.None || k > 0 && (!first || !s.Metrics[k].Shown) || !first && !few {
			continue
		}
		by := b
		if k > 0 || !first {
			if in.Results == nil {
				continue
			}
			var err error
			if by, err = board.New(in.Results, board.Options{Selection: b.Choice, By: m}); err != nil {
				return err
			}
			if err := by.ResolveAs(in.Board, in.Results); err != nil {
				return err
			}
		}
		o := s.order(by, k, place)
		if o == nil {
			continue
		}
		if first && k == 0 && len(v.Models) <= mostPinned {
			s.addPins(o, by, s.units[k])
		}
		v.Orders = append(v.Orders, o)
	}
	return nil
}

// addGiven stores the curves that the input has.
func (s *Store) addGiven(v *View, given []board.Curves, place map[string]int) {
	made := make([]*curve, len(v.Models))
	for _, c := range given {
		if i, known := place[c.Model]; known {
			made[i] = ofBoard(c)
		}
	}
	v.Curves = stored(made)
}

// rowsOf are the stored rows behind the entries of a board.
func rowsOf(b *board.Board, r *results.Results) []results.Row {
	c := b.Choice
	at := map[results.Key]int{}
	for i, row := range r.Rows {
		at[row.Key] = i
	}
	var rows []results.Row
	for _, e := range b.Entries {
		key := results.Key{Model: e.Model, Dataset: c.Dataset, Split: c.Split, Condition: c.Condition, Transform: c.Transform, Confidence: e.Confidence}
		row := results.Row{Key: key}
		if i, known := at[key]; known {
			row = r.Rows[i]
		}
		rows = append(rows, row)
	}
	return rows
}

// addOtherViews stores the other splits, conditions, transforms and confidence functions of
// the dataset, each by itself, with the metrics shown at first.
func (s *Store) addOtherViews(in Input) error {
	first := in.Board.Choice
	for _, c := range selections(in.Results, first) {
		b, err := board.New(in.Results, board.Options{Selection: c, By: in.Board.By})
		if err != nil {
			continue // a filter, or a confidence function, that no model passes there
		}
		if len(b.Beside) != len(in.Board.Beside) {
			continue
		}
		v, place := s.newView(b, fewDigits)
		if len(v.Models) == 0 {
			continue
		}
		if err := s.addOrders(v, in, b, place, false); err != nil {
			return err
		}
		if len(v.Models) <= fewModels && c.Confidence == first.Confidence && c.Transform == first.Transform {
			s.addCurves(v, in.Results, rowsOf(b, in.Results))
		}
		s.Views = append(s.Views, v)
	}
	return nil
}

// selections are those of the dataset other than the first, in the order of the results.
func selections(r *results.Results, first board.Selection) []board.Selection {
	var all []board.Selection
	seen := map[[4]string]bool{{first.Split, first.Condition, first.Transform, first.Confidence}: true}
	for _, row := range r.Rows {
		key := [4]string{row.Split, row.Condition, row.Transform, row.Confidence}
		if row.Dataset != first.Dataset || row.Status != "ok" || seen[key] || row.Confidence == "stored" {
			continue
		}
		seen[key] = true
		if apart(key, [4]string{first.Split, first.Condition, first.Transform, first.Confidence}) > 1 {
			continue
		}
		c := first
		c.Split, c.Condition, c.Transform, c.Confidence = row.Split, row.Condition, row.Transform, row.Confidence
		all = append(all, c)
	}
	return all
}

// apart is in how many parts two selections differ.
func apart(a, b [4]string) int {
	n := 0
	for i := range a {
		if a[i] != b[i] {
			n++
		}
	}
	return n
}
