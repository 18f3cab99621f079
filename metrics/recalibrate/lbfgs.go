package recalibrate

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/optimize"
)

// leastLBFGS minimises a smooth function from a start by limited-memory BFGS (Nocedal
// 1980). f gives the value and fills the gradient. It ends when no component of the
// gradient reaches the tolerance, when no step lowers the value any more, or after a
// number of steps; converged says that it was the first, or that rounding left nothing
// to gain.
func leastLBFGS(f func(x, gradient []float64) float64, start []float64, tolerance float64, steps int) (x []float64, converged bool) {
	o := objective{f: f, at: slices.Repeat([]float64{math.NaN()}, len(start)), gradient: make([]float64, len(start))}
	r, err := optimize.Minimize(optimize.Problem{Func: o.Func, Grad: o.Grad}, start, &optimize.Settings{
		GradientThreshold: tolerance, MajorIterations: steps, Converger: optimize.NeverTerminate{},
	}, &optimize.LBFGS{Store: remembered})
	if r == nil || r.Gradient == nil {
		return start, false
	}
	if err != nil { // no step along the search direction lowers the value
		tolerance = math.Sqrt(tolerance)
	}
	return r.X, largest(r.Gradient) <= tolerance
}

const remembered = 12 // steps

// objective evaluates value and gradient together, once for each place that is asked
// for both.
type objective struct {
	f            func(x, gradient []float64) float64
	at, gradient []float64
	value        float64
}

func (o *objective) move(x []float64) {
	if !slices.Equal(o.at, x) {
		copy(o.at, x)
		o.value = o.f(o.at, o.gradient)
	}
}

// Func is the value at x.
func (o *objective) Func(x []float64) float64 {
	o.move(x)
	return o.value
}

// Grad fills the gradient at x.
func (o *objective) Grad(gradient, x []float64) {
	o.move(x)
	copy(gradient, o.gradient)
}

func largest(g []float64) float64 {
	most := 0.0
	for _, v := range g {
		most = max(most, math.Abs(v))
	}
	return most
}
