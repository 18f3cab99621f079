package figure

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"abstain/harness/board"
	"abstain/metrics"
	"abstain/reports/typeface"
)

// Reliability is what the reliability figure shows.
type Reliability struct {
	Samples    int                `json:"samples"`
	Confidence string             `json:"confidence"`
	Models     []ReliabilityModel `json:"models"`
}

// ReliabilityModel is one model's diagram.
type ReliabilityModel struct {
	Model string           `json:"model"`
	Bins  []ReliabilityBin `json:"bins"`
}

// ReliabilityBin is one bin; accuracy and confidence are null if it is empty.
type ReliabilityBin struct {
	Lo         float64  `json:"lo"`
	Hi         float64  `json:"hi"`
	N          int      `json:"n"`
	Accuracy   *float64 `json:"accuracy"`
	Confidence *float64 `json:"confidence"`
	AccuracyLo *float64 `json:"accuracy_lo"` // its interval; null if there is none
	AccuracyHi *float64 `json:"accuracy_hi"`
}

// maxPanels is the largest number of diagrams that are readable side by side.
const maxPanels = 8

// reliability draws one diagram per model with a calibrated confidence.
func reliability(in Input) ([]*Figure, error) {
	var panels []board.Curves
	var without []string
	for _, c := range in.Curves {
		if c.Reliability == nil {
			without = append(without, c.Model)
			continue
		}
		panels = append(panels, c)
	}
	if len(panels) == 0 {
		return nil, fmt.Errorf("no model has a confidence that is a probability")
	}
	dropped := max(0, len(panels)-maxPanels)
	panels = panels[:len(panels)-dropped]
	shown := Reliability{Samples: panels[0].N, Confidence: in.confidence()}
	for _, c := range panels {
		shown.Models = append(shown.Models, ReliabilityModel{c.Model, bins(c)})
	}
	cols, rows := arrange(len(panels))
	height := vg.Length(1.5) * 16 / vg.Length(cols) * vg.Length(rows) * vg.Centimeter
	return []*Figure{{
		Title:   "Reliability diagrams",
		Caption: reliabilityCaption(in, panels[0], without, dropped),
		Width:   16 * vg.Centimeter,
		Height:  min(height, 19*vg.Centimeter),
		Shown:   shown,
		draw: func(c draw.Canvas, fonts *typeface.Family) {
			background(c)
			drawPanels(draw.Crop(c, 2, -2, 2, -2), fonts, panels, cols, rows, calibration(in.Board))
		},
	}}, nil
}

func reliabilityCaption(in Input, first board.Curves, without []string, dropped int) string {
	s := fmt.Sprintf("Above: the share of right answers in each bin of confidence (bars), with a dot at the bin's mean confidence; on the diagonal the two agree. "+
		"Shading is the gap between them (rose: too sure, indigo: not sure enough). Below: share of the samples in each bin. %d equal-width bins, right-closed; %s.", len(first.Reliability), in.convention())
	if first.Level > 0 {
		s += fmt.Sprintf(" The line through a dot is the %g %% score interval of the bin's accuracy.", 100*first.Level)
	}
	if len(without) > 0 {
		s += " Without a diagram, since the confidence is no probability: " + strings.Join(without, ", ") + "."
	}
	if dropped > 0 {
		s += fmt.Sprintf(" %d more models are not shown.", dropped)
	}
	return s
}

// arrange returns the grid for k panels.
func arrange(k int) (cols, rows int) {
	switch {
	case k <= 3:
		cols = k
	case k == 4:
		cols = 2
	case k <= 6:
		cols = 3
	default:
		cols = 4
	}
	return cols, (k + cols - 1) / cols
}

// calibration returns, as text, the calibration error of a model on the board; ""
// if the board has none.
func calibration(b *board.Board) func(model string) string {
	if b == nil {
		return func(string) string { return "" }
	}
	m, of := measure(b, "ece")
	return func(model string) string {
		for _, e := range b.Entries {
			if of != nil && e.Model == model && of(e).Defined() {
				return fmt.Sprintf("%s %.4f", name(m), of(e).Value)
			}
		}
		return ""
	}
}

