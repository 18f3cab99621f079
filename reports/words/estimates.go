package words

import (
	"fmt"
	"math"
	"strconv"

	"abstain/metrics"
)

// Difference writes a difference with its sign and interval, "+0.012 [0.004,
// 0.020]", with the number of decimals given by Decimals. It has no sign if it
// rounds to 0.
func Difference(d metrics.Estimate) string {
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
	return Minus(text) + bracketed(d, digits)
}

// Estimate writes a value with its interval, "0.061 [0.055, 0.067]", with the
// same number of decimals.
func Estimate(e metrics.Estimate) string {
	digits := Decimals(e)
	return fmt.Sprintf("%.*f", digits, e.Value) + bracketed(e, digits)
}

// bracketed writes an interval, " [0.004, 0.020]", if there is one.
func bracketed(e metrics.Estimate, digits int) string {
	if math.IsNaN(e.Lo) || math.IsNaN(e.Hi) {
		return ""
	}
	return fmt.Sprintf(" [%s, %s]", Minus(fmt.Sprintf("%.*f", digits, e.Lo)), Minus(fmt.Sprintf("%.*f", digits, e.Hi)))
}

// mostDecimals is the largest number of decimals.
const mostDecimals = 8

// Decimals is the number of decimals that show two digits of an interval's width,
// or more if a bound that is not 0 would round to 0. Without an interval it shows
// three digits of the value. It lies between 1 and 8.
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

// leastP is the least p-value that is written as a number.
const leastP = 0.001

// PValue writes a p-value in two digits: "p = 0.031", "p < 0.001".
func PValue(p float64) string {
	switch {
	case math.IsNaN(p):
		return "p undefined"
	case p < leastP:
		return "p < 0.001"
	}
	return "p = " + strconv.FormatFloat(p, 'g', 2, 64)
}

// PCell writes a p-value for a table: "0.031", "<0.001", and "–" if nothing was
// tested.
func PCell(p float64) string {
	switch {
	case math.IsNaN(p):
		return "–"
	case p < leastP:
		return "<0.001"
	}
	return strconv.FormatFloat(p, 'g', 2, 64)
}
