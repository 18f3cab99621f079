package credal

import "math"

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
		d.needsPower(dst, p)
	}
}

func (d Divergence) needsPower(dst, p []float64) {
	a := d.order()
	order := fallingOrder(p)
	after := make([]float64, len(p)+1) // what is left behind a number of the largest
	for k := len(p) - 1; k >= 0; k-- {
		after[k] = after[k+1] + p[order[k]]
	}
	for _, j := range order {
		if p[j] == p[order[0]] {
			dst[j] = 0
			continue
		}
		pool, larger := newPowerMean(a).and(p[j]), 0
		for order[larger] != j && p[order[larger]] > pool.value() {
			pool = pool.and(p[order[larger]])
			larger++
		}
		// q is the pool's mean in it and p elsewhere, divided by the sum.
		m := pool.value()
		z := float64(pool.count*m) + math.Max(0, after[larger]-p[j])
		switch {
		case a == 0:
			dst[j] = d.fromNatural(math.Max(0, pool.sum-float64(pool.plain*math.Log(m))))
		case m == 0 && a >= 1:
			dst[j] = math.Inf(1)
		case a == 1:
			dst[j] = d.fromNatural(math.Max(0, -math.Log(z)))
		default:
			dst[j] = d.fromNatural(math.Max(0, math.Expm1((1-a)*math.Log(z))/(a*(a-1))))
		}
	}
}

// powerMean is a mean of order 1-a: sum is of logarithms for a = 1, of p ln p for a = 0
// (the mean itself is then pooled over count), of powers otherwise.
type powerMean struct {
	a, count, sum, plain float64
}

func newPowerMean(a float64) powerMean { return powerMean{a: a} }

func (m powerMean) and(v float64) powerMean {
	m.count++
	m.plain += v
	switch m.a {
	case 1:
		m.sum += math.Log(v)
	case 0:
		if v > 0 {
			m.sum += v * math.Log(v)
		}
	default:
		m.sum += math.Pow(v, 1-m.a)
	}
	return m
}

func (m powerMean) value() float64 {
	switch m.a {
	case 1:
		return math.Exp(m.sum / m.count)
	case 0:
		return m.plain / m.count
	}
	return math.Pow(m.sum/m.count, 1/(1-m.a))
}

// needsTV: class j is raised by as much as the larger ones are cut, to one level.
func needsTV(dst, p []float64) {
	order := fallingOrder(p)
	for _, j := range order {
		so, count, at := p[j], 1.0, p[j]
		for _, i := range order {
			if i == j || !(p[i] > at) {
				break
			}
			so += p[i]
			count++
			at = so / count
		}
		dst[j] = math.Max(0, at-p[j])
	}
}

// needsInner: the largest product is that of the uniform distribution over j and the
// largest others.
func needsInner(dst, p []float64) {
	order := fallingOrder(p)
	for _, j := range order {
		so, count := p[j], 1.0
		for _, i := range order {
			if i != j && p[i] > so/count {
				so += p[i]
				count++
			}
		}
		dst[j] = 1 - so/count
	}
}

// Choices lists the classes that some member of the set around p would choose, ties
// included, rising. needs has room for a number each and holds Needs afterwards. It is the
// class of p alone where the set is empty.
func (s *Set) Choices(needs, p []float64) []int32 {
	if s.Empty(p) {
		class, _ := Argmax(p, p)
		return []int32{int32(class)}
	}
	s.D.Needs(needs, p)
	var classes []int32
	for j, v := range needs {
		if v <= s.T {
			classes = append(classes, int32(j))
		}
	}
	return classes
}

// Certain reports whether every member of the set around p would choose the same class.
func (s *Set) Certain(needs, p []float64) bool { return len(s.Choices(needs, p)) == 1 }
