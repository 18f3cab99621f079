package rowstat

import "math"

// PNorm is the confidence MaxLogit-pNorm of row i for p = Powers[k]: the largest
// logit over the p-norm of the row, after the row's mean was taken off its logits.
// It is 0 for a row of equal logits, NaN for one with a logit of -Inf, and for two
// classes and p > 0 the same for all other rows. Source: Cattelan and Silva 2023
// (arXiv:2305.15508), section 4.2.
func (c *Columns) PNorm(i, k int) float64 {
	norm, p := c.Norm[k][i], c.Powers[k]
	switch {
	case norm == 0:
		return 0
	case c.classes == 2 && p > 0 && norm == norm:
		return math.Pow(2, -1/p) // the deviations are opposite
	}
	return (c.Max[i] - c.Mean[i]) / norm
}

// resetNorms makes room for n rows.
func (c *Columns) resetNorms(n int) {
	if len(c.Powers) == 0 {
		c.Mean, c.Norm = c.Mean[:0], c.Norm[:0]
		return
	}
	c.Mean = sized(c.Mean, n)
	if cap(c.Norm) < len(c.Powers) {
		c.Norm = append(c.Norm[:cap(c.Norm)], make([][]float64, len(c.Powers)-cap(c.Norm))...)
	}
	c.Norm = c.Norm[:len(c.Powers)]
	for k, p := range c.Powers {
		if !(p >= 0) {
			panic("rowstat: the norm of logits needs p >= 0")
		}
		c.Norm[k] = sized(c.Norm[k], n)
	}
}

// noNorms fills the columns of the norms where there are no logits.
func (c *Columns) noNorms() {
	for i := range c.Mean {
		c.Mean[i] = math.NaN()
	}
	for _, norm := range c.Norm {
		for i := range norm {
			norm[i] = math.NaN()
		}
	}
}

// putNorms writes mean and norms of one row of logits to place i.
func putNorms[F real](dst *Columns, i int, row []F) {
	if len(dst.Powers) == 0 {
		return
	}
	mean, most, scale := centre(row)
	dst.Mean[i] = mean
	for k, p := range dst.Powers {
		dst.Norm[k][i] = norm(row, mean, most, scale, p)
	}
}

// centre is the mean of a row, its largest value, and the largest distance to the
// mean. With a logit of -Inf the mean is -Inf, and the distance NaN.
func centre[F real](row []F) (mean, most, scale float64) {
	least, most := math.Inf(1), math.Inf(-1)
	for _, v := range row {
		least, most = min(least, float64(v)), max(most, float64(v))
	}
	mean = meanOf(row, max(most, -least))
	mean = min(max(mean, least), most) // of equal logits the mean may be rounded
	return mean, most, max(most-mean, mean-least)
}

// meanOf is the mean of a row whose largest magnitude is given.
func meanOf[F real](row []F, largest float64) float64 {
	if largest == 0 || math.IsInf(largest, 0) {
		return -largest
	}
	var s signed
	unit := unitOf(largest)
	for _, v := range row {
		s.add(float64(v) / unit)
	}
	return s.value() / float64(len(row)) * unit
}

// MaxOverNorm is the confidence MaxLogit-pNorm of one row of finite logits, as
// Columns.PNorm has it, and the largest logit less the mean for p = 0; NaN where a
// logit is infinite or NaN.
func MaxOverNorm(row []float64, p float64) float64 {
	mean, most, scale := centre(row)
	switch {
	case !(scale < math.Inf(1)):
		return math.NaN()
	case scale == 0:
		return 0
	case p == 0:
		return most - mean
	case len(row) == 2:
		return math.Pow(2, -1/p)
	}
	return (most - mean) / norm(row, mean, most, scale, p)
}

// norm is the p-norm of the row's distances to mean, of which scale is the
// largest: powers of their quotients neither overflow nor all vanish. They are
// added up to the same bits in any order of the classes.
func norm[F real](row []F, mean, most, scale, p float64) float64 {
	switch {
	case p == 0:
		return 1 + (scale - scale) // NaN if there is no mean
	case scale == 0:
		return 0
	case scale != scale:
		return scale
	case p == 1:
		return firstNorm(row, mean, most)
	}
	var sum tally
	if whole := int(min(p, maxWhole)); float64(whole) == p {
		for _, v := range row {
			sum.add(wholePower(math.Abs(float64(v)-mean)/scale, whole))
		}
	} else {
		for _, v := range row {
			sum.add(math.Pow(math.Abs(float64(v)-mean)/scale, p))
		}
	}
	return scale * math.Pow(sum.value(), 1/p)
}

// firstNorm is the norm for p = 1. What lies above the mean is as much as what lies
// below, so that twice that is all, and rows of which only the largest logit is above
// have exactly twice its distance: they tie.
func firstNorm[F real](row []F, mean, most float64) float64 {
	top := most - mean
	if !(top > 0) { // there is no mean, or rounding has made it the largest
		return 2 * top
	}
	var sum tally
	for _, v := range row {
		if d := float64(v) - mean; d > 0 {
			sum.add(d / top)
		}
	}
	return 2 * top * sum.value()
}

// maxWhole is up to which p powers are products, and the vector kernels take them.
const maxWhole = 10

// wholePower is x^p for p >= 1.
func wholePower(x float64, p int) float64 {
	power := 1.0
	for ; p > 1; p >>= 1 {
		if p&1 == 1 {
			power *= x
		}
		x *= x
	}
	return power * x
}
