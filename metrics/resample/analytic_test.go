package resample_test

import (
	"math"
	"testing"

	"abstain/metrics"
	"abstain/metrics/resample"
	"abstain/metrics/stattest"
)

// of ranks samples of the given confidences and correctness.
func of(confidence []float64, correct []bool) *metrics.Ranked {
	o := &metrics.Outcomes{Correct: correct, Confidences: []metrics.Confidence{{Name: "stored", Value: confidence, Probability: true}}}
	return metrics.Rank(o, &o.Confidences[0])
}

// TestDeLongByHand: right samples at 4, 3, 1 and errors at 2, 1. The right ones
// beat 2, 2 and 1/2 of the two errors: placements 1, 1, 1/4, mean 3/4, variance
// 3/16. The errors are beaten by 2 and 2.5 of three: 2/3 and 5/6, variance 1/72.
// So the AUROC is 3/4 and its variance (3/16)/3 + (1/72)/2 = 5/72.
func TestDeLongByHand(t *testing.T) {
	r := of([]float64{4, 3, 1, 2, 1}, []bool{true, true, true, false, false})
	value, se := resample.DeLong(r)
	if !near(value, 0.75, 1e-15) || !near(se*se, 5.0/72, 1e-14) {
		t.Errorf("AUROC %v, variance %v, want 0.75 and %v", value, se*se, 5.0/72)
	}
	if _, se := resample.DeLong(of([]float64{1, 2}, []bool{true, false})); !math.IsNaN(se) {
		t.Errorf("standard error %v from one sample of each kind", se)
	}
	if v, _ := resample.DeLong(of([]float64{1, 2}, []bool{true, true})); !math.IsNaN(v) {
		t.Errorf("AUROC %v without errors", v)
	}
}

// TestDeLongIsInfluence but for the unbiased variances.
func TestDeLongIsInfluence(t *testing.T) {
	r := world{curve: honest, grid: 25}.ranked(generator(80), 3000)
	m, _ := metrics.Lookup("auroc")
	psi, _ := resample.Influence(m, 0, r)
	value, se := resample.DeLong(r)
	if !near(value, m.Of(r, 0).Value, 1e-14) || math.Abs(se/resample.StandardError(psi)-1) > 1e-3 {
		t.Errorf("AUROC %v ± %v, by influence ± %v", value, se, resample.StandardError(psi))
	}
}

// TestFromInfluence: where all squares are alike there is no scatter and
// no skewness, and the interval is the normal one; 1.959964 is the quantile.
func TestFromInfluence(t *testing.T) {
	lo, hi := resample.FromInfluence(0.5, []float64{1, -1, 1, -1}, 4, 0.95, [2]float64{-9, 9})
	if !near(hi-0.5, 1.959964/2, 1e-6) || !near(0.5-lo, 1.959964/2, 1e-6) {
		t.Errorf("[%v, %v]", lo, hi)
	}
	if lo, hi = resample.FromInfluence(0.5, []float64{1, -1, 1, -1}, 4, 0.95, [2]float64{0, 1}); lo != 0 || hi != 1 {
		t.Errorf("[%v, %v] goes beyond the range", lo, hi)
	}
	if lo, _ = resample.FromInfluence(0.5, make([]float64, 4), 4, 0.95, [2]float64{0, 1}); !math.IsNaN(lo) {
		t.Errorf("lower bound %v without any influence", lo)
	}
	a, b := resample.FromInfluence(0.5, []float64{-1, -1, -1, 3}, 4, 0.95, [2]float64{-99, 99})
	if a+b <= 1 {
		t.Errorf("[%v, %v] does not lean to the side of the long tail", a, b)
	}
}

// TestCoverageBounds against all thresholds judged by Clopper-Pearson bounds,
// which are the same tests in another form.
func TestCoverageBounds(t *testing.T) {
	rng := generator(81)
	for trial := range 40 {
		n := 1 + rng.IntN(300)
		r := world{curve: honest, grid: []int{0, 9}[trial%2]}.ranked(rng, n)
		risk := 0.1 + 0.4*rng.Float64()
		low, high := 0, 0
		for g, end := range r.Ends {
			lo, hi := stattest.ClopperPearson(int(r.Wrong[g]), int(end), 0.95)
			if hi <= risk {
				low = int(end)
			}
			if lo < risk {
				high = int(end)
			}
		}
		wantLo, _ := stattest.Wilson(low, n, 0.95)
		_, wantHi := stattest.Wilson(high, n, 0.95)
		lo, hi := resample.CoverageBounds(r, risk, 0.95)
		if !near(lo, wantLo, 1e-12) || !near(hi, wantHi, 1e-12) {
			t.Errorf("trial %d: [%v, %v], want [%v, %v]", trial, lo, hi, wantLo, wantHi)
		}
		m := measures(t, "coverage-at-risk@0.5")[0]
		if v := m.Metric.Of(r, risk).Value; v < lo || v > hi {
			t.Errorf("trial %d: [%v, %v] is beside the estimate %v", trial, lo, hi, v)
		}
	}
	if lo, hi := resample.CoverageBounds(of(nil, nil), 0.1, 0.95); !math.IsNaN(lo) || !math.IsNaN(hi) {
		t.Errorf("[%v, %v] of no samples", lo, hi)
	}
}

func TestRiskBounds(t *testing.T) {
	r := of([]float64{0.9, 0.8, 0.7, 0.7, 0.1}, []bool{true, false, true, true, false})
	wantLo, wantHi := stattest.ClopperPearson(1, 4, 0.9)
	if lo, hi := resample.RiskBounds(r, 0.5, 0.9); lo != wantLo || hi != wantHi {
		t.Errorf("[%v, %v], want [%v, %v]: ties are accepted together", lo, hi, wantLo, wantHi)
	}
}

// TestBands: of each point and bin the score interval of its own counts. One
// error of four at 95 % is [0.0456, 0.6994] (Wilson's formula by hand).
func TestBands(t *testing.T) {
	r := of([]float64{0.9, 0.8, 0.7, 0.7, 0.1}, []bool{true, false, true, true, false})
	lo, hi := resample.RiskBand(metrics.RiskCoverage(r), r.N(), 0.95)
	if len(lo) != 4 || math.Abs(lo[2]-0.0456) > 5e-5 || math.Abs(hi[2]-0.6994) > 5e-5 {
		t.Errorf("risk band %v to %v", lo, hi)
	}
	diagram := metrics.Reliability(r, 5)
	lo, hi = resample.ReliabilityBand(diagram, 0.95)
	for k, b := range diagram {
		if b.N == 0 != math.IsNaN(lo[k]) || b.N > 0 && !(lo[k] <= b.Accuracy && b.Accuracy <= hi[k]) {
			t.Errorf("bin %+v has the band [%v, %v]", b, lo[k], hi[k])
		}
	}
}

// TestFromInfluenceOfFewSamples: with one value among many zeros the interval
// has the three degrees of freedom that are the least, of which the quantile at
// 97.5 % is 3.182446 (tables of Student's t; the expansion gives it to 1 %).
func TestFromInfluenceOfFewSamples(t *testing.T) {
	psi := make([]float64, 100)
	psi[0] = 2
	lo, hi := resample.FromInfluence(0, psi, 100, 0.95, [2]float64{-9, 9})
	half := (hi - lo) / 2 / 0.02
	if math.Abs(half/3.182446-1) > 0.01 || lo+hi <= 0 {
		t.Errorf("[%v, %v] reaches %v standard errors", lo, hi, half)
	}
}
