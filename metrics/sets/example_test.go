package sets_test

import (
	"fmt"

	"abstain/metrics/sets"
)

// Calibrate on nine rows of two classes, predict sets for three.
func Example() {
	calibration := []float64{0.9, 0.1, 0.8, 0.2, 0.7, 0.3, 0.95, 0.05, 0.6, 0.4, 0.3, 0.7, 0.2, 0.8, 0.55, 0.45, 0.1, 0.9}
	labels := []int32{0, 0, 0, 0, 1, 1, 1, 0, 1}
	strange := sets.OfLabels(sets.LAC, calibration, 2, labels)
	rule := sets.Rule{Score: sets.LAC, Threshold: sets.Threshold(strange, 0.2)}
	fmt.Printf("threshold %.2f\n", rule.Threshold)
	for _, row := range [][]float64{{0.97, 0.03}, {0.5, 0.5}, {0.58, 0.42}} {
		fmt.Println(row, rule.Members(row))
	}
	// Output:
	// threshold 0.45
	// [0.97 0.03] [0]
	// [0.5 0.5] []
	// [0.58 0.42] [0]
}

// How evenly does the coverage hold over sets of different sizes?
func ExampleSets_BySize() {
	s := sets.Sets{Classes: 4, Label: []int32{0, 1, 2, 3, 0}, Size: []int32{1, 1, 2, 3, 4}, Covered: []bool{true, false, true, true, true}}
	for _, t := range s.BySize([][2]int{{0, 1}, {2, 3}, {4, 4}}) {
		fmt.Printf("%d to %d classes: %d rows, coverage %.2f\n", t.Lo, t.Hi, t.N, t.Coverage)
	}
	fmt.Printf("violation %.2f, class gap %.2f\n", s.SizeViolation(0.1, nil), s.ClassGap(0.1))
	// Output:
	// 0 to 1 classes: 2 rows, coverage 0.50
	// 2 to 3 classes: 2 rows, coverage 1.00
	// 4 to 4 classes: 1 rows, coverage 1.00
	// violation 0.40, class gap 0.30
}
