package resample

import "math"

// LeastP is the smallest two-sided p-value that n paired differences can give a
// test whose only assumption about their distribution is that, where the models are
// alike, each is as likely to have the other sign: 2^(1-n), and 1 for n = 0. Errors
// taken to be normal are none where all samples agree, however few there are; no
// p-value of theirs should be below this.
//
// Source: Fisher 1935, The Design of Experiments, section 21 (sign-flip test).
func LeastP(n int) float64 { return math.Min(1, math.Ldexp(1, 1-n)) }

// Size is the number of units that are drawn: clusters where samples are drawn in
// clusters, samples otherwise.
func (d *Design) Size() int {
	if d.members != nil {
		return len(d.members)
	}
	return d.n
}
