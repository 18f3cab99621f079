package recalibrate_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	_ "abstain/metrics/internal/conformance" // its flag
	"abstain/metrics/internal/exact"
	"abstain/metrics/recalibrate"
)

// draw makes logits and labels drawn from their softmax at a temperature: the
// one a fit must find, but for the noise of the sample.
func draw(rng *rand.Rand, n, classes int, temperature float64) (logits []float64, label []int32) {
	p := make([]float64, classes)
	for range n {
		row := make([]float64, classes)
		for j := range row {
			row[j] = 3 * rng.NormFloat64()
		}
		recalibrate.Softmax(p, row, classes, temperature)
		u, l := rng.Float64(), 0
		for u -= p[0]; u > 0 && l < classes-1; u -= p[l] {
			l++
		}
		logits, label = append(logits, row...), append(label, int32(l))
	}
	return logits, label
}

func meanNLL(logits []float64, classes int, label []int32, t float64) float64 {
	p := make([]float64, len(logits))
	recalibrate.Softmax(p, logits, classes, t)
	total := 0.0
	for i, l := range label {
		total -= math.Log(p[i*classes+int(l)])
	}
	return total / float64(len(label))
}

func meanSquare(p []float64, classes int, label []int32) float64 {
	total := 0.0
	for i, l := range label {
		for j, v := range p[i*classes : (i+1)*classes] {
			if j == int(l) {
				v--
			}
			total += v * v
		}
	}
	return total / float64(len(label))
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestTemperatureIsRecovered(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, want := range []float64{0.3, 1, 2.5, 20} {
		logits, label := draw(rng, 6000, 5, want)
		for _, loss := range []recalibrate.Loss{recalibrate.NLL, recalibrate.SquaredError} {
			got := must(recalibrate.FitTemperature(logits, 5, label, loss))
			if math.Abs(math.Log(got.T/want)) > 0.2 || got.AtBound {
				t.Errorf("loss %d: drawn at %v, fitted %+v", loss, want, got)
			}
		}
	}
}

// The slope of the NLL at the fitted temperature, in arithmetic of 1200 bits,
// and its curvature say how far the exact minimiser is.
func TestTemperatureIsExact(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for k := range 6 {
		classes := 2 + k
		logits, label := draw(rng, 60, classes, math.Exp(rng.NormFloat64()))
		got := must(recalibrate.FitTemperature(logits, classes, label, recalibrate.NLL))
		if got.AtBound {
			t.Fatalf("%d classes: at bound", classes)
		}
		if off := math.Abs(exactStep(logits, classes, label, 1/got.T)); off > 1e-12 {
			t.Errorf("%d classes: T = %v is off by a relative %.2g", classes, got.T, off)
		}
		if want := meanNLL(logits, classes, label, got.T); math.Abs(got.Loss-want) > 1e-13*want {
			t.Errorf("%d classes: loss %v, want %v", classes, got.Loss, want)
		}
	}
}

// exactStep is Newton's step from beta, relative to it.
func exactStep(logits []float64, classes int, label []int32, beta float64) float64 {
	slope, curve := exact.Num(0), exact.Num(0)
	for i, l := range label {
		row := logits[i*classes : (i+1)*classes]
		s, m, v := exact.Num(0), exact.Num(0), exact.Num(0)
		for _, z := range row {
			e := exact.Exp(exact.Mul(exact.Num(beta), exact.Num(z)))
			s, m = exact.Add(s, e), exact.Add(m, exact.Mul(e, exact.Num(z)))
			v = exact.Add(v, exact.Mul(exact.Mul(e, exact.Num(z)), exact.Num(z)))
		}
		m = exact.Quo(m, s)
		slope = exact.Add(slope, exact.Sub(m, exact.Num(row[l])))
		curve = exact.Add(curve, exact.Sub(exact.Quo(v, s), exact.Mul(m, m)))
	}
	return exact.Float64(exact.Quo(slope, exact.Mul(curve, exact.Num(beta))))
}

func TestTemperatureBySquaredErrorIsLeast(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for range 4 {
		logits, label := draw(rng, 200, 4, math.Exp(rng.NormFloat64()))
		got := must(recalibrate.FitTemperature(logits, 4, label, recalibrate.SquaredError))
		p := make([]float64, len(logits))
		at := func(t float64) float64 {
			recalibrate.Softmax(p, logits, 4, t)
			return meanSquare(p, 4, label)
		}
		if math.Abs(got.Loss-at(got.T)) > 1e-14 {
			t.Errorf("loss %v, want %v", got.Loss, at(got.T))
		}
		for other := 0.011; other < 90; other *= 1.003 {
			if at(other) < got.Loss-1e-15 {
				t.Fatalf("T = %v has loss %v, fitted %+v", other, at(other), got)
			}
		}
	}
}

func TestTemperatureAtBounds(t *testing.T) {
	separated := []float64{5, 0, 0, 3, 0.5, 1, 0, 2}
	got := must(recalibrate.FitTemperature(separated, 2, []int32{0, 1, 1, 1}, recalibrate.NLL))
	if !got.AtBound || got.T > 1.1e-6 {
		t.Errorf("separated: %+v", got)
	}
	got = must(recalibrate.FitTemperature(separated, 2, []int32{1, 0, 0, 0}, recalibrate.NLL))
	if !got.AtBound || got.T < 0.9e6 {
		t.Errorf("always wrong: %+v", got)
	}
	got = must(recalibrate.FitTemperature(separated, 2, []int32{1, 0, 0, 0}, recalibrate.SquaredError))
	if !got.AtBound || got.T < 900 {
		t.Errorf("always wrong, squared: %+v", got)
	}
	equal := must(recalibrate.FitTemperature([]float64{1, 1, 2, 2}, 2, []int32{0, 1}, recalibrate.NLL))
	if equal.T != 1 || !equal.Flat || math.Abs(equal.Loss-math.Ln2) > 1e-15 {
		t.Errorf("equal logits: %+v", equal)
	}
}

// TestTemperatureOfAnyScale: logits in other units have a temperature in those units,
// however far that is from 1.
func TestTemperatureOfAnyScale(t *testing.T) {
	rng := rand.New(rand.NewPCG(14, 4))
	logits, label := draw(rng, 300, 4, 1.7)
	for _, loss := range []recalibrate.Loss{recalibrate.NLL, recalibrate.SquaredError} {
		base := must(recalibrate.FitTemperature(logits, 4, label, loss))
		for _, unit := range []float64{1e-12, 1e-7, 1e-6, 1e6, 1e7, 1e12} {
			scaled := make([]float64, len(logits))
			for i, z := range logits {
				scaled[i] = z * unit
			}
			got := must(recalibrate.FitTemperature(scaled, 4, label, loss))
			if got.AtBound || math.Abs(got.T/unit/base.T-1) > 1e-9 || math.Abs(got.Loss-base.Loss) > 1e-9 {
				t.Errorf("in units of %v: %+v, want %+v", unit, got, base)
			}
		}
	}
}

func TestTemperatureProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	logits, label := draw(rng, 300, 6, 1.7)
	base := must(recalibrate.FitTemperature(logits, 6, label, recalibrate.NLL))

	order := rng.Perm(len(label))
	var moved []float64
	var movedLabel []int32
	for _, i := range order {
		moved, movedLabel = append(moved, logits[i*6:(i+1)*6]...), append(movedLabel, label[i])
	}
	if got := must(recalibrate.FitTemperature(moved, 6, movedLabel, recalibrate.NLL)); math.Abs(got.T/base.T-1) > 1e-13 {
		t.Errorf("other row order: %v, was %v", got.T, base.T)
	}

	scaled := slices.Clone(logits)
	for i := range scaled {
		scaled[i] = scaled[i]*1000 + float64(i/6) // and a constant per row
	}
	if got := must(recalibrate.FitTemperature(scaled, 6, label, recalibrate.NLL)); math.Abs(got.T/base.T/1000-1) > 1e-11 {
		t.Errorf("logits times 1000: %v, was %v", got.T, base.T)
	}

	dead := make([]float64, 0, len(label)*7) // a class that no row can have, and rows that have no class
	for i := range label {
		dead = append(append(dead, logits[i*6:(i+1)*6]...), math.Inf(-1))
	}
	dead = append(dead, 1, 2, 3, 4, 5, 6, 7)
	if got := must(recalibrate.FitTemperature(dead, 7, append(slices.Clone(label), -1), recalibrate.NLL)); math.Abs(got.T/base.T-1) > 1e-14 {
		t.Errorf("with a dead class: %v, was %v", got.T, base.T)
	}
	got := must(recalibrate.FitTemperature(dead, 7, append(slices.Clone(label), 9), recalibrate.SquaredError))
	want := must(recalibrate.FitTemperature(logits, 6, label, recalibrate.SquaredError))
	if math.Abs(got.T/want.T-1) > 1e-13 {
		t.Errorf("squared, with a dead class: %v, was %v", got.T, want.T)
	}

	again := make([]float64, len(logits))
	base.Apply(again, logits)
	if got := must(recalibrate.FitTemperature(again, 6, label, recalibrate.NLL)); math.Abs(got.T-1) > 1e-13 {
		t.Errorf("fitted again after applying: %v", got.T)
	}
}

