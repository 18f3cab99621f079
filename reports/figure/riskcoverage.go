package figure

import (
	"errors"
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"abstain/harness/board"
	"abstain/metrics"
	palettes "abstain/reports/palette"
	"abstain/reports/typeface"
	"abstain/reports/words"
)

// RiskCoverage is what the risk-coverage figure shows.
type RiskCoverage struct {
	Samples    int                 `json:"samples"`
	Confidence string              `json:"confidence"`
	Tolerance  float64             `json:"tolerance"` // largest deviation from the full curve
	Models     []RiskCoverageModel `json:"models"`
}

// RiskCoverageModel is one model's curve with its references.
type RiskCoverageModel struct {
	Model  string  `json:"model"`
	Curve  Series  `json:"curve"`
	Oracle Series  `json:"oracle"` // empty if not drawn
	Random float64 `json:"random"` // the risk at full coverage
	Lo     Series  `json:"lo"`     // the band's lower end, with x values of its own; empty if not drawn
	Hi     Series  `json:"hi"`
}

// Series is a sequence of points, as two columns.
type Series struct {
	X []float64 `json:"x"`
	Y []float64 `json:"y"`
}

// tolerance is the largest distance between a drawn curve and the full one: a
// tenth of the width of a line.
const tolerance = 2e-4

var (
	errNoCurves = errors.New("no curves were given; name some models")
	errNoModels = errors.New("the leaderboard has no models")
)

// riskCoverage draws the risk-coverage curves, the first with its oracle. Names stand at the
// ends of the curves. Below ten answers there is no curve, and below fifty no band: what
// these would show is luck.
func riskCoverage(in Input) ([]*Figure, error) {
	if len(in.Curves) == 0 {
		return nil, errNoCurves
	}
	shown := RiskCoverage{Tolerance: tolerance, Confidence: in.confidence(), Samples: in.Curves[0].N}
	top := 0.0
	var lines []coverageLine
	for i, c := range in.Curves {
		l := coverageLine{name: c.Model, curve: thin(pointsOf(c.RiskCoverage), tolerance), end: c.ErrorRate, from: leastAnswers / float64(max(c.N, 1))}
		m := RiskCoverageModel{Model: c.Model, Random: c.ErrorRate, Curve: series(l.curve)}
		top = max(top, c.ErrorRate, highest(c.RiskCoverage, l.from))
		if i == 0 {
			l.oracle = thin(pointsOf(c.Oracle), tolerance)
			m.Oracle = series(l.oracle)
		}
		if in.banded(i) {
			l.low, l.high = riskBand(c)
			m.Lo, m.Hi = series(l.low), series(l.high)
		}
		lines = append(lines, l)
		shown.Models = append(shown.Models, m)
	}
	f := &Figure{Title: in.riskTitle(), Shown: shown, Width: in.width(), Height: 68 * vg.Millimeter,
		Caption: fmt.Sprintf("Error among the answers when only the most confident share is answered; lower is better. Dashed: the first model with its errors "+
			"ranked perfectly. %s; one point per group of equal confidence; no curve below %d answers.", in.convention(), leastAnswers) + in.bandCaption()}
	f.draw = func(c draw.Canvas, fonts *typeface.Family) {
		drawRisk(flatStage(c, fonts), lines, min(1, 1.08*max(top, 1e-3)), in.places())
	}
	return []*Figure{f}, nil
}

// Answers from which on a curve and its band are drawn.
const (
	leastAnswers = 10
	leastBanded  = 50
)

// coverageLine is one model's curve as it is drawn.
type coverageLine struct {
	name                     string
	curve, oracle, low, high plotter.XYs
	from, end                float64 // coverage from which on it is drawn; risk at full coverage
}

// riskTitle is what the curves say at a coverage of one half.
func (in Input) riskTitle() string {
	half := func(c board.Curves) float64 {
		for _, p := range c.RiskCoverage {
			if p.Coverage >= 0.5 {
				return p.Risk
			}
		}
		return c.ErrorRate
	}
	write := func(v float64) string { return words.UnitNamed("error").With(v) }
	first, last := in.Curves[0], in.Curves[len(in.Curves)-1]
	if len(in.Curves) == 1 {
		return fmt.Sprintf("Answering half of the samples, the model errs on %s", write(half(first)))
	}
	return fmt.Sprintf("Answering half of the samples, %s errs on %s, %s on %s", first.Model, write(half(first)), last.Model, write(half(last)))
}

// places are the places of the curves' models on the board: "place 131"; "" without one.
func (in Input) places() []string {
	all := make([]string, len(in.Curves))
	if in.Board == nil {
		return all
	}
	for i, c := range in.Curves {
		for _, e := range in.Board.Entries {
			if e.Model == c.Model && e.Rank > 0 {
				all[i] = fmt.Sprintf("place %d of %d", e.Rank, in.Board.Models)
			}
		}
	}
	return all
}

// labelRoom is the width of the names at the right of curves.
func (s stage) labelRoom() vg.Length { return max(92, s.Size().X*0.24) }

