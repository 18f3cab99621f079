package reports

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"abstain/metrics"
	"abstain/reports/answers"
	"abstain/reports/typeface"
	"abstain/reports/words"
)

// printedTable is a table of answers, laid out for a width.
type printedTable struct {
	columns []printedColumn
	rows    int
	bars    []bool // rows with a bar at the left: tied with the best
	lines   int    // of the head
	pitch   float64
}

type printedColumn struct {
	head       []string
	right      bool
	text, fine []string // of the cells; fine is the interval
	ink        []color.NRGBA
	bold       []bool
	main, tail float64 // widths of text and interval
}

func (c printedColumn) width() float64 {
	if c.tail > 0 {
		return c.main + 3 + c.tail
	}
	return c.main
}

const (
	gridGap   = 9.0
	gridPitch = 12.2
	gridLeast = 11.0
	gridHead  = 8.2
)

// verdictInk is how a cell is set: what is tied or proven in bold and in its colour.
func verdictInk(v answers.Verdict, kind answers.Kind) (color.NRGBA, bool) {
	switch v {
	case answers.Tied:
		return black, true
	case answers.Better:
		return accent, true
	case answers.Worse:
		return alarm, true
	case answers.Behind, answers.TooFew:
		return grey, false
	case answers.Unproven:
		if kind == answers.Effect || kind == answers.Coefficient {
			return grey, false
		}
	}
	return black, false
}

// table lays out the first rows of a table, at most so many; nil if it does not fit into
// the width. Text is shortened before columns are left out, and of metrics only those that
// the caller lets go are left out.
func (s *sheet) table(t *answers.Table, rows int, width float64, mayDrop bool) *printedTable {
	shown := *t
	shown.Rows = t.Rows[:min(rows, len(t.Rows))]
	shown.Columns = slices.Clone(t.Columns)
	skip := make([]bool, len(t.Columns))
	for _, limit := range []float64{200, 150, 124, 104, 88} {
		if p := s.layTable(&shown, skip, limit); p.width() <= width {
			return p
		}
	}
	for mayDrop {
		k := dropped(t, skip)
		if k < 0 {
			return nil
		}
		skip[k] = true
		if p := s.layTable(&shown, skip, 112); p.width() <= width {
			return p
		}
	}
	return nil
}

// dropped is the column to leave out next: a second one of the same thing at another
// operating point, or else the last metric; -1 if only one is left.
func dropped(t *answers.Table, skip []bool) int {
	last, n := -1, 0
	begun := map[string]bool{}
	for k, c := range t.Columns {
		if c.Kind != answers.Value && c.Kind != answers.Effect || skip[k] {
			continue
		}
		first, _, more := strings.Cut(c.Head, " ")
		if more && begun[first] {
			return k
		}
		begun[first] = true
		last, n = k, n+1
	}
	if n < 2 {
		return -1
	}
	return last
}

func (p *printedTable) width() float64 {
	sum := 0.0
	for i, c := range p.columns {
		if sum += c.width(); i > 0 {
			sum += gridGap
		}
	}
	if p.barred() {
		sum += 8
	}
	return sum
}

func (p *printedTable) barred() bool { return slices.Contains(p.bars, true) }

// layTable measures the cells; text is no wider than the limit.
func (s *sheet) layTable(t *answers.Table, skip []bool, limit float64) *printedTable {
	p := &printedTable{rows: len(t.Rows), pitch: gridPitch, bars: make([]bool, len(t.Rows))}
	ranked := -1
	for k, c := range t.Columns {
		if c.Kind == answers.Value && ranked < 0 {
			ranked = k
		}
		if !skip[k] {
			p.columns = append(p.columns, s.layColumn(t, k, limit))
		}
	}
	for _, c := range p.columns {
		p.lines = max(p.lines, len(c.head))
	}
	for r := range t.Rows {
		p.bars[r] = ranked >= 0 && t.Rows[r].Model != "" && t.Rows[r].Cells[ranked].Verdict == answers.Tied
	}
	return p
}

func (s *sheet) layColumn(t *answers.Table, k int, limit float64) printedColumn {
	c := t.Columns[k]
	p := printedColumn{right: c.Kind != answers.Text}
	for _, row := range t.Rows {
		cell := row.Cells[k]
		text := visible(printed(t, cell, k))
		if c.Kind == answers.Text {
			text = s.fit(typeface.Regular, sizeCell, text, limit)
		}
		ink, bold := verdictInk(cell.Verdict, c.Kind)
		st := typeface.Regular
		if bold {
			st = typeface.Bold
		}
		fine := compactInterval(t, cell, k)
		p.text, p.fine, p.ink, p.bold = append(p.text, text), append(p.fine, fine), append(p.ink, ink), append(p.bold, bold)
		p.main = max(p.main, s.width(st, sizeCell, text))
		p.tail = max(p.tail, s.width(typeface.Regular, sizeFine, fine))
	}
	p.head = s.gridHead(c, max(p.width(), 40))
	if w := p.headWidth(s); w > p.width() {
		p.main += w - p.width()
	}
	return p
}

