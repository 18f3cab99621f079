package say

import (
	"cmp"
	"fmt"
	"math"
	"strings"

	"abstain/harness/compare"
	"abstain/metrics"
	"abstain/metrics/ranks"
	"abstain/reports/words"
)

// Conclusion says what a comparison proves, each sentence with its numbers.
func Conclusion(c *compare.Comparison) []string {
	var all []string
	for _, claim := range c.Conclusion {
		switch claim := claim.(type) {
		case compare.Separated:
			all = append(all, separated(claim)...)
		case compare.Unseparated:
			all = append(all, unseparated(claim, c.Level))
		case compare.AlongCoverage:
			all = append(all, alongCoverage(claim))
		case compare.SideBySide:
			all = append(all, "No difference is tested: the values stand side by side.")
		default:
			all = append(all, unsaid(claim))
		}
	}
	return all
}

// separated returns sentences about a model that is proven to differ; metrics
// with the same phrase share a sentence.
func separated(c compare.Separated) []string {
	var order []string
	numbers := map[string][]string{}
	for _, d := range c.By {
		says := phrase(d)
		if numbers[says] == nil {
			order = append(order, says)
		}
		numbers[says] = append(numbers[says], d.Measure.Label()+" "+words.Change(d.Measure, d.Difference)+", "+words.PValue(d.AdjustedP))
	}
	for i, says := range order {
		order[i] = fmt.Sprintf("%s %s %s: %s.", c.Model, says, c.Against, strings.Join(numbers[says], "; "))
	}
	return order
}

// phrase is the phrase of a proven difference.
func phrase(d compare.Difference) string {
	switch {
	case d.Verdict == ranks.Differs && d.Difference.Value > 0:
		return "has a higher " + d.Measure.Label() + " than"
	case d.Verdict == ranks.Differs:
		return "has a lower " + d.Measure.Label() + " than"
	}
	return d.Measure.Phrase(d.Verdict == ranks.Better)
}

func unseparated(c compare.Unseparated, level float64) string {
	var by []string
	for _, d := range c.By {
		by = append(by, unproven(d, level))
	}
	return fmt.Sprintf("%s and %s cannot be told apart by %s.", c.Model, c.Against, words.List(by))
}

// unproven names a metric by which nothing is proven. It adds the p-value if the
// test by itself, or without the interval, would have found a difference.
func unproven(d compare.Difference, level float64) string {
	text := d.Measure.Label() + " (" + words.Change(d.Measure, d.Difference)
	switch {
	case d.AdjustedP <= 1-level:
		text += fmt.Sprintf("; %s among all tests, but the interval holds 0", words.PValue(d.AdjustedP))
	case d.P <= 1-level:
		text += fmt.Sprintf("; %s by itself, %.2g among all tests", words.PValue(d.P), d.AdjustedP)
	}
	return text + ")"
}

// alongCoverage says at which coverages the risks of a model and of the reference
// are proven to differ.
func alongCoverage(c compare.AlongCoverage) string {
	var better, worse []compare.Range
	for _, r := range c.Ranges {
		if r.Better {
			better = append(better, r)
		} else {
			worse = append(worse, r)
		}
	}
	var parts []string
	if better != nil {
		parts = append(parts, "smaller at coverage "+spans(better))
	}
	if worse != nil {
		parts = append(parts, "larger at coverage "+spans(worse))
	}
	if parts == nil {
		return fmt.Sprintf("At no coverage is the selective risk of %s proven to be other than that of %s.", c.Model, c.Against)
	}
	return fmt.Sprintf("The selective risk of %s is %s than that of %s.", c.Model, strings.Join(parts, " and "), c.Against)
}

// mostRanges is how many ranges of coverage a sentence lists.
const mostRanges = 4

// spans lists ranges, each with the difference at the place where it is surest.
func spans(ranges []compare.Range) string {
	var parts []string
	surest := ranges[0]
	for i, r := range ranges {
		if math.Abs(r.Difference)*(surest.Hi-surest.Lo) > math.Abs(surest.Difference)*(r.Hi-r.Lo) {
			surest = r
		}
		text := fmt.Sprintf("%.3g–%.3g", r.From, r.To)
		if r.From == r.To {
			text = fmt.Sprintf("%.3g", r.From)
		}
		if i < mostRanges {
			parts = append(parts, text)
		}
	}
	if more := len(ranges) - mostRanges; more > 0 {
		parts = append(parts, words.Plural(more, "further range"))
	}
	d := metrics.Estimate{Value: surest.Difference, Lo: surest.Lo, Hi: surest.Hi}
	return fmt.Sprintf("%s (at %.3g: %s)", words.List(parts), surest.At, words.Change(metrics.MustMeasure("risk@0.5"), d))
}

