package stattest

import (
	"math"
	"slices"
)

// Result is the outcome of a test.
type Result struct {
	Statistic float64 // as the test's function says; NaN if undefined
	P         float64 // two-sided p-value in [0, 1]; NaN if undefined
	N         int     // number of observations used
	Exact     bool    // P comes from the exact null distribution, not from its limit
	Note      string  // why a value is NaN; empty otherwise
}

// undefined is a result that the data cannot give, with the reason.
func undefined(n int, why string) Result {
	return Result{Statistic: math.NaN(), P: math.NaN(), N: n, Note: why}
}

// Notes of results that are not defined.
const (
	notANumber = "a value is NaN"
	tooFew     = "too few observations"
	constant   = "a column is constant"
)

// paired checks that two columns have one length; why is "" if they can be
// compared. It panics if the lengths differ, which is a mistake of the caller.
func paired(a, b []float64) (why string) {
	if len(a) != len(b) {
		panic("stattest: columns differ in length")
	}
	switch {
	case slices.ContainsFunc(a, math.IsNaN) || slices.ContainsFunc(b, math.IsNaN):
		return notANumber
	case len(a) < 2:
		return tooFew
	}
	return ""
}

// MidRanks are the ranks of x from 1, rising with the value; equal values share
// the mean of the ranks they cover. NaN values have rank NaN and take no place.
func MidRanks(x []float64) []float64 {
	order := rising(x)
	ranks := make([]float64, len(x))
	for i, v := range x {
		if math.IsNaN(v) {
			ranks[i] = math.NaN()
		}
	}
	for from, to := range runs(x, order) {
		for _, i := range order[from:to] {
			ranks[i] = float64(from+to+1) / 2
		}
	}
	return ranks
}

// MeanRanks are the mid-ranks of the values within each row, averaged over the
// rows: one number for each of the k columns, in 1..k, rising with the value. It
// is nil if there is no row, and NaN everywhere if a value is NaN. It panics if
// rows differ in length.
func MeanRanks(rows [][]float64) []float64 {
	if len(rows) == 0 {
		return nil
	}
	totals := make([]float64, len(rows[0]))
	for _, row := range rows {
		if len(row) != len(totals) {
			panic("stattest: rows differ in length")
		}
		if slices.ContainsFunc(row, math.IsNaN) {
			return slices.Repeat([]float64{math.NaN()}, len(totals))
		}
		for j, r := range MidRanks(row) {
			totals[j] += r
		}
	}
	for j := range totals {
		totals[j] /= float64(len(rows))
	}
	return totals
}

// Holm adjusts the p-values of several tests so that each can be compared with
// one level. If every result that is at most that level is rejected, the
// probability of any false rejection is at most the level, however the tests
// depend on each other. The result is in the order of p, at most 1, and never
// below p. NaN values do not count as tests and stay NaN. Source: Holm 1979.
func Holm(p []float64) []float64 {
	order := rising(p)
	adjusted := slices.Repeat([]float64{math.NaN()}, len(p))
	floor := 0.0
	for k, i := range order {
		floor = max(floor, min(1, float64(len(order)-k)*p[i]))
		adjusted[i] = floor
	}
	return adjusted
}

// rising lists the indices of x by rising value, equal values in their order;
// indices of NaN are left out.
func rising(x []float64) []int {
	order := make([]int, 0, len(x))
	for i, v := range x {
		if !math.IsNaN(v) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int {
		switch {
		case x[i] < x[j]:
			return -1
		case x[i] > x[j]:
			return 1
		}
		return 0
	})
	return order
}

// runs yields the half-open ranges of order over which x is equal.
func runs(x []float64, order []int) func(yield func(from, to int) bool) {
	return func(yield func(from, to int) bool) {
		for from, to := 0, 0; from < len(order); from = to {
			for to = from + 1; to < len(order) && x[order[to]] == x[order[from]]; to++ {
			}
			if !yield(from, to) {
				return
			}
		}
	}
}

// ties sums f over the sizes of the groups of equal values of x.
func ties(x []float64, f func(t float64) float64) float64 {
	total := 0.0
	for from, to := range runs(x, rising(x)) {
		total += f(float64(to - from))
	}
	return total
}

// cubes is the tie term of the rank sum tests.
func cubes(t float64) float64 { return t * (t*t - 1) }
