package figure

import (
	"cmp"
	"errors"
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"abstain/metrics"
	"abstain/reports/typeface"
)

// Cloud is a scatter plot: one mark for each model, in the colour of its group.
type Cloud struct {
	X Axis `json:"x"`
	Y Axis `json:"y"`
	// Grouping says what the groups are: "training regime". Marked lists the
	// groups that get a colour, in this order; all others are grey. If it is nil,
	// the most frequent groups get one.
	Grouping string   `json:"grouping,omitempty"`
	Marked   []string `json:"marked,omitempty"`
	// Size says what the size of a mark shows ("parameters"), by the logarithm of
	// the points' Size; "" if all marks have one size.
	Size string `json:"size,omitempty"`
	// Equal gives both axes the same scale and draws the diagonal, for values
	// before and after a change. If most values would be crowded at the lower
	// end, both axes are logarithmic.
	Equal  bool    `json:"equal,omitempty"`
	Points []Point `json:"points"`
}

// Point is one mark of a cloud. A point without a finite place (on a logarithmic
// axis: a positive one) is left out, and the caption says how many are.
type Point struct {
	Name  string  `json:"name"`
	Group string  `json:"group,omitempty"` // "" is the group "not stated"
	X     Value   `json:"x"`               // with few points, the interval is drawn as whiskers
	Y     Value   `json:"y"`
	Size  float64 `json:"size,omitempty"`  // 0: unknown
	Named bool    `json:"named,omitempty"` // the name is written beside it, if there is room
}

// unstated is the group of points whose metadata names no group.
const unstated = "not stated"

// maxWhiskers is the largest number of points whose intervals are drawn. With
// more points, whiskers would hide the marks, so one typical pair of whiskers is
// drawn in a corner.
const maxWhiskers = 40

// Figures draws the cloud with its legend.
func (c Cloud) Figures(t Text) ([]*Figure, error) {
	all := len(c.Points)
	c.Points = slices.DeleteFunc(slices.Clone(c.Points), func(p Point) bool {
		return !finite(p.X.At, p.Y.At) || c.X.Log && p.X.At <= 0 || c.Y.Log && p.Y.At <= 0
	})
	if len(c.Points) == 0 {
		return nil, errors.New("no point has both values")
	}
	for i := range c.Points {
		c.Points[i].Group = cmp.Or(c.Points[i].Group, unstated)
	}
	if c.Equal && c.crowded() {
		c.X.Log, c.Y.Log = true, true
	}
	return []*Figure{{Name: t.Name, Title: t.Title, Caption: t.Caption + c.reading() + leftOut(all-len(c.Points), "point", "a value is not defined"),
		Shown: c, Width: pictureWidth, Height: c.height(),
		draw: func(canvas draw.Canvas, fonts *typeface.Family) { c.draw(canvas, fonts) }}}, nil
}

// crowded reports whether the values of both axes together need logarithms.
func (c Cloud) crowded() bool {
	both := slices.Clone(c.Points)
	for _, p := range c.Points {
		both = append(both, Point{Y: p.X})
	}
	return spread(both)
}

// height makes a cloud with a diagonal high enough for a square.
func (c Cloud) height() vg.Length {
	if c.Equal {
		return 11 * vg.Centimeter
	}
	return 9 * vg.Centimeter
}

// reading says how to read the marks.
func (c Cloud) reading() string {
	text := ""
	if c.Grouping != "" {
		text += fmt.Sprintf(" Marks are coloured by %s; the number behind one counts its marks.", c.Grouping)
	}
	if c.Size != "" {
		text += fmt.Sprintf(" The size of a mark grows with the logarithm of %s.", c.Size)
	}
	if c.X.Better != metrics.None && c.Y.Better != metrics.None {
		text += fmt.Sprintf(" Better is to the %s and %s.", end(c.X.Better, "right", "left"), end(c.Y.Better, "up", "down"))
	}
	if c.Equal {
		text += " On the dotted diagonal both values are equal."
	}
	switch {
	case c.X.Log && c.Y.Log:
		text += " Both axes are logarithmic."
	case c.X.Log:
		text += " The horizontal axis is logarithmic."
	case c.Y.Log:
		text += " The vertical axis is logarithmic."
	}
	switch {
	case !c.intervals():
	case len(c.Points) <= maxWhiskers:
		text += " Whiskers are the intervals of each value by itself."
	default:
		text += " The cross in a corner has the median lengths of the intervals."
	}
	return text
}

