package pictures

import (
	"fmt"
	"slices"
	"strings"

	"abstain/harness/study"
	"abstain/reports/figure"
	"abstain/reports/words"
)

const scalingTitle = "Post-hoc transforms, before and after"

var scaling = Picture{
	Name: "scaling", Title: scalingTitle,
	Claim: transformClaim, Basis: transformBasis, Missing: transformMissing, Note: transformNote,
	Listing: noListing, Figures: scalingFigures,
}

func transformClaim(c study.Claim) string {
	d, ok := c.(study.TransformChanges)
	if !ok {
		return unsaid(c)
	}
	var parts []string
	for _, x := range d.Changes {
		parts = append(parts, transformed(x))
	}
	return fmt.Sprintf("%s, after less before: %s", d.Transform, strings.Join(parts, "; "))
}

// transformed says what a transform does to one metric.
func transformed(c study.Changes) string {
	label, worse, doubt := study.Label(c.Metric), c.Worse(), ""
	switch {
	case c.Better+worse == 0:
		return label + " stays as it is"
	case c.Proof == study.Unproven && c.Hopeless:
		doubt = ", too few units to prove it for new models"
	case c.Proof == study.Unproven:
		doubt = ", not beyond chance"
	case c.Proof == study.TestOnly:
		doubt = ", but not proven: the interval holds 0"
	}
	return fmt.Sprintf("%s %s, better for %d and worse for %d of %d (%s%s)", label, effect(c), c.Better, worse, len(c.Values), words.PValue(c.P), doubt)
}

func transformBasis(f study.Finding) string {
	over := "nothing: there are too few units"
	for _, b := range f.Basis.Intervals {
		over = population(b.Over)
	}
	test := f.Basis.Tests[0]
	return fmt.Sprintf("median change on the same rows; %s over %s; intervals over %s", correctedOver(test), words.Plural(test.Units, "unit"), over)
}

func transformMissing(m study.Missing) string {
	switch m := m.(type) {
	case study.AlreadyTransformed:
		return fmt.Sprintf("before and after: the rows compared are those after %s; --transform none compares with it", m.Transform)
	case study.NoTransforms:
		return "no rows of a transform: abstain run CORPUS --transform none,temperature fits one on a validation split and adds them"
	case study.NoneUntransformed:
		return "no transformed row has an untransformed one over as many samples"
	}
	return unsaid(m)
}

func transformNote(n study.Note) string {
	if _, ok := n.(study.AfterLessBefore); ok {
		return "change = after less before, on the same rows; before is the untransformed row over as many samples, also where a part of the table was held out for fitting"
	}
	return unsaid(n)
}

func scalingFigures(r *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	d, ok := e.Data.(*study.Alternatives)
	if !ok {
		return nil, nil
	}
	return draw(append(alternativeStrips(r, "scaling", scalingTitle, d), beforeAfter(d)...))
}

// beforeAfter shows each model's value after the first transform against its
// value before.
func beforeAfter(d *study.Alternatives) []sketch {
	var all []sketch
	first := d.Alternatives[0]
	if slices.Contains(d.Alternatives, "temperature") {
		first = "temperature"
	}
	for k, c := range d.Changes {
		if c.Treatment != first || c.Metric != "auroc" && c.Metric != "ece@15" {
			continue
		}
		cloud := figure.Cloud{X: figure.Axis{Label: study.Label(c.Metric) + " before", Better: study.Direction(c.Metric)},
			Y: figure.Axis{Label: study.Label(c.Metric) + " after " + first, Better: study.Direction(c.Metric)}, Equal: true}
		for i, m := range c.Names {
			cloud.Points = append(cloud.Points, figure.Point{Name: m, X: figure.Number(d.Before[k][i]), Y: figure.Number(d.After[k][i])})
		}
		name := strings.NewReplacer("@", "-").Replace("scaling-" + c.Metric)
		all = append(all, sketch{name, study.Label(c.Metric) + " before and after " + first,
			fmt.Sprintf("%d models on the same samples before and after.", len(c.Names)), cloud})
	}
	return all
}
