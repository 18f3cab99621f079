package pictures

import (
	"abstain/harness/study"
	"abstain/reports/figure"
)

const confidencesTitle = "Confidence functions"

var confidences = Picture{
	Name: "confidences", Title: confidencesTitle,
	Claim: noClaim, Basis: noBasis, Missing: noMissing, Note: noNote,
	Listing: noListing, Figures: confidenceFigures,
}

func confidenceFigures(r *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	d, ok := e.Data.(*study.Alternatives)
	if !ok {
		return nil, nil
	}
	return draw(alternativeStrips(r, "confidences", confidencesTitle, d))
}
