package recalibrate_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"abstain/metrics/recalibrate"
)

// binary draws confidences and outcomes that are right with chance f(c).
func binary(rng *rand.Rand, n int, f func(c float64) float64) (c []float64, right []bool) {
	for range n {
		v := 0.5 + rng.Float64()/2
		c, right = append(c, v), append(right, rng.Float64() < f(v))
	}
	return c, right
}

func logLoss(m recalibrate.Map, c []float64, right []bool) float64 {
	total := 0.0
	for i, v := range c {
		p := m.Apply(v)
		if !right[i] {
			p = 1 - p
		}
		total -= math.Log(p)
	}
	return total
}

// The score equations of logistic regression: residuals are orthogonal to every feature.
func TestPlattAndBetaAreLikeliest(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	c, right := binary(rng, 500, func(c float64) float64 { return 0.3 + 0.6*c*c })
	platt := must(recalibrate.FitPlatt(c, right))
	beta := must(recalibrate.FitBeta(c, right))
	features := map[string]func(c float64) float64{
		"one": func(float64) float64 { return 1 }, "ln c": math.Log, "-ln(1-c)": func(c float64) float64 { return -math.Log(1 - c) },
	}
	residual := func(m recalibrate.Map, f func(float64) float64) float64 {
		total := 0.0
		for i, v := range c {
			y := 0.0
			if right[i] {
				y = 1
			}
			total += f(v) * (m.Apply(v) - y)
		}
		return total
	}
	odds := func(c float64) float64 { return math.Log(c / (1 - c)) }
	for name, r := range map[string]float64{
		"Platt, one": residual(platt, features["one"]), "Platt, log-odds": residual(platt, odds),
	} {
		if math.Abs(r) > 1e-8 {
			t.Errorf("%s: residual %v", name, r)
		}
	}
	if beta.A > 0 && beta.B > 0 {
		for name, f := range features {
			if r := residual(beta, f); math.Abs(r) > 1e-8 {
				t.Errorf("Beta, %s: residual %v", name, r)
			}
		}
	}
	if logLoss(beta, c, right) > logLoss(platt, c, right)+1e-9 {
		t.Error("Beta, which has Platt's maps among its own, fits worse")
	}
}

func TestBetaKeepsCoefficientsPositive(t *testing.T) {
	rng := rand.New(rand.NewPCG(8, 8))
	for k, f := range []func(c float64) float64{
		func(c float64) float64 { return 1 - 0.9*c }, // falls: both coefficients want to be negative
		func(c float64) float64 { return 0.2 + 0.7*math.Pow(c, 20) },
		func(c float64) float64 { return 0.9 - 0.8*math.Pow(1-c, 2) },
	} {
		c, right := binary(rng, 400, f)
		b := must(recalibrate.FitBeta(c, right))
		if b.A < 0 || b.B < 0 || math.IsNaN(b.Intercept) {
			t.Errorf("case %d: %+v", k, b)
		}
		for v := 0.01; v < 1; v += 0.01 {
			if b.Apply(v) > b.Apply(v+0.005)+1e-15 {
				t.Fatalf("case %d: falls at %v", k, v)
			}
		}
	}
}

func TestSeparableStaysFinite(t *testing.T) {
	c := []float64{0.1, 0.2, 0.3, 0.7, 0.8, 0.9}
	right := []bool{false, false, false, true, true, true}
	p := must(recalibrate.FitPlatt(c, right))
	if math.IsInf(p.Slope, 0) || math.IsNaN(p.Slope) || p.Apply(0.3) > 1e-6 || p.Apply(0.7) < 1-1e-6 {
		t.Errorf("%+v", p)
	}
	same := must(recalibrate.FitPlatt([]float64{0.6, 0.6, 0.6, 0.6}, []bool{true, true, true, false}))
	if math.Abs(same.Apply(0.6)-0.75) > 1e-9 {
		t.Errorf("constant confidence: %+v gives %v", same, same.Apply(0.6))
	}
	edge := must(recalibrate.FitPlatt([]float64{0, 1, 0, 1, 1, 0}, []bool{false, true, true, true, false, false}))
	if v := edge.Apply(1); math.Abs(v-2./3) > 1e-6 {
		t.Errorf("confidences 0 and 1: %v", v)
	}
}

// The isotonic fit against the max-min formula of Barlow et al. 1972.
func TestIsotonicByMaxMin(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	for range 60 {
		n := 1 + rng.IntN(25)
		c, right := make([]float64, n), make([]bool, n)
		for i := range c {
			c[i], right[i] = float64(rng.IntN(10))/10, rng.IntN(2) == 1
		}
		m := must(recalibrate.FitIsotonic(c, right))
		for _, v := range c {
			if got, want := m.Apply(v), maxMin(c, right, v); math.Abs(got-want) > 1e-14 {
				t.Fatalf("at %v: %v, want %v; %v %v", v, got, want, c, right)
			}
		}
		if !slices.IsSorted(m.X) || !slices.IsSorted(m.Y) || len(m.X) != len(m.Y) {
			t.Fatalf("%+v", m)
		}
		if m.Apply(-1) != m.Y[0] || m.Apply(2) != m.Y[len(m.Y)-1] || !math.IsNaN(m.Apply(math.NaN())) {
			t.Fatalf("beyond the ends: %+v", m)
		}
	}
}

// maxMin is the largest over starts s <= v of the least over ends e >= v of the
// mean of what lies between.
func maxMin(c []float64, right []bool, v float64) float64 {
	best := math.Inf(-1)
	for _, s := range c {
		if s > v {
			continue
		}
		least := math.Inf(1)
		for _, e := range c {
			if e < v {
				continue
			}
			total, n := 0.0, 0.0
			for i, x := range c {
				if x >= s && x <= e {
					n++
					if right[i] {
						total++
					}
				}
			}
			least = math.Min(least, total/n)
		}
		best = math.Max(best, least)
	}
	return best
}

func TestIsotonicInterpolates(t *testing.T) {
	m := must(recalibrate.FitIsotonic([]float64{0.2, 0.4, 0.6, 0.8}, []bool{false, false, true, true}))
	if got := m.Apply(0.45); math.Abs(got-0.25) > 1e-14 {
		t.Errorf("between knots: %v", got)
	}
}

// Histograms against counting, bin by bin.
func TestHistogramByCounting(t *testing.T) {
	rng := rand.New(rand.NewPCG(10, 10))
	for range 40 {
		n, bins := 1+rng.IntN(60), 1+rng.IntN(12)
		c, right := make([]float64, n), make([]bool, n)
		for i := range c {
			c[i], right[i] = float64(rng.IntN(13))/12, rng.IntN(2) == 1
		}
		wide := must(recalibrate.FitHistogram(c, right, bins))
		mass := must(recalibrate.FitHistogramMass(c, right, bins))
		for _, h := range []recalibrate.Histogram{wide, mass} {
			if len(h.Value) != len(h.Edges)+1 || !slices.IsSorted(h.Edges) {
				t.Fatalf("%+v", h)
			}
			bounds := slices.Concat([]float64{math.Inf(-1)}, h.Edges, []float64{math.Inf(1)})
			for k, v := range h.Value {
				total, of := 0.0, 0.0
				for i, x := range c {
					if x > bounds[k] && x <= bounds[k+1] {
						of++
						if right[i] {
							total++
						}
					}
				}
				want := total / of
				if of == 0 {
					want = (max(bounds[k], 0) + min(bounds[k+1], 1)) / 2
				}
				if math.Abs(v-want) > 1e-15 {
					t.Fatalf("bin %d of %+v: %v, want %v", k, h, v, want)
				}
			}
		}
		if len(wide.Value) != bins {
			t.Fatalf("%d bins, want %d", len(wide.Value), bins)
		}
	}
	distinct := []float64{0.1, 0.9, 0.3, 0.7, 0.5, 0.6, 0.2}
	h := must(recalibrate.FitHistogramMass(distinct, make([]bool, 7), 3)) // 3, 2, 2
	if want := []float64{0.4, 0.65}; len(h.Edges) != 2 || math.Abs(h.Edges[0]-want[0]) > 1e-15 || math.Abs(h.Edges[1]-want[1]) > 1e-15 {
		t.Errorf("edges %v, want %v", h.Edges, want)
	}
}

