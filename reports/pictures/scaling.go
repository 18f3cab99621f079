package pictures

import (
	"abstain/harness/study"
	"abstain/reports/figure"
	"fmt"
	"slices"
	"strings"
)

const scalingTitle = "Post-hoc transforms, before and after"

var scaling = Picture{
	Name: "scaling", Title: scalingTitle,
	Claim: noClaim, Basis: noBasis, Missing: noMissing, Note: noNote,
	Listing: noListing, Figures: scalingFigures,
}

func scalingFigures(r *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	d, ok := e.Data.(*study.Alternatives)
	if !ok {
		return nil, nil
	}
	return draw(append(alternativeStrips(r, "scaling", scalingTitle, d), beforeAfter(d)...))
}

// beforeAfter sets each model's value after the first transform against before.
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
