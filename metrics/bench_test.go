package metrics_test

import (
	"math/rand/v2"
	"testing"

	"abstain/metrics"
)

// fifty thousand samples of a network over ten classes, without ties.
func large() *metrics.Outcomes {
	const n, classes = 50000, 10
	rng := rand.New(rand.NewPCG(1, 2))
	rows := metrics.Rows{F32: make([]float32, n*classes), Label: make([]int32, n)}
	for i := range rows.F32 {
		rows.F32[i] = float32(2 * rng.NormFloat64())
	}
	for i := range rows.Label {
		rows.Label[i] = int32(rng.IntN(classes))
		rows.F32[i*classes+int(rows.Label[i])] += 4
	}
	c := metrics.NewCollector(metrics.Spec{Kind: metrics.FromLogits, Classes: classes, Rows: n})
	if err := c.Add(rows); err != nil {
		panic(err)
	}
	return c.Outcomes()
}

func perSample(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/sample")
}

func BenchmarkRank(b *testing.B) {
	o := large()
	for b.Loop() {
		metrics.Rank(o, o.Confidence("msp"))
	}
	perSample(b, o.N())
}

func BenchmarkDefault(b *testing.B) {
	o := large()
	type request struct {
		m  metrics.Metric
		at float64
	}
	var set []request
	for _, id := range metrics.Default {
		m, at, err := metrics.Parse(id)
		if err != nil {
			b.Fatal(err)
		}
		set = append(set, request{m, at})
	}
	for b.Loop() {
		r := metrics.Rank(o, o.Confidence("msp"))
		for _, q := range set {
			q.m.Of(r, q.at)
		}
	}
	perSample(b, o.N())
}

func BenchmarkEach(b *testing.B) {
	o := large()
	r := metrics.Rank(o, o.Confidence("msp"))
	for _, id := range metrics.Default {
		b.Run(id, func(b *testing.B) {
			m, at, err := metrics.Parse(id)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				m.Of(r, at)
			}
			perSample(b, o.N())
		})
	}
}
