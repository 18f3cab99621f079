package main

import (
	"abstain/metrics"
	"abstain/metrics/ranks"
	"abstain/metrics/resample"
)

func setsOf(m metrics.Measure, list []*metrics.Ranked, seed uint64) *ranks.Sets {
	r := resample.NewRivals(m, resample.Independent(list[0].Outcomes.N()), len(list))
	values := make([]float64, len(list))
	for i, ranked := range list {
		values[i] = m.Of(ranked).Value
		if !finite(values[i]) || !r.Set(i, ranked) {
			return nil
		}
	}
	noise, err := ranks.FactoredInfluence(r.Influence(), list[0].N(), func(n int, do func(int)) {
		for i := range n {
			do(i)
		}
	})
	check(err)
	sets, err := ranks.New(values, noise, ranks.Options{Better: m.Metric.Better, Draws: 1000, Seed: seed, Evidence: r})
	check(err)
	return sets
}

// floorOf is the least p-value of a test by replicates.
func floorOf(first, second *metrics.Ranked, d *resample.Design) float64 {
	return resample.LeastP(resample.EitherWrong(first, second, d))
}
