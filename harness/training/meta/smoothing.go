package meta

import "abstain/harness/training/loss"

// Smoothing is label smoothing with a learned strength: one for all samples, or one for each class of the label
// (Bohdal, Yang and Hospedales 2023, section 3.3).
type Smoothing struct {
	Epsilon []float64 // of length 1, or one for each class
}

// mostSmoothing is the largest strength.
const mostSmoothing = 0.5

// Of returns the strength of each sample.
func (s Smoothing) Of(labels []int32) []float64 {
	e := make([]float64, len(labels))
	for i, y := range labels {
		e[i] = s.Epsilon[s.place(y)]
	}
	return e
}

func (s Smoothing) place(y int32) int {
	if len(s.Epsilon) == 1 {
		return 0
	}
	return int(y)
}

// Look does the virtual step on the smoothed loss and returns the derivative of the meta cross-entropy by each
// strength. scale is 1 for a training loss that is a mean over the batch and its size for a sum.
func (s Smoothing) Look(l Head, h loss.Logits, labels []int32, eta, scale float64, hMeta loss.Logits, labelsMeta []int32) (LookAhead, []float64) {
	z := l.Logits(h)
	v := loss.SoftCrossEntropy(z, loss.Smooth(labels, z.C, s.Of(labels)))
	ahead := Look(l, h, loss.Logits{N: z.N, C: z.C, Z: scaledBy(v.Grad.Z, scale)}, eta, hMeta, labelsMeta, CrossEntropy)
	dRow := loss.New(z.N, z.C) // p - q, where q moves by 1/C - onehot
	for i, y := range labels {
		for k := range dRow.Row(i) {
			dRow.Row(i)[k] = -scale / float64(z.C*z.N)
		}
		dRow.Row(i)[y] += scale / float64(z.N)
	}
	slope := make([]float64, len(s.Epsilon))
	for i, d := range ahead.Slope(dRow) {
		slope[s.place(labels[i])] += d
	}
	return ahead, slope
}

// Learn moves the strengths against the slope, and keeps them within 0 and 0.5.
func (s Smoothing) Learn(slope []float64, step func(w, g []float64)) {
	step(s.Epsilon, slope)
	for i, e := range s.Epsilon {
		s.Epsilon[i] = min(max(e, 0), mostSmoothing)
	}
}