// end is the end of an axis that is better for the metric.
func end(d metrics.Direction, high, low string) string {
	if d == metrics.Lower {
		return low
	}
	return high
}

func (c Cloud) intervals() bool {
	return slices.ContainsFunc(c.Points, func(p Point) bool { return p.X.Interval() || p.Y.Interval() })
}

// scales covers the points and, if they are drawn, their whiskers. With a
// diagonal, both scales are the same.
func (c Cloud) scales() (x, y scale) {
	var xs, ys []float64
	for _, p := range c.Points {
		xs, ys = append(xs, p.X.At), append(ys, p.Y.At)
		if len(c.Points) <= maxWhiskers {
			xs, ys = append(xs, p.X.Lo, p.X.Hi), append(ys, p.Y.Lo, p.Y.Hi)
		}
	}
	if c.Equal {
		xs = append(xs, ys...)
		ys = xs
	}
	return newScale(c.X.Log, xs...), newScale(c.Y.Log, ys...)
}

func (c Cloud) draw(canvas draw.Canvas, fonts *typeface.Family) {
	p := newPlot(fonts, c.X.text(), c.Y.text())
	x, y := c.scales()
	x.set(&p.X)
	y.set(&p.Y)
	if c.Equal {
		p.Add(curve{plotter.XYs{{X: x.low, Y: x.low}, {X: x.high, Y: x.high}}, draw.LineStyle{Color: faint, Width: 0.8, Dashes: dotted}})
	}
	key := &legend{fonts: fonts}
	groups := c.groups()
	if len(c.Points) <= maxWhiskers {
		p.Add(whiskers{c.Points})
	}
	for _, g := range slices.Backward(groups) { // the frequent groups are drawn last, on top
		p.Add(g.marks)
	}
	if len(groups) > 1 || groups[0].name != unstated {
		for _, g := range groups {
			key.add(fmt.Sprintf("%s (%d)", g.name, len(g.marks.points)), dots{style: g.marks.style(0)})
		}
	}
	c.sizes(key)
	p.Add(names{c.Points, c.radii(), fonts})
	if len(c.Points) > maxWhiskers {
		p.Add(c.typical(x, y, fonts))
	}
	if c.Equal {
		drawSquare(canvas, p, key)
		return
	}
	drawPlot(canvas, p, key)
}

// drawSquare is drawPlot with axes of about the same length.
func drawSquare(c draw.Canvas, p *plot.Plot, key *legend) {
	background(c)
	const besideAxes = 12 // the vertical axis needs more room than the horizontal
	c = key.draw(inset(c))
	if spare := c.Size().X - c.Size().Y - besideAxes; spare > 0 {
		c = draw.Crop(c, spare/2, -spare/2, 0, 0)
	}
	drawAxes(c, p)
}

// group is the marks of one colour.
type group struct {
	name  string
	marks marks
}

// shapes repeat along with the palette, so that colour is not the only difference
// between groups.
var shapes = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}}

