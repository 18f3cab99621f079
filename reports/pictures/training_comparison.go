package pictures

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports/figure"
	"abstain/reports/words"
)

var trainingComparison = Picture{
	Name: "training-comparison", Title: "Training regimes of a paper's comparison",
	Claim: trainingClaim, Basis: trainingBasis, Missing: trainingMissing, Note: trainingNote,
	Listing: trainingListing, Figures: trainingFigures,
}

// trainingClaim is a rule with its verdict, all numbers, and what a verdict other than
// confirmed means.
func trainingClaim(c study.Claim) string {
	switch c := c.(type) {
	case study.RuleDecided:
		return ruleClaim(c)
	case study.GammaSpread:
		return gammaClaim(c)
	}
	return unsaid(c)
}

// gammaClaim says whether gamma-Net's exponents differ between samples.
func gammaClaim(g study.GammaSpread) string {
	text := fmt.Sprintf("%s by the rule: the exponents of %s vary between training rows, by a standard deviation above %g (Wang and Golebiowski 2024, at the size of abstain's trial); "+
		"%s %s, by seed %s around means of %s", g.Verdict, g.Regime, g.Least, words.Value(g.Mean), interval(g.In), valueList(g.Deviations), valueList(g.Means))
	switch g.Verdict {
	case study.NotConfirmed:
		return text + ": the claim does not carry over to these networks and data"
	case study.Inconclusive:
		return text + ": it depends on the seed"
	}
	return text
}

func valueList(values []float64) string {
	var list []string
	for _, v := range values {
		list = append(list, fmt.Sprintf("%.2f", v))
	}
	return strings.Join(list, " ")
}

func ruleClaim(r study.RuleDecided) string {
	in := r.Bounds()
	text := fmt.Sprintf("%s by the rule: %s (%s); %s after %s, difference %s %s, by seed %s", r.Verdict, ruleText(r.TrainingRule), r.Source,
		words.Value(r.Value), words.Value(r.Before), words.Signed(r.Paired.Mean), interval(in), seedList(r.Differences))
	if r.Relation == study.FallsTo {
		text = fmt.Sprintf("%s by the rule: %s (%s); %s after %s, less %.2f of it %s %s, by seed %s", r.Verdict, ruleText(r.TrainingRule), r.Source,
			words.Value(r.Value), words.Value(r.Before), r.Margin, words.Signed(r.Paired.Mean), interval(in), seedList(r.Differences))
	}
	switch r.Verdict {
	case study.NotConfirmed:
		text += ": the claim does not carry over to these networks and data"
	case study.Inconclusive:
		text += fmt.Sprintf(": %s do not tell", words.Plural(len(r.Differences), "seed"))
	}
	return text
}

func interval(in study.Bounds) string {
	if !in.Defined() {
		return "without an interval"
	}
	return words.BetweenSigned(in.Lo, in.Hi)
}

func seedList(values []float64) string {
	var list []string
	for _, v := range values {
		list = append(list, words.Signed(v))
	}
	return strings.Join(list, " ")
}

// ruleText is what is claimed.
func ruleText(r study.TrainingRule) string {
	what, than := r.Regime, r.Against
	if r.Column.Transform != r.Other.Transform {
		what, than = "transform "+r.Column.Transform+" of "+r.Regime, "as stored"
	}
	metric := strings.TrimSuffix(r.Column.Head, " T")
	switch r.Relation {
	case study.Falls:
		return fmt.Sprintf("%s has less %s than %s%s", what, metric, than, atLeast(r.Margin))
	case study.Rises:
		return fmt.Sprintf("%s has more %s than %s%s", what, metric, than, atLeast(r.Margin))
	case study.FallsTo:
		return fmt.Sprintf("%s has at most %.2f of the %s of %s", what, r.Margin, metric, than)
	case study.KeepsHigh:
		return fmt.Sprintf("%s has no less %s than %s, but for %g", what, metric, than, r.Margin)
	}
	return fmt.Sprintf("%s has the %s of %s, within %g", what, metric, than, r.Margin)
}

func atLeast(margin float64) string {
	if margin == 0 {
		return ""
	}
	return fmt.Sprintf(", by %g at least", margin)
}

func trainingBasis(f study.Finding) string {
	i := f.Basis.Intervals[0]
	if i.Over&study.NewSamples == 0 {
		return fmt.Sprintf("%s interval of %s, variance between seeds, %s", words.Percent(i.Level), i.Method, words.Plural(i.Units-1, "degree")+" of freedom")
	}
	return fmt.Sprintf("%s interval of %s, variance between seeds and of the test rows, %s", words.Percent(i.Level), i.Method, words.Plural(i.Units-1, "degree")+" of freedom")
}

func trainingMissing(m study.Missing) string {
	switch m := m.(type) {
	case study.RuleUndecided:
		return fmt.Sprintf("preset %s, rule that %s: the models, rows or metrics that it needs are not there", m.Preset, ruleText(m.TrainingRule))
	case study.ColumnsAbsent:
		var heads []string
		for _, c := range m.Columns {
			heads = append(heads, fmt.Sprintf("%s (%s, %s, transform %s)", c.Head, c.Metric, c.Condition, c.Transform))
		}
		return fmt.Sprintf("preset %s, columns %s: run with the metrics, transforms, confidences and groups that abstain train prints", m.Preset, strings.Join(heads, ", "))
	}
	return unsaid(m)
}

