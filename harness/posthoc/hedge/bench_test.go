package hedge

import (
	"math"
	"math/rand/v2"
	"testing"

	"abstain/datasets"
	"abstain/metrics"
	"abstain/metrics/credal"
)

// BenchmarkRow is the time of one row of a thousand classes: the sets of one eps, with the
// predictions that are kept.
func BenchmarkRow(b *testing.B) {
	const classes, rows = 1000, 64
	rng := rand.New(rand.NewPCG(1, 2))
	z := make([]float32, classes*rows)
	for i := range z {
		z[i] = float32(2 * rng.NormFloat64())
	}
	for i := range rows {
		z[i*classes+i] += 9
	}
	for _, name := range []string{"kl", "tv", "alpha@1.2"} {
		b.Run(name, func(b *testing.B) {
			d, err := credal.Parse(name)
			if err != nil {
				b.Fatal(err)
			}
			set, err := credal.NewSet(d, 0.4)
			if err != nil {
				b.Fatal(err)
			}
			spec := metrics.Spec{Kind: metrics.FromProbs, Classes: classes, Column: "probs", Functions: []string{"msp"}}
			j := &judging{d: []credal.Divergence{d}, temperature: 1.2, own: 1.1, beside: map[string]*claims{"edge": {}, "own": {}, "cloud": {}},
				lower: true, at: []*atEps{{set: set, eps: 0.1}}, streams: map[string]*metrics.Collector{Intersection: metrics.NewCollector(spec), Entropy: metrics.NewCollector(spec)},
				over: &vectors{classes: classes, logits: true, f32: z}}
			w := newWork(classes)
			batch := &datasets.Batch{N: rows, F32: z}
			b.ResetTimer()
			for i := range b.N {
				if err := j.row(w, batch, i%rows, (i+1)%rows, 1, true); err != nil {
					b.Fatal(err)
				}
			}
			if math.IsNaN(j.at[0].width) {
				b.Fatal("no width")
			}
		})
	}
}
