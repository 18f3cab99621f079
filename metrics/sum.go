package metrics

import "math"

// sum adds with compensation (Neumaier 1974): the error of the total is a few
// units in the last place however many terms there are, so that the same terms
// in another order give the same figures to 1e-15.
type sum struct{ s, c float64 }

func (a *sum) add(x float64) {
	t := a.s + x
	if math.Abs(a.s) >= math.Abs(x) {
		a.c += (a.s - t) + x
	} else {
		a.c += (x - t) + a.s
	}
	a.s = t
}

// value is the total. An infinite term makes the compensation NaN, so it is left out.
func (a *sum) value() float64 {
	if math.IsInf(a.s, 0) {
		return a.s
	}
	return a.s + a.c
}