// groups divides the points into groups: first the marked or most frequent ones,
// then all others in grey.
func (c Cloud) groups() []group {
	count := map[string]int{}
	var names []string
	for _, p := range c.Points {
		if count[p.Group]++; count[p.Group] == 1 {
			names = append(names, p.Group)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b)) })
	shown := names[:min(len(names), len(palette))]
	if c.Marked != nil {
		shown = slices.DeleteFunc(slices.Clone(c.Marked), func(name string) bool { return count[name] == 0 })
		shown = shown[:min(len(shown), len(palette))]
	}
	groups := make([]group, len(shown), len(shown)+1)
	for i, name := range shown {
		groups[i] = group{name, marks{color: withAlpha(palette[i], 0xd0), shape: shapes[i%len(shapes)], sizes: c.radii()}}
	}
	grey := group{fmt.Sprintf("other: %d groups", len(names)-len(shown)), marks{color: other, shape: draw.CircleGlyph{}, sizes: c.radii()}}
	if rest := len(names) - len(shown); rest == 1 {
		grey.name = names[slices.IndexFunc(names, func(name string) bool { return !slices.Contains(shown, name) })]
	}
	for _, p := range c.Points {
		if i := slices.Index(shown, p.Group); i >= 0 {
			groups[i].marks.points = append(groups[i].marks.points, p)
		} else {
			grey.marks.points = append(grey.marks.points, p)
		}
	}
	if len(grey.marks.points) > 0 {
		groups = append(groups, grey)
	}
	return groups
}

// Radii of marks: the single size, and the ends of the scale.
const (
	markRadius = vg.Length(1.9)
	leastMark  = vg.Length(1.3)
	mostMark   = vg.Length(5)
)

// radii is the scale from Size to radius; the zero scale if all marks have one
// size.
func (c Cloud) radii() scale {
	if c.Size == "" {
		return scale{}
	}
	low, high := math.Inf(1), 0.0
	for _, p := range c.Points {
		if p.Size > 0 && finite(p.Size) {
			low, high = min(low, p.Size), max(high, p.Size)
		}
	}
	if low >= high {
		return scale{}
	}
	return scale{low: low, high: high, log: true}
}

func radius(z scale, size float64) vg.Length {
	switch {
	case z == scale{}:
		return markRadius
	case !(size > 0):
		return leastMark
	}
	return leastMark + (mostMark-leastMark)*vg.Length(z.of(size))
}

// sizes adds round sizes to the legend.
func (c Cloud) sizes(key *legend) {
	z := c.radii()
	if z == (scale{}) {
		return
	}
	key.add("", nil)
	key.add(c.Size+":", nil)
	first, last := math.Ceil(math.Log10(z.low)), math.Floor(math.Log10(z.high))
	step := max(1, math.Ceil((last-first)/3))
	for decade := first; decade <= last; decade += step {
		size := math.Pow(10, decade)
		key.add(short(size), dots{style: draw.GlyphStyle{Color: other, Radius: radius(z, size) / 1.3, Shape: draw.CircleGlyph{}}})
	}
}

// short writes a round number: "200", "10k", "5M".
func short(v float64) string {
	for _, unit := range []struct {
		of   float64
		name string
	}{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if v >= unit.of && v >= 1e4 {
			return fmt.Sprintf("%.4g%s", v/unit.of, unit.name)
		}
	}
	return fmt.Sprintf("%.4g", v)
}

// marks are the points of one colour.
type marks struct {
	points []Point
	color  color.NRGBA
	shape  draw.GlyphDrawer
	sizes  scale
}

func (m marks) style(size float64) draw.GlyphStyle {
	r := markRadius
	if size > 0 {
		r = radius(m.sizes, size)
	}
	return draw.GlyphStyle{Color: m.color, Radius: r, Shape: m.shape}
}

// Plot draws the marks, large ones first.
func (m marks) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	points := slices.Clone(m.points)
	slices.SortStableFunc(points, func(a, b Point) int { return cmp.Compare(b.Size, a.Size) })
	for _, at := range points {
		style := m.style(0)
		if style.Radius = radius(m.sizes, at.Size); style.Radius > markRadius {
			style.Color = withAlpha(m.color, 0x90)
		}
		c.DrawGlyph(style, vg.Point{X: tx(at.X.At), Y: ty(at.Y.At)})
	}
}

// whiskers draws the intervals of points.
type whiskers struct{ points []Point }

