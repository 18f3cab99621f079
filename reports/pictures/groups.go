package pictures

import (
	"fmt"
	"math"
	"strings"

	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports/figure"
	"abstain/reports/words"
)

var groups = Picture{
	Name: "groups", Title: "Groups of samples",
	Claim: groupClaim, Basis: groupBasis, Missing: groupMissing, Note: groupNote,
	Listing: noListing, Figures: groupFigures,
}

func groupClaim(c study.Claim) string {
	switch c := c.(type) {
	case study.GroupDiffers:
		return fmt.Sprintf("%s of %s %s is by %s (median over models; quartiles %s to %s) above that of the other samples; above is proven for %d, below for %d of %d models",
			study.Label(c.Metric), c.Attribute, c.Group, words.Signed(c.Median), words.Signed(c.Quartiles[0]), words.Signed(c.Quartiles[1]), c.Above, c.Below, c.Models)
	case study.GainsAtCost:
		return gainsAtCost(c)
	case study.LeastAnswered:
		return leastAnswered(c)
	case study.GapChanges:
		return fmt.Sprintf("at coverage %g the gap in selective accuracy between the groups of %s that are best and worst with nothing withheld changes by %s (median), "+
			"and is larger than with nothing withheld in %d of %d models%s",
			c.Coverage, c.Attribute, effect(c.Change), c.Change.Up, len(c.Change.Values), unproven(c.Change))
	}
	return unsaid(c)
}

func gainsAtCost(c study.GainsAtCost) string {
	text := fmt.Sprintf("withholding answers at one threshold is shown to raise the selective accuracy of one group of %s while lowering that of another in %d of %d models",
		c.Attribute, c.Models, c.Of)
	if c.Models == 0 {
		return text
	}
	var at []string
	for _, m := range c.At {
		at = append(at, fmt.Sprintf("%g (%s)", m.Coverage, words.Plural(m.Models, "model")))
	}
	return text + fmt.Sprintf(": %s at the cost of %s, at coverages of %s", words.List(c.Gainers), words.List(c.Losers), words.List(at))
}

func leastAnswered(c study.LeastAnswered) string {
	text := fmt.Sprintf("where one threshold answers %s of all samples, %s %s is answered least: %s of its samples (median over models), %s than of all",
		words.Percent(c.Overall), c.Attribute, c.Group, words.Percent(c.Share), lessOrMore(c.Difference))
	if !c.Beyond {
		text += ", which is not beyond chance"
	}
	return text
}

// lessOrMore writes a difference in words: "0.0483 less".
func lessOrMore(v float64) string {
	if v > 0 {
		return words.Value(v) + " more"
	}
	return words.Value(math.Abs(v)) + " less"
}

func groupBasis(f study.Finding) string {
	test := f.Basis.Tests[0]
	correction, level := test.Family.Correction, words.Percent(1-test.Level)
	switch f.Claim.(type) {
	case study.GroupDiffers:
		return fmt.Sprintf("influence-function tests within each model over new samples, %s over models, groups and metrics at %s", correction, level)
	case study.GainsAtCost:
		return fmt.Sprintf("%s within each model over new samples, threshold fixed, %s over groups and coverages 0.1 to 0.9 at %s", test.Method, correction, level)
	case study.LeastAnswered:
		return fmt.Sprintf("%s over %s, these samples, %s by %s over %s", test.Method, words.Plural(test.Units, "unit"), words.PValue(test.P), correction,
			words.Plural(test.Family.Size, test.Family.Of))
	}
	return evidence(f.Basis)
}

func groupMissing(m study.Missing) string {
	switch m := m.(type) {
	case study.GroupsNotAsked:
		return "groups were not asked for"
	case study.GroupsNeedSamples:
		return "groups of samples need " + absent
	case study.NoAttributes:
		return fmt.Sprintf("groups of samples need a column of the prediction tables that names them, with 2 to %d values of %d samples or more",
			m.MostLevels, m.LeastSamples)
	}
	return unsaid(m)
}

func groupNote(n study.Note) string {
	switch n := n.(type) {
	case study.GroupsAgainstOthers:
		return fmt.Sprintf("each group against all other samples that have the attribute; groups are disjoint, so standard errors from influence values add up by squares; "+
			"p-values two-sided normal, from %d right and wrong answers on each side, Holm over the models, groups and metrics of an attribute", n.LeastOfEach)
	case study.OneThreshold:
		return "one threshold for all samples; the change of a group's selective accuracy is against answering all samples of the group, " +
			"tested by Fisher's exact test of answered against withheld samples with the threshold taken as fixed, " +
			"Holm over groups and coverages of one model and attribute"
	}
	return unsaid(n)
}

func groupFigures(r *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	d, ok := e.Data.(*study.Groups)
	if !ok {
		return nil, nil
	}
	return draw(groupLines(d))
}

// groupLines shows the effect of one threshold on the groups of each attribute.
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

// groupMedians are medians over models, at each coverage, of selective accuracy
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
