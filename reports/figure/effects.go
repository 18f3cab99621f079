package figure

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"abstain/metrics"
	"abstain/reports/typeface"
)

// Effects draws what treatments do to metrics: a row for each treatment, a column for each
// metric, in each cell the effect with its interval beside its number. Every axis is turned
// so that better is at the right; the numbers keep their own sign.
type Effects struct {
	RowTitle   string         `json:"row_title"`   // what rows are: "regime"
	CountTitle string         `json:"count_title"` // what Count counts: "twins"; "" for no counts
	Columns    []EffectColumn `json:"columns"`
	Rows       []EffectRow    `json:"rows"`
	TooFew     string         `json:"-"` // what there is too little of: "too few twins"

	Width  vg.Length `json:"-"` // 0: that of a page's text
	Height vg.Length `json:"-"` // 0: as high as the rows need
}

// EffectColumn is a metric, or a rank correlation that stands apart from the effects.
type EffectColumn struct {
	Label    string            `json:"label"`
	Unit     string            `json:"unit"` // under the label: "points", "%"
	Better   metrics.Direction `json:"-"`
	Decimals int               `json:"-"` // of the numbers on the axis
	// Apart columns hold coefficients from -1 to 1, with diamonds and an axis of their own.
	Apart bool `json:"apart,omitempty"`
}

// EffectRow is a treatment.
type EffectRow struct {
	Name  string       `json:"name"`
	Count int          `json:"count"`
	Cells []EffectCell `json:"cells"` // by column
}

// EffectCell is an effect in printed units; At is NaN where there is none.
type EffectCell struct {
	Value   Value   `json:"value"`
	Text    string  `json:"text"` // the number as it is printed, with its sign
	Verdict Verdict `json:"verdict"`
}

// quiet reports whether nothing could be proven in any cell of the row.
func (r EffectRow) quiet() bool {
	for _, c := range r.Cells {
		if finite(c.Value.At) && c.Verdict != TooFew {
			return false
		}
	}
	return true
}

const (
	effectHead  = vg.Length(44) // key, names and units of columns
	effectFoot  = vg.Length(13) // ticks
	effectLeast = 3.55 * vg.Millimeter
	effectUsual = vg.Length(17)
	effectMost  = vg.Length(22)
	effectCell  = vg.Length(55) // the least width of a column
)

// Range is the least and the largest height at which the matrix is legible.
func (e Effects) Range() (least, most vg.Length) {
	n := vg.Length(len(e.fitting().Rows))
	return effectHead + effectFoot + effectLeast*1.15*n, effectHead + effectFoot + effectMost*n
}

// Figures lays the matrix out. In a figure of one column the metrics that do not fit are
// left out, the last first, and so are rows in which nothing could be proven, if there are
// many; the caption names what is missing. It is an error if there is no effect.
func (e Effects) Figures(t Text) ([]*Figure, error) {
	for _, r := range e.Rows {
		if len(r.Cells) != len(e.Columns) {
			return nil, fmt.Errorf("row %q has %d cells for %d columns", r.Name, len(r.Cells), len(e.Columns))
		}
	}
	if len(e.Rows) == 0 || len(e.Columns) == 0 {
		return nil, errors.New("there are no effects")
	}
	shown := e.fitting()
	height := e.Height
	if height == 0 {
		height = effectHead + effectFoot + effectUsual*vg.Length(len(shown.Rows))
	}
	caption := strings.TrimSpace(t.Caption + " " + shown.reading() + e.missing(shown))
	return []*Figure{{Name: t.Name, Title: t.Title, Caption: caption, Shown: e, Width: plotWidth(e.Width), Height: height,
		draw: func(c draw.Canvas, fonts *typeface.Family) { shown.draw(flatStage(c, fonts)) }}}, nil
}

// reading says how to read the marks.
func (e Effects) reading() string {
	text := "Every axis is turned so that right is better, with square-root spacing around 0; numbers keep their own sign." +
		" An arrow: the interval goes on."
	if slices.ContainsFunc(e.Columns, func(c EffectColumn) bool { return c.Apart }) {
		text += " Diamonds: correlations, filled where the interval leaves 0."
	}
	return text
}

// narrow reports whether the figure is for a column of a paper.
func (e Effects) narrow() bool { return plotWidth(e.Width) < 120*vg.Millimeter }

// fitting is the part of the matrix that has room.
func (e Effects) fitting() Effects {
	room := int((plotWidth(e.Width) - e.nameRoom()) / effectCell)
	if n := len(e.Columns); n > room && room > 0 {
		e = e.keepColumns(room)
	}
	if e.narrow() && len(e.Rows) > 14 {
		e.Rows = slices.DeleteFunc(slices.Clone(e.Rows), EffectRow.quiet)
		if len(e.Rows) == 0 {
			return e
		}
	}
	return e
}

