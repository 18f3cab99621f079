package credal_test

import (
	"fmt"

	"abstain/metrics/credal"
)

// Borrow the calibration of a better model: what is within reach of the small model's
// distribution, as far as the two were apart on four calibration rows.
func Example() {
	d := credal.Divergence{Kind: credal.KL}
	cloud := [][]float64{{0.7, 0.2, 0.1}, {0.5, 0.3, 0.2}, {0.6, 0.3, 0.1}, {0.4, 0.4, 0.2}}
	edge := [][]float64{{0.9, 0.05, 0.05}, {0.8, 0.1, 0.1}, {0.7, 0.2, 0.1}, {0.6, 0.3, 0.1}}
	var scores []float64
	for i := range cloud {
		scores = append(scores, d.Of(cloud[i], edge[i]))
	}
	set, err := credal.NewSet(d, credal.Threshold(scores, 0.3))
	if err != nil {
		panic(err)
	}
	p := []float64{0.85, 0.1, 0.05}
	q, lower, upper := make([]float64, 3), make([]float64, 3), make([]float64, 3)
	set.Intersection(q, lower, upper, p)
	class, _ := credal.Argmax(q, p)
	fmt.Printf("threshold %.3f bits\n", set.T)
	fmt.Printf("lower %.2f, upper %.2f\n", lower, upper)
	fmt.Printf("instead of %.2f: %.2f, class %d, certain %v\n", p, q, class, set.Certain(p))
	// Output:
	// threshold 0.336 bits
	// lower [0.56 0.00 0.00], upper [1.00 0.35 0.25]
	// instead of [0.85 0.10 0.05]: [0.75 0.15 0.11], class 0, certain true
}
