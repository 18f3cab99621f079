package metrics

import (
	"math"
	"math/bits"
)

// sum adds with compensation (Neumaier 1974): the error of the total is a few
// units in the last place however many terms there are, so that the same terms
// in another order give the same figures to 1e-15. What rounding loses of each
// addition is found without a branch (Knuth's TwoSum).
type sum struct{ s, c float64 }

func (a *sum) add(x float64) {
	t := a.s + x
	v := t - a.s
	a.c += (a.s - (t - v)) + (x - v)
	a.s = t
}

// plus is the sum of two totals.
func (a sum) plus(b sum) sum {
	a.add(b.s)
	a.c += b.c
	return a
}

// value is the total. An infinite term makes the compensation NaN, so it is left out.
func (a *sum) value() float64 {
	if math.IsInf(a.s, 0) {
		return a.s
	}
	return a.s + a.c
}

// unitSum adds terms of 0 to 1 as integers in units of 2^-62. A float64 of at
// least 2^-9 is a whole number of units; smaller ones lose less than one, so
// that a mean is off by less than 2^-62, which is less than a float64 can say.
// Integers add to the same total in any order, and without a chain of roundings
// to wait for: it is both more exact and faster than sum. Terms must lie in
// [0, 2); there may be 2^64 of them.
type unitSum struct{ hi, lo uint64 }

const unit62 = 1 << 62

// units is x in units, rounded down.
func units(x float64) uint64 { return uint64(int64(x * unit62)) }

func (a *unitSum) add(x float64) {
	var carry uint64
	a.lo, carry = bits.Add64(a.lo, units(x), 0)
	a.hi += carry
}

// plus is the sum of two totals.
func (a unitSum) plus(b unitSum) unitSum {
	lo, carry := bits.Add64(a.lo, b.lo, 0)
	hi, _ := bits.Add64(a.hi, b.hi, carry)
	return unitSum{hi, lo}
}

// addTimes adds x m times.
func (a *unitSum) addTimes(x float64, m int) {
	hi, lo := bits.Mul64(units(x), uint64(m))
	*a = a.plus(unitSum{hi, lo})
}

// value is the total.
func (a unitSum) value() float64 { return float64(a.hi)*4 + float64(a.lo)/unit62 }

// less is the total less another one, or less a whole number of ones: exact
// before it is rounded, however close the two are.
func (a unitSum) less(b unitSum) float64 {
	lo, borrow := bits.Sub64(a.lo, b.lo, 0)
	hi, borrow := bits.Sub64(a.hi, b.hi, borrow)
	if borrow == 0 {
		return unitSum{hi, lo}.value()
	}
	lo, borrow = bits.Sub64(0, lo, 0)
	hi, _ = bits.Sub64(0, hi, borrow)
	return -unitSum{hi, lo}.value()
}

// ones is the total of n terms of 1.
func ones(n int) unitSum {
	hi, lo := bits.Mul64(unit62, uint64(n))
	return unitSum{hi, lo}
}
