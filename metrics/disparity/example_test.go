package disparity_test

import (
	"fmt"

	"abstain/metrics"
	"abstain/metrics/disparity"
)

// Rates by group, and the criteria of fairness that compare them.
func ExampleByGroup() {
	o := &metrics.Outcomes{
		Classes:    2,
		Label:      []int32{1, 0, 1, 0, 1, 1, 0, 0},
		Prediction: []int32{1, 0, 1, 1, 0, 1, 0, 0},
		Correct:    []bool{true, true, true, false, false, true, true, true},
		Groups:     []metrics.Group{{Name: "sex", Levels: []string{"f", "m"}, Code: []int32{0, 0, 0, 0, 1, 1, 1, 1}}},
	}
	rate, at, _ := metrics.Parse("positive-rate")
	levels := disparity.ByGroup(o, "", o.Group("sex"), rate, at, 1)
	for _, l := range levels {
		fmt.Printf("%s %.2f of %d\n", l.Name, l.Value, l.N)
	}
	fmt.Printf("demographic parity: difference %.2f, ratio %.2f\n", disparity.Difference(levels).Value, disparity.Ratio(levels).Value)

	cells := disparity.CrossGroups(o.Group("sex"), disparity.LabelGroup(o))
	accuracy, at, _ := metrics.Parse("accuracy")
	worst := disparity.Worst(disparity.ByGroup(o, "", &cells, accuracy, at, 1), metrics.Higher)
	fmt.Printf("worst cell: %s with %.2f\n", worst.Name, worst.Value)
	// Output:
	// f 0.75 of 4
	// m 0.25 of 4
	// demographic parity: difference 0.50, ratio 0.33
	// worst cell: f*0 with 0.50
}
