package credal

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestLowerEntropyIsOfAMember: the member of least cost, of which descents are made, lies
// within the set, and no member on the way to another distribution costs less.
func TestLowerEntropyIsOfAMember(t *testing.T) {
	rng := rand.New(rand.NewPCG(61, 1))
	for _, name := range []string{"kl-reverse", "alpha@0.9", "alpha@1.2", "alpha@2", "alpha@-0.5", "renyi@1.5", "renyi@0.5", "wasserstein"} {
		d, err := Parse(name)
		if err != nil {
			t.Fatal(err)
		}
		for range 60 {
			n := 2 + rng.IntN(6)
			p, cost, q := make([]float64, n), make([]float64, n), make([]float64, n)
			for k := range p {
				p[k], cost[k] = math.Exp(3*rng.NormFloat64()), rng.NormFloat64()
			}
			Floor(p, p, 1e-12)
			s, err := NewSet(d, math.Exp(2*rng.NormFloat64()-2))
			if err != nil {
				t.Fatal(err)
			}
			cheapest := s.cheapest
			if d.Kind == Wasserstein {
				cheapest = s.cheapestMove
			}
			cheapest(q, p, cost)
			price := func(q []float64) (sum float64) {
				for k, v := range q {
					sum += v * cost[k]
				}
				return sum
			}
			if far := d.Of(q, p); far > s.T*(1+1e-6)+1e-12 {
				t.Fatalf("%s %v around %v: the cheapest %v lies %v away", name, s.T, p, q, far)
			}
			for range 30 {
				other := make([]float64, n)
				for k := range other {
					other[k] = rng.ExpFloat64() * math.Exp(-2*rng.Float64()*cost[k])
				}
				Floor(other, other, 0)
				lo, hi := 0.0, 1.0
				at := func(w float64) []float64 {
					m := make([]float64, n)
					for k := range m {
						m[k] = p[k] + w*(other[k]-p[k])
					}
					return m
				}
				for range 40 {
					if w := (lo + hi) / 2; s.Holds(at(w), p) {
						lo = w
					} else {
						hi = w
					}
				}
				if m := at(lo); price(m) < price(q)-1e-7 {
					t.Fatalf("%s %v around %v: member %v costs %v, the cheapest %v", name, s.T, p, m, price(m), price(q))
				}
			}
		}
	}
}
