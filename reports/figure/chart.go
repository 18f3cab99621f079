package figure

import (
	"cmp"
	"image/color"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"abstain/reports/words"
)

// chart is the area of a figure's data with its two scales.
type chart struct {
	stage
	x, y func(float64) float64 // from values to the stretch from 0 to 1
}

// linear is the scale from low to high.
func linear(low, high float64) func(float64) float64 {
	return func(v float64) float64 { return (v - low) / (high - low) }
}

// logarithmic is the scale from low to high, both positive.
func logarithmic(low, high float64) func(float64) float64 {
	return func(v float64) float64 { return math.Log(v/low) / math.Log(high/low) }
}

// at is the place of a point, moved to the edge if it is outside.
func (c chart) at(x, y float64) vg.Point {
	return vg.Point{X: c.X(math.Max(0, math.Min(1, c.x(x)))), Y: c.Y(math.Max(0, math.Min(1, c.y(y))))}
}

// inside reports whether a point is on the chart.
func (c chart) inside(x, y float64) bool {
	u, v := c.x(x), c.y(y)
	return u >= -1e-9 && u <= 1+1e-9 && v >= -1e-9 && v <= 1+1e-9
}

// axes draws both axes with ticks; the label of y stands above its axis.
func (c chart) axes(xs, ys []plot.Tick, x, y string) {
	small := lettering{size: tinySize, color: slateText}
	c.line(c.Min.X, c.Min.Y, c.Max.X, c.Min.Y, 0.5, slate)
	c.line(c.Min.X, c.Min.Y, c.Min.X, c.Max.Y, 0.5, slate)
	below := small
	below.x, below.y = draw.XCenter, draw.YTop
	at := func(v float64) vg.Length { return c.X(c.x(v)) }
	for _, t := range c.spaced(slices.Clone(xs), below, at) {
		c.line(at(t.Value), c.Min.Y, at(t.Value), c.Min.Y-2.5, 0.4, slate)
		c.write(at(t.Value), c.Min.Y-4, below, t.Label)
	}
	beside := small
	beside.x, beside.y = draw.XRight, draw.YCenter
	last := vg.Length(math.Inf(-1))
	for _, t := range ys {
		p := c.Y(c.y(t.Value))
		if math.Abs(float64(p-last)) < 8 || t.Label == "" {
			continue
		}
		last = p
		c.line(c.Min.X, p, c.Min.X-2.5, p, 0.4, slate)
		c.write(c.Min.X-4, p, beside, t.Label)
	}
	label := lettering{size: noteSize, color: slateText}
	under := label
	under.x, under.y = draw.XCenter, draw.YTop
	c.write(c.Center().X, c.Min.Y-12.5, under, x)
	c.write(c.Min.X-20, c.Max.Y+6, label, y)
}

// ticksAt labels values of an axis.
func ticksAt(write func(float64) string, values ...float64) []plot.Tick {
	var ticks []plot.Tick
	for _, v := range values {
		ticks = append(ticks, plot.Tick{Value: v, Label: write(v)})
	}
	return ticks
}

// percent writes a fraction as a number of percent.
func percent(v float64) string {
	return words.Minus(strconv.FormatFloat(math.Round(v*1e6)/1e4, 'f', -1, 64))
}

// percentTicks are round ticks of a scale of fractions.
func percentTicks(low, high float64) []plot.Tick {
	ticks := roundTicks{}.Ticks(100*low, 100*high)
	for i := range ticks {
		ticks[i].Value /= 100
	}
	return ticks
}

// path draws a line through points that may leave the chart.
func (c chart) path(points []vg.Point, style draw.LineStyle) {
	c.StrokeLines(style, c.ClipLinesXY(points)...)
}

// endLabel is the name of a curve at its end.
type endLabel struct {
	from  vg.Point // where the curve ends
	y     vg.Length
	name  string
	note  string // a line below in small type
	color color.Color
}

// endLabels writes names beside the ends of curves, at the right of x, moved apart so that
// none covers another, with lines to the ends.
func (s stage) endLabels(x, right, low, high vg.Length, labels []endLabel) {
	const gap = vg.Length(16.5)
	slices.SortStableFunc(labels, func(a, b endLabel) int { return cmp.Compare(b.from.Y, a.from.Y) })
	step := gap
	if n := len(labels); n > 1 {
		step = min(gap, (high-low)/vg.Length(n-1))
	}
	for i := range labels {
		labels[i].y = labels[i].from.Y
	}
	apart(labels, low, high, step)
	for _, l := range labels {
		s.StrokeLine2(draw.LineStyle{Color: l.color, Width: 0.6}, l.from.X, l.from.Y, x-2, l.y)
		name := lettering{size: noteSize - 0.4, bold: true, y: draw.YCenter, color: plainInk}
		y := l.y
		if l.note != "" {
			y += 3.6
			s.writeWithin(x, l.y-3.9, right-x, lettering{size: tinySize - 0.3, y: draw.YCenter, color: slateText}, l.note)
		}
		s.writeWithin(x, y, right-x, name, l.name)
	}
}

// spreadLabels moves places, which come from top to bottom, until neighbours are a step apart and
// all are between low and high.
func spreadLabels(ys []vg.Length, low, high, step vg.Length) {
	for i := range ys {
		top := high
		if i > 0 {
			top = ys[i-1] - step
		}
		ys[i] = min(ys[i], top)
	}
	for i := len(ys) - 1; i >= 0; i-- {
		floor := low
		if i < len(ys)-1 {
			floor = ys[i+1] + step
		}
		ys[i] = max(ys[i], floor)
	}
}

func apart(labels []endLabel, low, high, step vg.Length) {
	ys := make([]vg.Length, len(labels))
	for i, l := range labels {
		ys[i] = l.y
	}
	spreadLabels(ys, low, high, step)
	for i := range labels {
		labels[i].y = ys[i]
	}
}

// width is that of the figures of the input.
func (in Input) width() vg.Length { return plotWidth(in.Width) }

// narrow reports whether the figures are for a column of a paper.
func (in Input) narrow() bool { return in.width() < 120*vg.Millimeter }

// area fills a polygon.
func (s stage) area(clr color.Color, corners []vg.Point) {
	if len(corners) < 3 {
		return
	}
	var p vg.Path
	p.Move(corners[0])
	for _, c := range corners[1:] {
		p.Line(c)
	}
	p.Close()
	s.SetColor(clr)
	s.Fill(p)
}
