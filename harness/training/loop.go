package training

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"abstain/harness/training/attack"
	"abstain/harness/training/loss"
	"abstain/harness/training/network"
	"abstain/harness/training/regime"
)

// fitter trains one network.
type fitter struct {
	data   *Data
	recipe Recipe
	family Family
	regime regime.Regime
	// Twins of one base share first weights and the order of batches, so that they differ by the regime alone.
	base, own *rand.Rand
	teacher   loss.Logits // of the training rows
	sum       bool        // of the look-ahead
}

// fitted is a trained network with what makes its predictions.
type fitted struct {
	networks   []*network.Network[float32] // several in an ensemble
	stochastic bool
	gammas     *spread // of gamma-Net over the training rows; nil without one
}

// spread is the mean and the standard deviation of some values.
type spread struct{ mean, deviation float64 }

func spreadOf(v []float64) *spread {
	s, n := spread{}, float64(len(v))
	for _, x := range v {
		s.mean += x / n
	}
	for _, x := range v {
		s.deviation += (x - s.mean) * (x - s.mean) / n
	}
	s.deviation = math.Sqrt(s.deviation)
	return &s
}

// fit trains the network. The error says where it diverged.
func (f *fitter) fit(ctx context.Context) (*fitted, error) {
	if most := f.regime.Epochs; most > 0 {
		f.recipe.Epochs = min(f.recipe.Epochs, most)
	}
	n := f.family.network(f.data, f.regime.Dropout)
	n.Init(f.base)
	order := rand.New(rand.NewPCG(f.base.Uint64(), 1))
	perEpoch := (f.data.Train.X.Rows + f.recipe.Batch - 1) / f.recipe.Batch
	at := regime.Iteration{Steps: f.recipe.Epochs * perEpoch, Random: f.own}
	rate := f.recipe.schedule(at.Steps)
	descent := &network.Descent[float32]{Momentum: f.recipe.Momentum, Decay: f.recipe.Decay, Nesterov: f.recipe.Nesterov && f.regime.Perturb == 0, Clip: f.recipe.Clip}
	objective := f.regime.Objective(f.setting(at.Steps))
	average, best := n.Weights(), checkpoint{score: math.Inf(-1)}
	for at.Epoch = 0; at.Epoch < f.recipe.Epochs; at.Epoch++ {
		n.Drop(f.own)
		for _, rows := range batches(f.data.Train.X.Rows, f.recipe.Batch, order) {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			at.Rate = rate(at.Epoch, at.Step)
			if l := f.step(n, objective, f.batch(rows), at, descent); math.IsNaN(l) || math.IsInf(l, 0) {
				return nil, fmt.Errorf("diverged: the loss is %v in epoch %d, step %d; a lower rate may help", l, at.Epoch+1, at.Step+1)
			}
			if follower, ok := objective.(regime.Follower[float32]); ok {
				follower.Follow(n)
			}
			if f.regime.Average > 0 {
				network.Average(average, n.Tensors(), f.regime.Average)
			}
			at.Step++
		}
		n.Drop(nil)
		if f.regime.Select {
			best.offer(f.score(n), n)
		}
	}
	trained := &fitted{networks: []*network.Network[float32]{n}, stochastic: f.regime.Stochastic}
	if o, ok := objective.(regime.Weigher); ok {
		trained.gammas = spreadOf(o.Gammas(n, f.data.Train.X))
	}
	switch {
	case f.regime.Average > 0:
		n.SetWeights(average)
	case f.regime.Select:
		n.SetWeights(best.weights)
	}
	for _, w := range n.Weights() {
		if w != w {
			return nil, fmt.Errorf("diverged: a weight is NaN")
		}
	}
	return trained, nil
}

// step moves the network once, and returns the loss of the batch.
func (f *fitter) step(n *network.Network[float32], o regime.Objective[float32], b regime.Batch[float32], at regime.Iteration, descent *network.Descent[float32]) float64 {
	gradient := o.Prepare(n, b, at)
	l := gradient()
	if f.regime.Perturb > 0 { // the gradient at a worse place nearby, the step from here
		before := n.Weights()
		network.Climb(n.Tensors(), f.regime.Perturb)
		l = gradient()
		n.SetWeights(before)
	}
	descent.Step(n.Tensors(), at.Rate)
	return l
}

// setting is what the regime's objective may need.
func (f *fitter) setting(steps int) regime.Setting {
	return regime.Setting{Classes: f.data.Classes, Features: f.family.features(f.data), Steps: steps, Teacher: f.teacher,
		Meta: regime.Batch[float32]{X: f.data.Meta.X, Labels: f.data.Meta.Labels}, Ball: f.recipe.Ball, Annealing: f.recipe.Annealing,
		Random: f.own, New: func() *network.Network[float32] { return f.family.network(f.data, 0) }, Sum: f.sum}
}

// batches are the rows in a new random order, cut into batches; the last may be smaller.
func batches(rows, size int, random *rand.Rand) [][]int32 {
	order := make([]int32, rows)
	for i, p := range random.Perm(rows) {
		order[i] = int32(p)
	}
	var list [][]int32
	for len(order) > 0 {
		n := min(size, len(order))
		list = append(list, order[:n])
		order = order[n:]
	}
	return list
}

func (f *fitter) batch(rows []int32) regime.Batch[float32] {
	b := regime.Batch[float32]{X: network.NewMatrix[float32](len(rows), f.data.Train.X.Cols), Rows: rows}
	for i, r := range rows {
		copy(b.X.Row(i), f.data.Train.X.Row(int(r)))
		b.Labels = append(b.Labels, f.data.Train.Labels[r])
	}
	return b
}

// checkpoint is the best network so far.
type checkpoint struct {
	score   float64
	weights []float32
}

func (c *checkpoint) offer(score float64, n *network.Network[float32]) {
	if score > c.score || c.weights == nil {
		c.score, c.weights = score, n.Weights()
	}
}

// score is what checkpoints are selected by, on validation rows: less the loss, or the accuracy under the training's
// attack.
func (f *fitter) score(n *network.Network[float32]) float64 {
	val := f.data.Val
	if !f.regime.Attacked {
		return -loss.CrossEntropy(float64s(n.Forward(val.X)), val.Labels).Mean
	}
	random := rand.New(rand.NewPCG(1, 2)) // the same noise for every checkpoint
	x := attack.PGD(n, val.X, attack.Start(val.X, f.recipe.Ball.Epsilon, random), loss.OneHot(val.Labels, f.data.Classes), f.recipe.Ball)
	return accuracy(float64s(n.Forward(x)), val.Labels)
}

func accuracy(z loss.Logits, labels []int32) float64 {
	right := 0
	for i, y := range labels {
		if loss.Argmax(z.Row(i)) == int(y) {
			right++
		}
	}
	return float64(right) / float64(len(labels))
}

func float64s(m network.Matrix[float32]) loss.Logits {
	z := loss.New(m.Rows, m.Cols)
	for i, v := range m.V {
		z.Z[i] = float64(v)
	}
	return z
}
