package metrics

import "math"

// Estimate is one metric of one model on one set of samples.
type Estimate struct {
	Value  float64  // NaN when undefined; a Note says why
	Lo, Hi float64  // bounds of the interval; NaN while none was computed
	Level  float64  // confidence level of the interval, e.g. 0.95; 0 while none was computed
	N      int      // number of samples that were used
	Notes  []string // footnotes; every report shows them
}

// Defined reports whether the estimate has a value.
func (e Estimate) Defined() bool { return !math.IsNaN(e.Value) }

// point is an estimate without an interval.
func point(v float64, n int) Estimate {
	return Estimate{Value: v, Lo: math.NaN(), Hi: math.NaN(), N: n}
}

// undefined is an estimate without a value, and the reason.
func undefined(n int, why string) Estimate {
	return Estimate{Value: math.NaN(), Lo: math.NaN(), Hi: math.NaN(), N: n, Notes: []string{why}}
}
