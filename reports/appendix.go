package reports

import (
	"fmt"
	"slices"
	"strings"

	"abstain/harness/board"
	"abstain/reports/typeface"
	"abstain/reports/words"
)

// Sizes of the leaderboard, in points.
const (
	cellSize  = 7.0
	rowHeight = 10.2
	cellGap   = 8.0
	headWidth = 30.0 // a wider header is broken, if its column allows that
	widow     = 4    // the last page has at least this many rows
)

// limits are the largest widths of a model's name and of a regime or family. The
// first pair is taken with which all metrics fit on the page; if none does, the
// first pair of all.
var limits = [][2]float64{{190, 84}, {170, 70}, {150, 60}, {130, 52}}

// appendix lists all models once, as the board sorts them, and sets a card of each.
func (s *sheet) appendix(d Document) {
	s.leaderboard(pointsBeside(d.Board))
	s.cards(d.Board)
	s.w, s.h = pageWidth, pageHeight
}

// pointsBeside is the board as tables show it: only the ranking metric has room
// for intervals. The cards show all intervals.
func pointsBeside(b *board.Board) *board.Board {
	c := *b
	c.Entries = slices.Clone(b.Entries)
	c.PointsBeside()
	return &c
}

// leaderboard sets the board on as many pages as it needs, in landscape format if the
// metrics do not fit beside the names otherwise. Metrics that still do not fit are left to
// the cards, so that no model is listed twice.
func (s *sheet) leaderboard(b *board.Board) {
	title := "Appendix: all models by " + b.By.Label()
	cols := unordered(b, columns(b))
	names, values := s.grid(cols)
	if s.fitting(names, values) != len(values) {
		s.w, s.h = pageHeight, pageWidth
		names, values = s.grid(cols)
	}
	s.listing = title
	s.page(title, s.topic)
	s.doc.Bookmark(title, 0, s.y+10)
	for _, line := range legend(b) {
		s.paragraph(line)
	}
	s.y -= 4
	n := s.fitting(names, values)
	if more := len(values) - n; more > 0 {
		s.paragraph(fmt.Sprintf("%s more on the cards below: no room here", words.Count(more, "metric is", "metrics are")))
	}
	s.rows(append(names[:len(names):len(names)], values[:min(n, len(values))]...), len(b.Entries))
}

// paragraph sets a small text over the full width.
func (s *sheet) paragraph(text string) {
	for _, line := range s.wrap(typeface.Regular, sizeSmall, text, s.measure()) {
		if s.y-leadCaption < bottom {
			s.page(s.listing, s.topic)
		}
		s.y -= leadCaption
		s.doc.Text(left, s.y, typeface.Regular, sizeSmall, grey, line)
	}
}

// gridColumn is a column with its width and its header broken into lines.
type gridColumn struct {
	column
	head  []string
	width float64
}

// grid measures the columns: those that name a model, and those of the metrics.
func (s *sheet) grid(cols []column) (names, values []gridColumn) {
	for _, limit := range append(limits[:len(limits):len(limits)], limits[0]) {
		names, values = nil, nil
		for _, c := range cols {
			switch {
			case c.measure != nil:
				values = append(values, s.measuredColumn(c, s.measure()))
			case c.head == "model":
				names = append(names, s.measuredColumn(c, limit[0]))
			default:
				names = append(names, s.measuredColumn(c, limit[1]))
			}
		}
		if s.fitting(names, values) == len(values) {
			break
		}
	}
	return names, values
}

// measuredColumn is a column that is no wider than the limit; its texts are shortened
// if needed.
func (s *sheet) measuredColumn(c column, limit float64) gridColumn {
	g := gridColumn{column: c}
	g.cells = slices.Clone(c.cells)
	for r, cell := range g.cells {
		if !c.right {
			g.cells[r] = s.fit(typeface.Regular, cellSize, cell, limit)
		}
		st := typeface.Regular
		if c.best != nil && c.best[r] {
			st = typeface.Bold
		}
		g.width = max(g.width, s.doc.Fonts.Width(st, cellSize, g.cells[r]))
	}
	g.head = s.broken(c.head, max(g.width, headWidth))
	for _, line := range g.head {
		g.width = max(g.width, s.doc.Fonts.Width(typeface.Bold, cellSize, line))
	}
	return g
}