func TestFitRefuses(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for want, logits := range map[string][]float64{
		"row 1, class 0: logit NaN":                 {1, 2, nan, 4},
		"row 1, class 1: logit +Inf":                {1, 2, 3, inf},
		"row 0: every logit is -Inf":                {-inf, -inf, 3, 1},
		"row 1: the label's logit is -Inf, so that": {1, 2, -inf, 3},
	} {
		for _, loss := range []recalibrate.Loss{recalibrate.NLL, recalibrate.SquaredError} {
			if _, err := recalibrate.FitTemperature(logits, 2, []int32{0, 0}, loss); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %q", err, want)
			}
		}
	}
	if _, err := recalibrate.FitEnsemble([]float64{1, 2}, 2, []int32{-1}, recalibrate.NLL); err == nil || !strings.Contains(err.Error(), "no row has a label") {
		t.Errorf("got %v", err)
	}
	if _, err := recalibrate.FitNorm([]float64{1, -inf}, 2, []float64{1}, func([]float64) float64 { return 0 }); err == nil || !strings.Contains(err.Error(), "row 0, class 1") {
		t.Errorf("got %v", err)
	}
	if _, err := recalibrate.FitNorm([]float64{1, 2}, 2, []float64{1}, func([]float64) float64 { return nan }); err == nil {
		t.Error("an undefined loss chose a norm")
	}
	for name, fit := range map[string]func(c []float64, hit []bool) error{
		"Platt":  func(c []float64, hit []bool) error { _, err := recalibrate.FitPlatt(c, hit); return err },
		"Beta":   func(c []float64, hit []bool) error { _, err := recalibrate.FitBeta(c, hit); return err },
		"Binned": func(c []float64, hit []bool) error { _, err := recalibrate.FitBinned(c, hit, 3); return err },
		"Isotonic": func(c []float64, hit []bool) error {
			_, err := recalibrate.FitIsotonic(c, hit)
			return err
		},
		"Histogram": func(c []float64, hit []bool) error { _, err := recalibrate.FitHistogram(c, hit, 3); return err },
		"HistogramMass": func(c []float64, hit []bool) error {
			_, err := recalibrate.FitHistogramMass(c, hit, 3)
			return err
		},
	} {
		if fit(nil, nil) == nil {
			t.Errorf("%s: no error without rows", name)
		}
		if fit([]float64{0.5, nan, 0.2}, []bool{true, false, true}) == nil {
			t.Errorf("%s: no error for NaN", name)
		}
	}
	if _, err := recalibrate.FitPlatt([]float64{0.5, 0.7}, []bool{true, true}); err == nil || !strings.Contains(err.Error(), "all right or all wrong") {
		t.Errorf("got %v", err)
	}
}

