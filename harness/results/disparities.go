package results

import (
	"abstain/harness/evaluate"
	"abstain/metrics"
)

// DisparityRow compares a metric between the groups of an attribute.
type DisparityRow struct {
	Key
	Attribute, Metric string
	Difference, Ratio metrics.Estimate
	Worst             metrics.Level // without a name if no value is better than another
	Groups            int           // number of groups in which the metric is defined
}

// Disparities compares the metrics of one table between the groups of each
// attribute, for every confidence function. The cells of the groups are in the
// order of the measures.
func Disparities(measures []evaluate.Measure, attributes, confidences []string, groups []GroupRow) []DisparityRow {
	var rows []DisparityRow
	for _, name := range attributes {
		for _, confidence := range confidences {
			var members []GroupRow
			for _, g := range groups {
				if g.Attribute == name && g.Confidence == confidence {
					members = append(members, g)
				}
			}
			if members != nil {
				rows = append(rows, compareGroups(measures, members)...)
			}
		}
	}
	return rows
}

// compareGroups makes one row for each metric that is defined in any group.
func compareGroups(measures []evaluate.Measure, members []GroupRow) []DisparityRow {
	var rows []DisparityRow
	for i, m := range measures {
		row := DisparityRow{Key: members[0].Key, Attribute: members[0].Attribute, Metric: m.ID}
		var levels []metrics.Level
		for _, g := range members {
			levels = append(levels, metrics.Level{Name: g.Group, Size: g.N, Estimate: g.Cells[i]})
			if g.Cells[i].Defined() {
				row.Groups++
			}
		}
		if row.Groups == 0 {
			continue
		}
		row.Difference, row.Ratio = metrics.Difference(levels), metrics.Ratio(levels)
		if m.Metric.Better != metrics.None {
			row.Worst = metrics.Worst(levels, m.Metric.Better)
		}
		rows = append(rows, row)
	}
	return rows
}
