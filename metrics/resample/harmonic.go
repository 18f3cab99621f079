package resample

import (
	"math"
	"math/bits"
)

// harmonic tables what turns sums over prefixes into one look-up per error. The
// AURC of n samples is the sum over errors at place p of H(n) - H(p-1), so errors
// at places b+1..b+s need a difference of sums of harmonic numbers. Those are
// kept as integers in units of 2^-shift, in which differences are exact.
type harmonic struct {
	shift   uint
	number  []uint64  // H(m), rounded to a unit
	sum     []uint64  // sum of number[p] over p < m
	inverse []float64 // 1/m; 0 for m = 0
}

// newHarmonic tables m = 0..n.
func newHarmonic(n int) *harmonic {
	h := &harmonic{}
	h.grow(n)
	return h
}

// grow extends the tables to n. The unit is as small as the last sum allows.
func (h *harmonic) grow(n int) {
	*h = harmonic{
		shift:  min(44, uint(63-bits.Len(uint(float64(n+1)*(math.Log(float64(n+1))+1))))),
		number: make([]uint64, n+1), sum: make([]uint64, n+1), inverse: make([]float64, n+1),
	}
	unit := float64(uint64(1) << h.shift)
	number, lost := 0.0, 0.0
	for m := 1; m <= n; m++ {
		h.sum[m] = h.sum[m-1] + h.number[m-1]
		h.inverse[m] = 1 / float64(m)
		next := number + (h.inverse[m] + lost)
		lost += h.inverse[m] - (next - number)
		number = next
		h.number[m] = uint64(math.Round((number + lost) * unit))
	}
}

// value turns units into a number.
func (h *harmonic) value(units float64) float64 { return math.Ldexp(units, -int(h.shift)) }

// perfect is the AURC of a perfect ranking of the errors among n samples.
func (h *harmonic) perfect(n, errors int) float64 {
	if errors == 0 {
		return 0
	}
	rights := float64(n - errors)
	return (float64(errors) - float64(rights*h.value(float64(h.number[n]-h.number[n-errors])))) / float64(n)
}
