package page

import (
	"bytes"
	"math"
	"strconv"
	"strings"

	"abstain/metrics"
	"abstain/metrics/stattest"
	"abstain/reports/words"
)

// numbers are decimals as the page stores them: null where undefined.
type numbers []string

// MarshalJSON writes an array of numbers. An infinite one is written as 1e999, which
// scripts read as infinite.
func (n numbers) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('[')
	for i, text := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(text)
	}
	b.WriteByte(']')
	return b.Bytes(), nil
}

// brief is a value with so many significant digits, or as many more as it takes to be
// printed in its unit as the full value is.
func brief(v float64, u words.Unit, digits int) string {
	switch {
	case math.IsNaN(v):
		return "null"
	case math.IsInf(v, 1):
		return "1e999"
	case math.IsInf(v, -1):
		return "-1e999"
	}
	for ; digits < 17; digits++ {
		text := strconv.FormatFloat(v, 'g', digits, 64)
		if back, err := strconv.ParseFloat(text, 64); err == nil && u.Number(back) == u.Number(v) {
			return decimal(back)
		}
	}
	return decimal(v)
}

// decimal is the shortest decimal of a number, as JSON takes it.
func decimal(v float64) string {
	text := strconv.FormatFloat(v, 'g', -1, 64)
	return strings.Replace(text, "e+", "e", 1)
}

// estimates are a column, with so many digits.
func estimates(all []metrics.Estimate, u words.Unit, digits int) column {
	var c column
	bounds := false
	for _, e := range all {
		c.V = append(c.V, brief(e.Value, u, digits))
		c.Lo, c.Hi = append(c.Lo, brief(e.Lo, u, digits)), append(c.Hi, brief(e.Hi, u, digits))
		bounds = bounds || !math.IsNaN(e.Lo) || !math.IsNaN(e.Hi)
	}
	if !bounds {
		c.Lo, c.Hi = nil, nil
	}
	return c
}

// quantile is how many standard errors an interval of the level is wide, to either side.
func quantile(level float64) float64 {
	if level <= 0 || level >= 1 {
		return 0
	}
	return stattest.NormalQuantile(1 - (1-level)/2)
}

// between is the shortest decimal from lo, included, to hi, excluded: a threshold such that
// what is greater is from hi on. It is NaN if there is no number between.
func between(lo, hi float64) float64 {
	if !(lo < hi) {
		return math.NaN()
	}
	for digits := range 17 {
		for _, v := range []float64{lo, hi, (lo + hi) / 2} {
			text := strconv.FormatFloat(v, 'e', digits, 64)
			if t, err := strconv.ParseFloat(text, 64); err == nil && lo <= t && t < hi {
				return t
			}
		}
	}
	return lo
}
