package guarantee

import (
	"math"

	"abstain/metrics/stattest"
)

// P-values of the hypothesis that the mean of n losses in [0, 1] is more than risk, given
// their sum: the smaller, the less likely is so small a sum. 1 if n is 0.

// BinomialP is that of errors, losses of 0 and 1: the probability of at most so many among
// n rows, each wrong with probability risk.
func BinomialP(errors, n int, risk float64) float64 {
	switch {
	case errors >= n:
		return 1
	case errors == 0:
		return math.Pow(1-risk, float64(n)) // to the last bit, where it equals the level
	}
	return stattest.BinomialAtMost(float64(errors), float64(n), risk)
}

// HoeffdingP is exp(-n h(mean, risk)) with the relative entropy h of two Bernoulli
// variables, 1 if the mean is above the risk. Source: Hoeffding 1963, theorem 1.
func HoeffdingP(sum float64, n int, risk float64) float64 {
	mean := sum / float64(n)
	if n == 0 || mean >= risk {
		return 1
	}
	return math.Exp(-float64(n) * relativeEntropy(mean, risk))
}

// relativeEntropy is that of Bernoulli variables of means a and b, in nats.
func relativeEntropy(a, b float64) float64 {
	h := 0.0
	if a > 0 {
		h += float64(a * math.Log(a/b))
	}
	if a < 1 {
		h += float64((1 - a) * math.Log((1-a)/(1-b)))
	}
	return h
}

// BentkusP is e times BinomialP of the sum rounded up, at most 1. Source: Bentkus 2004.
func BentkusP(sum float64, n int, risk float64) float64 {
	return math.Min(1, math.E*BinomialP(int(math.Ceil(sum-1e-9)), n, risk))
}

// HoeffdingBentkusP is the smaller of the two, for losses between 0 and 1. For errors
// BinomialP is never larger. Source: Bates et al. 2021, section 3.1.
func HoeffdingBentkusP(sum float64, n int, risk float64) float64 {
	return math.Min(HoeffdingP(sum, n, risk), BentkusP(sum, n, risk))
}

// PValue is one of these for errors.
type PValue func(errors, n int, risk float64) float64

// HoeffdingBentkus is HoeffdingBentkusP of errors.
func HoeffdingBentkus(errors, n int, risk float64) float64 {
	return HoeffdingBentkusP(float64(errors), n, risk)
}

// Upper is an upper bound of a mean loss that holds with probability 1 - delta, given the
// sum of n losses in [0, 1]; at most 1.
type Upper func(sum float64, n int, delta float64) float64

// HoeffdingUpper is the mean plus sqrt(ln(1/delta) / 2n). Source: Hoeffding 1963.
func HoeffdingUpper(sum float64, n int, delta float64) float64 {
	return math.Min(1, sum/float64(n)+math.Sqrt(-math.Log(delta)/(2*float64(n))))
}

// HoeffdingBentkusUpper is the largest risk that HoeffdingBentkusP does not reject at
// delta. Source: Bates et al. 2021, section 3.1.
func HoeffdingBentkusUpper(sum float64, n int, delta float64) float64 {
	return largest(func(risk float64) bool { return HoeffdingBentkusP(sum, n, risk) > delta })
}

// BinomialUpper is the largest risk that BinomialP does not reject at delta, of whole sums.
func BinomialUpper(sum float64, n int, delta float64) float64 { return upper(int(sum), n, delta) }

// largest is the largest number in [0, 1] for which a condition holds that ends once.
func largest(holds func(float64) bool) float64 {
	lo, hi := 0.0, 1.0
	for {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi {
			return mid
		}
		if holds(mid) {
			lo = mid
		} else {
			hi = mid
		}
	}
}

// Need is the least number of rows that show, all of them right, that a risk is not more
// than the given one at a level: the least m with (1-risk)^m <= level. Both lie between 0
// and 1.
func Need(risk, level float64) int {
	m := max(1, int(math.Log(level)/math.Log1p(-risk))-1)
	for m > 1 && BinomialP(0, m-1, risk) <= level {
		m--
	}
	for BinomialP(0, m, risk) > level {
		m++
	}
	return m
}

// LeastRisk is the least risk that n rows can promise with probability 1 - delta, if all of
// them are right and accepted, by that many starts of LearnThenTest: 1 - (delta/starts)^(1/n).
// One start is also what a threshold fixed beforehand can promise.
func LeastRisk(n int, delta float64, starts int) float64 {
	return -math.Expm1(math.Log(delta/float64(starts)) / float64(n))
}
