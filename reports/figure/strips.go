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

// Strips shows how values are distributed, in one row for each group: each value
// as a dot, the middle half as a box, the median as a bar with its interval.
// Groups are regimes, families or confidence functions; each panel shows one
// metric for the same rows.
type Strips struct {
	Rows   []string     `json:"rows"` // names, from top to bottom
	Panels []StripPanel `json:"panels"`
}

// StripPanel is one metric.
type StripPanel struct {
	Axis Axis
	// Reference is the value of no effect, drawn as a line: 0 for differences;
	// NaN for none.
	Reference float64
	Strips    []Strip // one for each row; the zero Strip is an empty row
}

// Strip is one row of a panel.
type Strip struct {
	Values []float64 // each is a dot; values that are not finite are left out
	// Median is the median of the values, with the interval that the study
	// computes.
	Median Value
	// Quartiles are the ends of the box; if both are NaN or both 0, there is no
	// box.
	Quartiles [2]float64
	Note      string // short, at the right: "22 of 26 up, p < 0.001"
}

// MarshalJSON writes the fields in lower case; Reference is null if there is
// none.
func (p StripPanel) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Axis      Axis    `json:"axis"`
		Reference any     `json:"reference"`
		Strips    []Strip `json:"strips"`
	}{p.Axis, defined(p.Reference), p.Strips})
}

// MarshalJSON writes the fields in lower case; values that are not finite are
// left out.
func (s Strip) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Values    []float64 `json:"values"`
		Median    Value     `json:"median"`
		Quartiles [2]any    `json:"quartiles"`
		Note      string    `json:"note,omitempty"`
	}{s.finite(), s.Median, [2]any{defined(s.Quartiles[0]), defined(s.Quartiles[1])}, s.Note})
}

func (s Strip) finite() []float64 {
	kept := []float64{}
	for _, v := range s.Values {
		if finite(v) {
			kept = append(kept, v)
		}
	}
	return kept
}

// empty reports whether there is nothing to draw.
func (s Strip) empty() bool { return len(s.Values) == 0 }

const (
	stripRow  = vg.Length(17)
	stripHead = vg.Length(5)
	stripFoot = vg.Length(27)
	stripGap  = vg.Length(10) // between panels
)

// Figures draws two panels side by side, or a single one over the full width, and
// as many rows of panels on each figure as fit on a page.
func (s Strips) Figures(t Text) ([]*Figure, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	across := min(2, len(s.Panels))
	high := stripHead + stripFoot + stripRow*vg.Length(len(s.Rows))
	down := max(1, int(pictureHeight/high))
	var parts []*Figure
	for from := 0; from < len(s.Panels); from += across * down {
		panels := s.Panels[from:min(from+across*down, len(s.Panels))]
		lines := (len(panels) + across - 1) / across
		g := &Figure{Name: t.Name, Title: t.Title, Caption: t.Caption + s.reading(), Shown: s, Width: pictureWidth,
			Height: high*vg.Length(lines) + 4,
			draw: func(c draw.Canvas, fonts *typeface.Family) {
				s.draw(newStage(c, fonts), panels, across, lines)
			}}
		if len(s.Panels) > across*down {
			g.Part = len(parts) + 1
			if g.Part > 1 {
				g.Name, g.Caption = fmt.Sprintf("%s-%d", t.Name, g.Part), "Continued."
			}
		}
		parts = append(parts, g)
	}
	return parts, nil
}

func (s Strips) check() error {
	if len(s.Rows) == 0 || len(s.Panels) == 0 {
		return errors.New("there are no rows")
	}
	for _, p := range s.Panels {
		if len(p.Strips) != len(s.Rows) {
			return fmt.Errorf("panel %q has %d strips for %d rows", p.Axis.Label, len(p.Strips), len(s.Rows))
		}
	}
	return nil
}

// reading says how to read a strip.
func (s Strips) reading() string {
	text, interval := " Each dot is a value, the bar their median", false
	box := false
	for _, p := range s.Panels {
		for _, r := range p.Strips {
			box = box || r.boxed()
			interval = interval || !r.empty() && r.Median.Interval()
		}
	}
	if box {
		text += ", the box their middle half"
	}
	if interval {
		text += ", the line below the interval of the median"
	}
	text += "."
	if slices.ContainsFunc(s.Panels, StripPanel.clips) {
		text += " A triangle at an edge is a value that lies beyond it."
	}
	return text
}

// boxed reports whether there is a box to draw.
func (s Strip) boxed() bool {
	return !s.empty() && finite(s.Quartiles[:]...) && s.Quartiles != [2]float64{}
}

