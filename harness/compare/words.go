package compare

import (
	"cmp"
	"fmt"
	"math"
	"strconv"
	"strings"

	"abstain/harness/board"
	"abstain/metrics"
	"abstain/metrics/ranks"
)

// phrases say of a metric what it is to be better or worse by it. A metric that
// is not here is "better than ... by" its name.
var phrases = map[string][2]string{
	"accuracy":           {"is right more often than", "is right less often than"},
	"error":              {"is right more often than", "is right less often than"},
	"nll":                {"gives better probabilities than", "gives worse probabilities than"},
	"brier":              {"gives better probabilities than", "gives worse probabilities than"},
	"auroc":              {"ranks its errors better than", "ranks its errors worse than"},
	"aurc":               {"has the smaller selective risk on the whole than", "has the larger selective risk on the whole than"},
	"augrc":              {"makes fewer silent failures on the whole than", "makes more silent failures on the whole than"},
	"sac":                {"answers more samples than", "answers fewer samples than"},
	"coverage-at-risk":   {"answers more samples than", "answers fewer samples than"},
	"ece":                {"is better calibrated than", "is worse calibrated than"},
	"ood-auroc":          {"tells new classes apart better than", "tells new classes apart worse than"},
	"selective-accuracy": {"is right more often, where it answers, than", "is right less often, where it answers, than"},
	"risk":               {"is wrong less often, where it answers, than", "is wrong more often, where it answers, than"},
}

// conclude writes, for each model, what is proven of it, what is not told apart,
// and where along coverage the risks differ.
func (c *Comparison) conclude() {
	for _, m := range c.Models[1:] {
		c.Conclusion = append(c.Conclusion, c.claims(m.Label)...)
		var unclear []string
		for _, d := range c.Metrics {
			if d.Model == m.Label && d.Verdict == ranks.Unproven {
				unclear = append(unclear, c.unproven(d))
			}
		}
		if unclear != nil {
			c.Conclusion = append(c.Conclusion, fmt.Sprintf("%s and %s cannot be told apart by %s.", m.Label, c.Models[0].Label, listed(unclear)))
		}
		if c.Band != "" {
			c.Conclusion = append(c.Conclusion, c.along(m.Label))
		}
	}
	if c.Correction == "" {
		c.Conclusion = append(c.Conclusion, "No difference is tested: the values stand side by side.")
	}
}

// claims are the sentences of what is proven of a model, metrics of which the
// same is to be said in one.
func (c *Comparison) claims(model string) []string {
	var order []string
	numbers := map[string][]string{}
	for _, d := range c.Metrics {
		if d.Model != model || d.Verdict == ranks.Unproven || d.Verdict == ranks.Untried {
			continue
		}
		says := phrase(d)
		if numbers[says] == nil {
			order = append(order, says)
		}
		numbers[says] = append(numbers[says], fmt.Sprintf("%s %s, %s", NameOf(d.Measure), Signed(d.Difference), PValue(d.AdjustedP)))
	}
	for i, says := range order {
		order[i] = fmt.Sprintf("%s %s %s: %s.", model, says, c.Models[0].Label, strings.Join(numbers[says], "; "))
	}
	return order
}

// phrase says what a proven difference is.
func phrase(d Difference) string {
	metric, label := d.Measure.Metric, NameOf(d.Measure)
	both, known := phrases[metric.ID]
	switch {
	case d.Verdict == ranks.Differs && d.Difference.Value > 0:
		return "has a higher " + label + " than"
	case d.Verdict == ranks.Differs:
		return "has a lower " + label + " than"
	case !known && d.Verdict == ranks.Better:
		return "is better by " + label + " than"
	case !known:
		return "is worse by " + label + " than"
	case d.Verdict == ranks.Worse:
		return both[1]
	}
	return both[0]
}

// unproven names a metric by which nothing is proven, and says so where the test
// by itself would have found a difference.
func (c *Comparison) unproven(d Difference) string {
	text := NameOf(d.Measure) + " (" + Signed(d.Difference)
	if d.P <= 1-c.Level {
		text += fmt.Sprintf("; %s by itself, %.2g among all tests", PValue(d.P), d.AdjustedP)
	}
	return text + ")"
}

