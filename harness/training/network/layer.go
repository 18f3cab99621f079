package network

import (
	"math"
	"math/rand/v2"
)

// Tensor is a trainable array and the gradient by it.
type Tensor[T Float] struct {
	Name  string
	Value []T
	Grad  []T
}

func newTensor[T Float](name string, n int) *Tensor[T] {
	return &Tensor[T]{name, make([]T, n), make([]T, n)}
}

// layer is a step from inputs to outputs. Its matrices are valid until its next use.
type layer[T Float] interface {
	// forward returns the outputs. In training it keeps what backward needs.
	forward(x Matrix[T]) Matrix[T]
	// backward takes the gradient by the outputs of the last forward, sets the tensors' gradients if asked to, and
	// returns that by the inputs if asked to.
	backward(d Matrix[T], weights, inputs bool) Matrix[T]
	tensors() []*Tensor[T]
}

// dense is x W + b.
type dense[T Float] struct {
	in, out         int
	w, b            *Tensor[T]
	x, y, d         Matrix[T]
	forth, byW, byX product[T]
}

func newDense[T Float](in, out int) *dense[T] {
	return &dense[T]{in: in, out: out, w: newTensor[T]("W", in*out), b: newTensor[T]("b", out)}
}

func (l *dense[T]) weights() Matrix[T] { return Matrix[T]{l.in, l.out, l.w.Value} }

func (l *dense[T]) forward(x Matrix[T]) Matrix[T] {
	l.x, l.y = x, l.y.resized(x.Rows, l.out)
	for i := range x.Rows {
		copy(l.y.Row(i), l.b.Value)
	}
	l.forth.multiply(false, false, x, l.weights(), true, l.y)
	return l.y
}

func (l *dense[T]) backward(d Matrix[T], weights, inputs bool) Matrix[T] {
	if weights {
		l.byW.multiply(true, false, l.x, d, false, Matrix[T]{l.in, l.out, l.w.Grad})
		clear(l.b.Grad)
		for i := range d.Rows {
			for k, v := range d.Row(i) {
				l.b.Grad[k] += v
			}
		}
	}
	if !inputs {
		return Matrix[T]{}
	}
	l.d = l.d.resized(d.Rows, l.in)
	l.byX.multiply(false, true, d, l.weights(), false, l.d)
	return l.d
}

func (l *dense[T]) tensors() []*Tensor[T] { return []*Tensor[T]{l.w, l.b} }

// relu is max(x, 0); its derivative at 0 is 0.
type relu[T Float] struct{ y, d Matrix[T] }

func (l *relu[T]) forward(x Matrix[T]) Matrix[T] {
	l.y = l.y.resized(x.Rows, x.Cols)
	for i, v := range x.V {
		l.y.V[i] = max(v, 0)
	}
	return l.y
}

func (l *relu[T]) backward(d Matrix[T], _, _ bool) Matrix[T] {
	l.d = l.d.resized(d.Rows, d.Cols)
	switch out := any(l.d.V).(type) {
	case []float32: // without branches, which nobody can predict: all bits of d where y > 0, none where it is 0
		y, from := any(l.y.V).([]float32), any(d.V).([]float32)
		for i, v := range from {
			keep := uint32(-int32(math.Float32bits(y[i])) >> 31)
			out[i] = math.Float32frombits(math.Float32bits(v) & keep)
		}
	case []float64:
		y, from := any(l.y.V).([]float64), any(d.V).([]float64)
		for i, v := range from {
			keep := uint64(-int64(math.Float64bits(y[i])) >> 63)
			out[i] = math.Float64frombits(math.Float64bits(v) & keep)
		}
	}
	return l.d
}

func (l *relu[T]) tensors() []*Tensor[T] { return nil }

// dropout sets inputs to 0 with some probability and scales the others so that the mean stays
// (Srivastava et al. 2014), while random is set; otherwise it passes them on.
type dropout[T Float] struct {
	rate    float64
	random  *rand.Rand // nil: no dropout
	mask    []T
	y, d    Matrix[T]
	dropped bool // in the last forward
}

func (l *dropout[T]) forward(x Matrix[T]) Matrix[T] {
	if l.dropped = l.random != nil; !l.dropped {
		return x
	}
	l.y = l.y.resized(x.Rows, x.Cols)
	if cap(l.mask) < len(x.V) {
		l.mask = make([]T, len(x.V))
	}
	l.mask = l.mask[:len(x.V)]
	for i, v := range x.V {
		l.mask[i] = 0
		if l.random.Float64() >= l.rate {
			l.mask[i] = T(1 / (1 - l.rate))
		}
		l.y.V[i] = v * l.mask[i]
	}
	return l.y
}

func (l *dropout[T]) backward(d Matrix[T], _, _ bool) Matrix[T] {
	if !l.dropped {
		return d
	}
	l.d = l.d.resized(d.Rows, d.Cols)
	for i, v := range d.V {
		l.d.V[i] = v * l.mask[i]
	}
	return l.d
}

func (l *dropout[T]) tensors() []*Tensor[T] { return nil }
