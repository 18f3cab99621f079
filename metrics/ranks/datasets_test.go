package ranks

import (
	"math"
	"strings"
	"testing"

	"abstain/metrics"
)

// TestStudentizedRange: the table of critical values q/sqrt(2) for the Nemenyi
// test in Demšar 2006, table 5a.
func TestStudentizedRange(t *testing.T) {
	for _, test := range []struct {
		alpha float64
		from2 []float64
	}{
		{0.05, []float64{1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164}},
		{0.10, []float64{1.645, 2.052, 2.291, 2.459, 2.589, 2.693, 2.780, 2.855, 2.920}},
	} {
		for i, want := range test.from2 {
			if got := studentizedRange(test.alpha, i+2) / math.Sqrt2; math.Abs(got-want) > 0.00101 {
				t.Errorf("alpha %v, %d models: %.4f, want %.3f", test.alpha, i+2, got, want)
			}
		}
	}
	// two models: the range is the absolute value of a normal variable of variance 2
	if got := studentizedRange(0.05, 2) / math.Sqrt2; math.Abs(got-1.959963984540054) > 1e-9 {
		t.Errorf("two models: %.12f", got)
	}
	if got := studentizedRange(0.05, 25); math.Abs(2*(1-0.025)-1-(1-rangeTail(got, 25))) > 1e-9 {
		t.Errorf("25 models: tail %v at the quantile", rangeTail(got, 25))
	}
}

// demsar holds the AUC of four variants of C4.5 on 14 datasets: Demšar 2006,
// table 6. Two values that are printed there as 0.975 are ranked 2 and 3: the
// first has a digit more here.
var demsar = [][]float64{
	{0.763, 0.768, 0.771, 0.798}, {0.599, 0.591, 0.590, 0.569}, {0.954, 0.971, 0.968, 0.967}, {0.628, 0.661, 0.654, 0.657},
	{0.882, 0.888, 0.886, 0.898}, {0.936, 0.931, 0.916, 0.931}, {0.661, 0.668, 0.609, 0.685}, {0.583, 0.583, 0.563, 0.625},
	{0.775, 0.838, 0.866, 0.875}, {1.000, 1.000, 1.000, 1.000}, {0.940, 0.962, 0.965, 0.962}, {0.619, 0.666, 0.614, 0.669},
	{0.972, 0.981, 0.9751, 0.975}, {0.957, 0.978, 0.946, 0.970},
}

func TestCompareDatasets(t *testing.T) {
	c, err := CompareDatasets(demsar, metrics.Higher, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	for m, want := range []float64{3.143, 2.000, 2.893, 1.964} { // as printed there
		if math.Abs(c.MeanRanks[m]-want) > 0.0006 {
			t.Errorf("mean rank of model %d: %v, want %v", m, c.MeanRanks[m], want)
		}
	}
	// there: chi-square 9.28 before the correction for ties, of which there are
	// three pairs and a row of four; critical difference 1.25 (q = 2.569)
	if math.Abs(c.Critical-1.25) > 0.005 {
		t.Errorf("critical difference %v, want 1.25", c.Critical)
	}
	if want := 9.28 / (1 - (3*6+60)/(14*4*15.0)); math.Abs(c.Friedman.Statistic-want) > 0.006 {
		t.Errorf("Friedman %+v, want %v", c.Friedman, want)
	}
	if bars := len(c.Bars.Groups); bars != 1 { // 3.143 - 1.964 = 1.18 < 1.25
		t.Errorf("%d bars, want one", bars)
	}
	// there at alpha 0.10: critical difference 1.12 (q = 2.291), the last told apart
	// from the two best
	c, err = CompareDatasets(demsar, metrics.Higher, 0.9)
	if err != nil {
		t.Fatal(err)
	}
	var bars []string
	for _, m := range c.Order() {
		bars = append(bars, c.Bars.Of(m))
	}
	if got := strings.Join(bars, " "); math.Abs(c.Critical-1.12) > 0.005 || got != "a a ab b" {
		t.Errorf("critical difference %v, bars %s", c.Critical, got)
	}
	// model 0 against model 3: 11 wins of the latter, one tie, 2 losses
	if duel := c.Pairs[3][0]; duel.Wins != 11 || duel.Ties != 1 || duel.Losses != 2 {
		t.Errorf("model 3 against 0: %+v", duel)
	}
	if a, b := c.Pairs[1][2], c.Pairs[2][1]; a.Wins != b.Losses || a.Losses != b.Wins || a.P != b.P {
		t.Errorf("the two sides of a duel: %+v, %+v", a, b)
	}
	for i := range c.Models {
		for j := range i {
			if duel := c.Pairs[i][j]; duel.P < duel.Wilcoxon.P || duel.P > 1 {
				t.Errorf("models %d, %d: %+v", i, j, duel)
			}
		}
	}
}

func TestCompareDatasetsTellsApart(t *testing.T) {
	var values [][]float64
	for d := range 12 {
		v := float64(d)
		values = append(values, []float64{v + 1 + v/10, v, v + 0.001*(v-5.5)})
	}
	c, err := CompareDatasets(values, metrics.Lower, 0)
	if err != nil {
		t.Fatal(err)
	}
	// 12 of 12: the exact signed-rank p-value is 2/4096, times 3 by Holm
	if got, want := c.Pairs[0][1].P, 3*2.0/4096; math.Abs(got-want) > 1e-15 {
		t.Errorf("adjusted p-value %v, want %v", got, want)
	}
	if c.Groups.Of(0) != "b" || c.Groups.Of(1) != "a" || c.Groups.Of(2) != "a" {
		t.Errorf("groups %v", c.Groups.Groups)
	}
	if duel := c.Pairs[0][1]; duel.Losses != 12 {
		t.Errorf("lower is better: %+v", duel)
	}
}

func TestCompareDatasetsRefuses(t *testing.T) {
	for _, test := range []struct {
		values [][]float64
		level  float64
		want   string
	}{
		{[][]float64{{1, 2}}, 0, "1 datasets"},
		{[][]float64{{1}, {2}}, 0, "1 models"},
		{[][]float64{{1, 2}, {1}}, 0, "dataset 1 has 1 models"},
		{[][]float64{{1, 2}, {1, math.NaN()}}, 0, "model 1 has no value on dataset 1"},
		{[][]float64{{1, 2}, {1, 2}}, 1, "level 1"},
	} {
		if _, err := CompareDatasets(test.values, metrics.Higher, test.level); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%v: error %v, want %q", test.values, err, test.want)
		}
	}
}
