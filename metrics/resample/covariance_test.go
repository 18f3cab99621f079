package resample_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"abstain/metrics/resample"
)

func columns(rng *rand.Rand, models, n int) [][]float64 {
	c := make([][]float64, models)
	for i := range c {
		c[i] = make([]float64, n)
		for s := range c[i] {
			c[i][s] = rng.NormFloat64()
		}
	}
	return c
}

// TestCovariance against the plain sum, for shapes that leave odd tiles and
// panels.
func TestCovariance(t *testing.T) {
	rng := generator(60)
	for _, shape := range [][2]int{{1, 1}, {2, 3}, {3, 511}, {4, 512}, {5, 513}, {9, 1200}, {18, 77}} {
		psi := columns(rng, shape[0], shape[1])
		m, err := resample.Covariance(psi, shape[1])
		if err != nil {
			t.Fatal(err)
		}
		for i := range psi {
			for j := range psi {
				want := 0.0
				for s := range psi[i] {
					want += psi[i][s] * psi[j][s]
				}
				want /= float64(shape[1]) * float64(shape[1])
				if !near(m.At(i, j), want, 1e-13) || m.At(i, j) != m.At(j, i) {
					t.Fatalf("%v: entry (%d, %d) is %v, want %v", shape, i, j, m.At(i, j), want)
				}
			}
		}
	}
}

// TestCovarianceOfBlocks: the digits do not depend on who computes which rows.
func TestCovarianceOfBlocks(t *testing.T) {
	rng := generator(61)
	psi := columns(rng, 23, 1301)
	whole, _ := resample.Covariance(psi, 1301)
	for range 20 {
		m := resample.NewMatrix(len(psi))
		for from := 0; from < len(psi); {
			to := min(len(psi), from+1+rng.IntN(7))
			resample.CovarianceRows(m, psi, 1301, from, to)
			from = to
		}
		if !slices.Equal(m.Data, whole.Data) {
			t.Fatal("another cut into blocks gives other digits")
		}
	}
}

func TestCovarianceAgreesWithStandardErrors(t *testing.T) {
	one, other := twins(generator(62), 500, 0, 0.2)
	ms := measures(t, "aurc")
	a, _ := resample.Influence(ms[0].Metric, 0, one)
	b, _ := resample.Influence(ms[0].Metric, 0, other)
	m, err := resample.Covariance([][]float64{a, b}, 500)
	if err != nil {
		t.Fatal(err)
	}
	if !near(math.Sqrt(m.At(0, 0)), resample.StandardError(a), 1e-13) {
		t.Errorf("variance %v, standard error %v", m.At(0, 0), resample.StandardError(a))
	}
	c := resample.ByInfluence(0, 0, a, b, 500, 0.95)
	if !near(math.Sqrt(m.Variance(0, 1)), c.SE, 1e-12) {
		t.Errorf("standard error of the difference %v, by the matrix %v", c.SE, math.Sqrt(m.Variance(0, 1)))
	}
}

func TestCovarianceNamesWhatIsMissing(t *testing.T) {
	rng := generator(63)
	for want, spoil := range map[string]func(c [][]float64){
		"model 2 of 4 has no influence":             func(c [][]float64) { c[2] = nil },
		"model 1 has influence values of 9 samples": func(c [][]float64) { c[1] = c[1][:9] },
		"model 3: sample 4: influence value NaN":    func(c [][]float64) { c[3][4] = math.NaN() },
		"model 0: sample 0: influence value +Inf":   func(c [][]float64) { c[0][0] = math.Inf(1) },
	} {
		c := columns(rng, 4, 10)
		spoil(c)
		if _, err := resample.Covariance(c, 10); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one that says %q", err, want)
		}
	}
}

// BenchmarkCovariance reports the time of a product of two columns, per sample.
func BenchmarkCovariance(b *testing.B) {
	const models, n = 64, 20000
	psi := columns(generator(64), models, n)
	for b.Loop() {
		if _, err := resample.Covariance(psi, n); err != nil {
			b.Fatal(err)
		}
	}
	perSample(b, n*models*(models+1)/2)
}
