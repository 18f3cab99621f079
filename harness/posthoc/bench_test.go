package posthoc_test

import (
	"fmt"
	"testing"
	"time"

	"abstain/harness/posthoc"
	"abstain/metrics"
)

// BenchmarkStream times a transform on batches of float32 logits, alternating
// with the gathering of the same rows as stored. It reports the least time of
// each per row (ns/row, stored-ns/row) and their quotient (x-stored).
func BenchmarkStream(b *testing.B) {
	for _, classes := range []int{10, 1000} {
		n := 250_000 / classes // about 1 MB, as batches are
		z, label := drawn(1, n, classes, 2)
		rows := metrics.Rows{F32: narrow(z), Label: label}
		spec := metrics.Spec{Kind: metrics.FromLogits, Classes: classes, Functions: []string{"msp"}}
		stored := metrics.NewCollector(spec)
		if err := stored.Add(rows); err != nil {
			b.Fatal(err)
		}
		base := stored.Outcomes()
		for _, id := range []string{"temperature", "vector", "pnorm"} {
			list, err := posthoc.Named([]string{id})
			if err != nil {
				b.Fatal(err)
			}
			few := min(n, 200)
			m, _, err := list[0].Fit(&posthoc.Sample{Kind: metrics.FromLogits, Classes: classes, Vectors: z[:few*classes], Label: label[:few]})
			if err != nil {
				b.Fatal(err)
			}
			b.Run(fmt.Sprintf("%s/%d", id, classes), func(b *testing.B) {
				var plain, changed time.Duration
				least := func(to *time.Duration, do func()) {
					began := time.Now()
					do()
					if d := time.Since(began); *to == 0 || d < *to {
						*to = d
					}
				}
				for b.Loop() {
					c, s := metrics.NewCollector(spec), posthoc.NewStream(list[0], spec, []*posthoc.Map{m})
					for range 4 { // the first batch allocates memory
						least(&plain, func() { c.Add(rows) })
						least(&changed, func() { s.Add(rows, nil, base.Prediction) })
					}
				}
				b.ReportMetric(float64(plain.Nanoseconds())/float64(n), "stored-ns/row")
				b.ReportMetric(float64(changed.Nanoseconds())/float64(n), "ns/row")
				b.ReportMetric(float64(changed)/float64(plain), "x-stored")
			})
		}
	}
}