// nameRoom is the width of names and counts.
func (e Effects) nameRoom() vg.Length {
	longest := len([]rune(e.RowTitle))
	for _, r := range e.Rows {
		longest = max(longest, len([]rune(r.Name)))
	}
	room := min(vg.Length(longest)*noteSize*0.55+8, plotWidth(e.Width)*0.3)
	if e.CountTitle != "" {
		room += 26
	}
	return room
}

// keepColumns keeps the first columns, and those that stand apart.
func (e Effects) keepColumns(n int) Effects {
	var keep []int
	for _, c := range e.Columns {
		if c.Apart && n > 1 {
			n-- // it has its place
		}
	}
	for k, c := range e.Columns {
		if c.Apart {
			keep = append(keep, k)
		} else if n > 0 {
			keep, n = append(keep, k), n-1
		}
	}
	kept := e
	kept.Columns, kept.Rows = nil, nil
	for _, k := range keep {
		kept.Columns = append(kept.Columns, e.Columns[k])
	}
	for _, r := range e.Rows {
		cells := make([]EffectCell, 0, len(keep))
		for _, k := range keep {
			cells = append(cells, r.Cells[k])
		}
		kept.Rows = append(kept.Rows, EffectRow{r.Name, r.Count, cells})
	}
	return kept
}

// missing names what a narrow figure leaves out.
func (e Effects) missing(shown Effects) string {
	var columns, rows []string
	for _, c := range e.Columns {
		if !slices.ContainsFunc(shown.Columns, func(x EffectColumn) bool { return x.Label == c.Label }) {
			columns = append(columns, c.Label)
		}
	}
	for _, r := range e.Rows {
		if !slices.ContainsFunc(shown.Rows, func(x EffectRow) bool { return x.Name == r.Name }) {
			rows = append(rows, r.Name)
		}
	}
	text := ""
	if len(rows) > 0 {
		text = fmt.Sprintf(" Left out, with %s: %s.", cmp.Or(e.TooFew, "too few pairs"), strings.Join(rows, ", "))
	}
	if len(columns) > 0 {
		text += " Not shown here: " + strings.Join(columns, ", ") + "."
	}
	return text
}

// root is a signed square root, the spacing of the axes.
func root(v float64) float64 { return math.Copysign(math.Sqrt(math.Abs(v)), v) }

// effectAxis maps effects of a column to the stretch from 0 to 1, better to the right.
type effectAxis struct {
	low, high float64 // in spaced units, turned
	turn      float64 // -1 where lower is better
	apart     bool
}

func (a effectAxis) space(v float64) float64 {
	if a.apart {
		return v
	}
	return root(v * a.turn)
}

func (a effectAxis) of(v float64) float64 { return (a.space(v) - a.low) / (a.high - a.low) }

// axis covers what is proven or could have been, with 0; the rest is cut off with a mark.
func (e Effects) axis(k int) effectAxis {
	c := e.Columns[k]
	a := effectAxis{turn: 1, apart: c.Apart}
	if c.Better == metrics.Lower {
		a.turn = -1
	}
	if c.Apart {
		for _, r := range e.Rows {
			if v := r.Cells[k].Value; finite(v.At) {
				a.low = min(a.low, v.At)
			}
			if v := r.Cells[k].Value; v.Interval() {
				a.low = min(a.low, v.Lo)
			}
		}
		a.low, a.high = max(-1.04, a.low*1.08), 1.04
		return a
	}
	low, high := e.reach(k, a)
	span := max(high-low, 1e-9)
	// 0 keeps some room on both sides, so that a side without effects is one all the same.
	a.low, a.high = min(low, -0.18*span), max(high, 0.18*span)
	pad := 0.07 * (a.high - a.low)
	a.low, a.high = a.low-pad, a.high+pad
	return a
}

// reach is how far the axis goes to both sides. Effects that could have been proven are
// always on it. Those of too few pairs are if they are not far beyond these, and intervals
// as far as they do not press the effects together.
func (e Effects) reach(k int, a effectAxis) (low, high float64) {
	var few []float64
	for _, r := range e.Rows {
		switch c := r.Cells[k]; {
		case !finite(c.Value.At):
		case c.Verdict == TooFew:
			few = append(few, a.space(c.Value.At))
		default:
			v := a.space(c.Value.At)
			low, high = min(low, v), max(high, v)
		}
	}
	edge := 1.5 * max(high, -low)
	for _, v := range few {
		if math.Abs(v) <= edge || edge == 0 {
			low, high = min(low, v), max(high, v)
		}
	}
	most, least := max(1.3*high, -0.3*low), min(1.3*low, -0.3*high)
	for _, r := range e.Rows {
		if c := r.Cells[k]; c.Value.Interval() {
			p, q := a.space(c.Value.Lo), a.space(c.Value.Hi)
			low, high = min(low, max(min(p, q), least)), max(high, min(max(p, q), most))
		}
	}
	return low, high
}

