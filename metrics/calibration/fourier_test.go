package calibration

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestCosines(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{4, 8, 64, 512} {
		x := make([]float64, n)
		for j := range x {
			x[j] = rng.NormFloat64()
		}
		got := cosines(x)
		if len(got) != n/2+1 {
			t.Fatalf("%d numbers of %d", len(got), n)
		}
		for k, v := range got {
			want := 0.0
			for j := range x {
				want += x[j] * math.Cos(2*math.Pi*float64(j*k%n)/float64(n))
			}
			if math.Abs(v-want) > 1e-12*float64(n) {
				t.Errorf("n = %d, k = %d: %v, by definition %v", n, k, v, want)
			}
		}
	}
}
