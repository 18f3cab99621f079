package credal

import (
	"math"
	"slices"
)

// LowerEntropy is the least entropy of a member of the set around p, in bits; that of p
// where the set is empty. It is exact for KL, TV and Inner, and for two classes; for the other
// divergences it is the least found by descending from several members, which for three
// classes lies within 5e-5 bits of the least of a scan of the boundary, and cannot be less
// than the least there is.
func (s *Set) LowerEntropy(p []float64) float64 { return s.LowerEntropyAround(around(p)) }

// LowerEntropyAround is LowerEntropy of the row of a centre.
func (s *Set) LowerEntropyAround(c *Centre) float64 {
	p := c.P
	switch {
	case s.Empty(p):
		return Entropy(p)
	case len(p) == 1:
		return 0
	case math.IsInf(s.T, 1) || s.D.Kind == Inner:
		return 0 // the class of the largest p alone is a member
	case len(p) == 2:
		return s.lowerOfTwo(p)
	case s.T == 0:
		return Entropy(p)
	case s.D.Kind == TV:
		return lowerTV(c, s.T)
	case s.D.Kind == KL:
		return s.lowerKL(c)
	case s.D.Kind == Wasserstein:
		return s.lowerWasserstein(p)
	}
	return s.lowerPower(p)
}

// lowerOfTwo looks at the ends.
func (s *Set) lowerOfTwo(p []float64) float64 {
	lower, upper := make([]float64, 2), make([]float64, 2)
	s.Bounds(lower, upper, p)
	return math.Min(Entropy([]float64{lower[0], 1 - lower[0]}), Entropy([]float64{upper[0], 1 - upper[0]}))
}

// lowerTV gives the largest class what the smallest lose.
func lowerTV(c *Centre, t float64) float64 {
	give := math.Min(t, c.rest)
	keep := emptied(c, give)
	h := 0.0
	left := give
	for k, p := range c.P {
		if k == c.first || p < keep { // the smallest lose all
			if k != c.first {
				left -= p
			}
			continue
		}
		if p > keep {
			h -= float64(p * c.Logs[k])
		}
	}
	// Of the classes at the border as many as can lose all, and one a part.
	for k, p := range c.P {
		if k == c.first || p != keep {
			continue
		}
		q := p - math.Max(0, math.Min(p, left))
		left -= p
		if q > 0 {
			h -= float64(q * math.Log(q))
		}
	}
	if top := c.P[c.first] + give; top < 1 {
		h -= float64(top * math.Log(top))
	}
	return math.Max(0, h/math.Ln2)
}

// emptied is the probability of the class that loses a part, or the first that loses nothing,
// when the smallest lose give in all, the largest class aside. It parts the classes as
// quicksort does, and goes on with the side on which the class lies.
func emptied(c *Centre, give float64) float64 {
	v := append(c.scratch[:0], c.P[:c.first]...)
	v = append(v, c.P[c.first+1:]...)
	for len(v) > 1 {
		pivot := v[len(v)/2]
		below, same, less := 0, 0, 0.0
		for k, p := range v { // the smaller ones, then equal ones, then the larger
			switch {
			case p < pivot:
				v[k], v[below+same] = v[below+same], v[k]
				v[below+same], v[below] = v[below], v[below+same]
				below++
				less += p
			case p == pivot:
				v[k], v[below+same] = v[below+same], v[k]
				same++
			}
		}
		switch all := less + pivot*float64(same); {
		case below > 0 && give < less:
			v = v[:below]
		case below+same == len(v) || give < all:
			return pivot
		default:
			give -= all
			v = v[below+same:]
		}
	}
	return v[0]
}

// lowerKL: q is proportional to p^e, e >= 1, at the boundary. With m largest classes and
// more room than their uniform distribution needs, members are over these alone.
func (s *Set) lowerKL(c *Centre) float64 {
	top := c.P[c.first]
	most := 0.0
	for _, v := range c.P {
		if v == top {
			most++
		}
	}
	switch {
	case -math.Log2(top) <= s.T:
		return 0
	case -math.Log2(most*top) <= s.T:
		return -math.Log2(top) - s.T
	}
	c.tilt.of(c)
	f := c.tilt.flat(c.P)
	start := 1 + math.Sqrt(2*s.t/math.Max(1e-300, f.ownSpread))
	return c.tilt.solve(c.scratch, s.t, start, 1, math.Inf(1), true) / math.Ln2
}

// lowerPower descends with the least members of tangents.
func (s *Set) lowerPower(p []float64) float64 { return descend(p, s.cheapest) }

