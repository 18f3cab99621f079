package pictures

import (
	"fmt"
	"math"
	"slices"

	"abstain/harness/study"
	"abstain/reports/figure"
	"abstain/reports/words"
)

var conditions = Picture{
	Name: "conditions", Title: "Shift, attack and new classes",
	Claim: conditionClaim, Basis: conditionBasis, Missing: conditionMissing, Note: conditionNote,
	Listing: noListing, Figures: conditionFigures,
}

func conditionClaim(c study.Claim) string {
	switch c := c.(type) {
	case study.RanksUnderConditions:
		return fmt.Sprintf("ranks by AURC under shift and attack agree with clean ranks by Spearman %s, the least, to %s, the most", underScope(c.Least), underScope(c.Most))
	case study.UnderCondition:
		return fmt.Sprintf("under %s %s changes by %s (median), to the worse for %d of %d models%s",
			c.Treatment, study.Label(c.Metric), effect(c.Changes), c.Worse(), len(c.Values), unproven(c.Changes))
	case study.SeparableRegimes:
		return separableRegimes(c)
	case study.NoSeparableRegime:
		if c.Hopeless {
			return fmt.Sprintf("under conditions the regimes have too few twins to prove anything: at most %s", words.Plural(c.Units, "unit"))
		}
		return "under no condition is a regime told apart from its base twins"
	}
	return unsaid(c)
}

func underScope(c study.Correlation) string {
	return fmt.Sprintf("%s under %s", coefficient(c.Spearman, c.SpearmanIn), c.Scope)
}

func separableRegimes(c study.SeparableRegimes) string {
	const most = 12
	var proven []string
	for _, x := range c.Changes {
		proven = append(proven, fmt.Sprintf("%s, %s under %s: %s", x.Treatment, study.Label(x.Metric), x.Setting, effect(x)))
	}
	return "told apart from their base twins, by the mean over severities, are " + words.List(words.FirstOf(proven, most))
}

func conditionBasis(f study.Finding) string {
	switch f.Claim.(type) {
	case study.RanksUnderConditions:
		if f.Basis.Intervals == nil {
			return "these models and samples"
		}
		interval := f.Basis.Intervals[0]
		return fmt.Sprintf("%s intervals over %s", words.Percent(interval.Level), population(interval.Over))
	case study.UnderCondition:
		return evidence(f.Basis)
	}
	test := f.Basis.Tests[0]
	return fmt.Sprintf("%s at %s", correctedOver(test), words.Percent(1-test.Level))
}

func conditionMissing(m study.Missing) string {
	if m, ok := m.(study.NoConditions); ok {
		return fmt.Sprintf("tables of the same models under shift or attack: conditions other than %s, with labels", m.Clean)
	}
	return unsaid(m)
}

func conditionNote(n study.Note) string {
	d, ok := n.(study.CleanValues)
	switch {
	case !ok:
		return unsaid(n)
	case d.SameSamples:
		return "clean values are over the samples that the condition's table has"
	}
	return "clean values are over all clean samples: which of them a condition's table holds is not known"
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