func trainingNote(n study.Note) string {
	switch n := n.(type) {
	case study.SeedIntervals:
		return fmt.Sprintf("means over seeds; differences are paired by seed, with %s intervals of Student's t with one degree of freedom less than seeds: the variance of the mean "+
			"is that between seeds over their number, plus the squared standard error by the test rows, which all seeds share; each interval by itself", words.Percent(n.Level))
	case study.RulesBeforehand:
		return "the rules stand in the code and were written from the papers before the presets were trained whole; those of adr, and the margin of gamma's spread, were written when first " +
			"figures of three seeds had been seen, so they are no blind test; an effect is confirmed if the whole interval is on the claimed side and the mean reaches the margin, " +
			"not confirmed if the whole interval falls short of the margin; no loss or no change is confirmed if the whole interval is within the margin, not confirmed if it is beyond; " +
			"all else is inconclusive; nothing was tuned on test rows"
	case study.AttackSeen:
		return "PGD and FGSM go by the gradients of the model itself, so they saw the defence; the transfer attack is PGD on another vanilla network of the same family, and did not; " +
			"an ensemble is attacked through its first network; no attack adapts to withheld answers"
	}
	return unsaid(n)
}

// blockColumns is how many metrics stand beside each other in text.
const blockColumns = 4

// trainingListing has blocks of a few metrics: a row of heads, then a row for each regime.
func trainingListing(_ *study.Report, e *study.Experiment) *Listing {
	d, ok := e.Data.(*study.TrainingComparison)
	if !ok {
		return nil
	}
	l := &Listing{First: true, Note: "percent, but NLL and entropy in nats: mean over seeds, difference from the reference (the first row of a block) and half its interval; " +
		"T after the temperature of least NLL on validation rows, T-ECE after that of least ECE; a difference without ± has no standard error by the test rows"}
	for _, p := range d.Presets {
		for from := 0; from < len(p.Columns); from += blockColumns {
			l.block(p, from, min(from+blockColumns, len(p.Columns)))
		}
	}
	for _, p := range d.Presets {
		if p.Attribute != "" {
			l.Note += fmt.Sprintf("; in %s EO, DP, DI, AE and the worst cell are by %s", p.Preset, p.Attribute)
		}
	}
	if slices.ContainsFunc(d.Presets, study.PresetTable.Attacked) {
		l.Note += "; PGD and FGSM by the gradients of the model itself: they saw the defence; transfer is PGD by those of another vanilla network: it did not"
	}
	if len(l.Rows) == 0 {
		return nil
	}
	return l
}

// block adds some columns of a preset's table.
func (l *Listing) block(p study.PresetTable, from, to int) {
	heads := []string{p.Preset}
	for _, c := range p.Columns[from:to] {
		heads = append(heads, c.Head)
	}
	if l.Columns == nil {
		for k, h := range heads {
			l.Columns = append(l.Columns, Column{Head: h, Right: k > 0})
		}
	} else {
		l.Rows = append(l.Rows, nil, heads)
	}
	for k, regime := range p.Regimes {
		row := []string{regime}
		for at := from; at < to; at++ {
			row = append(row, comparedCell(p.Cells[at*len(p.Regimes)+k]))
		}
		l.Rows = append(l.Rows, row)
	}
}

// comparedCell writes "13.1 -6.6±1.2".
func comparedCell(c study.ComparedCell) string {
	digits, times := 1, 100.0
	if c.Column.Nats {
		digits, times = 2, 1
	}
	switch {
	case len(c.Values) == 0:
		return "–"
	case len(c.Paired.Differences) == 0:
		return fmt.Sprintf("%.*f", digits, times*c.Mean)
	case math.IsNaN(c.Paired.Reach):
		return fmt.Sprintf("%.*f %s", digits, times*c.Mean, words.Minus(fmt.Sprintf("%+.*f", digits, times*c.Paired.Mean)))
	}
	return fmt.Sprintf("%.*f %s±%.*f", digits, times*c.Mean, words.Minus(fmt.Sprintf("%+.*f", digits, times*c.Paired.Mean)), digits, times*c.Paired.Reach)
}

// trainingFigures draws, for each preset, the differences from the reference.
func trainingFigures(_ *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	d, ok := e.Data.(*study.TrainingComparison)
	if !ok {
		return nil, nil
	}
	var all []sketch
	for _, p := range d.Presets {
		f := figure.Forest{Axis: figure.Axis{Label: "difference from " + p.Reference}, Reference: 0, Head: "regime", Heads: []string{"mean"}}
		for at, c := range p.Columns {
			if c.Nats || c.Transform != "none" {
				continue
			}
			f.Rows = append(f.Rows, forestOf(p, at)...)
		}
		if len(f.Rows) > 0 {
			all = append(all, sketch{"training-comparison-" + p.Preset, "Preset " + p.Preset + ": differences from " + p.Reference,
				"Mean over seeds of the paired differences; intervals of Student's t, by seeds and test rows.", f})
		}
	}
	return draw(all)
}

// forestOf are the regimes in one column.
func forestOf(p study.PresetTable, at int) []figure.ForestRow {
	var rows []figure.ForestRow
	column := p.Columns[at]
	for _, c := range p.Cells[at*len(p.Regimes) : (at+1)*len(p.Regimes)] {
		if len(c.Paired.Differences) == 0 {
			continue
		}
		in := c.Paired.Bounds()
		row := figure.ForestRow{Name: c.Regime, Texts: []string{words.Value(c.Mean)}, Marked: in.Lo > 0 || in.Hi < 0,
			Value: figure.Estimated(metrics.Estimate{Value: c.Paired.Mean, Lo: in.Lo, Hi: in.Hi, N: len(c.Values)})}
		if rows == nil {
			row.Section = fmt.Sprintf("%s, %s is better", column.Head, map[metrics.Direction]string{metrics.Higher: "more", metrics.Lower: "less", metrics.None: "neither"}[column.Better])
		}
		rows = append(rows, row)
	}
	return rows
}
