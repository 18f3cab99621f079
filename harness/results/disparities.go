package results

import (
	"abstain/metrics"
	"abstain/metrics/disparity"
)

// DisparityRow compares a metric between the groups of an attribute.
type DisparityRow struct {
	Key
	Attribute, Metric string
	Difference, Ratio metrics.Estimate
	Worst             disparity.Level // without a name if no value is better than another
	Groups            int             // number of groups in which the metric is defined
}

// Disparities compares the metrics of one table between the groups of each attribute,
// for every confidence function, in the order in which the groups name these. The
// groups' cells are of the measures.
func Disparities(measures []metrics.Measure, groups []GroupRow) []DisparityRow {
	type set struct{ attribute, confidence string }
	var order []set
	members := map[set][]GroupRow{}
	for _, g := range groups {
		of := set{g.Attribute, g.Confidence}
		if members[of] == nil {
			order = append(order, of)
		}
		members[of] = append(members[of], g)
	}
	var rows []DisparityRow
	for _, of := range order {
		rows = append(rows, compareGroups(measures, members[of])...)
	}
	return rows
}

// compareGroups makes one row for each metric that any group defines.
func compareGroups(measures []metrics.Measure, members []GroupRow) []DisparityRow {
	var rows []DisparityRow
	for i, m := range measures {
		row := DisparityRow{Key: members[0].Key, Attribute: members[0].Attribute, Metric: m.Name()}
		var levels []disparity.Level
		for _, g := range members {
			levels = append(levels, disparity.Level{Name: g.Group, Size: g.N, Estimate: g.Cells[i]})
			if g.Cells[i].Defined() {
				row.Groups++
			}
		}
		if row.Groups == 0 {
			continue
		}
		row.Difference, row.Ratio = disparity.Difference(levels), disparity.Ratio(levels)
		if m.Metric.Better != metrics.None {
			row.Worst = disparity.Worst(levels, m.Metric.Better)
		}
		rows = append(rows, row)
	}
	return rows
}
