package main

import (
	"math/rand/v2"
	"strings"

	"abstain/metrics"
)

// family is a board on which some models are near copies of the first: they err on some
// more of the samples, or on others instead.
type family struct {
	name    string
	rate    float64   // of errors
	copies  []float64 // for each near copy, the share of samples that it answers otherwise
	swaps   bool      // it is right on as many others: differences are not skew
	others  int       // further models
	jitters float64   // of the scores of copies
}

func families() []family {
	return []family{
		{"families", .2, []float64{.05, .05, .1, .1}, true, 4, .05},
		{"half near copies, skew", .2, []float64{.003, .005, .01, .02}, false, 4, 0},
		{"half near copies, few errors", .05, []float64{.002, .003, .005, .01}, false, 4, 0},
		{"half near copies, swaps", .1, []float64{.004, .004, .01, .01}, true, 4, 0},
		{"all near copies", .1, []float64{.002, .003, .004, .005, .006, .008, .01}, false, 0, .01},
	}
}

func (f family) sample(rng *rand.Rand, n int) []*metrics.Ranked {
	k := 1 + len(f.copies) + f.others
	correct, score := make([][]bool, k), make([][]float64, k)
	for m := range k {
		correct[m], score[m] = make([]bool, n), make([]float64, n)
	}
	for i := range n {
		hard := rng.Float64()
		wrong := func() bool { return rng.Float64() < 2*f.rate*hard }
		correct[0][i], score[0][i] = !wrong(), -hard+.3*rng.NormFloat64()
		for c, share := range f.copies {
			correct[1+c][i], score[1+c][i] = correct[0][i], score[0][i]+f.jitters*rng.NormFloat64()
			switch u := rng.Float64(); {
			case u < share:
				correct[1+c][i] = false
			case f.swaps && !correct[0][i] && rng.Float64() < share/f.rate:
				correct[1+c][i] = true
			}
		}
		for o := 1 + len(f.copies); o < k; o++ {
			correct[o][i], score[o][i] = !wrong(), -hard+.3*rng.NormFloat64()
		}
	}
	list := make([]*metrics.Ranked, k)
	for m := range k {
		list[m] = rank(correct[m], score[m])
	}
	return list
}

// differencesAtOnce prints how often the intervals of all differences beside a pinned
// model hold the true ones at once, for the first and for the last model.
func differencesAtOnce() error {
	ms, err := metrics.ParseMeasures(strings.Split(*ids, ",")...)
	if err != nil {
		return err
	}
	held, wrong := make([][]tally, len(ms)), make([][]tally, len(ms))
	for k, f := range families() {
		rng := rand.New(rand.NewPCG(uint64(k), uint64(*n)))
		big := f.sample(rng, *large)
		truth := make([][]float64, len(ms))
		for i, m := range ms {
			held[i] = append(held[i], tally{name: f.name})
			wrong[i] = append(wrong[i], tally{name: f.name})
			for _, r := range big {
				truth[i] = append(truth[i], m.Of(r).Value)
			}
		}
		for round := range *rounds {
			list := f.sample(rng, *n)
			for i, m := range ms {
				sets := setsOf(m, list, uint64(round))
				if sets == nil {
					continue
				}
				for _, reference := range []int{0, len(list) - 1} {
					all, width := 1., 0.
					for j := range list {
						_, lo, hi := sets.Difference(reference, j)
						d := truth[i][j] - truth[i][reference]
						if j != reference && (d < lo-1e-9 || d > hi+1e-9) {
							all = 0
						}
						if finite(hi - lo) {
							width += (hi - lo) / float64(len(list)-1)
						}
					}
					held[i][k].add(0, width, (1-all)*(width+1))
				}
				order := 0.
				for a := range list {
					for b := range list {
						better := truth[i][a] > truth[i][b]
						if m.Metric.Better == metrics.Lower {
							better = truth[i][a] < truth[i][b]
						}
						if a != b && sets.Over(a, b) && !better && truth[i][a] != truth[i][b] {
							order = 1
						}
					}
				}
				wrong[i][k].add(0, 1-order, 1)
			}
		}
	}
	for i := range ms {
		row(ms[i].ID()+" all differences", 0, held[i])
		row(ms[i].ID()+" no wrong order", 0, wrong[i])
	}
	return nil
}