func drawRisk(s stage, lines []coverageLine, top float64, places []string) {
	colours := palettes.Order(len(lines))
	body := chart{s.part(s.Min.X+22, s.Max.X-s.labelRoom(), s.Min.Y+24, s.Max.Y-14), linear(0, 1), linear(0, top)}
	for i, l := range lines {
		body.band(l, withAlpha(colours[i].Light, 0x22))
	}
	body.path(body.places(lines[0].oracle, 0), draw.LineStyle{Color: slateText, Width: 0.7, Dashes: []vg.Length{2.5, 2}})
	for i := len(lines) - 1; i >= 0; i-- {
		style := draw.LineStyle{Color: colours[i].Light, Width: 1}
		if i == 0 {
			style.Width = 1.7
		}
		body.path(body.places(lines[i].curve, lines[i].from), style)
	}
	body.axes(percentTicks(0, 1), percentTicks(0, top), "share answered (coverage), %", "error among the answers, %")
	var labels []endLabel
	for i, l := range lines {
		note := words.UnitNamed("error").With(l.end)
		if places[i] != "" {
			note = places[i] + " · " + note
		}
		labels = append(labels, endLabel{from: body.at(1, l.end), name: l.name, note: note, color: colours[i].Light})
	}
	s.endLabels(body.Max.X+9, s.Max.X, body.Min.Y+4, body.Max.Y+4, labels)
}

// places are the points of a curve on the chart from a coverage on.
func (c chart) places(points plotter.XYs, from float64) []vg.Point {
	var all []vg.Point
	for _, p := range after(points, from) {
		all = append(all, vg.Point{X: c.X(c.x(p.X)), Y: c.Y(c.y(p.Y))})
	}
	return all
}

// band fills what lies between the ends of a curve's intervals, cut at the chart's edges.
func (c chart) band(l coverageLine, clr color.Color) {
	from := l.from * leastBanded / leastAnswers
	var edge []vg.Point
	for _, p := range after(l.low, from) {
		edge = append(edge, c.at(p.X, p.Y))
	}
	high := after(l.high, from)
	for i := len(high) - 1; i >= 0; i-- {
		edge = append(edge, c.at(high[i].X, high[i].Y))
	}
	if len(edge) > 2 {
		c.area(clr, edge)
	}
}

// banded reports whether the i-th curve has a band: the first and the last, since more would
// hide each other.
func (in Input) banded(i int) bool {
	c := in.Curves[i]
	return c.Level > 0 && c.RiskBand.Lo != nil && (i == 0 || i == len(in.Curves)-1)
}

// bandCaption says what the bands are.
func (in Input) bandCaption() string {
	first, last := in.Curves[0], in.Curves[len(in.Curves)-1]
	if !in.banded(0) {
		return ""
	}
	of := ""
	if len(in.Curves) > 2 {
		of = fmt.Sprintf(" of %s and %s", first.Model, last.Model)
	}
	return fmt.Sprintf(" Bands%s: the %g %% score interval of the risk above each threshold by itself, from %d answers on.", of, 100*first.Level, leastBanded)
}

// riskBand is the lower and the upper end of a curve's band, thinned to what can be seen at
// the figure's size.
func riskBand(c board.Curves) (low, high plotter.XYs) {
	edge := func(risk []float64) plotter.XYs {
		return thin(pointsOf(withRisk(c.RiskCoverage, risk)), 5*tolerance)
	}
	return edge(c.RiskBand.Lo), edge(c.RiskBand.Hi)
}

// highest is the largest risk from a coverage on. At smaller coverages, one error among a
// handful of samples would give a height beside which the rest of the curve looks flat.
func highest(points []metrics.Point, from float64) float64 {
	top := 0.0
	for _, p := range points {
		if p.Coverage >= from {
			top = max(top, p.Risk)
		}
	}
	return top
}

// pointsOf is the curve from coverage 0 on. Up to the end of the first group of
// equal confidence it is horizontal, which is the average over random order
// inside the group. A model with a single confidence is therefore a horizontal
// line, and not missing.
func pointsOf(points []metrics.Point) plotter.XYs {
	var xys plotter.XYs
	for _, p := range points {
		if len(xys) == 0 {
			xys = append(xys, plotter.XY{X: 0, Y: p.Risk})
		}
		xys = append(xys, plotter.XY{X: p.Coverage, Y: p.Risk})
	}
	return xys
}

func series(points plotter.XYs) Series {
	s := Series{X: make([]float64, len(points)), Y: make([]float64, len(points))}
	for i, p := range points {
		s.X[i], s.Y[i] = p.X, p.Y
	}
	return s
}

// confidence names the confidence function of the board.
func (in Input) confidence() string {
	if in.Board != nil && in.Board.Choice.Confidence != "" {
		return in.Board.Choice.Confidence
	}
	return in.Curves[0].Confidence
}

// convention is the sentence that the captions of all figures of curves share.
func (in Input) convention() string {
	s := fmt.Sprintf("n = %d", in.Curves[0].N)
	if c := in.confidence(); c != "" {
		s += ", confidence function " + c
	}
	return s
}

// after is the part of a curve from a place on, with the point on the curve there.
func after(points plotter.XYs, from float64) plotter.XYs {
	k := slices.IndexFunc(points, func(p plotter.XY) bool { return p.X >= from })
	if k < 0 {
		return nil
	}
	if k == 0 {
		return points
	}
	a, b := points[k-1], points[k]
	first := plotter.XY{X: from, Y: a.Y + (b.Y-a.Y)*(from-a.X)/(b.X-a.X)}
	return append(plotter.XYs{first}, points[k:]...)
}
