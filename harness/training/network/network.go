package network

import (
	"math"
	"math/rand/v2"
)

// Network is a chain of layers that ends in a dense one, the last layer, which makes logits of features.
type Network[T Float] struct {
	layers []layer[T]
	list   []*Tensor[T]
}

func chain[T Float](layers ...layer[T]) *Network[T] {
	n := &Network[T]{layers: layers}
	for _, l := range layers {
		n.list = append(n.list, l.tensors()...)
	}
	return n
}

// MLP is a multilayer perceptron of the given widths: inputs, hidden layers, classes. Two widths are
// softmax regression, the last layer on stored features. rate is the probability of
// dropout after each hidden layer; 0 for none.
func MLP[T Float](widths []int, rate float64) *Network[T] {
	var layers []layer[T]
	for i := range widths[1:] {
		layers = append(layers, newDense[T](widths[i], widths[i+1]))
		if i+2 < len(widths) {
			layers = append(layers, &relu[T]{})
			if rate > 0 {
				layers = append(layers, &dropout[T]{rate: rate})
			}
		}
	}
	return chain(layers...)
}

// ConvNet is a small convolutional network over rows that are square grey images of that side: two convolutions
// of 3 x 3 with channels and twice as many channels, each with ReLU and a mean over 2 x 2, and a last layer.
func ConvNet[T Float](side, channels, classes int) *Network[T] {
	half := side / 2
	return chain[T](
		newConvolution[T](1, side, side, channels), &relu[T]{}, &pool[T]{channels: channels, height: side, width: side},
		newConvolution[T](channels, half, half, 2*channels), &relu[T]{}, &pool[T]{channels: 2 * channels, height: half, width: half},
		newDense[T](2*channels*(half/2)*(half/2), classes),
	)
}

// Init draws the weights as He et al. (2015, equation 10): normal with variance 2/inputs, the last layer's with
// variance 1/inputs; biases are 0.
func (n *Network[T]) Init(random *rand.Rand) {
	for i, l := range n.layers {
		inputs, gain := 0, 2.0
		switch l := l.(type) {
		case *dense[T]:
			inputs = l.in
			if i == len(n.layers)-1 {
				gain = 1
			}
		case *convolution[T]:
			inputs = l.channels * kernelSize * kernelSize
		default:
			continue
		}
		w, b := l.tensors()[0], l.tensors()[1]
		for k := range w.Value {
			w.Value[k] = T(random.NormFloat64() * math.Sqrt(gain/float64(inputs)))
		}
		clear(b.Value)
	}
}

// Tensors are all that is trained, from the inputs to the outputs.
func (n *Network[T]) Tensors() []*Tensor[T] { return n.list }

// Parameters is the number of trained values.
func (n *Network[T]) Parameters() int {
	count := 0
	for _, t := range n.list {
		count += len(t.Value)
	}
	return count
}

// Drop switches dropout on with that source of randomness, or off with nil.
func (n *Network[T]) Drop(random *rand.Rand) {
	for _, l := range n.layers {
		if d, ok := l.(*dropout[T]); ok {
			d.random = random
		}
	}
}

// Forward returns the logits of the rows of x. They are valid until the next call.
func (n *Network[T]) Forward(x Matrix[T]) Matrix[T] {
	for _, l := range n.layers {
		x = l.forward(x)
	}
	return x
}

// Features returns the inputs of the last layer in the last Forward.
func (n *Network[T]) Features() Matrix[T] { return n.head().x }

func (n *Network[T]) head() *dense[T] { return n.layers[len(n.layers)-1].(*dense[T]) }

// Head returns the weights of the last layer (features x classes) and its biases.
func (n *Network[T]) Head() (w Matrix[T], b []T) { return n.head().weights(), n.head().b.Value }

// Backward sets the gradients of all tensors, given that by the logits of the last Forward.
func (n *Network[T]) Backward(d Matrix[T]) {
	for i := len(n.layers) - 1; i >= 0; i-- {
		d = n.layers[i].backward(d, true, i > 0)
	}
}

// InputGradient returns the gradient by the inputs, given that by the logits of the last Forward. The
// tensors' gradients stay as they are.
func (n *Network[T]) InputGradient(d Matrix[T]) Matrix[T] {
	for i := len(n.layers) - 1; i >= 0; i-- {
		d = n.layers[i].backward(d, false, true)
	}
	return d
}

// Weights copies all trained values into one slice.
func (n *Network[T]) Weights() []T {
	var w []T
	for _, t := range n.list {
		w = append(w, t.Value...)
	}
	return w
}

// SetWeights sets all trained values from a slice as Weights returns it.
func (n *Network[T]) SetWeights(w []T) {
	for _, t := range n.list {
		w = w[copy(t.Value, w):]
	}
}

// SetHead sets the last layer's weights, as Weights of a network of that layer alone lists them.
func (n *Network[T]) SetHead(w []T) {
	h := n.head()
	copy(h.b.Value, w[copy(h.w.Value, w):])
}
