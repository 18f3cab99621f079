package recalibrate

import (
	"math"

	"abstain/metrics/internal/sums"
)

// Ensemble is ensemble temperature scaling: a mixture of the softmax at
// temperature T, the softmax as it is, and the uniform distribution. Weights
// are not negative and add to 1. The prediction stays.
type Ensemble struct {
	T      float64
	Weight [3]float64 // of softmax(z/T), softmax(z), 1/classes
	Loss   float64    // mean over the rows fitted on
	// AtBound and Flat are those of the temperature.
	AtBound, Flat bool
}

// FitEnsemble fits T alone first, then the weights for that T, both by the same
// loss. The squared error is a quadratic form of the weights, minimised exactly;
// the NLL is minimised to within 1e-10 of the least by expectation
// maximisation, or to the best of 20 000 steps. Errors are those of FitTemperature.
// Source: Zhang, Kailkhura and Han 2020, section 3.2.
func FitEnsemble(logits []float64, classes int, label []int32, loss Loss) (Ensemble, error) {
	t, err := FitTemperature(logits, classes, label, loss)
	if err != nil {
		return Ensemble{}, err
	}
	e := Ensemble{T: t.T, AtBound: t.AtBound, Flat: t.Flat}
	if loss == SquaredError {
		e.Weight, e.Loss = squaredWeights(logits, classes, label, t.T)
	} else {
		e.Weight, e.Loss = nllWeights(logits, classes, label, t.T)
	}
	return e, nil
}

// Apply fills dst with the probabilities of rows of logits. The two do not overlap.
func (e Ensemble) Apply(dst, logits []float64, classes int) {
	plain := make([]float64, classes)
	for from := 0; from < len(logits); from += classes {
		row, out := logits[from:from+classes], dst[from:from+classes]
		softmax(out, row, 1/e.T)
		softmax(plain, row, 1)
		for j := range out {
			out[j] = float64(e.Weight[0]*out[j]) + float64(e.Weight[1]*plain[j]) + e.Weight[2]/float64(classes)
		}
	}
}

// squaredWeights minimises the mean of sum (w.q - y)^2, a quadratic form in w.
func squaredWeights(logits []float64, classes int, label []int32, t float64) ([3]float64, float64) {
	var gram [3][3]sums.Sum
	var cross [3]sums.Sum
	n := 0.0
	members := [3][]float64{make([]float64, classes), make([]float64, classes), make([]float64, classes)}
	for row, l := range labelled(logits, classes, label) {
		n++
		fillMembers(&members, row, t)
		for a := range members {
			cross[a].Add(members[a][l])
			for b := range a + 1 {
				for j := range row {
					gram[a][b].Add(float64(members[a][j] * members[b][j]))
				}
			}
		}
	}
	var q quadratic
	for a := range 3 {
		q.linear[a] = cross[a].Value() / n
		for b := range a + 1 {
			q.square[a][b] = gram[a][b].Value() / n
			q.square[b][a] = q.square[a][b]
		}
	}
	w := q.leastOnSimplex()
	return w, q.at(w) + 1
}

// fillMembers are the three distributions of a row.
func fillMembers(members *[3][]float64, row []float64, t float64) {
	softmax(members[0], row, 1/t)
	softmax(members[1], row, 1)
	for j := range row {
		members[2][j] = 1 / float64(len(row))
	}
}

// quadratic is w'Aw - 2 c'w with a positive semidefinite A.
type quadratic struct {
	square [3][3]float64
	linear [3]float64
}

func (q *quadratic) at(w [3]float64) float64 {
	v := 0.0
	for a := range 3 {
		v -= 2 * float64(q.linear[a]*w[a])
		for b := range 3 {
			v += float64(float64(w[a]*q.square[a][b]) * w[b])
		}
	}
	return v
}

// leastOnSimplex looks at the least point of every corner, edge and the inside
// of the triangle of weights, and takes the best; of equal ones the first.
func (q *quadratic) leastOnSimplex() [3]float64 {
	candidates := [][3]float64{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}
	for _, pair := range [][2]int{{0, 1}, {0, 2}, {1, 2}} {
		candidates = append(candidates, q.leastOnEdge(pair[0], pair[1])...)
	}
	candidates = append(candidates, q.leastInside()...)
	best := candidates[0]
	for _, w := range candidates[1:] {
		if q.at(w) < q.at(best) {
			best = w
		}
	}
	return best
}

// leastOnEdge is the least point strictly between two corners, if there is one.
func (q *quadratic) leastOnEdge(a, b int) [][3]float64 {
	curve := q.square[a][a] - 2*q.square[a][b] + q.square[b][b]
	t := (q.linear[a] - q.linear[b] - q.square[a][b] + q.square[b][b]) / curve
	if !(t > 0 && t < 1) {
		return nil
	}
	var w [3]float64
	w[a], w[b] = t, 1-t
	return [][3]float64{w}
}

// leastInside is the least point with three positive weights, if there is one.
func (q *quadratic) leastInside() [][3]float64 {
	// w = corner 2 + u (corner 0 - corner 2) + v (corner 1 - corner 2)
	m := func(a, b int) float64 {
		return q.square[a][b] - q.square[a][2] - q.square[2][b] + q.square[2][2]
	}
	r := func(a int) float64 { return q.linear[a] - q.linear[2] - q.square[a][2] + q.square[2][2] }
	det := float64(m(0, 0)*m(1, 1)) - float64(m(0, 1)*m(0, 1))
	u := (float64(r(0)*m(1, 1)) - float64(r(1)*m(0, 1))) / det
	v := (float64(m(0, 0)*r(1)) - float64(m(0, 1)*r(0))) / det
	if !(u > 0 && v > 0 && u+v < 1) {
		return nil
	}
	return [][3]float64{{u, v, 1 - u - v}}
}

// nllWeights minimises the mean of -ln(w.q(label)). Each step multiplies a weight
// by the mean of q/(w.q); by convexity the loss is within (largest of these
// factors) - 1 of the least.
func nllWeights(logits []float64, classes int, label []int32, t float64) ([3]float64, float64) {
	var chances [][3]float64
	members := [3][]float64{make([]float64, classes), make([]float64, classes), make([]float64, classes)}
	for row, l := range labelled(logits, classes, label) {
		fillMembers(&members, row, t)
		chances = append(chances, [3]float64{members[0][l], members[1][l], members[2][l]})
	}
	n := float64(len(chances))
	w := [3]float64{1. / 3, 1. / 3, 1. / 3}
	for range 20_000 {
		var factor [3]sums.Sum
		for _, q := range chances {
			p := mixture(w, q)
			for a := range w {
				factor[a].Add(q[a] / p)
			}
		}
		gap := 0.0
		for a := range w {
			f := factor[a].Value() / n
			gap = max(gap, f-1)
			w[a] *= f
		}
		if gap < 1e-10 {
			break
		}
	}
	var loss sums.Sum
	for _, q := range chances {
		loss.Add(-math.Log(mixture(w, q)))
	}
	return w, loss.Value() / n
}

func mixture(w, q [3]float64) float64 {
	return float64(w[0]*q[0]) + float64(w[1]*q[1]) + float64(w[2]*q[2])
}
