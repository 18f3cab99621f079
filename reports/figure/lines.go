package figure

import (
	"encoding/json"
	"errors"
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"abstain/reports/typeface"
)

// Lines are curves over a common axis, in one or more panels: a metric against
// severity, coverage by group, before and after.
type Lines struct {
	X Axis `json:"x"`
	// Places names the places 0, 1, 2 ... of an x axis that is not a scale:
	// "clean", "blur 1", or "before", "after".
	Places []string    `json:"places,omitempty"`
	Panels []LinePanel `json:"panels"`
	// Share says that x is a share: every panel goes from 0 to 1.
	Share bool `json:"share,omitempty"`
}

// LinePanel is one y axis with its lines. Lines with the same name have the same
// colour in all panels, and are in the legend once.
type LinePanel struct {
	Title  string  `json:"title,omitempty"`
	Y      Axis    `json:"y"`
	Lines  []Line  `json:"lines"`
	Ranges []Range `json:"ranges,omitempty"`
	Levels []Level `json:"levels,omitempty"`
	// Top, if not 0, is the upper end of the y axis, and the axis begins at 0. It
	// cuts off a curve whose beginning would need a much larger scale than the
	// rest.
	Top float64 `json:"top,omitempty"`
}

// Line is a curve. Points with a coordinate that is not finite interrupt it.
type Line struct {
	// Name is the name in the legend. A Faint line is one of many: it is thin,
	// behind the others and not in the legend. It has the colour of the line
	// whose name is its Group, or grey if Group is "".
	Name  string
	Faint bool
	Group string
	// X are places or numbers, rising; Y are values. If few lines have intervals,
	// these are drawn as bands.
	X []float64
	Y []Value
}

// MarshalJSON writes the fields, with null for numbers that are not finite.
func (l Line) MarshalJSON() ([]byte, error) {
	places := make([]any, len(l.X))
	for i, x := range l.X {
		places[i] = defined(x)
	}
	return json.Marshal(struct {
		Name  string  `json:"name"`
		Faint bool    `json:"faint,omitempty"`
		Group string  `json:"group,omitempty"`
		X     []any   `json:"x"`
		Y     []Value `json:"y"`
	}{l.Name, l.Faint, l.Group, places, l.Y})
}

// Range is a part of the x axis in which one line is proven better than another.
// It is drawn as a bar above the plot, in the colour of the better line.
type Range struct {
	From    float64 `json:"from"`
	To      float64 `json:"to"`
	Better  string  `json:"better"` // names of lines
	Against string  `json:"against"`
	Row     string  `json:"row"` // ranges of one row share a line, named so: "A or B"
}

// Level is a reference value, drawn as a horizontal line.
type Level struct {
	At   float64 `json:"at"`
	Name string  `json:"name"`
}

// maxBands is the largest number of bands that may overlap.
const maxBands = 4

// Figures draws a single panel with its legend beside it, and several panels in
// two columns with the legend below, on as many pages as needed.
func (l Lines) Figures(t Text) ([]*Figure, error) {
	if err := l.check(); err != nil {
		return nil, err
	}
	text := t.Caption + l.reading()
	if len(l.Panels) == 1 {
		return []*Figure{{Name: t.Name, Title: t.Title, Caption: text, Shown: l, Width: pictureWidth, Height: 9 * vg.Centimeter,
			draw: func(c draw.Canvas, fonts *typeface.Family) { l.drawOne(newStage(c, fonts)) }}}, nil
	}
	const down = 3
	var parts []*Figure
	for from := 0; from < len(l.Panels); from += 2 * down {
		panels := l.Panels[from:min(from+2*down, len(l.Panels))]
		rows := (len(panels) + 1) / 2
		g := &Figure{Name: t.Name, Title: t.Title, Caption: text, Shown: l, Width: pictureWidth,
			Height: min(vg.Length(rows)*6*vg.Centimeter+legendLine*vg.Length(l.below(len(panels)))+8, pictureHeight),
			draw:   func(c draw.Canvas, fonts *typeface.Family) { l.drawAll(newStage(c, fonts), panels, rows) }}
		if len(l.Panels) > 2*down {
			g.Part = len(parts) + 1
			if g.Part > 1 {
				g.Name, g.Caption = fmt.Sprintf("%s-%d", t.Name, g.Part), "Continued."
			}
		}
		parts = append(parts, g)
	}
	return parts, nil
}

