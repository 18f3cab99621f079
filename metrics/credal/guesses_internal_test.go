package credal

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// TestInterpolated: bounds that are interpolated are those solved for, to 1e-12, at any
// probability, for thin sets and wide ones.
func TestInterpolated(t *testing.T) {
	rng := rand.New(rand.NewPCG(51, 1))
	worst, at, served := 0.0, "", 0
	for _, name := range []string{"kl", "kl-reverse", "alpha@0.9", "alpha@1.2", "alpha@0.3", "alpha@2", "alpha@3.5", "alpha@-0.5", "renyi@1.5", "renyi@0.5"} {
		d, err := Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, threshold := range []float64{1e-12, 1e-9, 1e-6, 1e-3, 0.01, 0.1, 0.5, 1, 2.5, 7} {
			s, err := NewSet(d, threshold)
			if err != nil {
				t.Fatal(err)
			}
			exact := &Set{D: s.D, T: s.T, t: s.t}
			for range 4000 {
				p := math.Exp(-25 * rng.Float64())
				if rng.IntN(3) == 0 {
					p = rng.Float64()
				}
				lower, upper := s.twoClasses(p, 1-p)
				wantLower, wantUpper := exact.twoClasses(p, 1-p)
				if _, ok := interpolated(s.guess.rise, p); ok {
					served++
				}
				if off := math.Max(math.Abs(lower-wantLower), math.Abs(upper-wantUpper)); !(off <= worst) {
					worst, at = off, fmt.Sprintf("%s %v at %v: %v to %v, exactly %v to %v", name, threshold, p, lower, upper, wantLower, wantUpper)
				}
			}
		}
	}
	t.Logf("largest distance %.2g (%s); %d of 400000 interpolated", worst, at, served)
	if !(worst <= 1e-12) {
		t.Errorf("interpolated bounds lie %v off (%s)", worst, at)
	}
}

func BenchmarkNewSet(b *testing.B) {
	for b.Loop() {
		if _, err := NewSet(Divergence{Kind: Alpha, Alpha: 0.9}, 0.3); err != nil {
			b.Fatal(err)
		}
	}
}
