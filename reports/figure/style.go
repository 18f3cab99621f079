package figure

import (
	"image/color"
	"math"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"abstain/reports/typeface"
)

// palette is Paul Tol's "muted" scheme. Its colours can be distinguished with the
// common colour vision deficiencies; the first few differ most.
var palette = []color.NRGBA{
	{0x33, 0x22, 0x88, 0xff}, // indigo
	{0xCC, 0x66, 0x77, 0xff}, // rose
	{0x11, 0x77, 0x33, 0xff}, // green
	{0xDD, 0xCC, 0x77, 0xff}, // sand
	{0x88, 0xCC, 0xEE, 0xff}, // cyan
	{0xAA, 0x44, 0x99, 0xff}, // purple
	{0x44, 0xAA, 0x99, 0xff}, // teal
	{0x99, 0x99, 0x33, 0xff}, // olive
	{0x88, 0x22, 0x55, 0xff}, // wine
}

var (
	ink   = color.NRGBA{0x22, 0x22, 0x22, 0xff} // text
	faint = color.NRGBA{0x77, 0x77, 0x77, 0xff} // axes, references
	other = color.NRGBA{0xBB, 0xBB, 0xBB, 0xff} // groups without a colour of their own
	grid  = color.NRGBA{0xE6, 0xE6, 0xE6, 0xff}
	none  = color.NRGBA{0xff, 0xff, 0xff, 0xff}
)

const (
	labelSize = 9   // axis labels, points
	tickSize  = 8   // tick labels and legends
	smallSize = 6.5 // inside small panels
)

// Models are solid lines; broken lines are only for references.
var (
	dashed = []vg.Length{6, 2}
	dotted = []vg.Length{1.5, 1.5}
)

// lineStyle is the style of the i-th model's curve.
func lineStyle(i int) draw.LineStyle {
	return draw.LineStyle{Color: palette[i%len(palette)], Width: 1.2}
}

// textStyle is a style for text of the family, aligned at its left end.
func textStyle(fonts *typeface.Family, s typeface.Style, size vg.Length, c color.Color) text.Style {
	return text.Style{Color: c, Font: typeface.Font(s, size), Handler: typeface.Handler{Family: fonts}}
}

// newPlot is an empty plot in the style of the report.
func newPlot(fonts *typeface.Family, x, y string) *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	p.TextHandler = typeface.Handler{Family: fonts}
	p.Title.TextStyle = textStyle(fonts, typeface.Bold, labelSize, ink)
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.LineStyle = draw.LineStyle{Color: faint, Width: 0.6}
		a.Padding = 3
		a.Tick.LineStyle = draw.LineStyle{Color: faint, Width: 0.6}
		a.Tick.Length = 3
		a.Tick.Marker = roundTicks{}
		align := a.Tick.Label
		a.Tick.Label = textStyle(fonts, typeface.Regular, tickSize, ink)
		a.Tick.Label.XAlign, a.Tick.Label.YAlign = align.XAlign, align.YAlign
		turned := a.Label.TextStyle
		a.Label.TextStyle = textStyle(fonts, typeface.Regular, labelSize, ink)
		a.Label.TextStyle.XAlign, a.Label.TextStyle.YAlign, a.Label.TextStyle.Rotation = turned.XAlign, turned.YAlign, turned.Rotation
	}
	p.X.Label.Text, p.Y.Label.Text = x, y
	lines := plotter.NewGrid()
	lines.Horizontal = draw.LineStyle{Color: grid, Width: 0.5}
	lines.Vertical = lines.Horizontal
	p.Add(lines)
	return p
}

// roundTicks labels four to eight round numbers, as short as they allow.
type roundTicks struct{}

// Ticks returns the ticks of a range.
func (roundTicks) Ticks(low, high float64) []plot.Tick {
	step := math.Pow(10, math.Floor(math.Log10((high-low)/4)))
	for _, factor := range []float64{5, 2} {
		if (high-low)/(step*factor) >= 4 {
			step *= factor
			break
		}
	}
	decimals := max(0, -int(math.Floor(math.Log10(step)+1e-9)))
	var ticks []plot.Tick
	for k := math.Ceil(low/step - 1e-9); k*step <= high+1e-9*step; k++ {
		label := strconv.FormatFloat(k*step, 'f', decimals, 64)
		if k == 0 {
			label = "0"
		}
		ticks = append(ticks, plot.Tick{Value: k * step, Label: label})
	}
	return ticks
}

// curve is a polyline, cut off at the edges of the plot.
type curve struct {
	points plotter.XYs
	style  draw.LineStyle
}

// Plot draws the curve.
func (l curve) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	line := make([]vg.Point, len(l.points))
	for i, xy := range l.points {
		line[i] = vg.Point{X: tx(xy.X), Y: ty(xy.Y)}
	}
	c.StrokeLines(l.style, c.ClipLinesXY(line)...)
}

// Thumbnail draws the curve's sample for the legend.
func (l curve) Thumbnail(c *draw.Canvas) {
	y := c.Center().Y
	c.StrokeLine2(l.style, c.Min.X, y, c.Max.X, y)
}

// dots are points of one kind.
type dots struct {
	points plotter.XYs
	style  draw.GlyphStyle
}

// Plot draws the points.
func (d dots) Plot(c draw.Canvas, p *plot.Plot) {
	tx, ty := p.Transforms(&c)
	for _, xy := range d.points {
		c.DrawGlyph(d.style, vg.Point{X: tx(xy.X), Y: ty(xy.Y)})
	}
}

