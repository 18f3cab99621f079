// Package attack makes adversarial inputs of a network: FGSM, PGD and the attack of TRADES, each with the gradient of
// the network that it attacks (white box).
//
// Begin with Ball. The package may import network and loss.
package attack

import (
	"math"
	"math/rand/v2"

	"abstain/harness/training/loss"
	"abstain/harness/training/network"
)

// Ball says how far an attack may go: no input moves by more than Epsilon, and none leaves [0, 1]. An iterated attack
// takes Steps steps of Alpha.
type Ball struct {
	Epsilon, Alpha float64
	Steps          int
}

// ascent is the gradient of what an attack raises, by the logits of the inputs as they are now.
type ascent func(z loss.Logits) loss.Logits

// FGSM moves every input by Epsilon along the sign of the gradient of the cross-entropy against the targets
// (Goodfellow et al. 2015, section 4).
func FGSM[T network.Float](n *network.Network[T], x network.Matrix[T], targets loss.Logits, ball Ball) network.Matrix[T] {
	adversarial := clone(x)
	step(n, x, adversarial, crossEntropy(targets), Ball{Epsilon: ball.Epsilon, Alpha: ball.Epsilon})
	return adversarial
}

// PGD repeats steps of Alpha along the sign of the gradient, each followed by the way back into the ball around x
// and into [0, 1] (Madry et al. 2018, section 2.1). It begins at start, as Start draws it.
func PGD[T network.Float](n *network.Network[T], x, start network.Matrix[T], targets loss.Logits, ball Ball) network.Matrix[T] {
	return climb(n, x, start, crossEntropy(targets), ball)
}

// TRADES raises the mean divergence KL(clean || adversarial) instead, the clean outputs being constants (Zhang et al.
// 2019, algorithm 1). It needs no labels. clean are the logits of x.
func TRADES[T network.Float](n *network.Network[T], x, start network.Matrix[T], clean loss.Logits, ball Ball) network.Matrix[T] {
	return climb(n, x, start, func(z loss.Logits) loss.Logits {
		_, byAdversarial := loss.Divergence(clean, z)
		return byAdversarial
	}, ball)
}

// Start draws the usual beginning of PGD: uniform noise in the ball, kept in [0, 1].
func Start[T network.Float](x network.Matrix[T], epsilon float64, random *rand.Rand) network.Matrix[T] {
	noise := network.NewMatrix[T](x.Rows, x.Cols)
	for i := range noise.V {
		noise.V[i] = T(epsilon * (2*random.Float64() - 1))
	}
	return StartAt(x, noise)
}

// StartAt is Start with given noise.
func StartAt[T network.Float](x, noise network.Matrix[T]) network.Matrix[T] {
	start := clone(x)
	for i, v := range noise.V {
		start.V[i] = min(max(x.V[i]+v, 0), 1)
	}
	return start
}

// StartTRADES is the beginning of the attack of TRADES, 0.001 times uniform numbers in [0, 1) above x, as in its code.
// It is not kept in [0, 1].
func StartTRADES[T network.Float](x network.Matrix[T], uniform func(i int) float64) network.Matrix[T] {
	start := clone(x)
	for i := range start.V {
		start.V[i] += T(0.001 * uniform(i))
	}
	return start
}

func crossEntropy(targets loss.Logits) ascent {
	return func(z loss.Logits) loss.Logits { return loss.SoftCrossEntropy(z, targets).Grad }
}

func climb[T network.Float](n *network.Network[T], x, start network.Matrix[T], up ascent, ball Ball) network.Matrix[T] {
	adversarial := clone(start)
	for range ball.Steps {
		step(n, x, adversarial, up, ball)
	}
	return adversarial
}

// step moves the adversarial inputs once.
func step[T network.Float](n *network.Network[T], x, adversarial network.Matrix[T], up ascent, ball Ball) {
	out := n.Forward(adversarial)
	z := loss.New(out.Rows, out.Cols)
	for i, v := range out.V {
		z.Z[i] = float64(v)
	}
	d := network.NewMatrix[T](out.Rows, out.Cols)
	// The sign does not depend on the scale, and in float32 a mean over many rows would lose small gradients.
	for i, v := range up(z).Z {
		d.V[i] = T(v * float64(out.Rows))
	}
	epsilon, alpha := T(ball.Epsilon), float64(T(ball.Alpha))
	for i, g := range n.InputGradient(d).V {
		move := adversarial.V[i] - x.V[i]
		if g != 0 {
			move += T(math.Copysign(alpha, float64(g))) // no branch: nobody can predict the sign
		}
		adversarial.V[i] = min(max(x.V[i]+min(max(move, -epsilon), epsilon), 0), 1)
	}
}

func clone[T network.Float](x network.Matrix[T]) network.Matrix[T] {
	c := network.NewMatrix[T](x.Rows, x.Cols)
	copy(c.V, x.V)
	return c
}
