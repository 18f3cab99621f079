package pictures

import (
	"fmt"
	"math"
	"slices"

	"abstain/harness/study"
	"abstain/reports/figure"
	"abstain/reports/words"
)

var families = Picture{
	Name: "families", Title: "Families and size",
	Claim: familyClaim, Basis: familyBasis, Missing: familyMissing, Note: familyNote,
	Listing: noListing, Figures: familyFigures,
}

func familyClaim(c study.Claim) string {
	switch c := c.(type) {
	case study.SeparableFamilies:
		return separableFamilies(c)
	case study.SizeCorrelated:
		return sizeCorrelated(c)
	}
	return unsaid(c)
}

func separableFamilies(c study.SeparableFamilies) string {
	if c.TooFew > 0 {
		few := words.Count(c.TooFew, "family has", "families have")
		c.TooFew = 0
		return separableFamilies(c) + "; " + few + " too few units to prove anything"
	}
	label, better, worse := study.Label(c.Metric), words.List(medians(c.Better)), words.List(medians(c.Worse))
	switch {
	case c.Better == nil && c.Worse == nil:
		return fmt.Sprintf("by %s no family differs from the others beyond chance", label)
	case c.Worse == nil:
		return fmt.Sprintf("by %s better than the others: %s", label, better)
	case c.Better == nil:
		return fmt.Sprintf("by %s worse than the others: %s", label, worse)
	}
	return fmt.Sprintf("by %s better than the others: %s; worse: %s", label, better, worse)
}

// medians writes the medians of families beside those of all other models.
func medians(list []study.FamilyMetric) []string {
	var all []string
	for _, x := range list {
		all = append(all, fmt.Sprintf("%s (median %s against %s, n = %d)", x.Family, words.UnitNamed(x.Metric).With(x.Median), words.UnitNamed(x.Metric).With(x.Others), x.N))
	}
	return all
}

func sizeCorrelated(c study.SizeCorrelated) string {
	text := fmt.Sprintf("Spearman(parameters, %s) = %s", study.Label(c.Metric), coefficient(c.All.Spearman, c.All.SpearmanIn))
	if !c.Beyond {
		text += ", not beyond chance"
	}
	text += " over all models"
	if c.Above != nil {
		text += "; inside families above 0 in " + words.List(scoped(c.Above))
	}
	if c.Below != nil {
		text += "; inside families below 0 in " + words.List(scoped(c.Below))
	}
	if c.TooFew > 0 {
		text += fmt.Sprintf("; %s too few models to prove anything", words.Count(c.TooFew, "family or regime of one has", "families or regimes of one have"))
	}
	return text
}

// scoped writes correlations with the models they are over.
func scoped(list []study.Correlation) []string {
	var all []string
	for _, c := range list {
		all = append(all, inside(c)+" "+coefficient(c.Spearman, c.SpearmanIn))
	}
	return all
}

func familyBasis(f study.Finding) string {
	test := f.Basis.Tests[0]
	holm := fmt.Sprintf("%s over %s at %s", test.Family.Correction, many(test.Family), words.Percent(1-test.Level))
	if _, ok := f.Claim.(study.SeparableFamilies); ok {
		if test.Family.Size == 0 {
			return "Mann-Whitney of units against all other units: no family has enough of them"
		}
		return "Mann-Whitney of units against all other units, " + holm
	}
	return words.Percent(f.Basis.Intervals[0].Level) + " intervals over new models; " + holm
}

func familyMissing(m study.Missing) string {
	switch m := m.(type) {
	case study.TooFewFamilies:
		return "families need metadata \"family\" with two values or more"
	case study.SizesUnknown:
		return fmt.Sprintf("size against metrics: fewer than %d models have metadata \"params\"", m.Least)
	}
	return unsaid(m)
}

func familyNote(n study.Note) string {
	if n, ok := n.(study.FamilyTests); ok {
		return fmt.Sprintf("each family of %d units or more against the units that have no model of it, by the Mann-Whitney test of the means of units; "+
			"Holm over the families of a metric, where each p-value counts the tests that could have reached it (Tarone 1990); "+
			"superiority is the probability that a unit of the family has the larger mean than one of the others", n.Least)
	}
	return unsaid(n)
}

func familyFigures(r *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	d, ok := e.Data.(*study.Families)
	if !ok {
		return nil, nil
	}
	return draw(append([]sketch{familyStrips(d)}, sizeCloud(d)...))
}

// familyStrips shows the families of some size by the first metrics.
func familyStrips(d *study.Families) sketch {
	const least = 5
	size := map[string]int{}
	for _, x := range d.Rows {
		size[x.Family] = max(size[x.Family], x.N)
	}
	rows := slices.DeleteFunc(slices.Clone(d.Families), func(f string) bool { return size[f] < least })
	caption := fmt.Sprintf("Families of %d models or more.", least)
	if len(rows) == 0 {
		rows, caption = d.Families, "Families of models."
	}
	s := figure.Strips{Rows: rows}
	for k, id := range d.Metrics {
		if !slices.Contains([]string{"accuracy", "auroc", "ece@15", "|overconfidence|", "sac@0.95"}, id) {
			continue
		}
		p := figure.StripPanel{Axis: figure.Axis{Label: d.Labels[k], Better: d.Better[k]}, Reference: math.NaN()}
		for _, family := range rows {
			i := slices.IndexFunc(d.Rows, func(x study.FamilyMetric) bool { return x.Metric == id && x.Family == family })
			if i < 0 {
				p.Strips = append(p.Strips, figure.Strip{})
				continue
			}
			x := d.Rows[i]
			q := figure.Strip{Values: x.Values, Median: figure.Number(x.Median), Note: fmt.Sprintf("n = %d, %s", x.N, shortP(x.P))}
			if x.N >= 4 {
				q.Quartiles = x.Quartiles
			}
			p.Strips = append(p.Strips, q)
		}
		s.Panels = append(s.Panels, p)
	}
	return sketch{"families", "Architecture families", caption + " p: Mann-Whitney of the family against all other models, Holm over the families.", s}
}

// sizeCloud shows the AUROC of models against their size.
func sizeCloud(d *study.Families) []sketch {
	if d.Points == nil || len(d.Points.Points) == 0 {
		return nil
	}
	c := figure.Cloud{X: figure.Axis{Label: "parameters", Log: true}, Y: axis(d.Points.Y), Grouping: "family"}
	for _, p := range d.Points.Points {
		c.Points = append(c.Points, figure.Point{Name: p.Model, Group: p.Family, X: figure.Number(p.X), Y: figure.Number(p.Y)})
	}
	return []sketch{{"size", study.Label(d.Points.Y) + " against size", fmt.Sprintf("%d models of known size.", len(c.Points)), c}}
}
