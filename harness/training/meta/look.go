// Package meta learns what a training loss depends on (the exponents of the focal loss, the strength of label
// smoothing) through one virtual step of the last layer.
//
// Begin with Look, the step itself, and GammaNet, the meta network that gives every sample its exponent. Because only
// the last layer moves, all derivatives are closed forms. The package may import loss and network.
package meta

import (
	"abstain/harness/training/loss"
)

// Head is a last layer in float64: z = H W + b.
type Head struct {
	Features, Classes int
	W, B              []float64 // Features x Classes; Classes
}

func (l Head) clone() Head {
	l.W, l.B = append([]float64(nil), l.W...), append([]float64(nil), l.B...)
	return l
}

// Logits are those of features H.
func (l Head) Logits(h loss.Logits) loss.Logits {
	z := loss.New(h.N, l.Classes)
	for i := range h.N {
		row := z.Row(i)
		copy(row, l.B)
		for f, v := range h.Row(i) {
			if v == 0 {
				continue
			}
			for k, w := range l.W[f*l.Classes : (f+1)*l.Classes] {
				row[k] += v * w
			}
		}
	}
	return z
}

// Back carries a gradient by the logits of features H to the weights and biases.
func (l Head) Back(h, d loss.Logits) (byW, byB []float64) {
	byW, byB = make([]float64, len(l.W)), make([]float64, len(l.B))
	for i := range h.N {
		row := d.Row(i)
		for k, v := range row {
			byB[k] += v
		}
		for f, v := range h.Row(i) {
			if v == 0 {
				continue
			}
			for k, x := range row {
				byW[f*l.Classes+k] += v * x
			}
		}
	}
	return byW, byB
}

// LookAhead is one virtual step of the last layer, and what the meta loss says of it: the whole bilevel scheme that
// gamma-Net and learned label smoothing share (Bohdal, Yang and Hospedales 2023, algorithm 1). The step is plain: no
// momentum, no decay, no clipping, and the features are constants.
type LookAhead struct {
	Virtual  Head
	MetaLoss float64
	ByW, ByB []float64 // of the meta loss, at the virtual weights
	eta      float64
	h        loss.Logits // features of the training batch
}

// Loss is the loss of the meta batch by its logits.
type Loss func(z loss.Logits, labels []int32) loss.Value

// Look steps from l against the gradient d of the training loss by its logits, at rate eta, and evaluates the meta loss
// there.
func Look(l Head, h, d loss.Logits, eta float64, hMeta loss.Logits, labels []int32, meta Loss) LookAhead {
	a := LookAhead{Virtual: l.clone(), eta: eta, h: h}
	byW, byB := l.Back(h, d)
	for i, g := range byW {
		a.Virtual.W[i] -= eta * g
	}
	for i, g := range byB {
		a.Virtual.B[i] -= eta * g
	}
	v := meta(a.Virtual.Logits(hMeta), labels)
	a.MetaLoss = v.Mean
	a.ByW, a.ByB = a.Virtual.Back(hMeta, v.Grad)
	return a
}

// Slope is, for each training sample, the derivative of the meta loss by a number t_i on which the sample's row of the
// training gradient depends with derivative dRow_i: -eta <H_i G_W + G_b, dRow_i>.
func (a LookAhead) Slope(dRow loss.Logits) []float64 {
	g := Head{a.Virtual.Features, a.Virtual.Classes, a.ByW, a.ByB}.Logits(a.h)
	slope := make([]float64, dRow.N)
	for i := range slope {
		for k, v := range dRow.Row(i) {
			slope[i] -= a.eta * v * g.Row(i)[k]
		}
	}
	return slope
}

// CrossEntropy is the meta loss without a calibration error.
func CrossEntropy(z loss.Logits, labels []int32) loss.Value { return loss.CrossEntropy(z, labels) }

// SECE adds lambda times SECE with bandwidth h to the cross-entropy.
func SECE(lambda, h float64) Loss {
	return func(z loss.Logits, labels []int32) loss.Value {
		return loss.CrossEntropy(z, labels).Plus(lambda, loss.SECELoss(z, labels, h))
	}
}

// DECE adds lambda times DECE.
func DECE(lambda float64, d loss.DECE) Loss {
	return func(z loss.Logits, labels []int32) loss.Value {
		v, _ := d.Loss(z, labels)
		return loss.CrossEntropy(z, labels).Plus(lambda, v)
	}
}
