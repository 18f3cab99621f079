package resample_test

import (
	"math"
	"testing"

	"abstain/metrics"
	"abstain/metrics/resample"
	"abstain/metrics/stattest"
)

// TestMcNemar: 5 against 15. The exact p-value is 2 * 21700/2^20, as C(20,0) +
// ... + C(20,5) = 21700; C(20,5) = 15504, so the mid-p is (43400 - 15504)/2^20;
// the chi-square is 100/20 = 5, whose tail is erfc(sqrt(5/2)).
func TestMcNemar(t *testing.T) {
	d := resample.Discordance{First: 5, Second: 15, N: 100}
	if r := d.McNemar(); !near(r.P, 43400.0/(1<<20), 1e-14) || r.N != 20 || r.Statistic != 5 {
		t.Errorf("exact: %+v", r)
	}
	if r := d.McNemarMidP(); !near(r.P, (43400.0-15504)/(1<<20), 1e-13) {
		t.Errorf("mid-p: %+v", r)
	}
	if r := d.McNemarChiSquare(); r.Statistic != 5 || !near(r.P, math.Erfc(math.Sqrt(2.5)), 1e-14) {
		t.Errorf("chi-square: %+v", r)
	}
	for _, d := range []resample.Discordance{{N: 9}, {First: 4, Second: 4, N: 9}, {First: 500, Second: 500, N: 1000}} {
		for _, r := range []stattest.Result{d.McNemar(), d.McNemarMidP(), d.McNemarChiSquare()} {
			if !near(r.P, 1, 1e-11) {
				t.Errorf("%+v: p = %v where nothing speaks for either", d, r.P)
			}
		}
	}
}

func TestDiscordant(t *testing.T) {
	a := of([]float64{1, 2, 3, 4}, []bool{true, true, false, true})
	b := of([]float64{4, 1, 3, 2}, []bool{false, true, true, false})
	if d := resample.Discordant(a, b); d != (resample.Discordance{First: 2, Second: 1, N: 4}) {
		t.Errorf("%+v", d)
	}
}

// TestByDeLongByHand: the model of TestDeLongByHand against one of the same
// answers with confidences 4, 2, 1 and 3, 1: placements 1, 1/2, 1/4 and 1/3,
// 5/6, AUROC 7/12. Differences of the right ones: 0, 1/2, 0, variance 1/12; of
// the errors: 1/3, 0, variance 1/18. So the variance is 1/36 + 1/36 = 1/18.
func TestByDeLongByHand(t *testing.T) {
	correct := []bool{true, true, true, false, false}
	a, b := of([]float64{4, 3, 1, 2, 1}, correct), of([]float64{4, 2, 1, 3, 1}, correct)
	c := resample.ByDeLong(a, b, 0.95)
	if !near(c.Difference, 1.0/6, 1e-14) || !near(c.SE*c.SE, 1.0/18, 1e-14) {
		t.Errorf("%+v, want a difference of 1/6 with variance 1/18", c)
	}
	if want := math.Erfc(math.Sqrt(18) / 6 / math.Sqrt2); !near(c.P, want, 1e-13) {
		t.Errorf("p = %v, want %v", c.P, want)
	}
	if c := resample.ByDeLong(a, a, 0.95); c.Difference != 0 || c.SE != 0 || c.P != 1 {
		t.Errorf("a model against itself: %+v", c)
	}
}

// TestDifferencesAreThoseOfThePair: whichever pair is asked, and in whichever
// order, each model brings the same replicates.
func TestDifferencesAreThoseOfThePair(t *testing.T) {
	a, b := twins(generator(90), 300, 0, 0.2)
	c := world{curve: honest}.ranked(generator(91), 300)
	m := measures(t, "aurc")
	draws := resample.Draw(resample.Independent(300), 6, 99)
	replicates := func(r *metrics.Ranked) []float64 { return resample.Bootstrap(r, m, draws)[0] }
	ab, bc, ac := resample.Differences(replicates(a), replicates(b)), resample.Differences(replicates(b), replicates(c)), resample.Differences(replicates(a), replicates(c))
	for k := range ab {
		if !near(ab[k]+bc[k], ac[k], 1e-15) {
			t.Fatalf("replicate %d: differences do not add up", k)
		}
	}
	va, vb := m[0].Of(a).Value, m[0].Of(b).Value
	x, y := resample.ByReplicates(va, vb, replicates(a), replicates(b), 0.9), resample.ByReplicates(vb, va, replicates(b), replicates(a), 0.9)
	if x.Difference != -y.Difference || !near(x.Lo, -y.Hi, 1e-15) || !near(x.Hi, -y.Lo, 1e-15) || x.P != y.P || !near(x.SE, y.SE, 1e-14) {
		t.Errorf("%+v in one order, %+v in the other", x, y)
	}
	if c := resample.ByReplicates(va, va, replicates(a), replicates(a), 0.9); c.P != 1 || c.Lo != 0 || c.Hi != 0 {
		t.Errorf("a model against itself: %+v", c)
	}
}

