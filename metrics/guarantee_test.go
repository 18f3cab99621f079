package metrics_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"abstain/metrics"
	"abstain/metrics/stattest"
)

// simple ranks stored confidences.
func simple(confidence []float64, correct []bool) *metrics.Ranked {
	o := &metrics.Outcomes{Correct: correct, Confidences: []metrics.Confidence{{Name: "stored", Value: confidence, Probability: true}}}
	return metrics.Rank(o, &o.Confidences[0])
}

// TestBinomialBounds: closed forms for no error and all errors but one, and a
// value of the tables of Clopper and Pearson.
func TestBinomialBounds(t *testing.T) {
	for _, n := range []int{1, 10, 1000, 50000} {
		for _, delta := range []float64{0.001, 0.05, 0.5} {
			if got, want := stattest.BinomialUpper(0, n, delta), -math.Expm1(math.Log(delta)/float64(n)); !same(got, want, 1e-14) {
				t.Errorf("no errors among %d at %v: %v, want %v", n, delta, got, want)
			}
			if got, want := stattest.BinomialUpper(n-1, n, delta), math.Pow(1-delta, 1/float64(n)); !same(got, want, 1e-14) {
				t.Errorf("%d errors among %d at %v: %v, want %v", n-1, n, delta, got, want)
			}
			if got := stattest.BinomialUpper(n, n, delta); got != 1 {
				t.Errorf("all of %d are errors: bound %v", n, got)
			}
		}
	}
	if lo, hi := stattest.ClopperPearson(0, 20, 0.95); lo != 0 || !same(hi, 0.168433, 1e-6) {
		t.Errorf("0 of 20: %v to %v", lo, hi)
	}
	if lo, hi := stattest.ClopperPearson(10, 20, 0.95); !same(lo, 0.271957, 1e-6) || !same(hi, 0.728043, 1e-6) {
		t.Errorf("10 of 20: %v to %v", lo, hi)
	}
}

// TestBinomialUpperSolves: the tail at the bound is delta.
func TestBinomialUpperSolves(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(rt, "n")
		k := rapid.IntRange(0, n-1).Draw(rt, "errors")
		delta := rapid.Float64Range(1e-6, 0.999).Draw(rt, "delta")
		b := stattest.BinomialUpper(k, n, delta)
		if got := binomial(k, n, b); !same(got, delta, 1e-10) {
			rt.Errorf("P(X <= %d) of %d at %v is %v, want %v", k, n, b, got, delta)
		}
		for _, of := range []func(k, n int, level float64) (lo, hi float64){stattest.Wilson, stattest.ClopperPearson} {
			lo, hi := of(k, n, 1-delta)
			if p := float64(k) / float64(n); !(0 <= lo && lo <= p+1e-15 && p <= hi+1e-15 && hi <= 1) {
				rt.Errorf("%d of %d: interval %v to %v", k, n, lo, hi)
			}
		}
	})
}

// TestGuaranteeHolds draws samples of a known risk for every confidence, and
// counts how often the true selective risk is above the one guaranteed.
func TestGuaranteeHolds(t *testing.T) {
	const n, draws, risk, delta = 3000, 500, 0.1, 0.05
	rng := rand.New(rand.NewPCG(1, 2))
	broken, found := 0, 0
	for range draws {
		confidence, correct := make([]float64, n), make([]bool, n)
		for i := range confidence {
			confidence[i] = rng.Float64()
			correct[i] = rng.Float64() < 0.5+confidence[i]/2 // wrong with probability (1-c)/2
		}
		p, ok := metrics.Guaranteed(simple(confidence, correct), risk, delta)
		if !ok {
			continue
		}
		found++
		if p.Bound > risk {
			t.Fatalf("bound %v above the risk asked for", p.Bound)
		}
		if (1-p.Threshold)/4 > risk { // mean of (1-c)/2 over c from the threshold to 1
			broken++
		}
	}
	if found < draws*9/10 {
		t.Errorf("a guarantee in only %d of %d draws", found, draws)
	}
	if share := float64(broken) / draws; share > delta {
		t.Errorf("the guarantee failed in %v of the draws, allowed %v", share, delta)
	}
}

func TestGuaranteedExtremes(t *testing.T) {
	right, wrong := make([]bool, 2000), make([]bool, 2000)
	confidence := make([]float64, 2000)
	for i := range right {
		right[i], confidence[i] = true, float64(i)
	}
	if p, ok := metrics.Guaranteed(simple(confidence, right), 0.05, 0.001); !ok || p.Coverage != 1 {
		t.Errorf("all right: %+v, %v", p, ok)
	}
	if p, ok := metrics.Guaranteed(simple(confidence, wrong), 0.05, 0.001); ok {
		t.Errorf("all wrong: %+v", p)
	}
	if p, ok := metrics.Guaranteed(simple(nil, nil), 0.05, 0.001); ok {
		t.Errorf("no samples: %+v", p)
	}
}

// TestWorkingPoints: against all points of the curve.
func TestWorkingPoints(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := tables(rt)
		r := metrics.Rank(o, &o.Confidences[0])
		curve := metrics.RiskCoverage(r)
		limit := rapid.Float64Range(0, 1).Draw(rt, "limit")
		atRisk, okRisk := metrics.PointAtRisk(r, limit)
		atCoverage, okCoverage := metrics.PointAtCoverage(r, limit)
		for _, p := range curve {
			if p.Risk <= limit && (!okRisk || p.Coverage > atRisk.Coverage) {
				rt.Errorf("risk %v: %+v passed over for %+v", limit, p, atRisk)
			}
			if p.Coverage >= limit && (!okCoverage || p.Risk < atCoverage.Risk || p.Risk == atCoverage.Risk && p.Coverage > atCoverage.Coverage) {
				rt.Errorf("coverage %v: %+v passed over for %+v", limit, p, atCoverage)
			}
		}
		if okRisk && atRisk.Risk > limit || okCoverage && atCoverage.Coverage < limit {
			rt.Errorf("%+v, %+v do not keep to %v", atRisk, atCoverage, limit)
		}
	})
}

// TestWilsonEnds: for none or all of n, one bound is exactly 0 or 1, and every
// interval contains its share.
func TestWilsonEnds(t *testing.T) {
	for n := 1; n <= 200; n++ {
		for _, level := range []float64{0.5, 0.9, 0.95, 0.999} {
			if lo, hi := stattest.Wilson(0, n, level); lo != 0 || hi <= 0 {
				t.Fatalf("0 of %d at %v: [%v, %v]", n, level, lo, hi)
			}
			if lo, hi := stattest.Wilson(n, n, level); hi != 1 || lo >= 1 {
				t.Fatalf("%d of %d at %v: [%v, %v]", n, n, level, lo, hi)
			}
			k := n / 3
			if lo, hi := stattest.Wilson(k, n, level); lo > float64(k)/float64(n) || hi < float64(k)/float64(n) {
				t.Fatalf("%d of %d at %v: [%v, %v]", k, n, level, lo, hi)
			}
		}
	}
}
