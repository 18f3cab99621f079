package loss

import "math"

// Focal is -(1-p)^gamma ln p, where p is the probability of the label and gamma a constant of the sample
// (Lin et al. 2017, equation 4). Its gradient by the logits is g (p - onehot).
func Focal(z Logits, labels []int32, gamma []float64) Value {
	v := newValue(z)
	logp := make([]float64, z.C)
	for i, y := range labels {
		LogSoftmax(logp, z.Row(i))
		f := focalOf(logp, int(y))
		v.Each[i] = -f.power(gamma[i]) * f.logp
		f.row(v.Grad.Row(i), logp, int(y), f.g(gamma[i]))
	}
	return v.mean()
}

// FocalWeight is what the gradient of the focal loss has in common with that of cross-entropy:
// the factor g of each sample, dg/dgamma, and dloss/dgamma.
func FocalWeight(z Logits, labels []int32, gamma []float64) (g, slope, lossSlope []float64) {
	g, slope, lossSlope = make([]float64, z.N), make([]float64, z.N), make([]float64, z.N)
	logp := make([]float64, z.C)
	for i, y := range labels {
		LogSoftmax(logp, z.Row(i))
		f := focalOf(logp, int(y))
		g[i], slope[i] = f.g(gamma[i]), f.slope(gamma[i])
		lossSlope[i] = -f.power(gamma[i]) * f.logRest * f.logp
		if f.rest == 0 {
			lossSlope[i] = 0
		}
	}
	return g, slope, lossSlope
}

// FLSD53 is the sample-dependent schedule of gamma of Mukhoti et al. 2020: 5 where
// the label's probability is below 0.2, else 3.
func FLSD53(z Logits, labels []int32) []float64 {
	gamma := make([]float64, z.N)
	logp := make([]float64, z.C)
	for i, y := range labels {
		LogSoftmax(logp, z.Row(i))
		gamma[i] = 3
		if math.Exp(logp[y]) < 0.2 {
			gamma[i] = 5
		}
	}
	return gamma
}

// focal has what the focal loss needs of a sample. rest is 1-p as the sum of the other classes'
// probabilities: of a sure prediction, 1-p itself would be lost in rounding.
type focal struct{ p, logp, rest, logRest float64 }

func focalOf(logp []float64, y int) focal {
	top := math.Inf(-1)
	for k, v := range logp {
		if k != y {
			top = math.Max(top, v)
		}
	}
	sum := 0.0
	for k, v := range logp {
		if k != y {
			sum += math.Exp(v - top)
		}
	}
	logRest := top + math.Log(sum)
	return focal{math.Exp(logp[y]), logp[y], math.Exp(logRest), logRest}
}

// power is (1-p)^gamma.
func (f focal) power(gamma float64) float64 {
	if gamma == 0 {
		return 1
	}
	return math.Exp(gamma * f.logRest)
}

// ratio is p ln p / (1-p), whose limit at p = 1 is -1.
func (f focal) ratio() float64 {
	if f.rest == 0 {
		return -1
	}
	return f.p * f.logp / f.rest
}

// g is (1-p)^gamma - gamma p (1-p)^(gamma-1) ln p.
func (f focal) g(gamma float64) float64 {
	return f.power(gamma) * (1 - gamma*f.ratio())
}

// slope is dg/dgamma; at gamma = 0 it is ln(1-p) - p ln p / (1-p), not 0.
func (f focal) slope(gamma float64) float64 {
	power := f.power(gamma)
	if power == 0 {
		return 0
	}
	return power * (f.logRest - f.ratio()*(1+gamma*f.logRest))
}

// row writes g (p - onehot). The label's own entry is -g (1-p).
func (f focal) row(dst, logp []float64, y int, g float64) {
	for k, v := range logp {
		dst[k] = g * math.Exp(v)
	}
	dst[y] = -g * f.rest
}
