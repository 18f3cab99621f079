package stattest_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	_ "abstain/metrics/internal/conformance" // its flag
	"abstain/metrics/stattest"
)

func near(t *testing.T, name string, got, want, relative float64) {
	t.Helper()
	if math.IsNaN(got) != math.IsNaN(want) || math.Abs(got-want) > relative*math.Abs(want) {
		t.Errorf("%s: got %.17g, want %.17g", name, got, want)
	}
}

// Worked examples of Hollander and Wolfe 1973, with the statistics and p-values
// that the manual pages of R's stats package (wilcox.test, cor.test,
// friedman.test) print for them.
func TestPublished(t *testing.T) {
	before := []float64{1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30}
	after := []float64{0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29}
	r := stattest.Wilcoxon(before, after)
	near(t, "depression: V", 45-r.Statistic, 40, 0)
	near(t, "depression: p", r.P, 0.0390625, 1e-14)

	term := []float64{0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46}
	early := []float64{1.15, 0.88, 0.90, 0.74, 1.21}
	r = stattest.MannWhitney(term, early)
	near(t, "permeability: W", r.Statistic, 35, 0)
	near(t, "permeability: p", r.P, 2*0.1272, 1e-3)

	lightness := []float64{44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1}
	panel := []float64{2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8}
	r = stattest.Kendall(lightness, panel)
	near(t, "tuna: tau", r.Statistic, 4.0/9, 1e-14)
	near(t, "tuna: p", r.P, 0.1194, 5e-4)

	r = stattest.Friedman(rounding)
	near(t, "rounding first base: chi-square", r.Statistic, 11.143, 5e-5)
	near(t, "rounding first base: p", r.P, 0.003805, 2e-4)
}

// rounding has the seconds that 22 players took by three ways of rounding first base.
var rounding = [][]float64{
	{5.40, 5.50, 5.55}, {5.85, 5.70, 5.75}, {5.20, 5.60, 5.50}, {5.55, 5.50, 5.40}, {5.90, 5.85, 5.70}, {5.45, 5.55, 5.60},
	{5.40, 5.40, 5.35}, {5.45, 5.50, 5.35}, {5.25, 5.15, 5.00}, {5.85, 5.80, 5.70}, {5.25, 5.20, 5.10}, {5.65, 5.55, 5.45},
	{5.60, 5.35, 5.45}, {5.05, 5.00, 4.95}, {5.50, 5.50, 5.40}, {5.45, 5.55, 5.50}, {5.55, 5.55, 5.35}, {5.45, 5.50, 5.55},
	{5.50, 5.45, 5.25}, {5.65, 5.60, 5.40}, {5.70, 5.65, 5.55}, {6.30, 6.30, 6.25},
}

// Exact p-values are compared with an enumeration of every order, every choice of
// signs, every split.
func TestExactByEnumeration(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		n := 3 + rng.IntN(5)
		a, b := distinct(rng, n), distinct(rng, n)
		near(t, "Kendall", stattest.Kendall(a, b).P, kendallByOrders(a, b), 1e-12)
		near(t, "Wilcoxon", stattest.Wilcoxon(a, b).P, wilcoxonBySigns(a, b), 1e-12)
		both := distinct(rng, n+4)
		near(t, "MannWhitney", stattest.MannWhitney(both[:n], both[n:]).P, mannWhitneyBySplits(both, n), 1e-12)
	}
}

