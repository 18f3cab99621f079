// Package sums adds up terms so that the order of the terms hardly matters: with
// compensation (Sum), or not at all, as integers (Unit).
package sums

import (
	"math"
	"math/bits"
)

// Sum adds with compensation (Neumaier 1974): the error of the total is a few
// units in the last place however many terms there are, so that the same terms
// in another order give the same figures to 1e-15. What rounding loses of each
// addition is found without a branch (Knuth's TwoSum).
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

// Unit adds terms of 0 to 1 as integers in units of 2^-62. A float64 of at
// least 2^-9 is a whole number of units; smaller ones lose less than one, so
// that a mean is off by less than 2^-62, which is less than a float64 can say.
// Integers add to the same total in any order, and without a chain of roundings
// to wait for: it is both more exact and faster than Sum. Terms must lie in
// [0, 2); there may be 2^64 of them.
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

// Less is the total less another one, or less a whole number of ones: exact
// before it is rounded, however close the two are.
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
