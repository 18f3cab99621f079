package loss

import "math"

// SoftCrossEntropy is the cross-entropy against targets q, rows of probabilities: the loss of
// one-hot labels, smoothed labels, mixed labels and rectified labels alike. The targets
// are constants.
func SoftCrossEntropy(z, q Logits) Value {
	v := newValue(z)
	logp := make([]float64, z.C)
	for i := range z.N {
		LogSoftmax(logp, z.Row(i))
		target, grad := q.Row(i), v.Grad.Row(i)
		total := 0.0
		for k, t := range target {
			total += t
			if t != 0 { // 0 times -Inf is no loss
				v.Each[i] -= t * logp[k]
			}
		}
		for k, t := range target {
			grad[k] = total*math.Exp(logp[k]) - t
		}
	}
	return v.mean()
}

// CrossEntropy is the negative log-likelihood of the labels.
func CrossEntropy(z Logits, labels []int32) Value { return SoftCrossEntropy(z, OneHot(labels, z.C)) }

// Smooth returns the targets of label smoothing: (1-e) at the label and e/C everywhere, the
// label included (Szegedy et al. 2016, section 7). e is indexed by the sample.
func Smooth(labels []int32, classes int, e []float64) Logits {
	q := New(len(labels), classes)
	for i, y := range labels {
		row := q.Row(i)
		for k := range row {
			row[k] = e[i] / float64(classes)
		}
		row[y] += 1 - e[i]
	}
	return q
}

// SmoothingSlope is the derivative of each sample's loss under label smoothing by its own e.
func SmoothingSlope(z Logits, labels []int32) []float64 {
	slope := make([]float64, z.N)
	logp := make([]float64, z.C)
	for i, y := range labels {
		LogSoftmax(logp, z.Row(i))
		sum := 0.0
		for _, v := range logp {
			sum += v
		}
		slope[i] = logp[y] - sum/float64(z.C)
	}
	return slope
}

// Mix returns the targets of mixup: lam at the first label and 1-lam at the second
// (Zhang et al. 2018, equation 2), lam being each sample's own.
func Mix(a, b []int32, classes int, lam []float64) Logits {
	q := New(len(a), classes)
	for i := range a {
		q.Row(i)[a[i]] += lam[i]
		q.Row(i)[b[i]] += 1 - lam[i]
	}
	return q
}

// Distillation is (alpha) T^2 KL(teacher || student), both at temperature T, plus (1-alpha) times the
// cross-entropy of the labels (Hinton et al. 2015). With T^2 the soft part of the
// gradient is alpha T (student - teacher).
func Distillation(z, teacher Logits, labels []int32, temperature, alpha float64) Value {
	v := newValue(z)
	p, q := make([]float64, z.C), make([]float64, z.C)
	hard := CrossEntropy(z, labels)
	for i := range z.N {
		scaled(p, z.Row(i), temperature)
		scaled(q, teacher.Row(i), temperature)
		kl, grad := 0.0, v.Grad.Row(i)
		for k := range p {
			t := math.Exp(q[k])
			if t > 0 {
				kl += t * (q[k] - p[k])
			}
			grad[k] = alpha*temperature*(math.Exp(p[k])-t) + (1-alpha)*hard.Grad.Row(i)[k]*float64(z.N)
		}
		v.Each[i] = alpha*temperature*temperature*kl + (1-alpha)*hard.Each[i]
	}
	return v.mean()
}

// scaled writes log-softmax(z/T) to dst.
func scaled(dst, z []float64, temperature float64) {
	for k, v := range z {
		dst[k] = v / temperature
	}
	LogSoftmax(dst, dst)
}

// Brier is the squared distance of the probabilities from the one-hot label, summed over the classes.
func Brier(z Logits, labels []int32) Value {
	v := newValue(z)
	p := Softmax(z, 1)
	for i, y := range labels {
		row, grad := p.Row(i), v.Grad.Row(i)
		inner := 0.0
		for k, x := range row {
			d := x
			if int32(k) == y {
				d--
			}
			v.Each[i] += d * d
			grad[k] = 2 * d
			inner += 2 * d * x
		}
		for k, x := range row { // through the softmax
			grad[k] = x * (grad[k] - inner)
		}
	}
	return v.mean()
}

// Divergence is mean KL(clean || adversarial), with the gradients by both logits: the second
// term of TRADES (Zhang et al. 2019, equation 5).
func Divergence(clean, adversarial Logits) (v Value, byAdversarial Logits) {
	v, byAdversarial = newValue(clean), New(clean.N, clean.C)
	p, q := make([]float64, clean.C), make([]float64, clean.C)
	for i := range clean.N {
		LogSoftmax(p, clean.Row(i))
		LogSoftmax(q, adversarial.Row(i))
		for k := range p {
			if e := math.Exp(p[k]); e > 0 {
				v.Each[i] += e * (p[k] - q[k])
			}
		}
		grad, other := v.Grad.Row(i), byAdversarial.Row(i)
		for k := range p {
			e := math.Exp(p[k])
			grad[k] = e * (p[k] - q[k] - v.Each[i])
			other[k] = (math.Exp(q[k]) - e) / float64(clean.N)
		}
	}
	return v.mean(), byAdversarial
}

// Uncertainty is the entropy of each row's softmax in nats.
func Uncertainty(z Logits) []float64 {
	h := make([]float64, z.N)
	logp := make([]float64, z.C)
	for i := range z.N {
		LogSoftmax(logp, z.Row(i))
		for _, v := range logp {
			if e := math.Exp(v); e > 0 {
				h[i] -= e * v
			}
		}
	}
	return h
}
