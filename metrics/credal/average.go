package credal

import (
	"math"
	"math/rand/v2"
)

// Average fills dst with the mean of all members of the set around p, each as likely as any
// other (the centroid), and returns the set's share of all distributions, its volume. Both
// are exact for two classes, good to about 1e-8 for three, and sampled for more: see
// Sampled, whose samples and seed are these and which says how good they are. If the set is
// empty or one point, dst is p and the share 0. dst and p do not overlap.
func (s *Set) Average(dst, p []float64, samples int, seed uint64) (share float64) {
	switch {
	case s.Empty(p):
		copy(dst, p)
		return 0
	case math.IsInf(s.T, 1):
		uniform(dst)
		return 1
	case len(p) == 1:
		dst[0] = 1
		return 1
	case len(p) == 2:
		lower, upper := make([]float64, 2), make([]float64, 2)
		s.Bounds(lower, upper, p)
		dst[0] = (lower[0] + upper[0]) / 2
		dst[1] = 1 - dst[0]
		return upper[0] - lower[0]
	case s.T == 0 && s.D.Kind != Inner:
		copy(dst, p)
		return 0
	case len(p) == 3 && s.D.power():
		return s.averageSections(dst, p)
	case len(p) == 3:
		return s.averagePolygon(dst, p)
	}
	v := s.Sampled(p, samples, seed)
	copy(dst, v.Average)
	return v.Share
}

// averagePolygon cuts the triangle of distributions over three classes by the straight
// edges of the set.
func (s *Set) averagePolygon(dst, p []float64) float64 {
	polygon := [][2]float64{{1, 0}, {0, 1}, {0, 0}} // by the first two classes
	cut := func(x, y, most float64) {               // keep x q_0 + y q_1 <= most
		var kept [][2]float64
		for i, a := range polygon {
			b := polygon[(i+1)%len(polygon)]
			da, db := x*a[0]+y*a[1]-most, x*b[0]+y*b[1]-most
			if da <= 0 {
				kept = append(kept, a)
			}
			if da < 0 && db > 0 || da > 0 && db < 0 {
				w := da / (da - db)
				kept = append(kept, [2]float64{a[0] + w*(b[0]-a[0]), a[1] + w*(b[1]-a[1])})
			}
		}
		polygon = kept
	}
	switch s.D.Kind {
	case TV: // the largest change of a class is the distance
		for _, side := range []float64{1, -1} {
			cut(side, 0, s.T+side*p[0])
			cut(0, side, s.T+side*p[1])
			cut(-side, -side, s.T-side*(p[0]+p[1]))
		}
	case Inner: // q_0 (p_2-p_0) + q_1 (p_2-p_1) <= p_2 - least
		cut(p[2]-p[0], p[2]-p[1], p[2]-s.least())
	case Wasserstein: // |d_0| + |d_0 + d_1| <= T
		for _, side := range []float64{1, -1} {
			cut(side*2, side, s.T+side*(2*p[0]+p[1]))
			cut(0, side, s.T+side*p[1])
		}
	}
	area, x, y := 0.0, 0.0, 0.0
	for i, a := range polygon {
		b := polygon[(i+1)%len(polygon)]
		cross := a[0]*b[1] - b[0]*a[1]
		area += cross / 2
		x += (a[0] + b[0]) * cross / 6
		y += (a[1] + b[1]) * cross / 6
	}
	if math.Abs(area) < 1e-300 {
		copy(dst, p)
		return 0
	}
	dst[0], dst[1] = x/area, y/area
	dst[2] = 1 - dst[0] - dst[1]
	return math.Abs(area) / 0.5
}

// moments are the area of a set over three classes and its moments of the first two.
type moments [3]float64

