package ranks_test

import (
	"fmt"

	"abstain/metrics"
	"abstain/metrics/ranks"
	"abstain/metrics/resample"
)

// Three models on the same samples: the first two make nearly the same errors,
// so that a small difference tells them apart, while the third could be as good
// as either.
func ExampleNew() {
	accuracy := []float64{0.90, 0.89, 0.88}
	covariance := &resample.Matrix{Size: 3, Data: []float64{
		1.00e-4, 0.99e-4, 0.20e-4,
		0.99e-4, 1.00e-4, 0.20e-4,
		0.20e-4, 0.20e-4, 1.00e-4,
	}}
	noise, err := ranks.NewNoise(covariance)
	if err != nil {
		fmt.Println(err)
		return
	}
	sets, err := ranks.New(accuracy, noise, ranks.Options{Better: metrics.Higher})
	if err != nil {
		fmt.Println(err)
		return
	}
	letters := sets.Letters()
	for i, s := range sets.Sets {
		fmt.Printf("rank %d, %d to %d, %s\n", s.Rank, s.Simultaneous.Lo, s.Simultaneous.Hi, letters.Of(i))
	}
	fmt.Println("may be the best:", sets.MayBeAmong(1))
	// Output:
	// rank 1, 1 to 2, a
	// rank 2, 2 to 3, b
	// rank 3, 1 to 3, ab
	// may be the best: [0 2]
}
