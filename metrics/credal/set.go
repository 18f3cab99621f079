package credal

import (
	"fmt"
	"math"
)

// Set is the rule of a credal set: all q with D(q, p) <= T, for any centre p. It may be
// used by several goroutines.
type Set struct {
	D Divergence
	T float64

	t     float64 // in natural units of the family of power divergences
	guess *guesses
}

// NewSet checks the divergence and the threshold, which is at least 0 and may be +Inf: then
// every distribution is a member.
func NewSet(d Divergence, t float64) (*Set, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	if !(t >= 0) {
		return nil, fmt.Errorf("threshold %v of %v: it is at least 0", t, d)
	}
	s := &Set{D: d, T: t, t: d.natural(t)}
	if d.power() && s.t > 0 && !math.IsInf(t, 1) {
		s.guess = newGuesses(s)
	}
	return s, nil
}

// Holds reports whether q is a member of the set around p.
func (s *Set) Holds(q, p []float64) bool { return s.D.Of(q, p) <= s.T }

// Empty reports whether the set around p has no member, which only Inner makes possible.
func (s *Set) Empty(p []float64) bool {
	return s.D.Kind == Inner && highest(p) < s.least()
}

// least is the least inner product of members of Inner.
func (s *Set) least() float64 { return 1 - s.T }

func highest(p []float64) float64 {
	top := math.Inf(-1)
	for _, v := range p {
		if v > top {
			top = v
		}
	}
	return top
}

// Bounds fills lower and upper with the least and the largest probability of every class
// among the members of the set around p. It is false, and fills in p, if the set is empty.
//
// For f-divergences the extreme members keep all other classes in proportion to p, so that
// the bounds are the two roots of the divergence of two classes; they are found to 1e-12.
func (s *Set) Bounds(lower, upper, p []float64) bool {
	c := &Centre{P: p}
	c.largest()
	return s.boundsAround(lower, upper, c)
}

// boundsAround is Bounds of the row of a centre.
func (s *Set) boundsAround(lower, upper []float64, c *Centre) bool {
	p := c.P
	switch {
	case s.Empty(p):
		copy(lower, p)
		copy(upper, p)
		return false
	case math.IsInf(s.T, 1) || len(p) == 1:
		for k := range p {
			lower[k], upper[k] = 0, 1
		}
		if len(p) == 1 {
			lower[0] = 1
		}
	case s.D.Kind == TV:
		for k, v := range p {
			lower[k], upper[k] = math.Max(0, v-s.T), math.Min(1, v+s.T)
		}
	case s.D.Kind == Inner:
		s.innerBounds(lower, upper, p)
	case s.D.Kind == Wasserstein:
		for k, v := range p {
			lower[k], upper[k] = math.Max(0, v-s.T), s.mostNear(p, k)
		}
	default:
		s.powerBounds(lower, upper, c)
	}
	return true
}

// innerBounds mixes a class with the best other one.
func (s *Set) innerBounds(lower, upper, p []float64) {
	least := s.least()
	first := 0
	second := math.Inf(-1)
	for k, v := range p {
		if k > 0 && v > p[first] {
			second, first = p[first], k
		} else if k > 0 && v > second {
			second = v
		}
	}
	for k, v := range p {
		upper[k], lower[k] = 1, 0
		if v < least {
			upper[k] = (p[first] - least) / (p[first] - v)
		}
		if k == first && second < least {
			lower[k] = (least - second) / (v - second)
		}
	}
}

// mostNear is the largest probability of class k within the Wasserstein distance: it takes
// from the nearest classes first.
func (s *Set) mostNear(p []float64, k int) float64 {
	got, budget := p[k], s.T
	for far := 1; far < len(p) && budget > 0; far++ {
		for _, j := range [2]int{k - far, k + far} {
			if j >= 0 && j < len(p) && budget > 0 {
				take := math.Min(p[j], budget/float64(far))
				got += take
				budget -= take * float64(far)
			}
		}
	}
	return math.Min(1, got)
}

// powerBounds takes the reaches of each class.
func (s *Set) powerBounds(lower, upper []float64, c *Centre) {
	lower, upper = lower[:len(c.P)], upper[:len(c.P)]
	for k, p := range c.P {
		lower[k], upper[k] = s.twoClasses(p, 1-p)
	}
	// 1 - p would lose what is missing to 1 at the top.
	lower[c.first], upper[c.first] = s.twoClasses(c.P[c.first], c.rest)
}

// twoClasses are the bounds of a class of probability p, r being that of all others.
func (s *Set) twoClasses(p, r float64) (lower, upper float64) {
	if g := s.guess; g != nil {
		if rise, rose := interpolated(g.rise, p); rose {
			if p <= g.open {
				return 0, p + rise
			}
			if fall, fell := interpolated(g.fall, p); fell {
				return p - fall, p + rise
			}
		}
	}
	return math.Max(0, p-s.reach(r, p)), math.Min(1, p+s.reach(p, r))
}

// reach is how far the probability p of a class can rise, r being that of all others
// together: the largest d with p phi(d/p) + r phi(-d/r) <= t. By how far it can fall is
// the reach of the others.
func (s *Set) reach(p, r float64) float64 {
	a := s.D.order()
	switch {
	case s.t <= 0 || r <= 0 || p <= 0 && a >= 1:
		return 0
	case term(p+r, p, a)+term(0, r, a) <= s.t:
		return r
	}
	return s.solve(p, r, 0)
}

// solve is the reach where it is less than r, looked for from d on.
func (s *Set) solve(p, r, d float64) float64 {
	a := s.D.order()
	value := func(d float64) (v, by float64) {
		v = r * phi(-d/r, a)
		by = -slope(-d/r, a)
		if p <= 0 {
			return v + d/(1-a) - s.t, by + 1/(1-a)
		}
		return v + float64(p*phi(d/p, a)) - s.t, by + slope(d/p, a)
	}
	lo, hi := 0.0, r
	if !(d > lo && d < hi) {
		d = math.Min(r/2, math.Sqrt(2*s.t*p*r)+s.t)
	}
	// The left side is convex and rises: Newton's steps come to the root from above, after at
	// most one that goes past it.
	for range 200 {
		v, by := value(d)
		if v > 0 {
			hi = d
		} else {
			lo = d
		}
		next := d - v/by
		if !(next > lo && next < hi) {
			next = lo + (hi-lo)/2
		}
		if math.Abs(next-d) <= 1e-14*math.Min(d, r-d)+1e-18 || next == lo || next == hi {
			return next
		}
		d = next
	}
	return d
}
