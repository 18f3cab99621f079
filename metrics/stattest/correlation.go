package stattest

import (
	"math"
	"slices"
)

// Pearson is the product-moment correlation of two columns, in [-1, 1]. Its
// p-value is that of no correlation between jointly normal variables: Student's
// t with n - 2 degrees of freedom (1 for n = 2, where any two points lie on a
// line). NaN if a column is constant or holds an infinity.
func Pearson(a, b []float64) Result {
	if why := paired(a, b); why != "" {
		return undefined(len(a), why)
	}
	return linear(a, b)
}

// Spearman is the correlation of the mid-ranks of two columns, in [-1, 1]. For n
// up to 8 the p-value is exact, over all orders of one column, with or without
// ties. For larger n it is Pearson's p-value, a good approximation, but at least
// the share of orders that give a perfect correlation; the approximation alone
// would be 0 there. NaN if a column is constant. Source: Spearman 1904.
func Spearman(a, b []float64) Result {
	if why := paired(a, b); why != "" {
		return undefined(len(a), why)
	}
	u, v := MidRanks(a), MidRanks(b)
	r := linear(u, v)
	switch {
	case math.IsNaN(r.Statistic) || r.N < 3:
	case r.N <= spearmanOrders:
		r.P, r.Exact = spearmanByOrders(u, v), true
	case math.Abs(r.Statistic) > 1-1e-14:
		r.P = max(r.P, min(1, 2*perfectOrders(u)))
	}
	return r
}

// spearmanOrders is the largest number of observations for which all orders are
// enumerated: 8! = 40320.
const spearmanOrders = 8

// spearmanByOrders is the share of orders of v whose sum of products with u is at
// least as far from the mean as the sum of the given order. Mid-ranks are counted
// in halves, so the sums are exact.
func spearmanByOrders(u, v []float64) float64 {
	n := len(u)
	x, y := make([]int, n), make([]int, n)
	mean := 2 * n * (n + 1) * (n + 1) // mean of the sum of 2x times 2y, times 2
	now := 0
	for i := range u {
		x[i], y[i] = int(2*u[i]), int(2*v[i])
		now += x[i] * y[i]
	}
	far := max(2*now-mean, mean-2*now)
	seen, extreme := 0, 0
	var visit func(from, sum int)
	visit = func(from, sum int) {
		if from == n {
			seen++
			if d := 2*sum - mean; d >= far || -d >= far {
				extreme++
			}
			return
		}
		for i := from; i < n; i++ {
			y[from], y[i] = y[i], y[from]
			visit(from+1, sum+x[from]*y[from])
			y[from], y[i] = y[i], y[from]
		}
	}
	visit(0, 0)
	return float64(extreme) / float64(seen)
}

// perfectOrders is the share of orders that leave the mid-ranks where they are:
// the orders within ties divided by all orders.
func perfectOrders(ranks []float64) float64 {
	all, _ := math.Lgamma(float64(len(ranks) + 1))
	same := ties(ranks, func(t float64) float64 { v, _ := math.Lgamma(t + 1); return v })
	return math.Exp(same - all)
}

// linear is Pearson's correlation. Deviations are divided by their norm before
// they are multiplied, so that neither small nor large units underflow or
// overflow.
func linear(a, b []float64) Result {
	n := len(a)
	u, v := unit(a), unit(b)
	if u == nil || v == nil {
		return undefined(n, constant)
	}
	r := 0.0
	for i := range u {
		r += float64(u[i] * v[i])
	}
	if math.IsNaN(r) {
		return undefined(n, "a value is infinite")
	}
	r = max(-1, min(1, r))
	return Result{Statistic: r, P: correlationP(r, n), N: n}
}

// unit is x minus its mean, divided by its Euclidean norm; nil if x is constant.
func unit(x []float64) []float64 {
	if slices.Min(x) == slices.Max(x) {
		return nil
	}
	mean := 0.0
	for _, v := range x {
		mean += v / float64(len(x))
	}
	d := make([]float64, len(x))
	norm := 0.0
	for i, v := range x {
		d[i] = v - mean
		norm = math.Hypot(norm, d[i])
	}
	for i := range d {
		d[i] /= norm
	}
	return d
}

// correlationP is the probability, under independence, of a correlation at least
// as far from 0: 1 - r^2 then has a beta distribution.
func correlationP(r float64, n int) float64 {
	switch {
	case n == 2:
		return 1
	case r*r < 3/float64(n+3): // p is far from 0, so 1 - p loses no precision
		return 1 - BetaRatio(float64(r*r), 0.5, float64(n-2)/2)
	}
	return BetaRatio((1-r)*(1+r), float64(n-2)/2, 0.5)
}