// Test names how a difference was tested: "DeLong, paired"; "" if it was not.
func Test(t compare.Test) string {
	switch t.Method {
	case compare.McNemarTest:
		return "McNemar, exact"
	case compare.DeLongTest:
		return "DeLong, paired"
	case compare.InfluenceTest:
		return strings.TrimSuffix("paired influence values, "+t.Design, ", ")
	case compare.BootstrapTest:
		return "paired bootstrap"
	case compare.ModeratedTest:
		return strings.TrimSuffix("moderated t of logits, paired, "+t.Design, ", ")
	case compare.FewErrorsTest:
		return strings.TrimSuffix("paired influence values, limits of few errors, "+t.Design, ", ")
	}
	return string(t.Method)
}

// Family says how p-values were adjusted: "Holm over 3 tests"; "" if nothing was
// tested.
func Family(f compare.Family) string {
	if f.Correction == "" {
		return ""
	}
	return string(f.Correction) + " over " + words.Plural(f.Tests, "test")
}

// Band says how ranges of coverage were found; "" if nobody looked for them.
func Band(b *compare.Band) string {
	if b == nil {
		return ""
	}
	return fmt.Sprintf("coverage ranges: simultaneous %g %% band of the differences of selective risk at %d coverages from %g on, "+
		"where a model and the reference have accepted %d errors, studentised max-t over coverages and models, "+
		"%d shared replicates of %s, critical value %.2f",
		100*b.Level, b.Points, b.From, b.Errors, b.Replicates, cmp.Or(b.Design, "independent samples"), b.Critical)
}

// Why says why a difference was not tested; "" if it was tested.
func Why(d compare.Difference) string {
	if d.Why == nil {
		return ""
	}
	return d.Why.Error()
}

// Footnotes returns the notes of a comparison or a crossing as sentences.
func Footnotes(notes []compare.Note) []string {
	var all []string
	for _, n := range notes {
		all = append(all, footnote(n))
	}
	return all
}

func footnote(n compare.Note) string {
	switch n := n.(type) {
	case compare.Choice:
		return Note(n.Note)
	case compare.ByStored:
		return n.Model + " is scored by its stored confidence"
	case compare.NothingTested:
		return "nothing is tested: " + n.Why.Error() + "; tests need predictions, which abstain run keeps"
	case compare.TooFewErrors:
		return fmt.Sprintf("selective risks are not compared along coverage: with fewer than %d errors of two models together there is too little to tell", n.Least)
	case compare.NotAllAnswered:
		return "selective risks are not compared along coverage: " + n.Model + " does not answer all samples"
	case compare.BinnedErrors:
		return "calibration errors by bins are biased upwards, the more so the better calibrated a model is: their differences err towards 0"
	case compare.TooFewRows:
		return fmt.Sprintf("%s are too few to tell any two of %s apart: the signed-rank test's smallest p-value is %.2g, and Holm's adjustment over %s makes it %.2g",
			words.Plural(n.Rows, n.Across), words.Plural(n.Models, "model"), n.LeastP, words.Plural(n.Pairs, "pair"), n.AdjustedP)
	case compare.ConditionsAlike:
		return "each condition counts as an observation of its own; where conditions are alike, as levels of one shift are, the tests promise too much"
	}
	return unsaid(n)
}

// LeftOut says what a crossing leaves out because of missing values.
func LeftOut(c *compare.Crossing) []string {
	var all []string
	for _, name := range c.Empty {
		all = append(all, fmt.Sprintf("%s %s: no model has a value", c.Across, name))
	}
	if len(c.Lacking) > 0 {
		all = append(all, fmt.Sprintf("%s without a value on every %s: %s", words.Plural(len(c.Lacking), "model"), c.Across, words.Shorten(c.Lacking, mostNamed)))
	}
	return all
}
