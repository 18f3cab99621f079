package stattest

import (
	"math"
	"slices"
)

// Wilcoxon is the signed-rank test of paired columns: are the differences a - b
// symmetric about 0? Differences of 0 are dropped, and N counts the others. The
// statistic is the smaller of the rank sums of positive and of negative
// differences. For at most 50 remaining differences the p-value is exact, given
// their mid-ranks where sizes tie (every choice of signs is equally likely). For
// more it is normal, corrected for ties, without continuity correction. The
// normal limit is not used for few tied differences: it would give p = 0.04 for
// five differences of one sign, although of the 32 choices of signs none can be
// that rare in two tails. If no difference remains, p is 1. Source: Wilcoxon
// 1945; ties as in Lehmann 2006, section 3.2.
func Wilcoxon(a, b []float64) Result {
	if len(a) != len(b) {
		panic("stattest: columns differ in length")
	}
	var size []float64
	var positive []bool
	for i := range a {
		d := a[i] - b[i]
		if math.IsNaN(d) {
			return undefined(len(a), notANumber)
		}
		if d != 0 {
			size, positive = append(size, math.Abs(d)), append(positive, d > 0)
		}
	}
	if len(size) == 0 {
		return Result{P: 1}
	}
	up, ranks := 0.0, MidRanks(size)
	for i, r := range ranks {
		if positive[i] {
			up += r
		}
	}
	return signedRank(up, size, ranks)
}

// SignedRank tests whether changes are symmetric about 0, by Wilcoxon's test.
// Changes of a share by the same number of samples may differ in their last bits,
// and these must not order them: changes that differ by less than 1e-12 tie, and
// smaller ones count as 0.
func SignedRank(changes []float64) Result {
	steps := make([]float64, len(changes))
	for i, v := range changes {
		steps[i] = math.RoundToEven(v * (1 << 40))
	}
	return Wilcoxon(steps, make([]float64, len(changes)))
}

func signedRank(up float64, size, ranks []float64) Result {
	n := float64(len(size))
	low := min(up, n*(n+1)/2-up)
	r := Result{Statistic: low, N: len(size)}
	if r.Exact = len(size) <= 50; r.Exact {
		r.P = min(1, 2*subsetsAtMost(ranks, low))
		return r
	}
	variance := (n*(n+1)*(2*n+1) - ties(size, cubes)/2) / 24
	r.P = math.Erfc((n*(n+1)/4 - low) / math.Sqrt(2*variance))
	return r
}

// subsetsAtMost is the probability that a random subset of mid-ranks adds up to
// at most t. Mid-ranks are counted in halves, which makes them integers.
func subsetsAtMost(ranks []float64, t float64) float64 {
	chance := make([]float64, int(2*t)+1)
	chance[0] = 1
	for _, r := range ranks {
		k := int(2 * r)
		for j := len(chance) - 1; j >= 0; j-- {
			if j >= k {
				chance[j] += chance[j-k]
			}
			chance[j] /= 2
		}
	}
	total := 0.0
	for _, p := range chance {
		total += p
	}
	return total
}

// MannWhitney tests whether values of one sample exceed those of another as
// often as the reverse. The statistic is U of a: the number of pairs in which
// the value of a is greater, ties counted one half, so that U/(len(a) len(b)) is
// the AUROC of a against b. The p-value is exact if the smaller sample has at
// most 8 values and nothing ties; otherwise normal with continuity correction,
// corrected for ties. If all values are equal it is 1. Source: Mann and Whitney
// 1947; ties as in Lehmann 2006, section 1.4.
func MannWhitney(a, b []float64) Result {
	both, why := joined(a, b)
	if why != "" {
		return undefined(len(both), why)
	}
	m, n := float64(len(a)), float64(len(b))
	u := rankSum(both, len(a)) - m*(m+1)/2
	r := Result{Statistic: u, N: len(both)}
	high := max(u, m*n-u)
	tied := ties(both, cubes)
	if r.Exact = min(m, n) <= 8 && tied == 0; r.Exact {
		r.P = min(1, 2*leadsAtMost(int(min(m, n)), int(max(m, n)), int(m*n-high)))
		return r
	}
	variance := m * n / 12 * (m + n + 1 - tied/((m+n)*(m+n-1)))
	if variance <= 0 {
		r.P = 1
		return r
	}
	r.P = min(1, 2*NormalTail((high-m*n/2-0.5)/math.Sqrt(variance)))
	return r
}

