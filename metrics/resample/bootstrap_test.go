package resample_test

import (
	"math"
	"slices"
	"testing"

	"abstain/metrics/resample"
)

// TestPercentile by hand: of 1..19 the quantiles at 5 % and 95 % are the first
// and the last, those at 25 % and 75 % the fifth and the fifteenth.
func TestPercentile(t *testing.T) {
	values := []float64{math.NaN()}
	for v := 19; v > 0; v-- {
		values = append(values, float64(v))
	}
	for level, want := range map[float64][2]float64{0.9: {1, 19}, 0.5: {5, 15}, 0.99: {1, 19}, 0.45: {5.5, 14.5}} {
		if lo, hi := resample.Percentile(values, level); !near(lo, want[0], 1e-12) || !near(hi, want[1], 1e-12) {
			t.Errorf("level %v: [%v, %v], want %v", level, lo, hi, want)
		}
	}
	if lo, hi := resample.Percentile([]float64{math.NaN()}, 0.9); !math.IsNaN(lo) || !math.IsNaN(hi) {
		t.Errorf("of nothing: [%v, %v]", lo, hi)
	}
}

// TestBCa: without bias and acceleration it is the percentile interval; a share
// of 30 % below the estimate has the bias -0.5244 (normal tables), so that at
// 90 % the shares become Phi(-1.0488 -+ 1.6449) = 0.0035 and 0.7244; with
// acceleration 0.1 the upper one is Phi(-0.5244 + 1.1205/(1 - 0.11205)) = 0.7694.
func TestBCa(t *testing.T) {
	values := make([]float64, 9999)
	for i := range values {
		values[i] = float64(i + 1)
	}
	lo, hi := resample.BCa(values, 5000, 0, 0.9)
	if !near(lo, 500, 1e-9) || !near(hi, 9500, 1e-9) {
		t.Errorf("[%v, %v], want [500, 9500]", lo, hi)
	}
	lo, hi = resample.BCa(values, 3000, 0, 0.9)
	if math.Abs(lo-35) > 1 || math.Abs(hi-7244) > 3 {
		t.Errorf("[%v, %v], want about [35, 7244]", lo, hi)
	}
	if _, hi = resample.BCa(values, 3000, 0.1, 0.9); math.Abs(hi-7694) > 4 {
		t.Errorf("upper bound %v, want about 7694", hi)
	}
	lo, hi = resample.BCa(values, -1, 0, 0.9)
	if a, b := resample.Percentile(values, 0.9); lo != a || hi != b {
		t.Errorf("[%v, %v] for an estimate outside all replicates", lo, hi)
	}
}

// TestBootstrapIsShared: a model's replicates do not depend on which measures
// are asked, on the evaluator, or on what was evaluated before.
func TestBootstrapIsShared(t *testing.T) {
	r := world{curve: honest, grid: 40}.ranked(generator(70), 300)
	draws := resample.Draw(resample.Independent(300), 5, 30)
	all := resample.Bootstrap(r, measures(t, "aurc", "sac@0.8", "ece@15", "gamma"), draws)
	for i, id := range []string{"aurc", "sac@0.8", "ece@15", "gamma"} {
		if one := resample.Bootstrap(r, measures(t, id), draws); !slices.Equal(one[0], all[i]) {
			t.Errorf("%s has other replicates when asked alone", id)
		}
	}
	e := resample.NewEvaluator(r, measures(t, "aurc"))
	out := make([]float64, 1)
	for _, k := range []int{29, 3, 17} {
		if e.Values(draws.Counts(k), out); out[0] != all[0][k] {
			t.Errorf("replicate %d differs out of turn", k)
		}
	}
}

// TestDrawEach: replicates that are not kept are the same.
func TestDrawEach(t *testing.T) {
	for _, d := range []*resample.Design{resample.Independent(70), resample.Clustered(codes(70, 9)), resample.Stratified(codes(70, 3))} {
		kept, each := resample.Draw(d, 3, 5), resample.DrawEach(d, 3, 5)
		for _, k := range []int{4, 0, 4, 2} {
			if !slices.Equal(kept.Counts(k), each.Counts(k)) {
				t.Errorf("%v: replicate %d differs", d, k)
			}
		}
		r := world{curve: honest}.ranked(generator(8), 70)
		m := measures(t, "sac@0.8", "aurc")
		a, b := resample.Bootstrap(r, m, kept), resample.Bootstrap(r, m, each)
		if !slices.Equal(a[0], b[0]) || !slices.Equal(a[1], b[1]) {
			t.Errorf("%v: values differ", d)
		}
	}
}

func codes(n, groups int) []int32 {
	c := make([]int32, n)
	for i := range c {
		c[i] = int32(i % groups)
	}
	return c
}