// broken breaks a header at spaces and after hyphens, but never before its arrow.
func (s *sheet) broken(head string, width float64) []string {
	var lines []string
	line := ""
	for _, word := range strings.SplitAfter(strings.ReplaceAll(strings.ReplaceAll(head, "-", "-\x00"), " ", " \x00"), "\x00") {
		word = strings.TrimSuffix(word, "\x00")
		arrow := word == "↑" || word == "↓"
		if line != "" && !arrow && s.doc.Fonts.Width(typeface.Bold, cellSize, strings.TrimRight(line+word, " ")) > width {
			lines = append(lines, strings.TrimRight(line, " "))
			line = ""
		}
		line += word
	}
	return append(lines, strings.TrimRight(line, " "))
}

// fitting is how many of the value columns fit beside the names, at least one.
func (s *sheet) fitting(names, values []gridColumn) int {
	used := 0.0
	for _, c := range names {
		used += c.width + cellGap
	}
	n := 0
	for n < len(values) && used+values[n].width <= s.measure() {
		used += values[n].width + cellGap
		n++
	}
	return max(n, 1)
}

// rows sets the rows, with the header on every page.
func (s *sheet) rows(cols []gridColumn, rows int) {
	spread := slack(cols, s.measure())
	s.tableHead(cols, spread)
	for r := range rows {
		if s.y-rowHeight < bottom || rows-r == widow && s.y-widow*rowHeight < bottom {
			s.doc.Rule(left, s.y-2, s.right(), s.y-2, 0.5, grey)
			s.page(s.listing, s.topic)
			s.tableHead(cols, spread)
		}
		s.row(cols, spread, r)
		if (r+1)%5 == 0 && r+1 < rows && s.y-rowHeight >= bottom {
			s.doc.Rule(left, s.y-2.6, s.right(), s.y-2.6, 0.25, hair)
		}
	}
	s.doc.Rule(left, s.y-2.6, s.right(), s.y-2.6, 0.6, grey)
	s.y -= 4
}

// slack is the gap between columns with which the table fills the width of the
// page, up to a largest gap.
func slack(cols []gridColumn, measure float64) float64 {
	used := 0.0
	for _, c := range cols {
		used += c.width
	}
	if len(cols) < 2 {
		return cellGap
	}
	return min(max((measure-used)/float64(len(cols)-1), cellGap), 26)
}

func (s *sheet) tableHead(cols []gridColumn, gap float64) {
	lines := 0
	for _, c := range cols {
		lines = max(lines, len(c.head))
	}
	s.y -= 4
	s.doc.Rule(left, s.y, s.right(), s.y, 0.6, grey)
	base := s.y - float64(lines)*cellSize*1.2 - 1
	x := left
	for _, c := range cols {
		for i, line := range c.head {
			y := base + float64(len(c.head)-1-i)*cellSize*1.2
			if c.right {
				s.flush(x+c.width, y, typeface.Bold, cellSize, black, line)
			} else {
				s.doc.Text(x, y, typeface.Bold, cellSize, black, line)
			}
		}
		x += c.width + gap
	}
	s.y = base - 3.5
	s.doc.Rule(left, s.y, s.right(), s.y, 0.4, grey)
	s.y += 1
}

// row sets the line of one model, with the best values of the board in bold.
func (s *sheet) row(cols []gridColumn, gap float64, r int) {
	s.y -= rowHeight
	x := left
	for _, c := range cols {
		st := typeface.Regular
		if c.best != nil && c.best[r] {
			st = typeface.Bold
		}
		if c.right {
			s.flush(x+c.width, s.y, st, cellSize, black, c.cells[r])
		} else {
			s.doc.Text(x, s.y, st, cellSize, black, c.cells[r])
		}
		x += c.width + gap
	}
}
