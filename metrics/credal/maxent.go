package credal

import (
	"cmp"
	"math"
	"slices"
)

// MaxEntropy fills dst with the member of most Shannon entropy of the set around p, which is
// unique; p itself where the set is empty. Its entropy, the upper entropy of the set, is
// right to about 1e-9 bits, its probabilities to 1e-7. dst and p do not overlap.
func (s *Set) MaxEntropy(dst, p []float64) {
	uniform(dst)
	switch {
	case s.Empty(p):
		copy(dst, p)
	case math.IsInf(s.T, 1) || s.D.Of(dst, p) <= s.T:
	case s.D.Kind != Inner && s.T == 0:
		copy(dst, p)
	case s.D.Kind == TV:
		fillUp(dst, p, s.T)
	case s.D.Kind == Inner:
		s.maxInner(dst, p)
	case s.D.Kind == Wasserstein:
		s.maxWasserstein(dst, p)
	case s.D.Kind == KL:
		s.maxKL(dst, p)
	default:
		s.maxPower(dst, p)
	}
}

func uniform(dst []float64) {
	for k := range dst {
		dst[k] = 1 / float64(len(dst))
	}
}

// fillUp raises the smallest classes to one level and cuts the largest to another, each by t
// in all.
func fillUp(dst, p []float64, t float64) {
	rising := slices.Sorted(slices.Values(p))
	low, high := level(rising, t), -level(negated(rising), t)
	for k, v := range p {
		dst[k] = math.Min(math.Max(v, low), high)
	}
}

// level is that to which t in all raises the smallest of rising values.
func level(rising []float64, t float64) float64 {
	so := 0.0
	for k, v := range rising {
		so += v
		if at := (so + t) / float64(k+1); k+1 == len(rising) || at <= rising[k+1] {
			return at
		}
	}
	return 0
}

// negated are minus the values, rising.
func negated(rising []float64) []float64 {
	n := make([]float64, len(rising))
	for k, v := range rising {
		n[len(n)-1-k] = -v
	}
	return n
}

// maxInner: q is proportional to exp(b p), with the least b that reaches the product.
func (s *Set) maxInner(dst, p []float64) {
	top, least := highest(p), s.least()
	product := func(b float64) float64 {
		total, with := 0.0, 0.0
		for k, v := range p {
			dst[k] = math.Exp(b * (v - top))
			total += dst[k]
			with += dst[k] * v
		}
		for k := range dst {
			dst[k] /= total
		}
		return with / total
	}
	hi := 1.0
	for product(hi) < least && hi < 1e18 {
		hi *= 2
	}
	lo := 0.0
	for range 200 {
		b := lo + (hi-lo)/2
		if b == lo || b == hi {
			break
		}
		if product(b) < least {
			lo = b
		} else {
			hi = b
		}
	}
	product(hi)
}

// maxKL: q is proportional to p^e, 0 <= e <= 1. Classes without probability have none.
func (s *Set) maxKL(dst, p []float64) {
	tilt := newTilt(p)
	if v, _ := tilt.to(dst, 0); v > s.t {
		tilt.solve(dst, s.t, 0, 1, false)
	}
}

// tilt are the distributions proportional to p^e.
type tilt struct {
	logs []float64 // of p over its largest value
	top  float64   // logarithm of that
}

func newTilt(p []float64) *tilt {
	t := &tilt{make([]float64, len(p)), math.Log(highest(p))}
	for k, v := range p {
		t.logs[k] = math.Log(v) - t.top
	}
	return t
}

// to fills dst with the one of e, and returns its divergence from p in nats, with the
// derivative of that by e.
func (t *tilt) to(dst []float64, e float64) (value, by float64) {
	total, mean, square := 0.0, 0.0, 0.0
	for k, l := range t.logs {
		if dst[k] = 0; e*l > -745 { // not without probability, nor less than there are numbers
			x := math.Exp(e * l)
			dst[k] = x
			total += x
			mean += float64(x * l)
			square += float64(x * l * l)
		} else if e == 0 && !math.IsInf(l, -1) {
			dst[k] = 1
		}
	}
	for k := range dst {
		dst[k] /= total
	}
	mean /= total
	// sum q (ln q - ln p) = (e-1) E[l] - ln total - ln p_max, and its derivative is (e-1) Var[l].
	return (e-1)*mean - math.Log(total) - t.top, (e - 1) * (square/total - float64(mean*mean))
}

// solve fills dst with the one between lo and hi whose divergence is t; rises says whether
// it rises from lo to hi.
func (t *tilt) solve(dst []float64, value, lo, hi float64, rises bool) {
	e := lo + (hi-lo)/2
	for range 200 {
		v, by := t.to(dst, e)
		if v -= value; (v > 0) == rises {
			hi = e
		} else {
			lo = e
		}
		next := e - v/by
		if !(next > lo && next < hi) {
			next = lo + (hi-lo)/2
		}
		if math.Abs(next-e) <= 1e-15*math.Max(1, e) || next == lo || next == hi {
			e = next
			break
		}
		e = next
	}
	t.to(dst, e)
}

