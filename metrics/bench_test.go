package metrics_test

import (
	"math/rand/v2"
	"testing"

	"abstain/metrics"
)

// large is fifty thousand samples of a network over ten classes, without ties.
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
	var k metrics.Ranker
	for b.Loop() {
		k.Rank(o, o.Confidence("msp"))
	}
	perSample(b, o.N())
}

// BenchmarkRankStored ranks by float32, as stored confidences mostly are.
func BenchmarkRankStored(b *testing.B) {
	o := large()
	c := *o.Confidence("msp")
	c.Key = nil
	for i, v := range c.Value {
		c.Value[i] = float64(float32(v))
	}
	var k metrics.Ranker
	for b.Loop() {
		k.Rank(o, &c)
	}
	perSample(b, o.N())
}

// BenchmarkFour is what testdata/bench/four.py does with numpy and scikit-learn.
func BenchmarkFour(b *testing.B) {
	benchmarkAll(b, []string{"auroc", "aurc", "ece@15", "sac@0.99"})
}

// BenchmarkSweep is all threshold-free selective and ranking metrics, and
// equal-width calibration.
func BenchmarkSweep(b *testing.B) {
	benchmarkAll(b, []string{
		"auroc", "aupr-success", "aupr-error", "aurc", "eaurc", "naurc", "augrc", "eaugrc", "auarc",
		"ece@15", "ece-l2@15", "mce@15", "overconfidence", "sac@0.99",
	})
}

func BenchmarkDefault(b *testing.B) { benchmarkAll(b, metrics.DefaultIDs()) }

// benchmarkAll ranks once and evaluates the metrics.
func benchmarkAll(b *testing.B, ids []string) {
	o := large()
	type request struct {
		m  metrics.Metric
		at float64
	}
	var set []request
	for _, id := range ids {
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
	for _, id := range metrics.DefaultIDs() {
		b.Run(id, func(b *testing.B) {
			m, at, err := metrics.Parse(id)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				b.StopTimer()
				r := metrics.Rank(o, o.Confidence("msp")) // a new ranking, because some metrics keep what they computed in it
				b.StartTimer()
				m.Of(r, at)
			}
			perSample(b, o.N())
		})
	}
}
