package resample

import (
	"math"

	"abstain/metrics/stattest"
)

// Difference is the difference of two models' accuracies, first less second.
func (d Discordance) Difference() float64 { return float64(d.First-d.Second) / float64(d.N) }

// Interval is the score interval of the difference of accuracies: the
// differences that the score test of paired shares does not reject. It leaves out
// 0 exactly where McNemarChiSquare rejects at the level, and is not empty of
// width where the models never differ. Both bounds are NaN without samples.
//
// Source: Tango, Equivalence test and confidence interval for the difference in
// proportions for the paired-sample design, Statistics in Medicine 17 (1998).
func (d Discordance) Interval(level float64) (lo, hi float64) {
	if d.N == 0 {
		return math.NaN(), math.NaN()
	}
	z := stattest.NormalQuantile((1 + level) / 2)
	at := d.Difference()
	lo = solve(-1, at, func(delta float64) bool { return d.score(delta) > z })
	hi = solve(at, 1, func(delta float64) bool { return d.score(delta) >= -z })
	return lo, hi
}

// score is how many standard errors the difference lies above delta, with the
// error that the most likely shares of such a difference give.
func (d Discordance) score(delta float64) float64 {
	n, b, c := float64(d.N), float64(d.First), float64(d.Second)
	distance := b - c - float64(n*delta)
	if distance == 0 {
		return 0
	}
	a1 := 2 * n
	b1 := -b - c + float64((2*n-b+c)*delta)
	c1 := -float64(c*delta) * (1 - delta)
	q := (math.Sqrt(math.Max(0, float64(b1*b1)-float64(4*a1*c1))) - b1) / (2 * a1)
	return distance / math.Sqrt(math.Max(0, n*(2*q+float64(delta*(1-delta)))))
}

// solve is where a condition that holds at from, if anywhere, ceases to hold on
// the way to to; from if it never does, to if it always does.
func solve(from, to float64, holds func(float64) bool) float64 {
	for range 60 {
		if middle := (from + to) / 2; holds(middle) {
			from = middle
		} else {
			to = middle
		}
	}
	return (from + to) / 2
}
