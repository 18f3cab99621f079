package pictures

import (
	"abstain/harness/study"
	"abstain/reports/figure"
	"fmt"
	"math"
	"slices"
)

var conditions = Picture{
	Name: "conditions", Title: "Shift, attack and new classes",
	Claim: noClaim, Basis: noBasis, Missing: noMissing, Note: noNote,
	Listing: noListing, Figures: conditionFigures,
}

func conditionFigures(r *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	d, ok := e.Data.(*study.Conditions)
	if !ok {
		return nil, nil
	}
	return draw(conditionLines(d))
}

// conditionLines shows the median of each metric by kind of condition and
// severity, clean at 0.
func conditionLines(d *study.Conditions) []sketch {
	var kinds []string
	leveled := map[string]bool{}
	for _, s := range d.Settings {
		if !slices.Contains(kinds, s.Kind) {
			kinds = append(kinds, s.Kind)
		}
		leveled[s.Kind] = leveled[s.Kind] || s.Severity >= 0
	}
	l := figure.Lines{X: figure.Axis{Label: "severity, each kind's levels in order"}, Places: []string{"clean"}}
	for m, id := range d.Metrics {
		p := figure.LinePanel{Title: d.Labels[m], Y: axis(id)}
		for _, kind := range kinds {
			if !leveled[kind] {
				continue
			}
			line := figure.Line{Name: kind}
			for s, in := range d.Settings {
				if in.Kind != kind {
					continue
				}
				if len(line.X) == 0 {
					line.X, line.Y = append(line.X, 0), append(line.Y, figure.Number(middle(d.Clean[s][m])))
				}
				if step := len(line.X); step == len(l.Places) {
					l.Places = append(l.Places, fmt.Sprint(step))
				}
				line.X, line.Y = append(line.X, float64(len(line.X))), append(line.Y, figure.Number(middle(d.Under[s][m])))
			}
			p.Lines = append(p.Lines, line)
		}
		if len(p.Lines) > 0 {
			l.Panels = append(l.Panels, p)
		}
	}
	var all []sketch
	if len(l.Panels) > 0 {
		all = append(all, sketch{"conditions", "Degradation under shift and attack", "Medians over the models that have the condition's table; clean values on the same samples where these are known.", l})
	}
	if len(d.Ranks) > 0 {
		all = append(all, rankMatrix(d))
	}
	return all
}

// rankMatrix shows how far clean ranks hold under each condition.
func rankMatrix(d *study.Conditions) sketch {
	m := figure.Matrix{Scale: "Spearman with clean ranks", Low: -1, High: 1, Diverging: true, Columns: d.Labels}
	n := 0
	for _, s := range d.Settings {
		m.Rows = append(m.Rows, s.Name)
		var cells []figure.Cell
		for _, id := range d.Metrics {
			i := slices.IndexFunc(d.Ranks, func(c study.Correlation) bool { return c.Scope == s.Name && c.A == id })
			if i < 0 {
				cells = append(cells, figure.Cell{Value: figure.Number(math.NaN()), Text: "–"})
				continue
			}
			c := d.Ranks[i]
			n = max(n, c.N)
			cells = append(cells, figure.Cell{Value: figure.Value{At: c.Spearman, Lo: c.SpearmanIn.Lo, Hi: c.SpearmanIn.Hi}, Bold: c.SpearmanIn.Lo > 0 || c.SpearmanIn.Hi < 0})
		}
		m.Cells = append(m.Cells, cells)
	}
	return sketch{"conditions-ranks", "Ranks under shift and attack against clean ranks", fmt.Sprintf("Over at most %d models. Bold: the interval over new models leaves out 0.", n), m}
}
