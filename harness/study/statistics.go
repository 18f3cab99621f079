package study

import (
	"math"
	"slices"

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

// ordered are the values that are not NaN, sorted.
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

// Bounds is an interval; both bounds are NaN if there is none.
type Bounds struct{ Lo, Hi float64 }

var noBounds = Bounds{math.NaN(), math.NaN()}

// Defined reports whether there is an interval.
func (b Bounds) Defined() bool { return !math.IsNaN(b.Lo) }

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
