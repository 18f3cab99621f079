package recalibrate

import "math"

// increasingZero finds where an increasing function with positive derivative is 0,
// from a start inside positive bounds: Newton's steps, replaced by the geometric
// mean of the bracket where they would leave it. bound says that the function
// does not change sign between the bounds; the result is then the better bound.
func increasingZero(f func(x float64) (value, slope float64), start, least, most float64) (x float64, bound bool) {
	x = start
	lo, hi := least, most
	for range 400 {
		v, slope := f(x)
		switch {
		case v == 0:
			return x, false
		case v < 0:
			lo = x
		default:
			hi = x
		}
		if lo >= most*(1-1e-9) || hi <= least*(1+1e-9) {
			break
		}
		next := x - v/slope
		if math.Abs(next-x) <= 1e-8*x { // a step's error is about the square of the last one's
			return next, false
		}
		if !(next > lo && next < hi) {
			next = math.Sqrt(lo) * math.Sqrt(hi)
			if hi == most { // nothing known above: approach in strides, not at once
				next = min(next, x*16)
			}
			if lo == least {
				next = max(next, x/16)
			}
		}
		if next == lo || next == hi {
			return next, false
		}
		x = next
	}
	if lo >= most*(1-1e-9) {
		return most, true
	}
	if hi <= least*(1+1e-9) {
		return least, true
	}
	return x, false
}

// zeroBetween finds where a function that is not positive at lo and not negative
// at hi is 0: false position, with the Illinois rule against slow ends and
// halving where that does not help.
func zeroBetween(f func(x float64) float64, lo, hi float64) float64 {
	flo, fhi := f(lo), f(hi)
	for k := range 200 {
		if hi-lo <= 1e-15*max(1, math.Abs(lo), math.Abs(hi)) {
			break
		}
		x := lo + (hi-lo)*flo/(flo-fhi)
		if !(x > lo && x < hi) || k%4 == 3 {
			x = lo + (hi-lo)/2
		}
		if x == lo || x == hi {
			break
		}
		switch v := f(x); {
		case v == 0:
			return x
		case v < 0:
			lo, flo, fhi = x, v, fhi/2
		default:
			hi, fhi, flo = x, v, flo/2
		}
	}
	return lo + (hi-lo)/2
}
