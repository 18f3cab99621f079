package study

import (
	"math"
	"testing"

	"abstain/metrics"
)

// TestClassOdds: a model that predicts class 2 for the class 1 of one group alone differs
// between the groups by 1 in the rate of class 1, by 1/2 in the false alarms of class 2,
// and levels that are not compared do not count.
func TestClassOdds(t *testing.T) {
	o := &metrics.Outcomes{
		Classes:    3,
		Label:      []int32{0, 1, 2, 0, 1, 2, 0, 1, 2},
		Prediction: []int32{0, 1, 2, 0, 2, 2, 1, 2, 0},
		Correct:    []bool{true, true, true, true, false, true, false, false, false},
	}
	g := &metrics.Group{Name: "site", Levels: []string{"a", "b", "rare"}, Code: []int32{0, 0, 0, 1, 1, 1, 2, 2, 2}}
	got := classOdds("m", o, GroupAttribute{Name: "site", Levels: []string{"a", "b"}}, g)
	if len(got) != 1 || got[0].Groups != 2 || math.Abs(got[0].EqualisedOdds-(0+1+0.5)/3) > 1e-15 ||
		math.Abs(got[0].AverageOdds-(0+0.5+0.25)/3) > 1e-15 {
		t.Errorf("%+v", got)
	}
	d := &Groups{Odds: got}
	if rows := d.disparityTable().Rows; len(rows) != 2 || rows[0][2] != "equalised-odds-classwise" || rows[1][4] != got[0].AverageOdds {
		t.Errorf("%v", rows)
	}
	two := &metrics.Outcomes{Classes: 2, Label: o.Label[:2], Prediction: o.Prediction[:2], Correct: o.Correct[:2]}
	if got := classOdds("m", two, GroupAttribute{Name: "site", Levels: []string{"a"}}, &metrics.Group{Levels: []string{"a"}, Code: []int32{0, 0}}); got != nil {
		t.Errorf("of two classes %+v", got)
	}
}