// ticks are 0 and a round number on either side that has room.
func (a effectAxis) ticks() []float64 {
	if a.apart {
		if a.low < -0.6 {
			return []float64{0, -1, 1}
		}
		if a.low < -0.35 {
			return []float64{0, -0.5, 1}
		}
		return []float64{0, 0.5, 1}
	}
	ticks := []float64{0}
	for _, end := range []float64{a.low, a.high} {
		bound := end * end // back from the square root
		if v := roundBelow(bound); v > 0 && math.Abs(end)/(a.high-a.low) > 0.14 {
			ticks = append(ticks, math.Copysign(v, end)*a.turn)
		}
	}
	return ticks
}

// roundBelow is the largest of 1, 2, 3, 4, 5, 6 and 8 times a power of ten up to v; 0 for
// none.
func roundBelow(v float64) float64 {
	if !(v > 0) || math.IsInf(v, 0) {
		return 0
	}
	power := math.Pow(10, math.Floor(math.Log10(v)))
	best := power
	for _, k := range []float64{2, 3, 4, 5, 6, 8} {
		if k*power <= v*(1+1e-9) {
			best = k * power
		}
	}
	return best
}

// signed writes a tick with its sign.
func signed(v float64) string {
	text := short(math.Abs(v))
	switch {
	case v < 0:
		return "−" + text
	case v > 0:
		return "+" + text
	}
	return "0"
}

func (e Effects) draw(s stage) {
	names := e.nameRoom()
	wide := (s.Size().X - names) / vg.Length(len(e.Columns))
	top, foot := s.Max.Y-effectHead, s.Min.Y+effectFoot
	high := (top - foot) / vg.Length(len(e.Rows))
	e.stripes(s, top, high)
	e.key(s, names)
	for k := range e.Columns {
		x := s.Min.X + names + wide*vg.Length(k)
		e.column(s.part(x, x+wide, foot, top), k, high)
	}
	e.names(s, names, top, high)
	for _, y := range []vg.Length{top, foot} {
		s.line(s.Min.X, y, s.Max.X, y, 0.6, plainInk)
	}
}

// stripes shade every second row.
func (e Effects) stripes(s stage, top, high vg.Length) {
	for i := 0; i < len(e.Rows); i += 2 {
		y := top - high*vg.Length(i)
		s.box(zebra, s.Min.X, y-high, s.Max.X, y)
	}
}

// key says what the marks mean, as far as they occur; blue always, since its absence is a
// finding.
func (e Effects) key(s stage, names vg.Length) {
	found := map[Verdict]bool{Better: true, Worse: true, Unproven: true}
	for _, r := range e.Rows {
		for k, c := range r.Cells {
			if !e.Columns[k].Apart {
				found[c.Verdict] = true
			}
		}
	}
	open := "not proven"
	if found[Untested] {
		open = "not proven, or not tested"
	}
	var entries []keyEntry
	for _, x := range []keyEntry{{verdict: Worse, words: "proven worse"}, {verdict: Better, words: "proven better"},
		{verdict: Unproven, words: open}, {verdict: TooFew, words: cmp.Or(e.TooFew, "too few pairs")}} {
		if found[x.verdict] {
			entries = append(entries, x)
		}
	}
	x := s.Min.X
	if !e.narrow() {
		x += names
	}
	s.verdictKey(x, s.Max.Y-5, entries)
}

// names writes the rows' names and counts.
func (e Effects) names(s stage, room, top, high vg.Length) {
	right := s.Min.X + room - 8
	if e.CountTitle != "" {
		right -= 26
	}
	head := lettering{size: tinySize, x: draw.XRight, color: slateText}
	s.write(right, top+4, head, e.RowTitle)
	if e.CountTitle != "" {
		s.write(right+24, top+4, head, e.CountTitle)
	}
	for i, r := range e.Rows {
		y := top - high*(vg.Length(i)+0.5)
		name := lettering{size: noteSize, bold: true, color: plainInk, x: draw.XRight, y: draw.YCenter}
		if r.quiet() {
			name.bold, name.color = false, mistText
		}
		lines := []string{r.Name}
		if high > 17 {
			lines = s.twoLines(name, r.Name, right-s.Min.X)
		}
		for k, line := range lines {
			s.writeWithin(right, y+4.2*vg.Length(len(lines)-1)-8.4*vg.Length(k), right-s.Min.X, name, line)
		}
		if e.CountTitle != "" {
			s.write(right+24, y, lettering{size: noteSize, color: slateText, x: draw.XRight, y: draw.YCenter}, fmt.Sprint(r.Count))
		}
	}
}

