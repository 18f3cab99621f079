package figure

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/plotter"

	"abstain/harness/board"
	"abstain/harness/compare"
	"abstain/metrics"
	"abstain/metrics/ranks"
	"abstain/reports/say"
	"abstain/reports/words"
)

// Comparison makes the figures of models compared with a reference: "differences"
// has one row for each metric, in standard errors; "compared-curves" has their
// risk-coverage curves and the coverages at which one is proven better. skipped
// says which figures are left out, and why.
func Comparison(c *compare.Comparison) (figures []*Figure, skipped []string) {
	for _, draw := range []func(*compare.Comparison) ([]*Figure, error){pairedDifferences, comparedCurves} {
		parts, err := draw(c)
		if err != nil {
			skipped = append(skipped, "figure: "+err.Error())
		}
		figures = append(figures, parts...)
	}
	return figures, skipped
}

// pairedDifferences is a forest of the differences in their standard errors. The
// sign is chosen so that the better model is on the same side for all metrics.
func pairedDifferences(c *compare.Comparison) ([]*Figure, error) {
	if len(c.Metrics) == 0 || !c.Tested() {
		return nil, fmt.Errorf("differences: nothing was tested")
	}
	reference := c.Models[0].Label
	f := Forest{Axis: Axis{Label: "difference in its standard errors"}, Reference: 0,
		Left: reference + " better", Right: "the model better", Head: "metric", Heads: []string{"difference", "p, adjusted", "verdict"}}
	if len(c.Models) == 2 {
		f.Right = c.Models[1].Label + " better"
	}
	undirected := false
	for _, model := range c.Models[1:] {
		section := model.Label + " against " + reference
		for _, d := range c.Metrics {
			if d.Model != model.Label {
				continue
			}
			row := ForestRow{Name: d.Measure.Label(), Value: inErrors(d), Section: section,
				Texts:  []string{words.Change(d.Measure, d.Difference), words.PCell(d.AdjustedP), string(d.Verdict)},
				Marked: d.Verdict == ranks.Better || d.Verdict == ranks.Worse || d.Verdict == ranks.Differs}
			undirected = undirected || d.Measure.Metric.Better == metrics.None
			section = ""
			f.Rows = append(f.Rows, row)
		}
	}
	caption := fmt.Sprintf("Paired differences from %s on the same %d samples, each divided by its standard error, with the %g %% interval of each by itself. "+
		"Whatever the metric, a mark at the right says that the model is better. Numbers are the model less %s, in the metric's unit. "+
		"Indigo and the verdict: told apart by the adjusted p-value (%s); ~ not told apart.", reference, c.N, 100*c.Level, reference, say.Family(c.Family))
	if undirected {
		caption += " A metric without a better end has its larger values at the right."
	}
	return f.Figures(Text{Name: "differences", Title: "Paired differences from " + reference, Caption: caption})
}

// inErrors is a difference in its standard errors, positive where the model is better.
func inErrors(d compare.Difference) Value {
	if !(d.SE > 0) {
		return Number(math.NaN())
	}
	v := Value{d.Difference.Value / d.SE, d.Difference.Lo / d.SE, d.Difference.Hi / d.SE}
	if d.Measure.Metric.Better == metrics.Lower {
		v = Value{-v.At, -v.Hi, -v.Lo}
	}
	return v
}

// comparedCurves overlays the risk-coverage curves.
func comparedCurves(c *compare.Comparison) ([]*Figure, error) {
	if len(c.Curves) == 0 {
		return nil, fmt.Errorf("compared-curves: the folder keeps no predictions")
	}
	p := LinePanel{Y: Axis{Label: "selective risk", Better: metrics.Lower}}
	top := 0.0
	for i, curves := range c.Curves {
		p.Lines = append(p.Lines, riskLine(c.Models[i].Label, curves))
		top = max(top, curves.ErrorRate, highest(curves.RiskCoverage))
	}
	p.Top = min(1, 1.15*top)
	for _, r := range c.Ranges {
		better, against := r.Model, r.Against
		if !r.Better {
			better, against = against, better
		}
		p.Ranges = append(p.Ranges, Range{From: r.From, To: r.To, Better: better, Against: against,
			Row: fmt.Sprintf("%s or %s", r.Model, r.Against)})
	}
	caption := fmt.Sprintf("Error rate among the accepted samples when only the most confident share is answered (coverage); n = %d.", c.N)
	switch {
	case len(c.Ranges) > 0:
		caption += " Coverages proven: " + say.Band(c.Band) + "."
	case c.Band != nil:
		caption += " At no coverage is one proven better; " + say.Band(c.Band) + "."
	}
	return Lines{X: Axis{Label: "coverage"}, Panels: []LinePanel{p}}.Figures(Text{Name: "compared-curves", Title: "Risk-coverage curves compared", Caption: caption})
}

