package pictures

import (
	"abstain/harness/study"
	"abstain/reports/figure"
)

const passesTitle = "Stochastic passes (MC dropout)"

var passes = Picture{
	Name: "passes", Title: passesTitle,
	Claim: noClaim, Basis: noBasis, Missing: noMissing, Note: noNote,
	Listing: noListing, Figures: passesFigures,
}

func passesFigures(r *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	d, ok := e.Data.(*study.Alternatives)
	if !ok {
		return nil, nil
	}
	return draw(alternativeStrips(r, "passes", passesTitle, d))
}
