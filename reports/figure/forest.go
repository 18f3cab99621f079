package figure

import (
	"encoding/json"
	"errors"
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"abstain/reports/typeface"
)

// Forest shows values with their intervals, one below the other: a leaderboard,
// or paired differences. It is continued on as many pages as needed.
type Forest struct {
	Axis Axis
	// Reference is the value of no difference, drawn as a line; NaN for none.
	Reference float64
	// Left and Right, if not "", are written at the ends of the axis and say what
	// is there ("reference better", "model better").
	Left, Right string
	// Head is the title of the names, Heads are the titles of the texts beside
	// each row.
	Head  string
	Heads []string
	Rows  []ForestRow
}

// ForestRow is a line of a forest.
type ForestRow struct {
	Name  string   `json:"name"`
	Value Value    `json:"value"` // no mark if At is NaN
	Texts []string `json:"texts,omitempty"`
	// Stripe shades the row. Neighbouring rows with the same number above 0 form
	// a stripe (a tie group), and neighbouring stripes have different shades. 0:
	// no shade.
	Stripe int `json:"stripe,omitempty"`
	// Marked draws the mark in colour: for a difference that is proven, or a
	// model tied with the best.
	Marked bool `json:"marked,omitempty"`
	// Section, if not "", is a heading above the row.
	Section string `json:"section,omitempty"`
}

// MarshalJSON writes the fields in lower case; Reference is null if there is
// none.
func (f Forest) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Axis      Axis        `json:"axis"`
		Reference any         `json:"reference"`
		Left      string      `json:"left,omitempty"`
		Right     string      `json:"right,omitempty"`
		Head      string      `json:"head"`
		Heads     []string    `json:"heads,omitempty"`
		Rows      []ForestRow `json:"rows"`
	}{f.Axis, defined(f.Reference), f.Left, f.Right, f.Head, f.Heads, f.Rows})
}

const (
	forestRow  = vg.Length(9)
	forestFoot = vg.Length(27) // axis and its label
	forestHead = vg.Length(13)
	nameShare  = 0.34 // of the width, the largest share for names
	columnGap  = vg.Length(7)
)

// perPage is how many rows a page of the report holds.
const perPage = 60

// Figures makes one page of rows after the other, all on the same scale.
func (f Forest) Figures(t Text) ([]*Figure, error) {
	if len(f.Rows) == 0 {
		return nil, errors.New("there are no rows")
	}
	pages := f.pages()
	z := f.scale()
	var parts []*Figure
	first := 1
	for i, rows := range pages {
		g := &Figure{Name: t.Name, Title: t.Title, Caption: t.Caption + f.reading(z), Shown: f, Width: pictureWidth,
			Height: f.height(rows), draw: func(c draw.Canvas, fonts *typeface.Family) { f.draw(newStage(c, fonts), rows, z) }}
		if len(pages) > 1 {
			g.Part = i + 1
			if i > 0 {
				g.Name = fmt.Sprintf("%s-%d", t.Name, i+1)
				g.Caption = "Continued; all parts share the scale."
			}
			g.Caption = fmt.Sprintf("Rows %d to %d of %d. %s", first, first+len(rows)-1, len(f.Rows), g.Caption)
		}
		first += len(rows)
		parts = append(parts, g)
	}
	return parts, nil
}

// pages divides the rows so that all pages have about the same number.
func (f Forest) pages() [][]ForestRow {
	lines := len(f.Rows)
	for _, r := range f.Rows {
		if r.Section != "" {
			lines++
		}
	}
	count := (lines + perPage - 1) / perPage
	room := (lines + count - 1) / count
	var pages [][]ForestRow
	used, begin := 0, 0
	for i, r := range f.Rows {
		need := 1
		if r.Section != "" {
			need = 2
		}
		if used+need > room && i > begin {
			pages, begin, used = append(pages, f.Rows[begin:i]), i, 0
		}
		used += need
	}
	return append(pages, f.Rows[begin:])
}

func (f Forest) height(rows []ForestRow) vg.Length {
	h := forestFoot + forestHead + 6
	for _, r := range rows {
		if h += forestRow; r.Section != "" {
			h += forestRow + 2
		}
	}
	return h
}