func drawPanels(c draw.Canvas, fonts *typeface.Family, models []board.Curves, cols, rows int, note func(string) string) {
	const gutter = vg.Length(8)
	left, foot := vg.Length(26), vg.Length(22) // room for the labels of the outer axes
	w := (c.Size().X - left - gutter*vg.Length(cols)) / vg.Length(cols)
	h := (c.Size().Y - foot - gutter*vg.Length(rows-1)) / vg.Length(rows)
	for i, m := range models {
		col, row := i%cols, i/cols
		x := c.Min.X + left + vg.Length(col)*(w+gutter)
		y := c.Max.Y - vg.Length(row)*(h+gutter) - h
		p := panel{
			Canvas: draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{Min: vg.Point{X: x, Y: y}, Max: vg.Point{X: x + w, Y: y + h}}},
			fonts:  fonts, left: col == 0, foot: i+cols >= len(models),
		}
		p.draw(m, note(m.Model))
	}
}

// panel is one diagram: a title, the accuracies, the histogram.
type panel struct {
	draw.Canvas
	fonts      *typeface.Family
	left, foot bool // the panel has the labels of this axis
}

var (
	barColor   = color.NRGBA{0x88, 0xCC, 0xEE, 0xff}
	sureColor  = color.NRGBA{0xCC, 0x66, 0x77, 0x70} // confidence above accuracy
	timidColor = color.NRGBA{0x33, 0x22, 0x88, 0x50} // below
)

func (p panel) draw(m board.Curves, note string) {
	const head, gap = vg.Length(20), vg.Length(5)
	body := p.Size().Y - head - gap
	lower := p.part(p.Min.Y, p.Min.Y+body*0.26)
	upper := p.part(p.Min.Y+body*0.26+gap, p.Max.Y-head)
	p.title(m.Model, note, upper.Max.Y)
	p.accuracies(upper, m)
	p.histogram(lower, m.Reliability)
}

func (p panel) part(from, to vg.Length) draw.Canvas {
	return draw.Canvas{Canvas: p.Canvas.Canvas, Rectangle: vg.Rectangle{Min: vg.Point{X: p.Min.X, Y: from}, Max: vg.Point{X: p.Max.X, Y: to}}}
}

func (p panel) title(model, note string, y vg.Length) {
	bold := textStyle(p.fonts, typeface.Bold, smallSize, ink)
	p.FillText(bold, vg.Point{X: p.Min.X, Y: y + 10}, p.fonts.Elide(typeface.Bold, smallSize, model, float64(p.Size().X)))
	p.FillText(textStyle(p.fonts, typeface.Regular, smallSize, ink), vg.Point{X: p.Min.X, Y: y + 2}, note)
}

// accuracies draws bars, gaps, dots and the diagonal.
func (p panel) accuracies(c draw.Canvas, m board.Curves) {
	bins := m.Reliability
	at := func(x, y float64) vg.Point { return vg.Point{X: c.X(x), Y: c.Y(y)} }
	for _, b := range bins {
		if b.N == 0 {
			continue
		}
		fill(c, barColor, at(b.Lo, 0), at(b.Hi, b.Accuracy))
		shade := sureColor
		if b.Accuracy > b.Confidence {
			shade = timidColor
		}
		fill(c, shade, at(b.Lo, min(b.Accuracy, b.Confidence)), at(b.Hi, max(b.Accuracy, b.Confidence)))
	}
	c.StrokeLine2(draw.LineStyle{Color: faint, Width: 0.6, Dashes: dotted}, c.Min.X, c.Min.Y, c.Max.X, c.Max.Y)
	for i, b := range bins {
		if b.N > 0 {
			if band := m.AccuracyBand; band.Lo != nil {
				lo, hi := at(b.Confidence, band.Lo[i]), at(b.Confidence, band.Hi[i])
				c.StrokeLine2(draw.LineStyle{Color: ink, Width: 0.5}, lo.X, lo.Y, hi.X, hi.Y)
			}
			c.DrawGlyph(draw.GlyphStyle{Color: ink, Radius: 1.2, Shape: draw.CircleGlyph{}}, at(b.Confidence, b.Accuracy))
		}
	}
	p.frame(c, 1, "accuracy", false)
}

