package pictures

import (
	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports/figure"
	"fmt"
	"strings"
)

var groups = Picture{
	Name: "groups", Title: "Groups of samples",
	Claim: noClaim, Basis: noBasis, Missing: noMissing, Note: noNote,
	Listing: noListing, Figures: groupFigures,
}

func groupFigures(r *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	d, ok := e.Data.(*study.Groups)
	if !ok {
		return nil, nil
	}
	return draw(groupLines(d))
}

// groupLines shows what one threshold means for the groups of each attribute.
func groupLines(d *study.Groups) []sketch {
	var all []sketch
	for _, a := range d.Attributes {
		l := figure.Lines{X: figure.Axis{Label: "coverage of all samples at the common threshold"}}
		accuracy := figure.LinePanel{Title: "selective accuracy", Y: figure.Axis{Label: "selective accuracy", Better: metrics.Higher}}
		coverage := figure.LinePanel{Title: "answered share of the group", Y: figure.Axis{Label: "coverage of the group"}}
		for k, level := range a.Levels {
			name := fmt.Sprintf("%s (n = %d)", level, a.Sizes[k])
			x, right, share := groupMedians(d, a.Name, level)
			accuracy.Lines = append(accuracy.Lines, figure.Line{Name: name, X: x, Y: right})
			coverage.Lines = append(coverage.Lines, figure.Line{Name: name, X: x, Y: share})
		}
		l.Panels = []figure.LinePanel{accuracy, coverage}
		all = append(all, sketch{"groups-" + strings.NewReplacer("*", "-", "/", "-").Replace(a.Name), "One threshold for the groups of " + a.Name,
			"Medians over models; the threshold is set on all samples together.", l})
	}
	return all
}

// groupMedians are medians over models at each coverage, of selective accuracy
// and of the group's coverage.
func groupMedians(d *study.Groups, attribute, level string) (x []float64, accuracy, coverage []figure.Value) {
	by := map[string][]study.GroupCurve{}
	for _, c := range d.Curves {
		if c.Attribute == attribute && c.Group == level {
			by[c.Model] = append(by[c.Model], c)
		}
	}
	for at := 0; ; at++ {
		var overall, right, share []float64
		for _, points := range by {
			if at < len(points) {
				overall, right, share = append(overall, points[at].Overall), append(right, points[at].Accuracy), append(share, points[at].Coverage)
			}
		}
		if overall == nil {
			return x, accuracy, coverage
		}
		x = append(x, middle(overall))
		accuracy, coverage = append(accuracy, figure.Number(middle(right))), append(coverage, figure.Number(middle(share)))
	}
}