// Kendall is tau-b: concordant minus discordant pairs over the geometric mean
// of the pairs untied in each column, in [-1, 1]; counted in O(n log n) (Knight
// 1966). NaN if a column is constant. The p-value is exact without ties up to
// n = 33, and also where at most one pair is out of order; otherwise normal
// with the variance corrected for ties. Source: Kendall 1945 and 1970, chapter 4.
func Kendall(a, b []float64) Result {
	if why := paired(a, b); why != "" {
		return undefined(len(a), why)
	}
	n := len(a)
	c := countPairs(a, b)
	if c.tiedA == c.all || c.tiedB == c.all {
		return undefined(n, constant)
	}
	s := c.all - c.tiedA - c.tiedB + c.tiedBoth - 2*c.discordant
	tau := s / math.Sqrt(c.all-c.tiedA) / math.Sqrt(c.all-c.tiedB)
	r := Result{Statistic: max(-1, min(1, tau)), N: n}
	rare := min(c.discordant, c.all-c.discordant)
	if r.Exact = c.tiedA == 0 && c.tiedB == 0 && (n <= 33 || rare <= 1); r.Exact {
		r.P = min(1, 2*inversionsAtMost(n, int(rare)))
	} else {
		r.P = math.Erfc(math.Abs(s) / math.Sqrt(2*kendallVariance(a, b)))
	}
	return r
}

// pairCounts are numbers of pairs of rows; as float64 they are exact for up to
// 10^8 rows.
type pairCounts struct{ all, tiedA, tiedB, tiedBoth, discordant float64 }

func countPairs(a, b []float64) pairCounts {
	n := len(a)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		if a[i] != a[j] {
			return sign(a[i] - a[j])
		}
		if b[i] != b[j] {
			return sign(b[i] - b[j])
		}
		return i - j
	})
	c := pairCounts{all: pairs(float64(n)), tiedA: ties(a, pairs), tiedB: ties(b, pairs)}
	same, column := 1.0, make([]float64, n)
	for k, i := range order {
		column[k] = b[i]
		if k > 0 && a[i] == a[order[k-1]] && b[i] == b[order[k-1]] {
			c.tiedBoth += same
			same++
		} else {
			same = 1
		}
	}
	c.discordant = inversions(column, make([]float64, n))
	return c
}

func pairs(t float64) float64 { return t * (t - 1) / 2 }

// sign is the sign of a difference; it is right for two different infinities too.
func sign(d float64) int {
	if d < 0 {
		return -1
	}
	return 1
}

// inversions sorts x and counts the pairs that were in falling order.
func inversions(x, spare []float64) float64 {
	n := len(x)
	if n < 2 {
		return 0
	}
	left, right := x[:n/2], x[n/2:]
	count := inversions(left, spare[:n/2]) + inversions(right, spare[n/2:])
	i, j := 0, 0
	for k := range spare {
		if j == len(right) || i < len(left) && left[i] <= right[j] {
			spare[k] = left[i]
			i++
		} else {
			spare[k] = right[j]
			j++
			count += float64(len(left) - i)
		}
	}
	copy(x, spare)
	return count
}

// inversionsAtMost is the chance that a random order of n things has at most c
// inversions: the k-th thing adds 0..k-1 with equal chances.
func inversionsAtMost(n, c int) float64 {
	chance := make([]float64, c+1)
	chance[0] = 1
	next := make([]float64, c+1)
	for k := 2; k <= n; k++ {
		for j := range next {
			next[j] = 0
			for i := max(0, j-k+1); i <= j; i++ {
				next[j] += chance[i]
			}
			next[j] /= float64(k)
		}
		chance, next = next, chance
	}
	total := 0.0
	for _, p := range chance {
		total += p
	}
	return total
}

// kendallVariance is the variance of concordant minus discordant pairs under
// independence, given the ties of both columns.
func kendallVariance(a, b []float64) float64 {
	n := float64(len(a))
	double := func(t float64) float64 { return t * (t - 1) }
	triple := func(t float64) float64 { return t * (t - 1) * (t - 2) }
	weighted := func(t float64) float64 { return t * (t - 1) * (2*t + 5) }
	v := (weighted(n) - ties(a, weighted) - ties(b, weighted)) / 18
	v += ties(a, double) * ties(b, double) / (2 * double(n))
	if n > 2 {
		v += ties(a, triple) * ties(b, triple) / (9 * triple(n))
	}
	return v
}
