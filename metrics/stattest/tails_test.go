package stattest_test

import (
	"math"
	"math/big"
	"testing"

	"abstain/metrics/internal/exact"
	"abstain/metrics/stattest"
)

// Percentage points printed in Abramowitz and Stegun 1972, tables 26.1, 26.8
// and 26.10, or in any later book.
func TestTailsPublished(t *testing.T) {
	near(t, "normal 5 %", stattest.NormalTail(1.959963984540054), 0.025, 1e-14)
	near(t, "normal 1 in 10^9", stattest.NormalTail(5.997807015), 1e-9, 1e-8)
	for _, c := range []struct{ x, df, p float64 }{
		{3.841458821, 1, 0.05}, {18.30703805, 10, 0.05}, {124.3421134, 100, 0.05}, {6.634896601, 1, 0.01}, {23.20925116, 10, 0.01}, {67.32756330, 100, 0.995},
	} {
		near(t, "chi-square", stattest.ChiSquareTail(c.x, c.df), c.p, 1e-7)
	}
	for _, c := range []struct{ t, df, p float64 }{{12.70620474, 1, 0.05}, {2.228138852, 10, 0.05}, {2.000297822, 60, 0.05}, {3.169272673, 10, 0.01}} {
		near(t, "Student", stattest.StudentTwoSided(c.t, c.df), c.p, 1e-8)
	}
}

// For even degrees of freedom the chi-square tail is a sum of Poisson chances.
func TestChiSquareByPoisson(t *testing.T) {
	for _, df := range []int{2, 4, 10, 60, 398, 1000, 5000} {
		for _, x := range []float64{0.01, 0.5, 1, 3, 11.5, 60, 99, 390, 401, 700, 950, 1050} {
			if x > 100*float64(df) {
				continue
			}
			half := exact.Num(x / 2)
			term, total := exact.Num(1), exact.Num(1)
			for k := 1; k < df/2; k++ {
				term = exact.Quo(exact.Mul(term, half), exact.Num(float64(k)))
				total = exact.Add(total, term)
			}
			want := exact.Float64(exact.Mul(total, exact.Exp(exact.Num(-x/2))))
			near(t, "chi-square", stattest.ChiSquareTail(x, float64(df)), want, 1e-12)
		}
	}
}

// For odd ones it climbs from the normal tail: Q(a+1, x) = Q(a, x) + x^a e^-x / Gamma(a+1).
func TestChiSquareOdd(t *testing.T) {
	for _, x := range []float64{1e-6, 0.3, 2, 9, 40, 300} {
		want := math.Erfc(math.Sqrt(x / 2))
		for df := 1; df < 41; df += 2 {
			near(t, "chi-square", stattest.ChiSquareTail(x, float64(df)), want, 1e-12)
			a := float64(df) / 2
			want += math.Exp(a*math.Log(x/2)-x/2) / math.Gamma(a+1)
		}
	}
}

// Student's t has elementary tails for 1, 2 and 4 degrees of freedom.
func TestStudentElementary(t *testing.T) {
	for _, x := range []float64{1e-9, 0.02, 0.5, 1, 3, 25, 1e4, 1e8} {
		near(t, "df 1", stattest.StudentTwoSided(x, 1), 2/math.Pi*math.Atan(1/x), 1e-13)
		// 1 - x/sqrt(2+x^2) without cancellation
		root := math.Sqrt(2 + x*x)
		near(t, "df 2", stattest.StudentTwoSided(-x, 2), 2/(root*(root+x)), 1e-13)
	}
	if p := stattest.StudentTwoSided(math.Inf(-1), 3); p != 0 {
		t.Errorf("at infinity %v", p)
	}
}

