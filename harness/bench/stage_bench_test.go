package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"abstain/datasets"
	"abstain/harness"
)

// shapes are those of the benchmarks: ImageNet's, a CIFAR's, and score tables.
var shapes = []Shape{
	{Models: 4, Samples: 50_000, Classes: 1000},
	{Models: 20, Samples: 10_000, Classes: 10},
	{Models: 40, Samples: 50_000},
}

func (s Shape) String() string { return fmt.Sprintf("%dx%dx%d", s.Models, s.Samples, s.Classes) }

// corpus writes and opens a corpus, which is gone after the benchmark.
func corpus(b *testing.B, s Shape) *datasets.Corpus {
	b.Helper()
	dir := b.TempDir()
	if err := Generate(context.Background(), dir, s); err != nil {
		b.Fatal(err)
	}
	c, err := datasets.Open(dir)
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// BenchmarkRun is a whole run into a new folder, without intervals and with
// those of closed form, on one and two workers.
func BenchmarkRun(b *testing.B) {
	for _, s := range shapes {
		b.Run(s.String(), func(b *testing.B) {
			c := corpus(b, s)
			for _, workers := range []int{1, 2} {
				for _, level := range []float64{0, harness.DefaultLevel} {
					b.Run(fmt.Sprintf("workers=%d/level=%v", workers, level), func(b *testing.B) {
						b.SetBytes(s.Bytes())
						out, round := b.TempDir(), 0
						for b.Loop() {
							round++
							cfg := harness.Config{Corpora: []*datasets.Corpus{c}, Workers: workers,
								Out: filepath.Join(out, fmt.Sprint(round)), Intervals: harness.Intervals{Level: level}}
							if _, err := harness.Run(context.Background(), cfg); err != nil {
								b.Fatal(err)
							}
						}
						b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N*s.Models), "ms/model")
					})
				}
			}
		})
	}
}

