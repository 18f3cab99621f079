package pictures

import (
	"abstain/harness/study"
	"abstain/reports/figure"
	"fmt"
	"math"
	"slices"
)

var families = Picture{
	Name: "families", Title: "Families and size",
	Claim: noClaim, Basis: noBasis, Missing: noMissing, Note: noNote,
	Listing: noListing, Figures: familyFigures,
}

func familyFigures(r *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	d, ok := e.Data.(*study.Families)
	if !ok {
		return nil, nil
	}
	return draw(append([]sketch{familyStrips(d)}, sizeCloud(d)...))
}

// familyStrips shows the families of some size by the first metrics.
func familyStrips(d *study.Families) sketch {
	const least = 5
	size := map[string]int{}
	for _, x := range d.Rows {
		size[x.Family] = max(size[x.Family], x.N)
	}
	rows := slices.DeleteFunc(slices.Clone(d.Families), func(f string) bool { return size[f] < least })
	caption := fmt.Sprintf("Families of %d models or more.", least)
	if len(rows) == 0 {
		rows, caption = d.Families, "Families of models."
	}
	s := figure.Strips{Rows: rows}
	for k, id := range d.Metrics {
		if !slices.Contains([]string{"accuracy", "auroc", "ece@15", "|overconfidence|", "sac@0.95"}, id) {
			continue
		}
		p := figure.StripPanel{Axis: figure.Axis{Label: d.Labels[k], Better: d.Better[k]}, Reference: math.NaN()}
		for _, family := range rows {
			i := slices.IndexFunc(d.Rows, func(x study.FamilyMetric) bool { return x.Metric == id && x.Family == family })
			if i < 0 {
				p.Strips = append(p.Strips, figure.Strip{})
				continue
			}
			x := d.Rows[i]
			q := figure.Strip{Values: x.Values, Median: figure.Number(x.Median), Note: fmt.Sprintf("n = %d, %s", x.N, shortP(x.P))}
			if x.N >= 4 {
				q.Quartiles = x.Quartiles
			}
			p.Strips = append(p.Strips, q)
		}
		s.Panels = append(s.Panels, p)
	}
	return sketch{"families", "Architecture families", caption + " p: Mann-Whitney of the family against all other models, Holm over all families and metrics.", s}
}

// sizeCloud sets the AUROC of models against their size.
func sizeCloud(d *study.Families) []sketch {
	if d.Points == nil || len(d.Points.Points) == 0 {
		return nil
	}
	c := figure.Cloud{X: figure.Axis{Label: "parameters", Log: true}, Y: axis(d.Points.Y), Grouping: "family"}
	for _, p := range d.Points.Points {
		c.Points = append(c.Points, figure.Point{Name: p.Model, Group: p.Family, X: figure.Number(p.X), Y: figure.Number(p.Y)})
	}
	return []sketch{{"size", study.Label(d.Points.Y) + " against size", fmt.Sprintf("%d models of known size.", len(c.Points)), c}}
}
