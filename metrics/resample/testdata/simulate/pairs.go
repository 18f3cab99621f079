package main

import (
	"math/rand/v2"
	"strings"

	"abstain/metrics"
	"abstain/metrics/resample"
)

// twins are models of one world on the same samples. Of each model's m errors a share is
// wrong in all; scores depend on each other.
func (w world) twins(rng *rand.Rand, models, n, m int, shared, correlation float64) []*metrics.Ranked {
	common := int(shared * float64(m))
	correct := make([][]bool, models)
	for k := range correct {
		correct[k] = make([]bool, n)
		for i := range n {
			correct[k][i] = i >= common
		}
		for left := m - common; left > 0; {
			if i := common + rng.IntN(n-common); correct[k][i] {
				correct[k][i] = false
				left--
			}
		}
	}
	scores := make([][]float64, models)
	for k := range scores {
		scores[k] = make([]float64, n)
	}
	for i := range n {
		for k, u := range uniforms(rng, models, correlation) {
			scores[k][i] = w.score(correct[k][i], u)
		}
	}
	list := make([]*metrics.Ranked, models)
	for k := range list {
		list[k] = rank(correct[k], scores[k])
	}
	return list
}

// pairs prints the share of simulations in which a test at .05 finds equal models to
// differ, and how often the interval of their difference holds 0.
func pairs() error {
	ms, err := metrics.ParseMeasures(strings.Split(*ids, ",")...)
	if err != nil {
		return err
	}
	d := resample.Independent(*n)
	var draws *resample.Replicates
	if *b > 0 {
		draws = resample.Draw(d, 1, *b)
	}
	for _, m := range numbers() {
		wrong, all := make([][]tally, len(ms)), make([][]tally, len(ms))
		for k, w := range worlds() {
			rng := rand.New(rand.NewPCG(uint64(k), uint64(1000*m+*n)))
			for i := range ms {
				wrong[i] = append(wrong[i], tally{name: w.name})
				all[i] = append(all[i], tally{name: w.name})
			}
			for round := range *rounds {
				two := w.twins(rng, 2, *n, m, []float64{0, .5, .8}[round%3], []float64{.2, .8}[round%2])
				if *second > 0 {
					two[1] = w.sample(rng, *n, *second)
				}
				for i, m := range ms {
					c, ok := compare(m, two[0], two[1], d, draws)
					if !ok {
						continue
					}
					p := 0.
					if c.P <= .05 {
						p = 1
					}
					wrong[i][k].add(0, 1-p, 1)
					all[i][k].add(c.Lo, c.Hi, 0)
				}
			}
		}
		for i := range ms {
			row(ms[i].ID()+" 1 - type I", m, wrong[i])
			row(ms[i].ID()+" interval", m, all[i])
		}
	}
	return nil
}

func compare(m metrics.Measure, first, second *metrics.Ranked, d *resample.Design, draws *resample.Replicates) (resample.Comparison, bool) {
	a, b := m.Of(first), m.Of(second)
	if !a.Defined() || !b.Defined() {
		return resample.Comparison{}, false
	}
	if c, ok := resample.Paired(m, a.Value, b.Value, first, second, d, .95); ok {
		c.P = max(c.P, resample.LeastP(c.Pairs))
		return c, true
	}
	if draws == nil {
		return resample.Comparison{}, false
	}
	of := []metrics.Measure{m}
	c := resample.ByReplicates(a.Value, b.Value, resample.Bootstrap(first, of, draws)[0], resample.Bootstrap(second, of, draws)[0], .95)
	c.P = max(c.P, floorOf(first, second, d))
	return c, true
}