func (s Strips) draw(c stage, panels []StripPanel, across, lines int) {
	name := lettering{size: smallSize + 0.5, y: draw.YCenter}
	names := min(c.widest(name, s.Rows), c.Size().X*0.24)
	w := (c.Size().X - names - stripGap*vg.Length(across)) / vg.Length(across)
	h := c.Size().Y / vg.Length(lines)
	for i, p := range panels {
		top := c.Max.Y - h*vg.Length(i/across)
		if i%across == 0 {
			for r, row := range s.Rows {
				c.writeWithin(c.Min.X, top-stripHead-stripRow*(vg.Length(r)+0.5), names, name, row)
			}
		}
		left := c.Min.X + names + stripGap + (w+stripGap)*vg.Length(i%across)
		p.draw(c.part(left, left+w, top-h, top))
	}
}

// draw draws a panel, with its notes at the right and the label of its axis
// below.
func (p StripPanel) draw(c stage) {
	small := lettering{size: smallSize - 0.5, x: draw.XRight, y: draw.YCenter, color: faint}
	var notes []string
	for _, s := range p.Strips {
		notes = append(notes, s.Note)
	}
	room := min(c.widest(small, notes), c.Size().X*0.5)
	if room > 0 {
		room += 5
	}
	body := c.part(c.Min.X, c.Max.X-room, c.Min.Y+stripFoot, c.Max.Y-stripHead)
	z := p.scale()
	at := body.footTicks(z)
	if finite(p.Reference) {
		body.line(at(p.Reference), body.Min.Y, at(p.Reference), body.Max.Y, 0.9, faint)
	}
	for r, s := range p.Strips {
		y := body.Max.Y - stripRow*(vg.Length(r)+0.5)
		body.strip(s, y, palette[r%len(palette)], z, at)
		c.writeWithin(c.Max.X, y, room, small, s.Note)
	}
	label := lettering{size: tickSize, x: draw.XCenter}
	c.writeWithin(body.Center().X, c.Min.Y+stripFoot-23, c.Size().X, label, p.Axis.text())
}

// scale covers the values and medians. If a few values are so far away that the
// others would have no room, it covers only the medians and those values that are
// within five times the middle half of all values, or not in the outer twentieth.
func (p StripPanel) scale() scale {
	var values []float64
	medians := []float64{p.Reference}
	for _, s := range p.Strips {
		values = append(values, s.finite()...)
		if !s.empty() {
			medians = append(medians, s.Median.At)
		}
	}
	all := newScale(p.Axis.Log, append(medians, values...)...)
	if len(values) < 20 || p.Axis.Log {
		return all
	}
	slices.Sort(values)
	q := func(share float64) float64 { return values[int(share*float64(len(values)-1))] }
	reach := 5 * (q(0.75) - q(0.25))
	low, high := min(q(0.25)-reach, q(0.025)), max(q(0.75)+reach, q(0.975))
	within := slices.DeleteFunc(slices.Clone(values), func(v float64) bool { return v < low || v > high })
	most := newScale(false, append(medians, within...)...)
	if reach == 0 || all.high-all.low < 2*(most.high-most.low) {
		return all
	}
	return most
}

// clips reports whether values are outside the scale.
func (p StripPanel) clips() bool {
	z := p.scale()
	return slices.ContainsFunc(p.Strips, func(s Strip) bool { return slices.ContainsFunc(s.finite(), z.beyond) })
}

// strip draws one row. Dots are moved off the line to separate neighbours, by a
// rule that depends only on their order.
func (s stage) strip(r Strip, y vg.Length, clr color.NRGBA, z scale, at func(float64) vg.Length) {
	if r.empty() {
		s.line(s.Min.X, y, s.Max.X, y, 0.4, grid)
		return
	}
	const half = stripRow * 0.28
	if r.boxed() {
		s.box(withAlpha(clr, 0x38), at(r.Quartiles[0]), y-half, at(r.Quartiles[1]), y+half)
	}
	radius := vg.Length(1.4)
	if len(r.Values) > 60 {
		radius = 1
	}
	for i, v := range r.Values {
		switch up := y + scatterUp(i)*half; {
		case !finite(v):
		case z.of(v) < 0:
			s.arrow(s.Min.X, up, -0.6, clr)
		case z.of(v) > 1:
			s.arrow(s.Max.X, up, 0.6, clr)
		default:
			s.dot(at(v), up, radius, withAlpha(clr, 0xb0))
		}
	}
	if !finite(r.Median.At) {
		return
	}
	s.line(at(r.Median.At), y-half-1, at(r.Median.At), y+half+1, 1.6, ink)
	if r.Median.Interval() {
		low := y - half - 1
		s.line(at(r.Median.Lo), low, at(r.Median.Hi), low, 1, ink)
	}
}

// scatterUp is a place between -0.85 and 0.85 for the i-th dot of a strip.
// Multiples of the golden ratio are spread evenly for any number of dots.
func scatterUp(i int) vg.Length {
	_, part := math.Modf(float64(i) * math.Phi)
	return vg.Length(1.7 * (part - 0.5))
}
