package network

// convolution has a 3 x 3 kernel, a border of zeros and stride 1 over rows that are images of channels x height x
// width: one matrix product for all places of all rows.
type convolution[T Float] struct {
	channels, height, width int
	out                     int // channels
	w, b                    *Tensor[T]
	patches                 Matrix[T] // rows*height*width x channels*9
	places, dPlaces         Matrix[T] // rows*height*width x out
	dPatches                Matrix[T]
	y, d                    Matrix[T]
}

const kernelSize = 3

func newConvolution[T Float](channels, height, width, out int) *convolution[T] {
	return &convolution[T]{channels: channels, height: height, width: width, out: out,
		w: newTensor[T]("W", channels*kernelSize*kernelSize*out), b: newTensor[T]("b", out)}
}

func (l *convolution[T]) weights() Matrix[T] {
	return Matrix[T]{l.channels * kernelSize * kernelSize, l.out, l.w.Value}
}

func (l *convolution[T]) forward(x Matrix[T]) Matrix[T] {
	area := l.height * l.width
	l.patches = l.patches.resized(x.Rows*area, l.channels*kernelSize*kernelSize)
	l.eachTap(x.Rows, func(row, place, tap, from int) {
		v := T(0)
		if from >= 0 {
			v = x.V[row*x.Cols+from]
		}
		l.patches.V[(row*area+place)*l.patches.Cols+tap] = v
	})
	l.places = l.places.resized(x.Rows*area, l.out)
	for i := range l.places.Rows {
		copy(l.places.Row(i), l.b.Value)
	}
	multiply(false, false, l.patches, l.weights(), true, l.places)
	l.y = l.y.resized(x.Rows, l.out*area)
	swap(l.places, l.y, x.Rows, area, l.out, true)
	return l.y
}

func (l *convolution[T]) backward(d Matrix[T], weights, inputs bool) Matrix[T] {
	area := l.height * l.width
	l.dPlaces = l.dPlaces.resized(d.Rows*area, l.out)
	swap(l.dPlaces, d, d.Rows, area, l.out, false)
	if weights {
		multiply(true, false, l.patches, l.dPlaces, false, Matrix[T]{l.patches.Cols, l.out, l.w.Grad})
		clear(l.b.Grad)
		for i := range l.dPlaces.Rows {
			for k, v := range l.dPlaces.Row(i) {
				l.b.Grad[k] += v
			}
		}
	}
	if !inputs {
		return Matrix[T]{}
	}
	l.dPatches = l.dPatches.resized(d.Rows*area, l.patches.Cols)
	multiply(false, true, l.dPlaces, l.weights(), false, l.dPatches)
	l.d = l.d.resized(d.Rows, l.channels*area)
	clear(l.d.V)
	l.eachTap(d.Rows, func(row, place, tap, from int) {
		if from >= 0 {
			l.d.V[row*l.d.Cols+from] += l.dPatches.V[(row*area+place)*l.dPatches.Cols+tap]
		}
	})
	return l.d
}

// eachTap calls visit for every place of every row and every entry of the kernel there. from is the place of the
// input under it, or -1 on the border.
func (l *convolution[T]) eachTap(rows int, visit func(row, place, tap, from int)) {
	for row := range rows {
		for h := range l.height {
			for w := range l.width {
				for c := range l.channels {
					for tap := range kernelSize * kernelSize {
						y, x, from := h+tap/kernelSize-1, w+tap%kernelSize-1, -1
						if y >= 0 && y < l.height && x >= 0 && x < l.width {
							from = (c*l.height+y)*l.width + x
						}
						visit(row, h*l.width+w, c*kernelSize*kernelSize+tap, from)
					}
				}
			}
		}
	}
}

// swap copies between places (channel last) and rows of images (channel first).
func swap[T Float](places, images Matrix[T], rows, area, channels int, toImages bool) {
	for row := range rows {
		for place := range area {
			for c := range channels {
				a, b := &places.V[(row*area+place)*channels+c], &images.V[(row*channels+c)*area+place]
				if toImages {
					*b = *a
				} else {
					*a = *b
				}
			}
		}
	}
}

func (l *convolution[T]) tensors() []*Tensor[T] { return []*Tensor[T]{l.w, l.b} }

// pool halves height and width by the mean of 2 x 2 places.
type pool[T Float] struct {
	channels, height, width int // of the inputs
	y, d                    Matrix[T]
}

func (l *pool[T]) forward(x Matrix[T]) Matrix[T] {
	l.y = l.y.resized(x.Rows, l.channels*(l.height/2)*(l.width/2))
	clear(l.y.V)
	l.each(x.Rows, func(from, to int) { l.y.V[to] += x.V[from] / 4 })
	return l.y
}

func (l *pool[T]) backward(d Matrix[T], _, _ bool) Matrix[T] {
	l.d = l.d.resized(d.Rows, l.channels*l.height*l.width)
	clear(l.d.V)
	l.each(d.Rows, func(from, to int) { l.d.V[from] = d.V[to] / 4 })
	return l.d
}

func (l *pool[T]) each(rows int, visit func(from, to int)) {
	h2, w2 := l.height/2, l.width/2
	for image := range rows * l.channels {
		for h := range 2 * h2 {
			for w := range 2 * w2 {
				visit((image*l.height+h)*l.width+w, (image*h2+h/2)*w2+w/2)
			}
		}
	}
}

func (l *pool[T]) tensors() []*Tensor[T] { return nil }
