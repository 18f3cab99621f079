package resample

import (
	"math"

	"abstain/metrics"
	"abstain/metrics/stattest"
)

// moderated is an AUROC on the logit scale. The information of an AUROC is in the rarer
// of its two kinds of samples, and few of a kind show their own scatter badly: it comes
// out too small, or not at all where they all lie on one side. So the variance of each
// kind is drawn towards that of two exponential kinds with this AUROC (Hanley and McNeil
// 1982), which counts as two samples, as moderated t-statistics do (Smyth 2004), and
// Student's t has one degree of freedom more than each kind has samples less one, two
// for those of the prior, put together as Welch and Satterthwaite do.
type moderated struct {
	value   float64    // the AUROC
	at      float64    // the same, kept off 0 and 1
	sigma   float64    // standard error of the logit of at
	freedom float64    // degrees of freedom
	units   [2]int     // samples of each kind, or clusters that hold some
	pull    []float64  // by unit of the design: squares add up to DeLong's variance
	own     [2]float64 // variance by kind
}

// kindOf tells the two kinds apart: 0 for errors, or samples out of distribution, 1 for
// the samples that are to lie above them, -1 for those that do not enter.
type kindOf func(row int) int

// errorOrRight are the kinds of failure prediction, outsideOrIn those of new classes.
func errorOrRight(r *metrics.Ranked) kindOf {
	o := r.Outcomes
	return func(i int) int {
		switch {
		case o.Label != nil && o.Label[i] < 0, !o.Answered(i):
			return -1
		case o.Correct[i]:
			return 1
		}
		return 0
	}
}

func outsideOrIn(r *metrics.Ranked) kindOf {
	o := r.Outcomes
	return func(i int) int {
		if !o.Answered(i) {
			return -1
		}
		return int(indicator(o.Label[i] >= 0))
	}
}

// moderate makes one from the influence values by row, those of kinds that both occur.
func moderate(value float64, influence []float64, kind kindOf, d *Design) *moderated {
	m := &moderated{value: value}
	sums := m.split(influence, kind, d)
	k := float64(m.rarer())
	m.at = (float64(value*k) + 0.5) / (k + 1)
	prior := math.Max(m.at/(2-m.at)-m.at*m.at, 2*m.at*m.at/(1+m.at)-m.at*m.at)
	parts := 0.0 // of the degrees of freedom
	for kind, units := range m.units {
		c := float64(units)
		s := prior
		if units > 1 {
			squares := float64(dot(sums[kind], sums[kind]) * c * c)
			s = math.Max(squares/(c-1), (2*prior+squares)/(c+1))
		}
		m.own[kind] = s / c
		parts += float64(m.own[kind]*m.own[kind]) / (c + 1)
	}
	independent := m.own[0] + m.own[1]
	m.freedom = float64(independent*independent) / parts
	m.at = math.Min(math.Max(value, 0.5/(k+1)), (k+0.5)/(k+1)) // nearer to an end the logit has no use for k samples
	variance := (independent + math.Max(0, 2*dot(sums[0], sums[1]))) * shrinkage(influence, d)
	m.sigma = math.Sqrt(variance) / (m.at * (1 - m.at))
	m.join(sums, d)
	return m
}

// split adds up the influence values by kind and unit, over the number of samples, and
// counts the units.
func (m *moderated) split(influence []float64, kind kindOf, d *Design) (sums [2][]float64) {
	units := len(influence)
	of := func(i int) int { return i }
	if d.members != nil {
		unit := make([]int, len(influence))
		for u, group := range d.members {
			for _, i := range group {
				unit[i] = u
			}
		}
		units, of = len(d.members), func(i int) int { return unit[i] }
	}
	seen := [2][]bool{make([]bool, units), make([]bool, units)}
	sums = [2][]float64{make([]float64, units), make([]float64, units)}
	n := float64(len(influence))
	for i, v := range influence {
		if k := kind(i); k >= 0 {
			sums[k][of(i)] += v / n
			if !seen[k][of(i)] {
				seen[k][of(i)] = true
				m.units[k]++
			}
		}
	}
	return sums
}

// shrinkage is the share of the variance that drawing in strata leaves.
func shrinkage(influence []float64, d *Design) float64 {
	if d.strata == nil {
		return 1
	}
	all := dot(influence, influence)
	if all == 0 {
		return 1
	}
	within := d.Units(influence)
	return dot(within, within) / all
}

// join puts the two kinds together, with the unbiased variance of each.
func (m *moderated) join(sums [2][]float64, d *Design) {
	m.pull = make([]float64, len(sums[0]))
	for k, units := range m.units {
		scale := 1.0
		if c := float64(units); units > 1 {
			scale = math.Sqrt(c / (c - 1))
		}
		for u, v := range sums[k] {
			m.pull[u] += float64(scale * v)
		}
	}
	if d.strata != nil {
		m.pull = d.Units(m.pull)
	}
}

// rarer is the number of samples of the rarer kind.
func (m *moderated) rarer() int { return min(m.units[0], m.units[1]) }

// logit is the value on the scale on which its error is nearly normal.
func (m *moderated) logit() float64 { return math.Log(m.at / (1 - m.at)) }

