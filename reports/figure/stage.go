package figure

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"abstain/reports/typeface"
)

// The size of figures on a page of the report: the width of its body, and its
// height minus a caption.
const (
	pictureWidth  = 16 * vg.Centimeter
	pictureHeight = 20 * vg.Centimeter
)

// stage is a part of a canvas, with methods to draw on it in the style of the
// report.
type stage struct {
	draw.Canvas
	fonts *typeface.Family
}

// newStage paints the background and leaves a margin.
func newStage(c draw.Canvas, fonts *typeface.Family) stage {
	background(c)
	return stage{draw.Crop(c, 2, -2, 2, -2), fonts}
}

// part is the part of the stage between two vertical and two horizontal edges.
func (s stage) part(left, right, bottom, top vg.Length) stage {
	s.Rectangle = vg.Rectangle{Min: vg.Point{X: left, Y: bottom}, Max: vg.Point{X: right, Y: top}}
	return s
}

// lettering is how a piece of text is set.
type lettering struct {
	size  vg.Length
	bold  bool
	color color.Color // nil: ink
	x     draw.XAlignment
	y     draw.YAlignment
	turn  float64 // radians, counter-clockwise
}

func (l lettering) style() typeface.Style {
	if l.bold {
		return typeface.Bold
	}
	return typeface.Regular
}

func (s stage) write(x, y vg.Length, l lettering, words string) {
	if l.color == nil {
		l.color = ink
	}
	style := textStyle(s.fonts, l.style(), l.size, l.color)
	style.XAlign, style.YAlign, style.Rotation = l.x, l.y, l.turn
	s.FillText(style, vg.Point{X: x, Y: y}, words)
}

// writeWithin shortens the text to a width and writes it.
func (s stage) writeWithin(x, y, width vg.Length, l lettering, words string) {
	s.write(x, y, l, s.fonts.Elide(l.style(), float64(l.size), words, float64(width)))
}

func (s stage) width(l lettering, words string) vg.Length {
	return vg.Length(s.fonts.Width(l.style(), float64(l.size), words))
}

// widest is the width of the longest of some texts.
func (s stage) widest(l lettering, all []string) vg.Length {
	w := vg.Length(0)
	for _, words := range all {
		w = max(w, s.width(l, words))
	}
	return w
}

func (s stage) line(x1, y1, x2, y2, width vg.Length, clr color.Color, dashes ...vg.Length) {
	s.StrokeLine2(draw.LineStyle{Color: clr, Width: width, Dashes: dashes}, x1, y1, x2, y2)
}

func (s stage) box(clr color.Color, x1, y1, x2, y2 vg.Length) {
	fill(s.Canvas, clr, vg.Point{X: x1, Y: y1}, vg.Point{X: x2, Y: y2})
}

// dot draws a filled circle.
func (s stage) dot(x, y, radius vg.Length, clr color.Color) {
	s.DrawGlyph(draw.GlyphStyle{Color: clr, Radius: radius, Shape: draw.CircleGlyph{}}, vg.Point{X: x, Y: y})
}

// footTicks draws the scale below the stage, with vertical lines through it. It
// returns the function from values to places; places outside the stage are moved
// to its edge.
func (s stage) footTicks(z scale) func(v float64) vg.Length {
	at := func(v float64) vg.Length { return s.X(math.Max(0, math.Min(1, z.of(v)))) }
	small := lettering{size: smallSize, x: draw.XCenter, y: draw.YTop}
	for _, t := range s.spaced(z.ticks(), small, at) {
		x := at(t.Value)
		s.line(x, s.Min.Y, x, s.Max.Y, 0.5, grid)
		s.line(x, s.Min.Y, x, s.Min.Y-2.5, 0.5, faint)
		s.write(x, s.Min.Y-3.5, small, t.Label)
	}
	s.line(s.Min.X, s.Min.Y, s.Max.X, s.Min.Y, 0.6, faint)
	return at
}