// riskLine is a model's curve with its band, at the places where either of them
// bends.
func riskLine(label string, c board.Curves) Line {
	l := Line{Name: label}
	places := bends(pointsOf(c.RiskCoverage), tolerance)
	banded := c.RiskBand.Lo != nil
	if banded {
		for _, edge := range [][]float64{c.RiskBand.Lo, c.RiskBand.Hi} {
			places = append(places, bends(pointsOf(withRisk(c.RiskCoverage, edge)), 5*tolerance)...)
		}
		slices.Sort(places)
		places = slices.Compact(places)
	}
	at := 0
	for _, x := range places {
		for at < len(c.RiskCoverage)-1 && c.RiskCoverage[at].Coverage < x {
			at++
		}
		v := Number(c.RiskCoverage[at].Risk)
		if banded {
			v.Lo, v.Hi = c.RiskBand.Lo[at], c.RiskBand.Hi[at]
		}
		l.X, l.Y = append(l.X, x), append(l.Y, v)
	}
	return l
}

// bends are the places that remain when a curve is thinned.
func bends(points plotter.XYs, tolerance float64) []float64 {
	return series(thin(points, tolerance)).X
}

// withRisk is the same curve with other risks.
func withRisk(points []metrics.Point, risk []float64) []metrics.Point {
	points = slices.Clone(points)
	for i := range points {
		points[i].Risk = risk[i]
	}
	return points
}

// Across makes the figures of models compared over datasets or conditions:
// "critical-difference" and "wins". skipped says which figures are left out, and
// why.
func Across(c *compare.Crossing) (figures []*Figure, skipped []string) {
	over := fmt.Sprintf("%d %ss", c.Datasets, c.Across)
	test := fmt.Sprintf("%s over %s; Friedman's test p = %s.", c.By.Label(), over, words.PCell(c.Friedman.P))
	diagram := CriticalDifference{Names: c.Names, MeanRanks: c.MeanRanks, Critical: c.Critical, Bars: c.Bars.Groups}
	parts, err := diagram.Figures(Text{Name: "critical-difference", Title: "Mean ranks by " + c.By.Label() + " over " + over,
		Caption: test + fmt.Sprintf(" Nemenyi's test at %g %%.", 100*(1-c.Level))})
	if err != nil {
		skipped = append(skipped, "figure: critical-difference: "+err.Error())
	}
	figures = append(figures, parts...)
	if parts, err = winMatrix(c, over).Figures(Text{Name: "wins", Title: "Wins, ties and losses by " + c.By.Label() + " over " + over,
		Caption: test + fmt.Sprintf(" In each cell the %s on which the model of the row wins, ties and loses against that of the column; models by mean rank. "+
			"Bold: Wilcoxon's signed-rank test, adjusted by Holm over all pairs, tells them apart at %g %%.", strings.TrimLeft(over, "0123456789 "), 100*(1-c.Level))}); err != nil {
		skipped = append(skipped, "figure: wins: "+err.Error())
	}
	return append(figures, parts...), skipped
}

// winMatrix compares every model with every other, best mean rank first.
func winMatrix(c *compare.Crossing, over string) Matrix {
	m := Matrix{Scale: "wins less losses, share of " + over, Low: -1, High: 1, Diverging: true, ColumnTitle: "against"}
	order := c.Order()
	for _, i := range order {
		m.Rows = append(m.Rows, c.Names[i])
		var row []Cell
		for _, j := range order {
			cell := Cell{Value: Number(math.NaN())}
			if i != j {
				d := c.Pairs[i][j]
				cell = Cell{Value: Number(float64(d.Wins-d.Losses) / float64(c.Datasets)), Text: fmt.Sprintf("%d/%d/%d", d.Wins, d.Ties, d.Losses), Bold: d.P <= 1-c.Level}
			}
			row = append(row, cell)
		}
		m.Cells = append(m.Cells, row)
	}
	m.Columns = m.Rows
	return m
}
