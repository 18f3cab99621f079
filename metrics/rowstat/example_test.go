package rowstat_test

import (
	"fmt"

	"abstain/metrics/rowstat"
)

// One pass over two rows of three logits. The second row's largest probability
// is 1 in any floating point; what is missing to 1 is not lost.
func ExampleLogits() {
	rows := []float32{2, 1, 0, 50, 0, 0}
	var s rowstat.Columns
	rowstat.Logits(&s, rows, 3, []int32{0, 0})
	for i := range 2 {
		p := 1 / (1 + s.Rest[i])
		fmt.Printf("class %d, p = %.6f, odds of being wrong = %.3g\n", s.Argmax[i], p, s.Rest[i])
	}
	// Output:
	// class 0, p = 0.665241, odds of being wrong = 0.503
	// class 0, p = 1.000000, odds of being wrong = 3.86e-22
}

// A row that is no probability vector is listed, and the others stay usable.
func ExampleProbs() {
	rows := []float64{0.7, 0.3, 0.7, 0.4}
	var s rowstat.Columns
	rowstat.Probs(&s, rows, 2, []int32{1, 0})
	fmt.Printf("row 0: NLL %.4f, Brier %.2f, label at place %d\n", s.NLL[0], s.Brier[0], s.Rank[0])
	fmt.Printf("bad: row %d, sum %.1f\n", s.Bad[0].Row, s.Bad[0].Value)
	// Output:
	// row 0: NLL 1.2040, Brier 0.98, label at place 1
	// bad: row 1, sum 1.1
}