// RankSums is the rank sum test in its plain normal approximation: the
// statistic is the standard score of the rank sum of a, with neither continuity
// nor tie correction. MannWhitney is the better test where values tie or
// samples are small; this one is what the literature often quotes. Source:
// Wilcoxon 1945.
func RankSums(a, b []float64) Result {
	both, why := joined(a, b)
	if why != "" {
		return undefined(len(both), why)
	}
	m, n := float64(len(a)), float64(len(b))
	z := (rankSum(both, len(a)) - m*(m+n+1)/2) / math.Sqrt(m*n*(m+n+1)/12)
	return Result{Statistic: z, P: math.Erfc(math.Abs(z) / math.Sqrt2), N: len(both)}
}

// joined is a followed by b; why is "" if the two can be compared.
func joined(a, b []float64) (both []float64, why string) {
	both = slices.Concat(a, b)
	switch {
	case slices.ContainsFunc(both, math.IsNaN):
		why = notANumber
	case len(a) == 0 || len(b) == 0:
		why = tooFew
	}
	return both, why
}

// rankSum is the sum of the ranks of the first m values.
func rankSum(x []float64, m int) float64 {
	total := 0.0
	for _, r := range MidRanks(x)[:m] {
		total += r
	}
	return total
}

// leadsAtMost is the probability that, in a random order of m + n values, the
// value of the first sample is the larger in at most u of the pairs. The last
// value belongs to the first sample with probability m/(m+n); it then adds no
// pair, and otherwise it adds m pairs.
func leadsAtMost(m, n, u int) float64 {
	chance := make([][]float64, m+1) // chance[i][k]: exactly k pairs among i and j values
	for i := range chance {
		chance[i] = make([]float64, u+1)
		chance[i][0] = 1
	}
	for j := 1; j <= n; j++ {
		for i := 1; i <= m; i++ {
			first := float64(i) / float64(i+j)
			for k := u; k >= 0; k-- {
				p := first * chance[i-1][k]
				if k >= i {
					p += (1 - first) * chance[i][k-i]
				}
				chance[i][k] = p
			}
		}
	}
	total := 0.0
	for _, p := range chance[m] {
		total += p
	}
	return total
}

// Friedman tests whether k columns differ over the same rows (blocks): the
// statistic is Friedman's chi-square of the ranks within rows, corrected for
// ties, with k - 1 degrees of freedom; its p-value is that of the chi-square
// distribution, good for ten rows and more. N counts rows. It asks for two rows
// and two columns; NaN if all rows are constant. It panics if rows differ in
// length. Source: Friedman 1937; ties as in Conover 1999, section 5.8.
func Friedman(rows [][]float64) Result {
	if len(rows) < 2 || len(rows[0]) < 2 {
		return undefined(len(rows), tooFew)
	}
	means := MeanRanks(rows)
	if math.IsNaN(means[0]) {
		return undefined(len(rows), notANumber)
	}
	n, k := float64(len(rows)), float64(len(means))
	spread, tied := 0.0, 0.0
	for _, m := range means {
		d := m - (k+1)/2
		spread += float64(d * d)
	}
	for _, row := range rows {
		tied += ties(row, cubes)
	}
	correction := 1 - tied/(n*k*(k*k-1))
	if correction <= 0 {
		return undefined(len(rows), "all rows are constant")
	}
	chi := 12 * n / (k * (k + 1)) * spread / correction
	return Result{Statistic: chi, P: ChiSquareTail(chi, k-1), N: len(rows)}
}