// Thumbnail draws one point for the legend.
func (d dots) Thumbnail(c *draw.Canvas) {
	style := d.style
	style.Radius *= 1.3
	c.DrawGlyph(style, c.Center())
}

// legend is the key to a plot. It has a column of its own at the right, so that
// it never covers the data.
type legend struct {
	fonts   *typeface.Family
	entries []entry
}

type entry struct {
	text  string
	thumb plot.Thumbnailer // nil: a line of text only
}

func (l *legend) add(text string, thumb plot.Thumbnailer) {
	l.entries = append(l.entries, entry{text, thumb})
}

const (
	thumbWidth  = vg.Length(18)
	legendGap   = vg.Length(5)
	legendLine  = vg.Length(tickSize * 1.5)
	legendShare = 0.36 // of the figure's width at most
)

// draw draws the legend at the right of c and returns the rest of c.
func (l *legend) draw(c draw.Canvas) draw.Canvas {
	width := vg.Length(0)
	for _, e := range l.entries {
		width = max(width, l.width(e))
	}
	width = min(width, c.Size().X*legendShare)
	column := draw.Crop(c, c.Size().X-width, 0, 0, 0)
	y := column.Max.Y - legendLine
	for _, e := range l.entries {
		x := column.Min.X
		if e.thumb != nil {
			icon := draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{Min: vg.Point{X: x, Y: y}, Max: vg.Point{X: x + thumbWidth, Y: y + legendLine}}}
			e.thumb.Thumbnail(&icon)
			x += thumbWidth + legendGap
		}
		label := l.fonts.Elide(typeface.Regular, tickSize, e.text, float64(column.Max.X-x))
		style := textStyle(l.fonts, typeface.Regular, tickSize, ink)
		style.YAlign = draw.YCenter
		c.FillText(style, vg.Point{X: x, Y: y + legendLine/2}, label)
		y -= legendLine
	}
	return draw.Crop(c, 0, -width-10, 0, 0)
}

func (l *legend) width(e entry) vg.Length {
	w := vg.Length(l.fonts.Width(typeface.Regular, tickSize, e.text))
	if e.thumb != nil {
		w += thumbWidth + legendGap
	}
	return w + 1
}

// background paints the whole of a figure.
func background(c draw.Canvas) {
	c.SetColor(none)
	c.Fill(c.Rectangle.Path())
}

// inset leaves a margin, so that lines on the edge are not cut off.
func inset(c draw.Canvas) draw.Canvas { return draw.Crop(c, 4, -6, 4, -5) }

// drawPlot draws a plot with its legend.
func drawPlot(c draw.Canvas, p *plot.Plot, l *legend) {
	background(c)
	drawAxes(l.draw(inset(c)), p)
}

// drawAxes draws a plot and returns the area of its data. It writes the labels of
// logarithmic axes, and of labels longer than their axis, itself: gonum centres
// the former at the arithmetic middle of the range, and leaves room at the top
// for both.
func drawAxes(c draw.Canvas, whole *plot.Plot) draw.Canvas {
	drawn := *whole // a copy, since the labels are changed below
	p := &drawn
	shrink(&p.X.Label.TextStyle, p.X.Label.Text, 0.94*c.Size().X)
	shrink(&p.Y.Label.TextStyle, p.Y.Label.Text, 0.94*c.Size().Y)
	label := p.Y.Label.Text
	_, log := p.Y.Scale.(plot.LogScale)
	if label != "" && (log || p.Y.Label.TextStyle.Width(label) > 0.7*c.Size().Y) {
		style := p.Y.Label.TextStyle
		style.Rotation, style.XAlign, style.YAlign = math.Pi/2, draw.XCenter, draw.YBottom
		p.Y.Label.Text = ""
		inner := draw.Crop(c, style.Height(label)+3, 0, 0, 0)
		half := style.Width(label) / 2
		area := p.DataCanvas(inner)
		middle := max(c.Min.Y+half, min(area.Center().Y, c.Max.Y-half))
		c.FillText(style, vg.Point{X: inner.Min.X - 3, Y: middle}, label)
		c = inner
	}
	p.Draw(c)
	return p.DataCanvas(c)
}

// shrink makes letters smaller until a text fits the room, down to a size that is
// still readable.
func shrink(style *text.Style, label string, room vg.Length) {
	for style.Width(label) > room && style.Font.Size > 5.5 {
		style.Font.Size -= 0.25
	}
}

// thin drops points of a curve with rising x, such that straight lines between
// the points that remain are within tolerance of all points. The first and the
// last point are kept.
func thin(points plotter.XYs, tolerance float64) plotter.XYs {
	if len(points) < 3 {
		return points
	}
	kept := plotter.XYs{points[0]}
	anchor := points[0]
	low, high := math.Inf(-1), math.Inf(1) // slopes from anchor that pass within tolerance of all points since
	for i := 1; i < len(points); i++ {
		p := points[i]
		slope := (p.Y - anchor.Y) / (p.X - anchor.X)
		if slope < low || slope > high {
			anchor = points[i-1]
			kept = append(kept, anchor)
			low, high = math.Inf(-1), math.Inf(1)
		}
		dx := p.X - anchor.X
		low = max(low, (p.Y-tolerance-anchor.Y)/dx)
		high = min(high, (p.Y+tolerance-anchor.Y)/dx)
	}
	return append(kept, points[len(points)-1])
}
