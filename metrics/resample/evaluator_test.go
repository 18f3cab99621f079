package resample_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"abstain/metrics"
	"abstain/metrics/resample"
)

// beyond are metrics of the sweeps at other parameters, and some that they do
// not serve.
var beyond = []string{
	"top-k@1", "top-k@3", "fpr@0", "fpr@1", "fpr@0.5", "sac@0", "sac@0.8", "sac@1", "coverage-at-risk@0", "coverage-at-risk@0.3",
	"risk@0", "risk@1", "risk@0.33", "selective-accuracy@0.1", "ece@1", "ece@100", "mce@3", "ece-mass@1", "ece-mass@7", "ece-mass@200",
	"ece-over@15", "ece-under@15", "gamma", "aurc-trapezoid", "ece-debiased@15",
}

// expanded is the table in which row i stands counts[i] times.
func expanded(o *metrics.Outcomes, counts []uint8) *metrics.Ranked {
	var rows []int32
	for i, c := range counts {
		for range c {
			rows = append(rows, int32(i))
		}
	}
	t := o.Take(rows)
	return metrics.Rank(t, &t.Confidences[0])
}

// TestValuesAreThoseOfTheExpandedTable compares every default metric, and more,
// with the metric itself on the resampled table: small and large, with and
// without ties, out-of-distribution rows, infinite losses, odd counts.
func TestValuesAreThoseOfTheExpandedTable(t *testing.T) {
	ms := measures(t, slices.Concat(metrics.DefaultIDs(), beyond)...)
	rng := generator(1)
	defined := make([]int, len(ms))
	for trial := range 150 {
		w := world{curve: overconfident, grid: []int{0, 3, 20, 400}[trial%4], outside: []float64{0, 0.2}[trial/4%2]}
		n := 1 + rng.IntN(300)
		if trial < 12 {
			n = 1 + trial/2
		}
		o := w.draw(rng, n)
		if trial%5 == 0 {
			o.NLL[rng.IntN(n)] = math.Inf(1)
		}
		r := metrics.Rank(o, &o.Confidences[0])
		e := resample.NewEvaluator(r, ms)
		counts, got := make([]uint8, n), make([]float64, len(ms))
		for k := range 4 {
			draw(rng, counts, k)
			e.Values(counts, got)
			want := expanded(o, counts)
			for i, m := range ms {
				v := m.Of(want).Value
				if !near(got[i], v, 1e-12) {
					t.Fatalf("trial %d (n = %d, %+v), replicate %d: %s = %v, on the expanded table %v", trial, n, w, k, m.ID(), got[i], v)
				}
				if !math.IsNaN(v) {
					defined[i]++
				}
			}
			if trial%10 == 0 { // the sweeps leave out what is not asked for
				for i, m := range ms {
					alone := make([]float64, 1)
					resample.NewEvaluator(r, []metrics.Measure{m}).Values(counts, alone)
					if !near(alone[0], got[i], 0) {
						t.Fatalf("trial %d, replicate %d: %s = %v by itself, %v among others", trial, k, m.ID(), alone[0], got[i])
					}
				}
			}
		}
	}
	for i, m := range ms {
		if defined[i] < 100 && (m.Metric.Needs&metrics.NeedsOutside == 0 || defined[i] < 50) {
			t.Errorf("%s was defined in %d replicates only", m.ID(), defined[i])
		}
	}
}

// draw draws counts: a multinomial replicate, all ones, few samples, or many
// more than there are rows.
func draw(rng *rand.Rand, counts []uint8, kind int) {
	clear(counts)
	switch kind {
	case 0:
		resample.Independent(len(counts)).Draw(counts, rng.Uint64(), 0)
	case 1:
		for i := range counts {
			counts[i] = 1
		}
	case 2:
		counts[rng.IntN(len(counts))]++
		counts[rng.IntN(len(counts))]++
	case 3:
		for i := range counts {
			counts[i] = uint8(rng.IntN(12))
		}
	}
}

// TestDefaultsAreFast: nothing in the default set needs the expanded table.
func TestDefaultsAreFast(t *testing.T) {
	rng := generator(2)
	ms := measures(t, metrics.DefaultIDs()...)
	e := resample.NewEvaluator(world{curve: overconfident, outside: 0.1}.ranked(rng, 200), ms)
	for i, m := range ms {
		if !e.Fast(i) {
			t.Errorf("%s is evaluated on the expanded table", m.ID())
		}
	}
}

