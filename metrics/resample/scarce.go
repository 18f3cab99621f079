package resample

import (
	"math"

	"abstain/metrics"
	"abstain/metrics/stattest"
)

// Intervals of metrics that add up few errors: each has a form of its own, which holds
// where the normal one, corrected for skewness, does not.

// scarceCase is a value with its influence values by unit.
type scarceCase struct {
	r         *metrics.Ranked
	d         *Design
	value     float64
	influence []float64
	errors    float64 // units that hold an error
	level     float64
}

// scarceInterval is the closed form of a row of forms.go.
type scarceInterval func(c scarceCase) (lo, hi float64)

func caseOf(r *metrics.Ranked, d *Design, value float64, influence []float64, level float64) scarceCase {
	_, errors := d.wrong(r)
	return scarceCase{r: r, d: d, value: value, influence: influence, errors: float64(errors), level: level}
}

// byMeans is a comparison by influence values, of two means over few errors each: its
// interval is that of the limits of both, with their correlation (MOVER; Zou and Donner
// 2008), and its p-value no less than that interval and the numbers of errors allow. One
// error of a model says nothing.
func (c Comparison) byMeans(f *form, a, b scarceCase) Comparison {
	switch least := math.Min(a.errors, b.errors); {
	case least >= plenty || c.SE == 0 && c.Difference == 0:
		return c
	case least < 2:
		c.Lo, c.Hi, c.P = math.NaN(), math.NaN(), 1
		return c
	}
	correlation := cosine(a.influence, b.influence)
	interval := func(p float64) (lo, hi float64) {
		a.level, b.level = 1-p, 1-p
		la, ua := f.scarce(a)
		lb, ub := f.scarce(b)
		d := a.value - b.value
		return d - hypotenuse(a.value-la, ub-b.value, correlation), d + hypotenuse(ua-a.value, b.value-lb, correlation)
	}
	c.Lo, c.Hi = interval(1 - c.Level)
	if math.IsNaN(c.P) {
		c.P = leastByOrder(a.errors, b.errors)
	}
	c.P = math.Max(touching(c.P, interval), leastByOrder(a.errors, b.errors))
	c.Test = FewErrorsTest
	return c
}

// tail is the probability beyond each bound.
func (c scarceCase) tail() float64 { return (1 - c.level) / 2 }

func (c scarceCase) variance() float64 {
	n := float64(c.d.n)
	return dot(c.influence, c.influence) / n / n
}

// size is the number of samples of a unit.
func (c scarceCase) size() float64 { return float64(c.d.n) / float64(c.d.Size()) }

// gammaArea is the interval of an area under a risk: the limits of a weighted sum of
// Poisson variables. The value has a gamma distribution of its mean and variance, for the
// upper limit with one error more, as one may be too rare to be among the samples:
// weight/n is what an error adds on average that may lie anywhere, and the second moment of
// that is taken to be what a third of errors at the first place would give, where a weight
// is H(n)/n: a few errors above all right samples are what an area is made of, and what
// eight errors may not show. The limit is no less than the normal one.
//
// Source: Fay and Feuer 1997.
func gammaArea(c scarceCase) (lo, hi float64) {
	return c.gamma(c.size()/float64(c.r.N()), c.first())
}

// gammaGeneral is gammaArea of the generalised risk, in which an error adds at most twice
// of what it does on average.
func gammaGeneral(c scarceCase) (lo, hi float64) {
	return c.gamma(0.5*c.size()/float64(c.r.N()), 2)
}

// first is a third of the squared weight of the first place.
func (c scarceCase) first() float64 {
	h := math.Log(float64(c.r.N())) + 0.5772
	return float64(h*h) / 3
}

// gamma is the interval of a sum of few weights, g being that of one more, on average, and
// spread the second moment of that in squares of g.
func (c scarceCase) gamma(g, spread float64) (lo, hi float64) {
	value, variance := c.value, c.variance()
	g *= c.fading()
	if c.r.Errors == c.r.N() {
		return math.NaN(), math.NaN()
	}
	if c.r.Errors > 0 && value > 0 && variance > 0 {
		lo = stattest.GammaQuantile(c.tail(), value, variance)
	}
	for _, by := range []float64{1, spread} {
		if value+g == 0 {
			break
		}
		hi = math.Max(hi, stattest.GammaQuantile(1-c.tail(), value+g, variance+float64(by*g*g)))
	}
	_, normal := FromInfluence(value, c.influence, c.d.n, c.level, [2]float64{0, math.Inf(1)})
	if normal > hi { // not if it is NaN
		hi = normal
	}
	return math.Min(lo, value), math.Max(hi, value)
}

// fading is how much of the error that may have been missed is added: all of it up to 20
// errors, nothing from 70 on, among which a missing one is a small thing.
func (c scarceCase) fading() float64 { return fadingAt(c.errors) }

