package sums

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestUnitSum(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		n := 1 + rng.IntN(3000)
		x := make([]float64, n)
		exact := new(big.Float).SetPrec(400)
		var a Unit
		for i := range x {
			x[i] = math.Pow(rng.Float64(), float64(rng.IntN(30)))
			if rng.IntN(9) == 0 {
				x[i] = 1
			}
			exact.Add(exact, big.NewFloat(x[i]))
			a.Add(x[i])
		}
		want, _ := exact.Float64()
		if d := math.Abs(a.Value() - want); d > float64(n)*0x1p-62+want*0x1p-53 {
			t.Fatalf("sum of %d terms is off by %g", n, d)
		}
		slices.Sort(x)
		var b Unit
		for _, v := range x {
			b.Add(v)
		}
		if a != b {
			t.Fatal("another order gives another sum")
		}
	}
}

func TestUnitSumTimes(t *testing.T) {
	for _, m := range []int{0, 1, 7, 1 << 30} {
		var a Unit
		a.AddTimes(1, m)
		if a != Ones(m) || a.Value() != float64(m) {
			t.Errorf("%d times 1 is %v", m, a.Value())
		}
	}
	var a, b Unit
	a.AddTimes(0.3, 5)
	for range 5 {
		b.Add(0.3)
	}
	if a != b {
		t.Errorf("5 times 0.3 is %v, added up %v", a.Value(), b.Value())
	}
}

func TestUnitSumLess(t *testing.T) {
	for _, c := range []struct{ a, b, want float64 }{{0.25, 0.75, -0.5}, {0.75, 0.25, 0.5}, {1, 1, 0}, {0, 1, -1}} {
		var a, b Unit
		a.Add(c.a)
		b.Add(c.b)
		if got := a.Less(b); got != c.want {
			t.Errorf("%v less %v is %v", c.a, c.b, got)
		}
	}
	const many = math.MaxInt >> 10 // the most that a float64 holds exactly, where int has 64 bits
	if got := Ones(many).Less(Ones(many - 1)); got != 1 {
		t.Errorf("%d less one less is %v", many, got)
	}
	if got := Ones(3).Less(Ones(many)); got != 3-many {
		t.Errorf("3 less %d is %v", many, got)
	}
}

func TestSum(t *testing.T) {
	var s Sum
	for range 1000 {
		s.Add(1e16)
		s.Add(1)
		s.Add(-1e16)
	}
	if s.Value() != 1000 {
		t.Errorf("sum %v, want 1000", s.Value())
	}
	s.Add(math.Inf(1))
	s.Add(1)
	if !math.IsInf(s.Value(), 1) {
		t.Errorf("sum with an infinite term: %v", s.Value())
	}
}