// maxPower: where the gradients of the entropy and of the divergence lie along each other,
// ln q + l/(a-1) (q/p)^(a-1) is the same for all classes, s. By the Wright omega function w
// of z = ln l + (1-a)(ln p - s) that is ln q = s + w/(1-a). The multiplier l is found from
// outside, s from within.
func (s *Set) maxPower(dst, p []float64) {
	a := s.D.order()
	logs := make([]float64, len(p))
	for k, v := range p {
		logs[k] = math.Log(v)
	}
	level := -math.Log(float64(len(p)))
	normal := func(logLambda float64) { level = s.normalise(dst, logs, a, logLambda, level) }
	value := func() float64 {
		v := 0.0
		for k := range p {
			v += term(dst[k], p[k], a)
		}
		return v
	}
	// The divergence falls as the multiplier grows, its logarithm nearly along a line; thin
	// sets have that of a quadratic.
	distance := func(at float64) float64 {
		normal(at)
		return math.Log(math.Max(value(), 1e-300) / s.t)
	}
	lo := math.Min(50, math.Max(-50, math.Log(s.spreadOf(p, logs)/s.t)/2))
	above := distance(lo)
	hi, below, step := lo, above, 1.0
	for above < 0 && lo > -700 {
		hi, below = lo, above
		lo -= step
		above, step = distance(lo), 2*step
	}
	for below > 0 && hi < 700 {
		lo, above = hi, below
		hi += step
		below, step = distance(hi), 2*step
	}
	side := 0
	for range 200 {
		at := (lo*below - hi*above) / (below - above)
		if !(at > lo && at < hi) {
			at = lo + (hi-lo)/2
		}
		v := distance(at)
		switch {
		case v > 0:
			lo, above = at, v
			if side == 1 {
				below /= 2 // Illinois: the other end has stood still
			}
			side = 1
		default:
			hi, below = at, v
			if side == -1 {
				above /= 2
			}
			side = -1
		}
		if math.Abs(v) < 1e-12 || hi-lo < 1e-14*math.Max(1, math.Abs(hi)) {
			break
		}
	}
}

// spreadOf is half of the variance of the logarithms of p, by p: what the multiplier of a
// thin set is the root of, over t.
func (s *Set) spreadOf(p, logs []float64) float64 {
	mean, square := 0.0, 0.0
	for k, l := range logs {
		if p[k] > 0 {
			mean += p[k] * l
			square += p[k] * l * l
		}
	}
	return math.Max(1e-12, square-mean*mean) / 2
}

// normalise fills dst with the q of a multiplier that adds to 1, beginning at a level, and
// returns its level.
func (s *Set) normalise(dst, logs []float64, a, logLambda, level float64) float64 {
	lo, hi := math.Inf(-1), math.Inf(1)
	for range 200 {
		total, by := 0.0, 0.0
		for k, l := range logs {
			w := 0.0
			switch {
			case !math.IsInf(l, -1):
				w = omega(logLambda + (1-a)*(l-level))
			case a > 1:
				dst[k] = 0
				continue
			}
			dst[k] = math.Exp(level + w/(1-a))
			total += dst[k]
			by += dst[k] / (1 + w)
		}
		off := math.Log(total)
		if total > 1 {
			hi = level
		} else {
			lo = level
		}
		if math.Abs(off) < 2e-15*float64(len(dst)) {
			break
		}
		next := level - off*total/by
		if !(next > lo && next < hi) {
			switch {
			case math.IsInf(lo, -1):
				next = hi - 1 - math.Abs(off)
			case math.IsInf(hi, 1):
				next = lo + 1 + math.Abs(off)
			default:
				next = lo + (hi-lo)/2
			}
		}
		if next == level || math.Abs(next-level) < 1e-15*math.Max(1, math.Abs(level)) {
			break
		}
		level = next
	}
	total := 0.0
	for _, v := range dst {
		total += v
	}
	for k := range dst {
		dst[k] /= total
	}
	return level
}

// omega is the Wright omega function for real z: the w > 0 with w + ln w = z. Source:
// Corless and Jeffrey 2002; Newton's steps of Fritsch, Shafer and Crowley 1973.
func omega(z float64) float64 {
	switch {
	case z < -50:
		return math.Exp(z) // to 1e-21
	case z > 1e15:
		return z
	}
	w := 0.0
	switch {
	case z < -2:
		w = math.Exp(z) / (1 + math.Exp(z))
	case z < 1:
		w = 0.567143290409783873 + 0.361896256634889*(z) + 0.0736778*z*z
	default:
		w = z - math.Log(z)
	}
	for range 10 {
		r := z - w - math.Log(w)
		if math.Abs(r) < 4e-16*math.Max(1, math.Abs(z)) {
			break
		}
		// Third order in the residual.
		u := 2 * (1 + w) * (1 + w + 2*r/3)
		w *= 1 + r/(1+w)*(u-r)/(u-2*r)
	}
	return w
}

// fallingOrder lists the classes by falling p, the lower of equal ones first.
func fallingOrder(p []float64) []int {
	order := make([]int, len(p))
	for k := range order {
		order[k] = k
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(p[b], p[a]), a-b) })
	return order
}