// limits are the bounds that are exceeded with probability p together. One sample of a
// kind says nothing of how the others would lie.
func (m *moderated) limits(p float64) (lo, hi float64) {
	if m.rarer() < 2 {
		return 0, 1
	}
	reach := float64(stattest.StudentReach(p, m.freedom) * m.sigma)
	lo, hi = expit(m.logit()-reach), expit(m.logit()+reach)
	switch { // nearer to an end than the logit is taken at, up to that end
	case m.value > m.at:
		hi = 1
	case m.value < m.at:
		lo = 0
	}
	return math.Min(lo, m.value), math.Max(hi, m.value)
}

func expit(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// moderatedPair are two AUROCs on the same samples.
type moderatedPair struct {
	a, b        *moderated
	correlation float64
}

func pairOf(a, b *moderated) moderatedPair {
	return moderatedPair{a: a, b: b, correlation: cosine(a.pull, b.pull)}
}

// cosine is the correlation of columns of mean 0; 0 if one is all zeros.
func cosine(a, b []float64) float64 {
	both := math.Sqrt(float64(dot(a, a) * dot(b, b)))
	if both == 0 {
		return 0
	}
	return math.Max(-1, math.Min(1, dot(a, b)/both))
}

// determined reports whether there are two samples of each kind, in both models.
func (p moderatedPair) determined() bool { return p.a.rarer() > 1 && p.b.rarer() > 1 }

// freedom is that of the difference.
func (p moderatedPair) freedom() float64 {
	a, b := float64(p.a.sigma*p.a.sigma), float64(p.b.sigma*p.b.sigma)
	return float64((a+b)*(a+b)) / (float64(a*a)/p.a.freedom + float64(b*b)/p.b.freedom)
}

// error is the standard error of the difference of logits, plain that of the AUROCs.
func (p moderatedPair) error() float64 { return p.hypotenuse(p.a.sigma, p.b.sigma) }

func (p moderatedPair) plain() float64 {
	return p.hypotenuse(p.a.sigma*p.a.at*(1-p.a.at), p.b.sigma*p.b.at*(1-p.b.at))
}

func (p moderatedPair) hypotenuse(x, y float64) float64 { return hypotenuse(x, y, p.correlation) }

// hypotenuse is the length of the difference of two sides with the given cosine between
// them.
func hypotenuse(x, y, cosine float64) float64 {
	return math.Sqrt(math.Max(0, float64(x*x)+float64(y*y)-float64(2*cosine*x*y)))
}

// floor is the least p-value that the numbers of samples of the rarer kinds allow: that of
// the one order, of all orders of the two models' samples, in which one model's all lie
// beyond the other's, and of its mirror image (Wilcoxon 1945).
func (p moderatedPair) floor() float64 {
	least := 0.0
	for k := range 2 {
		least = math.Max(least, leastByOrder(float64(p.a.units[k]), float64(p.b.units[k])))
	}
	return least
}

// leastByOrder is two over the number of ways to choose x of x + y samples, at most 1.
func leastByOrder(x, y float64) float64 {
	both, _ := math.Lgamma(x + y + 1)
	one, _ := math.Lgamma(x + 1)
	other, _ := math.Lgamma(y + 1)
	return math.Min(1, 2*math.Exp(one+other-both))
}

// interval puts the limits of the two together at probability p, as those that have
// variances recovered from them (MOVER; Zou and Donner 2008, with the correlation).
func (p moderatedPair) interval(prob float64) (lo, hi float64) {
	la, ua := p.a.limits(prob)
	lb, ub := p.b.limits(prob)
	difference := p.a.value - p.b.value
	return difference - p.hypotenuse(p.a.value-la, ub-p.b.value), difference + p.hypotenuse(ua-p.a.value, p.b.value-lb)
}

// touching is the probability at which the interval touches 0, or the one given if that
// is more.
func (p moderatedPair) touching(prob float64) float64 { return touching(prob, p.interval) }

func touching(prob float64, interval func(prob float64) (lo, hi float64)) float64 {
	holds := func(prob float64) bool {
		lo, hi := interval(prob)
		return lo <= 0 && 0 <= hi
	}
	if prob <= 0 || !holds(prob) {
		return prob
	}
	least, most := 0.0, -stattest.NormalQuantile(prob/2) // normal deviates
	for range 30 {
		if z := (least + most) / 2; holds(2 * stattest.NormalTail(z)) {
			most = z
		} else {
			least = z
		}
	}
	return 2 * stattest.NormalTail(most)
}

// p is the two-sided p-value of no difference.
func (p moderatedPair) p() float64 {
	difference := p.a.logit() - p.b.logit()
	if !p.determined() || difference == 0 || (difference > 0) != (p.a.value > p.b.value) {
		return 1
	}
	byT := stattest.StudentTwoSided(difference/p.error(), p.freedom())
	return math.Min(1, math.Max(p.floor(), p.touching(byT)))
}

// compare is the test with its interval, at a level; none where a kind has one sample.
func (p moderatedPair) compare(level float64, n int) Comparison {
	c := Comparison{Difference: p.a.value - p.b.value, SE: p.plain(), Level: level, N: n, P: p.p(),
		Pairs: len(p.a.pull), Test: ModeratedTest, Lo: math.NaN(), Hi: math.NaN()}
	switch {
	case c.SE == 0 && c.Difference == 0: // no sample tells the models apart
		c.Lo, c.Hi, c.P = 0, 0, 1
	case p.determined():
		c.Lo, c.Hi = p.interval(1 - level)
	}
	return c
}
