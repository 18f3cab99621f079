package ranks

import (
	"math/rand/v2"
	"testing"

	"abstain/metrics/resample"
)

// TestStripes: a model's group is the first whose best model it is not told apart
// from, and the best model is the first of its group.
func TestStripes(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 1))
	for range 20 {
		n := 1 + r.IntN(25)
		x := make([]float64, n)
		influence := make([][]float64, n)
		for i := range x {
			x[i] = 0.02 * float64(r.IntN(12))
			influence[i] = make([]float64, 40)
			for s := range influence[i] {
				influence[i][s] = 0.1 * (1 + r.Float64()) * r.NormFloat64()
			}
		}
		covariance, err := resample.Covariance(influence, 40)
		if err != nil {
			t.Fatal(err)
		}
		noise, err := NewNoise(covariance)
		if err != nil {
			t.Fatal(err)
		}
		sets, err := New(x, noise, Options{Draws: 200, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		stripes := sets.Stripes()
		best := map[int]int{} // of each group, by the order of values
		for _, i := range sets.order() {
			if _, ok := best[stripes[i]]; !ok {
				best[stripes[i]] = i
			}
		}
		for i, own := range stripes {
			first := 1
			for best[first] != i && sets.Separable(best[first], i) {
				first++
			}
			if own != first {
				t.Fatalf("model %d is in group %d, but not told apart from the best of %d", i, own, first)
			}
		}
	}
}
