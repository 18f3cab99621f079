package training

import (
	"math"
	"math/rand/v2"

	"abstain/harness/training/attack"
	"abstain/harness/training/loss"
	"abstain/harness/training/network"
)

// predictions are a model's answers to some rows.
type predictions struct {
	logits network.Matrix[float32] // of a mean of several passes or networks, the logarithms of mean probabilities
	// Of several passes: less the entropy of the mean, and less the mutual information between prediction and weights
	// (Gal and Ghahramani 2016; Houlsby et al. 2011). nil otherwise.
	entropy, information []float64
}

// predict answers the rows. random is the source of stochastic passes.
func (f *fitted) predict(x network.Matrix[float32], random *rand.Rand) predictions {
	if len(f.networks) == 1 && !f.stochastic {
		z := f.networks[0].Forward(x)
		copied := network.NewMatrix[float32](z.Rows, z.Cols)
		copy(copied.V, z.V)
		return predictions{logits: copied}
	}
	var mean loss.Logits
	var expected []float64 // entropy of the single passes
	count := 0
	add := func(n *network.Network[float32]) {
		z := float64s(n.Forward(x))
		if count == 0 {
			mean, expected = loss.New(z.N, z.C), make([]float64, z.N)
		}
		for i, v := range loss.Softmax(z, 1).Z {
			mean.Z[i] += v
		}
		for i, h := range loss.Uncertainty(z) {
			expected[i] += h
		}
		count++
	}
	f.each(random, add)
	p := predictions{logits: network.NewMatrix[float32](mean.N, mean.C), entropy: make([]float64, mean.N), information: make([]float64, mean.N)}
	for i := range mean.N {
		h := 0.0
		for k, v := range mean.Row(i) {
			v /= float64(count)
			if v > 0 {
				h -= v * math.Log(v)
			}
			p.logits.Row(i)[k] = float32(math.Log(math.Max(v, math.SmallestNonzeroFloat32)))
		}
		p.entropy[i] = -h
		p.information[i] = -math.Max(0, h-expected[i]/float64(count))
	}
	return p
}

// each calls visit with every network, or with the same one under other dropouts.
func (f *fitted) each(random *rand.Rand, visit func(*network.Network[float32])) {
	if !f.stochastic {
		for _, n := range f.networks {
			visit(n)
		}
		return
	}
	n := f.networks[0]
	n.Drop(random)
	for range passes {
		visit(n)
	}
	n.Drop(nil)
}

// attacked makes adversarial rows with the gradients of the model itself: FGSM or PGD from one random start. An
// ensemble is attacked through the first of its networks, and a network with stochastic passes without them; the caller
// says so.
func (f *fitted) attacked(kind string, rows Rows, classes int, ball attack.Ball, random *rand.Rand) network.Matrix[float32] {
	n, targets := f.networks[0], loss.OneHot(rows.Labels, classes)
	if kind == "fgsm" {
		return attack.FGSM(n, rows.X, targets, ball)
	}
	return attack.PGD(n, rows.X, attack.Start(rows.X, ball.Epsilon, random), targets, ball)
}

// meanLogits are the mean of all networks' logits.
func (f *fitted) meanLogits(x network.Matrix[float32]) loss.Logits {
	var mean loss.Logits
	for i, n := range f.networks {
		z := float64s(n.Forward(x))
		if i == 0 {
			mean = loss.New(z.N, z.C)
		}
		for k, v := range z.Z {
			mean.Z[k] += v / float64(len(f.networks))
		}
	}
	return mean
}
