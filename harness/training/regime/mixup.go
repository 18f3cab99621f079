package regime

import (
	"math"
	"math/rand/v2"

	"abstain/harness/training/loss"
	"abstain/harness/training/network"
)

// mixup trains on mixtures of two rows of the batch and of their labels.
var mixup = Regime{ID: "mixup", Label: "mixup", Source: "Zhang et al. 2018, equations 1 and 2; alpha = 0.2",
	Objective: func(Setting) Objective[float32] { return mixing{} }}

type mixing struct{}

func (mixing) Prepare(n *network.Network[float32], b Batch[float32], at Iteration) Loss {
	lam := beta(0.2, at.Random)
	perm, partners := make([]int32, b.X.Rows), make([]int32, b.X.Rows)
	for i, partner := range at.Random.Perm(b.X.Rows) {
		perm[i], partners[i] = int32(partner), b.Labels[partner]
	}
	return lossOf(n, Mixture(b.X, perm, lam), func(z loss.Logits) loss.Value {
		return loss.SoftCrossEntropy(z, loss.Mix(b.Labels, partners, z.C, constant(lam, z.N)))
	})
}

// Mixture returns lam x + (1-lam) x[perm], row by row.
func Mixture[T network.Float](x network.Matrix[T], perm []int32, lam float64) network.Matrix[T] {
	mixed := network.NewMatrix[T](x.Rows, x.Cols)
	for i, partner := range perm {
		other := x.Row(int(partner))
		for k, v := range x.Row(i) {
			mixed.Row(i)[k] = T(lam)*v + T(1-lam)*other[k]
		}
	}
	return mixed
}

// beta draws from the distribution Beta(a, a) with a < 1, by Jöhnk's method.
func beta(a float64, random *rand.Rand) float64 {
	for {
		x, y := math.Pow(random.Float64(), 1/a), math.Pow(random.Float64(), 1/a)
		if sum := x + y; sum > 0 && sum <= 1 {
			return x / sum
		}
	}
}
