package regime

import (
	"math"
	"math/rand/v2"
	"testing"

	"abstain/harness/training/attack"
	"abstain/harness/training/loss"
	"abstain/harness/training/network"
)

// TestRectifiedLabels: R is a distribution with the true class on top, one-hot where lambda_x is 0, and lambda_x lies
// in [0, 1].
func TestRectifiedLabels(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	z, labels := loss.New(200, 5), make([]int32, 200)
	for i := range z.Z {
		z.Z[i] = 4 * random.NormFloat64()
	}
	for i := range labels {
		labels[i] = int32(random.IntN(5))
	}
	for _, lambda := range []float64{0, 0.3, 0.9, 1} {
		r := Rectify(z, labels, 1.5, lambda)
		oneHot := 0
		for i, y := range labels {
			row, sum := r.R.Row(i), 0.0
			for _, v := range row {
				sum += v
			}
			if math.Abs(sum-1) > 1e-12 || row[y] < row[loss.Argmax(row)]-1e-15 || r.Lambda[i] < 0 || r.Lambda[i] > 1 {
				t.Fatalf("lambda %g: label %d gives R %v with lambda_x %g", lambda, y, row, r.Lambda[i])
			}
			if r.Lambda[i] == 0 {
				oneHot++
				if row[y] != 1 {
					t.Fatalf("lambda_x is 0 and R is %v", row)
				}
			}
		}
		if (oneHot == len(labels)) != (lambda == 0) {
			t.Errorf("lambda %g: %d of %d labels stay one-hot", lambda, oneHot, len(labels))
		}
	}
}

// TestAnnealing begins at its high temperature and low lambda, falls and rises, and ends short of the other ends.
func TestAnnealing(t *testing.T) {
	a := Annealing{HighT: 2, LowT: 1, LowLambda: 0.5, HighLambda: 0.9}
	temperature, lambda := a.At(0, 100)
	if temperature != 2 || lambda != 0.5 {
		t.Errorf("begins at %g and %g", temperature, lambda)
	}
	for i := 1; i < 100; i++ {
		nextT, nextL := a.At(i, 100)
		if nextT >= temperature || nextL <= lambda {
			t.Fatalf("iteration %d: temperature %g after %g, lambda %g after %g", i, nextT, temperature, nextL, lambda)
		}
		temperature, lambda = nextT, nextL
	}
	if temperature <= 1 || lambda >= 0.9 || temperature > 1.001 {
		t.Errorf("ends at %g and %g", temperature, lambda)
	}
}

// TestEveryRegimeLowersItsLoss: some steps along the gradient of one batch lower the loss that the regime states, with
// the same randomness.
func TestEveryRegimeLowersItsLoss(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	make64 := func(rows int) Batch[float32] {
		b := Batch[float32]{X: network.NewMatrix[float32](rows, 6)}
		for i := range rows {
			y := int32(random.IntN(3))
			b.Labels, b.Rows = append(b.Labels, y), append(b.Rows, int32(i))
			for k := range b.X.Row(i) {
				b.X.Row(i)[k] = float32(math.Min(1, 0.5*random.Float64()+0.4*float64((k+int(y))%3)/2))
			}
		}
		return b
	}
	batch, meta := make64(40), make64(30)
	teacher := loss.New(40, 3)
	for i, y := range batch.Labels {
		teacher.Row(i)[y] = 3
	}
	for _, r := range All {
		if r.Objective == nil || r.Head != nil {
			continue
		}
		shape := func() *network.Network[float32] { return network.MLP[float32]([]int{6, 8, 3}, 0) }
		n := shape()
		n.Init(rand.New(rand.NewPCG(5, 6)))
		o := r.Objective(Setting{Classes: 3, Features: 8, Steps: 30, Teacher: teacher, Meta: meta, Ball: attack.Ball{Epsilon: 0.02, Alpha: 0.01, Steps: 3},
			Annealing: Annealing{2, 1, 0.5, 0.9}, Random: rand.New(rand.NewPCG(7, 8)), New: shape})
		d := network.Descent[float32]{Momentum: 0.9}
		first, last := 0.0, 0.0
		for step := range 30 {
			gradient := o.Prepare(n, batch, Iteration{Step: step, Steps: 30, Rate: 0.05, Random: rand.New(rand.NewPCG(9, 10))})
			last = gradient()
			if step == 0 {
				first = last
			}
			d.Step(n.Tensors(), 0.05)
			if f, ok := o.(Follower[float32]); ok {
				f.Follow(n)
			}
		}
		if !(last < first) {
			t.Errorf("%s: the loss goes from %g to %g", r.ID, first, last)
		}
	}
}

// TestEveryRegimeIsNamed once, with a label and a source.
func TestEveryRegimeIsNamed(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range All {
		if seen[r.ID] || r.ID == "" || r.Label == "" || r.Source == "" {
			t.Errorf("regime %q, label %q, source %q", r.ID, r.Label, r.Source)
		}
		seen[r.ID] = true
		if r.Base != "" {
			if _, ok := ByID(r.Base); !ok {
				t.Errorf("%s: no regime is called %s", r.ID, r.Base)
			}
		}
	}
}