// Scaling-binning keeps the mean and has few values.
func TestBinned(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 11))
	c, right := binary(rng, 1000, func(c float64) float64 { return c * c })
	m := must(recalibrate.FitBinned(c, right, 8))
	seen := map[float64]bool{}
	total, hits := 0.0, 0.0
	for i, v := range c {
		seen[m.Apply(v)] = true
		total += m.Apply(v)
		if right[i] {
			hits++
		}
	}
	if len(seen) != 8 || math.Abs(total-hits) > 1e-6 {
		t.Errorf("%d values, mean %v against accuracy %v", len(seen), total/1000, hits/1000)
	}
}

func TestPooledKeepsThePrediction(t *testing.T) {
	rng := rand.New(rand.NewPCG(12, 12))
	logits, label := draw(rng, 400, 5, 3)
	p := make([]float64, len(logits))
	recalibrate.Softmax(p, logits, 5, 1)
	m := must(recalibrate.FitPooled(p, 5, label))
	out := make([]float64, len(p))
	m.Apply(out, p)
	total := 0.0
	for i := range label {
		row, to := p[i*5:(i+1)*5], out[i*5:(i+1)*5]
		if slices.Index(row, slices.Max(row)) != slices.Index(to, slices.Max(to)) {
			t.Fatalf("row %d: %v became %v", i, row, to)
		}
		for _, v := range to {
			total += v
		}
	}
	// an isotonic fit keeps the mean, and the slope adds 1e-9 of each row
	if math.Abs(total-float64(len(label))*(1+1e-9)) > 1e-9 {
		t.Errorf("values add to %v over %d rows", total, len(label))
	}
	recalibrate.Normalise(out, 5)
	for i := range label {
		sum := 0.0
		for _, v := range out[i*5 : (i+1)*5] {
			sum += v
		}
		if math.Abs(sum-1) > 1e-14 {
			t.Fatalf("row %d adds to %v", i, sum)
		}
	}
	zero := []float64{0, 0, 1, 3}
	recalibrate.Normalise(zero, 2)
	if !slices.Equal(zero, []float64{0.5, 0.5, 0.25, 0.75}) {
		t.Errorf("normalised: %v", zero)
	}
}

func TestOneVsRest(t *testing.T) {
	rng := rand.New(rand.NewPCG(13, 13))
	logits, label := draw(rng, 2000, 4, 2.5)
	p := make([]float64, len(logits))
	recalibrate.Softmax(p, logits, 4, 1)
	before := meanSquare(p, 4, label)
	m := must(recalibrate.FitOneVsRest(p, 4, label, func(c []float64, hit []bool) (recalibrate.Map, error) { return recalibrate.FitBeta(c, hit) }))
	fresh, freshLabel := draw(rng, 2000, 4, 2.5)
	recalibrate.Softmax(fresh, fresh, 4, 1)
	m.Apply(fresh, fresh)
	if after := meanSquare(fresh, 4, freshLabel); after > before-0.05 {
		t.Errorf("Brier %v before, %v after", before, after)
	}
	for i := 0; i < len(fresh); i += 4 {
		if s := fresh[i] + fresh[i+1] + fresh[i+2] + fresh[i+3]; math.Abs(s-1) > 1e-14 {
			t.Fatalf("a row adds to %v", s)
		}
	}
	if _, err := recalibrate.FitOneVsRest(p, 4, make([]int32, len(label)), func(c []float64, hit []bool) (recalibrate.Map, error) { return recalibrate.FitPlatt(c, hit) }); err == nil {
		t.Error("classes that never occur were fitted")
	}
}
