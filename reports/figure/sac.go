package figure

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"abstain/metrics"
	palettes "abstain/reports/palette"
	"abstain/reports/typeface"
	"abstain/reports/words"
)

// Constraint is what the SAC figure shows.
type Constraint struct {
	Samples    int               `json:"samples"`
	Confidence string            `json:"confidence"`
	Tolerance  float64           `json:"tolerance"` // largest distance that a curve may be to the left of the full one
	Models     []ConstraintModel `json:"models"`
}

// ConstraintModel is one model's staircase: coverage over the demanded
// selective accuracy.
type ConstraintModel struct {
	Model string `json:"model"`
	Curve Series `json:"curve"`
}

// accuracyConstraint draws how much coverage is left as the demanded selective
// accuracy rises.
func accuracyConstraint(in Input) ([]*Figure, error) {
	if len(in.Curves) == 0 {
		return nil, errNoCurves
	}
	shown := Constraint{Samples: in.Curves[0].N, Confidence: in.confidence(), Tolerance: shortest}
	left := 1.0
	for _, c := range in.Curves {
		left = min(left, 1-c.ErrorRate)
	}
	left = math.Max(0, left-0.05*(1-left))
	var lines []plotter.XYs
	for _, c := range in.Curves {
		line := staircase(c.RiskCoverage, left)
		lines = append(lines, line)
		shown.Models = append(shown.Models, ConstraintModel{c.Model, series(line)})
	}
	right := demandedMost(in.Curves[0].N)
	left = min(left, 0.9)
	return []*Figure{{
		Title: in.constraintTitle(lines), Shown: shown, Width: in.width(), Height: 68 * vg.Millimeter,
		Caption: fmt.Sprintf("The largest share that can be answered so that at least the demanded share of the answers is right; higher is better. The axis is "+
			"logarithmic in the accepted error. Dots: what is answered at 95 and 99 %%, in numbers at the right. Measured, on the samples on which the thresholds lie; %s.", in.convention()),
		draw: func(c draw.Canvas, fonts *typeface.Family) {
			in.drawConstraint(flatStage(c, fonts), lines, left, right)
		},
	}}, nil
}

// demanded are the accuracies that are marked.
var demanded = []float64{0.95, 0.99}

// demandedMost is the largest accuracy on the axis: what lies beyond rests on a handful of
// errors.
func demandedMost(n int) float64 {
	if n >= 5000 {
		return 0.999
	}
	return 0.995
}

// answeredAt is the height of a staircase at a demanded accuracy: that of the first corner
// at or right of it, 0 beyond the last.
func answeredAt(steps plotter.XYs, a float64) float64 {
	for _, s := range steps {
		if s.X >= a {
			return s.Y
		}
	}
	return 0
}

// constraintTitle says what is answered at an accuracy of 99 %.
func (in Input) constraintTitle(lines []plotter.XYs) string {
	write := func(k int) string { return words.UnitNamed("sac@0.99").With(answeredAt(lines[k], 0.99)) }
	first, last := in.Curves[0].Model, in.Curves[len(in.Curves)-1].Model
	if len(lines) == 1 {
		return fmt.Sprintf("With 99 %% of the answers right, the model still answers %s", write(0))
	}
	return fmt.Sprintf("With 99 %% of the answers right, %s still answers %s, %s %s", first, write(0), last, write(len(lines)-1))
}

func (in Input) drawConstraint(s stage, lines []plotter.XYs, left, right float64) {
	colours := palettes.Order(len(lines))
	body := chart{s.part(s.Min.X+22, s.Max.X-s.labelRoom(), s.Min.Y+24, s.Max.Y-14), func(a float64) float64 { return logarithmic(1-left, 1-right)(math.Max(1-a, 1e-9)) }, linear(0, 1)}
	for _, a := range demanded {
		body.line(body.at(a, 0).X, body.Min.Y, body.at(a, 0).X, body.Max.Y, 4, seam)
	}
	for i := len(lines) - 1; i >= 0; i-- {
		style := draw.LineStyle{Color: colours[i].Light, Width: 1}
		if i == 0 {
			style.Width = 1.7
		}
		body.path(body.places(lines[i], 0), style)
		for _, a := range demanded {
			p := body.at(a, answeredAt(lines[i], a))
			body.markAt(p.X, p.Y, 1.7, colours[i].Light, true, false)
		}
	}
	body.axes(ticksAt(percent, demandTicks(left, right)...), percentTicks(0, 1), "share of right answers demanded, %", "share answered, %")
	var labels []endLabel
	for i, c := range in.Curves {
		note := ""
		for _, a := range demanded {
			note += fmt.Sprintf("%s at %s %%   ", words.UnitNamed("sac@0.99").Number(answeredAt(lines[i], a)), percent(a))
		}
		labels = append(labels, endLabel{from: body.at(right, answeredAt(lines[i], right)), name: c.Model, note: strings.TrimSpace(note), color: colours[i].Light})
	}
	s.endLabels(body.Max.X+9, s.Max.X, body.Min.Y+4, body.Max.Y, labels)
}

// demandTicks are round accuracies of the axis.
func demandTicks(left, right float64) []float64 {
	var all []float64
	for _, a := range []float64{0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.998, 0.999} {
		if a >= left && a <= right {
			all = append(all, a)
		}
	}
	return all
}

// shortest is the length of a step worth drawing: one sample of 2000, and half
// a pixel of the PNG.
const shortest = 5e-4

// staircase is the largest coverage among the points whose accuracy is at least
// a, as a function of a, from left on. If the highest accuracy is below 1, it
// drops to 0 after it. Points come with rising coverage. Steps shorter than
// shortest in both directions are joined to the next, lower one, so the staircase
// never shows more coverage than there is.
func staircase(points []metrics.Point, left float64) plotter.XYs {
	var steps plotter.XYs
	reached := left        // the highest accuracy so far
	drawn, at := left, 1.0 // where the last step drawn ends
	for i := len(points) - 1; i >= 0; i-- {
		accuracy, coverage := 1-points[i].Risk, points[i].Coverage
		first := len(steps) == 0 && accuracy >= reached
		if accuracy <= reached && !first {
			continue
		}
		reached = accuracy
		if !first && accuracy < 1 && accuracy-drawn < shortest && at-coverage < shortest {
			continue
		}
		steps = append(steps, plotter.XY{X: drawn, Y: coverage}, plotter.XY{X: accuracy, Y: coverage})
		drawn, at = accuracy, coverage
	}
	if drawn < 1 {
		steps = append(steps, plotter.XY{X: drawn, Y: 0})
	}
	return steps
}
