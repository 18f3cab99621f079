package credal

import (
	"math"
	"sort"
)

// Needs fills dst with the least divergence D(q, p) of a q that has class j for an argmax,
// ties included, for each class j: a set of threshold t has a member that would choose j
// where it is at most t. It costs O(C log C); for Wasserstein, where the order of classes
// matters, O(C^2 log C) and more.
//
// A class j takes the larger ones along: they and j get one value, as if each had their
// mean, the power mean of order 1-a that is geometric for KL and arithmetic for its reverse;
// the other classes stay in proportion to p.
func (d Divergence) Needs(dst, p []float64) {
	switch d.Kind {
	case TV:
		needsTV(dst, p)
	case Inner:
		needsInner(dst, p)
	case Wasserstein:
		for j := range p {
			dst[j] = needWasserstein(p, j)
		}
	default:
		d.needsPower(dst, p, math.Inf(1))
	}
}

// needsPower may stop at the first class that needs more than most: all smaller ones do.
func (d Divergence) needsPower(dst, p []float64, most float64) {
	a := d.order()
	order := fallingOrder(p)
	// Of the m largest classes: what their mean is made of, and what they and the others add to.
	n := len(p)
	parts, before, after := make([]float64, n+1), make([]float64, n+1), make([]float64, n+1)
	for m, j := range order {
		parts[m+1], before[m+1] = parts[m]+part(p[j], a), before[m]+p[j]
	}
	for m := n - 1; m >= 0; m-- {
		after[m] = after[m+1] + p[order[m]]
	}
	for rank, j := range order {
		if p[j] == p[order[0]] {
			dst[j] = 0
			continue
		}
		own := part(p[j], a)
		// Each class that lies above the mean of those before it and j raises it, the less the
		// further on. Of powers of a negative order the smaller is the larger class.
		m := sort.Search(rank, func(m int) bool {
			next := parts[m+1] - parts[m]
			mean := (own + parts[m]) / float64(m+1)
			switch {
			case a == 0:
				return !(p[order[m]] > (p[j]+before[m])/float64(m+1))
			case a > 1:
				return !(next < mean)
			}
			return !(next > mean)
		})
		at := meanOf(own+parts[m], p[j]+before[m], float64(m+1), a)
		// q is the pool's mean in it and p elsewhere, divided by the sum.
		z := float64(float64(m+1)*at) + math.Max(0, after[m]-p[j])
		switch {
		case a == 0:
			pooled := p[j] + before[m]
			dst[j] = d.fromNatural(math.Max(0, own+parts[m]-float64(pooled*math.Log(at))))
		case at == 0 && a >= 1:
			dst[j] = math.Inf(1)
		case a == 1:
			dst[j] = d.fromNatural(math.Max(0, -math.Log(z)))
		default:
			dst[j] = d.fromNatural(math.Max(0, math.Expm1((1-a)*math.Log(z))/(a*(a-1))))
		}
		if dst[j] > most {
			for _, smaller := range order[rank+1:] {
				dst[smaller] = dst[j]
			}
			return
		}
	}
}

// part is what a class adds to a mean of order 1-a: its logarithm for the geometric one of a =
// 1, its power otherwise. For a = 0, whose mean is plain, it is p ln p, which the divergence
// is made of.
func part(p, a float64) float64 {
	switch {
	case a == 1:
		return math.Log(p)
	case a != 0:
		return math.Pow(p, 1-a)
	case p > 0:
		return p * math.Log(p)
	}
	return 0
}

// meanOf is the mean of order 1-a of so many classes with these sums.
func meanOf(parts, plain, count, a float64) float64 {
	switch a {
	case 1:
		return math.Exp(parts / count)
	case 0:
		return plain / count
	}
	return math.Pow(parts/count, 1/(1-a))
}

// needsTV: class j is raised by as much as the larger ones are cut, to one level.
func needsTV(dst, p []float64) {
	pooled(p, func(j int, mean float64) { dst[j] = math.Max(0, mean-p[j]) })
}

// needsInner: the largest product is that of the uniform distribution over j and the
// largest others.
func needsInner(dst, p []float64) {
	pooled(p, func(j int, mean float64) { dst[j] = 1 - mean })
}

// pooled gives for each class the plain mean of it and those larger ones that lie above it.
func pooled(p []float64, give func(j int, mean float64)) {
	order := fallingOrder(p)
	before := make([]float64, len(p)+1)
	for m, j := range order {
		before[m+1] = before[m] + p[j]
	}
	for at, j := range order {
		mean := func(m int) float64 { return (p[j] + before[m]) / float64(m+1) }
		m := sort.Search(at, func(m int) bool { return !(p[order[m]] > mean(m)) })
		give(j, mean(m))
	}
}

// Choices lists the classes that some member of the set around p would choose, ties
// included, rising; nil if the set is empty. needs has room for a number each.
func (s *Set) Choices(needs, p []float64) []int32 {
	if s.Empty(p) {
		return nil
	}
	switch {
	case s.D.Kind == Wasserstein:
		needsTV(needs, p) // no more than the distance, and at once
		for j, v := range needs {
			if v <= s.T {
				needs[j] = needWasserstein(p, j)
			}
		}
	case s.D.power():
		s.D.needsPower(needs, p, s.T)
	default:
		s.D.Needs(needs, p)
	}
	var classes []int32
	for j, v := range needs {
		if v <= s.T {
			classes = append(classes, int32(j))
		}
	}
	return classes
}

// Certain reports whether every member of the set around p would choose the same class, and
// that there is one. It costs O(C), except for Wasserstein: what a class needs falls as its
// probability rises, so that the second largest decides.
func (s *Set) Certain(p []float64) bool {
	c := &Centre{P: p}
	c.largest()
	return s.CertainAround(c)
}

// CertainAround is Certain of the row of a centre.
func (s *Set) CertainAround(c *Centre) bool {
	p := c.P
	switch {
	case s.Empty(p):
		return false
	case len(p) == 1:
		return true
	case s.D.Kind == Wasserstein:
		return len(s.Choices(make([]float64, len(p)), p)) == 1
	}
	rest := 0.0
	for k, v := range p {
		if k != c.first && k != c.second {
			rest += v
		}
	}
	return s.D.needOfSecond(p[c.first], p[c.second], rest) > s.T
}

// needOfSecond is what the second largest class needs to become as large as the largest.
func (d Divergence) needOfSecond(first, second, rest float64) float64 {
	if first == second && d.Kind != Inner {
		return 0
	}
	a := d.order()
	mean := (first + second) / 2
	switch d.Kind {
	case TV:
		return mean - second
	case Inner:
		return 1 - mean
	case KLReverse:
		return d.fromNatural(math.Max(0, part(first, 0)+part(second, 0)-float64((first+second)*math.Log(mean))))
	}
	mean = meanOf(part(first, a)+part(second, a), first+second, 2, a)
	if mean == 0 && a >= 1 {
		return math.Inf(1)
	}
	z := 2*mean + rest
	if a == 1 {
		return d.fromNatural(math.Max(0, -math.Log(z)))
	}
	return d.fromNatural(math.Max(0, math.Expm1((1-a)*math.Log(z))/(a*(a-1))))
}