func (l Lines) check() error {
	points := 0
	for _, p := range l.Panels {
		for _, line := range p.Lines {
			if len(line.X) != len(line.Y) {
				return fmt.Errorf("line %q has %d places and %d values", line.Name, len(line.X), len(line.Y))
			}
			points += len(line.X)
		}
	}
	if points == 0 {
		return errors.New("there are no lines")
	}
	return nil
}

// reading says how to read bands, bars and faint lines.
func (l Lines) reading() string {
	text := ""
	banded, hidden, ranges := false, false, false
	for _, p := range l.Panels {
		n := p.bands()
		banded = banded || n > 0 && n <= maxBands
		hidden = hidden || n > maxBands
		ranges = ranges || len(p.Ranges) > 0
	}
	if banded {
		text += " Bands are the intervals of each point by itself."
	}
	if hidden {
		text += " Intervals are left out where there are more than a few lines."
	}
	if ranges {
		text += " Bars above the plot mark where a line is proven better, in its colour."
	}
	return text
}

// bands counts the lines that have intervals.
func (p LinePanel) bands() int {
	n := 0
	for _, line := range p.Lines {
		if !line.Faint && slices.ContainsFunc(line.Y, Value.Interval) {
			n++
		}
	}
	return n
}

// names are the names of the lines in the legend, in order of appearance.
func (l Lines) names() []string {
	var names []string
	for _, p := range l.Panels {
		for _, line := range p.Lines {
			if !line.Faint && !slices.Contains(names, line.Name) {
				names = append(names, line.Name)
			}
		}
	}
	return names
}

// style is the style of the line with that name. After the colours of the palette
// are used up, lines are broken.
func (l Lines) style(name string) draw.LineStyle {
	i := slices.Index(l.names(), name)
	if i < 0 {
		return draw.LineStyle{Color: other, Width: 0.5}
	}
	s := lineStyle(i)
	if i >= len(palette) {
		s.Dashes = dashed
	}
	return s
}

// color is the colour of the line with that name.
func (l Lines) color(name string) color.NRGBA {
	return l.style(name).Color.(color.NRGBA)
}

func (l Lines) drawOne(s stage) {
	key := &legend{fonts: s.fonts}
	for _, name := range l.names() {
		key.add(name, curve{style: l.style(name)})
	}
	l.panel(stage{key.draw(draw.Crop(s.Canvas, 2, -4, 2, -3)), s.fonts}, l.Panels[0])
}

func (l Lines) drawAll(s stage, panels []LinePanel, rows int) {
	names := l.names()
	below := l.below(len(panels))
	low := s.Min.Y + legendLine*vg.Length(below) + 6
	const gap = vg.Length(12)
	w, h := (s.Size().X-gap)/2, (s.Max.Y-low)/vg.Length(rows)
	for i, p := range panels {
		left, top := s.Min.X+(w+gap)*vg.Length(i%2), s.Max.Y-h*vg.Length(i/2)
		l.panel(s.part(left, left+w, top-h+6, top), p)
	}
	for i, name := range names {
		left, y := s.Min.X+6+(w+gap)*vg.Length(i%2), low-6-legendLine*(vg.Length(i/2)+0.5)
		if below == 0 { // the legend takes the place of the missing last panel
			left, y = s.Min.X+w+gap+24, s.Min.Y+h-12-legendLine*(vg.Length(i)+0.5)
		}
		s.StrokeLine2(l.style(name), left, y, left+thumbWidth, y)
		s.writeWithin(left+thumbWidth+legendGap, y, s.Max.X-left-thumbWidth-legendGap, lettering{size: tickSize, y: draw.YCenter}, name)
	}
}

