package credal

import (
	"math"
	"math/rand/v2"
	"testing"
)

func TestExpIsMaths(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for range 200000 {
		v := -700 * math.Pow(rng.Float64(), 3)
		if got, want := exp(v), math.Exp(v); math.Abs(got-want) > 5e-16*want {
			t.Fatalf("exp(%v) is %v, want %v", v, got, want)
		}
	}
	values, dst := []float64{3, -20.5, 2.25, -1e5, math.Inf(-1)}, make([]float64, 5)
	total := exponentials(dst, values, 3, 0.7)
	for k, v := range values {
		if want := math.Exp(0.7 * (v - 3)); math.Abs(dst[k]-want) > 1e-15*want {
			t.Errorf("exponentials: %v of %v, want %v", dst[k], v, want)
		}
	}
	if math.Abs(total-dst[0]-dst[1]-dst[2]) > 1e-15 {
		t.Error("the sum is", total)
	}
	if exp(0) != 1 || exp(-1e9) != 0 || exp(math.Inf(-1)) != 0 {
		t.Error("the ends")
	}
	for _, v := range []float64{0.3, 12.5, 300} {
		if got, want := fastExp(v), math.Exp(v); math.Abs(got-want) > 5e-16*want {
			t.Errorf("fastExp(%v) is %v, want %v", v, got, want)
		}
	}
}

func TestOmegaNearIsOmega(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 200000 {
		z := omegaFrom - 2 + (omegaTo-omegaFrom+4)*rng.Float64()
		if got, want := omegaNear(z), omega(z); math.Abs(got-want) > 2e-15*math.Max(want, 1)*4 && math.Abs(got-want) > 1e-14*want {
			t.Fatalf("omega(%v) is %v, want %v", z, got, want)
		}
	}
}
