package study

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// units names each pair a unit of its own.
func units(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprint(i)
	}
	return names
}

func TestChangesByHand(t *testing.T) {
	p := pairing{names: []string{"a", "b", "c", "d"}, unit: []string{"x", "x", "y", "z"}, values: []float64{1, 3, -1, 5}}
	c := p.sum(0.95, 1)
	if c.Median != 2 || c.Mean != 2 || c.Up != 3 || c.Units != 3 || c.Quartiles != [2]float64{0.5, 3.5} {
		t.Errorf("%+v", c)
	}
	// units have the means 2, -1, 5: signed ranks 2, -1, 3, so the smaller sum is 1
	if c.Wilcoxon.Statistic != 1 || c.Wilcoxon.N != 3 || c.Wilcoxon.P != 0.5 {
		t.Errorf("Wilcoxon over units: %+v", c.Wilcoxon)
	}
	if c.Samples.Defined() || c.Models.Defined() || c.Both.Defined() {
		t.Errorf("intervals from three units and no replicates: %+v", c)
	}
	p.replicates = [][]float64{{1, 2}, {3, 4}, {-1, 0}, {5, 6}}
	if c = p.sum(0.5, 1); math.Abs(c.Samples.Lo-2.25) > 1e-12 || math.Abs(c.Samples.Hi-2.75) > 1e-12 {
		t.Errorf("over samples the medians are 2 and 3, the interval %v", c.Samples)
	}
	p.replicates[2] = nil
	if c = p.sum(0.5, 1); c.Samples.Defined() {
		t.Error("an interval over samples without replicates of one pair")
	}
}

func TestMedianWithoutSorting(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		v := make([]float64, random.IntN(12))
		for i := range v {
			v[i] = float64(random.IntN(6)) // many ties
			if random.IntN(9) == 0 {
				v[i] = math.NaN()
			}
		}
		want := median(v)
		if got := medianOf(slices.Clone(v)); got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Fatalf("median of %v = %v, want %v", v, got, want)
		}
	}
}

// The intervals over new models, and over new models and new samples, hold what
// they generalise to. Changes are normal over models, with an error that all
// models share in part because they answer the same samples.
func TestIntervalsOfChangesCover(t *testing.T) {
	if testing.Short() {
		t.Skip("a simulation")
	}
	const runs, pairs, replicates = 400, 25, 200
	const truth, overModels, shared, own = 0.3, 1.0, 0.3, 0.3
	random := rand.New(rand.NewPCG(3, 4))
	covers := map[string]int{}
	for run := range runs {
		p := pairing{names: units(pairs), unit: units(pairs), values: make([]float64, pairs), replicates: make([][]float64, pairs)}
		noise := make([]float64, replicates) // of the samples, in every replicate the same for all models
		for b := range noise {
			noise[b] = shared * random.NormFloat64()
		}
		fresh := shared * random.NormFloat64()
		models := make([]float64, pairs)
		for i := range models {
			models[i] = truth + overModels*random.NormFloat64()
			p.values[i] = models[i] + fresh + own*random.NormFloat64()
			p.replicates[i] = make([]float64, replicates)
			for b := range p.replicates[i] {
				p.replicates[i][b] = p.values[i] + noise[b] + own*random.NormFloat64()
			}
		}
		c := p.sum(0.95, uint64(run))
		for name, holds := range map[string]bool{
			"samples": c.Samples.Lo <= median(models) && median(models) <= c.Samples.Hi,
			"models":  c.Models.Lo <= truth+fresh && truth+fresh <= c.Models.Hi,
			"both":    c.Both.Lo <= truth && truth <= c.Both.Hi,
		} {
			if holds {
				covers[name]++
			}
		}
	}
	bound := 3 * math.Sqrt(0.95*0.05/runs)
	for name, n := range covers {
		if share := float64(n) / runs; share < 0.95-bound-0.015 { // percentile intervals of medians are a little short
			t.Errorf("%s: the 95 %% interval covers in %.3f", name, share)
		}
	}
	t.Logf("of %d: %v", runs, covers)
}

// Of few units the percentiles of the median alone would cover 88 %.
func TestIntervalsOfFewUnitsCover(t *testing.T) {
	if testing.Short() {
		t.Skip("a simulation")
	}
	const runs = 600
	random := rand.New(rand.NewPCG(9, 10))
	for _, n := range []int{6, 7, 15} {
		hits := 0
		for run := range runs {
			p := pairing{names: units(n), unit: units(n), values: make([]float64, n)}
			for i := range p.values {
				p.values[i] = random.ExpFloat64()
			}
			if c := p.sum(0.95, uint64(run)); c.Models.Lo <= math.Ln2 && math.Ln2 <= c.Models.Hi {
				hits++
			}
		}
		if share := float64(hits) / runs; share < 0.95-3*math.Sqrt(0.95*0.05/runs) {
			t.Errorf("%d units: the 95 %% interval covers in %.3f", n, share)
		}
	}
}

// Tables of the sign test's interval: of 6 to 8 values the extremes, of 9 the
// second, of 15 the fourth, of 25 the eighth from each end.
func TestSignInterval(t *testing.T) {
	for n, k := range map[int]int{2: 1, 5: 1, 6: 1, 8: 1, 9: 2, 15: 4, 25: 8} {
		v := make([]float64, n)
		for i := range v {
			v[(i*7)%n] = float64(i + 1)
		}
		if n%7 == 0 {
			t.Fatal("7 does not permute")
		}
		if got := signInterval(v, 0.95); got != (Bounds{float64(k), float64(n + 1 - k)}) {
			t.Errorf("of %d: %v, want the %d-th from each end", n, got, k)
		}
	}
}

// An interval that generalises farther is not shorter.
func TestIntervalsWiden(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	p := pairing{names: units(40), unit: units(40), values: make([]float64, 40), replicates: make([][]float64, 40)}
	shared := make([]float64, 500)
	for b := range shared {
		shared[b] = random.NormFloat64()
	}
	for i := range p.values {
		p.values[i] = random.NormFloat64()
		for b := range shared {
			p.replicates[i] = append(p.replicates[i], p.values[i]+shared[b])
		}
	}
	c := p.sum(0.95, 1)
	if wide := c.Both.Hi - c.Both.Lo; wide < c.Models.Hi-c.Models.Lo || wide < 0.95*(c.Samples.Hi-c.Samples.Lo) {
		t.Errorf("both %v, models %v, samples %v", c.Both, c.Models, c.Samples)
	}
	if b, over := c.Widest(); b != c.Both || over != NewModels|NewSamples {
		t.Errorf("widest: %v over %v", b, over)
	}
}
