package resample_test

import (
	"math"
	"testing"

	"abstain/metrics"
	"abstain/metrics/resample"
)

// TestEveryIntervalHolds walks the table of metrics: each that claims an interval, by a
// closed form, or by replicates where it has none, is simulated in worlds of many and of
// few errors, with samples out of distribution among them, and its interval has to hold the
// truth. The simulations are few: they find what is wrong by much. See
// testdata/simulate for the others.
func TestEveryIntervalHolds(t *testing.T) {
	const n, b = 250, 60
	simulations := 120
	if testing.Short() {
		simulations = 40
	}
	draws := resample.Draw(resample.Independent(n), 1, b)
	for name, w := range map[string]world{
		"overconfident, some outside": {curve: overconfident, outside: 0.08}, "honest, tied": {curve: honest, grid: 9},
		"one error in twenty": {curve: few}, "some not answered": {curve: honest, silent: 0.2, outside: 0.05}, "hardly any not answered": {curve: overconfident, silent: 0.02},
		"one error in hundred": {curve: func(v float64) float64 { return 1 - 0.04*(1-v)*(1-v) }},
	} {
		closed, replicated := claims(w, n, draws)
		hold(t, name+", closed form", w, n, closed, resample.Options{}, simulations)
		if testing.Short() || w.grid > 0 || w.silent == 0.02 { // they take most of the time
			continue
		}
		hold(t, name+", replicates", w, n, replicated, resample.Options{Replicates: draws}, simulations/6)
	}
}

// claims are the metrics that have an interval on a sample of the world, without
// replicates, and only with them.
func claims(w world, n int, draws *resample.Replicates) (closed, replicated []metrics.Measure) {
	r := w.ranked(generator(7000), n)
	for _, m := range metrics.Metrics() {
		measure := metrics.Measure{Metric: m}
		if m.Param != nil {
			measure.At = m.Param.Default
		}
		one := []metrics.Measure{measure}
		switch {
		case !measure.Of(r).Defined():
		case resample.Intervals(r, one, resample.Options{})[0].Level > 0:
			closed = append(closed, measure)
		case resample.Intervals(r, one, resample.Options{Replicates: draws})[0].Level > 0:
			replicated = append(replicated, measure)
		}
	}
	return closed, replicated
}

// hold counts how often intervals hold the value of a large sample. Samples without an
// interval do not count.
func hold(t *testing.T, world string, w world, n int, ms []metrics.Measure, o resample.Options, simulations int) {
	t.Helper()
	want := make([]float64, len(ms))
	large := w.ranked(generator(7001), 100_000)
	for i, m := range ms {
		want[i] = m.Of(large).Value
	}
	held, of := make([]float64, len(ms)), make([]float64, len(ms))
	rng := generator(7002)
	for range simulations {
		for i, e := range resample.Intervals(w.ranked(rng, n), ms, o) {
			if e.Level == 0 {
				continue
			}
			of[i]++
			if e.Lo-1e-3 <= want[i] && want[i] <= e.Hi+1e-3 { // a large sample is not the world
				held[i]++
			}
		}
	}
	for i, m := range ms {
		if share, least := held[i]/of[i], 0.92-3.5*math.Sqrt(0.92*0.08/of[i]); of[i] > 0 && share < least {
			t.Errorf("%s: the interval of %s holds the truth in %.0f %% of %.0f simulations; forms that hold where errors are few are in scarce.go", world, m.ID(), 100*share, of[i])
		}
	}
}
