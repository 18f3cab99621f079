package main

import (
	"fmt"
	"math/rand/v2"

	"abstain/metrics"
	"abstain/metrics/resample"
)

// powers prints how often a test at .05 finds that two models differ whose AUROCs are .70
// and .85, on the same samples with errors of their own.
func powers() error {
	var low, high world
	low.right, low.wrong = normals(.70, 1)
	high.right, high.wrong = normals(.85, 1)
	ms, err := metrics.ParseMeasures("auroc", "aurc", "aupr-error", "naurc")
	if err != nil {
		return err
	}
	d := resample.Independent(*n)
	for _, m := range numbers() {
		rng := rand.New(rand.NewPCG(1, uint64(m)))
		found := make([]int, len(ms))
		for range *rounds {
			a, b := kinds(rng, *n, m), kinds(rng, *n, m)
			one, other := make([]float64, *n), make([]float64, *n)
			for i := range *n {
				u := uniforms(rng, 2, .5)
				one[i], other[i] = low.score(a[i], u[0]), high.score(b[i], u[1])
			}
			for i, x := range ms {
				if c, ok := compare(x, rank(a, one), rank(b, other), d, nil); ok && c.P <= .05 {
					found[i]++
				}
			}
		}
		for i, x := range ms {
			fmt.Printf("%-12s n %4d  m %3d  found %.3f\n", x.ID(), *n, m, float64(found[i])/float64(*rounds))
		}
	}
	return nil
}