// averageSections integrates over the first class the length and the middle of the set's
// sections along the second.
func (s *Set) averageSections(dst, p []float64) float64 {
	lower, upper := make([]float64, 3), make([]float64, 3)
	s.Bounds(lower, upper, p)
	a := s.D.order()
	middle, half := (lower[0]+upper[0])/2, (upper[0]-lower[0])/2
	// In the angle the roots at the ends are smooth.
	at := func(angle float64) moments {
		x := middle + half*math.Sin(angle)
		weight := half * math.Cos(angle)
		rest := math.Max(0, 1-x)
		first := term(x, p[0], a)
		value := func(y float64) float64 {
			return first + term(y, p[1], a) + term(rest-y, p[2], a) - s.t
		}
		inner := rest / 2
		if p[1]+p[2] > 0 {
			inner = rest * p[1] / (p[1] + p[2])
		}
		if !(value(inner) <= 0) {
			return moments{}
		}
		lo, hi := crossing(value, inner, 0), crossing(value, inner, rest)
		return moments{weight * (hi - lo), weight * x * (hi - lo), weight * (hi - lo) * (hi + lo) / 2}
	}
	m := integrate(at, -math.Pi/2, math.Pi/2)
	if m[0] < 1e-300 {
		copy(dst, p)
		return 0
	}
	dst[0], dst[1] = m[1]/m[0], m[2]/m[0]
	dst[2] = 1 - dst[0] - dst[1]
	return m[0] / 0.5
}

// crossing is where a convex function, not above 0 at from, rises above 0 on the way to to;
// to if it does not.
func crossing(value func(float64) float64, from, to float64) float64 {
	if value(to) <= 0 {
		return to
	}
	for range 100 {
		middle := from + (to-from)/2
		if middle == from || middle == to {
			break
		}
		if value(middle) <= 0 {
			from = middle
		} else {
			to = middle
		}
	}
	return from
}

// Nodes and weights of Gauss and Kronrod with 7 and 15 points, from the middle outwards.
var (
	kronrodNodes   = [8]float64{0, 0.207784955007898468, 0.405845151377397167, 0.586087235467691130, 0.741531185599394440, 0.864864423359769073, 0.949107912342758525, 0.991455371120812640}
	kronrodWeights = [8]float64{0.209482141084727828, 0.204432940075298892, 0.190350578064785410, 0.169004726639267903, 0.140653259715525919, 0.104790010322250184, 0.063092092629978553, 0.022935322010529225}
	gaussWeights   = [4]float64{0.417959183673469388, 0.381830050505118945, 0.279705391489276668, 0.129484966168869693}
)

// integrate halves the range until 7 and 15 points agree.
func integrate(f func(float64) moments, from, to float64) moments {
	return integrateTo(f, from, to, 1e-12, 24)
}

func integrateTo(f func(float64) moments, from, to, tolerance float64, depth int) moments {
	middle, half := (from+to)/2, (to-from)/2
	var fine, coarse moments
	add := func(k int, m moments) {
		for i, v := range m {
			fine[i] += half * kronrodWeights[k] * v
			if k%2 == 0 {
				coarse[i] += half * gaussWeights[k/2] * v
			}
		}
	}
	add(0, f(middle))
	for k := 1; k < 8; k++ {
		add(k, f(middle-half*kronrodNodes[k]))
		add(k, f(middle+half*kronrodNodes[k]))
	}
	off := 0.0
	for i, v := range fine {
		off = math.Max(off, math.Abs(v-coarse[i]))
	}
	if depth == 0 || off <= tolerance || off <= 1e-13*math.Abs(fine[0]) {
		return fine
	}
	a := integrateTo(f, from, middle, tolerance/2, depth-1)
	b := integrateTo(f, middle, to, tolerance/2, depth-1)
	return moments{a[0] + b[0], a[1] + b[1], a[2] + b[2]}
}

// Sampling is what samples say of a set.
type Sampling struct {
	Share   float64   // of all distributions: the credal volume
	Average []float64 // mean member; p if no sample is one
	// Effective is the number of samples, all alike, that would tell as much: errors are of
	// the order of 1 over its root. Few say that the set is too thin for the samples.
	Effective float64
}

