package stattest

import "math"

// Shares: bounds and intervals for the probability of an event, given how often
// it happened.

// BinomialAtMost is the probability of at most k events in n trials, if each
// trial has an event with probability p.
func BinomialAtMost(k, n, p float64) float64 {
	if k >= n {
		return 1
	}
	return BetaRatio(1-p, n-k, k+1)
}

// BinomialUpper is an upper bound on the true error rate, which holds with
// probability 1 - delta: the largest error rate b for which at most this number
// of errors among n samples has probability delta, P(X <= errors) = delta for X
// of Binomial(n, b), solved to the last bits. It is in [0, 1], and 1 if all
// samples are errors. It panics unless 0 <= errors <= n, n > 0 and delta is in
// (0, 1).
//
// Source: Clopper and Pearson 1934; Gascuel and Caraux 1992.
func BinomialUpper(errors, n int, delta float64) float64 {
	if errors < 0 || errors > n || n < 1 || !(delta > 0 && delta < 1) {
		panic("stattest: no binomial bound of these numbers")
	}
	return bisect(func(p float64) bool { return BinomialAtMost(float64(errors), float64(n), p) > delta })
}

// ClopperPearson is the exact interval of a share of k among n at a level such
// as 0.95: it holds the true share with at least that probability. It panics
// unless 0 <= k <= n, n > 0 and level is in (0, 1).
//
// Source: Clopper and Pearson 1934.
func ClopperPearson(k, n int, level float64) (lo, hi float64) {
	tail := (1 - level) / 2
	return 1 - BinomialUpper(n-k, n, tail), BinomialUpper(k, n, tail)
}

// Wilson is the score interval of a share of k among n at a level such as 0.95,
// which holds the true share with about that probability and is shorter than
// ClopperPearson's. It panics as that does.
//
// Source: Wilson 1927.
func Wilson(k, n int, level float64) (lo, hi float64) {
	if k < 0 || k > n || n < 1 || !(level > 0 && level < 1) {
		panic("stattest: no interval of these numbers")
	}
	z := NormalReach(level)
	p, m := float64(k)/float64(n), float64(n)
	z2 := float64(z * z)
	centre := p + z2/(2*m)
	reach := z * math.Sqrt(float64(p*(1-p))/m+z2/(4*m*m))
	scale := 1 + z2/m
	lo, hi = min(1, max(0, (centre-reach)/scale)), min(1, max(0, (centre+reach)/scale))
	// At the ends the bound is exactly 0 or 1, which rounding can miss. Nor may
	// rounding move a bound beyond the share itself.
	if k == 0 {
		lo = 0
	}
	if k == n {
		hi = 1
	}
	return min(lo, p), max(hi, p)
}

// bisect is the largest number in [0, 1] for which below holds.
func bisect(below func(float64) bool) float64 {
	lo, hi := 0.0, 1.0
	for {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi {
			return mid
		}
		if below(mid) {
			lo = mid
		} else {
			hi = mid
		}
	}
}