// below is how many lines of the legend are below the panels; none if the legend
// fits in the place of a missing last panel.
func (l Lines) below(panels int) int {
	names := len(l.names())
	if panels%2 == 1 && vg.Length(names)*legendLine < 5*vg.Centimeter {
		return 0
	}
	return (names + 1) / 2
}

// panel draws one plot with its title and, above it, its bars.
func (l Lines) panel(s stage, p LinePanel) {
	top := s.Max.Y
	if p.Title != "" {
		s.writeWithin(s.Min.X, top, s.Size().X, lettering{size: smallSize + 1, bold: true, y: draw.YTop}, p.Title)
		top -= 12
	}
	rows := p.rows()
	top -= rangeRow * vg.Length(len(rows))
	plot := newPlot(s.fonts, l.X.text(), p.Y.text())
	l.axes(plot, p, s)
	if l.alike(p.Y).set(&plot.Y); p.Top > 0 {
		plot.Y.Min, plot.Y.Max = 0, p.Top
	}
	for _, faintly := range []bool{true, false} {
		for _, line := range p.Lines {
			if line.Faint == faintly {
				l.add(plot, p, line)
			}
		}
	}
	for _, level := range p.Levels {
		plot.Add(curve{plotter.XYs{{X: plot.X.Min, Y: level.At}, {X: plot.X.Max, Y: level.At}}, draw.LineStyle{Color: faint, Width: 0.8, Dashes: dotted}})
	}
	area := draw.Canvas{Canvas: s.Canvas.Canvas, Rectangle: vg.Rectangle{Min: s.Min, Max: vg.Point{X: s.Max.X, Y: top}}}
	inner := drawAxes(area, plot)
	l.levels(stage{inner, s.fonts}, plot, p.Levels)
	l.bars(stage{inner, s.fonts}, plot, p, rows)
}

// alike is the scale of a y axis. Panels that show the same quantity have the
// same scale.
func (l Lines) alike(y Axis) scale {
	var ys []float64
	for _, p := range l.Panels {
		if p.Y != y {
			continue
		}
		for _, line := range p.Lines {
			for _, v := range line.Y {
				if ys = append(ys, v.At); !line.Faint && p.bands() <= maxBands {
					ys = append(ys, v.Lo, v.Hi)
				}
			}
		}
		for _, level := range p.Levels {
			ys = append(ys, level.At)
		}
	}
	return newScale(y.Log, ys...)
}

// axes gives the plot its horizontal scale.
func (l Lines) axes(to *plot.Plot, p LinePanel, s stage) {
	var xs []float64
	for _, line := range p.Lines {
		for _, x := range line.X {
			if finite(x) {
				xs = append(xs, x)
			}
		}
	}
	if l.Places != nil {
		to.X.Min, to.X.Max = -0.25, float64(len(l.Places))-0.75
		l.placeTicks(to, s)
		return
	}
	if l.Share {
		to.X.Min, to.X.Max = 0, 1
		return
	}
	if l.X.Log || len(xs) == 0 {
		newScale(l.X.Log, xs...).set(&to.X)
		return
	}
	to.X.Min, to.X.Max = slices.Min(xs), slices.Max(xs)
	if to.X.Min == to.X.Max {
		to.X.Min, to.X.Max = widen(to.X.Min, to.X.Max)
	}
}

// placeTicks writes the names of the places, slanted if they would overlap.
func (l Lines) placeTicks(to *plot.Plot, s stage) {
	small := lettering{size: tickSize}
	room := s.Size().X * 0.8 / vg.Length(len(l.Places))
	ticks := make(plot.ConstantTicks, len(l.Places))
	for i, name := range l.Places {
		ticks[i] = plot.Tick{Value: float64(i), Label: s.fonts.Elide(typeface.Regular, tickSize, name, 90)}
	}
	to.X.Tick.Marker = ticks
	if s.widest(small, l.Places) > room {
		to.X.Tick.Label.Rotation = math.Pi / 5
		to.X.Tick.Label.XAlign, to.X.Tick.Label.YAlign = draw.XRight, draw.YTop
	}
}

