package guarantee_test

import (
	"fmt"

	"abstain/metrics/guarantee"
)

// The threshold to deploy: at most 10 % of the answers wrong, with 95 % probability.
func ExampleLearnThenTest() {
	var confidence []float64
	var correct []bool
	for i := range 400 { // every fourth of the less trusted half is wrong
		confidence = append(confidence, 1-float64(i)/400)
		correct = append(correct, i < 200 || i%4 != 0)
	}
	choice, err := guarantee.LearnThenTest(guarantee.CurveOf(confidence, correct), 0.1, 0.05)
	if err != nil {
		panic(err)
	}
	fmt.Printf("answer where confidence > %.4f: %d of %d rows, %d wrong\n", choice.Above, choice.Accepted, choice.N, choice.Errors)
	fmt.Printf("at most %.3f of new answers are wrong, with probability 0.95\n", choice.Bound)
	fmt.Printf("least risk that 400 rows can promise: %.4f\n", guarantee.LeastRisk(400, 0.05, guarantee.DefaultStarts))
	// Output:
	// answer where confidence > 0.3525: 259 of 400 rows, 15 wrong
	// at most 0.094 of new answers are wrong, with probability 0.95
	// least risk that 400 rows can promise: 0.0092
}
