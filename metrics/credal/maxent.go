package credal

import (
	"cmp"
	"math"
	"slices"
)

// MaxEntropy fills dst with the member of most Shannon entropy of the set around p, which is
// unique; p itself where the set is empty. Its entropy, the upper entropy of the set, is
// right to about 1e-9 bits, its probabilities to 1e-7. dst and p do not overlap.
func (s *Set) MaxEntropy(dst, p []float64) { s.MaxEntropyAround(dst, around(p)) }

// MaxEntropyAround is MaxEntropy of the row of a centre. It returns the entropy, in bits.
func (s *Set) MaxEntropyAround(dst []float64, c *Centre) (bits float64) {
	p := c.P
	switch {
	case s.Empty(p):
		copy(dst, p)
	case s.holdsUniform(c):
		uniform(dst)
		return math.Log2(float64(len(dst)))
	case s.D.Kind != Inner && s.T == 0:
		copy(dst, p)
	case s.D.Kind == TV:
		fillUp(dst, p, s.T)
	case s.D.Kind == Inner:
		s.maxInner(dst, p)
	case s.D.Kind == Wasserstein:
		s.maxWasserstein(dst, p)
	case s.D.Kind == KL:
		return s.maxKL(dst, c) / math.Ln2
	default:
		if nats, ok := s.maxPowerAtOnce(dst, c); ok {
			return nats / math.Ln2
		}
		s.maxPower(dst, p)
	}
	return Entropy(dst)
}

// holdsUniform reports whether the uniform distribution is a member.
func (s *Set) holdsUniform(c *Centre) bool {
	if math.IsInf(s.T, 1) {
		return true
	}
	n := float64(len(c.P))
	v := 0.0
	switch a := s.D.order(); {
	case s.D.Kind == KL:
		for _, l := range c.Logs {
			v -= l
		}
		return v/n-math.Log(n) <= s.t
	case s.D.power() && a != 0 && s.t > 1e-6:
		// Of the power of p that is in it; the sum of such is 1 + a (a-1) D.
		for _, l := range c.Logs {
			switch x := (1 - a) * l; {
			case x > 700: // also of a class without probability, for orders above 1
				return false
			case x > -700:
				v += fastExp(x)
			}
		}
		return (v*math.Pow(n, -a)-1)/(a*(a-1)) <= s.t
	}
	u := make([]float64, len(c.P))
	uniform(u)
	return s.D.Of(u, c.P) <= s.T
}

func uniform(dst []float64) {
	for k := range dst {
		dst[k] = 1 / float64(len(dst))
	}
}

// fillUp raises the smallest classes to one level and cuts the largest to another, each by t
// in all.
func fillUp(dst, p []float64, t float64) {
	low, high := level(p, t, 1), -level(p, t, -1)
	for k, v := range p {
		dst[k] = math.Min(math.Max(v, low), high)
	}
}

