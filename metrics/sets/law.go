package sets

import (
	"math"

	"abstain/metrics/stattest"
)

// Law is the distribution of the coverage of one draw of calibration rows, over new rows
// without end, if scores do not tie: Beta(K, N+1-K). Ties only raise coverage. K > N means
// that the threshold is infinite and coverage 1.
//
// Source: Vovk 2012, proposition 2a.
type Law struct{ N, K int }

// LawOf is the law of the conformal threshold of n rows.
func LawOf(n int, alpha float64) Law { return Law{n, stattest.ConformalRank(n, alpha)} }

// Mean is the mean coverage.
func (l Law) Mean() float64 {
	if l.K > l.N {
		return 1
	}
	return float64(l.K) / float64(l.N+1)
}

// SD is the standard deviation of the coverage from draw to draw.
func (l Law) SD() float64 {
	if l.K > l.N {
		return 0
	}
	m := l.Mean()
	return math.Sqrt(float64(m*(1-m)) / float64(l.N+2))
}

// AtMost is the probability of a draw whose coverage is at most that.
func (l Law) AtMost(coverage float64) float64 {
	if l.K > l.N {
		return indicator(coverage >= 1)
	}
	return stattest.BetaRatio(coverage, float64(l.K), float64(l.N+1-l.K))
}

// Quantile is the coverage that the share p of the draws do not exceed.
func (l Law) Quantile(p float64) float64 {
	if l.K > l.N {
		return 1
	}
	lo, hi := 0.0, 1.0
	for {
		mid := lo + (hi-lo)/2
		if mid <= lo || mid >= hi {
			return mid
		}
		if l.AtMost(mid) < p {
			lo = mid
		} else {
			hi = mid
		}
	}
}

// CountAtMost is the probability that of m new rows at most so many are covered: their
// number has a beta-binomial distribution.
func (l Law) CountAtMost(count, m int) float64 {
	if l.K > l.N || count >= m {
		return indicator(count >= m)
	}
	total := 0.0
	for j := 0; j <= count; j++ {
		total += math.Exp(l.logCount(j, m))
	}
	return math.Min(1, total)
}

// logCount is the logarithm of the probability that exactly j of m new rows are covered.
func (l Law) logCount(j, m int) float64 {
	a, b := float64(l.K), float64(l.N+1-l.K)
	return lnChoose(m, j) + lnBeta(float64(j)+a, float64(m-j)+b) - lnBeta(a, b)
}

// CountQuantile is the least number of covered rows among m that with probability p or more
// is not exceeded.
func (l Law) CountQuantile(p float64, m int) int {
	if l.K > l.N {
		return m
	}
	total := 0.0
	for j := range m {
		if total += math.Exp(l.logCount(j, m)); total >= p {
			return j
		}
	}
	return m
}

// CountSD is the standard deviation of the share of m new rows that are covered.
func (l Law) CountSD(m int) float64 {
	if l.K > l.N {
		return 0
	}
	mean := l.Mean()
	return math.Sqrt(float64(mean*(1-mean)) * float64(l.N+1+m) / (float64(m) * float64(l.N+2)))
}

// RankPAC is the least rank of n scores whose threshold covers at least 1 - alpha in the
// share 1 - delta of the draws, where the conformal rank does so in about half; 0 if none
// does. Source: Vovk 2012, proposition 2b.
func RankPAC(n int, alpha, delta float64) int {
	for k := max(1, stattest.ConformalRank(n, alpha)-1); k <= n; k++ {
		if (Law{n, k}).AtMost(1-alpha) <= delta {
			return k
		}
	}
	return 0
}

// RowsNeeded is the least number of calibration rows that give a finite threshold, whose
// coverage is below 1 - alpha - slack in the share delta of the draws at most; 0 if that takes more than
// a million.
func RowsNeeded(alpha, slack, delta float64) int {
	for n := 1; n <= 1_000_000; n++ {
		if l := LawOf(n, alpha); l.K <= n && l.AtMost(1-alpha-slack) <= delta {
			return n
		}
	}
	return 0
}

func lnBeta(a, b float64) float64 {
	x, _ := math.Lgamma(a)
	y, _ := math.Lgamma(b)
	z, _ := math.Lgamma(a + b)
	return x + y - z
}

func lnChoose(n, k int) float64 {
	return -math.Log(float64(n+1)) - lnBeta(float64(n-k+1), float64(k+1))
}

func indicator(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