// reading says how to read the rows.
func (f Forest) reading(z scale) string {
	s := " Each mark is a value"
	if slices.ContainsFunc(f.Rows, func(r ForestRow) bool { return r.Value.Interval() }) {
		s += ", the line through it its interval"
	}
	s += "."
	if slices.ContainsFunc(f.Rows, func(r ForestRow) bool { return r.Value.Interval() && (z.beyond(r.Value.Lo) || z.beyond(r.Value.Hi)) }) {
		s += " An interval that ends in an arrow goes on beyond the scale."
	}
	return s
}

// scale covers the values and most of the intervals. An interval that is much
// longer than the others is cut off, because it would leave no room for them.
func (f Forest) scale() scale {
	var at, ends, lengths []float64
	for _, r := range f.Rows {
		if finite(r.Value.At) {
			at = append(at, r.Value.At)
		}
		if r.Value.Interval() {
			ends, lengths = append(ends, r.Value.Lo, r.Value.Hi), append(lengths, r.Value.Hi-r.Value.Lo)
		}
	}
	if finite(f.Reference) {
		at = append(at, f.Reference)
	}
	all := newScale(f.Axis.Log, append(ends, at...)...)
	if len(at) == 0 || len(ends) == 0 || f.Axis.Log {
		return all
	}
	reach := 2 * middle(lengths)
	return newScale(false, max(slices.Min(at)-reach, all.low), min(slices.Max(at)+reach, all.high))
}

// beyond reports whether a value is outside the scale.
func (z scale) beyond(v float64) bool { return !(z.of(v) >= 0 && z.of(v) <= 1) }

// stripeShades are tints of the palette.
var stripeShades = []color.NRGBA{{0xE9, 0xE7, 0xF3, 0xff}, {0xF5, 0xF2, 0xE6, 0xff}, {0xE2, 0xF0, 0xEE, 0xff}, {0xF7, 0xE8, 0xEB, 0xff}}

// markColor is the colour of marked rows.
var markColor = palette[0]

// shades gives each stripe the first shade that no neighbouring stripe has,
// wherever their rows are neighbours. If there are more neighbours than shades,
// it gives any.
func (f Forest) shades() map[int]color.NRGBA {
	beside := map[int][]int{}
	var order []int
	last := 0
	for _, r := range f.Rows {
		if r.Stripe > 0 && beside[r.Stripe] == nil {
			beside[r.Stripe] = []int{0}
			order = append(order, r.Stripe)
		}
		if r.Stripe > 0 && last > 0 && r.Stripe != last && r.Section == "" {
			beside[r.Stripe], beside[last] = append(beside[r.Stripe], last), append(beside[last], r.Stripe)
		}
		last = r.Stripe
	}
	shades := map[int]color.NRGBA{}
	for _, stripe := range order {
		shades[stripe] = stripeShades[stripe%len(stripeShades)]
		for _, shade := range stripeShades {
			if !slices.ContainsFunc(beside[stripe], func(n int) bool { c, ok := shades[n]; return ok && c == shade }) {
				shades[stripe] = shade
				break
			}
		}
	}
	return shades
}

func (f Forest) draw(s stage, rows []ForestRow, z scale) {
	plain := lettering{size: smallSize, y: draw.YCenter}
	bold := plain
	bold.bold = true
	width := s.Size().X
	names := f.names(s, rows, bold)
	texts, total := f.texts(s, rows, plain)
	body := s.part(s.Min.X+names+columnGap, s.Max.X-total, s.Min.Y+forestFoot-4, s.Max.Y-forestHead)
	f.stripes(s, rows, body, f.shades())
	at := body.footTicks(z)
	f.axis(s, body)
	if finite(f.Reference) {
		body.line(at(f.Reference), body.Min.Y, at(f.Reference), body.Max.Y, 0.8, faint)
	}
	headline := s.Max.Y - forestHead/2
	s.writeWithin(s.Min.X, headline, width*nameShare, bold, f.Head)
	right := bold
	right.x = draw.XRight
	for k, x := range texts {
		s.write(body.Max.X+x, headline, right, f.Heads[k])
	}
	right.bold = false
	f.eachLine(rows, body.Max.Y, func(r ForestRow, y vg.Length, heading bool) {
		if heading {
			s.writeWithin(s.Min.X, y, width, bold, r.Section)
			return
		}
		s.writeWithin(s.Min.X, y, names, plain, r.Name)
		for k, x := range texts {
			if k < len(r.Texts) {
				s.write(body.Max.X+x, y, right, r.Texts[k])
			}
		}
		f.mark(body, r, y, z, at)
	})
}

