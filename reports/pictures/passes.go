package pictures

import (
	"fmt"

	"abstain/harness/study"
	"abstain/reports/figure"
)

const passesTitle = "Stochastic passes (MC dropout)"

var passes = Picture{
	Name: "passes", Title: passesTitle,
	Claim: passesClaim, Basis: changeBasis, Missing: passesMissing, Note: noNote,
	Listing: noListing, Figures: passesFigures,
}

func passesClaim(c study.Claim) string {
	switch c := c.(type) {
	case study.InPlaceOf:
		return inPlaceOf(c)
	case study.MeanOfPasses:
		return fmt.Sprintf("%s: median change of %s %s, better in %d of %d pairs%s",
			c.Treatment, study.Label(c.Metric), effect(c.Changes), c.Better, len(c.Values), unproven(c.Changes))
	}
	return unsaid(c)
}

func passesMissing(m study.Missing) string {
	switch m.(type) {
	case study.NoPasses:
		return "confidences of stored stochastic passes: no rows of a confidence function score:mc-...; " +
			"a table's columns score:mc-mean, score:mc-entropy and score:mc-mutual-information are taken as they are"
	case study.NoMutualInformation:
		return "mutual information of the passes: no column score:mc-mutual-information"
	case study.NoMeansOfPasses:
		return "models of the regime mc-dropout, whose stored predictions are means of passes, with a base twin"
	}
	return unsaid(m)
}

func passesFigures(r *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	d, ok := e.Data.(*study.Alternatives)
	if !ok {
		return nil, nil
	}
	return draw(alternativeStrips(r, "passes", passesTitle, d))
}