// add draws a line: its band, its parts and, if there are few places, its points.
func (l Lines) add(to *plot.Plot, p LinePanel, line Line) {
	style := l.style(line.Name)
	if line.Faint {
		style = draw.LineStyle{Color: withAlpha(l.color(line.Group), 0x48), Width: 0.5}
	}
	clr := style.Color.(color.NRGBA)
	if !line.Faint && p.bands() <= maxBands {
		for _, b := range line.bands() {
			b.color = withAlpha(clr, 0x24)
			to.Add(b)
		}
	}
	for _, part := range line.parts() {
		to.Add(curve{part, style})
		if !line.Faint && (l.Places != nil || len(line.X) <= 12) {
			to.Add(dots{part, draw.GlyphStyle{Color: clr, Radius: 1.8, Shape: draw.CircleGlyph{}}})
		}
	}
}

// parts are the parts of a line between gaps.
func (l Line) parts() []plotter.XYs {
	var parts []plotter.XYs
	open := false
	for i, v := range l.Y {
		if !finite(l.X[i], v.At) {
			open = false
			continue
		}
		if !open {
			parts, open = append(parts, nil), true
		}
		parts[len(parts)-1] = append(parts[len(parts)-1], plotter.XY{X: l.X[i], Y: v.At})
	}
	return parts
}

// bands are the parts with intervals.
func (l Line) bands() []band {
	var bands []band
	open := false
	for i, v := range l.Y {
		if !v.Interval() || !finite(l.X[i]) {
			open = false
			continue
		}
		if !open {
			bands, open = append(bands, band{}), true
		}
		b := &bands[len(bands)-1]
		b.low, b.high = append(b.low, plotter.XY{X: l.X[i], Y: v.Lo}), append(b.high, plotter.XY{X: l.X[i], Y: v.Hi})
	}
	return bands
}

// band is the area between two curves over the same x.
type band struct {
	low, high plotter.XYs
	color     color.NRGBA
}

// Plot fills the band, cut off at the edges of the plot.
func (b band) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	var outline []vg.Point
	for _, xy := range b.low {
		outline = append(outline, vg.Point{X: tx(xy.X), Y: ty(xy.Y)})
	}
	for _, xy := range slices.Backward(b.high) {
		outline = append(outline, vg.Point{X: tx(xy.X), Y: ty(xy.Y)})
	}
	c.FillPolygon(b.color, c.ClipPolygonXY(outline))
}

// levels writes the names of the reference values at the left edge.
func (l Lines) levels(s stage, p *plot.Plot, levels []Level) {
	_, ty := p.Transforms(&s.Canvas)
	for _, level := range levels {
		s.write(s.Min.X+3, ty(level.At)+2, lettering{size: smallSize, color: faint}, level.Name)
	}
}

// rows are the names of the rows of bars.
func (p LinePanel) rows() []string {
	var rows []string
	for _, r := range p.Ranges {
		if !slices.Contains(rows, r.Row) {
			rows = append(rows, r.Row)
		}
	}
	return rows
}

// bars draws the ranges above the plot.
func (l Lines) bars(s stage, p *plot.Plot, panel LinePanel, rows []string) {
	tx, _ := p.Transforms(&s.Canvas)
	for _, r := range panel.Ranges {
		y := s.Max.Y + 3 + rangeRow*vg.Length(len(rows)-1-slices.Index(rows, r.Row))
		s.box(l.color(r.Better), tx(r.From), y, max(tx(r.To), tx(r.From)+0.8), y+4)
	}
	for i, row := range rows {
		y := s.Max.Y + 3 + rangeRow*vg.Length(len(rows)-1-i)
		s.line(s.Min.X, y-0.5, s.Max.X, y-0.5, 0.4, faint)
		s.writeWithin(s.Min.X, y+6, s.Size().X, lettering{size: smallSize - 0.5, color: faint}, row)
	}
}

// rangeRow is the height of one row of bars and its name.
const rangeRow = vg.Length(15)
