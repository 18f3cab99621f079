package reports

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"abstain/metrics"
)

// undefinedCell is written in place of an undefined value.
const undefinedCell = "–"

// scale says how the numbers of one column are written: all in one unit and with
// the same number of decimals, so that they are easy to compare.
type scale struct {
	factor   float64 // 1 or 1000
	decimals int
}

// span is a ratio of values in a column. If the ratio is larger, the small values
// do not decide the number of decimals, and are written in scientific notation.
// Where values of both signs occur, some are near zero only by chance.
const (
	span       = 1e5
	signedSpan = 1e2
)

// newScale chooses the scale of a column. A fraction has four decimals (one
// sample in ten thousand). A column whose fractions are mostly so small that they
// would be mostly zeros is multiplied by 1000. In all other columns, and in these
// after multiplying, every value gets at least three significant digits. NaN and
// infinities are ignored.
func newScale(column []metrics.Estimate, unit string) scale {
	up, down := 0.0, 0.0
	var sizes []float64
	each(column, func(v float64) {
		up, down = max(up, v), min(down, v)
		sizes = append(sizes, math.Abs(v))
	})
	least, most := math.Inf(1), max(up, -down)
	ratio := span
	if up > 0 && down < 0 {
		ratio = signedSpan
	}
	each(column, func(v float64) {
		if a := math.Abs(v); a > most/ratio {
			least = min(least, a)
		}
	})
	if most == 0 {
		return scale{1, 3}
	}
	decimals := 2 - int(math.Floor(math.Log10(least)))
	if unit != "fraction" {
		return scale{1, max(decimals, 0)}
	}
	slices.Sort(sizes)
	if middle := sizes[(len(sizes)-1)/2]; middle < 0.1 && most < 0.5 {
		return scale{1000, max(decimals, 4) - 3}
	}
	return scale{1, 4}
}

// each calls visit for the finite values and bounds of a column.
func each(column []metrics.Estimate, visit func(float64)) {
	for _, e := range column {
		for _, v := range []float64{e.Value, e.Lo, e.Hi} {
			if v != 0 && !math.IsNaN(v) && !math.IsInf(v, 0) {
				visit(v)
			}
		}
	}
}

// number writes one value. Exactly zero is "0"; a value too small for the
// column's decimals is in scientific notation.
func (s scale) number(v float64) string {
	switch {
	case math.IsNaN(v):
		return undefinedCell
	case math.IsInf(v, 1):
		return "∞"
	case math.IsInf(v, -1):
		return "−∞"
	case v == 0:
		return "0"
	}
	v *= s.factor
	if math.Abs(v) < 5*math.Pow(10, float64(-s.decimals-1)) {
		return strconv.FormatFloat(v, 'e', 2, 64)
	}
	return strconv.FormatFloat(v, 'f', s.decimals, 64)
}

// signed writes a difference, with its sign.
func (s scale) signed(v float64) string {
	if v > 0 {
		return "+" + s.number(v)
	}
	return strings.Replace(s.number(v), "-", "−", 1)
}

// estimate writes a value with its interval, if it has one.
func (s scale) estimate(e metrics.Estimate) string {
	if !e.Defined() || math.IsNaN(e.Lo) || math.IsNaN(e.Hi) {
		return s.number(e.Value)
	}
	return s.number(e.Value) + " [" + s.number(e.Lo) + ", " + s.number(e.Hi) + "]"
}

// suffix names the scale in a header.
func (s scale) suffix() string {
	if s.factor == 1 {
		return ""
	}
	return "×" + strconv.FormatFloat(s.factor, 'f', -1, 64)
}
