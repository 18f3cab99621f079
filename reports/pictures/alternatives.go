package pictures

import (
	"fmt"
	"slices"

	"abstain/harness/study"
	"abstain/reports/figure"
)

// inPlaceOf names a confidence function and the one it replaces.
func inPlaceOf(c study.InPlaceOf) string {
	where := ""
	if c.Metric == "ood-auroc" {
		where = " under " + c.Setting
	}
	return fmt.Sprintf("%s in place of %s changes %s%s by %s (median), to the better for %d of %d models%s",
		c.Treatment, c.Reference, study.Label(c.Metric), where, effect(c.Changes), c.Better, len(c.Values), unproven(c.Changes))
}

// alternativeStrips shows the changes of confidence functions or transforms: a
// panel for each metric and condition, at most six.
func alternativeStrips(r *study.Report, name, title string, d *study.Alternatives) []sketch {
	type place struct{ metric, condition string }
	var places []place
	for _, c := range d.Changes {
		moves := slices.ContainsFunc(c.Values, func(v float64) bool { return v != 0 })
		if p := (place{c.Metric, c.Setting}); moves && !slices.Contains(places, p) {
			places = append(places, p)
		}
	}
	if len(places) == 0 {
		return nil
	}
	places = few(places, 6)
	var panels []figure.StripPanel
	for _, p := range places {
		label := "Δ " + study.Label(p.metric)
		if p.metric == "ood-auroc" {
			label += " [" + p.condition + "]"
		}
		panels = append(panels, figure.StripPanel{Axis: figure.Axis{Label: label, Better: study.Direction(p.metric)}})
	}
	s := changeStrips(d.Alternatives, panels, func(panel int, row string) *study.Changes {
		return d.Change(row, places[panel].metric, places[panel].condition)
	})
	return []sketch{{name, title, fmt.Sprintf("Change on the same models and samples. p: Wilcoxon over units, Holm within each metric. Intervals of medians at %g %%.", 100*r.Level), s}}
}

// few keeps the first of a list and the last.
func few[T any](list []T, n int) []T {
	if len(list) <= n {
		return list
	}
	return append(slices.Clone(list[:n-1]), list[len(list)-1])
}