// Sampled estimates the volume and the mean member of the set around p by importance
// sampling, from Dirichlet distributions around p whose spread is chosen by the
// divergence. The same seed gives the same numbers.
func (s *Set) Sampled(p []float64, samples int, seed uint64) Sampling {
	best := Sampling{Average: append([]float64(nil), p...)}
	if s.Empty(p) || samples < 1 {
		return best
	}
	d := newDirichlet(p)
	// Spreads from very wide to about the set's, tried by a twentieth of the samples each.
	trial := max(1, samples/20)
	sharpest, most := 0.0, -1.0
	for k := -2; k <= 12; k++ {
		sharp := math.Exp2(float64(k))
		if got := s.sample(d, sharp, trial, seed); got.Effective > most {
			sharpest, most = sharp, got.Effective
		}
	}
	if got := s.sample(d, sharpest, samples, seed+1); got.Effective > 0 {
		return got
	}
	return best
}

// sample draws from one Dirichlet distribution.
func (s *Set) sample(d *dirichlet, sharp float64, samples int, seed uint64) Sampling {
	rng := rand.New(rand.NewPCG(seed, 0x63726564616c))
	d.sharpen(sharp)
	average := make([]float64, len(d.p))
	q := make([]float64, len(d.p))
	top := math.Inf(-1) // largest logarithm of a weight so far; sums are relative to it
	var sum, squares float64
	for range samples {
		logWeight := d.draw(q, rng)
		if !s.Holds(q, d.p) {
			continue
		}
		if logWeight > top {
			by := math.Exp(top - logWeight)
			sum, squares = sum*by, squares*by*by
			for k := range average {
				average[k] *= by
			}
			top = logWeight
		}
		w := math.Exp(logWeight - top)
		sum += w
		squares += w * w
		for k, v := range q {
			average[k] += w * v
		}
	}
	if sum == 0 {
		return Sampling{}
	}
	for k := range average {
		average[k] /= sum
	}
	return Sampling{Share: math.Exp(top) * sum / float64(samples), Average: average, Effective: sum * sum / squares}
}

// dirichlet has the parameters 1 + sharp p.
type dirichlet struct {
	p, alpha []float64
	logScale float64 // of the uniform density over this one's, without the powers
}

func newDirichlet(p []float64) *dirichlet { return &dirichlet{p: p, alpha: make([]float64, len(p))} }

func (d *dirichlet) sharpen(sharp float64) {
	total := 0.0
	d.logScale, _ = math.Lgamma(float64(len(d.p)))
	for k, v := range d.p {
		d.alpha[k] = 1 + sharp*v
		total += d.alpha[k]
		l, _ := math.Lgamma(d.alpha[k])
		d.logScale += l
	}
	l, _ := math.Lgamma(total)
	d.logScale -= l
}

// draw fills q and returns the logarithm of the uniform density over that of q.
func (d *dirichlet) draw(q []float64, rng *rand.Rand) float64 {
	total := 0.0
	for k, a := range d.alpha {
		q[k] = gammaVariate(a, rng)
		total += q[k]
	}
	log := d.logScale
	for k := range q {
		q[k] /= total
		if d.alpha[k] > 1 {
			log -= (d.alpha[k] - 1) * math.Log(math.Max(q[k], 1e-300))
		}
	}
	return log
}

// gammaVariate draws from the gamma distribution of shape a >= 1. Source: Marsaglia and
// Tsang 2000.
func gammaVariate(a float64, rng *rand.Rand) float64 {
	d := a - 1./3
	c := 1 / math.Sqrt(9*d)
	for {
		x := rng.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v = v * v * v
		if u := rng.Float64(); math.Log(math.Max(u, 1e-300)) < x*x/2+d-d*v+d*math.Log(v) {
			return d * v
		}
	}
}