// TestByReplicatesByHand: 2 of 9 replicates on the other side: 2 (2+1)/(9+1).
func TestByReplicatesByHand(t *testing.T) {
	a := []float64{1, 2, 3, 4, 5, 6, 7, -1, -2, math.NaN()}
	c := resample.ByReplicates(3, 0, a, make([]float64, len(a)), 0.9)
	if !near(c.P, 0.6, 1e-15) || c.N != 9 {
		t.Errorf("%+v", c)
	}
}

func TestByInfluenceOfEquals(t *testing.T) {
	psi := []float64{1, -2, 1}
	if c := resample.ByInfluence(0.3, 0.3, psi, psi, 3, 0.95); c.P != 1 || c.Lo != 0 || c.Hi != 0 {
		t.Errorf("a model against itself: %+v", c)
	}
	if c := resample.ByInfluence(0.4, 0.3, psi, psi, 3, 0.95); !math.IsNaN(c.P) {
		t.Errorf("a difference that no sample makes: %+v", c)
	}
}

// TestHolm on p-values worked by hand: sorted 0.01, 0.02, 0.03, 0.04 times 4, 3,
// 2, 1 are 0.04, 0.06, 0.06, 0.06 after the running maximum.
func TestHolm(t *testing.T) {
	got := stattest.Holm([]float64{0.04, 0.01, 0.03, 0.02})
	for i, want := range []float64{0.06, 0.04, 0.06, 0.06} {
		if !near(got[i], want, 1e-15) {
			t.Errorf("adjusted %v", got)
			break
		}
	}
}

// TestStepDownByHand: two differences of 3 and 1 standard errors, four
// replicates around them. Of the larger, the largest of both at each replicate
// are 3.5, 2, 1, 0.5: one reaches 3, so (1+1)/5; of the smaller alone, 0.5, 2,
// 1, 0.2: two reach 1, so (2+1)/5.
func TestStepDownByHand(t *testing.T) {
	got := resample.StepDown([]float64{3, -1, math.NaN()}, []float64{1, 1, 1}, [][]float64{
		{6.5, 3.1, 2.5, 3.5}, {-0.5, -3, 0, -0.8}, {1, 1, 1, 1},
	})
	for i, want := range []float64{0.4, 0.6, math.NaN()} {
		if !near(got[i], want, 1e-15) {
			t.Errorf("adjusted %v, want 0.4, 0.6, NaN", got)
			break
		}
	}
}

// TestStepDownHoldsItsLevel: among ten models as good as the first, some is
// found worse or better in at most 5 % of the simulations; and where they are
// alike it is nearly 5 %, while Holm's correction leaves less.
func TestStepDownHoldsItsLevel(t *testing.T) {
	const hypotheses, b, simulations = 10, 399, 800
	rng := generator(92)
	stepDown, holm := 0, 0
	errors := make([]float64, hypotheses)
	for h := range errors {
		errors[h] = 1
	}
	alike := func() []float64 { // correlation 0.8
		common := rng.NormFloat64() * math.Sqrt(0.8)
		z := make([]float64, hypotheses)
		for h := range z {
			z[h] = common + rng.NormFloat64()*math.Sqrt(0.2)
		}
		return z
	}
	for range simulations {
		d := alike()
		replicates, p := make([][]float64, hypotheses), make([]float64, hypotheses)
		for h := range replicates {
			replicates[h] = make([]float64, b)
			p[h] = 2 * stattest.NormalTail(math.Abs(d[h]))
		}
		for k := range b {
			for h, z := range alike() {
				replicates[h][k] = d[h] + z
			}
		}
		stepDown += found(resample.StepDown(d, errors, replicates))
		holm += found(stattest.Holm(p))
	}
	share, byHolm := float64(stepDown)/simulations, float64(holm)/simulations
	t.Logf("step-down %.1f %%, Holm %.1f %%", 100*share, 100*byHolm)
	if math.Abs(share-0.05) > binomial(0.05, simulations) || byHolm >= share {
		t.Errorf("a false finding in %.1f %% of the simulations, %.1f %% by Holm", 100*share, 100*byHolm)
	}
}

// found is 1 if any adjusted p-value is at most 5 %.
func found(p []float64) int {
	for _, v := range p {
		if v <= 0.05 {
			return 1
		}
	}
	return 0
}
