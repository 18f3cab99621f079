package study

import (
	"math"
	"math/rand/v2"
	"strconv"
	"testing"
)

// alone makes each model a unit by itself.
func alone(i int) string { return strconv.Itoa(i) }

func valued(id string, values ...float64) *column { return &column{ID: id, Values: values, at: -1} }

func TestCorrelate(t *testing.T) {
	nan := math.NaN()
	a := valued("a", 1, 2, 3, 4, 5, 6, nan, math.Inf(1))
	b := valued("b", 1, 3, 2, 4, 6, 5, 1, 1)
	c, ok := correlate(a, b, []int{0, 1, 2, 3, 4, 5, 6, 7}, alone, "all", 0.95)
	if !ok || c.N != 6 || math.Abs(c.Spearman-31.0/35) > 1e-12 || math.Abs(c.Kendall-11.0/15) > 1e-12 { // 1 - 6*4/210, 1 - 2*2/15
		t.Errorf("%+v", c)
	}
	// tanh(atanh(31/35) -+ 1.959964 sqrt((1 + (31/35)^2/2)/3)), by hand
	z, half := math.Atanh(31.0/35), 1.959963984540054*math.Sqrt((1+math.Pow(31.0/35, 2)/2)/3)
	if math.Abs(c.SpearmanIn.Lo-math.Tanh(z-half)) > 1e-9 || math.Abs(c.SpearmanIn.Hi-math.Tanh(z+half)) > 1e-9 {
		t.Errorf("interval %v, want %v to %v", c.SpearmanIn, math.Tanh(z-half), math.Tanh(z+half))
	}
	if _, ok := correlate(a, b, []int{0, 1, 2, 3, 6}, alone, "all", 0.95); ok {
		t.Error("a correlation of four models")
	}
	if _, ok := correlate(a, valued("c", 1, 1, 1, 1, 1, 1, 1, 1), []int{0, 1, 2, 3, 4, 5}, alone, "all", 0.95); ok {
		t.Error("a correlation with a constant")
	}
	same, _ := correlate(a, a, []int{0, 1, 2, 3, 4, 5}, alone, "all", 0.95)
	if same.Spearman != 1 || same.SpearmanIn.Hi != 1 || same.SpearmanIn.Lo > 0.9 || same.KendallIn.Lo >= 1 {
		t.Errorf("six models in the same order leave doubt: %+v", same)
	}
}

// A claim of a relation needs its test and its interval.
func TestRelated(t *testing.T) {
	f := &Folder{level: 0.95}
	for _, test := range []struct {
		p    float64
		in   Bounds
		want bool
	}{
		{0.01, Bounds{0.1, 0.9}, true}, {0.01, Bounds{-0.9, -0.1}, true}, {0.01, Bounds{-1, 0.17}, false},
		{0.06, Bounds{0.1, 0.9}, false}, {math.NaN(), Bounds{0.1, 0.9}, false}, {0.01, noBounds, false},
	} {
		if got := f.related(Correlation{SpearmanIn: test.in}, test.p); got != test.want {
			t.Errorf("p = %v, %v: %v", test.p, test.in, got)
		}
	}
}

// The levels shown are the first, the middle and the last, however they are stored.
func TestOutsideAxesByLevel(t *testing.T) {
	f := &Folder{columns: []*column{valued("accuracy"), valued("ood-auroc[c-ood-s0]"), valued("ood-auroc[c-ood-s10]"), valued("ood-auroc[c-ood-s5]"),
		valued("ood-auroc[c-ood-s1]"), valued("ood-auroc[c-ood-s9]")}}
	var got string
	for _, c := range f.outsideAxes() {
		got += c.ID
	}
	if want := "ood-auroc[c-ood-s0]ood-auroc[c-ood-s5]ood-auroc[c-ood-s10]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// A metric of two models must not reduce the ranking to these.
func TestWidelyKnown(t *testing.T) {
	nan := math.NaN()
	list := widelyKnown([]*column{valued("a", 1, 2, 3, 4, 5), valued("b", 1, nan, nan, 4, nan), valued("c", 1, 2, nan, nan, 5)})
	if len(list) != 2 || list[0].ID != "a" || list[1].ID != "c" {
		t.Errorf("%d columns", len(list))
	}
}

// Ties are neither in the same order nor in the other.
func TestDisordered(t *testing.T) {
	if got := disordered([]int{1, 1, 3, 4}, []int{2, 1, 4, 3}); got != 1.0/6 {
		t.Errorf("one of six pairs: %v", got)
	}
	if got := disordered([]int{1, 2, 3}, []int{3, 2, 1}); got != 1 {
		t.Errorf("all pairs: %v", got)
	}
	if got := disordered([]int{1}, []int{1}); !math.IsNaN(got) {
		t.Errorf("no pair: %v", got)
	}
}

// The intervals of Spearman's and Kendall's correlation hold their level where
// the true ones are known: for a joint normal law they are 6/pi asin(r/2) and
// 2/pi asin(r).
func TestCorrelationIntervalsCover(t *testing.T) {
	if testing.Short() {
		t.Skip("a simulation")
	}
	const runs, n = 1500, 40
	random := rand.New(rand.NewPCG(7, 8))
	for _, r := range []float64{0, 0.5, 0.85} {
		spearman, kendall := 6/math.Pi*math.Asin(r/2), 2/math.Pi*math.Asin(r)
		hits, tauHits := 0, 0
		all := make([]int, n)
		for i := range all {
			all[i] = i
		}
		for range runs {
			a, b := valued("a"), valued("b")
			for range n {
				x := random.NormFloat64()
				a.Values = append(a.Values, x)
				b.Values = append(b.Values, r*x+math.Sqrt(1-r*r)*random.NormFloat64())
			}
			c, _ := correlate(a, b, all, alone, "all", 0.95)
			if c.SpearmanIn.Lo <= spearman && spearman <= c.SpearmanIn.Hi {
				hits++
			}
			if c.KendallIn.Lo <= kendall && kendall <= c.KendallIn.Hi {
				tauHits++
			}
		}
		bound := 3 * math.Sqrt(0.95*0.05/runs)
		for name, k := range map[string]int{"Spearman": hits, "Kendall": tauHits} {
			if share := float64(k) / runs; math.Abs(share-0.95) > bound+0.015 { // the transforms are approximations
				t.Errorf("%s at r = %v: the 95 %% interval covers in %.3f", name, r, share)
			}
		}
	}
}

func TestRankings(t *testing.T) {
	if got := placesOf([]float64{0.2, 0.1, 0.2, 0.3}); got[0] != 2 || got[1] != 1 || got[2] != 2 || got[3] != 4 {
		t.Errorf("places %v", got)
	}
	if n := sharedTop([]int{1, 2, 3, 4}, []int{2, 3, 1, 4}, 2); n != 1 {
		t.Errorf("%d shared", n)
	}
}