// The same with ties and differences of 0.
func TestExactWithTies(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	few := func(n int) []float64 {
		x := make([]float64, n)
		for i := range x {
			x[i] = float64(rng.IntN(4))
		}
		return x
	}
	for range 30 {
		n := 3 + rng.IntN(5)
		a, b := few(n), few(n)
		var d []float64
		for i := range a {
			if a[i] != b[i] {
				d = append(d, a[i]-b[i])
			}
		}
		if len(d) > 0 {
			r := stattest.Wilcoxon(a, b)
			near(t, fmt.Sprint("Wilcoxon of ", d), r.P, wilcoxonBySigns(d, make([]float64, len(d))), 1e-12)
			if !r.Exact || r.N != len(d) {
				t.Errorf("Wilcoxon of %v: %+v", d, r)
			}
		}
		if slices.Min(a) < slices.Max(a) && slices.Min(b) < slices.Max(b) {
			near(t, fmt.Sprint("Spearman of ", a, b), stattest.Spearman(a, b).P, spearmanByOrders(a, b), 1e-12)
		}
	}
	// five of one sign among six pairs: 2 of 32 choices of signs
	near(t, "one 0", stattest.Wilcoxon([]float64{1, 2, 3, 4, 5, 0}, make([]float64, 6)).P, 2.0/32, 1e-14)
	// at the largest size for which all orders are enumerated
	a, b := []float64{1, 2, 3, 4, 5, 6, 7, 8}, []float64{2, 4, 3, 1, 5, 7, 6, 8}
	near(t, "rho of eight", stattest.Spearman(a, b).P, spearmanByOrders(a, b), 1e-12)
}

// A correlation of 1 is one order of n!, and one of -1 is another, so the p-value
// is not 0.
func TestSpearmanOfPerfectOrder(t *testing.T) {
	var a, down []float64
	for i := range 12 {
		a, down = append(a, float64(i)), append(down, float64(-i))
	}
	want := 2 / 479001600.0
	near(t, "12 in order", stattest.Spearman(a, a).P, want, 1e-9)
	near(t, "12 in reverse", stattest.Spearman(a, down).P, want, 1e-9)
	tied := slices.Clone(a)
	tied[0] = tied[1]
	near(t, "two tied", stattest.Spearman(tied, tied).P, 2*want, 1e-9)
}

// spearmanByOrders goes through all orders of b.
func spearmanByOrders(a, b []float64) float64 {
	seen, extreme := 0.0, 0.0
	observed := math.Abs(stattest.Spearman(a, b).Statistic)
	permute(slices.Clone(b), 0, func(p []float64) {
		seen++
		if math.Abs(stattest.Pearson(stattest.MidRanks(a), stattest.MidRanks(p)).Statistic) >= observed-1e-12 {
			extreme++
		}
	})
	return extreme / seen
}

// distinct are n values of which no two are equal, nor the sizes of any two differences.
func distinct(rng *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = rng.NormFloat64()
	}
	return x
}

// twinScore is concordant minus discordant pairs.
func twinScore(a, b []float64) (s float64) {
	for i := range a {
		for j := range i {
			d := (a[i] - a[j]) * (b[i] - b[j])
			if d > 0 {
				s++
			} else if d < 0 {
				s--
			}
		}
	}
	return s
}

func kendallByOrders(a, b []float64) float64 {
	seen, extreme := 0.0, 0.0
	observed := math.Abs(twinScore(a, b))
	permute(slices.Clone(b), 0, func(p []float64) {
		seen++
		if math.Abs(twinScore(a, p)) >= observed {
			extreme++
		}
	})
	return extreme / seen
}

func permute(x []float64, from int, visit func([]float64)) {
	if from == len(x) {
		visit(x)
		return
	}
	for i := from; i < len(x); i++ {
		x[from], x[i] = x[i], x[from]
		permute(x, from+1, visit)
		x[from], x[i] = x[i], x[from]
	}
}

func wilcoxonBySigns(a, b []float64) float64 {
	n := len(a)
	rank := make([]float64, n)
	observed := 0.0
	for i := range a {
		for j := range a {
			switch x, y := math.Abs(a[j]-b[j]), math.Abs(a[i]-b[i]); {
			case x < y:
				rank[i]++
			case x == y && j == i:
				rank[i]++
			case x == y:
				rank[i] += 0.5
			}
		}
		if a[i] > b[i] {
			observed += rank[i]
		} else {
			observed -= rank[i]
		}
	}
	extreme := 0.0
	for signs := range 1 << n {
		s := 0.0
		for i, r := range rank {
			if signs>>i&1 == 1 {
				s += r
			} else {
				s -= r
			}
		}
		if math.Abs(s) >= math.Abs(observed) {
			extreme++
		}
	}
	return extreme / float64(int(1)<<n)
}