// Plot draws the whiskers, cut off at the edges of the plot.
func (w whiskers) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	style := draw.LineStyle{Color: faint, Width: 0.6}
	for _, at := range w.points {
		x, y := tx(at.X.At), ty(at.Y.At)
		if at.X.Interval() {
			c.StrokeLines(style, c.ClipLinesX([]vg.Point{{X: tx(max(at.X.Lo, p.X.Min)), Y: y}, {X: tx(at.X.Hi), Y: y}})...)
		}
		if at.Y.Interval() {
			c.StrokeLines(style, c.ClipLinesY([]vg.Point{{X: x, Y: ty(max(at.Y.Lo, p.Y.Min))}, {X: x, Y: ty(at.Y.Hi)}})...)
		}
	}
}

// cross is a typical pair of whiskers: half lengths as shares of the axes.
type cross struct {
	points                []Point
	left, right, down, up float64
	diagonal              bool // the diagonal passes two corners, which cannot be used
	fonts                 *typeface.Family
}

// typical returns the median lengths of the intervals to each side.
func (c Cloud) typical(x, y scale, fonts *typeface.Family) cross {
	var left, right, down, up []float64
	for _, p := range c.Points {
		if p.X.Interval() {
			left, right = append(left, share(x, p.X.Lo, p.X.At)), append(right, share(x, p.X.At, p.X.Hi))
		}
		if p.Y.Interval() {
			down, up = append(down, share(y, p.Y.Lo, p.Y.At)), append(up, share(y, p.Y.At, p.Y.Hi))
		}
	}
	return cross{c.Points, middle(left), middle(right), middle(down), middle(up), c.Equal, fonts}
}

// share is the distance of two values on an axis. If a value has no logarithm,
// the distance goes to the end of the axis.
func share(z scale, low, high float64) float64 {
	if z.log && low <= 0 {
		low = z.low
	}
	return z.of(high) - z.of(low)
}

// middle is the upper median; 0 if there are no values.
func middle(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	return v[len(v)/2]
}

// Plot draws the cross with its label in the emptiest corner.
func (w cross) Plot(c draw.Canvas, p *plot.Plot) {
	if w.left+w.right+w.down+w.up == 0 {
		return
	}
	s := stage{c, w.fonts}
	size := s.Size()
	label := lettering{size: smallSize, color: faint, x: draw.XCenter, y: draw.YTop}
	const words = "median interval"
	wide := max(size.X*vg.Length(w.left+w.right), s.width(label, words)) + 8
	high := size.Y*vg.Length(w.down+w.up) + smallSize + 10
	best, fewest := vg.Rectangle{}, math.MaxInt
	corners := []vg.Point{{X: s.Min.X, Y: s.Max.Y - high}, {X: s.Max.X - wide, Y: s.Min.Y}, {X: s.Min.X, Y: s.Min.Y}, {X: s.Max.X - wide, Y: s.Max.Y - high}}
	if w.diagonal {
		corners = corners[:2]
	}
	for _, corner := range corners {
		box := vg.Rectangle{Min: corner, Max: corner.Add(vg.Point{X: wide, Y: high})}
		if n := w.inside(box, c, p); n < fewest {
			best, fewest = box, n
		}
	}
	x := best.Min.X + wide/2 + size.X*vg.Length(w.left-w.right)/2
	y := best.Min.Y + smallSize + 6 + size.Y*vg.Length(w.down)
	s.box(withAlpha(none, 0xb0), best.Min.X, best.Min.Y, best.Max.X, best.Max.Y)
	s.line(x-size.X*vg.Length(w.left), y, x+size.X*vg.Length(w.right), y, 0.8, ink)
	s.line(x, y-size.Y*vg.Length(w.down), x, y+size.Y*vg.Length(w.up), 0.8, ink)
	s.write(best.Min.X+wide/2, best.Min.Y+smallSize+3, label, words)
}

// inside counts the points in a box.
func (w cross) inside(box vg.Rectangle, c draw.Canvas, p *plot.Plot) int {
	tx, ty := p.Transforms(&c)
	n := 0
	for _, at := range w.points {
		if x, y := tx(at.X.At), ty(at.Y.At); x >= box.Min.X && x <= box.Max.X && y >= box.Min.Y && y <= box.Max.Y {
			n++
		}
	}
	return n
}

