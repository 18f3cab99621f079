package regime

import (
	"math/rand/v2"

	"abstain/harness/training/loss"
	"abstain/harness/training/network"
)

// Batch is some rows of the training set.
type Batch[T network.Float] struct {
	X      network.Matrix[T]
	Labels []int32
	Rows   []int32 // their places in the training set
}

// Iteration says where in the training a batch comes.
type Iteration struct {
	Epoch, Step int     // from 0; Step counts through all epochs
	Steps       int     // of the whole training
	Rate        float64 // of the step that follows
	Random      *rand.Rand
}

// Objective is what a regime minimises.
type Objective[T network.Float] interface {
	// Prepare fixes what a batch's loss is of (attacked or mixed rows, soft labels) and returns that loss. It may be
	// evaluated at other weights of the network than those it was prepared at.
	Prepare(n *network.Network[T], b Batch[T], at Iteration) Loss
}

// Loss leaves in the network's tensors the gradient of a batch's mean loss at its weights as they are, and returns the
// loss.
type Loss func() float64

// Follower is an Objective with something to do after each step of the optimiser.
type Follower[T network.Float] interface {
	Follow(n *network.Network[T])
}

// Weigher is an Objective that gives every row an exponent of its own.
type Weigher interface {
	Gammas(n *network.Network[float32], x network.Matrix[float32]) []float64
}

// of is an objective that is a loss of the batch's logits.
type of[T network.Float] func(z loss.Logits, b Batch[T], at Iteration) loss.Value

func (o of[T]) Prepare(n *network.Network[T], b Batch[T], at Iteration) Loss {
	return lossOf(n, b.X, func(z loss.Logits) loss.Value { return o(z, b, at) })
}

// lossOf is a loss of the network's logits for rows x.
func lossOf[T network.Float](n *network.Network[T], x network.Matrix[T], of func(z loss.Logits) loss.Value) Loss {
	return func() float64 {
		v := of(logits(n.Forward(x)))
		n.Backward(gradient[T](v.Grad))
		return v.Mean
	}
}

// logits copies a network's outputs to float64.
func logits[T network.Float](m network.Matrix[T]) loss.Logits {
	z := loss.New(m.Rows, m.Cols)
	for i, v := range m.V {
		z.Z[i] = float64(v)
	}
	return z
}

// gradient copies a loss's gradient to the network's precision.
func gradient[T network.Float](g loss.Logits) network.Matrix[T] {
	m := network.NewMatrix[T](g.N, g.C)
	for i, v := range g.Z {
		m.V[i] = T(v)
	}
	return m
}
