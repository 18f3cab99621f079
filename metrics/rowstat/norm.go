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
	total, least, most := 0.0, math.Inf(1), math.Inf(-1)
	for _, v := range row {
		x := float64(v)
		total, least, most = total+x, min(least, x), max(most, x)
	}
	mean := total / float64(len(row))
	// Of huge logits the sum may overflow, and of equal ones the mean be rounded.
	if !(math.Abs(mean) < math.Inf(1)) && least > math.Inf(-1) && most < math.Inf(1) {
		mean = meanOfHuge(row)
	}
	mean = min(max(mean, least), most)
	scale := max(most-mean, mean-least)
	dst.Mean[i] = mean
	for k, p := range dst.Powers {
		dst.Norm[k][i] = norm(row, mean, scale, p)
	}
}

func meanOfHuge[F real](row []F) (mean float64) {
	for _, v := range row {
		mean += float64(v) / float64(len(row))
	}
	return mean
}

// norm is the p-norm of the row's distances to mean, of which scale is the
// largest: powers of their quotients neither overflow nor all vanish.
func norm[F real](row []F, mean, scale, p float64) float64 {
	switch {
	case p == 0:
		return 1 + (scale - scale) // NaN if there is no mean
	case scale == 0:
		return 0
	}
	sum := 0.0
	if whole := int(min(p, maxWhole)); float64(whole) == p {
		for _, v := range row {
			sum += wholePower(math.Abs(float64(v)-mean)/scale, whole)
		}
	} else {
		for _, v := range row {
			sum += math.Pow(math.Abs(float64(v)-mean)/scale, p)
		}
	}
	return scale * math.Pow(sum, 1/p)
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
