package loss

import "math"

// DECE is the differentiable ECE of Bohdal, Yang and Hospedales (2023): soft bins of the confidence
// and a soft accuracy by differentiable ranks.
type DECE struct {
	Bins           int     // 15
	BinTemperature float64 // 0.01
	Sharpness      float64 // 100; ranks are sums of sigmoid(it times a difference of probabilities)
	Epsilon        float64 // added to every soft membership: 0, or 1e-6 as in the released code
}

// StandardDECE has the released code's settings.
var StandardDECE = DECE{Bins: 15, BinTemperature: 0.01, Sharpness: 100, Epsilon: 1e-6}

// DECEParts are the soft quantities behind a value.
type DECEParts struct{ Accuracy, Rank, Confidence []float64 }

// Loss computes it. The gradient runs through the confidence, the memberships and the soft accuracy.
func (d DECE) Loss(z Logits, labels []int32) (Value, DECEParts) {
	c := Confidences(z, labels)
	parts := DECEParts{make([]float64, z.N), make([]float64, z.N), c.Confidence}
	n := float64(z.N)
	gap := make([]float64, d.Bins)
	member, slope := make([][]float64, z.N), make([][]float64, z.N)
	for i, y := range labels {
		parts.Rank[i] = d.rank(c.p.Row(i), int(y))
		parts.Accuracy[i] = math.Max(0, 2-parts.Rank[i])
		member[i], slope[i] = d.memberships(c.Confidence[i])
		for m, b := range member[i] {
			gap[m] += b * (parts.Accuracy[i] - c.Confidence[i])
		}
	}
	v := Value{}
	for _, g := range gap {
		v.Mean += math.Abs(g) / n
	}
	byConfidence, byAccuracy := make([]float64, z.N), make([]float64, z.N)
	for i := range z.N {
		for m, b := range member[i] {
			s := sign(gap[m]) / n
			byConfidence[i] += s * (slope[i][m]*(parts.Accuracy[i]-c.Confidence[i]) - b)
			byAccuracy[i] += s * b
		}
	}
	v.Grad = c.back(byConfidence)
	for i, y := range labels {
		if parts.Rank[i] < 2 { // relu'(0) = 0
			d.backRank(v.Grad.Row(i), c.p.Row(i), int(y), -byAccuracy[i])
		}
	}
	return v, parts
}

// memberships are a confidence's shares in the bins, and their derivatives by it.
func (d DECE) memberships(confidence float64) (b, slope []float64) {
	b, slope = make([]float64, d.Bins), make([]float64, d.Bins)
	cut := 0.0
	for m := range b {
		cut += float64(m) / float64(d.Bins)
		b[m] = (float64(m+1)*confidence - cut) / d.BinTemperature
	}
	LogSoftmax(b, b)
	mean := 0.0 // of the bins' numbers
	for m := range b {
		b[m] = math.Exp(b[m])
		mean += b[m] * float64(m+1)
	}
	scale := 1 / (1 + d.Epsilon*float64(d.Bins+1))
	for m := range b {
		slope[m] = b[m] * (float64(m+1) - mean) / d.BinTemperature * scale
		b[m] = (b[m] + d.Epsilon) * scale
	}
	return b, slope
}

// rank is the soft rank of the label among the probabilities; 1 is the top.
func (d DECE) rank(p []float64, y int) float64 {
	r := 1.0
	for j, v := range p {
		if j != y {
			r += sigmoid((v - p[y]) * d.Sharpness)
		}
	}
	return r
}

// backRank adds, to the gradient by a row's logits, by times the derivative of the rank.
func (d DECE) backRank(grad, p []float64, y int, by float64) {
	byP := make([]float64, len(p))
	for j, v := range p {
		if j == y {
			continue
		}
		s := sigmoid((v - p[y]) * d.Sharpness)
		slope := by * s * (1 - s) * d.Sharpness
		byP[j] += slope
		byP[y] -= slope
	}
	inner := 0.0
	for k, v := range byP {
		inner += v * p[k]
	}
	for k, v := range byP {
		grad[k] += p[k] * (v - inner)
	}
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }
