package metrics

import (
	"math"
	"slices"
	"testing"
)

func TestZerosOfEitherSignTie(t *testing.T) {
	o := &Outcomes{Correct: []bool{true, false, true}}
	r := Rank(o, &Confidence{Value: []float64{math.Copysign(0, -1), 0, 1}})
	if len(r.Ends) != 2 || !slices.Equal(r.Order, []int32{2, 0, 1}) || !slices.Equal(r.Ends, []int32{1, 3}) || !slices.Equal(r.Wrong, []int32{0, 1}) {
		t.Errorf("%+v", r)
	}
}

func TestRankSplits(t *testing.T) {
	o := &Outcomes{Label: []int32{0, -1, 1, -1}, Correct: []bool{true, false, false, false}}
	r := Rank(o, &Confidence{Value: []float64{1, 2, 3, 4}})
	if !slices.Equal(r.Order, []int32{2, 0}) || r.Errors != 1 || !slices.Equal(r.Outside, []float64{4, 2}) || r.N() != 2 {
		t.Errorf("%+v", r)
	}
	r = Rank(o, nil)
	if !slices.Equal(r.Order, []int32{0, 2}) || r.Ends != nil || r.Errors != 1 {
		t.Errorf("not ranked: %+v", r)
	}
}