// level is that to which t in all raises the smallest of the values, or of their negatives
// for the sign -1: where the sum of what the level is above them is t, a convex function of
// straight pieces. Newton's steps come to it from above and end on its piece.
func level(values []float64, t, sign float64) float64 {
	at, below := math.Inf(1), len(values)+1
	for {
		n, total := 0, 0.0
		for _, v := range values {
			if v *= sign; v < at {
				n++
				total += v
			}
		}
		if n == 0 || n >= below {
			return at
		}
		at, below = (total+t)/float64(n), n
	}
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

// maxKL: q is proportional to p^e, 0 <= e <= 1. Classes without probability have none. It
// returns the entropy in nats.
func (s *Set) maxKL(dst []float64, c *Centre) float64 {
	c.tilt.of(c)
	f := c.tilt.flat(c.P)
	atZero := -f.mean - math.Log(f.n) - c.tilt.top
	if atZero <= s.t {
		for k, v := range c.P {
			if dst[k] = 0; v > 0 {
				dst[k] = 1 / f.n
			}
		}
		return math.Log(f.n)
	}
	return c.tilt.solve(dst, s.t, f.guess(s.t, atZero), 0, 1, false)
}

// together is what maxPowerAtOnce looks for: the logarithm of the multiplier, and the level.
type together struct{ logLambda, level float64 }

// maxPowerAtOnce is maxPower with both unknowns found together by Newton's steps, from the
// member for KL: seldom more than six passes over the classes, where one inside the other
// takes a hundred. It returns the entropy in nats. ok is false where it does not come to an
// end, or where the set is so thin that rounding would decide.
//
// With r = (q/p)^(a-1) = w/lambda all derivatives are sums that the pass has: of q, of
// q/(1+w) and of q w.
func (s *Set) maxPowerAtOnce(dst []float64, c *Centre) (nats float64, ok bool) {
	a := s.D.order()
	if s.t < 1e-5 || math.Abs(a-1) < 1e-3 || math.Abs(a) < 1e-3 {
		return 0, false
	}
	at := s.nearKL(c, a)
	for range 40 {
		var total, parts, with float64
		lambda := math.Exp(at.logLambda)
		shift := at.logLambda - (1-a)*at.level
		for k, l := range c.Logs {
			q, w := 0.0, 0.0
			if l >= -math.MaxFloat64 {
				w = omegaNear(shift + (1-a)*l)
			} else if a > 1 {
				dst[k] = 0
				continue
			}
			log := at.level + w/(1-a)
			if log > 700 {
				return 0, false
			}
			if q = exp(log); log > 0 {
				q = math.Exp(log)
			}
			dst[k] = q
			total += q
			parts += q / (1 + w)
			with += q * w
		}
		power := with / lambda * math.Pow(total, -a) // sum of q^a p^(1-a), q divided by its sum
		d := (power - 1) / (a * (a - 1))
		if !(total > 0) || !(d > 0) || math.IsInf(d, 1) {
			return 0, false
		}
		off, far := math.Log(total), math.Log(d/s.t)
		grow := total - parts // sum of q w/(1+w)
		// Derivatives by the level and by the logarithm of the multiplier.
		offLevel, offLambda := parts/total, grow/((1-a)*total)
		by := power / (a * (a - 1) * d)
		farLevel := by * (a*grow/with - a*offLevel)
		farLambda := by * ((with-grow)*a/(1-a)/with - a*offLambda)
		det := offLevel*farLambda - offLambda*farLevel
		dLevel := -(off*farLambda - far*offLambda) / det
		dLambda := -(far*offLevel - off*farLevel) / det
		if math.Abs(off) < 1e-12 && math.Abs(far) < 1e-11 {
			inverse := 1 / total
			for k := range dst {
				dst[k] *= inverse
			}
			return math.Max(0, math.Log(total)-at.level-with/(1-a)*inverse), true
		}
		damp := math.Min(1, 3/math.Max(math.Abs(dLambda), math.Abs(dLevel)))
		at.level += damp * dLevel
		at.logLambda += damp * dLambda
		if at.level-at.level != 0 || at.logLambda-at.logLambda != 0 {
			return 0, false
		}
	}
	return 0, false
}

// nearKL is where the unknowns would be if the member were that for KL, about.
func (s *Set) nearKL(c *Centre, a float64) together {
	c.tilt.of(c)
	f := c.tilt.flat(c.P)
	atZero := math.Max(-f.mean-math.Log(f.n)-c.tilt.top, 1e-9)
	e := f.guess(math.Min(s.t, 0.99*atZero), atZero)
	lambda := e / (1 - e)
	// K(e) = ln sum p^e, by a cubic that has its values and slopes at both ends.
	h0, h1 := 1-e*e*(3-2*e), e*e*(3-2*e)
	k := h0*math.Log(f.n) + h1*-c.tilt.top + e*(1-e)*((1-e)*f.mean-e*f.own)
	k += e * c.tilt.top // the logarithms are relative to the largest
	return together{math.Log(lambda), -(1+lambda)*k + lambda/(a-1)}
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

// omegaNear is omega by the series around the next of stored places, to 1e-15.
func omegaNear(z float64) float64 {
	if !(z > omegaFrom && z < omegaTo) {
		return omega(z)
	}
	k := int((z-omegaFrom)*omegaSteps + 0.5)
	d := z - (omegaFrom + float64(k)/omegaSteps)
	c := &omegas[k]
	return c[0] + d*(c[1]+d*(c[2]+d*(c[3]+d*(c[4]+d*(c[5]+d*c[6])))))
}

// omegas are the coefficients of these series, at omegaSteps places a unit.
const omegaFrom, omegaTo, omegaSteps = -40.0, 64.0, 16

var omegas = func() [][7]float64 {
	all := make([][7]float64, (omegaTo-omegaFrom)*omegaSteps+1)
	for k := range all {
		w := omega(omegaFrom + float64(k)/omegaSteps)
		// A derivative is w P(w)/(1+w)^m; the next one has (P + w P')(1+w) - m w P, and m + 2.
		poly, m, factor := []float64{1}, 1.0, 1.0
		all[k][0] = w
		for n := 1; n < 7; n++ {
			factor *= float64(n)
			value := 0.0
			for i := len(poly) - 1; i >= 0; i-- {
				value = value*w + poly[i]
			}
			all[k][n] = w * value / math.Pow(1+w, m) / factor
			next := make([]float64, len(poly)+1)
			for i, c := range poly {
				next[i] += float64(i+1) * c
				next[i+1] += (float64(i+1) - m) * c
			}
			poly, m = next, m+2
		}
	}
	return all
}()

// fallingOrder lists the classes by falling p, the lower of equal ones first.
func fallingOrder(p []float64) []int {
	order := make([]int, len(p))
	for k := range order {
		order[k] = k
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Or(cmp.Compare(p[b], p[a]), a-b) })
	return order
}
