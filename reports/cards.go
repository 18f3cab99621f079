package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/harness/board"
	"abstain/metrics"
	"abstain/reports/answers"
	"abstain/reports/typeface"
	"abstain/reports/words"
)

// cardColumn is a metric in the cards of all models: where its values lie.
type cardColumn struct {
	measure   metrics.Measure
	unit      words.Unit
	low, high float64 // of the scale, from the 2nd to the 98th percentile
	of        func(board.Entry) metrics.Estimate
	standing  func(board.Entry) board.Standing
}

const (
	cardHead = 24.0
	cardRow  = 11.0
	cardGap  = 15.0
)

// cards sets a card of each model, two beside each other: what it is, the places it may
// have, and each metric with its interval on the scale of all models.
func (s *sheet) cards(b *board.Board) {
	s.w, s.h = pageWidth, pageHeight
	columns := cardColumns(b)
	height := cardHead + cardRow*float64(len(columns)) + cardGap
	s.listing = "Appendix: a card for each model"
	for i, e := range b.Entries {
		if i == 0 || i%2 == 0 && s.y-height < bottom {
			s.page(s.listing, s.topic)
			if i == 0 {
				s.doc.Bookmark(s.listing, 0, s.y+10)
				s.paragraph("Dot and line: value and interval of the model, on the scale of all models from the 2nd to the 98th percentile; better is at the right. " +
					"Filled and bold: tied with the best by that metric.")
				s.y -= 8
			}
		}
		x := left
		if i%2 == 1 {
			x += column2 + columnGap
		}
		s.card(b, e, columns, x, s.y)
		if i%2 == 1 {
			s.y -= height
		}
	}
}

// mostCardRows keeps a card on its page.
const mostCardRows = 48

func cardColumns(b *board.Board) []cardColumn {
	all := []cardColumn{{measure: b.By, of: func(e board.Entry) metrics.Estimate { return e.Value }, standing: b.Standing}}
	for k, m := range b.Beside {
		if len(all) == mostCardRows {
			break
		}
		all = append(all, cardColumn{measure: m, of: func(e board.Entry) metrics.Estimate { return e.Beside[k] },
			standing: func(e board.Entry) board.Standing {
				if k < len(e.Standings) {
					return e.Standings[k]
				}
				return board.NotTested
			}})
	}
	for i := range all {
		c := &all[i]
		var values []float64
		for _, e := range b.Entries {
			if v := c.of(e).Value; !math.IsNaN(v) && !math.IsInf(v, 0) {
				values = append(values, v)
			}
		}
		slices.Sort(values)
		c.unit = words.UnitOf(c.measure).For(values...)
		if n := len(values); n > 0 {
			c.low, c.high = values[n/50], values[n-1-n/50]
		}
	}
	return all
}

// card sets one card with its upper left corner at x, top.
func (s *sheet) card(b *board.Board, e board.Entry, columns []cardColumn, x, top float64) {
	s.doc.Rule(x, top, x+column2, top, 0.5, black)
	rank := "no place"
	if e.Rank > 0 {
		rank = fmt.Sprintf("place %d", e.Rank)
		if e.Ranks.Lo > 0 {
			rank += fmt.Sprintf(", may be %d–%d", e.Ranks.Lo, e.Ranks.Hi)
		}
	}
	s.doc.Text(x, top-9, typeface.Bold, sizeCell, black, s.fit(typeface.Bold, sizeCell, visible(e.Model), column2))
	s.flush(x+column2, top-18, typeface.Regular, sizeFine, grey, rank)
	room := column2 - s.width(typeface.Regular, sizeFine, rank) - 8
	var meta []string
	for _, pair := range e.Meta {
		if pair.Value != "" && !slices.Contains([]string{"model", "dataset", "file"}, pair.Key) {
			meta = append(meta, visible(pair.Key)+" "+visible(answers.Plain(pair.Value)))
		}
	}
	s.doc.Text(x, top-18, typeface.Regular, sizeFine, grey, s.fit(typeface.Regular, sizeFine, strings.Join(meta, " · "), room))
	y := top - cardHead
	for _, c := range columns {
		s.cardRow(e, c, x, y-cardRow*0.72)
		y -= cardRow
	}
}

// cardRow sets a metric of a card: its name, its place on the scale, its value.
func (s *sheet) cardRow(e board.Entry, c cardColumn, x, y float64) {
	estimate := c.of(e)
	st, ink := typeface.Regular, black
	if c.standing(e) == board.MayBeBest {
		st = typeface.Bold
	}
	name := strings.TrimSpace(c.measure.Label() + " " + c.unit.Sign)
	s.doc.Text(x, y, typeface.Regular, sizeSmall, grey, s.fit(typeface.Regular, sizeSmall, name, 72))
	s.doc.Text(x+150, y, st, sizeSmall, ink, c.unit.Number(estimate.Value))
	s.doc.Text(x+180, y, typeface.Regular, sizeFine, grey, c.unit.Bounds(estimate.Lo, estimate.Hi, false))
	from, to := x+76, x+142
	s.doc.Rule(from, y+2.2, to, y+2.2, 0.3, hair)
	if !(c.high > c.low) || math.IsNaN(estimate.Value) {
		return
	}
	at := func(v float64) float64 {
		share := max(0, min(1, (v-c.low)/(c.high-c.low)))
		if c.measure.Metric.Better == metrics.Lower {
			share = 1 - share
		}
		return from + (to-from)*share
	}
	if !math.IsNaN(estimate.Lo) && !math.IsNaN(estimate.Hi) {
		s.doc.Rule(at(estimate.Lo), y+2.2, at(estimate.Hi), y+2.2, 0.8, grey)
	}
	clr := grey
	if c.standing(e) == board.MayBeBest {
		clr = accent
	}
	s.doc.Box(at(estimate.Value)-1.4, y+0.8, 2.8, 2.8, clr)
}
