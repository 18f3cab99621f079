package loss

import "math"

// Confident is a batch's largest probabilities, and whether each is right. Correctness is a
// constant in every gradient.
type Confident struct {
	Confidence []float64
	Correct    []float64 // 0 or 1
	class      []int
	p          Logits
}

// Confidences takes the first largest probability of each row.
func Confidences(z Logits, labels []int32) Confident {
	c := Confident{make([]float64, z.N), make([]float64, z.N), make([]int, z.N), Softmax(z, 1)}
	for i, y := range labels {
		c.class[i] = Argmax(z.Row(i))
		c.Confidence[i] = c.p.Row(i)[c.class[i]]
		if c.class[i] == int(y) {
			c.Correct[i] = 1
		}
	}
	return c
}

// back carries a gradient by the confidences to the logits.
func (c Confident) back(byConfidence []float64) Logits {
	grad := New(c.p.N, c.p.C)
	for i, d := range byConfidence {
		row := grad.Row(i)
		for k, p := range c.p.Row(i) {
			row[k] = -d * c.Confidence[i] * p
		}
		row[c.class[i]] += d * c.Confidence[i]
	}
	return grad
}

// MMCE is the squared maximum mean calibration error with a Laplacian kernel of that width, over all
// pairs of the batch, a sample with itself included, and without the root (Kumar et al. 2018,
// section 3.1; training adds 2 times it to the cross-entropy).
func MMCE(z Logits, labels []int32, width float64) Value {
	c := Confidences(z, labels)
	n := float64(z.N)
	d := make([]float64, z.N)
	v := Value{}
	for i, ci := range c.Confidence {
		ri := c.Correct[i] - ci
		for j, cj := range c.Confidence {
			rj := c.Correct[j] - cj
			k := math.Exp(-math.Abs(ci-cj) / width)
			v.Mean += ri * rj * k
			d[i] += 2 * rj * k * (-1 - ri*sign(ci-cj)/width)
		}
	}
	v.Mean /= n * n
	for i := range d {
		d[i] /= n * n
	}
	v.Grad = c.back(d)
	return v
}

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

// loneKernel is the sum of kernels below which a sample has no neighbours.
const loneKernel = 1e-12

// Smoothed is SECE by the confidences: the mean distance of each confidence from the accuracy of the
// other samples near it, by a Gaussian kernel of bandwidth h (Wang and Golebiowski 2024). Samples without
// neighbours are dropped from the mean, but stay neighbours of others. If none is
// kept, SECE is NaN and the gradient 0.
type Smoothed struct {
	Value        float64
	Kept         int
	Accuracy     []float64 // of the others near each sample; NaN where it is dropped
	ByConfidence []float64
}

// SECE computes it, in a time that grows with the square of the samples.
func SECE(confidence, correct []float64, h float64) Smoothed {
	n := len(confidence)
	s := Smoothed{Accuracy: make([]float64, n), ByConfidence: make([]float64, n)}
	kernels := make([]float64, n*n)
	sums := make([]float64, n)
	for i, ci := range confidence {
		right := 0.0
		for j, cj := range confidence {
			if i == j {
				continue
			}
			u := (ci - cj) / h
			k := math.Exp(-u * u / 2)
			kernels[i*n+j] = k
			sums[i] += k
			right += k * correct[j]
		}
		s.Accuracy[i] = math.NaN()
		if sums[i] >= loneKernel {
			s.Kept++
			s.Accuracy[i] = right / sums[i]
			s.Value += math.Abs(s.Accuracy[i] - ci)
		}
	}
	s.Value /= float64(s.Kept) // NaN if none is kept
	s.differentiate(confidence, correct, kernels, sums, h)
	return s
}

// differentiate is papers' formula -s_i - s_i sum_j M_ij + sum_k s_k M_ki with
// M_ij = K_ij (c_i - c_j) (y_j - a_i) / (h^2 S_i).
func (s *Smoothed) differentiate(confidence, correct, kernels, sums []float64, h float64) {
	n := len(confidence)
	for i, a := range s.Accuracy {
		if math.IsNaN(a) {
			continue
		}
		si := sign(a-confidence[i]) / float64(s.Kept)
		s.ByConfidence[i] -= si
		for j, k := range kernels[i*n : (i+1)*n] {
			m := k * (confidence[i] - confidence[j]) * (correct[j] - a) / (h * h * sums[i])
			s.ByConfidence[i] -= si * m
			s.ByConfidence[j] += si * m
		}
	}
}

// SECELoss is SECE by the logits. Mean is 0 if no sample has a neighbour.
func SECELoss(z Logits, labels []int32, h float64) Value {
	c := Confidences(z, labels)
	s := SECE(c.Confidence, c.Correct, h)
	v := Value{Mean: s.Value, Grad: c.back(s.ByConfidence)}
	if s.Kept == 0 {
		v.Mean = 0
	}
	return v
}