// spaced keeps the labelled ticks, or every second, third ... of them, always
// with 0, so that no two labels overlap.
func (s stage) spaced(ticks []plot.Tick, l lettering, at func(v float64) vg.Length) []plot.Tick {
	ticks = slices.DeleteFunc(ticks, func(t plot.Tick) bool { return t.Label == "" })
	base := max(0, slices.IndexFunc(ticks, func(t plot.Tick) bool { return t.Value == 0 }))
	for step := 1; ; step++ {
		var kept []plot.Tick
		free := true
		for i, t := range ticks {
			if (i-base)%step != 0 {
				continue
			}
			if n := len(kept); n > 0 && at(t.Value)-at(kept[n-1].Value) < (s.width(l, t.Label)+s.width(l, kept[n-1].Label))/2+3 {
				free = false
			}
			kept = append(kept, t)
		}
		if free || len(kept) < 2 {
			return kept
		}
	}
}

// scale maps values to the stretch from 0 to 1.
type scale struct {
	low, high float64
	log       bool
	whole     bool // ticks only at whole numbers from 1 on
}

// newScale covers the values with a margin. Values that it cannot show are
// ignored; if there are no others, it covers 0 to 1.
func newScale(log bool, values ...float64) scale {
	low, high := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if finite(v) && (v > 0 || !log) {
			low, high = min(low, v), max(high, v)
		}
	}
	switch {
	case low > high && log:
		return scale{low: 0.1, high: 1, log: true}
	case low > high:
		return scale{low: 0, high: 1}
	case log:
		low, high = widen(math.Log10(low), math.Log10(high))
		return scale{low: math.Pow(10, low), high: math.Pow(10, high), log: true}
	}
	positive := low >= 0 && high > 0
	if low, high = widen(low, high); positive {
		low = max(low, 0) // a share or an error is never below 0
	}
	return scale{low: low, high: high}
}

// of is the place of a value; below 0 or above 1 if it is outside the scale.
func (z scale) of(v float64) float64 {
	switch {
	case z.log && v <= 0:
		return math.Inf(-1)
	case z.log:
		return math.Log(v/z.low) / math.Log(z.high/z.low)
	}
	return (v - z.low) / (z.high - z.low)
}

func (z scale) ticks() []plot.Tick {
	if z.log {
		return logTicks{}.Ticks(z.low, z.high)
	}
	ticks := roundTicks{}.Ticks(z.low, z.high)
	if !z.whole {
		return ticks
	}
	ticks = slices.DeleteFunc(ticks, func(t plot.Tick) bool { return t.Value < 1 || t.Value != math.Round(t.Value) })
	for i := range ticks {
		ticks[i].Label = fmt.Sprint(ticks[i].Value)
	}
	return ticks
}

// set gives a gonum axis the scale.
func (z scale) set(a *plot.Axis) {
	a.Min, a.Max = z.low, z.high
	if z.log {
		a.Scale, a.Tick.Marker = plot.LogScale{}, logTicks{}
	}
}

// mix is a colour between a and b, at the given share of the way from a.
func mix(a, b color.NRGBA, share float64) color.NRGBA {
	part := func(p, q uint8) uint8 { return uint8(math.Round(float64(p) + share*(float64(q)-float64(p)))) }
	return color.NRGBA{part(a.R, b.R), part(a.G, b.G), part(a.B, b.B), part(a.A, b.A)}
}

// withAlpha is the colour made translucent.
func withAlpha(c color.NRGBA, alpha uint8) color.NRGBA {
	c.A = alpha
	return c
}

// corners are those of a canvas, from the lower left on.
func corners(c draw.Canvas) []vg.Point {
	return []vg.Point{c.Min, {X: c.Max.X, Y: c.Min.Y}, c.Max, {X: c.Min.X, Y: c.Max.Y}}
}

// fill paints a rectangle.
func fill(c draw.Canvas, clr color.Color, p, q vg.Point) {
	c.FillPolygon(clr, []vg.Point{p, {X: q.X, Y: p.Y}, q, {X: p.X, Y: q.Y}})
}
