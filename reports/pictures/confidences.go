package pictures

import (
	"fmt"

	"abstain/harness/study"
	"abstain/reports/figure"
	"abstain/reports/words"
)

const confidencesTitle = "Confidence functions"

var confidences = Picture{
	Name: "confidences", Title: confidencesTitle,
	Claim: confidenceClaim, Basis: confidenceBasis, Missing: confidenceMissing, Note: confidenceNote,
	Listing: noListing, Figures: confidenceFigures,
}

func confidenceClaim(c study.Claim) string {
	switch c := c.(type) {
	case study.InPlaceOf:
		return inPlaceOf(c)
	case study.BestConfidence:
		return fmt.Sprintf("%s ranks errors better than every other confidence function tried in %d of %d models; of their %s, it does so in most models of %d and in the fewest of %d",
			c.Confidence, c.Best, c.Models, words.Plural(c.Units, "unit"), c.Most, c.Least)
	}
	return unsaid(c)
}

func confidenceBasis(f study.Finding) string {
	if _, ok := f.Claim.(study.BestConfidence); ok {
		test := f.Basis.Tests[0]
		return fmt.Sprintf("exact count; %s over units %s", test.Method, words.PValue(test.P))
	}
	return changeBasis(f)
}

func confidenceMissing(m study.Missing) string {
	switch m := m.(type) {
	case study.NoOtherConfidence:
		return fmt.Sprintf("no rows of other confidence functions than %s: abstain run CORPUS --confidence msp,margin,entropy,max-logit,energy,gini "+
			"gives them where class vectors are stored", m.Confidence)
	case study.NoSharedConfidence:
		return fmt.Sprintf("no model has values by %s and by another confidence function", m.Confidence)
	}
	return unsaid(m)
}

func confidenceNote(n study.Note) string {
	if n, ok := n.(study.OtherLessReference); ok {
		return fmt.Sprintf("change = by the other confidence function less by %s, on the same model", n.Reference)
	}
	return unsaid(n)
}

func confidenceFigures(r *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	d, ok := e.Data.(*study.Alternatives)
	if !ok {
		return nil, nil
	}
	return draw(alternativeStrips(r, "confidences", confidencesTitle, d))
}
