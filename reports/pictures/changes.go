package pictures

import (
	"fmt"
	"math"

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
	u, b := words.UnitNamed(c.Metric), study.Bounds{Lo: math.NaN(), Hi: math.NaN()}
	if in, _ := c.Widest(); in.Defined() {
		b = in
	}
	return withUnit(u, u.Difference(metrics.Estimate{Value: c.Median, Lo: b.Lo, Hi: b.Hi}))
}

// withUnit writes a number with its unit.
func withUnit(u words.Unit, number string) string {
	if u.Sign == "" {
		return number
	}
	return number + " " + u.Sign
}

// unproven is what must be added to a claim of a change if its test or its
// interval does not support it; "" if both do.
func unproven(c study.Changes) string {
	switch {
	case c.Proof == study.TestOnly:
		return ", beyond chance by the test, but not proven: the interval holds 0"
	case c.Proof == study.Unproven && c.Hopeless:
		return ", of too few units to prove it for new models"
	case c.Proof == study.Unproven:
		return ", which is not beyond chance"
	}
	return ""
}

// evidence names the test of a change, and for what the interval written by
// effect holds.
func evidence(b study.Basis) string {
	text := tested(b.Tests[0]) + "; "
	if b.Intervals == nil {
		return text + "too few units for an interval"
	}
	return text + "interval over " + population(b.Intervals[0].Over)
}

// tested names a test, its units and its p-value, before a correction and after.
func tested(t study.Test) string {
	text := fmt.Sprintf("%s over %s, %s", t.Method, words.Plural(t.Units, "unit"), words.PValue(t.Raw))
	if t.Family.Size > 1 {
		text += fmt.Sprintf(", by %s over %s %s", t.Family.Correction, many(t.Family), words.PCell(t.P))
	}
	return text
}

// many counts the tests of a family: "24 regimes".
func many(f study.Family) string {
	switch f.Of {
	case "kind of condition":
		return words.Count(f.Size, f.Of, "kinds of condition")
	case "family":
		return words.Count(f.Size, f.Of, "families")
	case "regime and kind of condition":
		return words.Count(f.Size, f.Of, "regimes and kinds of condition")
	}
	return words.Plural(f.Size, f.Of)
}

// correctedOver says which tests are corrected together: those of one metric, or that
// there is but one.
func correctedOver(t study.Test) string {
	if t.Family.Size <= 1 {
		return fmt.Sprintf("%s within each metric", t.Method)
	}
	return fmt.Sprintf("%s with %s within each metric over %s", t.Method, t.Family.Correction, many(t.Family))
}

// changeBasis is the evidence of findings that consist of one change.
func changeBasis(f study.Finding) string { return evidence(f.Basis) }

// changeUnits says whose units are resampled and tested over.
var changeUnits = map[study.ChangeUnit]string{
	study.OfBase:          "of base twins",
	study.OfModel:         "of models",
	study.OfModelOrBase:   "of models or of their base twins",
	study.OfTeacherOrBase: "of teachers (student less teacher) or of base twins (student less base)",
}

// intervalsOfChanges says how the intervals and p-values of changes are computed.
func intervalsOfChanges(n study.IntervalsOfChanges) string {
	unit, drawn, both := "the units "+changeUnits[n.Unit], "over new samples there are none here", ""
	if n.Replicates > 0 {
		drawn = words.Plural(n.Replicates, "bootstrap replicate") + " over samples, the same for all models"
		both = "; over both by the two-way (pigeonhole) bootstrap of Owen 2007, which is mildly conservative"
	}
	return fmt.Sprintf("intervals of medians: percentile intervals at %s; %s; over new models from %d redraws of %s, given from %d on, because the extremes of fewer hold "+
		"a median less often, and no shorter than by the sign test%s. p-values: Wilcoxon's signed-rank test of the means of the units; those of one metric are one family, "+
		"a test for each %s, adjusted by Holm, where each p-value counts the tests that could have reached it (Tarone 1990). Proven is what is beyond chance by the adjusted "+
		"p-value and by the interval; too few units to prove it are those whose p-value would not be even if all changes had one sign",
		words.Percent(n.Level), drawn, n.Redraws, unit, n.Least, both, n.Of)
}

// wilsonOver says what the interval of a share of the models is.
func wilsonOver(b study.Basis) string {
	if b.Intervals == nil {
		return "exact count; too few units for an interval"
	}
	i := b.Intervals[0]
	return fmt.Sprintf("%s Wilson interval over new models, for %s", words.Percent(i.Level), words.Plural(i.Units, "unit"))
}

// correlationOver says what a single correlation rests on: its interval over new
// models, and the p-value of no correlation.
func correlationOver(b study.Basis) string {
	return overNewModels(b, "interval") + relation(b.Tests[0])
}

// overNewModels says what the intervals of correlations are, if there are any: "95 %
// interval over new models; ".
func overNewModels(b study.Basis, what string) string {
	if b.Intervals == nil {
		return ""
	}
	return fmt.Sprintf("%s %s over new models; ", words.Percent(b.Intervals[0].Level), what)
}

// share writes a share of models in percent, with its interval if there is one.
func share(k, n int, in study.Bounds) string {
	text := fmt.Sprintf("%.0f %%", 100*float64(k)/float64(n))
	if in.Defined() {
		text += fmt.Sprintf(" [%.0f, %.0f]", 100*in.Lo, 100*in.Hi)
	}
	return text
}

// relation is the p-value of no correlation of the means of units.
func relation(t study.Test) string {
	if math.IsNaN(t.P) {
		return fmt.Sprintf("no p-value of %s", words.Plural(t.Units, "unit"))
	}
	return fmt.Sprintf("%s of %s", words.PValue(t.P), words.Plural(t.Units, "unit"))
}

// coefficient writes a correlation with its interval, or without one if there are too few
// units: "0.91 [0.90, 0.92]", "0.91".
func coefficient(r float64, in study.Bounds) string {
	if !in.Defined() {
		return fmt.Sprintf("%.2f (too few units for an interval)", r)
	}
	return words.Correlation(r, in.Lo, in.Hi)
}

// notToldApart says how many models may be the best as well as the one that was named.
func notToldApart(t study.Tied) string {
	switch {
	case !t.Tested():
		return "which others may be as good was not tested"
	case t.Models == 1:
		return fmt.Sprintf("proven better than each of the other %d", t.Of-1)
	}
	return fmt.Sprintf("one of %d, none proven better", t.Models)
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