func (c printedColumn) headWidth(s *sheet) float64 {
	w := 0.0
	for _, line := range c.head {
		w = max(w, s.width(typeface.Bold, sizeSmall, line))
	}
	return w
}

// headEnd is where the head of a column of numbers ends: above the numbers, or above the
// intervals if it is wider.
func (c printedColumn) headEnd(s *sheet) float64 {
	if c.headWidth(s) > c.main {
		return c.width()
	}
	return c.main
}

// printed is a cell as it is printed, in its own unit where it has one.
func printed(t *answers.Table, c answers.Cell, k int) string {
	if c.Unit.Factor != 0 && !math.IsNaN(c.Value) {
		if t.Columns[k].Kind == answers.Effect {
			return c.Unit.Signed(c.Value)
		}
		return c.Unit.With(c.Value)
	}
	return t.Print(c, k)
}

// compactInterval is the interval of a cell in little room: "27.7–45.0".
func compactInterval(t *answers.Table, c answers.Cell, k int) string {
	if math.IsNaN(c.Lo) || math.IsNaN(c.Hi) || t.Columns[k].Kind == answers.Text {
		return ""
	}
	u := t.Columns[k].Unit
	if c.Unit.Factor != 0 {
		u = c.Unit
	}
	if kind := t.Columns[k].Kind; kind == answers.Effect || kind == answers.Coefficient {
		return u.Bounds(c.Lo, c.Hi, true)
	}
	return u.Number(c.Lo) + "–" + u.Number(c.Hi)
}

// gridHead is the head of a column in lines: its name with the arrow of its better end, and
// its unit.
func (s *sheet) gridHead(c answers.Column, width float64) []string {
	name := c.Head
	switch {
	case c.Kind != answers.Value && c.Kind != answers.Effect:
	case c.Better == metrics.Lower:
		name += "\u00a0↓"
	case c.Better == metrics.Higher:
		name += "\u00a0↑"
	}
	if c.Unit.Sign != "" && (c.Kind == answers.Value || c.Kind == answers.Effect) {
		name += "\n" + c.Unit.Sign
	}
	return s.wrap(typeface.Bold, sizeSmall, name, width)
}

// height is that of the table with its rows as close as they are allowed to be.
func (p *printedTable) height(pitch float64) float64 {
	return float64(p.lines)*gridHead + 6 + float64(p.rows)*pitch + 2
}

// tablePiece is a piece with a table; nil if it does not fit into the width.
func (s *sheet) tablePiece(t *answers.Table, rows int, width float64, mayDrop bool) *piece {
	if t == nil || len(t.Rows) == 0 {
		return nil
	}
	p := s.table(t, rows, width, mayDrop)
	if p == nil {
		return nil
	}
	caption := words.Capital(t.Note)
	if more := len(t.Rows) - p.rows; more > 0 {
		caption = joinSentences(fmt.Sprintf("%d more rows are in the study's files", more), caption)
	}
	return &piece{kind: "Table", title: t.Title, caption: joinSentences(caption), width: width,
		least: p.height(gridLeast), usual: p.height(gridPitch), most: p.height(gridPitch * 1.12),
		draw: func(s *sheet, x, top, w, h float64) { s.drawTable(p, x, top, w, h) }}
}

// joinSentences puts texts one after another, each with a full stop.
func joinSentences(all ...string) string {
	var kept []string
	for _, text := range all {
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		if !strings.HasSuffix(text, ".") {
			text += "."
		}
		kept = append(kept, text)
	}
	return strings.Join(kept, " ")
}

