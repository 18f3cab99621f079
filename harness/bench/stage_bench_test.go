package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"abstain/datasets"
	"abstain/harness"
	"abstain/harness/evaluate"
	"abstain/harness/pool"
	"abstain/metrics"
	"abstain/metrics/rowstat"
)

// shapes are those of the benchmarks: ImageNet's, a CIFAR's, and score tables. Of the
// first there are 4 GB, since a study has hundreds and what happens once a run weighs
// more with few: with 8 models x-kernel is 0.02 to 0.04 higher than with 20 or 40.
var shapes = []Shape{
	{Models: 20, Samples: 50_000, Classes: 1000},
	{Models: 20, Samples: 10_000, Classes: 10},
	{Models: 200, Samples: 50_000},
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

// BenchmarkRun is a whole run into a new folder: six common metrics, and all
// default metrics without and with intervals of closed form. Beside it, in
// turns, stands what cannot be saved: the tables read and looked at, a value of
// every cache line (x-read), and class vectors given to the row kernel too
// (x-kernel). The ratios are those of the least times. TMPDIR says where; on a disk,
// the writing back of outcomes takes its share of the cores.
func BenchmarkRun(b *testing.B) {
	for _, s := range shapes {
		b.Run(s.String(), func(b *testing.B) {
			c := corpus(b, s)
			for _, asked := range []struct {
				name    string
				metrics []metrics.Measure
				level   float64
			}{{"six", six, 0}, {"default", nil, 0}, {"intervals", nil, evaluate.DefaultLevel}} {
				for _, workers := range []int{1, 2} {
					b.Run(fmt.Sprintf("%s/workers=%d", asked.name, workers), func(b *testing.B) {
						b.SetBytes(s.Bytes())
						beside(b, harness.Config{Corpora: []*datasets.Corpus{c}, Workers: workers, Metrics: asked.metrics,
							Intervals: evaluate.Intervals{Level: asked.level}})
					})
				}
			}
		})
	}
}

// beside times runs, each into a new folder, in turns with reading and with the
// kernel alone. The folders stay to the end: a file system that has just removed as
// many files is slow to make new ones.
func beside(b *testing.B, cfg harness.Config) {
	b.Helper()
	var run, read, alone time.Duration
	least := func(of *time.Duration, do func() error) {
		began := time.Now()
		if err := do(); err != nil {
			b.Fatal(err)
		}
		if d := time.Since(began); *of == 0 || d < *of {
			*of = d
		}
	}
	dir := b.TempDir()
	for i := 0; b.Loop(); i++ {
		b.StopTimer()
		least(&read, func() error { return alike(cfg, func() func(datasets.Table) error { return readBatches }) })
		least(&alone, func() error { return alike(cfg, kernel) })
		cfg.Out = filepath.Join(dir, fmt.Sprint(i))
		b.StartTimer()
		least(&run, func() error {
			_, err := harness.Run(context.Background(), cfg)
			return err
		})
	}
	models := float64(len(cfg.Corpora[0].Tables))
	b.ReportMetric(1000*run.Seconds()/models, "ms/model")
	b.ReportMetric(run.Seconds()/read.Seconds(), "x-read")
	b.ReportMetric(run.Seconds()/alone.Seconds(), "x-kernel")
}

// alike does one thing with every table, with as many workers as the run; each
// worker makes what does it.
func alike(cfg harness.Config, worker func() func(datasets.Table) error) error {
	tables := cfg.Corpora[0].Tables
	errs := make([]error, cfg.Workers)
	work := func(from int) {
		do := worker()
		for i := from; i < len(tables) && errs[from] == nil; i += cfg.Workers {
			errs[from] = do(tables[i])
		}
	}
	if cfg.Workers == 1 {
		work(0)
	} else {
		pool.Each(cfg.Workers, work)
	}
	return errors.Join(errs...)
}

// kernel reads tables and does nothing with class vectors but what the row kernel
// does.
func kernel() func(datasets.Table) error {
	stats := new(rowstat.Columns)
	return func(t datasets.Table) error {
		r, err := datasets.OpenTable(t)
		if err != nil {
			return err
		}
		defer r.Close()
		for batch, err := range r.Batches() {
			if err != nil {
				return err
			}
			if batch.F32 != nil {
				rowstat.Logits(stats, batch.F32, r.Schema().Classes, batch.Label)
			}
		}
		return nil
	}
}

// BenchmarkKept adds metrics and intervals from the outcomes alone, the corpus
// being gone, beside the run that made them.
func BenchmarkKept(b *testing.B) {
	for _, s := range shapes {
		b.Run(s.String(), func(b *testing.B) {
			out := b.TempDir()
			first := harness.Config{Corpora: []*datasets.Corpus{corpus(b, s)}, Out: out, Metrics: metrics.MustMeasures("accuracy")}
			began := time.Now()
			if _, err := harness.Run(context.Background(), first); err != nil {
				b.Fatal(err)
			}
			whole := time.Since(began)
			if err := os.RemoveAll(first.Corpora[0].Name); err != nil {
				b.Fatal(err)
			}
			journal := filepath.Join(out, "journal.jsonl")
			kept, err := os.ReadFile(journal)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				if _, err := harness.Run(context.Background(), harness.Config{Out: out, Metrics: six}); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				if err := os.WriteFile(journal, kept, 0o644); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
			b.ReportMetric(b.Elapsed().Seconds()*1000/float64(b.N*s.Models), "ms/model")
			b.ReportMetric(whole.Seconds()/(b.Elapsed().Seconds()/float64(b.N)), "x-faster-than-reading")
		})
	}
}

// six are the metrics of the peers in testdata.
var six = metrics.MustMeasures("accuracy", "auroc", "aurc", "ece", "sac@0.99", "nll")
