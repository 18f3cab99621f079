package study

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/metrics/stattest"
)

// quantile is the q-th quantile of sorted values, linear between neighbours
// (definition 7 of Hyndman and Fan 1996); NaN if there are none.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	at := q * float64(len(sorted)-1)
	below := int(at)
	if below+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[below] + (at-float64(below))*(sorted[below+1]-sorted[below])
}

// median of values in any order; NaN values are left out.
func median(values []float64) float64 { return quantile(ordered(values), 0.5) }

// ordered are the defined values, rising.
func ordered(values []float64) []float64 {
	v := slices.DeleteFunc(slices.Clone(values), math.IsNaN)
	slices.Sort(v)
	return v
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// positive counts the values above 0.
func positive(values []float64) int {
	n := 0
	for _, v := range values {
		if v > 0 {
			n++
		}
	}
	return n
}

// Bounds is an interval; both are NaN where there is none.
type Bounds struct{ Lo, Hi float64 }

var noBounds = Bounds{math.NaN(), math.NaN()}

func (b Bounds) defined() bool { return !math.IsNaN(b.Lo) }

// binomialTail is the probability of at least k successes of n at p.
func binomialTail(k, n int, p float64) float64 {
	if k <= 0 {
		return 1
	}
	return stattest.BetaRatio(p, float64(k), float64(n-k+1))
}

// signTest is the two-sided sign test of k successes among n.
func signTest(k, n int) float64 {
	return math.Min(1, 2*binomialTail(max(k, n-k), n, 0.5))
}

// cutAt splits an id at its operating point.
func cutAt(id string) (name, at string, ok bool) { return strings.Cut(id, "@") }

// Numbers in sentences: changes with their sign, four decimals for fractions.

func signed(v float64) string { return decimals("%+.*f", v) }

func plain(v float64) string { return decimals("%.*f", v) }

// decimals gives four decimals, and more where they would hide the number.
func decimals(format string, v float64) string {
	switch {
	case math.IsNaN(v):
		return "undefined"
	case v == 0:
		return "0"
	}
	d := 4
	for a := math.Abs(v); a > 0 && a < 0.001 && d < 7; a *= 10 {
		d++
	}
	return fmt.Sprintf(format, d, v)
}

func between(b Bounds) string { return "[" + plain(b.Lo) + ", " + plain(b.Hi) + "]" }

func betweenSigned(b Bounds) string { return "[" + signed(b.Lo) + ", " + signed(b.Hi) + "]" }

// correlated writes a correlation with its interval.
func correlated(r float64, b Bounds) string { return fmt.Sprintf("%.2f [%.2f, %.2f]", r, b.Lo, b.Hi) }

// probability writes a p-value.
func probability(p float64) string {
	switch {
	case math.IsNaN(p):
		return "p undefined"
	case p == 0:
		return "p < 1e-300"
	case p < 1e-4:
		return fmt.Sprintf("p = %.1e", p)
	}
	return fmt.Sprintf("p = %.2g", p)
}

// names lists words: "a, b and c".
func names(list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

func percent(level float64) string { return fmt.Sprintf("%g %%", math.Round(1e4*level)/100) }