// Weights must be no worse than any other on a fine grid of the triangle.
func TestEnsembleIsLeast(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for range 3 {
		logits, label := draw(rng, 80, 3, math.Exp(0.7*rng.NormFloat64()))
		for i := range label { // label noise, so that the uniform part has work to do
			if rng.IntN(5) == 0 {
				label[i] = int32(rng.IntN(3))
			}
		}
		for _, loss := range []recalibrate.Loss{recalibrate.NLL, recalibrate.SquaredError} {
			got := must(recalibrate.FitEnsemble(logits, 3, label, loss))
			if math.Abs(lossOf(got, logits, label, loss)-got.Loss) > 1e-12 {
				t.Errorf("loss %v, want %v", got.Loss, lossOf(got, logits, label, loss))
			}
			if w := got.Weight; math.Abs(w[0]+w[1]+w[2]-1) > 1e-12 || min(w[0], w[1], w[2]) < 0 {
				t.Errorf("weights %v", w)
			}
			const steps = 60
			for a := range steps + 1 {
				for b := range steps + 1 - a {
					other := got
					other.Weight = [3]float64{float64(a) / steps, float64(b) / steps, float64(steps-a-b) / steps}
					if v := lossOf(other, logits, label, loss); v < got.Loss-2e-10 {
						t.Fatalf("loss %d: weights %v have %v, fitted %+v", loss, other.Weight, v, got)
					}
				}
			}
		}
	}
}

