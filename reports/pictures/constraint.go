package pictures

import (
	"fmt"

	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports/figure"
	"abstain/reports/words"
)

var constraint = Picture{
	Name: "constraint", Title: "Coverage under a selective-accuracy constraint",
	Claim: constraintClaim, Basis: constraintBasis, Missing: constraintMissing, Note: noNote,
	Listing: noListing, Figures: constraintFigures,
}

func constraintClaim(c study.Claim) string {
	switch c := c.(type) {
	case study.ReachConstraint:
		return fmt.Sprintf("%d of %d models (%.0f %% [%.0f, %.0f]) reach a selective accuracy of %s at some coverage", c.Reaching, c.Models,
			100*float64(c.Reaching)/float64(c.Models), 100*c.Share.Lo, 100*c.Share.Hi, words.Percent(c.Accuracy))
	case study.ConstraintCorrelated:
		return fmt.Sprintf("accuracy and the coverage at %s selective accuracy go together with Spearman %s", words.Percent(c.Accuracy),
			words.Correlation(c.Spearman, c.In.Lo, c.In.Hi))
	case study.NoneReaches:
		return fmt.Sprintf("no model reaches a selective accuracy of %s at any coverage", words.Percent(c.Accuracy))
	case study.BestUnderConstraint:
		return bestUnderConstraint(c)
	}
	return unsaid(c)
}

func bestUnderConstraint(c study.BestUnderConstraint) string {
	text := fmt.Sprintf("under a selective accuracy of %s take %s, which answers the largest share of the samples, %s",
		words.Percent(c.Accuracy), c.Model, words.Value(c.Coverage))
	if c.In.Defined() {
		text += " " + words.Between(c.In.Lo, c.In.Hi)
	}
	if c.Rivals != nil {
		text += fmt.Sprintf("; %s not told apart from the best", words.Count(len(c.Rivals), "model is", "models are"))
	}
	return text
}

func constraintBasis(f study.Finding) string {
	switch f.Claim.(type) {
	case study.ReachConstraint:
		return wilsonOver(f.Basis)
	case study.ConstraintCorrelated:
		return correlationOver(f.Basis)
	case study.NoneReaches:
		return "exact count on these samples"
	}
	text := "point values: the folder has no stored predictions"
	for _, b := range f.Basis.Intervals {
		text = fmt.Sprintf("exact binomial bounds over new samples, %s for all %s at once by %s",
			words.Percent(b.Level), words.Plural(b.Family.Size, b.Family.Of), b.Family.Correction)
	}
	for _, t := range f.Basis.Tests {
		text += fmt.Sprintf("; max-t set of the best from %s, %s", words.Plural(t.Replicates, "bootstrap replicate"), words.Percent(t.Level))
	}
	return text
}

func constraintMissing(m study.Missing) string {
	if m, ok := m.(study.NoConstraint); ok {
		return fmt.Sprintf("%s: the folder does not have it, and it needs %s", m.Metric, absent)
	}
	return unsaid(m)
}

func constraintFigures(r *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	d, ok := e.Data.([]study.Constraint)
	if !ok {
		return nil, nil
	}
	return draw(constraintClouds(d))
}

func constraintClouds(list []study.Constraint) []sketch {
	var all []sketch
	for _, d := range list {
		c := figure.Cloud{X: axis(d.Scatter.X), Y: figure.Axis{Label: fmt.Sprintf("coverage at %g %% selective accuracy", 100*d.Accuracy), Better: metrics.Higher},
			Grouping: "training regime", Marked: markedRegimes(d.Scatter.Points)}
		for _, p := range d.Scatter.Points {
			c.Points = append(c.Points, figure.Point{Name: p.Model, Group: p.Regime, X: figure.Number(p.X), Y: figure.Number(p.Y), Named: p.Model == d.Best})
		}
		all = append(all, sketch{fmt.Sprintf("constraint-%g", 100*d.Accuracy), fmt.Sprintf("Accuracy against coverage at %g %% selective accuracy", 100*d.Accuracy),
			fmt.Sprintf("%d models: the largest share of the samples that can be answered with %g %% of the answers right.", len(c.Points), 100*d.Accuracy), c})
	}
	return all
}