// histogram draws the share of samples in each bin.
func (p panel) histogram(c draw.Canvas, bins []metrics.Bin) {
	n, most := 0, 0
	for _, b := range bins {
		n, most = n+b.N, max(most, b.N)
	}
	top := 1.0
	if n > 0 {
		top = max(math.Ceil(float64(most)/float64(n)*10)/10, 0.1)
	}
	for _, b := range bins {
		if b.N > 0 {
			fill(c, faint, vg.Point{X: c.X(b.Lo), Y: c.Min.Y}, vg.Point{X: c.X(b.Hi), Y: c.Y(float64(b.N) / float64(n) / top)})
		}
	}
	p.frame(c, top, "share", true)
}

// frame draws the box and the ticks of a part. Each histogram has a height of its
// own, so its scale is always written.
func (p panel) frame(c draw.Canvas, top float64, label string, lowest bool) {
	c.StrokeLines(draw.LineStyle{Color: faint, Width: 0.5}, append(corners(c), c.Min))
	small := textStyle(p.fonts, typeface.Regular, smallSize, ink)
	small.XAlign, small.YAlign = draw.XRight, draw.YCenter
	if p.left {
		if !lowest {
			c.FillText(small, vg.Point{X: c.Min.X - 3, Y: c.Min.Y + 2}, "0")
		}
		turned := textStyle(p.fonts, typeface.Regular, smallSize+0.5, ink)
		turned.Rotation, turned.XAlign, turned.YAlign = math.Pi/2, draw.XCenter, draw.YBottom
		c.FillText(turned, vg.Point{X: c.Min.X - 17, Y: c.Center().Y}, label)
		c.FillText(small, vg.Point{X: c.Min.X - 3, Y: c.Max.Y - 3}, fmt.Sprintf("%.2g", top))
	} else if lowest {
		small.XAlign, small.YAlign = draw.XLeft, draw.YTop
		c.FillText(small, vg.Point{X: c.Min.X + 2, Y: c.Max.Y - 1}, fmt.Sprintf("up to %.2g", top))
	}
	if lowest && p.foot {
		p.confidenceAxis(c)
	}
}

func (p panel) confidenceAxis(c draw.Canvas) {
	small := textStyle(p.fonts, typeface.Regular, smallSize, ink)
	small.XAlign, small.YAlign = draw.XCenter, draw.YTop
	for _, v := range []float64{0, 0.5, 1} {
		c.StrokeLine2(draw.LineStyle{Color: faint, Width: 0.5}, c.X(v), c.Min.Y, c.X(v), c.Min.Y-2)
		c.FillText(small, vg.Point{X: c.X(v), Y: c.Min.Y - 3}, fmt.Sprint(v))
	}
	c.FillText(small, vg.Point{X: c.Center().X, Y: c.Min.Y - 11.5}, "confidence")
}

func corners(c draw.Canvas) []vg.Point {
	return []vg.Point{c.Min, {X: c.Max.X, Y: c.Min.Y}, c.Max, {X: c.Min.X, Y: c.Max.Y}}
}

func fill(c draw.Canvas, clr color.Color, p, q vg.Point) {
	c.FillPolygon(clr, []vg.Point{p, {X: q.X, Y: p.Y}, q, {X: p.X, Y: q.Y}})
}

func bins(of board.Curves) []ReliabilityBin {
	out := make([]ReliabilityBin, len(of.Reliability))
	for i, b := range of.Reliability {
		out[i] = ReliabilityBin{Lo: b.Lo, Hi: b.Hi, N: b.N}
		if b.N == 0 {
			continue
		}
		out[i].Accuracy, out[i].Confidence = &b.Accuracy, &b.Confidence
		if of.AccuracyBand.Lo != nil {
			out[i].AccuracyLo, out[i].AccuracyHi = &of.AccuracyBand.Lo[i], &of.AccuracyBand.Hi[i]
		}
	}
	return out
}
