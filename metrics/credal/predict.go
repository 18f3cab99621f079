package credal

import "math"

// Intersection fills dst with the intersection probability of the set around p, and lower
// and upper with the bounds of the classes: l + beta (u - l), the one distribution that
// divides every class's width in the same ratio. beta lies in [0, 1]; it is NaN, and dst is
// p, where the set has one member or none. dst, lower and upper do not overlap p or each
// other.
//
// Source: Cuzzolin 2022, The intersection probability: betting with probability intervals.
func (s *Set) Intersection(dst, lower, upper, p []float64) (beta float64) {
	beta, _ = s.IntersectionAround(dst, lower, upper, around(p))
	return beta
}

// IntersectionAround is Intersection of the row of a centre. It also returns MeanWidth.
func (s *Set) IntersectionAround(dst, lower, upper []float64, c *Centre) (beta, width float64) {
	if !s.boundsAround(lower, upper, c) {
		copy(dst, c.P)
		return math.NaN(), 0
	}
	var least, widths float64
	upper = upper[:len(lower)]
	for k, l := range lower {
		least += l
		widths += upper[k] - l
	}
	if widths <= 0 {
		copy(dst, c.P)
		return math.NaN(), 0
	}
	beta = math.Min(1, math.Max(0, (1-least)/widths))
	dst = dst[:len(lower)]
	for k, l := range lower {
		dst[k] = l + float64(beta*(upper[k]-l))
	}
	return beta, widths / float64(len(lower))
}

// MeanWidth is the mean over classes of upper - lower: how much the set leaves open.
func MeanWidth(lower, upper []float64) float64 {
	total := 0.0
	for k, l := range lower {
		total += upper[k] - l
	}
	return total / float64(len(lower))
}

// ties are values that Argmax takes for equal: rounding may have parted them.
const ties = 1e-9

// Argmax is the class of the largest q; of those within 1e-9 of it the one with the larger
// p, and of these the lowest. Without that, sets that leave several classes open decide by
// the numbers of the classes. tied says whether there was more than one.
func Argmax(q, p []float64) (class int, tied bool) {
	top := highest(q)
	class = -1
	for k, v := range q {
		if v < top-ties {
			continue
		}
		tied = class >= 0
		if class < 0 || p[k] > p[class] {
			class = k
		}
	}
	return class, tied
}

// Entropy is that of a distribution, in bits.
func Entropy(q []float64) float64 {
	h := 0.0
	for _, v := range q {
		if v > 0 {
			h -= float64(v * math.Log2(v))
		}
	}
	return math.Max(0, h)
}
