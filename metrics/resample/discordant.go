package resample

import (
	"math"

	"abstain/metrics"
	"abstain/metrics/stattest"
)

// Differences between near copies come from the few samples that only one of them has
// right. How those scatter is badly seen, and others like them may be missing from the
// samples, so the normal interval of the difference is too short, the more so the rarer
// it is to be exceeded.

// split are the parts of a difference: what samples add that only the one or only the
// other model errs on, and the variance that all others leave.
type split struct {
	value, variance [2]float64
	count           [2]int
	rest            float64
}

func (r *Rivals) split(i, j int, pull func(unit int) float64) split {
	var s split
	for u := range r.influence[i] {
		v := pull(u)
		square := float64(v * v)
		a, b := r.wrong[i][u/64]>>(u%64)&1, r.wrong[j][u/64]>>(u%64)&1
		if a == b {
			s.rest += square
			continue
		}
		k := int(b) // 0 where the first errs
		s.count[k]++
		s.value[k] += math.Abs(v)
		s.variance[k] += square
	}
	return s
}

// few reports whether there are too few samples on which only one errs, either way, for a
// normal interval.
func (s split) few() bool { return min(s.count[0], s.count[1]) < plenty }

// byParts widens the interval of a difference of areas: the two parts have gamma limits
// as areas have, with one sample more, and are put together with what the rest leaves
// by their squares (MOVER; Zou and Donner 2008).
func (r *Rivals) byParts(i, j int, p, lo, hi float64) (float64, float64) {
	f := formOf(r.measure.Metric.ID)
	if f.weight == 0 || r.wrong[i] == nil {
		return lo, hi
	}
	n := float64(r.Samples())
	s := r.split(i, j, func(u int) float64 { return (r.influence[i][u] - r.influence[j][u]) / n })
	if !s.few() {
		return lo, hi
	}
	g := f.weight / float64(r.design.Size())
	if f.ofErrors {
		g = 1 / math.Max(1, float64(min(r.errors[i], r.errors[j])))
	}
	rest := stattest.StudentReach(p, math.Max(1, float64(r.eitherWrong(i, j)))) * math.Sqrt(s.rest)
	var down, up [2]float64
	for k := range 2 {
		low, high := partLimits(s.value[k], s.variance[k], g*fadingAt(float64(s.count[k])), p/2)
		down[k], up[k] = s.value[k]-low, high-s.value[k]
	}
	if r.measure.Metric.Better == metrics.Higher { // an error of the first lowers its value
		down[0], up[0], down[1], up[1] = down[1], up[1], down[0], up[0]
	}
	d := r.values[i] - r.values[j]
	below := math.Sqrt(float64(down[0]*down[0]) + float64(up[1]*up[1]) + float64(rest*rest))
	above := math.Sqrt(float64(up[0]*up[0]) + float64(down[1]*down[1]) + float64(rest*rest))
	return least2(lo, d-below), most2(hi, d+above)
}

// least2 and most2 leave out what is not a number.
func least2(a, b float64) float64 {
	if math.IsNaN(a) || b < a {
		return b
	}
	return a
}

func most2(a, b float64) float64 { return -least2(-a, -b) }

// partLimits are the gamma limits of a part, exceeded with the probability tail each.
func partLimits(value, variance, g, tail float64) (lo, hi float64) {
	if value > 0 {
		lo = stattest.GammaQuantile(tail, value, variance)
	}
	for _, spread := range []float64{1, 4} {
		if value+g > 0 {
			hi = math.Max(hi, stattest.GammaQuantile(1-tail, value+g, variance+float64(spread*g*g)))
		}
	}
	return math.Min(lo, value), math.Max(hi, value)
}

// fewDiscordant is the interval of a difference of AUROCs from the samples that only one
// of two models has right: three more such samples with the scatter of an error, and Student's t with
// one degree of freedom more than there are.
func (r *Rivals) fewDiscordant(i, j int, pair moderatedPair, p float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	if r.wrong[i] == nil || r.wrong[j] == nil {
		return lo, hi
	}
	s := r.split(i, j, func(u int) float64 { return pair.a.pull[u] - pair.b.pull[u] })
	count := float64(s.count[0] + s.count[1])
	if !s.few() {
		return lo, hi
	}
	one := 0.0 // what an error adds to the variance
	for _, m := range []*moderated{pair.a, pair.b} {
		for k, own := range m.own {
			one = math.Max(one, own/float64(m.units[k]))
		}
	}
	independent := s.variance[0] + s.variance[1] + 3*one
	all := independent + s.rest
	freedom := float64(all*all) / (float64(independent*independent)/(count+1) + float64(s.rest*s.rest)/pair.freedom())
	reach := stattest.StudentReach(p, freedom) * math.Sqrt(all)
	d := pair.a.value - pair.b.value
	return d - reach, d + reach
}
