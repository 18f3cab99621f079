package words

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"abstain/metrics"
)

// Unit says how the values of a metric are written for people, the same in every output:
// shares, accuracies, calibration errors and areas under risk-coverage curves in percent,
// all else as it is. Files for machines hold fractions.
type Unit struct {
	Factor   float64 // of the printed value: 100 for percent, else 1
	Sign     string  // "%", or ""
	Decimals int
}

// Units that most metrics have.
var (
	share = Unit{100, "%", 1}
	area  = Unit{100, "%", 2} // of a curve of risk, which is small
	bare  = Unit{1, "", 3}
)

// curved are beginnings of the ids of fractions that are no shares: areas under curves of
// something else than risk, and coefficients. risky are those of areas under curves of risk.
var (
	curved = []string{"auroc", "aupr", "ood-auroc", "ood-aupr", "prr", "confidence-gini", "abstention-f1"}
	risky  = []string{"aurc", "eaurc", "auarc", "aurrrc", "sele@", "sele", "augrc", "eaugrc"}
)

// UnitOf is the unit of a metric.
func UnitOf(m metrics.Measure) Unit {
	begins := func(list []string) bool {
		return slices.ContainsFunc(list, func(s string) bool { return strings.HasPrefix(m.Metric.ID, s) })
	}
	switch {
	case m.Metric.Unit == "percent":
		return Unit{1, "%", 1}
	case m.Metric.Unit != "fraction" || begins(curved):
		return bare
	case begins(risky) && m.Metric.ID != "selective-accuracy":
		return area
	}
	return share
}

// UnitNamed is the unit of a column of a study, which may have a condition in brackets
// behind the id of a metric; "|overconfidence|" is a share.
func UnitNamed(id string) Unit {
	name, _, _ := strings.Cut(id, "[")
	m, err := metrics.ParseMeasure(strings.Trim(name, "|"))
	if err != nil {
		return bare
	}
	return UnitOf(m)
}

// For is the unit with as many decimals as a column of these values needs: so many that
// values in its middle have two digits. Undefined and infinite values are ignored.
func (u Unit) For(values ...float64) Unit {
	var sizes []float64
	for _, v := range values {
		if a := math.Abs(v * u.Factor); a > 0 && !math.IsInf(a, 0) {
			sizes = append(sizes, a)
		}
	}
	if len(sizes) == 0 {
		return u
	}
	slices.Sort(sizes)
	middle := sizes[(len(sizes)-1)/2]
	u.Decimals = min(max(u.Decimals, 1-int(math.Floor(math.Log10(middle)))), mostDecimals)
	return u
}

// Within is the unit with as many decimals as show two digits of the width of an interval,
// for a difference that may be small.
func (u Unit) Within(e metrics.Estimate) Unit {
	scaled := metrics.Estimate{Value: e.Value * u.Factor, Lo: e.Lo * u.Factor, Hi: e.Hi * u.Factor}
	if !math.IsNaN(scaled.Hi - scaled.Lo) {
		u.Decimals = max(u.Decimals, Decimals(scaled))
	}
	return u
}

// Change is a difference of a metric with its sign, unit and interval, for a sentence:
// "−0.49 points [−0.77, −0.22]".
func Change(m metrics.Measure, d metrics.Estimate) string {
	u := UnitOf(m).Within(d)
	text := u.Signed(d.Value)
	if u.Sign != "" && d.Defined() {
		text += " points"
	}
	if in := u.Bounds(d.Lo, d.Hi, true); in != "" && d.Defined() {
		text += " " + in
	}
	return text
}

// Share writes a share in percent with one decimal, without the sign.
func Share(v float64) string { return share.Number(v) }

// ShareBetween is the interval of a share in percent.
func ShareBetween(lo, hi float64) string { return share.Bounds(lo, hi, false) }

// Number writes a value without its sign: "3.57". A value that is not 0 but would round
// to 0 is "<0.01"; an undefined one is "–".
func (u Unit) Number(v float64) string {
	switch {
	case math.IsNaN(v):
		return "–"
	case math.IsInf(v, 1):
		return "∞"
	case math.IsInf(v, -1):
		return minus + "∞"
	case v == 0:
		return "0"
	}
	if v *= u.Factor; math.Abs(v) < 0.5*math.Pow10(-u.Decimals) {
		least := strconv.FormatFloat(math.Pow10(-u.Decimals), 'f', u.Decimals, 64)
		if v < 0 {
			return ">" + minus + least
		}
		return "<" + least
	}
	return Minus(strconv.FormatFloat(v, 'f', u.Decimals, 64))
}

// Signed writes a difference with its sign: "+0.43", "−4.8". One that rounds to 0 has none.
func (u Unit) Signed(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return u.Number(v)
	}
	text := strconv.FormatFloat(math.Abs(v*u.Factor), 'f', u.Decimals, 64)
	switch {
	case strings.Trim(text, "0.") == "":
		return text
	case v > 0:
		return "+" + text
	}
	return minus + text
}

// Bounds writes an interval of a value, "[2.77, 4.50]", and of a difference if signed;
// "" if there is none.
func (u Unit) Bounds(lo, hi float64, signed bool) string {
	if math.IsNaN(lo) || math.IsNaN(hi) {
		return ""
	}
	write := u.Number
	if signed {
		write = u.Signed
	}
	return "[" + write(lo) + ", " + write(hi) + "]"
}

// Estimate writes a value with its interval, if it has one: "3.57 [2.77, 4.50]".
func (u Unit) Estimate(e metrics.Estimate) string {
	text := u.Number(e.Value)
	if in := u.Bounds(e.Lo, e.Hi, false); in != "" && !math.IsNaN(e.Value) {
		text += " " + in
	}
	return text
}

// Difference writes a difference with its interval, if it has one.
func (u Unit) Difference(d metrics.Estimate) string {
	text := u.Signed(d.Value)
	if in := u.Bounds(d.Lo, d.Hi, true); in != "" && !math.IsNaN(d.Value) {
		text += " " + in
	}
	return text
}

// With is a value with its sign, for a sentence: "73.0 %", "0.868".
func (u Unit) With(v float64) string {
	if u.Sign == "" || math.IsNaN(v) {
		return u.Number(v)
	}
	return u.Number(v) + " " + u.Sign
}

// minus is the one sign of negative numbers in texts for people.
const minus = "−"

// Minus writes the sign of a number as a minus, not as a hyphen.
func Minus(number string) string {
	if digits, ok := strings.CutPrefix(number, "-"); ok {
		return minus + digits
	}
	return number
}

// Grouped writes a count, with narrow no-break spaces between groups of three digits from
// five digits on: "54 920".
func Grouped(n int) string {
	digits := strconv.Itoa(n)
	if len(strings.TrimPrefix(digits, "-")) < 5 {
		return Minus(digits)
	}
	for at := len(digits) - 3; at > 0 && digits[at-1] != '-'; at -= 3 {
		digits = digits[:at] + "\u202f" + digits[at:]
	}
	return Minus(digits)
}
