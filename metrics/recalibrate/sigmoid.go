package recalibrate

import (
	"errors"
	"math"

	"abstain/metrics/internal/sums"
)

// nearest is how close to 0 and 1 a confidence is taken to be, at most, before
// its logarithm is.
const nearest = 1e-12

func clip(c float64) float64 { return min(max(c, nearest), 1-nearest) }

// Platt is a sigmoid of the log-odds of the confidence: 1/(1 + exp(-(Slope
// ln(c/(1-c)) + Intercept))). Slope 1 and intercept 0 leave the confidence alone.
type Platt struct{ Slope, Intercept float64 }

// FitPlatt is the logistic regression of correct on the log-odds of confidence,
// which is clipped to 1e-12 from 0 and 1. It is the maximum likelihood except for a
// penalty of 0.5e-10 Slope^2 on the summed loss, which only matters where a
// threshold separates right from wrong and the slope would be infinite. It is an
// error if right or wrong predictions do not occur, or a confidence is NaN. It panics
// if the columns differ in length. Source: Platt 1999, on log-odds and without
// his smoothing of targets, as Kumar et al. 2019.
func FitPlatt(confidence []float64, correct []bool) (Platt, error) {
	if err := checkBinary(confidence, correct); err != nil {
		return Platt{}, err
	}
	w := logistic([]func(c float64) float64{logOdds}, confidence, correct)
	return Platt{Slope: w[0], Intercept: w[1]}, nil
}

// Apply is the sigmoid at a confidence.
func (p Platt) Apply(confidence float64) float64 {
	return sigmoid(float64(p.Slope*logOdds(confidence)) + p.Intercept)
}

// Beta is the map 1/(1 + exp(-(A ln c - B ln(1-c) + Intercept))) with A, B >= 0:
// the log-odds of two beta densities. A = B = 1 and intercept 0 leave the
// confidence alone, which no Platt map of raw scores can do.
type Beta struct{ A, B, Intercept float64 }

// FitBeta is the logistic regression on ln c and -ln(1-c), under the same terms
// as FitPlatt. If a coefficient comes out negative it is set to 0 and the other
// fitted again. Source: Kull, Silva Filho and Flach 2017, section 4.
func FitBeta(confidence []float64, correct []bool) (Beta, error) {
	if err := checkBinary(confidence, correct); err != nil {
		return Beta{}, err
	}
	w := logistic([]func(c float64) float64{logOf, logRest}, confidence, correct)
	switch {
	case w[0] < 0:
		v := logistic([]func(c float64) float64{logRest}, confidence, correct)
		return Beta{B: max(v[0], 0), Intercept: orMean(v, correct)}, nil
	case w[1] < 0:
		v := logistic([]func(c float64) float64{logOf}, confidence, correct)
		return Beta{A: max(v[0], 0), Intercept: orMean(v, correct)}, nil
	}
	return Beta{A: w[0], B: w[1], Intercept: w[2]}, nil
}

// orMean is the fitted intercept, or that of the plain mean where the slope had
// to be set to 0 as well.
func orMean(w []float64, correct []bool) float64 {
	if w[0] >= 0 {
		return w[1]
	}
	right := 0.0
	for _, c := range correct {
		if c {
			right++
		}
	}
	return math.Log(right / (float64(len(correct)) - right))
}

// Apply is the map at a confidence.
func (b Beta) Apply(confidence float64) float64 {
	return sigmoid(float64(b.A*logOf(confidence)) + float64(b.B*logRest(confidence)) + b.Intercept)
}

func logOf(c float64) float64   { return math.Log(clip(c)) }
func logRest(c float64) float64 { return -math.Log1p(-clip(c)) }
func logOdds(c float64) float64 { return logOf(c) + logRest(c) }

func sigmoid(x float64) float64 {
	if x < 0 {
		e := math.Exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-x))
}

func checkBinary(confidence []float64, correct []bool) error {
	if len(confidence) != len(correct) {
		panic("recalibrate: columns differ in length")
	}
	right := 0
	for i, c := range confidence {
		if math.IsNaN(c) {
			return errors.New("recalibrate: a confidence is NaN: leave such rows out")
		}
		if correct[i] {
			right++
		}
	}
	if right == 0 || right == len(correct) {
		return errors.New("recalibrate: the calibration rows are all right or all wrong: give rows of both kinds")
	}
	return nil
}