// names writes the names of points beside their marks.
type names struct {
	points []Point
	sizes  scale
	fonts  *typeface.Family
}

// Plot places each name, in order, where it hides the fewest marks and overlaps
// no other name. A line joins a name to its mark if it is not close to it. A name
// for which there is no such place is left out.
func (n names) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	s := stage{c, n.fonts}
	l := lettering{size: smallSize, y: draw.YCenter}
	marks := make([]vg.Point, len(n.points))
	for i, at := range n.points {
		marks[i] = vg.Point{X: tx(at.X.At), Y: ty(at.Y.At)}
	}
	var taken []vg.Rectangle
	for i, at := range n.points {
		if !at.Named {
			continue
		}
		r := radius(n.sizes, at.Size)
		s.StrokeLines(draw.LineStyle{Color: ink, Width: 0.6}, ring(marks[i], r+0.4))
		box, off := place(marks[i], r+2, vg.Point{X: s.width(l, at.Name), Y: smallSize}, c.Rectangle, taken, marks)
		if off < 0 {
			continue
		}
		taken = append(taken, box)
		if off > 0 {
			near := vg.Point{X: max(box.Min.X, min(marks[i].X, box.Max.X)), Y: max(box.Min.Y, min(marks[i].Y, box.Max.Y))}
			s.line(marks[i].X, marks[i].Y, near.X, near.Y, 0.5, faint)
		}
		s.box(withAlpha(none, 0xb0), box.Min.X-0.5, box.Min.Y, box.Max.X+0.5, box.Max.Y)
		s.write(box.Min.X, (box.Min.Y+box.Max.Y)/2, l, at.Name)
	}
}

// ring is a circle as a closed line.
func ring(at vg.Point, radius vg.Length) []vg.Point {
	const corners = 24
	points := make([]vg.Point, corners+1)
	for i := range points {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / corners)
		points[i] = at.Add(vg.Point{X: radius * vg.Length(cos), Y: radius * vg.Length(sin)})
	}
	return points
}

// place finds a free box of the given size near a mark, and how many steps it is
// away from the mark; -1 if there is no box inside the frame that overlaps none
// of those taken. A mark that the box would hide counts as much as one step.
func place(mark vg.Point, gap vg.Length, size vg.Point, frame vg.Rectangle, taken []vg.Rectangle, marks []vg.Point) (best vg.Rectangle, off int) {
	least := math.MaxInt
	off = -1
	for step := range 6 {
		reach := gap + vg.Length(step)*9
		for _, way := range []vg.Point{{X: 1}, {X: -1}, {Y: 1}, {Y: -1}, {X: 0.8, Y: 0.8}, {X: 0.8, Y: -0.8}, {X: -0.8, Y: 0.8}, {X: -0.8, Y: -0.8}} {
			low := mark.Add(way.Scale(reach))
			switch { // the side of the box nearest to the mark
			case way.X == 0:
				low.X -= size.X / 2
			case way.X < 0:
				low.X -= size.X
			}
			switch {
			case way.Y == 0:
				low.Y -= size.Y / 2
			case way.Y < 0:
				low.Y -= size.Y
			}
			box := vg.Rectangle{Min: low, Max: low.Add(size)}
			if box.Min.X < frame.Min.X || box.Max.X > frame.Max.X || box.Min.Y < frame.Min.Y || box.Max.Y > frame.Max.Y ||
				slices.ContainsFunc(taken, func(t vg.Rectangle) bool { return meet(t, box) }) {
				continue
			}
			cost := step
			for _, m := range marks {
				if m.X > box.Min.X-1 && m.X < box.Max.X+1 && m.Y > box.Min.Y-1 && m.Y < box.Max.Y+1 {
					cost++
				}
			}
			if cost < least {
				least, best, off = cost, box, step
			}
		}
	}
	return best, off
}

// meet reports whether two boxes overlap.
func meet(a, b vg.Rectangle) bool {
	return a.Min.X < b.Max.X && b.Min.X < a.Max.X && a.Min.Y < b.Max.Y && b.Min.Y < a.Max.Y
}
