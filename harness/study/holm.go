package study

import (
	"math"
	"slices"
)

// trial is a test of a family that is corrected together: its p-value, NaN if there is
// none, and the least one that it could have had.
type trial struct{ p, least float64 }

// holm adjusts the p-values of a family by Holm's correction, where each counts only the
// tests that could have reached it: a test whose least attainable p-value is larger
// cannot be a false rejection at that p-value. Few twins therefore do not make regimes
// with more twins unprovable. The probability of any false rejection at or below a level
// is at most that level, however the tests depend on each other. Sources: Holm 1979;
// Tarone, A modified Bonferroni method for discrete data, Biometrics 46, 1990.
//
// Why it holds: let P be the largest p-value with P * #{tests: least <= P} at most the
// level. Of the true hypotheses those with least > P cannot reach P, and each of the
// others does so with probability at most P, so that none does but with the level. That
// is a test of every set of hypotheses, and the more of them, the larger is the adjusted
// p-value: the steps of Holm are those of a closed test.
func holm(family []trial) []float64 {
	adjusted := make([]float64, len(family))
	var order []int
	for i, t := range family {
		adjusted[i] = math.NaN()
		if !math.IsNaN(t.p) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case family[a].p < family[b].p:
			return -1
		case family[a].p > family[b].p:
			return 1
		}
		return 0
	})
	floor := 0.0
	for k, i := range order {
		could := 0
		for _, j := range order[k:] {
			if family[j].least <= family[i].p {
				could++
			}
		}
		floor = max(floor, min(1, float64(max(could, 1))*family[i].p))
		adjusted[i] = floor
	}
	return adjusted
}

// hopeless reports whether the k-th test of a family could not have been beyond chance
// at the level even with the least p-value that so few units can give, the other tests
// being what they are.
func hopeless(family []trial, k int, least, level float64) bool {
	best := slices.Clone(family)
	best[k] = trial{least, least}
	return !(holm(best)[k] <= 1-level)
}

// leastSigned is the least two-sided p-value of the signed-rank test, and of the sign
// test, of n units: that of changes which all have one sign.
func leastSigned(n int) float64 { return math.Min(1, math.Ldexp(1, 1-n)) }

// leastSpearman is the least two-sided p-value of a rank correlation of n units: that of
// the same order or the opposite one.
func leastSpearman(n int) float64 {
	v, _ := math.Lgamma(float64(n + 1))
	return math.Min(1, 2*math.Exp(-v))
}

// leastMannWhitney is the least two-sided p-value of the Mann-Whitney test of m units
// against n: that of all above or all below.
func leastMannWhitney(m, n int) float64 { return math.Min(1, 2*math.Exp(-choose(m+n, m))) }