// ridge is the penalty on the squares of coefficients, half of it, on the summed loss.
const ridge = 1e-10

// logistic fits coefficients, and last an intercept, to features of one
// variable by Newton's steps, damped where a step does not lower the loss.
func logistic(features []func(c float64) float64, x []float64, y []bool) []float64 {
	k := len(features) + 1
	rows := make([]float64, 0, len(x)*k)
	for _, c := range x {
		for _, f := range features {
			rows = append(rows, f(c))
		}
		rows = append(rows, 1)
	}
	w := make([]float64, k)
	loss := logisticLoss(w, rows, y)
	damping := 0.0
	for range 500 {
		gradient, hessian := logisticSlopes(w, rows, y)
		for a := range k {
			hessian[a][a] += damping
		}
		step := solve(hessian, gradient)
		next := make([]float64, k)
		moved := 0.0
		for a := range k {
			next[a] = w[a] - step[a]
			moved = max(moved, math.Abs(step[a])/(1+math.Abs(w[a])))
		}
		if v := logisticLoss(next, rows, y); v <= loss {
			w, loss, damping = next, v, damping/16
		} else {
			damping = max(1e-6, damping*16)
		}
		if moved < 1e-13 {
			break
		}
	}
	return w
}

// logisticLoss is the summed NLL and penalty.
func logisticLoss(w, rows []float64, y []bool) float64 {
	var total sums.Sum
	k := len(w)
	for i, right := range y {
		x := dot(w, rows[i*k:(i+1)*k])
		if right {
			x = -x
		}
		total.Add(max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))))
	}
	for _, v := range w[:k-1] {
		total.Add(ridge / 2 * v * v)
	}
	return total.Value()
}

func logisticSlopes(w, rows []float64, y []bool) (gradient []float64, hessian [][]float64) {
	k := len(w)
	g, h := make([]sums.Sum, k), make([]sums.Sum, k*k)
	for i, right := range y {
		row := rows[i*k : (i+1)*k]
		x := dot(w, row)
		p := sigmoid(x)
		r, v := p, float64(p*sigmoid(-x))
		if right {
			r = -sigmoid(-x)
		}
		for a := range k {
			g[a].Add(float64(r * row[a]))
			for b := range k {
				h[a*k+b].Add(float64(v*row[a]) * row[b])
			}
		}
	}
	for a := range k {
		gradient, hessian = append(gradient, g[a].Value()), append(hessian, make([]float64, k))
		for b := range k {
			hessian[a][b] = h[a*k+b].Value()
		}
		if a < k-1 {
			gradient[a] += ridge * w[a]
			hessian[a][a] += ridge
		}
	}
	return gradient, hessian
}

func dot(a, b []float64) float64 {
	total := 0.0
	for i, v := range a {
		total += float64(v * b[i])
	}
	return total
}

// solve is the solution of m x = b for a small m, by elimination with the largest
// pivot; m is overwritten. A pivot of 0 leaves its unknown at 0.
func solve(m [][]float64, b []float64) []float64 {
	k := len(b)
	x := append([]float64(nil), b...)
	for c := range k {
		p := c
		for r := c + 1; r < k; r++ {
			if math.Abs(m[r][c]) > math.Abs(m[p][c]) {
				p = r
			}
		}
		m[c], m[p], x[c], x[p] = m[p], m[c], x[p], x[c]
		if m[c][c] == 0 {
			continue
		}
		for r := c + 1; r < k; r++ {
			f := m[r][c] / m[c][c]
			for j := c; j < k; j++ {
				m[r][j] -= float64(f * m[c][j])
			}
			x[r] -= float64(f * x[c])
		}
	}
	for c := k - 1; c >= 0; c-- {
		for j := c + 1; j < k; j++ {
			x[c] -= float64(m[c][j] * x[j])
		}
		if m[c][c] == 0 {
			x[c] = 0
		} else {
			x[c] /= m[c][c]
		}
	}
	return x
}
