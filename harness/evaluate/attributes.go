package evaluate

import (
	"slices"
	"strings"

	"abstain/harness/store"
	"abstain/metrics"
	"abstain/metrics/disparity"
)

// An attribute to group by is a group column of the tables, "label" for the
// true class, or several of these joined by "*": the combinations that occur.

// LabelAttribute is the true class as an attribute.
const LabelAttribute = "label"

// Has reports whether the table of the record has the attribute.
func Has(r *store.Record, attribute string) bool {
	for _, part := range strings.Split(attribute, "*") {
		if !slices.Contains(r.Attributes, part) && !(part == LabelAttribute && r.Labels != "") {
			return false
		}
	}
	return true
}

// Ungrouped counts the samples of the record's table that are in no group of an
// attribute; 0 if it was not evaluated by that.
func Ungrouped(r *store.Record, attribute string) int {
	levels, ok := r.Groups[attribute] // without a level if all samples are in none
	if !ok {
		return 0
	}
	left := r.N
	for _, g := range levels {
		left -= g.N
	}
	return left
}

// Attribute returns an attribute of the outcomes by its name: a column kept with
// them, "label" for the true class, or several joined by * for the crossing of
// their groups ("sex*race"). It is nil if the outcomes lack one of them.
func Attribute(o *metrics.Outcomes, name string) *metrics.Group {
	var crossed *metrics.Group
	for _, part := range strings.Split(name, "*") {
		g := o.Group(part)
		if g == nil && part == LabelAttribute {
			g = disparity.LabelGroup(o)
		}
		if g == nil {
			return nil
		}
		if crossed != nil {
			c := disparity.CrossGroups(crossed, g)
			g = &c
		}
		crossed = g
	}
	return crossed
}
