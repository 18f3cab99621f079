package figure

import (
	"errors"
	"fmt"
	"image/color"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"abstain/harness/board"
	"abstain/metrics"
	"abstain/reports/typeface"
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

// riskCoverage draws the risk-coverage curves. With at most three models each
// has its oracle and random reference; with more, only the first has.
func riskCoverage(in Input) ([]*Figure, error) {
	if len(in.Curves) == 0 {
		return nil, errNoCurves
	}
	shown := RiskCoverage{Tolerance: tolerance, Confidence: in.confidence(), Samples: in.Curves[0].N}
	p := newPlot(in.Fonts, "coverage", "selective risk (error rate among the accepted)")
	key := &legend{fonts: in.Fonts}
	var references []entry
	top := 0.0
	for i, c := range in.Curves {
		m := RiskCoverageModel{Model: c.Model, Random: c.ErrorRate}
		line := curve{thin(pointsOf(c.RiskCoverage), tolerance), lineStyle(i)}
		m.Curve = series(line.points)
		top = max(top, c.ErrorRate, highest(c.RiskCoverage))
		if len(in.Curves) <= 3 || i == 0 {
			oracle := curve{thin(pointsOf(c.Oracle), tolerance), reference(i, true)}
			random := curve{plotter.XYs{{X: 0, Y: c.ErrorRate}, {X: 1, Y: c.ErrorRate}}, reference(i, false)}
			m.Oracle = series(oracle.points)
			p.Add(oracle, random)
			references = append(references, entry{"oracle, same errors", oracle}, entry{"random order", random})
		}
		if in.banded(i) {
			b := riskBand(c, lineStyle(i))
			m.Lo, m.Hi = series(b.low), series(b.high)
			p.Add(b)
		}
		p.Add(line)
		key.add(c.Model, line)
		shown.Models = append(shown.Models, m)
	}
	addReferences(key, references, in.Curves)
	p.X.Min, p.X.Max = 0, 1
	p.Y.Min, p.Y.Max = 0, min(1, 1.08*top)
	return []*Figure{{
		Title: "Risk-coverage curves",
		Caption: fmt.Sprintf("Error rate among the accepted samples when only the most confident share is answered (coverage); lower is better. "+
			"The oracle ranks the same errors perfectly, random order keeps the error rate at every coverage. %s; one point per group of equal confidence, joined by straight lines, level before the first.",
			in.convention()) + in.bandCaption(),
		Shown: shown,
		draw:  func(c draw.Canvas, _ *typeface.Family) { drawPlot(c, p, key) },
	}}, nil
}

// banded reports whether the i-th curve has a band: every curve if there are few,
// otherwise the first and the last.
func (in Input) banded(i int) bool {
	c := in.Curves[i]
	return c.Level > 0 && c.RiskBand.Lo != nil && (len(in.Curves) <= maxBands || i == 0 || i == len(in.Curves)-1)
}

// bandCaption says what the bands are.
func (in Input) bandCaption() string {
	first, last := in.Curves[0], in.Curves[len(in.Curves)-1]
	if !in.banded(0) {
		return ""
	}
	of := ""
	if len(in.Curves) > maxBands {
		of = fmt.Sprintf(" of %s and %s", first.Model, last.Model)
	}
	return fmt.Sprintf(" Bands%s: the %g %% score interval of the risk above each threshold by itself.", of, 100*first.Level)
}

// riskBand is the band of a curve, thinned to what can be seen at the figure's
// size.
func riskBand(c board.Curves, style draw.LineStyle) band {
	edge := func(risk []float64) plotter.XYs {
		return thin(pointsOf(withRisk(c.RiskCoverage, risk)), 5*tolerance)
	}
	return band{low: edge(c.RiskBand.Lo), high: edge(c.RiskBand.Hi), color: withAlpha(style.Color.(color.NRGBA), 0x24)}
}

// addReferences adds the references below the models in the legend. If only the
// first model has references, its name is added.
func addReferences(key *legend, references []entry, curves []board.Curves) {
	if len(references) == 0 {
		return
	}
	key.add("", nil)
	if len(curves) > 3 {
		key.add("references of the first:", nil)
		key.entries = append(key.entries, references...)
		return
	}
	for i, c := range curves {
		if len(curves) > 1 {
			key.add("references of "+c.Model, nil)
		}
		key.entries = append(key.entries, references[2*i:2*i+2]...)
	}
}

// reference is the style of an oracle (dashed) or random (dotted) curve.
func reference(i int, oracle bool) draw.LineStyle {
	s := lineStyle(i)
	s.Width, s.Dashes = 0.8, dotted
	if oracle {
		s.Dashes = dashed
	}
	return s
}

// scaleFrom is the coverage from which on a curve decides the scale of the axis.
// At smaller coverages, one error among a handful of samples would give a height
// beside which the rest of the curve looks flat.
const scaleFrom = 0.02

func highest(points []metrics.Point) float64 {
	top := 0.0
	for _, p := range points {
		if p.Coverage >= scaleFrom {
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
