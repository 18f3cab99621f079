package meta

import (
	"math"
	"math/rand/v2"
	"testing"

	"abstain/harness/training/loss"
)

// scene is a batch, a meta batch and a last layer.
func scene() (l Head, h loss.Logits, labels []int32, hMeta loss.Logits, labelsMeta []int32, random *rand.Rand) {
	random = rand.New(rand.NewPCG(1, 2))
	draw := func(n, c int) loss.Logits {
		m := loss.New(n, c)
		for i := range m.Z {
			m.Z[i] = random.NormFloat64()
		}
		return m
	}
	l = Head{Features: 5, Classes: 3, W: draw(5, 3).Z, B: draw(1, 3).Z}
	h, hMeta = draw(8, 5), draw(20, 5)
	for range 8 {
		labels = append(labels, int32(random.IntN(3)))
	}
	for range 20 {
		labelsMeta = append(labelsMeta, int32(random.IntN(3)))
	}
	return l, h, labels, hMeta, labelsMeta, random
}

// TestHypergradientsAreDifferences: the derivative of the meta loss by every parameter of gamma-Net, through the
// virtual step, against central differences.
func TestHypergradientsAreDifferences(t *testing.T) {
	l, h, labels, hMeta, labelsMeta, random := scene()
	for name, meta := range map[string]Loss{"CE": CrossEntropy, "SECE": SECE(0.5, 0.1), "DECE": DECE(0.5, loss.StandardDECE)} {
		for _, tanh := range []bool{false, true} {
			g := NewGammaNet(5, random)
			g.Tanh = tanh
			look := func() Bilevel { return g.Look(l, h, labels, 0.3, 8, hMeta, labelsMeta, meta) }
			b := look()
			grad, all := g.Gradient(b.Gammas, b.Slope), g.Parameters()
			largest := 0.0
			for _, v := range grad {
				largest = math.Max(largest, math.Abs(v))
			}
			for i := range all {
				const step = 1e-5
				before := all[i]
				all[i] = before + step
				g.SetParameters(all)
				up := look().Ahead.MetaLoss
				all[i] = before - step
				g.SetParameters(all)
				down := look().Ahead.MetaLoss
				all[i] = before
				g.SetParameters(all)
				if want := (up - down) / (2 * step); math.Abs(want-grad[i]) > 1e-4*largest {
					t.Errorf("%s, tanh %v: derivative by parameter %d is %g, want %g", name, tanh, i, grad[i], want)
				}
			}
		}
	}
}

// TestNoLookAheadNoLearning: with a rate of 0 the meta loss does not depend on gamma-Net, which stays as it is.
func TestNoLookAheadNoLearning(t *testing.T) {
	l, h, labels, hMeta, labelsMeta, random := scene()
	g := NewGammaNet(5, random)
	before := g.Parameters()
	g.Learn(g.Look(l, h, labels, 0, 1, hMeta, labelsMeta, CrossEntropy))
	for i, v := range g.Parameters() {
		if v != before[i] {
			t.Fatalf("parameter %d moved", i)
		}
	}
}

// TestGammasBeginNear the value that the network is made for, and are never negative.
func TestGammasBeginNear(t *testing.T) {
	_, h, _, _, _, random := scene()
	for _, v := range NewGammaNet(5, random).Forward(h).Gamma {
		if v < 0.5 || v > 3 {
			t.Errorf("a gamma begins at %g", v)
		}
	}
}
