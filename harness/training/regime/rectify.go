package regime

import (
	"abstain/harness/training/loss"
	"abstain/harness/training/network"
)

// Annealing is how ADR's temperature T falls and its interpolation lambda rises over the training
// (Wu, Wang and Chen 2024, section 3.2).
type Annealing struct {
	HighT, LowT           float64
	LowLambda, HighLambda float64
}

// At returns T and lambda at iteration t of n.
func (a Annealing) At(t, n int) (temperature, lambda float64) {
	return network.Anneal(a.HighT, a.LowT, t, n), network.Anneal(a.LowLambda, a.HighLambda, t, n)
}

// Rectified are the soft labels R of a batch.
type Rectified struct {
	P      loss.Logits // the teacher's probabilities at temperature T
	Lambda []float64   // of each sample: lambda - (max P - P_y), within [0, 1]
	R      loss.Logits // lambda_x P + (1 - lambda_x) onehot: the true class is always a largest entry
}

// Rectify makes them of the teacher's logits, which are constants.
func Rectify(teacher loss.Logits, labels []int32, temperature, lambda float64) Rectified {
	r := Rectified{loss.Softmax(teacher, temperature), make([]float64, teacher.N), loss.New(teacher.N, teacher.C)}
	for i, y := range labels {
		p := r.P.Row(i)
		r.Lambda[i] = min(max(lambda-(p[loss.Argmax(p)]-p[y]), 0), 1)
		row := r.R.Row(i)
		for k, v := range p {
			row[k] = r.Lambda[i] * v
		}
		row[y] += 1 - r.Lambda[i]
	}
	return r
}