// NameOf is a metric's display name with its operating point: "SAC@0.99".
func NameOf(m board.Measure) string {
	label := cmp.Or(m.Metric.Label, m.ID)
	if _, at, ok := strings.Cut(m.ID, "@"); ok && m.Metric.Label != "" && !strings.Contains(label, "@") {
		label += "@" + at
	}
	return label
}

// mostRanges is how many ranges of coverage a sentence lists.
const mostRanges = 4

// along says at which coverages the risks of a model and the reference are proven
// to differ.
func (c *Comparison) along(model string) string {
	reference := c.Models[0].Label
	var better, worse []Range
	for _, r := range c.Ranges {
		switch {
		case r.Model != model:
		case r.Better:
			better = append(better, r)
		default:
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
		return fmt.Sprintf("At no coverage is the selective risk of %s proven to be other than that of %s.", model, reference)
	}
	return fmt.Sprintf("The selective risk of %s is %s than that of %s.", model, strings.Join(parts, " and "), reference)
}

// spans lists ranges, with the difference where it is surest.
func spans(ranges []Range) string {
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
		parts = append(parts, plural(more, "further range"))
	}
	d := metrics.Estimate{Value: surest.Difference, Lo: surest.Lo, Hi: surest.Hi}
	return fmt.Sprintf("%s (at %.3g: %s)", listed(parts), surest.At, Signed(d))
}

func listed(parts []string) string {
	if len(parts) < 2 {
		return strings.Join(parts, "")
	}
	return strings.Join(parts[:len(parts)-1], ", ") + " and " + parts[len(parts)-1]
}

// Signed writes a difference with its sign and interval, "+0.012 [0.004, 0.020]",
// to as many decimals as Decimals says; without a sign where it rounds to 0.
func Signed(d metrics.Estimate) string {
	if !d.Defined() {
		return "–"
	}
	digits := Decimals(d)
	text := fmt.Sprintf("%+.*f", digits, d.Value)
	switch {
	case d.Value == 0:
		text = "0"
	case roundedTo(d.Value, digits) == 0:
		text = text[1:]
	}
	return text + bracketed(d, digits)
}

// Unsigned writes a value with its interval: "0.061 [0.055, 0.067]".
func Unsigned(e metrics.Estimate) string {
	digits := Decimals(e)
	return fmt.Sprintf("%.*f", digits, e.Value) + bracketed(e, digits)
}

// bracketed writes an interval, " [0.004, 0.020]", if there is one.
func bracketed(e metrics.Estimate, digits int) string {
	if math.IsNaN(e.Lo) || math.IsNaN(e.Hi) {
		return ""
	}
	return fmt.Sprintf(" [%.*f, %.*f]", digits, e.Lo, digits, e.Hi)
}

// mostDecimals is how many decimals are written at most.
const mostDecimals = 8

// Decimals is how many decimals show two digits of an interval's width, or more if
// a bound would round to 0 that is not; without an interval, three digits of the
// value. It lies between 1 and 8.
func Decimals(d metrics.Estimate) int {
	width, digits := d.Hi-d.Lo, 1
	if !(width > 0) || math.IsInf(width, 0) {
		width, digits = math.Abs(d.Value), 2
	}
	if !(width > 0) || math.IsInf(width, 0) {
		return 4
	}
	digits = min(max(digits-int(math.Floor(math.Log10(width))), 1), mostDecimals)
	for _, bound := range []float64{d.Lo, d.Hi} {
		for more := 0; more < 2 && digits < mostDecimals && bound != 0 && roundedTo(bound, digits) == 0; more++ {
			digits++
		}
	}
	return digits
}

func roundedTo(v float64, digits int) float64 {
	scale := math.Pow(10, float64(digits))
	return math.Round(v*scale) / scale
}

// PValue writes a p-value: "p = 0.031", "p < 0.0001".
func PValue(p float64) string {
	if p < 0.0001 {
		return "p < 0.0001"
	}
	return "p = " + strconv.FormatFloat(p, 'g', 2, 64)
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// shorten lists the first names and counts the rest.
func shorten(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}
