package pictures

import (
	"fmt"
	"math"
	"slices"

	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports/figure"
	"abstain/reports/words"
)

var severity = Picture{
	Name: "severity", Title: "Classes out of distribution by severity",
	Claim: severityClaim, Basis: severityBasis, Missing: severityMissing, Note: severityNote,
	Listing: severityListing, Figures: severityFigures,
}

func severityClaim(c study.Claim) string {
	switch c := c.(type) {
	case study.SeverityChanges:
		return severityChange(c)
	case study.LevelCorrelated:
		a, r := c.Accuracy, c.AUROC
		return fmt.Sprintf("at level %d the AUROC against new classes has Spearman %s with accuracy and %s with the AUROC of failure prediction", c.Level,
			coefficient(a.Spearman, a.SpearmanIn), coefficient(r.Spearman, r.SpearmanIn))
	}
	return unsaid(c)
}

// severityChange says that new classes get harder or easier to tell only if the test
// and the interval support it. The medians may move against the median of the changes,
// since a model can lack a level; then they are given without a direction.
func severityChange(c study.SeverityChanges) string {
	direction := "harder"
	if c.Change.Median > 0 {
		direction = "easier"
	}
	from, to := words.UnitNamed("ood-auroc").Number(c.Easiest), words.UnitNamed("ood-auroc").Number(c.Hardest)
	medians := fmt.Sprintf("is %s at the easiest and %s at the hardest of %d levels", from, to, c.Levels)
	switch {
	case c.Hardest < c.Easiest && c.Change.Median <= 0:
		medians = fmt.Sprintf("falls from %s at the easiest to %s at the hardest of %d levels", from, to, c.Levels)
	case c.Hardest > c.Easiest && c.Change.Median >= 0:
		medians = fmt.Sprintf("rises from %s at the easiest to %s at the hardest of %d levels", from, to, c.Levels)
	}
	if c.Change.Proof == study.Proven && c.Change.Median != 0 {
		return fmt.Sprintf("telling new classes from known ones gets %s with severity: the median AUROC %s", direction, medians)
	}
	return fmt.Sprintf("the median AUROC of telling new classes from known ones %s%s", medians, unproven(c.Change))
}

func severityBasis(f study.Finding) string {
	tests := f.Basis.Tests
	if c, ok := f.Claim.(study.SeverityChanges); ok {
		interval := "; too few units for an interval"
		if f.Basis.Intervals != nil {
			interval = ", interval over " + population(f.Basis.Intervals[0].Over)
		}
		return fmt.Sprintf("change %s%s; %s", effect(c.Change), interval, tested(tests[0]))
	}
	return overNewModels(f.Basis, "intervals") + fmt.Sprintf("%s and %s",
		relation(tests[0]), relation(tests[1]))
}

func severityMissing(m study.Missing) string {
	switch m := m.(type) {
	case study.NoLevels:
		return "severity levels need rows of conditions such as c-ood-s05 with ood-auroc, or " + absent
	case study.NoOutsideClasses:
		return "severity levels need a table of out-of-distribution samples (label -1) with a column that names their class, " +
			"such as ood_class or source (--ood-class NAME)"
	case study.FewerLevels:
		return fmt.Sprintf("%d severity levels: with %s there are %d", m.Wanted, outsideClasses(m.Classes), m.Levels)
	}
	return unsaid(m)
}

func outsideClasses(n int) string {
	return words.Count(n, "class out of distribution", "classes out of distribution")
}

func severityNote(n study.Note) string {
	if n, ok := n.(study.SeverityWindows); ok {
		return fmt.Sprintf("%s, named by the column %s: %s of %s, %s; for each model by itself, classes ranked by mean confidence on 75 %% of their samples, "+
			"AUROC against the known classes on the other 25 %%", outsideClasses(n.Classes), n.Column,
			words.Plural(n.Windows, "window"), words.Count(n.Window, "class", "classes"), words.Plural(n.Levels, "level"))
	}
	return unsaid(n)
}

func severityFigures(r *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	d, ok := e.Data.(*study.Severity)
	if !ok {
		return nil, nil
	}
	return draw([]sketch{severityLines(r, d)})
}

func severityLines(r *study.Report, d *study.Severity) sketch {
	l := figure.Lines{X: figure.Axis{Label: "severity level, s0 the easiest"}}
	p := figure.LinePanel{Y: figure.Axis{Label: "AUROC, known against new classes", Better: metrics.Higher}}
	middle := figure.Line{Name: "median over models"}
	for k, v := range d.Levels {
		l.Places = append(l.Places, fmt.Sprintf("s%d", v.Level))
		middle.X = append(middle.X, float64(k))
		middle.Y = append(middle.Y, figure.Value{At: v.Median, Lo: v.In.Lo, Hi: v.In.Hi})
	}
	p.Lines = append(p.Lines, middle)
	drawn := 0
	for i, m := range d.Models {
		line := figure.Line{Name: m, Faint: true}
		for k := range d.Levels {
			if !math.IsNaN(d.Values[k][i]) {
				line.X, line.Y = append(line.X, float64(k)), append(line.Y, figure.Number(d.Values[k][i]))
			}
		}
		if len(line.X) > 1 {
			p.Lines = append(p.Lines, line)
			drawn++
		}
	}
	l.Panels = []figure.LinePanel{p}
	caption := fmt.Sprintf("%d models, each a grey line, by severity of the new classes; for each model classes are ranked by itself.", drawn)
	if slices.ContainsFunc(d.Levels, func(v study.SeverityLevel) bool { return v.In.Defined() }) {
		caption += fmt.Sprintf(" The band is the %g %% interval of the median over new models.", 100*r.Level)
	}
	return sketch{"severity", "Telling new classes from known ones", caption, l}
}

func severityListing(r *study.Report, e *study.Experiment) *Listing {
	d, ok := e.Data.(*study.Severity)
	if !ok {
		return nil
	}
	l := &Listing{Columns: []Column{{"level", true}, {"models", true}, {"median AUROC", true}, {"interval", true}, {"Spearman with accuracy", true}, {"with AUROC of failure prediction", true}},
		Note: "intervals over new models"}
	for _, v := range d.Levels {
		l.Rows = append(l.Rows, []string{fmt.Sprint(v.Level), fmt.Sprint(v.N), fmt.Sprintf("%.4f", v.Median), medianInterval(v.In), correlationCell(v.Accuracy), correlationCell(v.AUROC)})
	}
	return l
}

func medianInterval(in study.Bounds) string {
	if !in.Defined() {
		return "–"
	}
	return fmt.Sprintf("[%.4f, %.4f]", in.Lo, in.Hi)
}

// correlationCell is a correlation for a table.
func correlationCell(c study.Correlation) string {
	switch {
	case !c.Defined():
		return "–"
	case !c.SpearmanIn.Defined():
		return fmt.Sprintf("%.2f", c.Spearman)
	}
	return words.Correlation(c.Spearman, c.SpearmanIn.Lo, c.SpearmanIn.Hi)
}
