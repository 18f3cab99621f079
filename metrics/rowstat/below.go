package rowstat

import "math"

// The fast kernels measure the second pass over a row of logits from the
// runner-up, not from the maximum: exp(logit - second) does not underflow
// however far the maximum is ahead, and the sums over the classes below keep
// their digits. What they add up is brought to the maximum once per row.

// depth is how far below the runner-up a logit still counts in float64: its
// exponential squared is a normal number, and added over any number of classes
// it does not show beside the runner-up's 1. reach is how large a runner-up may
// be for the difference to be exact enough.
const (
	depth = 300
	reach = 1e9
)

// below holds the sums over all classes but the first maximum of
// e = exp(logit - second), e*e and e*(second - logit).
type below struct{ sum, squares, weighed float64 }

// belowTotals adds them up, to the same bits in any order of the classes.
type belowTotals struct{ sum, squares, weighed tally }

func (b *belowTotals) add(e, d float64) {
	b.sum.add(e)
	b.squares.add(float64(e * e))
	b.weighed.add(float64(e * d))
}

func (b *belowTotals) value() below {
	return below{b.sum.value(), b.squares.value(), b.weighed.value()}
}

// lift brings the sums to the maximum, which leads by gap: g is exp(-gap), and lse
// ln(1 + g sum).
func (b below) lift(gap, g, lse float64) rest {
	return rest{
		sum:       float64(g * b.sum),
		squares:   float64(g*b.squares) * g,
		weighed:   float64(g * (float64(gap*b.sum) + b.weighed)),
		secondExp: g,
		lse:       lse,
	}
}

// within reports whether a row with these leaders can be measured from the
// runner-up: both are finite and not larger than limit. NaN is not within.
func within(peak, second, limit float64) bool {
	return math.Abs(peak) <= limit && math.Abs(second) <= limit
}

// lead is exp(-gap) for a gap of two leaders, which may be as large as it likes.
func lead(gap float64) float64 {
	switch {
	case gap == 0: // nearly always, for the label
		return 1
	case gap > depth:
		return math.Exp(-gap)
	}
	return expMinus(gap)
}
