package harness

import (
	"slices"
	"strings"

	"abstain/metrics"
)

// An attribute to group by is a group column of the tables, "label" for the
// true class, or several of these joined by "*": the combinations that occur.

// labelAttribute is the true class as an attribute.
const labelAttribute = "label"

// has reports whether the table of the record has the attribute.
func (r *record) has(attribute string) bool {
	for _, part := range strings.Split(attribute, "*") {
		if !slices.Contains(r.Attributes, part) && !(part == labelAttribute && r.Labels != "") {
			return false
		}
	}
	return true
}

// Attribute returns an attribute of the outcomes by its name: a column kept with
// them, "label" for the true class, or several joined by * for the crossing of
// their groups ("sex*race"). It is nil if the outcomes lack one of them.
func Attribute(o *metrics.Outcomes, name string) *metrics.Group {
	var crossed *metrics.Group
	for _, part := range strings.Split(name, "*") {
		g := o.Group(part)
		if g == nil && part == labelAttribute {
			g = metrics.LabelGroup(o)
		}
		if g == nil {
			return nil
		}
		if crossed != nil {
			c := metrics.CrossGroups(crossed, g)
			g = &c
		}
		crossed = g
	}
	return crossed
}

// DisparityRow compares a metric between the groups of an attribute.
type DisparityRow struct {
	Key
	Attribute, Metric string
	Difference, Ratio metrics.Estimate
	Worst             metrics.Level // no name if no value is better than another
	Groups            int           // in which the metric is defined
}

// disparities compares a record's metrics between the groups of each attribute
// wanted, for every confidence function.
func (r *runner) disparities(rec *record, groups []GroupRow) []DisparityRow {
	var rows []DisparityRow
	for _, name := range r.groups {
		for _, confidence := range rec.confidences(r.confidences) {
			var members []GroupRow
			for _, g := range groups {
				if g.Attribute == name && g.Confidence == confidence {
					members = append(members, g)
				}
			}
			if members != nil {
				rows = append(rows, r.compare(members)...)
			}
		}
	}
	return rows
}

// compare makes one row for each metric that any group defines.
func (r *runner) compare(members []GroupRow) []DisparityRow {
	var rows []DisparityRow
	for i, m := range r.measures {
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
