package pictures

import (
	"fmt"

	"abstain/harness/board"
	"abstain/harness/study"
	"abstain/reports/figure"
)

var riskCoverage = Picture{
	Name: "risk-coverage", Title: "Risk and coverage of chosen models",
	Claim: curveClaim, Basis: curveBasis, Missing: curveMissing, Note: curveNote,
	Listing: noListing, Figures: riskCoverageFigures,
}

func curveClaim(c study.Claim) string {
	if c, ok := c.(study.CurveModel); ok {
		return fmt.Sprintf("model %s has AURC %s, AUROC %s and accuracy %s", c.Model, estimated(c.AURC), estimated(c.AUROC), estimated(c.Accuracy))
	}
	return unsaid(c)
}

func curveBasis(f study.Finding) string { return ownIntervals(f.Basis) }

func curveMissing(m study.Missing) string {
	if _, ok := m.(study.NoCurves); ok {
		return "risk-coverage curves need " + absent
	}
	return unsaid(m)
}

func curveNote(n study.Note) string {
	if n, ok := n.(study.SpreadOver); ok {
		return fmt.Sprintf("models at the places 0, 10, 25, 50, 75 and 90 %% from the best by %s; curves of more than 500 points are thinned in the file", study.Label(n.Metric))
	}
	return unsaid(n)
}

func riskCoverageFigures(r *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	c, ok := e.Data.([]board.Curves)
	if !ok {
		return nil, nil
	}
	return figure.New("risk-coverage", figure.Input{Curves: c})
}