func fadingAt(errors float64) float64 { return math.Min(1, math.Max(0, (plenty-errors)/50)) }

// plenty is the number of errors from which on the forms of many errors serve.
const plenty = 70

// gammaLoss is gammaArea of what is missing to 1.
func gammaLoss(c scarceCase) (lo, hi float64) {
	lo, hi = gammaArea(c.missing())
	return 1 - hi, 1 - lo
}

// gammaShare is the interval of an area as a share of that of a random ranking: a mean
// over the errors of weights that are 1 on average where the ranking is random, and
// exponential. What few errors show of their scatter is no less than that of one
// exponential variable of the value.
func gammaShare(c scarceCase) (lo, hi float64) {
	m := c.errors
	_, hi = c.gamma(1/m, c.first())
	variance := math.Max(c.variance(), float64(c.value*c.value)/m/m)
	if c.value > 0 {
		lo = stattest.GammaQuantile(c.tail(), c.value, variance)
	}
	return math.Min(lo, c.value), hi
}

// gammaRatio is gammaShare of what is missing to 1.
func gammaRatio(c scarceCase) (lo, hi float64) {
	lo, hi = gammaShare(c.missing())
	return 1 - hi, 1 - lo
}

// missing is what the value lacks of 1.
func (c scarceCase) missing() scarceCase {
	c.value = 1 - c.value
	influence := make([]float64, len(c.influence))
	for i, v := range c.influence {
		influence[i] = -v
	}
	c.influence = influence
	return c
}

// logitPrecision is the interval of an average precision over m errors: Student's t with m
// degrees of freedom on the logit scale, the variance drawn towards that of a share of m
// trials, which counts as one of them. One error says nothing.
func logitPrecision(c scarceCase) (lo, hi float64) {
	m := c.errors
	if m < 2 {
		return 0, 1
	}
	at := (float64(c.value*m) + 0.5) / (m + 1)
	own := c.variance()
	variance := math.Max(own, (float64(at*(1-at))/m+float64((m-1)*own))/m)
	if c.value > 0 && c.value < 1 {
		at = c.value
	}
	logit := math.Log(at / (1 - at))
	reach := stattest.StudentReach(1-c.level, m) * math.Sqrt(variance) / (at * (1 - at))
	return math.Min(expit(logit-reach), c.value), math.Max(expit(logit+reach), c.value)
}

// boundFPR is the interval of the share of errors accepted where the given share of
// right samples is. Two chances come together: which right sample stands at the threshold,
// bounded by the shares of errors at its ranks' bounds, and which errors lie above it, by
// the bounds of a share, exact ones where errors are few. The distances of the value from
// both are put together by their squares (MOVER; Zou and Donner 2008).
func boundFPR(r *metrics.Ranked, share, level float64) (lo, hi float64) {
	m, rights := r.Errors, r.N()-r.Errors
	if r.Ends == nil || m == 0 || rights == 0 {
		return math.NaN(), math.NaN()
	}
	bounds := stattest.Wilson
	if m < scarce {
		bounds = stattest.ClopperPearson
	}
	reach := stattest.NormalReach(level) * math.Sqrt(float64(share*(1-share)*float64(rights)))
	accepted := func(k float64) float64 {
		return float64(errorsAtRight(r, int(math.Min(math.Max(k, 1), float64(rights)))))
	}
	all := float64(m)
	middle := accepted(math.Ceil(share*float64(rights) - 1e-9))
	lo, hi = bounds(int(middle), m, level)
	value := middle / all
	down := math.Hypot(value-lo, value-accepted(math.Floor(share*float64(rights)-reach))/all)
	up := math.Hypot(hi-value, accepted(math.Ceil(share*float64(rights)+reach))/all-value)
	return math.Max(0, value-down), math.Min(1, value+up)
}

// errorsAtRight is the number of errors accepted with the k-th right sample.
func errorsAtRight(r *metrics.Ranked, k int) int {
	for g, end := range r.Ends {
		if int(end-r.Wrong[g]) >= k {
			return int(r.Wrong[g])
		}
	}
	return r.Errors
}

// fewAccepted reports whether too few errors are accepted at a coverage for replicates
// to know how many others might be.
func fewAccepted(r *metrics.Ranked, coverage float64) bool {
	for g, end := range r.Ends {
		if float64(end)/float64(r.All()) >= coverage {
			return r.Wrong[g] < 2*scarce
		}
	}
	return false
}

// leastAccepted is the number of samples that have to be accepted without an error to
// show, at a level, that their risk is at most the given one.
func leastAccepted(risk, level float64) int {
	return int(math.Ceil(math.Log((1-level)/2) / math.Log1p(-risk)))
}
