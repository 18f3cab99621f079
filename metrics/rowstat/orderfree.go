package rowstat

import (
	"math"
	"math/bits"
)

// tally adds up terms to the same bits in any order: as integers, in units of 2^-62.
// Terms are 0 to below 2; what is smaller than a unit is lost of each.
type tally struct{ hi, lo uint64 }

func (t *tally) add(x float64) {
	var carry uint64
	t.lo, carry = bits.Add64(t.lo, uint64(int64(x*0x1p62)), 0)
	t.hi += carry
}

func (t tally) value() float64 { return float64(t.hi)*4 + float64(t.lo)*0x1p-62 }

// unitOf is a power of two over which x > 0 is a term of a tally, and what is far
// below x is too.
func unitOf(x float64) float64 {
	_, e := math.Frexp(x)
	return math.Ldexp(1, min(max(e, -1000), 1023))
}

// signed adds up terms of either sign.
type signed struct{ above, below tally }

func (s *signed) add(x float64) {
	if x < 0 {
		s.below.add(-x)
	} else {
		s.above.add(x)
	}
}

// value is rounded once: the difference is taken of the integers.
func (s signed) value() float64 {
	lo, borrow := bits.Sub64(s.above.lo, s.below.lo, 0)
	hi, borrow := bits.Sub64(s.above.hi, s.below.hi, borrow)
	if borrow == 0 {
		return tally{hi, lo}.value()
	}
	lo, borrow = bits.Sub64(0, lo, 0)
	hi, _ = bits.Sub64(0, hi, borrow)
	return -tally{hi, lo}.value()
}
