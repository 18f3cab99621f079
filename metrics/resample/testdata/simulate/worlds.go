package main

import (
	"math"
	"math/rand/v2"

	"abstain/metrics"
	"abstain/metrics/stattest"
)

// world says how the scores of right samples and of errors spread: quantile functions.
type world struct {
	name         string
	right, wrong func(u float64) float64
}

func normal(mean, spread float64) func(float64) float64 {
	return func(u float64) float64 { return mean + spread*stattest.NormalQuantile(u) }
}

// normals are two normal kinds whose AUROC is a, errors spread as many times as wide.
func normals(a, wide float64) (right, wrong func(float64) float64) {
	return normal(stattest.NormalQuantile(a)*math.Hypot(1, wide), 1), normal(0, wide)
}

func grid(f func(float64) float64, step float64) func(float64) float64 {
	return func(u float64) float64 { return math.Floor(f(u)/step) * step }
}

// mixture takes a share of its samples from a second kind.
func mixture(f func(float64) float64, share float64, g func(float64) float64) func(float64) float64 {
	return func(u float64) float64 {
		if u < share {
			return g(u / share)
		}
		return f((u - share) / (1 - share))
	}
}

func exponential(rate float64) func(float64) float64 {
	return func(u float64) float64 { return -math.Log1p(-u) / rate }
}

func fixed(at float64) func(float64) float64 { return func(float64) float64 { return at } }

// worlds are those in which intervals have to hold; the first eight are those in which
// the constants of the moderated variance were chosen.
func worlds() []world {
	list := []world{}
	add := func(name string, right, wrong func(float64) float64) { list = append(list, world{name, right, wrong}) }
	both := func(name string, a, wide float64) {
		right, wrong := normals(a, wide)
		add(name, right, wrong)
	}
	both("normal .60", .60, 1)
	both("normal .76", .76, 1)
	both("normal .95", .95, 1)
	both("wide errors .76", .76, 2)
	both("wide errors .95", .95, 2)
	both("narrow errors .76", .76, 1./3)
	right, wrong := normals(.86, 1)
	add("a quarter above", right, mixture(wrong, .25, normal(4, .5)))
	right, wrong = normals(.76, 1)
	add("heavy ties .76", grid(right, 1), grid(wrong, 1))
	// others
	both("three times as wide .85", .85, 3)
	both("a fifth as wide .9", .9, .2)
	both("nearly perfect .99", .99, 1)
	both("nearly perfect .999", .999, 1)
	both("below chance .35", .35, 1)
	add("skew, long tail of rights", exponential(.25), exponential(1))
	add("skew, long tail of errors", func(u float64) float64 { return -exponential(1)(u) }, func(u float64) float64 { return -exponential(.2)(u) })
	right, wrong = normals(.8, 1)
	add("saturated", mixture(right, .5, fixed(3)), mixture(wrong, .1, fixed(3)))
	add("three levels", grid(normal(1.2, 1), 2), grid(normal(0, 1), 2))
	add("two errors in ten on top", right, mixture(normal(-1, 1), .2, normal(6, .1)))
	add("rights in two places", mixture(normal(4, .5), .4, normal(0, .5)), normal(0, 1))
	return list
}

// uniforms are correlated uniform variables, one row a model.
func uniforms(rng *rand.Rand, models int, correlation float64) []float64 {
	common, u := rng.NormFloat64(), make([]float64, models)
	for k := range u {
		z := math.Sqrt(correlation)*common + math.Sqrt(1-correlation)*rng.NormFloat64()
		u[k] = math.Min(1-1e-12, math.Max(1e-12, stattest.NormalShare(z)))
	}
	return u
}

// kinds has m of n samples wrong, in random order.
func kinds(rng *rand.Rand, n, m int) []bool {
	correct := make([]bool, n)
	for i := range correct {
		correct[i] = i >= m
	}
	rng.Shuffle(n, func(i, j int) { correct[i], correct[j] = correct[j], correct[i] })
	return correct
}

func binomial(rng *rand.Rand, n int, p float64) int {
	k := 0
	for range n {
		if rng.Float64() < p {
			k++
		}
	}
	return k
}

func rank(correct []bool, score []float64) *metrics.Ranked {
	o := &metrics.Outcomes{Correct: correct, Confidences: []metrics.Confidence{{Name: "s", Value: score}}}
	return metrics.Rank(o, &o.Confidences[0])
}

// sample is a table of a world with m errors.
func (w world) sample(rng *rand.Rand, n, m int) *metrics.Ranked {
	correct, score := kinds(rng, n, m), make([]float64, n)
	for i := range score {
		score[i] = w.score(correct[i], rng.Float64())
	}
	return rank(correct, score)
}

func (w world) score(right bool, u float64) float64 {
	if right {
		return w.right(u)
	}
	return w.wrong(u)
}

// truth is a table so large that its values are the world's.
func (w world) truth(rate float64) *metrics.Ranked {
	const n = 400_000
	m := int(math.Round(n * rate))
	correct, score := make([]bool, n), make([]float64, n)
	for i := range n {
		correct[i] = i >= m
		if correct[i] {
			score[i] = w.right((float64(i-m) + .5) / float64(n-m))
		} else {
			score[i] = w.wrong((float64(i) + .5) / float64(m))
		}
	}
	return rank(correct, score)
}

// outside is a table with r samples in distribution and m out of it: those lie as errors do.
func (w world) outside(rng *rand.Rand, r, m int) *metrics.Ranked {
	o := &metrics.Outcomes{Confidences: []metrics.Confidence{{Name: "s"}}}
	for i := range r + m {
		o.Correct = append(o.Correct, i < r)
		o.Label = append(o.Label, int32(0))
		if i >= r {
			o.Label[i] = -1
		}
		o.Confidences[0].Value = append(o.Confidences[0].Value, w.score(i < r, rng.Float64()))
	}
	return metrics.Rank(o, &o.Confidences[0])
}
