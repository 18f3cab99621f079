// Package loss has the losses that classifiers are trained with, each with its gradient
// by the logits in closed form.
//
// Begin with Logits and Value. A function takes the logits of a batch and returns the loss of
// each sample where the loss is one, the mean, and the gradient of the mean; for a sum over the batch
// multiply both by the number of samples. Everything is float64: the cost is small beside that
// of a network. log-softmax is exact (no floor inside a logarithm), sign(0) is 0, and of equal
// largest values the first counts.
//
// The package imports nothing of this module.
package loss

import "math"

// Logits are the outputs of a network for a batch, or any matrix of that shape.
type Logits struct {
	N, C int       // samples, classes
	Z    []float64 // N x C, row by row
}

// New returns a matrix of zeros.
func New(n, c int) Logits { return Logits{n, c, make([]float64, n*c)} }

// Row returns row i.
func (l Logits) Row(i int) []float64 { return l.Z[i*l.C : (i+1)*l.C] }

// Value is a loss and its gradient.
type Value struct {
	Each []float64 // of each sample; nil where the loss is one of the whole batch
	Mean float64
	Grad Logits // of Mean by the logits
}

// newValue is a value with room for each sample.
func newValue(z Logits) Value {
	return Value{Each: make([]float64, z.N), Grad: New(z.N, z.C)}
}

// mean completes a value whose gradient rows are those of the samples' own losses.
func (v Value) mean() Value {
	n := float64(v.Grad.N)
	for _, x := range v.Each {
		v.Mean += x
	}
	v.Mean /= n
	for i := range v.Grad.Z {
		v.Grad.Z[i] /= n
	}
	return v
}

// LogSoftmax writes the logarithms of the softmax of z to dst.
func LogSoftmax(dst, z []float64) {
	top := z[0]
	for _, v := range z[1:] {
		top = math.Max(top, v)
	}
	sum := 0.0
	for _, v := range z {
		sum += math.Exp(v - top)
	}
	shift := top + math.Log(sum)
	for k, v := range z {
		dst[k] = v - shift
	}
}

// Softmax returns the softmax of every row, divided by a temperature before. Rows that differ by a constant give the
// same bits.
func Softmax(z Logits, temperature float64) Logits {
	p := New(z.N, z.C)
	for i := range z.N {
		row, from := p.Row(i), z.Row(i)
		top, sum := from[Argmax(from)], 0.0
		for k, v := range from {
			row[k] = math.Exp((v - top) / temperature)
			sum += row[k]
		}
		for k := range row {
			row[k] /= sum
		}
	}
	return p
}

// OneHot returns targets with a one at each sample's label.
func OneHot(labels []int32, classes int) Logits {
	q := New(len(labels), classes)
	for i, y := range labels {
		q.Row(i)[y] = 1
	}
	return q
}

// Argmax is the place of the first largest value.
func Argmax(row []float64) int {
	best := 0
	for k, v := range row {
		if v > row[best] {
			best = k
		}
	}
	return best
}

// Plus returns v + weight times other, the losses of a batch.
func (v Value) Plus(weight float64, other Value) Value {
	sum := Value{Mean: v.Mean + weight*other.Mean, Grad: New(v.Grad.N, v.Grad.C)}
	for i := range sum.Grad.Z {
		sum.Grad.Z[i] = v.Grad.Z[i] + weight*other.Grad.Z[i]
	}
	return sum
}