// descend looks for a member of least entropy, a concave function: the member of least value
// of its tangent at q has no more of it than q. It goes on from members in several
// directions, towards the largest classes and away from the smallest, until it stands
// still, and takes the least. cheapest fills q with the member of least sum of cost times q.
func descend(p []float64, cheapest func(q, p, cost []float64)) float64 {
	least := Entropy(p)
	q, cost := make([]float64, len(p)), make([]float64, len(p))
	for _, start := range directions(p) {
		copy(cost, start)
		before := math.Inf(1)
		for range 200 {
			cheapest(q, p, cost)
			h := Entropy(q)
			least = math.Min(least, h)
			if h > before-1e-13 {
				break
			}
			before = h
			for k, v := range q {
				cost[k] = -math.Log(math.Max(v, 1e-300))
			}
		}
	}
	return least
}

// directions are costs to begin with.
func directions(p []float64) [][]float64 {
	order := fallingOrder(p)
	lean := make([]float64, len(p))
	for k, v := range p {
		lean[k] = -math.Log(math.Max(v, 1e-300))
	}
	all := [][]float64{lean}
	for k := range min(len(p), 4) {
		towards, away := make([]float64, len(p)), make([]float64, len(p))
		for j := range towards {
			towards[j] = 1
		}
		towards[order[k]] = 0
		for _, j := range order[max(1, len(p)-1<<k):] { // the last 1, 2, 4, 8 classes
			away[j] = 1
		}
		all = append(all, towards, away)
	}
	return all
}

// cheapest fills q with the member of least sum of cost times q. At the optimum phi'(q/p) is
// (m - cost)/l, cut off where q is 0, with the multiplier l from outside and m, which makes
// q add to 1, from within.
func (s *Set) cheapest(q, p, cost []float64) {
	a := s.D.order()
	low, high := slices.Min(cost), slices.Max(cost)
	m := (high - low) / 2
	// at fills q for one l, and returns the logarithm of its divergence over t.
	at := func(logL float64) float64 {
		m = s.balance(q, p, cost, low, high, math.Exp(logL), m)
		v := 0.0
		for k := range q {
			v += term(q[k], p[k], a)
		}
		return math.Log(math.Max(v, 1e-300) / s.t)
	}
	lo, hi := -50.0, 50.0 // small multipliers go far
	above, below := at(lo), at(hi)
	if above <= 0 { // the best corner is a member
		at(lo)
		return
	}
	side := 0
	for range 200 {
		x := (lo*below - hi*above) / (below - above)
		if !(x > lo && x < hi) || hi-lo > 30 {
			x = lo + (hi-lo)/2
		}
		v := at(x)
		if v > 0 {
			if lo, above = x, v; side == 1 {
				below /= 2
			}
			side = 1
		} else {
			if hi, below = x, v; side == -1 {
				above /= 2
			}
			side = -1
		}
		if v <= 0 && v > -1e-12 || hi-lo < 1e-13 {
			break
		}
	}
	at(hi)
}

// balance fills q for one multiplier, with the m for which it adds to 1, and returns m: by
// Newton's steps between the least and the largest cost, beginning at a guess.
func (s *Set) balance(q, p, cost []float64, low, high, l, m float64) float64 {
	a := s.D.order()
	lo, hi := 0.0, high-low // all slopes are 0 at q = p
	for range 200 {
		total, by := 0.0, 0.0
		for k, c := range cost {
			r := inverseSlope((m-(c-low))/l, a)
			q[k] = p[k] * r
			total += q[k]
			if r > 0 {
				by += q[k] * math.Pow(r, 1-a) / l
			}
		}
		if total > 1 {
			hi = m
		} else {
			lo = m
		}
		next := m - (total-1)/by
		if !(next > lo && next < hi) {
			next = lo + (hi-lo)/2
		}
		if math.Abs(total-1) < 1e-15 || next == lo || next == hi {
			break
		}
		m = next
	}
	total := 0.0
	for _, v := range q {
		total += v
	}
	for k := range q {
		q[k] /= total
	}
	return m
}

// inverseSlope is the q/p at which the slope of phi is v; 0 where it is below all slopes,
// very large where it is above all.
func inverseSlope(v, a float64) float64 {
	if a == 1 {
		return math.Exp(v)
	}
	base := 1 + (a-1)*v // (q/p)^(a-1)
	switch {
	case base > 0:
		return math.Pow(base, 1/(a-1))
	case a > 1:
		return 0
	}
	return 1e300
}
