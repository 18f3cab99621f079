package ranks

import (
	"math/rand/v2"
	"runtime"
	"testing"

	"abstain/metrics"
	"abstain/metrics/resample"
)

// BenchmarkNoise523 is the joint error of 523 models on 50 000 samples: the
// influence values of one AURC (with its sort; 523 of them make a board), and the
// covariance of all with its factor, on all CPUs. It takes 210 MB.
func BenchmarkNoise523(b *testing.B) {
	const models, n = 523, 50000
	r := rand.New(rand.NewPCG(31, 32))
	o := tied(r, 1, n)[0].Outcomes
	aurc, _, err := metrics.Parse("aurc")
	if err != nil {
		b.Fatal(err)
	}
	b.Run("influence-of-one", func(b *testing.B) {
		for b.Loop() {
			resample.Influence(aurc, 0, metrics.Rank(o, &o.Confidences[0]))
		}
	})
	b.Run("covariance", func(b *testing.B) {
		columns := make([][]float64, models)
		for i := range columns {
			columns[i] = make([]float64, n)
			for k := range columns[i] {
				columns[i][k] = r.Float64() - 0.5
			}
		}
		for b.Loop() {
			if _, err := FactoredInfluence(columns, n, workers(runtime.GOMAXPROCS(0))); err != nil {
				b.Fatal(err)
			}
		}
	})
}
