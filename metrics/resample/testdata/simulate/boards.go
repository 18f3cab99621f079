package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"abstain/metrics"
)

// boards prints the share of boards of equal models without any order proven.
func boards() error {
	ms, err := metrics.ParseMeasures(strings.Split(*ids, ",")...)
	if err != nil {
		return err
	}
	for _, m := range numbers() {
		all, differences := make([][]tally, len(ms)), make([][]tally, len(ms))
		for k, w := range worlds() {
			rng := rand.New(rand.NewPCG(uint64(k), uint64(1000*m+*n)))
			for i := range ms {
				all[i] = append(all[i], tally{name: w.name})
				differences[i] = append(differences[i], tally{name: w.name})
			}
			for round := range *rounds {
				list := w.twins(rng, *models, *n, m, []float64{0, .5, .8}[round%3], []float64{.2, .8}[round%2])
				for i, m := range ms {
					proven, covered, ok := prove(m, list, uint64(round))
					if ok {
						all[i][k].add(0, 1-proven, 1)
						differences[i][k].add(0, covered, 1)
					}
				}
			}
		}
		for i := range ms {
			row(ms[i].ID()+" no order", m, all[i])
			row(ms[i].ID()+" all differences", m, differences[i])
		}
	}
	return nil
}

// prove is 1 if any order is proven; covered is 1 if all intervals beside the first model hold 0.
func prove(m metrics.Measure, list []*metrics.Ranked, seed uint64) (proven, covered float64, ok bool) {
	sets := setsOf(m, list, seed)
	if sets == nil {
		return 0, 0, false
	}
	covered = 1
	for i := range list {
		if _, lo, hi := sets.Difference(0, i); i > 0 && (lo > 1e-12 || hi < -1e-12) {
			covered = 0
		}
		for j := range list {
			if sets.Over(i, j) {
				proven = 1
			}
		}
	}
	return proven, covered, true
}

func check(err error) {
	if err != nil {
		panic(fmt.Sprint(err))
	}
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }
