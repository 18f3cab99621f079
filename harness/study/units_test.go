package study

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"abstain/datasets"
	"abstain/harness/results"
	"abstain/metrics/stattest"
)

// modelsOf makes models of their names and metadata: base, family, size.
func modelsOf(list ...[4]string) []subject {
	var models []subject
	for _, m := range list {
		models = append(models, subject{row: results.Row{Key: results.Key{Model: m[0]}},
			meta: datasets.Meta{{Key: "base", Value: m[1]}, {Key: "family", Value: m[2]}, {Key: "params", Value: m[3]}}})
	}
	return models
}

// Variants are of the unit of their base, also of an absent one and of the base's base;
// of the others seeds of one architecture are one unit, and what is not described is alone.
func TestUnitNames(t *testing.T) {
	models := modelsOf([4]string{"plain", "", "vit", "10"}, [4]string{"kd", "plain", "vit", "10"}, [4]string{"kd-wd", "kd", "vit", "10"}, [4]string{"ens", "plain", "ensemble", "50"},
		[4]string{"seed1", "", "vit", "10"}, [4]string{"seed2", "", "vit", "10"}, [4]string{"large", "", "vit", "20"},
		[4]string{"x", "lost", "cnn", "1"}, [4]string{"y", "lost", "cnn", "2"}, [4]string{"own", "own", "", ""},
		[4]string{"a", "b", "", ""}, [4]string{"b", "c", "", ""}, [4]string{"c", "a", "", ""}, [4]string{"d", "b", "", ""}, [4]string{"alone", "", "vit", ""})
	names := unitNames(models)
	var got []string
	for _, u := range grouped(names) {
		text := ""
		for _, i := range u {
			text += models[i].row.Model + " "
		}
		got = append(got, text)
	}
	if want := []string{"plain kd kd-wd ens ", "seed1 seed2 ", "large ", "x y ", "own ", "a b c d ", "alone "}; !slices.Equal(got, want) {
		t.Errorf("units %q, want %q", got, want)
	}
}

// Units of one size count in full, one large unit hardly more than once.
func TestEffectiveUnits(t *testing.T) {
	for _, x := range []struct {
		sizes []int
		want  float64
	}{{[]int{1, 1, 1}, 3}, {[]int{4, 4}, 2}, {[]int{9, 1}, 100.0 / 82}, {nil, 0}} {
		units := make([][]int, len(x.sizes))
		for k, n := range x.sizes {
			units[k] = make([]int, n)
		}
		if got := effective(units); math.Abs(got-x.want) > 1e-12 {
			t.Errorf("%v: %v, want %v", x.sizes, got, x.want)
		}
	}
}

// The least number of units is the first whose extremes hold a median often enough.
func TestLeastUnits(t *testing.T) {
	for _, level := range []float64{0.5, 0.8, 0.9, 0.95, 0.975, 0.99, 0.999} {
		n := leastUnits(level)
		if holds := func(n int) bool { return 1-2*math.Pow(0.5, float64(n)) >= level-1e-12 }; !holds(n) || holds(n-1) {
			t.Errorf("level %v: %d units", level, n)
		}
	}
}

// For a whole number of observations it is the interval of stattest.
func TestWilsonOfUnits(t *testing.T) {
	for _, x := range [][2]int{{0, 7}, {7, 7}, {3, 7}, {90, 100}} {
		lo, hi := wilson(float64(x[0])/float64(x[1]), float64(x[1]), 0.95)
		if a, b := stattest.Wilson(x[0], x[1], 0.95); math.Abs(lo-a) > 1e-12 || math.Abs(hi-b) > 1e-12 {
			t.Errorf("%v: %v to %v, want %v to %v", x, lo, hi, a, b)
		}
	}
}

// sizesOf are sizes of units: all equal, or a few large and the others small, as in a
// folder where some bases have many variants.
func sizesOf(units int, uneven bool) []int {
	sizes := make([]int, units)
	for k := range sizes {
		sizes[k] = 3
		if uneven {
			sizes[k] = []int{1, 1, 12, 2, 1, 6}[k%6]
		}
	}
	return sizes
}

// clustered draws two values of each model with correlations between units and inside
// them; inside is the share of the variance that is inside units.
func clustered(random *rand.Rand, sizes []int, between, within, inside float64) (x, y []float64, names []string) {
	pair := func(r float64) (float64, float64) {
		a := random.NormFloat64()
		return a, r*a + math.Sqrt(1-r*r)*random.NormFloat64()
	}
	for k, n := range sizes {
		a, b := pair(between)
		for range n {
			c, d := pair(within)
			x = append(x, math.Sqrt(1-inside)*a+math.Sqrt(inside)*c)
			y = append(y, math.Sqrt(1-inside)*b+math.Sqrt(inside)*d)
			names = append(names, fmt.Sprint(k))
		}
	}
	return x, y, names
}

// Intervals of correlations hold the true one where models come in units, also for the
// fewest units that have one; taking models as independent would not.
func TestCorrelationIntervalsOfUnits(t *testing.T) {
	if testing.Short() {
		t.Skip("a simulation")
	}
	const runs = 500
	random := rand.New(rand.NewPCG(11, 12))
	naive := 1.0
	for _, w := range []struct{ between, within, inside float64 }{{0, 0, 0.1}, {0.6, 0.6, 0.3}, {-0.8, -0.8, 0.05}, {0.6, -0.3, 0.3}, {0.5, 0.5, 0.9}} {
		for _, units := range []int{6, 10, 40} {
			for _, uneven := range []bool{false, true} {
				sizes := sizesOf(units, uneven)
				pearson := (1-w.inside)*w.between + w.inside*w.within
				spearman := 6 / math.Pi * math.Asin(pearson/2)
				hits, independent, defined, n := 0, 0, 0, 0
				for range runs {
					x, y, names := clustered(random, sizes, w.between, w.within, w.inside)
					n = len(x)
					members := make([]int, n)
					for i := range members {
						members[i] = i
					}
					unitOf := func(i int) string { return names[i] }
					c, _ := correlate(valued("a", x...), valued("b", y...), members, unitOf, "all", 0.95)
					if !c.SpearmanIn.Defined() {
						continue
					}
					defined++
					if c.SpearmanIn.Lo <= spearman && spearman <= c.SpearmanIn.Hi {
						hits++
					}
					each, _ := correlate(valued("a", x...), valued("b", y...), members, func(i int) string { return fmt.Sprint(i) }, "all", 0.95)
					if each.SpearmanIn.Lo <= spearman && spearman <= each.SpearmanIn.Hi {
						independent++
					}
				}
				if defined == 0 {
					continue
				}
				share := float64(hits) / float64(defined)
				naive = min(naive, float64(independent)/float64(defined))
				t.Logf("%+v, %d units of %d models, uneven %v: %.3f, models as independent %.3f", w, units, n, uneven, share, float64(independent)/float64(defined))
				if share < 0.93-3*math.Sqrt(0.05*0.95/runs) {
					t.Errorf("%+v, %d units, uneven %v: the 95 %% interval covers in %.3f", w, units, uneven, share)
				}
			}
		}
	}
	if naive > 0.8 {
		t.Errorf("models as independent cover in %.3f: the worlds are too easy to tell the difference", naive)
	}
}

// Intervals of a median over models, whose units are of different sizes, hold it.
func TestMedianIntervalsOfUnits(t *testing.T) {
	if testing.Short() {
		t.Skip("a simulation")
	}
	const runs = 400
	random := rand.New(rand.NewPCG(13, 14))
	for _, inside := range []float64{0.05, 0.5} {
		for _, skewed := range []bool{false, true} {
			for _, units := range []int{6, 8, 30} {
				sizes := sizesOf(units, true)
				draw := func() float64 {
					if skewed {
						return random.ExpFloat64() - 1
					}
					return random.NormFloat64()
				}
				values := func(sizes []int) (v []float64, names []string) {
					for k, n := range sizes {
						shift := draw()
						for range n {
							v, names = append(v, math.Sqrt(1-inside)*shift+math.Sqrt(inside)*draw()), append(names, fmt.Sprint(k))
						}
					}
					return v, names
				}
				many, _ := values(sizesOf(60000, true))
				truth, hits := median(many), 0
				for run := range runs {
					v, names := values(sizes)
					if c := (pairing{names: names, unit: names, values: v}).sum(0.95, uint64(run)); c.Models.Lo <= truth && truth <= c.Models.Hi {
						hits++
					}
				}
				share := float64(hits) / runs
				t.Logf("inside %v, skewed %v, %d units: %.3f", inside, skewed, units, share)
				if share < 0.93-3*math.Sqrt(0.05*0.95/runs) {
					t.Errorf("inside %v, skewed %v, %d units: the 95 %% interval covers in %.3f", inside, skewed, units, share)
				}
			}
		}
	}
}

// Shares of models hold the true share, whether or not the models of a unit agree.
func TestShareIntervalsOfUnits(t *testing.T) {
	if testing.Short() {
		t.Skip("a simulation")
	}
	const runs = 4000
	random := rand.New(rand.NewPCG(15, 16))
	for _, truth := range []float64{0.1, 0.5, 0.9} {
		for _, agree := range []float64{0, 0.5, 1} {
			for _, units := range []int{8, 20, 30, 60} {
				sizes, hits, defined := sizesOf(units, true), 0, 0
				f := &Folder{level: 0.95}
				var models []int
				for k, n := range sizes {
					for range n {
						models = append(models, len(models))
						f.units = append(f.units, fmt.Sprint(k))
					}
				}
				for range runs {
					in, _ := f.shareOf(countOf(random, sizes, truth, agree), models)
					if !in.Defined() {
						break
					}
					defined++
					if in.Lo <= truth && truth <= in.Hi {
						hits++
					}
				}
				if defined == 0 {
					continue
				}
				share := float64(hits) / runs
				t.Logf("share %v, agreement %v, %d units: %.3f", truth, agree, units, share)
				if share < 0.92 {
					t.Errorf("share %v, agreement %v, %d units: the interval covers in %.3f", truth, agree, units, share)
				}
			}
		}
	}
}

// countOf draws how many models have something: each goes with its unit with the
// probability agree, else by itself.
func countOf(random *rand.Rand, sizes []int, truth, agree float64) int {
	count := 0
	for _, n := range sizes {
		shared := random.Float64() < truth
		for range n {
			has := random.Float64() < truth
			if random.Float64() < agree {
				has = shared
			}
			if has {
				count++
			}
		}
	}
	return count
}