// column draws a metric: the stage is its part of the body.
func (e Effects) column(s stage, k int, high vg.Length) {
	c, a := e.Columns[k], e.axis(k)
	number := lettering{size: noteSize, bold: true}
	widest := vg.Length(0)
	for _, r := range e.Rows {
		widest = max(widest, s.width(number, r.Cells[k].Text))
	}
	left, right := s.Min.X+5, s.Max.X-widest-7
	if k == len(e.Columns)-1 {
		right = s.Max.X - widest - 3
	}
	at := func(v float64) vg.Length { return left + (right-left)*vg.Length(a.of(v)) }
	e.columnHead(s, c, (left+right)/2)
	edge := vg.Length(0.4)
	if k > 0 && c.Apart != e.Columns[k-1].Apart {
		edge = 1
	}
	s.line(s.Min.X, s.Min.Y, s.Min.X, s.Max.Y, edge, seam)
	s.effectTicks(a, at)
	for i, r := range e.Rows {
		y := s.Max.Y - high*(vg.Length(i)+0.5)
		s.effect(r.Cells[k], a, at, left, right, y)
		cell := number
		cell.color, cell.bold = r.Cells[k].Verdict.words()
		if c.Apart && cell.bold {
			cell.color = night
		}
		cell.x, cell.y = draw.XRight, draw.YCenter
		s.write(right+widest+3, y, cell, r.Cells[k].Text)
	}
}

// columnHead writes name, arrow and unit above a column, in the middle of its axis.
func (e Effects) columnHead(s stage, c EffectColumn, x vg.Length) {
	label := c.Label
	switch {
	case c.Apart:
	case c.Better == metrics.Lower:
		label += "\u00a0↓"
	case c.Better == metrics.Higher:
		label += "\u00a0↑"
	}
	name := lettering{size: noteSize, bold: true, x: draw.XCenter, color: plainInk}
	lines := s.twoLines(name, label, s.Size().X-4)
	widest := s.widest(name, lines)
	x = min(max(x, s.Min.X+widest/2+1), s.Max.X-widest/2)
	y := s.Max.Y + 4
	if c.Unit != "" {
		s.writeWithin(x, y, s.Size().X, lettering{size: tinySize, x: draw.XCenter, color: slateText}, c.Unit)
		y += 8.5
	}
	for i := len(lines) - 1; i >= 0; i-- {
		s.writeWithin(x, y, s.Size().X, name, lines[i])
		y += 8.5
	}
}

// twoLines breaks a text at a space into at most two lines, if it is wider than the room.
func (s stage) twoLines(l lettering, text string, room vg.Length) []string {
	if s.width(l, text) <= room {
		return []string{text}
	}
	best, most := []string{text}, vg.Length(math.Inf(1))
	for i, c := range text {
		if c != ' ' {
			continue
		}
		lines := []string{text[:i], text[i+1:]}
		if w := s.widest(l, lines); w < most {
			best, most = lines, w
		}
	}
	return best
}

// effectTicks draws seams and labels of a column's axis.
func (s stage) effectTicks(a effectAxis, at func(float64) vg.Length) {
	small := lettering{size: tinySize, x: draw.XCenter, y: draw.YTop, color: slateText}
	zero := vg.Length(math.Inf(-1))
	for _, v := range a.ticks() {
		x := at(v)
		label := signed(v)
		if a.apart && v > 0 {
			label = strings.TrimPrefix(label, "+")
		}
		if v == 0 {
			zero = x
		} else if gap := vg.Length(math.Abs(float64(x - zero))); gap < s.width(small, label)/2+5 {
			continue // no room beside the 0
		}
		width, clr := vg.Length(0.4), seam
		if v == 0 {
			width, clr = 0.5, plainInk
		}
		s.line(x, s.Min.Y, x, s.Max.Y, width, clr)
		s.write(x, s.Min.Y-3, small, label)
	}
}

// effect draws interval and mark of a cell between two edges.
func (s stage) effect(c EffectCell, a effectAxis, at func(float64) vg.Length, left, right, y vg.Length) {
	if !finite(c.Value.At) {
		return
	}
	clr, filled := c.Verdict.mark()
	if a.apart && filled {
		clr = night
	}
	width := vg.Length(0.7)
	if filled {
		width = 1.1
	}
	if c.Value.Interval() {
		p, q := at(c.Value.Lo), at(c.Value.Hi)
		p, q = min(p, q), max(p, q)
		if q > left && p < right {
			s.line(max(p, left), y, min(q, right), y, width, clr)
			if p < left {
				s.arrowHead(left, y, -1, clr)
			}
			if q > right {
				s.arrowHead(right, y, 1, clr)
			}
		}
	}
	switch x := at(c.Value.At); {
	case x < left:
		s.arrowHead(left-1, y, -1, clr)
	case x > right:
		s.arrowHead(right+1, y, 1, clr)
	default:
		s.markAt(x, y, 2, clr, filled, a.apart)
	}
}