// drawTable draws the table; its columns share what is left of the width, up to a limit.
func (s *sheet) drawTable(p *printedTable, x, top, w, h float64) {
	gap := gridGap
	if n := len(p.columns); n > 1 {
		gap += min(24, max(0, w-p.width())/float64(n-1))
	}
	right := min(x+w, x+p.width()+(gap-gridGap)*float64(len(p.columns)-1))
	if w-(right-x) < 40 {
		right = x + w
	}
	pitch := min(max((h-float64(p.lines)*gridHead-8)/float64(p.rows), gridLeast-0.01), gridPitch*1.2)
	s.doc.Rule(x, top, right, top, 0.6, black)
	under := top - float64(p.lines)*gridHead - 4
	s.doc.Rule(x, under, right, under, 0.4, black)
	at := x
	if p.barred() {
		at += 8
		for r, bar := range p.bars {
			if bar {
				s.doc.Box(x, under-1-float64(r+1)*pitch, 2.6, pitch, accent)
			}
		}
	}
	// Row by row, so that text that is copied stays in the order in which it is read.
	for r := -1; r < p.rows; r++ {
		at := at
		for _, c := range p.columns {
			if r < 0 {
				s.drawHead(p, c, at, top)
			} else {
				s.drawCell(c, r, at, under-1-pitch*(float64(r)+0.5)-sizeCell*0.34)
			}
			at += c.width() + gap
		}
	}
	s.doc.Rule(x, under-2-float64(p.rows)*pitch, right, under-2-float64(p.rows)*pitch, 0.6, black)
}

func (s *sheet) drawHead(p *printedTable, c printedColumn, x, top float64) {
	for i, line := range c.head {
		y := top - gridHead*float64(p.lines-len(c.head)+i+1)
		st, ink := typeface.Bold, black
		if i > 0 && i == len(c.head)-1 && len(line) <= 2 {
			st, ink = typeface.Regular, grey // the unit
		}
		if c.right {
			s.flush(x+c.headEnd(s), y, st, sizeSmall, ink, line)
		} else {
			s.doc.Text(x, y, st, sizeSmall, ink, line)
		}
	}
}

func (s *sheet) drawCell(c printedColumn, r int, x, y float64) {
	st := typeface.Regular
	if c.bold[r] {
		st = typeface.Bold
	}
	if c.right {
		s.flush(x+c.main, y, st, sizeCell, c.ink[r], c.text[r])
	} else {
		s.doc.Text(x, y, st, sizeCell, c.ink[r], c.text[r])
	}
	s.doc.Text(x+c.main+3, y, typeface.Regular, sizeFine, grey, c.fine[r])
}

// said is a line of a list of texts: a name, or a question, and what is said of it.
type said struct {
	name, text string
	where      func() string // where there is more, known when pages are made; nil for nothing
	page       func() int    // the page it links to; nil for none
	mono       bool
}

const leadSaid = 8.9

// saidPiece is a piece with a list of texts over the full width; share is that of the names.
func (s *sheet) saidPiece(title string, list []said, width, share float64) *piece {
	if len(list) == 0 {
		return nil
	}
	names, where := width*share, 0.0
	if list[0].where != nil {
		where = 58
	}
	texts := width - names - where - 10
	var rows [][2][]string
	height := 4.0
	for _, x := range list {
		st := typeface.Regular
		if x.mono {
			st = typeface.Mono
		}
		row := [2][]string{s.wrap(typeface.Bold, sizeCell, x.name, names-8), s.wrap(st, saidSize(x), x.text, texts)}
		rows = append(rows, row)
		height += float64(max(len(row[0]), len(row[1])))*leadSaid + 2.6
	}
	return &piece{title: title, width: width, least: height, usual: height, most: height,
		draw: func(s *sheet, x, top, w, _ float64) {
			s.doc.Rule(x, top, x+w, top, 0.5, black)
			y := top - 3
			for i, row := range rows {
				s.said(list[i], row, x, y, names, w)
				y -= float64(max(len(row[0]), len(row[1])))*leadSaid + 2.6
			}
			s.doc.Rule(x, y, x+w, y, 0.4, hair)
		}}
}

func saidSize(x said) float64 {
	if x.mono {
		return sizeSmall - 0.4
	}
	return sizeCell
}

// said draws a line of a list.
func (s *sheet) said(line said, row [2][]string, x, y, names, w float64) {
	s.lines(x, y, typeface.Bold, sizeCell, leadSaid, black, row[0])
	st := typeface.Regular
	if line.mono {
		st = typeface.Mono
	}
	s.lines(x+names, y, st, saidSize(line), leadSaid, black, row[1])
	if line.where == nil {
		return
	}
	where := line.where()
	s.flush(x+w, y-sizeCell*0.78, typeface.Regular, sizeCell, accent, where)
	if page := line.page(); page > 0 && where != "" {
		wide := s.width(typeface.Regular, sizeCell, where)
		s.doc.Link(x+w-wide, y-leadSaid, wide, leadSaid, page)
	}
}
