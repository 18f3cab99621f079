package pictures

import (
	"abstain/harness/board"
	"abstain/harness/study"
	"abstain/reports/figure"
)

var riskCoverage = Picture{
	Name: "risk-coverage", Title: "Risk and coverage of chosen models",
	Claim: noClaim, Basis: noBasis, Missing: noMissing, Note: noNote,
	Listing: noListing, Figures: riskCoverageFigures,
}

func riskCoverageFigures(r *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	c, ok := e.Data.([]board.Curves)
	if !ok {
		return nil, nil
	}
	return figure.New("risk-coverage", figure.Input{Curves: c})
}
