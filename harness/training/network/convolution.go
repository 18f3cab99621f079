package network

// convolution has a 3 x 3 kernel, a border of zeros and stride 1 over rows that are images of channels x height x
// width: one matrix product for all places of all rows. Places are columns there, so that the product's inner loop is
// long.
type convolution[T Float] struct {
	channels, height, width int
	out                     int // channels
	w, b                    *Tensor[T]
	patches, dPatches       Matrix[T] // channels*9 x rows*height*width: what lies under each entry of the kernel
	places, dPlaces         Matrix[T] // out x rows*height*width
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
	l.patches = l.patches.resized(l.channels*kernelSize*kernelSize, x.Rows*area)
	clear(l.patches.V)
	l.eachLine(x, l.patches, func(line, under []T) { copy(under, line) })
	l.places = l.places.resized(l.out, x.Rows*area)
	for c, bias := range l.b.Value {
		row := l.places.Row(c)
		for i := range row {
			row[i] = bias
		}
	}
	multiply(true, false, l.weights(), l.patches, true, l.places)
	l.y = l.y.resized(x.Rows, l.out*area)
	eachImage(l.places, l.y, area, func(places, image []T) { copy(image, places) })
	return l.y
}

func (l *convolution[T]) backward(d Matrix[T], weights, inputs bool) Matrix[T] {
	area := l.height * l.width
	l.dPlaces = l.dPlaces.resized(l.out, d.Rows*area)
	eachImage(l.dPlaces, d, area, func(places, image []T) { copy(places, image) })
	if weights {
		multiply(false, true, l.patches, l.dPlaces, false, Matrix[T]{l.patches.Rows, l.out, l.w.Grad})
		clear(l.b.Grad)
		for c := range l.b.Grad {
			for _, v := range l.dPlaces.Row(c) {
				l.b.Grad[c] += v
			}
		}
	}
	if !inputs {
		return Matrix[T]{}
	}
	l.dPatches = l.dPatches.resized(l.patches.Rows, l.patches.Cols)
	multiply(false, false, l.weights(), l.dPlaces, false, l.dPatches)
	l.d = l.d.resized(d.Rows, l.channels*area)
	clear(l.d.V)
	l.eachLine(l.d, l.dPatches, func(line, under []T) {
		for i, v := range under {
			line[i] += v
		}
	})
	return l.d
}

// eachLine calls visit for every line of every image, channel and entry of the kernel: the part of the line that lies
// under the entry, and the same in patches.
func (l *convolution[T]) eachLine(images, patches Matrix[T], visit func(line, under []T)) {
	area := l.height * l.width
	for entry := range patches.Rows {
		channel, up, left := entry/(kernelSize*kernelSize), entry/kernelSize%kernelSize-1, entry%kernelSize-1
		from, to := max(0, -left), l.width-max(0, left) // places of the line whose neighbour is no border
		for row := range images.Rows {
			image := images.Row(row)[channel*area : (channel+1)*area]
			under := patches.Row(entry)[row*area : (row+1)*area]
			for h := max(0, -up); h < l.height-max(0, up); h++ {
				y := (h + up) * l.width
				visit(image[y+from+left:y+to+left], under[h*l.width+from:h*l.width+to])
			}
		}
	}
}

// eachImage calls visit for every channel of every image, as it stands in a matrix of channels x all places and in one
// of images.
func eachImage[T Float](places, images Matrix[T], area int, visit func(places, image []T)) {
	for row := range images.Rows {
		for c := range places.Rows {
			visit(places.Row(c)[row*area:(row+1)*area], images.Row(row)[c*area:(c+1)*area])
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
	l.each(x, l.y, func(top, bottom, out []T) {
		for i := range out {
			out[i] = (top[2*i] + top[2*i+1] + bottom[2*i] + bottom[2*i+1]) / 4
		}
	})
	return l.y
}

func (l *pool[T]) backward(d Matrix[T], _, _ bool) Matrix[T] {
	l.d = l.d.resized(d.Rows, l.channels*l.height*l.width)
	clear(l.d.V)
	l.each(l.d, d, func(top, bottom, out []T) {
		for i, v := range out {
			top[2*i], top[2*i+1], bottom[2*i], bottom[2*i+1] = v/4, v/4, v/4, v/4
		}
	})
	return l.d
}

// each calls visit for two lines of an image and the line that is made of them.
func (l *pool[T]) each(images, halves Matrix[T], visit func(top, bottom, out []T)) {
	h2, w2 := l.height/2, l.width/2
	for image := range images.Rows * l.channels {
		for h := range h2 {
			top := images.V[(image*l.height+2*h)*l.width:]
			visit(top, top[l.width:], halves.V[(image*h2+h)*w2:][:w2])
		}
	}
}

func (l *pool[T]) tensors() []*Tensor[T] { return nil }
