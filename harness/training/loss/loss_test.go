package loss

import (
	"math"
	"math/rand/v2"
	"testing"
)

// draw returns logits and labels of a small batch.
func draw(seed uint64, n, c int) (Logits, []int32) {
	random := rand.New(rand.NewPCG(seed, 1))
	z, labels := New(n, c), make([]int32, n)
	for i := range z.Z {
		z.Z[i] = 2 * random.NormFloat64()
	}
	for i := range labels {
		labels[i] = int32(random.IntN(c))
	}
	return z, labels
}

// TestGradientsAreDifferences compares every gradient by the logits with central differences.
func TestGradientsAreDifferences(t *testing.T) {
	z, labels := draw(1, 12, 4)
	teacher, _ := draw(2, 12, 4)
	gamma := make([]float64, 12)
	for i := range gamma {
		gamma[i] = float64(i) / 3
	}
	for name, of := range map[string]func(z Logits) Value{
		"cross-entropy":   func(z Logits) Value { return CrossEntropy(z, labels) },
		"label smoothing": func(z Logits) Value { return SoftCrossEntropy(z, Smooth(labels, 4, gamma[:12])) },
		"focal":           func(z Logits) Value { return Focal(z, labels, gamma) },
		"distillation":    func(z Logits) Value { return Distillation(z, teacher, labels, 4, 0.9) },
		"Brier":           func(z Logits) Value { return Brier(z, labels) },
		"MMCE":            func(z Logits) Value { return MMCE(z, labels, 0.4) },
		"SECE":            func(z Logits) Value { return SECELoss(z, labels, 0.05) },
		"DECE":            func(z Logits) Value { v, _ := StandardDECE.Loss(z, labels); return v },
		"divergence":      func(z Logits) Value { v, _ := Divergence(z, teacher); return v },
		"divergence by the attacked": func(z Logits) Value {
			v, grad := Divergence(teacher, z)
			v.Grad = grad
			return v
		},
	} {
		grad := of(z).Grad
		largest := 0.0
		for _, g := range grad.Z {
			largest = math.Max(largest, math.Abs(g))
		}
		for i := range z.Z {
			const step = 1e-6
			before := z.Z[i]
			z.Z[i] = before + step
			up := of(z).Mean
			z.Z[i] = before - step
			down := of(z).Mean
			z.Z[i] = before
			if want := (up - down) / (2 * step); math.Abs(want-grad.Z[i]) > 1e-5*largest {
				t.Errorf("%s: gradient by logit %d is %g, want %g", name, i, grad.Z[i], want)
			}
		}
	}
}

// TestFocalAtZeroIsCrossEntropy, and its derivative by gamma there is not 0: a meta network could never leave 0.
func TestFocalAtZeroIsCrossEntropy(t *testing.T) {
	z, labels := draw(3, 20, 5)
	zero := make([]float64, 20)
	focal, ce := Focal(z, labels, zero), CrossEntropy(z, labels)
	for i, g := range focal.Grad.Z {
		if math.Abs(g-ce.Grad.Z[i]) > 1e-15 {
			t.Fatalf("gradient %d is %g, want %g", i, g, ce.Grad.Z[i])
		}
	}
	_, slope, _ := FocalWeight(z, labels, zero)
	small := make([]float64, 20)
	for i := range small {
		small[i] = 1e-7
	}
	g, _, _ := FocalWeight(z, labels, small)
	for i, s := range slope {
		if want := (g[i] - 1) / 1e-7; math.Abs(s-want) > 1e-5*math.Max(1, math.Abs(want)) || s == 0 {
			t.Errorf("dg/dgamma of sample %d is %g, want %g", i, s, want)
		}
	}
}

// TestHopelessSamplesKeepTheirGradient: a label with a probability near 0 has the whole gradient, however near.
func TestHopelessSamplesKeepTheirGradient(t *testing.T) {
	z := Logits{1, 2, []float64{0, 800}}
	v := Focal(z, []int32{0}, []float64{3})
	if v.Each[0] != 800 || math.Abs(v.Grad.Z[1]-1) > 1e-12 {
		t.Errorf("loss %g with gradient %g, want 800 and 1", v.Each[0], v.Grad.Z[1])
	}
}
