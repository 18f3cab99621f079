package recalibrate_test

import (
	"fmt"

	"abstain/metrics/recalibrate"
)

// Fit on calibration rows, apply to others.
func ExampleFitTemperature() {
	calibration := []float64{6, 0, 0, 5, 1, 0, 4, 0, 0, 0, 7, 0, 1, 5, 0, 0, 0, 6}
	labels := []int32{0, 0, 1, 1, 2, 2}
	t, err := recalibrate.FitTemperature(calibration, 3, labels, recalibrate.NLL)
	if err != nil {
		panic(err)
	}
	p := make([]float64, 3)
	t.Apply(p, []float64{5, 1, 0})
	recalibrate.Softmax(p, p, 3, 1)
	fmt.Printf("T = %.4f, NLL %.4f, p = %.3f\n", t.T, t.Loss, p)
	// Output: T = 3.3640, NLL 0.8008, p = [0.653 0.199 0.148]
}

// Calibrate the confidence of the prediction and leave the prediction alone.
func ExampleFitIsotonic() {
	confidence := []float64{0.55, 0.6, 0.7, 0.8, 0.9, 0.95}
	correct := []bool{false, true, false, true, true, true}
	m, err := recalibrate.FitIsotonic(confidence, correct)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%.2f %.2f %.2f\n", m.Apply(0.5), m.Apply(0.65), m.Apply(0.75))
	// Output: 0.00 0.50 0.75
}

// A norm that ranks the rows better than the largest probability does, by a loss
// that here counts the pairs in which a wrong row is ahead of a right one.
func ExampleFitNorm() {
	logits := []float64{9, 6, 0, 4, 0, 0, 8, 5, 1, 2, 0, 0}
	correct := []bool{false, true, false, true}
	behind := func(confidence []float64) float64 {
		n := 0.0
		for i, right := range correct {
			for j, c := range confidence {
				if right && !correct[j] && c >= confidence[i] {
					n++
				}
			}
		}
		return n
	}
	m, err := recalibrate.FitNorm(logits, 3, []float64{0, 1, 2, 3}, behind)
	if err != nil {
		panic(err)
	}
	fmt.Println(m.P, m.Fallback, m.Loss)
	// Output: 1 false 0
}
