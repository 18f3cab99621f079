package pictures

import (
	"fmt"

	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports/words"
)

// absent says why something that needs single samples cannot be computed.
const absent = "stored predictions: the folder holds published figures only"

// population says for which population an interval holds.
func population(p study.Population) string {
	switch p {
	case study.NewModels | study.NewSamples:
		return "new models and new samples"
	case study.NewModels:
		return "new models, these samples"
	}
	return "these models, new samples"
}

// effect writes the median of changes, with the interval that generalises
// farthest.
func effect(c study.Changes) string {
	text := words.Signed(c.Median)
	if b, _ := c.Widest(); b.Defined() {
		text += " " + words.BetweenSigned(b.Lo, b.Hi)
	}
	return text
}

// unproven is what must be added to a claim of a change if its test or its
// interval does not support it; "" if both do.
func unproven(c study.Changes) string {
	switch c.Proof {
	case study.Unproven:
		return ", which is not beyond chance"
	case study.OnlyHere:
		_, over := c.Widest()
		return fmt.Sprintf(", sure for these pairs on these samples, but its median over %s may be 0", population(over))
	}
	return ""
}

// evidence names the test of a change, and for what the interval written by
// effect holds.
func evidence(b study.Basis) string {
	test := b.Tests[0]
	text := fmt.Sprintf("%s over %s, %s by %s; ", test.Method, words.Plural(test.Units, "unit"), words.Probability(test.P), test.Family.Correction)
	if b.Intervals == nil {
		return text + "too few units for an interval"
	}
	return text + "interval over " + population(b.Intervals[0].Over)
}

// changeBasis is the evidence of findings that consist of one change.
func changeBasis(f study.Finding) string { return evidence(f.Basis) }

// changeUnits names the units that are resampled and tested over.
var changeUnits = map[study.ChangeUnit]string{
	study.BaseTwins:        "base twins",
	study.EachModel:        "models",
	study.EachModelOrTwins: "models or base twins",
	study.TeachersOrTwins:  "teachers (student less teacher) or base twins (student less base)",
}

// intervalsOfChanges says how the intervals and p-values of changes are computed.
func intervalsOfChanges(n study.IntervalsOfChanges) string {
	unit, drawn, both := changeUnits[n.Unit], "over new samples there are none here", ""
	if n.Replicates > 0 {
		drawn = words.Plural(n.Replicates, "bootstrap replicate") + " over samples, the same for all models"
		both = "; over both by the two-way (pigeonhole) bootstrap of Owen 2007, which is mildly conservative"
	}
	return fmt.Sprintf("intervals of medians: percentile intervals at %s; %s; over new models from %d redraws of %s, given from %d on, and no shorter than by the sign test%s. "+
		"p-values: Wilcoxon's signed-rank test over %s, adjusted by Holm over all tests of this experiment",
		words.Percent(n.Level), drawn, n.Redraws, unit, n.Least, both, unit)
}

// wilsonOver says what the interval of a share of the models is.
func wilsonOver(b study.Basis) string {
	return words.Percent(b.Intervals[0].Level) + " Wilson interval over new models"
}

// correlationOver says what a single correlation rests on: its interval over new
// models, and the p-value of no correlation.
func correlationOver(b study.Basis) string {
	return fmt.Sprintf("%s interval over new models; %s", words.Percent(b.Intervals[0].Level), words.Probability(b.Tests[0].P))
}

// estimated writes a value with its own interval, if it has one.
func estimated(e metrics.Estimate) string {
	if e.Level == 0 {
		return words.Value(e.Value)
	}
	return words.Value(e.Value) + " " + words.Between(e.Lo, e.Hi)
}

// ownIntervals says what the intervals written by estimated are.
func ownIntervals(b study.Basis) string {
	if b.Intervals == nil {
		return "point values: the folder has no intervals"
	}
	return words.Percent(b.Intervals[0].Level) + " intervals of each value by itself, over new samples"
}
