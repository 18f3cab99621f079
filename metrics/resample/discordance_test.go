package resample

import (
	"math"
	"math/rand/v2"
	"testing"

	"abstain/metrics/stattest"
)

// TestDiscordanceInterval checks the bounds against the definition: at a bound
// the score test of paired shares, with the shares found by a search over the
// likelihood instead of the closed form, is just at the level.
func TestDiscordanceInterval(t *testing.T) {
	for _, d := range []Discordance{{3, 11, 60}, {0, 1, 44}, {25, 25, 400}, {7, 0, 30}, {120, 90, 1000}} {
		lo, hi := d.Interval(0.95)
		for _, bound := range []float64{lo, hi} {
			q := likeliest(d, bound)
			se := math.Sqrt((2*q + bound*(1-bound)) / float64(d.N))
			if z := math.Abs(d.Difference()-bound) / se; math.Abs(z-1.959964) > 2e-3 {
				t.Errorf("%+v: bound %v lies %v standard errors away, want 1.96", d, bound, z)
			}
		}
		back, forth := Discordance{d.Second, d.First, d.N}.Interval(0.95)
		if math.Abs(back+hi) > 1e-9 || math.Abs(forth+lo) > 1e-9 {
			t.Errorf("%+v: interval [%v, %v], but [%v, %v] with the models exchanged", d, lo, hi, back, forth)
		}
	}
}

// likeliest is the share q of samples that only the second has right which,
// with q + delta that only the first has right, makes the counts most likely.
func likeliest(d Discordance, delta float64) float64 {
	b, c, rest := float64(d.First), float64(d.Second), float64(d.N-d.First-d.Second)
	term := func(k, share float64) float64 {
		if k == 0 {
			return 0
		}
		return k * math.Log(share)
	}
	lo, hi := math.Max(0, -delta), (1-delta)/2
	best, most := lo, math.Inf(-1)
	const steps = 400000
	for i := range steps + 1 {
		q := lo + (hi-lo)*float64(i)/steps
		if l := term(b, q+delta) + term(c, q) + term(rest, 1-2*q-delta); l > most {
			best, most = q, l
		}
	}
	return best
}

// TestDiscordanceIntervalAgreesWithTest: the interval leaves out 0 where the
// large-sample form of McNemar's test rejects, and nowhere else.
func TestDiscordanceIntervalAgreesWithTest(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	z := 1.959963984540054
	for range 3000 {
		d := Discordance{First: r.IntN(30), Second: r.IntN(30), N: 60 + r.IntN(500)}
		lo, hi := d.Interval(0.95)
		p := d.McNemarChiSquare().P
		if math.Abs(p-2*stattest.NormalTail(z)) < 1e-6 {
			continue
		}
		if out := lo > 0 || hi < 0; out != (p < 0.05) {
			t.Fatalf("%+v: interval [%v, %v], p = %v", d, lo, hi, p)
		}
		if !(lo <= d.Difference() && d.Difference() <= hi) {
			t.Fatalf("%+v: interval [%v, %v] without %v", d, lo, hi, d.Difference())
		}
	}
	if lo, hi := (Discordance{0, 0, 100}).Interval(0.95); !(lo < -0.02 && hi > 0.02) {
		t.Errorf("models that never differ: [%v, %v], want some width", lo, hi)
	}
	if lo, hi := (Discordance{}).Interval(0.95); !math.IsNaN(lo) || !math.IsNaN(hi) {
		t.Errorf("no samples: [%v, %v]", lo, hi)
	}
}

// TestDiscordanceCoverage: the interval holds its level in simulated pairs.
func TestDiscordanceCoverage(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	const runs, n = 4000, 150
	truth, covered := 0.05-0.02, 0
	for range runs {
		d := Discordance{N: n}
		for range n {
			switch u := r.Float64(); {
			case u < 0.05:
				d.First++
			case u < 0.07:
				d.Second++
			}
		}
		if lo, hi := d.Interval(0.95); lo <= truth && truth <= hi {
			covered++
		}
	}
	share := float64(covered) / runs
	t.Logf("covered %.3f of %d", share, runs)
	if bar := 3 * math.Sqrt(0.05*0.95/runs); share < 0.95-bar || share > 0.95+bar+0.01 {
		t.Errorf("covered %v, want 0.95", share)
	}
}
