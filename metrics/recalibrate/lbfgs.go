package recalibrate

import "math"

// leastLBFGS minimises a smooth function from a start: limited-memory BFGS
// (Nocedal 1980) with a line search for the weak Wolfe conditions by bisection
// (Lewis and Overton 2013). f gives the value and fills the gradient. It ends
// when no component of the gradient exceeds the tolerance, when no step lowers
// the value any more, or after a number of steps; converged says that it was
// the first, or that rounding left nothing to gain.
func leastLBFGS(f func(x, gradient []float64) float64, start []float64, tolerance float64, steps int) (x []float64, value float64, converged bool) {
	x = append([]float64(nil), start...)
	g := make([]float64, len(x))
	value = f(x, g)
	var past memory
	for range steps {
		if largest(g) <= tolerance {
			return x, value, true
		}
		d := past.direction(g)
		next, nextG, v, ok := lineSearch(f, x, g, d, value)
		if !ok && past.empty() {
			return x, value, largest(g) <= math.Sqrt(tolerance)
		}
		if !ok { // stale curvature: try plain descent once
			past = memory{}
			continue
		}
		past.add(x, next, g, nextG)
		x, g, value = next, nextG, v
	}
	return x, value, largest(g) <= tolerance
}

func largest(g []float64) float64 {
	most := 0.0
	for _, v := range g {
		most = max(most, math.Abs(v))
	}
	return most
}

// lineSearch looks along d for a point that lowers f enough and where its slope
// has risen enough; at the level of rounding the slope alone decides.
func lineSearch(f func(x, gradient []float64) float64, x, g, d []float64, value float64) (next, nextG []float64, v float64, ok bool) {
	const lower, flatter = 1e-4, 0.9
	slope := dot(g, d)
	if !(slope < 0) {
		return nil, nil, 0, false
	}
	next, nextG = make([]float64, len(x)), make([]float64, len(x))
	lo, hi, t := 0.0, math.Inf(1), 1.0
	for range 60 {
		for i := range x {
			next[i] = x[i] + float64(t*d[i])
		}
		v = f(next, nextG)
		rounding := 1e-14 * math.Abs(value)
		switch there := dot(nextG, d); {
		case !(v <= value+float64(lower*t)*slope || v <= value+rounding && math.Abs(there) <= -slope):
			hi = t
		case there < flatter*slope:
			lo = t
		default:
			return next, nextG, v, true
		}
		if math.IsInf(hi, 1) {
			t = 2 * lo
		} else {
			t = (lo + hi) / 2
		}
	}
	return nil, nil, 0, false
}

// memory holds the last steps and what they did to the gradient.
type memory struct {
	step, change [][]float64
	inverse      []float64 // 1/(step.change)
}

const remembered = 12

func (m *memory) empty() bool { return len(m.step) == 0 }

// add keeps a step unless the function was not convex along it.
func (m *memory) add(x, next, g, nextG []float64) {
	s, y := make([]float64, len(x)), make([]float64, len(x))
	for i := range x {
		s[i], y[i] = next[i]-x[i], nextG[i]-g[i]
	}
	sy := dot(s, y)
	if !(sy > 1e-14*math.Sqrt(dot(s, s)*dot(y, y))) {
		return
	}
	m.step, m.change, m.inverse = append(m.step, s), append(m.change, y), append(m.inverse, 1/sy)
	if len(m.step) > remembered {
		m.step, m.change, m.inverse = m.step[1:], m.change[1:], m.inverse[1:]
	}
}

// direction is minus the approximate inverse Hessian times the gradient, by the
// two-loop recursion.
func (m *memory) direction(g []float64) []float64 {
	d := make([]float64, len(g))
	for i, v := range g {
		d[i] = -v
	}
	if m.empty() {
		if size := largest(g); size > 1 {
			for i := range d {
				d[i] /= size
			}
		}
		return d
	}
	last := len(m.step) - 1
	alpha := make([]float64, len(m.step))
	for k := last; k >= 0; k-- {
		alpha[k] = m.inverse[k] * dot(m.step[k], d)
		addTimes(d, -alpha[k], m.change[k])
	}
	scale := 1 / (m.inverse[last] * dot(m.change[last], m.change[last]))
	for i := range d {
		d[i] *= scale
	}
	for k := range m.step {
		beta := m.inverse[k] * dot(m.change[k], d)
		addTimes(d, alpha[k]-beta, m.step[k])
	}
	return d
}

func addTimes(d []float64, factor float64, v []float64) {
	for i := range d {
		d[i] += float64(factor * v[i])
	}
}
