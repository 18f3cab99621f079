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
func (s *Set) LowerEntropy(p []float64) float64 {
	switch {
	case s.Empty(p):
		return Entropy(p)
	case math.IsInf(s.T, 1) || s.D.Kind == Inner:
		return 0 // the class of the largest p alone is a member
	case len(p) == 2:
		return s.lowerOfTwo(p)
	case s.T == 0:
		return Entropy(p)
	case s.D.Kind == TV:
		return lowerTV(p, s.T)
	case s.D.Kind == KL:
		return s.lowerKL(p)
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
func lowerTV(p []float64, t float64) float64 {
	q := slices.Sorted(slices.Values(p))
	top := len(q) - 1
	give := math.Min(t, 1-q[top])
	q[top] += give
	for k := 0; k < top && give > 0; k++ {
		take := math.Min(q[k], give)
		q[k] -= take
		give -= take
	}
	return Entropy(q)
}

// lowerKL: q is proportional to p^e, e >= 1, at the boundary. With m largest classes and
// more room than their uniform distribution needs, members are over these alone.
func (s *Set) lowerKL(p []float64) float64 {
	top := highest(p)
	most := 0.0
	for _, v := range p {
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
	q := make([]float64, len(p))
	tilt := newTilt(p)
	lo, hi := 1.0, 2.0
	for v, _ := tilt.to(q, hi); v < s.t && hi < 1e15; v, _ = tilt.to(q, hi) {
		lo, hi = hi, 2*hi
	}
	tilt.solve(q, s.t, lo, hi, true)
	return Entropy(q)
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
