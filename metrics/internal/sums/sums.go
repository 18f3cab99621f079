// Package sums adds up terms so that their order hardly matters. Begin with Sum,
// which compensates for rounding; Unit adds terms of 0 to 1 as integers, and so
// exactly. It imports the standard library only.
package sums

import (
	"math"
	"math/bits"
)

// Sum adds with compensation (Neumaier 1974): the error of the total is a few
// units in the last place, however many terms there are, so the same terms in
// another order give the same total to 1e-15. What rounding loses in each
// addition is computed without a branch (Knuth's TwoSum).
type Sum struct{ s, c float64 }

// Add adds a term.
func (a *Sum) Add(x float64) {
	t := a.s + x
	v := t - a.s
	a.c += (a.s - (t - v)) + (x - v)
	a.s = t
}

// Plus is the sum of two totals.
func (a Sum) Plus(b Sum) Sum {
	a.Add(b.s)
	a.c += b.c
	return a
}

// Of is the total of one term.
func Of(x float64) Sum { return Sum{s: x} }

// Value is the total. An infinite term makes the compensation NaN, so it is left out.
func (a *Sum) Value() float64 {
	if math.IsInf(a.s, 0) {
		return a.s
	}
	return a.s + a.c
}

// Unit adds terms of 0 to 1 as integers in units of 2^-62. A float64 of at least
// 2^-9 is a whole number of units; a smaller one loses less than one unit. A mean
// is therefore off by less than 2^-62, less than a float64 can express. Integers
// add to the same total in any order, and no addition waits for the rounding of
// the one before, so Unit is both more exact and faster than Sum. Terms must lie
// in [0, 2); there may be 2^64 of them.
type Unit struct{ Hi, Lo uint64 }

const unit62 = 1 << 62

// Units is x in units, rounded down.
func Units(x float64) uint64 { return uint64(int64(x * unit62)) }

// Add adds a term.
func (a *Unit) Add(x float64) {
	var carry uint64
	a.Lo, carry = bits.Add64(a.Lo, Units(x), 0)
	a.Hi += carry
}

// Plus is the sum of two totals.
func (a Unit) Plus(b Unit) Unit {
	lo, carry := bits.Add64(a.Lo, b.Lo, 0)
	hi, _ := bits.Add64(a.Hi, b.Hi, carry)
	return Unit{hi, lo}
}

// AddTimes adds x m times.
func (a *Unit) AddTimes(x float64, m int) {
	hi, lo := bits.Mul64(Units(x), uint64(m))
	*a = a.Plus(Unit{hi, lo})
}

// Value is the total.
func (a Unit) Value() float64 { return float64(a.Hi)*4 + float64(a.Lo)/unit62 }

// Less is the total minus another total, or minus a whole number of ones. It is
// exact until it is rounded, however close the two are.
func (a Unit) Less(b Unit) float64 {
	lo, borrow := bits.Sub64(a.Lo, b.Lo, 0)
	hi, borrow := bits.Sub64(a.Hi, b.Hi, borrow)
	if borrow == 0 {
		return Unit{hi, lo}.Value()
	}
	lo, borrow = bits.Sub64(0, lo, 0)
	hi, _ = bits.Sub64(0, hi, borrow)
	return -Unit{hi, lo}.Value()
}

// Ones is the total of n terms of 1.
func Ones(n int) Unit {
	hi, lo := bits.Mul64(unit62, uint64(n))
	return Unit{hi, lo}
}
