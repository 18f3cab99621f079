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
		return reaching(c)
	case study.ConstraintCorrelated:
		return fmt.Sprintf("accuracy and the coverage at %s selective accuracy go together with Spearman %s", words.Percent(c.Accuracy),
			coefficient(c.Spearman, c.In))
	case study.NoneReaches:
		return fmt.Sprintf("no model reaches a selective accuracy of %s at any coverage", words.Percent(c.Accuracy))
	case study.BestUnderConstraint:
		return bestUnderConstraint(c)
	}
	return unsaid(c)
}

// reaching says how many models reach a selective accuracy, beyond the luck of a few
// confident answers where the coverages have intervals.
func reaching(c study.ReachConstraint) string {
	text := fmt.Sprintf("%d of %d models (%s) reach a selective accuracy of %s", c.Reaching, c.Models, share(c.Reaching, c.Models, c.Share), words.Percent(c.Accuracy))
	if c.Level == 0 {
		return text + " at some coverage, be it of few samples: the coverages have no intervals"
	}
	return text + fmt.Sprintf(" at a coverage whose %s interval is above 0; on these samples %d do at some coverage, be it of few samples", words.Percent(c.Level), c.Points)
}

func bestUnderConstraint(c study.BestUnderConstraint) string {
	return fmt.Sprintf("under a selective accuracy of %s %s answers the largest share of these samples, %s: %s",
		words.Percent(c.Accuracy), c.Model, estimated(c.Coverage), notToldApart(c.Tied))
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
	text := ownIntervals(f.Basis)
	for _, t := range f.Basis.Tests {
		text += fmt.Sprintf("; set of the best by %s at %s", t.Method, words.Percent(t.Level))
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