func twinU(a, b []float64) (u float64) {
	for _, x := range a {
		for _, y := range b {
			switch {
			case x > y:
				u++
			case x == y:
				u += 0.5
			}
		}
	}
	return u
}

func mannWhitneyBySplits(both []float64, m int) float64 {
	middle := float64(m*(len(both)-m)) / 2
	observed := math.Abs(twinU(both[:m], both[m:]) - middle)
	seen, extreme := 0.0, 0.0
	for split := range 1 << len(both) {
		var a, b []float64
		for i, v := range both {
			if split>>i&1 == 1 {
				a = append(a, v)
			} else {
				b = append(b, v)
			}
		}
		if len(a) != m {
			continue
		}
		seen++
		if math.Abs(twinU(a, b)-middle) >= observed {
			extreme++
		}
	}
	return extreme / seen
}

// Statistics against their definitions, on columns full of ties.
func TestStatisticsByDefinition(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 50 {
		n := 4 + rng.IntN(30)
		a, b := make([]float64, n), make([]float64, n)
		for i := range a {
			a[i], b[i] = float64(rng.IntN(5)), float64(rng.IntN(4))
		}
		a[0], a[1], b[0], b[1] = 0, 1, 0, 1
		s, ta, tb := twinScore(a, b), twinScore(a, a), twinScore(b, b)
		near(t, "tau-b", stattest.Kendall(a, b).Statistic+2, s/math.Sqrt(ta*tb)+2, 1e-13)
		near(t, "U", stattest.MannWhitney(a, b).Statistic, twinU(a, b), 0)
		near(t, "rho", stattest.Spearman(a, b).Statistic+2, stattest.Pearson(stattest.MidRanks(a), stattest.MidRanks(b)).Statistic+2, 1e-14)
		u := stattest.MannWhitney(a, b).Statistic
		z := (u - float64(n*n)/2) / math.Sqrt(float64(n*n*(2*n+1))/12)
		near(t, "z", stattest.RankSums(a, b).Statistic+10, z+10, 1e-13)
	}
}

// The variance of Kendall's score among ties, read off a p-value, must be that
// of the scores of random orders.
func TestKendallVarianceBySimulation(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	const n, draws = 60, 4000
	a, b := make([]float64, n), make([]float64, n)
	for i := range a {
		a[i] = float64(rng.IntN(12))
		b[i] = math.Round(a[i]/4 + 4*rng.Float64())
	}
	sd := math.Abs(twinScore(a, b)) / quantile(stattest.Kendall(a, b).P)
	squares := 0.0
	for range draws {
		rng.Shuffle(n, func(i, j int) { b[i], b[j] = b[j], b[i] })
		s := twinScore(a, b)
		squares += s * s
	}
	if ratio := math.Sqrt(squares/draws) / sd; math.Abs(ratio-1) > 5/math.Sqrt(2*draws) {
		t.Errorf("standard deviation of random orders is %.4f of the one used", ratio)
	}
}

// quantile is the z with a two-sided p-value of p, by bisection.
func quantile(p float64) float64 {
	lo, hi := 0.0, 40.0
	for range 200 {
		if mid := (lo + hi) / 2; math.Erfc(mid/math.Sqrt2) > p {
			lo = mid
		} else {
			hi = mid
		}
	}
	return lo
}