// For whole a and b the beta ratio is a binomial tail.
func TestBetaByBinomial(t *testing.T) {
	for _, a := range []int{1, 2, 7, 30, 90} {
		for _, b := range []int{1, 3, 20, 100} {
			for _, x := range []float64{1e-3, 0.1, 0.25, 0.5, 0.77, 0.999} {
				n := a + b - 1
				px, qx, total := exact.Num(x), exact.Sub(exact.Num(1), exact.Num(x)), exact.Num(0)
				for k := a; k <= n; k++ {
					c := new(big.Int).Binomial(int64(n), int64(k))
					term := exact.Mul(new(big.Float).SetPrec(exact.Prec).SetInt(c), exact.Mul(power(px, k), power(qx, n-k)))
					total = exact.Add(total, term)
				}
				near(t, "beta", stattest.BetaRatio(x, float64(a), float64(b)), exact.Float64(total), 2e-12)
			}
		}
	}
}

func power(x *big.Float, k int) *big.Float {
	p := exact.Num(1)
	for range k {
		p = exact.Mul(p, x)
	}
	return p
}

func TestTailEdges(t *testing.T) {
	for name, c := range map[string][2]float64{
		"chi-square at 0":        {stattest.ChiSquareTail(0, 3), 1},
		"chi-square below 0":     {stattest.ChiSquareTail(-1, 3), 1},
		"chi-square at infinity": {stattest.ChiSquareTail(math.Inf(1), 3), 0},
		"chi-square of nothing":  {stattest.ChiSquareTail(1, 0), math.NaN()},
		"chi-square of NaN":      {stattest.ChiSquareTail(math.NaN(), 1), math.NaN()},
		"beta at 0":              {stattest.BetaRatio(0, 1, 2), 0},
		"beta at 1":              {stattest.BetaRatio(1, 1, 2), 1},
		"beta of nothing":        {stattest.BetaRatio(0.5, 0, 2), math.NaN()},
		"Student of nothing":     {stattest.StudentTwoSided(1, 0), math.NaN()},
		"Student at 0":           {stattest.StudentTwoSided(0, 5), 1},
		"normal at 0":            {stattest.NormalTail(0), 0.5},
		"normal at infinity":     {stattest.NormalTail(math.Inf(1)), 0},
	} {
		near(t, name, c[0], c[1], 0)
	}
}

// Small p-values are not lost by computing 1 minus a probability. Values of
// 2*scipy.stats.t.sf(t, df), SciPy 1.10.1.
func TestStudentFarOut(t *testing.T) {
	for _, c := range []struct{ t, df, p float64 }{
		{2, 20, 0.0592655354465705}, {0.3, 500, 0.764301835950807}, {2, 500, 0.0460406827690314}, {4, 500, 7.29160694037128e-05},
		{8, 500, 8.72966279388025e-15}, {10.72, 500, 2.82419487534099e-24}, {8, 100, 2.27286480772808e-12},
		{25, 1000, 1.5203541383322e-107}, {8, 1e5, 1.25739198762563e-15}, {25, 1e5, 1.62177655520712e-137},
	} {
		if got := stattest.StudentTwoSided(c.t, c.df); !(math.Abs(got-c.p) <= 1e-9*c.p) {
			t.Errorf("t = %v, df = %v: %v, want %v", c.t, c.df, got, c.p)
		}
	}
}

// TestStudentReach: it turns StudentTwoSided around, and meets tables.
func TestStudentReach(t *testing.T) {
	for _, df := range []float64{1, 1.5, 2, 2.7, 3, 5.2, 12, 100, 5000} {
		for _, p := range []float64{1e-12, 1e-6, 0.001, 0.05, 0.3, 0.9} {
			if got := stattest.StudentTwoSided(stattest.StudentReach(p, df), df); math.Abs(got/p-1) > 1e-9 {
				t.Errorf("df %v: reach %v of %v is exceeded with %v", df, stattest.StudentReach(p, df), p, got)
			}
		}
	}
	if got := stattest.StudentReach(0.05, 5); math.Abs(got-2.570581836) > 1e-8 {
		t.Errorf("five degrees: %v", got)
	}
	if got := stattest.GammaQuantile(0.975, 3, 3); math.Abs(got-7.2246878) > 1e-6 { // half of chi-square 14.449 with 6 degrees
		t.Errorf("gamma: %v", got)
	}
}
