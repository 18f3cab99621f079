package figure

import (
	"fmt"
	"math"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg/draw"

	"abstain/metrics"
	"abstain/reports/typeface"
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
	p := newPlot(in.Fonts, "demanded selective accuracy", "largest coverage that reaches it")
	key := &legend{fonts: in.Fonts}
	left := 1.0
	for _, c := range in.Curves {
		left = min(left, 1-c.ErrorRate)
	}
	left = math.Max(0, left-0.05*(1-left))
	for i, c := range in.Curves {
		line := curve{staircase(c.RiskCoverage, left), lineStyle(i)}
		p.Add(line)
		key.add(c.Model, line)
		shown.Models = append(shown.Models, ConstraintModel{c.Model, series(line.points)})
	}
	p.X.Min, p.X.Max = left, 1
	p.Y.Min, p.Y.Max = 0, 1
	if left == 1 {
		p.X.Min = 0.9 // no model errs, but the axis still needs a length
	}
	return []*Figure{{
		Title: "Coverage under a selective-accuracy constraint (SAC)",
		Caption: fmt.Sprintf("The largest share of samples that can be answered so that at least the demanded share of the answers is right; higher is better. "+
			"A curve that falls to 0 before 1 cannot reach more by rejecting. %s; thresholds lie between groups of equal confidence.", in.convention()),
		Shown: shown,
		draw:  func(c draw.Canvas, _ *typeface.Family) { drawPlot(c, p, key) },
	}}, nil
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
