package resample_test

import (
	"fmt"
	"math/rand/v2"

	"abstain/metrics"
	"abstain/metrics/resample"
)

// answers is a model whose confidence is off by noise.
func answers(seed uint64, noise float64) *metrics.Ranked {
	rng := rand.New(rand.NewPCG(1, 2)) // the same samples for every model
	own := rand.New(rand.NewPCG(seed, 0))
	o := &metrics.Outcomes{}
	c := metrics.Confidence{Name: "stored", Probability: true}
	for range 2000 {
		v := rng.Float64()
		c.Value = append(c.Value, min(1, max(0, v+noise*own.NormFloat64())))
		o.Correct = append(o.Correct, rng.Float64() < v)
	}
	o.Confidences = []metrics.Confidence{c}
	return metrics.Rank(o, &o.Confidences[0])
}

func ExampleIntervals() {
	ms, _ := metrics.ParseMeasures("accuracy", "aurc", "ece@15")
	for i, e := range resample.Intervals(answers(1, 0.1), ms, resample.Options{}) {
		fmt.Printf("%-8s %.3f [%.3f, %.3f]  %s\n", ms[i].ID(), e.Value, e.Lo, e.Hi, e.Notes[0])
	}
	// Output:
	// accuracy 0.497 [0.476, 0.519]  interval: Wilson score
	// aurc     0.261 [0.238, 0.284]  interval: influence values, corrected for skewness
	// ece@15   0.043 [0.005, 0.061]  interval: influence values, lower bound less the bias of binning
}

func ExampleByInfluence() {
	a, b := answers(1, 0.1), answers(2, 0.15)
	m, _ := metrics.Lookup("aurc")
	x, _ := resample.Influence(m, 0, a)
	y, _ := resample.Influence(m, 0, b)
	c := resample.ByInfluence(m.Of(a, 0).Value, m.Of(b, 0).Value, x, y, len(x), 0.95)
	fmt.Printf("%+.4f [%+.4f, %+.4f], p = %.2f (%s)\n", c.Difference, c.Lo, c.Hi, c.P, c.Test)
	// Output:
	// -0.0146 [-0.0258, -0.0033], p = 0.01 (influence values)
}

func ExampleBootstrap() {
	ms, _ := metrics.ParseMeasures("sac@0.9")
	shared := resample.Draw(resample.Independent(2000), 1, 500)
	a, b := resample.Bootstrap(answers(1, 0.1), ms, shared)[0], resample.Bootstrap(answers(2, 0.15), ms, shared)[0]
	lo, hi := resample.Percentile(resample.Differences(a, b), 0.95)
	fmt.Printf("difference of coverage at 90 %% accuracy: [%+.3f, %+.3f]\n", lo, hi)
	// Output:
	// difference of coverage at 90 % accuracy: [-0.068, +0.175]
}
