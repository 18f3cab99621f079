package resample_test

import (
	"testing"

	"abstain/metrics/resample"
)

// TestRejectionInfluence: standard errors of prediction-rejection ratios by influence are
// those of replicates, wherever they are cut off, with ties and with few errors.
func TestRejectionInfluence(t *testing.T) {
	const n, b = 1500, 600
	ms := measures(t, "prr@1", "prr@0.5", "prr@0.2")
	for k, w := range []world{{curve: overconfident}, {curve: honest}, {curve: few}, {curve: honest, grid: 5}, {curve: overconfident, outside: 0.3}} {
		r := w.ranked(generator(uint64(8300+k)), n)
		values := resample.Bootstrap(r, ms, resample.Draw(resample.Independent(n), 3, b))
		for i, m := range ms {
			psi, ok := resample.Influence(m.Metric, m.At, r)
			if ratio := resample.StandardError(psi) / resample.Spread(values[i]); !ok || !(ratio > 0.9 && ratio < 1.1) {
				t.Errorf("world %d: %s: standard error by influence is %.3f of that by replicates", k, m.ID(), ratio)
			}
		}
	}
}

// TestRejectionIntervalsHold at least their level, cut off or not, of many errors and few.
func TestRejectionIntervalsHold(t *testing.T) {
	simulations := 600
	if testing.Short() {
		simulations = 100
	}
	ms := measures(t, "prr@1", "prr@0.5", "prr@0.2")
	for name, w := range map[string]world{
		"many": {curve: overconfident}, "tied": {curve: honest, grid: 7}, "one in twenty": {curve: few},
		"one in hundred": {curve: func(v float64) float64 { return 1 - 0.04*(1-v)*(1-v) }},
	} {
		want := truth(w, ms)
		held, of := make([]int, len(ms)), make([]int, len(ms))
		width := make([]float64, len(ms))
		rng := generator(8400)
		for range simulations {
			for i, e := range resample.Intervals(w.ranked(rng, 400), ms, resample.Options{}) {
				if e.Level == 0 {
					continue // no errors
				}
				of[i]++
				width[i] += e.Hi - e.Lo
				if e.Lo <= want[i] && want[i] <= e.Hi {
					held[i]++
				}
			}
		}
		for i, m := range ms {
			share, allowed := float64(held[i])/float64(of[i]), binomial(0.95, of[i])
			t.Logf("%s: %s: %.1f %% of %d, mean width %.3f, truth %.3f", name, m.ID(), 100*share, of[i], width[i]/float64(of[i]), want[i])
			if share < 0.95-allowed {
				t.Errorf("%s: the interval of %s holds the truth in %.1f %%", name, m.ID(), 100*share)
			}
		}
	}
}