// eachLine calls do for every heading and row, with the height of its middle.
func (f Forest) eachLine(rows []ForestRow, top vg.Length, do func(r ForestRow, y vg.Length, heading bool)) {
	y := top
	for _, r := range rows {
		if r.Section != "" {
			do(r, y-forestRow/2-1, true)
			y -= forestRow + 2
		}
		do(r, y-forestRow/2, false)
		y -= forestRow
	}
}

// names is the width of the names' column.
func (f Forest) names(s stage, rows []ForestRow, bold lettering) vg.Length {
	w := s.width(bold, f.Head)
	bold.bold = false
	for _, r := range f.Rows {
		w = max(w, s.width(bold, r.Name))
	}
	return min(w, s.Size().X*nameShare)
}

// texts returns where the columns of texts end, counted from the end of the body,
// and how much room they need.
func (f Forest) texts(s stage, rows []ForestRow, plain lettering) (ends []vg.Length, total vg.Length) {
	bold := plain
	bold.bold = true
	for k, head := range f.Heads {
		w := s.width(bold, head)
		for _, r := range f.Rows {
			if k < len(r.Texts) {
				w = max(w, s.width(plain, r.Texts[k]))
			}
		}
		total += columnGap + w
		ends = append(ends, total)
	}
	return ends, max(total, columnGap+4) // the last label of the scale needs half its width here
}

// stripes shades the tie groups.
func (f Forest) stripes(s stage, rows []ForestRow, body stage, shades map[int]color.NRGBA) {
	current, top, foot := 0, body.Max.Y, body.Max.Y
	end := func() {
		if current > 0 {
			s.box(shades[current], s.Min.X-2, foot, s.Max.X+2, top)
		}
	}
	f.eachLine(rows, body.Max.Y, func(r ForestRow, y vg.Length, heading bool) {
		stripe := r.Stripe
		if heading {
			stripe = 0
		}
		if stripe != current || heading {
			end()
			current, top = stripe, y+forestRow/2
		}
		foot = y - forestRow/2
	})
	end()
}

// axis writes the label and the texts at both ends.
func (f Forest) axis(s, body stage) {
	s.write(body.Center().X, s.Min.Y, lettering{size: tickSize, x: draw.XCenter}, f.Axis.text())
	side := lettering{size: smallSize, color: faint, y: draw.YCenter}
	y := s.Max.Y - forestHead/2
	if f.Left != "" {
		s.write(body.Min.X, y, side, "← "+f.Left)
	}
	if side.x = draw.XRight; f.Right != "" {
		s.write(body.Max.X, y, side, f.Right+" →")
	}
}

// mark draws a value and its interval, with arrows where the interval is cut off.
func (f Forest) mark(body stage, r ForestRow, y vg.Length, z scale, at func(float64) vg.Length) {
	if !finite(r.Value.At) {
		return
	}
	clr := faint
	if r.Marked {
		clr = markColor
	}
	if r.Value.Interval() {
		body.line(at(r.Value.Lo), y, at(r.Value.Hi), y, 0.9, clr)
		for _, end := range []float64{r.Value.Lo, r.Value.Hi} {
			p := z.of(end)
			switch {
			case p < 0 || math.IsNaN(p):
				body.arrow(body.Min.X, y, -1, clr)
			case p > 1:
				body.arrow(body.Max.X, y, 1, clr)
			default:
				body.line(at(end), y-1.5, at(end), y+1.5, 0.7, clr)
			}
		}
	}
	body.dot(at(r.Value.At), y, 2, clr)
}

// arrow is the head of an arrow that ends at x. It points left if size is below
// 0, else right; the full size is 1.
func (s stage) arrow(x, y, size vg.Length, clr color.Color) {
	s.FillPolygon(clr, []vg.Point{{X: x, Y: y}, {X: x - 4*size, Y: y + 2.2*size}, {X: x - 4*size, Y: y - 2.2*size}})
}
