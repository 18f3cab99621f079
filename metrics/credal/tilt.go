package credal

import "math"

// tilt are the distributions proportional to p^e.
type tilt struct {
	logs  []float64 // of p over its largest value
	top   float64   // logarithm of that
	lower float64   // the least of logs that is finite
}

// of makes it that of a row. It costs no logarithm.
func (t *tilt) of(c *Centre) {
	logs := c.tilt.logs[:len(c.Logs)]
	t.top, t.lower = c.Logs[c.first], 0
	for k, l := range c.Logs {
		l -= t.top
		logs[k] = l
		if l < t.lower && l >= -math.MaxFloat64 {
			t.lower = l
		}
	}
}

// sums are those over the classes of x = exp(e l): the sum, and the moments of l by x.
type sums struct{ x, l, l2, l3, l4 float64 }

// to fills dst with x = exp(e l), which is not divided by its sum, e > 0. Classes without
// probability, or with less than there are numbers, have none.
func (t *tilt) to(dst []float64, e float64) (s sums) {
	exponentials(dst, t.logs, 0, e)
	dst = dst[:len(t.logs)]
	for k, l := range t.logs {
		if x := dst[k]; x > 0 {
			xl := x * l
			xll := xl * l
			xlll := xll * l
			s.x += x
			s.l += xl
			s.l2 += xll
			s.l3 += xlll
			s.l4 += xlll * l
		}
	}
	return s
}

// shift multiplies dst by exp(h l), h so small that four terms of the series are all, and
// returns the sums that the entropy needs.
func (t *tilt) shift(dst []float64, h float64) (s sums) {
	dst = dst[:len(t.logs)]
	for k, l := range t.logs {
		x := dst[k]
		if x == 0 {
			continue
		}
		v := h * l
		x += float64(x * v * (1 + v*(0.5+v*(1./6))))
		dst[k] = x
		s.x += x
		s.l += float64(x * l)
	}
	return s
}

// cumulants are those of l by x, with the logarithm of the sum of x before them: the value
// and the derivatives by e of K(e) = ln sum exp(e l).
type cumulants [5]float64

func (s sums) cumulants() cumulants {
	m, m2, m3, m4 := s.l/s.x, s.l2/s.x, s.l3/s.x, s.l4/s.x
	v := m2 - m*m
	return cumulants{math.Log(s.x), m, v, m3 - 3*m*m2 + 2*m*m*m,
		m4 - 4*m*m3 + 6*m*m*m2 - 3*m*m*m*m - 3*v*v}
}

// at is the divergence from p in nats at e + h, by the series around e, with its derivative:
// (e-1) K' - K - ln p_max, and (e-1) K”.
func (k cumulants) at(e, h, top float64) (value, by float64) {
	log := k[0] + h*(k[1]+h/2*(k[2]+h/3*(k[3]+h/4*k[4])))
	mean := k[1] + h*(k[2]+h/2*(k[3]+h/3*k[4]))
	return (e+h-1)*mean - log - top, (e + h - 1) * (k[2] + h*(k[3]+h/2*k[4]))
}

// step is how far from e the divergence is t: by the series, or by Newton's step where that
// turns before.
func (k cumulants) step(e, t, top float64) float64 {
	v, by := k.at(e, 0, top)
	h, first := 0.0, (t-v)/by
	for range 30 {
		v, slope := k.at(e, h, top)
		if slope*by <= 0 {
			break
		}
		d := (t - v) / slope
		h += d
		if math.Abs(d) <= 1e-15+1e-8*math.Abs(h) {
			return h
		}
	}
	return first
}

// solve fills dst with the member between lo and hi whose divergence is t, beginning at e,
// and returns its entropy in nats; rises says whether the divergence rises from lo to hi.
//
// Each pass takes the exponentials once and finds the next e by a series of fourth order;
// once what is missing is small, a polynomial takes their place.
func (t *tilt) solve(dst []float64, value, e, lo, hi float64, rises bool) (entropy float64) {
	if !(e > lo && e < hi) {
		e = lo + (min(hi, 2*lo+1)-lo)/2
	}
	var s sums
	for pass := range 200 {
		s = t.to(dst, e)
		k := s.cumulants()
		v, _ := k.at(e, 0, t.top)
		if (v > value) == rises {
			hi = e
		} else {
			lo = e
		}
		h := k.step(e, value, t.top)
		if math.Abs(h*t.lower) < 1e-4 {
			s = t.shift(dst, h)
			e += h
			break
		}
		if !(e+h > lo && e+h < hi) || pass > 8 && pass%2 == 0 && hi < math.Inf(1) {
			if h = e; hi < math.Inf(1) {
				h = lo + (hi-lo)/2 - e
			}
		}
		if e+h == e || hi-lo <= 1e-15*math.Max(1, e) || e > 1e15 {
			break
		}
		e += h
	}
	inverse := 1 / s.x
	for k := range dst {
		dst[k] *= inverse
	}
	return math.Max(0, math.Log(s.x)-e*s.l*inverse)
}

// flat is what is known of the distributions at e = 0 and e = 1 without a pass: the moments
// of l over classes that have probability.
type flat struct{ n, mean, spread, own, ownSpread float64 }

func (t *tilt) flat(p []float64) (f flat) {
	var l1, l2, pl, pl2 float64
	for k, l := range t.logs {
		if v := p[k]; v > 0 {
			f.n++
			l1 += l
			l2 += float64(l * l)
			pl += float64(v * l)
			pl2 += float64(v * l * l)
		}
	}
	f.mean, f.own = l1/f.n, pl
	f.spread, f.ownSpread = l2/f.n-f.mean*f.mean, pl2-pl*pl
	return f
}

// guess is about the e between 0 and 1 at which the divergence is value. Its root is nearly a
// straight line over e: the cubic between the ends that has its slopes there.
func (f flat) guess(value, atZero float64) float64 {
	end := math.Sqrt(atZero)
	w := math.Sqrt(value) / end // 0 at e = 1, 1 at e = 0
	near := -end / math.Sqrt(math.Max(f.ownSpread, 1e-300)/2)
	far := -2 * atZero / math.Max(f.spread, 1e-300)
	near, far = math.Max(near, -3), math.Max(far, -3) // steeper ones would turn back
	w2, w3 := w*w, w*w*w
	e := 1 - 3*w2 + 2*w3 + near*(w-2*w2+w3) + far*(w3-w2)
	return math.Min(0.999, math.Max(0.001, e))
}
