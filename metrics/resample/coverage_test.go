package resample_test

import (
	"math"
	"testing"

	"abstain/metrics"
	"abstain/metrics/resample"
)

// binomial is 3.3 standard errors of a share p seen in so many simulations: a
// test of a true share fails once in a thousand seeds, and the seeds are fixed.
func binomial(p float64, simulations int) float64 {
	return 3.3 * math.Sqrt(p*(1-p)/float64(simulations))
}

// truth is the value of metrics in a large sample of the world. For n samples
// the expected AURC and average precision differ from it by less than a tenth of
// their standard error here.
func truth(w world, ms []metrics.Measure) []float64 {
	r := w.ranked(generator(1000), 400000)
	values := make([]float64, len(ms))
	for i, m := range ms {
		values[i] = m.Of(r).Value
	}
	return values
}

// TestIntervalsHoldTheirLevel: the standard intervals hold the true value in
// 95 % of the simulations, within the binomial error of the simulation. Those of
// ECE hold the true ECE, which is smaller than what samples show on average, at
// least as often, and those of coverages are conservative, as all are of few errors.
func TestIntervalsHoldTheirLevel(t *testing.T) {
	if testing.Short() {
		t.Skip("a simulation")
	}
	const n, simulations = 600, 700
	exactly := measures(t, "accuracy", "nll", "balanced-accuracy", "overconfidence", "auroc", "aupr-success", "aurc", "eaurc", "augrc", "risk@0.8")
	atLeast := measures(t, "coverage-at-risk@0.3", "sac@0.75", "ece@15", "ece-l2@15", "ece-mass@15")
	for name, w := range map[string]world{
		"overconfident": {curve: overconfident}, "honest": {curve: honest}, "tied": {curve: overconfident, grid: 7}, "few errors": {curve: few},
	} {
		ms := append(append([]metrics.Measure{}, exactly...), atLeast...)
		want := truth(w, ms)
		held := make([]int, len(ms))
		rng := generator(2000)
		for range simulations {
			for i, e := range resample.Intervals(w.ranked(rng, n), ms, resample.Options{}) {
				if e.Lo <= want[i] && want[i] <= e.Hi {
					held[i]++
				}
			}
		}
		for i, m := range ms {
			share, allowed := float64(held[i])/simulations, binomial(0.95, simulations)
			t.Logf("%s: %s: %.1f %%", name, m.ID(), 100*share)
			if share < 0.95-allowed || share > 0.95+allowed && i < len(exactly) && name != "few errors" {
				t.Errorf("%s: the interval of %s holds the truth in %.1f %% of %d simulations", name, m.ID(), 100*share, simulations)
			}
		}
	}
}

// TestPercentileHoldsItsLevel: so do the intervals of replicates, of operating
// points and of others, here with fewer of both to save time.
func TestPercentileHoldsItsLevel(t *testing.T) {
	if testing.Short() {
		t.Skip("a simulation")
	}
	const n, simulations, b = 400, 300, 199
	ms := measures(t, "accuracy", "auroc", "aurc", "coverage-at-risk@0.3", "risk@0.8", "fpr@0.9")
	w := world{curve: honest}
	want := truth(w, ms)
	held := make([]int, len(ms))
	rng := generator(3000)
	d := resample.Independent(n)
	for k := range simulations {
		draws := resample.Draw(d, uint64(k), b)
		for i, e := range resample.Intervals(w.ranked(rng, n), ms, resample.Options{Method: resample.ByPercentile, Replicates: draws}) {
			if e.Lo <= want[i] && want[i] <= e.Hi {
				held[i]++
			}
		}
	}
	for i, m := range ms {
		share := float64(held[i]) / simulations
		t.Logf("%s: %.1f %%", m.ID(), 100*share)
		if math.Abs(share-0.95) > binomial(0.95, simulations)+0.01 { // 199 replicates leave their quantiles 1 % loose
			t.Errorf("the percentile interval of %s holds the truth in %.1f %% of %d simulations", m.ID(), 100*share, simulations)
		}
	}
}

