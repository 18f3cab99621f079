package attack

import (
	"math"
	"math/rand/v2"
	"testing"

	"abstain/harness/training/loss"
	"abstain/harness/training/network"
)

// trained is a small network after a few steps of descent, so that its gradients mean something, with rows in [0, 1].
func trained(t *testing.T) (*network.Network[float64], network.Matrix[float64], loss.Logits) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	n := network.MLP[float64]([]int{10, 16, 3}, 0)
	n.Init(random)
	x := network.NewMatrix[float64](60, 10)
	labels := make([]int32, x.Rows)
	for i := range labels {
		labels[i] = int32(i % 3)
		for k := range x.Row(i) {
			x.Row(i)[k] = math.Min(1, 0.6*random.Float64()+0.3*float64((k+i)%3)/2)
		}
	}
	targets := loss.OneHot(labels, 3)
	d := network.Descent[float64]{Momentum: 0.9}
	for range 100 {
		v := loss.SoftCrossEntropy(outputs(n, x), targets)
		n.Forward(x)
		n.Backward(network.Matrix[float64]{Rows: x.Rows, Cols: 3, V: v.Grad.Z})
		d.Step(n.Tensors(), 0.1)
	}
	return n, x, targets
}

func outputs(n *network.Network[float64], x network.Matrix[float64]) loss.Logits {
	z := n.Forward(x)
	return loss.Logits{N: z.Rows, C: z.Cols, Z: append([]float64(nil), z.V...)}
}

// TestAttacksStayInside: no input leaves the ball around its clean value, nor [0, 1].
func TestAttacksStayInside(t *testing.T) {
	n, x, targets := trained(t)
	ball := Ball{Epsilon: 0.15, Alpha: 0.04, Steps: 10}
	random := rand.New(rand.NewPCG(3, 4))
	clean := outputs(n, x)
	for name, a := range map[string]network.Matrix[float64]{
		"FGSM":   FGSM(n, x, targets, ball),
		"PGD":    PGD(n, x, Start(x, ball.Epsilon, random), targets, ball),
		"TRADES": TRADES(n, x, StartTRADES(x, func(int) float64 { return random.Float64() }), clean, ball),
	} {
		for i, v := range a.V {
			if math.Abs(v-x.V[i]) > ball.Epsilon+1e-12 || v < 0 || v > 1 {
				t.Fatalf("%s: input %d went from %g to %g", name, i, x.V[i], v)
			}
		}
	}
}

// TestPGDIsStronger than FGSM, and stronger the larger its ball.
func TestPGDIsStronger(t *testing.T) {
	n, x, targets := trained(t)
	lossOf := func(a network.Matrix[float64]) float64 { return loss.SoftCrossEntropy(outputs(n, a), targets).Mean }
	before := lossOf(x)
	for _, epsilon := range []float64{0.02, 0.05, 0.1, 0.2} {
		ball := Ball{Epsilon: epsilon, Alpha: epsilon / 4, Steps: 20}
		pgd, fgsm := lossOf(PGD(n, x, x, targets, ball)), lossOf(FGSM(n, x, targets, ball))
		if pgd <= before || pgd < fgsm {
			t.Errorf("epsilon %g: loss %g under PGD, %g under FGSM, %g in the smaller ball", epsilon, pgd, fgsm, before)
		}
		before = pgd
	}
}

// TestDeadInputsStay: an input on which nothing depends has gradient 0, and sign(0) is 0.
func TestDeadInputsStay(t *testing.T) {
	n, x, targets := trained(t)
	first := n.Tensors()[0]
	clear(first.Value[:16]) // the weights of input 0
	ball := Ball{Epsilon: 0.1, Alpha: 0.03, Steps: 5}
	a := PGD(n, x, x, targets, ball)
	for i := range x.Rows {
		if a.Row(i)[0] != x.Row(i)[0] {
			t.Fatalf("row %d: the dead input moved", i)
		}
	}
}
