package regime

import (
	"abstain/harness/training/loss"
	"abstain/harness/training/network"
)

// TRADES leaves the gradient of CE(clean, targets) + beta KL(clean || adversarial), through both outputs and not
// through the targets, and returns the loss (Zhang et al. 2019, equation 5).
func TRADES[T network.Float](n *network.Network[T], x, adversarial network.Matrix[T], targets loss.Logits, beta float64) float64 {
	both := network.NewMatrix[T](2*x.Rows, x.Cols) // one pass, so that one backward pass suffices
	copy(both.V, x.V)
	copy(both.V[len(x.V):], adversarial.V)
	z := logits(n.Forward(both))
	half := x.Rows * z.C
	clean, attacked := loss.Logits{N: x.Rows, C: z.C, Z: z.Z[:half]}, loss.Logits{N: x.Rows, C: z.C, Z: z.Z[half:]}
	ce := loss.SoftCrossEntropy(clean, targets)
	kl, byAttacked := loss.Divergence(clean, attacked)
	sum := ce.Plus(beta, kl)
	grad := loss.New(2*x.Rows, z.C)
	copy(grad.Z, sum.Grad.Z)
	for i, v := range byAttacked.Z {
		grad.Z[half+i] = beta * v
	}
	n.Backward(gradient[T](grad))
	return sum.Mean
}