// TestCorrelationTail checks very small p-values against the hypergeometric
// series of the incomplete beta function, whose terms are all positive. A
// correlation of 0.4 over 520 models has a p-value of 2e-21, which cannot be
// computed as 1 minus a probability.
func TestCorrelationTail(t *testing.T) {
	for _, n := range []int{5, 40, 520, 5000} {
		for _, r := range []float64{0.02, 0.1, 0.2, 0.3, 0.4, 0.456, 0.49, 0.51, 0.7} {
			x, a, b := (1-r)*(1+r), float64(n-2)/2, 0.5
			term, sum := 1.0, 0.0
			for k := 0; term > 1e-18*sum; k++ {
				sum += term
				term *= x * (a + b + float64(k)) / (a + 1 + float64(k))
			}
			ab, _ := math.Lgamma(a + b)
			ga, _ := math.Lgamma(a)
			gb, _ := math.Lgamma(b)
			want := math.Exp(ab-ga-gb+a*math.Log(x)+b*math.Log(r*r)) / a * sum
			for _, sign := range []float64{1, -1} {
				x, y := make([]float64, n), make([]float64, n) // x and y less its part along x are orthogonal
				for k := range x {
					sin, cos := math.Sincos(2 * math.Pi * float64(k) / float64(n))
					x[k], y[k] = cos, sign*r*cos+math.Sqrt((1-r)*(1+r))*sin
				}
				near(t, fmt.Sprintf("p at n = %d, r = %v", n, sign*r), stattest.Pearson(x, y).P, want, 1e-9)
			}
		}
	}
}

func TestProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	up := func(x []float64) []float64 {
		y := slices.Clone(x)
		for i := range y {
			y[i] = math.Exp(y[i] / 3)
		}
		return y
	}
	for range 40 {
		n := 5 + rng.IntN(80)
		a, b := make([]float64, n), make([]float64, n)
		for i := range a {
			a[i], b[i] = float64(rng.IntN(20)), float64(rng.IntN(20))
		}
		for name, f := range map[string]func(a, b []float64) stattest.Result{
			"Spearman": stattest.Spearman, "Kendall": stattest.Kendall, "MannWhitney": stattest.MannWhitney, "RankSums": stattest.RankSums,
		} {
			r, swapped, bent := f(a, b), f(b, a), f(up(a), up(b))
			if r != bent {
				t.Errorf("%s: a monotone map changes %v to %v", name, r, bent)
			}
			near(t, name+" swapped", swapped.P, r.P, 1e-12)
			if !(r.P >= 0 && r.P <= 1) {
				t.Errorf("%s: p = %v", name, r.P)
			}
		}
		near(t, "Wilcoxon swapped", stattest.Wilcoxon(b, a).P, stattest.Wilcoxon(a, b).P, 0)
	}
}

func TestEdges(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, r := range map[string]stattest.Result{
		"NaN":                 stattest.Spearman([]float64{1, nan, 3}, []float64{1, 2, 3}),
		"constant":            stattest.Kendall([]float64{1, 1, 1}, []float64{1, 2, 3}),
		"constant Pearson":    stattest.Pearson([]float64{1, 2, 3}, []float64{0.1, 0.1, 0.1}),
		"infinite Pearson":    stattest.Pearson([]float64{1, 2, inf}, []float64{1, 2, 3}),
		"one row":             stattest.Pearson([]float64{1}, []float64{1}),
		"one sample":          stattest.MannWhitney(nil, []float64{1}),
		"NaN difference":      stattest.Wilcoxon([]float64{inf}, []float64{inf}),
		"one block":           stattest.Friedman([][]float64{{1, 2}}),
		"constant blocks":     stattest.Friedman([][]float64{{1, 1}, {2, 2}}),
		"NaN block":           stattest.Friedman([][]float64{{1, nan}, {2, 2}}),
		"NaN of rank sums":    stattest.RankSums([]float64{nan}, []float64{2}),
		"no rank sums at all": stattest.RankSums(nil, nil),
	} {
		if !math.IsNaN(r.Statistic) || !math.IsNaN(r.P) || r.Note == "" {
			t.Errorf("%s: %+v, want NaN with a note", name, r)
		}
	}
	if r := stattest.Wilcoxon([]float64{1, 2}, []float64{1, 2}); r.P != 1 || r.N != 0 {
		t.Errorf("no difference: %+v", r)
	}
	if r := stattest.MannWhitney(slices.Repeat([]float64{3}, 20), slices.Repeat([]float64{3}, 20)); r.P != 1 || r.Statistic != 200 {
		t.Errorf("all equal: %+v", r)
	}
	if r := stattest.Pearson([]float64{1, 2}, []float64{5, 4}); math.Abs(r.Statistic+1) > 1e-15 || r.P != 1 {
		t.Errorf("two points: %+v", r)
	}
	if r := stattest.Spearman([]float64{1, inf, 3}, []float64{1, 9, 3}); r.Statistic < 1-1e-15 || math.Abs(r.P-1.0/3) > 1e-15 { // 2 of 6 orders
		t.Errorf("infinite ranks: %+v", r)
	}
	if r := stattest.Pearson([]float64{1e-300, 2e-300, 4e-300, 3e-300}, []float64{1e300, 2e300, 4e300, 3e300}); math.Abs(r.Statistic-1) > 1e-14 {
		t.Errorf("units: %+v", r)
	}
	if got := stattest.MidRanks([]float64{3, nan, 1, 3}); !slices.EqualFunc(got, []float64{2.5, nan, 1, 2.5}, func(a, b float64) bool { return a == b || a != a && b != b }) {
		t.Errorf("mid-ranks: %v", got)
	}
	if stattest.MeanRanks(nil) != nil {
		t.Error("mean ranks of nothing")
	}
}

