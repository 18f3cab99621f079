package credal

import "math"

// guesses hold how far the probability of a class can rise, and how far it can fall, at
// probabilities between which both are interpolated to 1e-12: the threshold is the same for
// all rows, and solving for each class of each row would take a hundred times as long.
type guesses struct {
	rise, fall []segment
	// certain is the probability from which on a class may rise to 1; open that up to which
	// it may fall to 0, or to less than 1e-13.
	certain, open float64
}

// Nodes lie perOctave to a doubling of the probability, from 2^-octaves to 1/2.
const (
	octaves   = 48
	perOctave = 32
	nodes     = (octaves-1)*perOctave + 1
	bitsLeft  = 52 - 5 // of the mantissa, below the number of a node
)

// probability is that of a node.
func probability(node int) float64 {
	return math.Float64frombits(math.Float64bits(math.Ldexp(1, -octaves)) + uint64(node)<<bitsLeft)
}

// curve is a function with its first two derivatives at the nodes.
type curve struct {
	value, first, second []float64
	// usable says of the range from a node to the next that the polynomial serves.
	usable []bool
}

func newGuesses(s *Set) *guesses {
	a := s.D.order()
	g := &guesses{certain: s.boundary(func(p float64) float64 { return term(1, p, a) + term(0, 1-p, a) }, false)}
	g.open = s.boundary(func(p float64) float64 { return term(0, p, a) + term(1, 1-p, a) }, true)
	rise, fall := newCurve(), newCurve()
	start := [2]float64{}
	for k := nodes - 1; k >= 0; k-- {
		p := probability(k)
		if p < g.certain {
			start[0] = s.solve(p, 1-p, start[0])
			rise.set(k, s, p, start[0], 1)
		}
		if p > g.open {
			start[1] = s.solve(1-p, p, start[1])
			fall.set(k, s, p, start[1], -1)
		}
	}
	for k := nodes - 1; k >= 0; k-- { // orders of 0 and less leave a class a little, which soon is none
		if p := probability(k); p > g.open && p-fall.value[k] < 1e-13 {
			g.open = p
			break
		}
	}
	for k := range nodes - 1 {
		// Where a class, or all others, nearly falls to 0 the curves bend too much.
		p, q := probability(k), probability(k+1)
		rise.usable[k] = alike(1-p-rise.value[k], 1-q-rise.value[k+1])
		fall.usable[k] = alike(p-fall.value[k], q-fall.value[k+1])
	}
	g.rise, g.fall = rise.segments(), fall.segments()
	return g
}

// alike reports whether what is left at two nodes is no rounding and differs by little.
func alike(a, b float64) bool { return a > faint && b > faint && math.Abs(a-b) < math.Min(a, b)/16 }

// faint is a probability of which rounding leaves too few digits.
const faint = 1e-9

// boundary is the probability at which a divergence of two classes passes the threshold;
// rises says whether it does so from below. 0 or 1 if it never does.
func (s *Set) boundary(value func(p float64) float64, rises bool) float64 {
	lo, hi := 0.0, 1.0
	for range 2000 {
		p := lo + (hi-lo)/2
		if p == lo || p == hi {
			break
		}
		if (value(p) <= s.t) == rises {
			lo = p
		} else {
			hi = p
		}
	}
	if rises {
		return lo
	}
	return hi
}

func newCurve() curve {
	c := curve{make([]float64, nodes), make([]float64, nodes), make([]float64, nodes), make([]bool, nodes)}
	for k := range c.value {
		c.value[k] = math.NaN()
	}
	return c
}

// set keeps the reach d at a node, the sign of a change, and its derivatives by p: those of
// the equation F(p, d) = p phi(x) + r phi(y) - t = 0, x = sign d/p, y = -sign d/r, r = 1-p.
func (c *curve) set(node int, s *Set, p, d, sign float64) {
	a, r := s.D.order(), 1-p
	x, y := sign*d/p, -sign*d/r
	g := func(x float64) float64 { return phi(x, a) - float64(x*slope(x, a)) }
	bend := func(x float64) float64 { return math.Pow(1+x, a-2) }
	fp, fd := g(x)-g(y), sign*(slope(x, a)-slope(y, a))
	bx, by := bend(x)/p, bend(y)/r
	fdd, fpd, fpp := bx+by, -sign*(x*bx+y*by), x*x*bx+y*y*by
	first := -fp / fd
	c.value[node], c.first[node] = d, first
	c.second[node] = -(fpp + 2*fpd*first + fdd*first*first) / fd
}

// segment is the polynomial of degree 5 from a node on, by the share of the way to the next,
// that has the value and both derivatives at the two.
type segment struct {
	left, scale float64 // the node, and 1 over the distance to the next
	c           [6]float64
	usable      bool
}

// segments makes the polynomials.
func (c *curve) segments() []segment {
	all := make([]segment, nodes-1)
	for k := range all {
		if !c.usable[k] {
			continue
		}
		left, right := probability(k), probability(k+1)
		h := right - left
		f0, f1 := c.value[k], c.value[k+1]
		d0, d1 := h*c.first[k], h*c.first[k+1]
		s0, s1 := h*h*c.second[k]/2, h*h*c.second[k+1]/2
		rest, slopes, bends := f1-f0-d0-s0, d1-d0-2*s0, s1-s0
		all[k] = segment{left, 1 / h, [6]float64{f0, d0, s0, 10*rest - 4*slopes + bends, -15*rest + 7*slopes - 2*bends, 6*rest - 3*slopes + bends}, true}
	}
	return all
}

// interpolated is the value at p; false where no polynomial serves.
func interpolated(segments []segment, p float64) (float64, bool) {
	if p < 0x1p-48 || p >= 0.5 {
		return 0, false
	}
	s := &segments[(math.Float64bits(p)-math.Float64bits(0x1p-48))>>bitsLeft]
	w := (p - s.left) * s.scale
	return s.c[0] + w*(s.c[1]+w*(s.c[2]+w*(s.c[3]+w*(s.c[4]+w*s.c[5])))), s.usable
}
