package network

import "math"

// Descent is stochastic gradient descent with momentum and weight decay, in the order of operations of PyTorch: the
// decay is added to the gradient (of biases too), the first velocity is the gradient itself, there is no dampening.
type Descent[T Float] struct {
	Momentum, Decay float64
	Nesterov        bool
	Clip            float64 // largest norm of the whole gradient, before the decay; 0 for none

	velocity [][]T
}

// Step moves the tensors against their gradients, and returns the norm of the gradient before clipping.
func (s *Descent[T]) Step(tensors []*Tensor[T], rate float64) float64 {
	norm := Norm(tensors)
	scale := T(1)
	if s.Clip > 0 {
		scale = T(math.Min(1, s.Clip/(norm+1e-6)))
	}
	first := s.velocity == nil
	if first {
		for _, t := range tensors {
			s.velocity = append(s.velocity, make([]T, len(t.Value)))
		}
	}
	momentum, decay, step := T(s.Momentum), T(s.Decay), T(rate)
	if first {
		momentum = 0 // the velocity is 0
	}
	for i, t := range tensors {
		v := s.velocity[i]
		for k, g := range t.Grad {
			g = g*scale + decay*t.Value[k]
			v[k] = momentum*v[k] + g
			if s.Nesterov {
				t.Value[k] -= step * (g + T(s.Momentum)*v[k])
			} else {
				t.Value[k] -= step * v[k]
			}
		}
	}
	return norm
}

// Norm is the Euclidean norm of all gradients together.
func Norm[T Float](tensors []*Tensor[T]) float64 {
	sum := 0.0
	for _, t := range tensors {
		sum += squares(t.Grad)
	}
	return math.Sqrt(sum)
}

func squares[T Float](v []T) float64 {
	sum := 0.0
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	return sum
}

// Average moves an average of weights towards them: average = m average + (1-m) weights.
func Average[T Float](average []T, tensors []*Tensor[T], m float64) {
	place := 0
	for _, t := range tensors {
		for _, v := range t.Value {
			average[place] = T(m)*average[place] + T(1-m)*v
			place++
		}
	}
}

// Climb moves every tensor by rho |w|/|g| along its gradient, as the released code of ADR does adversarial weight
// perturbation: a step per tensor, biases too. A tensor without gradient, or of zeros, stays.
func Climb[T Float](tensors []*Tensor[T], rho float64) {
	for _, t := range tensors {
		step := T(rho * math.Sqrt(squares(t.Value)) / (math.Sqrt(squares(t.Grad)) + 1e-20))
		for k, g := range t.Grad {
			if g != 0 { // 0 times a huge step is no NaN
				t.Value[k] += step * g
			}
		}
	}
}

// Adam is Kingma and Ba (2015), algorithm 1, with epsilon outside of the root.
type Adam struct {
	Rate float64 // 0.001 if not set otherwise

	steps int
	m, v  []float64
}

// Step moves w against its gradient g.
func (a *Adam) Step(w, g []float64) {
	const beta1, beta2, epsilon = 0.9, 0.999, 1e-8
	if a.m == nil {
		a.m, a.v = make([]float64, len(w)), make([]float64, len(w))
	}
	a.steps++
	c1, c2 := 1-math.Pow(beta1, float64(a.steps)), 1-math.Pow(beta2, float64(a.steps))
	for i, x := range g {
		a.m[i] = beta1*a.m[i] + (1-beta1)*x
		a.v[i] = beta2*a.v[i] + (1-beta2)*x*x
		w[i] -= a.Rate * (a.m[i] / c1) / (math.Sqrt(a.v[i]/c2) + epsilon)
	}
}