// One pair out of order among a hundred: the exact chance is 100 of 100! orders, twice.
func TestKendallRareIsExact(t *testing.T) {
	a := make([]float64, 40)
	for i := range a {
		a[i] = float64(i)
	}
	b := slices.Clone(a)
	b[3], b[4] = b[4], b[3]
	g, _ := math.Lgamma(40)
	r := stattest.Kendall(a, b)
	near(t, "p", r.P, 2*math.Exp(-g), 1e-11)
	if !r.Exact {
		t.Error("not exact")
	}
}

// Holm's adjustment against the step-down procedure carried out at each level.
func TestHolm(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	for range 100 {
		p := make([]float64, 1+rng.IntN(8))
		for i := range p {
			p[i] = math.Round(rng.Float64()*20) / 40
		}
		adjusted := stattest.Holm(p)
		for _, level := range []float64{0.011, 0.051, 0.101, 0.301, 0.701, 0.999} {
			rejected := stepDown(p, level)
			for i := range p {
				if rejected[i] != (adjusted[i] <= level) {
					t.Fatalf("level %v, p %v: adjusted %v, rejected %v", level, p, adjusted, rejected)
				}
			}
		}
	}
	got := stattest.Holm([]float64{0.01, math.NaN(), 0.04, 0.03})
	if got[0] != 0.03 || !math.IsNaN(got[1]) || got[2] != 0.06 || got[3] != 0.06 {
		t.Errorf("with NaN: %v", got)
	}
}

// stepDown rejects the smallest p-values as long as they pass level/(tests left).
func stepDown(p []float64, level float64) []bool {
	rejected := make([]bool, len(p))
	for left := len(p); left > 0; left-- {
		least := -1
		for i := range p {
			if !rejected[i] && (least < 0 || p[i] < p[least]) {
				least = i
			}
		}
		if p[least]*float64(left) > level {
			break
		}
		rejected[least] = true
	}
	return rejected
}

// Changes of a share by the same number of samples are ties, even if their last
// bits differ, and a change of the size of a rounding error is no change.
func TestSignedRankOfShares(t *testing.T) {
	var noisy, clean []float64
	for _, k := range []int{836, 820, 640, 910, 305, 777} {
		noisy, clean = append(noisy, float64(k)/1000-float64(k-10)/1000), append(clean, 1)
	}
	noisy, clean = append(noisy, 0.3-0.1-0.2, 0.84-0.87), append(clean, 0, -3)
	if got, want := stattest.SignedRank(noisy), stattest.SignedRank(clean); got.P != want.P || got.Statistic != want.Statistic || got.N != 7 {
		t.Errorf("%v: %+v, want %+v", noisy, got, want)
	}
}