func lossOf(e recalibrate.Ensemble, logits []float64, label []int32, loss recalibrate.Loss) float64 {
	p := make([]float64, len(logits))
	e.Apply(p, logits, 3)
	if loss == recalibrate.SquaredError {
		return meanSquare(p, 3, label)
	}
	total := 0.0
	for i, l := range label {
		total -= math.Log(p[i*3+int(l)])
	}
	return total / float64(len(label))
}

// Among temperatures by a ranking loss the first of the grid wins ties.
func TestTemperatureBy(t *testing.T) {
	logits := []float64{3, 1, 0, 2, 2, 0, 5, 1, 1}
	count := 0
	got := recalibrate.FitTemperatureBy(logits, 3, []float64{2, 1, 0.5, 4}, func(c []float64) float64 {
		count++
		if len(c) != 3 || c[0] >= 0 {
			t.Errorf("confidences %v", c)
		}
		return []float64{math.NaN(), 0.25, 0.25, 0.5}[count-1]
	})
	if got.T != 1 || got.Loss != 0.25 {
		t.Errorf("%+v", got)
	}
	if got := recalibrate.FitTemperatureBy(logits, 3, []float64{1}, func([]float64) float64 { return math.NaN() }); !math.IsNaN(got.T) {
		t.Errorf("%+v", got)
	}
}

func TestPNorm(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for _, p := range []float64{0.5, 1, 2, 3, 7} {
		row := make([]float64, 5)
		mean := 0.0
		for j := range row {
			row[j] = rng.NormFloat64()
			mean += row[j] / 5
		}
		powers, top := 0.0, math.Inf(-1)
		for _, z := range row {
			powers += math.Pow(math.Abs(z-mean), p)
			top = math.Max(top, z-mean)
		}
		var got [1]float64
		recalibrate.PNorm(got[:], row, 5, p)
		if want := top / math.Pow(powers, 1/p); math.Abs(got[0]-want) > 1e-14 {
			t.Errorf("p = %v: %v, want %v", p, got[0], want)
		}
		huge := slices.Clone(row)
		for j := range huge {
			huge[j] *= 1e200
		}
		var far [1]float64
		recalibrate.PNorm(far[:], huge, 5, p)
		if math.Abs(far[0]-got[0]) > 1e-14 {
			t.Errorf("p = %v: scale changes %v to %v", p, got[0], far[0])
		}
		pairs := make([]float64, 40)
		for j := range pairs {
			pairs[j] = rng.NormFloat64() * 10
		}
		of := make([]float64, 20)
		recalibrate.PNorm(of, pairs, 2, p)
		if slices.Min(of) != slices.Max(of) || math.Abs(of[0]-math.Pow(2, -1/p)) > 1e-15 {
			t.Errorf("two classes, p = %v: %v", p, of)
		}
	}
	got := make([]float64, 3)
	recalibrate.PNorm(got, []float64{1, 1, 1, 4, 1, 1, math.Inf(-1), 0, 1}, 3, 0)
	if got[0] != 0 || got[1] != 2 || !math.IsNaN(got[2]) {
		t.Errorf("edges: %v", got)
	}
	recalibrate.LogitMargin(got, []float64{1, 1, 0, 4, 1, 2.5, math.Inf(-1), 0, -1}, 3)
	if !slices.Equal(got, []float64{0, 1.5, 1}) {
		t.Errorf("margins: %v", got)
	}
}

func TestFitNormFallsBack(t *testing.T) {
	logits := []float64{3, 1, 0, 2, 1.5, 0, 5, 1, 1}
	loss := func(best func(c []float64) bool) func(c []float64) float64 {
		return func(c []float64) float64 {
			if best(c) {
				return 0.1
			}
			return 0.2
		}
	}
	got := must(recalibrate.FitNorm(logits, 3, []float64{0, 1, 2}, loss(func(c []float64) bool { return c[0] > 0 && c[0] < 1 })))
	if got.Fallback || got.P != 1 {
		t.Errorf("%+v, want p = 1", got)
	}
	got = must(recalibrate.FitNorm(logits, 3, []float64{0, 1, 2}, loss(func([]float64) bool { return true })))
	if !got.Fallback {
		t.Errorf("no p is better, yet %+v", got)
	}
	c := make([]float64, 3)
	got.Apply(c, logits, 3)
	if want := -(math.Exp(-2) + math.Exp(-3)); math.Abs(c[0]-want) > 1e-15 {
		t.Errorf("%v, want %v", c[0], want)
	}
}