// TestEvaluatorOfOddTables: confidences that are no probability, infinite or in
// another order than their keys, no ranking, no samples.
func TestEvaluatorOfOddTables(t *testing.T) {
	ms := measures(t, metrics.DefaultIDs()...)
	rng := generator(3)
	for name, change := range map[string]func(o *metrics.Outcomes) *metrics.Confidence{
		"score": func(o *metrics.Outcomes) *metrics.Confidence {
			c := &o.Confidences[0]
			c.Probability = false
			for i := range c.Value {
				c.Value[i] = 7 * math.Log(c.Value[i])
			}
			return c
		},
		"infinite": func(o *metrics.Outcomes) *metrics.Confidence {
			c := &o.Confidences[0]
			c.Probability = false
			c.Value[3] = math.Inf(1)
			return c
		},
		"other order": func(o *metrics.Outcomes) *metrics.Confidence {
			c := &o.Confidences[0]
			c.Key = make([]float64, len(c.Value))
			for i := range c.Key {
				c.Key[i] = rng.Float64()
			}
			return c
		},
		"bare": func(o *metrics.Outcomes) *metrics.Confidence {
			o.LabelRank, o.NLL, o.Brier, o.Label = nil, nil, nil, nil
			return &o.Confidences[0]
		},
		"not ranked": func(*metrics.Outcomes) *metrics.Confidence { return nil },
		"all outside": func(o *metrics.Outcomes) *metrics.Confidence {
			for i := range o.Label {
				o.Label[i], o.Correct[i] = -1, false
			}
			return &o.Confidences[0]
		},
	} {
		o := world{curve: overconfident, grid: 30}.draw(rng, 80)
		c := change(o)
		e := resample.NewEvaluator(metrics.Rank(o, c), ms)
		counts, got := make([]uint8, o.N()), make([]float64, len(ms))
		draw(rng, counts, 0)
		e.Values(counts, got)
		want := expanded(o, counts)
		if c == nil {
			want = metrics.Rank(want.Outcomes, nil)
		}
		for i, m := range ms {
			if v := m.Of(want).Value; !near(got[i], v, 1e-12) {
				t.Errorf("%s: %s = %v, on the expanded table %v", name, m.ID(), got[i], v)
			}
		}
	}
}

// TestLargeReplicatesAreExact: rounding stays small at the size of ImageNet.
func TestLargeReplicatesAreExact(t *testing.T) {
	ms := measures(t, metrics.DefaultIDs()...)
	for _, grid := range []int{0, 1000} {
		rng := generator(4)
		o := world{curve: overconfident, grid: grid}.draw(rng, 50000)
		e := resample.NewEvaluator(metrics.Rank(o, &o.Confidences[0]), ms)
		counts, got := make([]uint8, o.N()), make([]float64, len(ms))
		draw(rng, counts, 0)
		e.Values(counts, got)
		want := expanded(o, counts)
		for i, m := range ms {
			if v := m.Of(want).Value; !near(got[i], v, 2e-13) {
				t.Errorf("grid %d: %s = %v, on the expanded table %v", grid, m.ID(), got[i], v)
			}
		}
	}
}

// operating are the default metrics without a closed form.
var operating = []string{"fpr@0.95", "sac@0.99", "coverage-at-risk@0.05", "risk@0.8", "selective-accuracy@0.8", "mce@15"}

// BenchmarkBootstrap is the whole of a model's intervals by 1000 replicates of 50 000
// samples, all default metrics, with drawing them, which models share, counted to
// this one. At most 12 ns per sample and replicate are asked for.
func BenchmarkBootstrap(b *testing.B) {
	const n, replicates = 50000, 1000
	r := world{curve: overconfident}.ranked(generator(5), n)
	for name, ids := range map[string][]string{"defaults": metrics.DefaultIDs(), "operating-points": operating} {
		ms := measures(b, ids...)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				resample.Bootstrap(r, ms, resample.Draw(resample.Independent(n), 1, replicates))
			}
			perSample(b, n*replicates)
		})
		b.Run(name+"/drawn", func(b *testing.B) { // as for all models but the first
			draws := resample.Draw(resample.Independent(n), 1, replicates)
			for b.Loop() {
				resample.Bootstrap(r, ms, draws)
			}
			perSample(b, n*replicates)
		})
	}
}

// BenchmarkValues sets a replicate beside an evaluation of the resampled table by
// the same metrics, with one sort. testdata/bench/reevaluate.py does that the usual
// way in numpy and scikit-learn.
func BenchmarkValues(b *testing.B) {
	ms := measures(b, metrics.DefaultIDs()...)
	for _, c := range []struct {
		name string
		w    world
	}{{"untied", world{curve: overconfident}}, {"accurate", world{curve: func(v float64) float64 { return 0.7 + 0.3*v }}}, {"grid1000", world{curve: overconfident, grid: 1000}}} {
		rng := generator(5)
		o := c.w.draw(rng, 50000)
		r := metrics.Rank(o, &o.Confidences[0])
		counts, out := make([]uint8, o.N()), make([]float64, len(ms))
		resample.Independent(o.N()).Draw(counts, 1, 1)
		b.Run(fmt.Sprintf("replicate/%s", c.name), func(b *testing.B) {
			e := resample.NewEvaluator(r, ms)
			for b.Loop() {
				e.Values(counts, out)
			}
			perSample(b, o.N())
		})
		b.Run(fmt.Sprintf("operating-points/%s", c.name), func(b *testing.B) {
			points := measures(b, operating...)
			e := resample.NewEvaluator(r, points)
			for b.Loop() {
				e.Values(counts, out[:len(points)])
			}
			perSample(b, o.N())
		})
		b.Run(fmt.Sprintf("reevaluation/%s", c.name), func(b *testing.B) {
			for b.Loop() {
				x := expanded(o, counts)
				for i, m := range ms {
					out[i] = m.Of(x).Value
				}
			}
			perSample(b, o.N())
		})
	}
}

func perSample(b *testing.B, n int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/sample")
}

func BenchmarkDraw(b *testing.B) {
	const n = 50000
	d, counts := resample.Independent(n), make([]uint8, n)
	for k := 0; b.Loop(); k++ {
		d.Draw(counts, 1, k)
	}
	perSample(b, n)
}

// BenchmarkIntervals is what the harness pays for a model without replicates.
func BenchmarkIntervals(b *testing.B) {
	ms := measures(b, metrics.DefaultIDs()...)
	r := world{curve: few}.ranked(generator(6), 50000)
	for b.Loop() {
		resample.Intervals(r, ms, resample.Options{})
	}
	perSample(b, r.N())
}
