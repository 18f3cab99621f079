package main

import (
	"math"
	"math/rand/v2"
	"strings"

	"abstain/metrics"
	"abstain/metrics/resample"
)

// reliability is how confidences spread, and how often an answer of a confidence is right.
type reliability struct {
	name  string
	draw  func(u float64) float64
	right func(v float64) float64
}

func reliabilities() []reliability {
	even := func(u float64) float64 { return .5 + .5*u }
	sure := func(u float64) float64 { return 1 - .5*math.Pow(u, 6) }
	tied := func(u float64) float64 { return .55 + math.Floor(u*5)*.1 }
	same := func(v float64) float64 { return v }
	over := func(v float64) float64 { return .4 + .5*v }
	slight := func(v float64) float64 { return v - .03 }
	under := func(v float64) float64 { return math.Min(1, v+.1) }
	bent := func(v float64) float64 { return .5 + 2*(v-.5)*(v-.5) }
	return []reliability{
		{"calibrated", even, same}, {"calibrated, sure", sure, same}, {"calibrated, tied", tied, same},
		{"overconfident", even, over}, {"overconfident, sure", sure, over}, {"slightly overconfident", even, slight},
		{"slightly, sure", sure, slight}, {"underconfident", even, under}, {"bent", even, bent}, {"bent, tied", tied, bent},
	}
}

func (w reliability) sample(rng *rand.Rand, n int) *metrics.Ranked {
	o := &metrics.Outcomes{Correct: make([]bool, n), Confidences: []metrics.Confidence{{Name: "s", Probability: true, Value: make([]float64, n)}}}
	for i := range n {
		v := w.draw(rng.Float64())
		o.Confidences[0].Value[i], o.Correct[i] = v, rng.Float64() < w.right(v)
	}
	return metrics.Rank(o, &o.Confidences[0])
}

func calibrations() error {
	ms, err := metrics.ParseMeasures(strings.Split(*ids, ",")...)
	if err != nil {
		return err
	}
	var draws *resample.Replicates
	if *b > 0 {
		draws = resample.Draw(resample.Independent(*n), 1, *b)
	}
	all := make([][]tally, len(ms))
	for k, w := range reliabilities() {
		rng := rand.New(rand.NewPCG(uint64(k), uint64(*n)))
		large := w.sample(rng, *large)
		truth := make([]float64, len(ms))
		for i := range ms {
			truth[i] = ms[i].Of(large).Value
			if strings.HasPrefix(w.name, "calibrated") && ms[i].Metric.Group == "calibration" {
				truth[i] = 0
			}
			all[i] = append(all[i], tally{name: w.name})
		}
		for range *rounds {
			for i, e := range resample.Intervals(w.sample(rng, *n), ms, resample.Options{Replicates: draws}) {
				all[i][k].add(e.Lo, e.Hi, truth[i])
			}
		}
	}
	for i := range ms {
		row(ms[i].ID(), 0, all[i])
	}
	return nil
}