// TestClustersWiden: where samples come five alike, intervals that know it hold
// their level, and those that do not fall far short.
func TestClustersWiden(t *testing.T) {
	const patients, each, simulations = 120, 5, 400
	ms := measures(t, "accuracy", "aurc", "auroc")
	w := world{curve: honest}
	want := truth(w, ms)
	code := make([]int32, patients*each)
	again := make([]int32, len(code))
	for i := range code {
		code[i], again[i] = int32(i/each), int32(i/each)
	}
	aware, blind := make([]int, len(ms)), make([]int, len(ms))
	rng := generator(4000)
	d := resample.Clustered(code)
	for range simulations {
		o := w.draw(rng, patients).Take(again)
		for i := range o.Confidences[0].Value { // alike, not tied
			o.Confidences[0].Value[i] += 1e-6 * rng.Float64()
		}
		r := metrics.Rank(o, &o.Confidences[0])
		with, without := resample.Intervals(r, ms, resample.Options{Design: d}), resample.Intervals(r, ms, resample.Options{})
		for i := range ms {
			if with[i].Lo <= want[i] && want[i] <= with[i].Hi {
				aware[i]++
			}
			if without[i].Lo <= want[i] && want[i] <= without[i].Hi {
				blind[i]++
			}
		}
	}
	for i, m := range ms {
		share, ignored := float64(aware[i])/simulations, float64(blind[i])/simulations
		t.Logf("%s: %.1f %%, and %.1f %% without clusters", m.ID(), 100*share, 100*ignored)
		if math.Abs(share-0.95) > binomial(0.95, simulations) || ignored > 0.8 {
			t.Errorf("%s: clustered intervals hold the truth in %.1f %%, others in %.1f %%", m.ID(), 100*share, 100*ignored)
		}
	}
}

// TestSizeOfPairedTests: of two models of one quality, the tests find one better
// in 5 % of the simulations; the intervals of their difference hold 0 in 95 %.
func TestSizeOfPairedTests(t *testing.T) {
	if testing.Short() {
		t.Skip("a simulation")
	}
	const n, simulations, b, level = 400, 500, 199, 0.05
	rejected := map[string]int{}
	reject := func(test string, p float64) {
		if p <= level {
			rejected[test]++
		}
	}
	rng := generator(5000)
	ms := measures(t, "aurc", "auroc", "accuracy", "eaurc", "nll")
	area := measures(t, "aurc")
	d := resample.Independent(n)
	for k := range simulations {
		one, other := twins(rng, n, []int{0, 8}[k%2], 0.15)
		for _, m := range ms {
			x, _ := resample.Influence(m.Metric, m.At, one)
			y, _ := resample.Influence(m.Metric, m.At, other)
			reject("influence, "+m.ID(), resample.ByInfluence(m.Of(one).Value, m.Of(other).Value, x, y, n, 0.95).P)
		}
		reject("DeLong", resample.ByDeLong(one, other, 0.95).P)
		reject("McNemar mid-p", resample.Discordant(one, other).McNemarMidP().P)
		reject("McNemar chi-square", resample.Discordant(one, other).McNemarChiSquare().P)
		if k%2 == 0 {
			draws := resample.Draw(d, uint64(k), b)
			x, y := resample.Bootstrap(one, area, draws), resample.Bootstrap(other, area, draws)
			if resample.ByReplicates(area[0].Of(one).Value, area[0].Of(other).Value, x[0], y[0], 0.95).P <= level {
				rejected["replicates, aurc"] += 2 // half as many simulations
			}
		}
	}
	for _, test := range []string{"influence, aurc", "influence, auroc", "influence, accuracy", "influence, eaurc", "influence, nll",
		"DeLong", "McNemar mid-p", "McNemar chi-square", "replicates, aurc"} {
		share := float64(rejected[test]) / simulations
		t.Logf("%s: %.1f %%", test, 100*share)
		runs := simulations
		if test == "replicates, aurc" {
			runs /= 2
		}
		if math.Abs(share-level) > binomial(level, runs) {
			t.Errorf("%s finds a difference in %.1f %% of the simulations where there is none", test, 100*share)
		}
	}
}
