package calibration_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"abstain/metrics/calibration"
	"pgregory.net/rapid"
)

// probabilities draws confidences on a grid and whether each sample is right.
func probabilities(rt *rapid.T) (confidence []float64, correct []bool) {
	grid := rapid.IntRange(1, 60).Draw(rt, "grid")
	for range rapid.IntRange(1, 80).Draw(rt, "n") {
		confidence = append(confidence, float64(rapid.IntRange(0, grid).Draw(rt, "confidence"))/float64(grid))
		correct = append(correct, rapid.Bool().Draw(rt, "correct"))
	}
	return confidence, correct
}

// same compares two values to rounding; NaN equals NaN.
func same(a, b, tolerance float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || a == b || math.Abs(a-b) <= tolerance
}

// options are all combinations of choices.
func options(bins int) []calibration.Options {
	var list []calibration.Options
	for binning := calibration.EqualWidth; binning <= calibration.SweepWidth; binning++ {
		for edges := calibration.RightClosed; edges <= calibration.LeftClosedStretched; edges++ {
			if binning == calibration.EqualWidth || edges == calibration.RightClosed {
				list = append(list, calibration.Options{Bins: bins, Binning: binning, Edges: edges})
			}
		}
	}
	return list
}

func TestErrorOptions(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		confidence, correct := probabilities(rt)
		rows := rapid.Permutation(slices.Collect(ints(len(confidence)))).Draw(rt, "order")
		for _, o := range options(rapid.IntRange(1, 30).Draw(rt, "bins")) {
			var by [4]float64
			for norm := calibration.L1; norm <= calibration.MeanGap; norm++ {
				o.Norm = norm
				by[norm] = calibration.Error(confidence, correct, o)
			}
			if by[calibration.L1] > by[calibration.L2]+1e-12 || by[calibration.L2] > by[calibration.Largest]+1e-12 || by[calibration.MeanGap] > by[calibration.Largest]+1e-12 || !(by[calibration.Largest] <= 1) {
				rt.Errorf("%+v: norms %v", o, by)
			}
			if o.Binning == calibration.EqualCount || o.Binning == calibration.SweepMass {
				continue // the result depends on the order among ties
			}
			o.Norm = calibration.L2
			shuffled := calibration.Error(permuted(confidence, rows), permuted(correct, rows), o)
			if !same(shuffled, by[calibration.L2], 1e-14) {
				rt.Errorf("%+v: %v became %v in another order of rows", o, by[calibration.L2], shuffled)
			}
		}
	})
}

func ints(n int) func(func(int) bool) {
	return func(yield func(int) bool) {
		for i := 0; i < n && yield(i); i++ {
		}
	}
}

func permuted[T any](column []T, rows []int) []T {
	var p []T
	for _, i := range rows {
		p = append(p, column[i])
	}
	return p
}

// TestEdges places single confidences that lie on edges.
func TestEdges(t *testing.T) {
	// Two samples share a bin of ten or do not; if they do, the second undoes
	// half of the first one's gap.
	for _, c := range []struct {
		edges  calibration.Edges
		a, b   float64
		shared bool
	}{
		{calibration.RightClosed, 0.5, 0.45, true},
		{calibration.RightClosed, 0.5, 0.55, false},
		{calibration.RightClosed, 0, 0.05, true},
		{calibration.RightClosedZero, 0, 0.05, false},
		{calibration.LeftClosed, 0.5, 0.45, false},
		{calibration.LeftClosed, 0.5, 0.55, true},
		{calibration.LeftClosed, 1, 0.95, true},
		{calibration.LeftClosedOne, 1, 0.95, false},
		{calibration.LeftClosedOne32, 1, 0.95, false},
		{calibration.LeftClosedStretched, 0.5, 0.45, true},
		{calibration.LeftClosedStretched, 1, 0.95, true},
	} {
		got := calibration.Error([]float64{c.a, c.b}, []bool{true, false}, calibration.Options{Bins: 10, Edges: c.edges})
		want := (math.Abs(1-c.a) + c.b) / 2
		if c.shared {
			want = math.Abs(1-c.a-c.b) / 2
		}
		if !same(got, want, 1e-12) {
			t.Errorf("edges %d: %v and %v in one bin should be %v, error %v", c.edges, c.a, c.b, c.shared, got)
		}
	}
	for _, edges := range []calibration.Edges{calibration.RightClosed32, calibration.RightClosedStepped} {
		if got := calibration.Error([]float64{0, 0.25}, []bool{true, false}, calibration.Options{Bins: 10, Edges: edges}); !same(got, 0.125, 1e-12) {
			t.Errorf("edges %d: 0 is in a bin: %v", edges, got)
		}
	}
}

// TestWalkIsBounded: no sum of residuals exceeds the sum of their sizes over
// distinct confidences, and the walk begins and ends at the right values.
func TestWalkIsBounded(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		confidence, correct := probabilities(rt)
		w := calibration.CumulativeDifferences(confidence, correct)
		if most := calibration.Error(confidence, correct, calibration.Options{Binning: calibration.Distinct}); w.Largest > most+1e-12 {
			rt.Errorf("largest deviation %v, all gaps together %v", w.Largest, most)
		}
		if w.Low > 0 || w.High < 0 || w.Largest != max(w.High, -w.Low) || w.Walk > w.High-w.Low+1e-15 {
			rt.Errorf("%+v", w)
		}
	})
}

func TestDecompositionAddsUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		confidence, correct := probabilities(rt)
		d := calibration.DecomposeBrier(confidence, correct)
		if got := d.Miscalibration() - d.Discrimination() + d.Uncertainty; !same(got, d.Score, 1e-12) {
			rt.Errorf("parts %+v add to %v", d, got)
		}
		if d.Recalibrated > d.Score+1e-12 || d.Recalibrated > d.Uncertainty+1e-12 {
			rt.Errorf("recalibration made it worse: %+v", d)
		}
	})
}

// TestBrierParts: where all samples of a predicted class have the same vector,
// the parts add up to the Brier score.
func TestBrierParts(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 5))
	by := [][]float64{{0.6, 0.3, 0.1}, {0.2, 0.5, 0.3}, {0.05, 0.05, 0.9}}
	var vectors []float64
	var label, prediction []int32
	brier := 0.0
	for range 500 {
		k, l := rng.IntN(3), rng.IntN(3)
		vectors = append(vectors, by[k]...)
		prediction, label = append(prediction, int32(k)), append(label, int32(l))
		for c, p := range by[k] {
			if c == l {
				p--
			}
			brier += p * p / 500
		}
	}
	d := calibration.DecomposeBrierByPrediction(vectors, 3, label, prediction)
	if got := d.Uncertainty - d.Resolution + d.Reliability; !same(got, brier, 1e-12) {
		t.Errorf("%+v add to %v, the Brier score is %v", d, got, brier)
	}
}

// TestConsistencyP: under calibration p-values are about uniform, and small
// where confidence is far off.
func TestConsistencyP(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 22))
	below, total := 0, 0.0
	for range 200 {
		var confidence []float64
		var correct []bool
		for range 300 {
			c := 0.5 + rng.Float64()/2
			confidence, correct = append(confidence, c), append(correct, rng.Float64() < c)
		}
		p := calibration.ConsistencyP(confidence, correct, 15, 100, rng.Uint64())
		total += p / 200
		if p < 0.1 {
			below++
		}
		for i := range correct {
			correct[i] = false
		}
		if p := calibration.ConsistencyP(confidence, correct, 15, 100, 1); p > 1.0/101 {
			t.Fatalf("p = %v for a model that is always wrong", p)
		}
	}
	if math.Abs(total-0.5) > 0.08 || below < 8 || below > 36 {
		t.Errorf("calibrated: mean p %v, %d of 200 below 0.1", total, below)
	}
}

func TestBrownian(t *testing.T) {
	for name, tail := range map[string]func(float64) float64{"maximum": calibration.BrownianMaximum, "range": calibration.BrownianRange} {
		last := 1.0
		for x := 0.0; x < 20; x += 0.01 {
			p := tail(x)
			if !(p >= 0 && p <= last+1e-13) {
				t.Fatalf("%s: P(%v) = %v after %v", name, x, p, last)
			}
			last = p
		}
	}
	// Tygert 2022, Calibration of P-values, and the documentation of MAPIE.
	for _, c := range []struct{ got, want float64 }{
		{1 - calibration.BrownianMaximum(1), 0.3708}, {1 - calibration.BrownianRange(1), 0.0634},
	} {
		if !same(c.got, c.want, 5e-5) {
			t.Errorf("got %v, published %v", c.got, c.want)
		}
	}
}

func ExampleError() {
	confidence := []float64{0.95, 0.9, 0.8, 0.6, 0.55}
	correct := []bool{true, true, false, true, false}
	fmt.Printf("equal width %.3f\n", calibration.Error(confidence, correct, calibration.Options{Bins: 5}))
	fmt.Printf("equal mass  %.3f\n", calibration.Error(confidence, correct, calibration.Options{Bins: 2, Binning: calibration.EqualMass}))
	fmt.Printf("largest gap %.3f\n", calibration.Error(confidence, correct, calibration.Options{Bins: 5, Norm: calibration.Largest}))
	// Output:
	// equal width 0.220
	// equal mass  0.220
	// largest gap 0.800
}

func ExampleSmoothECE() {
	value, width := calibration.SmoothECE([]float64{0.9, 0.8, 0.7, 0.6}, []bool{true, true, false, false})
	fmt.Printf("smECE %.4f at bandwidth %.4f\n", value, width)
	// Output:
	// smECE 0.2500 at bandwidth 0.2500
}

func ExampleDecomposeBrier() {
	d := calibration.DecomposeBrier([]float64{0.9, 0.9, 0.6, 0.6, 0.6}, []bool{true, true, true, false, false})
	fmt.Printf("%.4f = %.4f - %.4f + %.4f\n", d.Score, d.Miscalibration(), d.Discrimination(), d.Uncertainty)
	// Output:
	// 0.1800 = 0.0467 - 0.1067 + 0.2400
}
