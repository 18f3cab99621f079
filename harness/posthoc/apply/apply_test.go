package apply

import (
	"fmt"
	"testing"

	"abstain/datasets"
	"abstain/harness/posthoc"
	"abstain/harness/store"
	"abstain/metrics"
)

func outcomes(ids []int64, labels ...int32) *store.Outcomes {
	return &store.Outcomes{Outcomes: &metrics.Outcomes{Label: labels, Correct: make([]bool, len(ids))}, IDs: datasets.IDs{Int: ids}}
}

// TestShared: equal ids are the same sample unless a label contradicts.
func TestShared(t *testing.T) {
	a, b := outcomes([]int64{1, 3, 4}, 0, 1, 2), outcomes([]int64{0, 3, 4, 9}, 0, 1, 2, 0)
	if got := fmt.Sprint(Shared(a, b)); got != "[[1 1] [2 2]]" {
		t.Error(got)
	}
	b.Label[2] = 0
	if got := Shared(a, b); got != nil {
		t.Errorf("ids of other samples are shared: %v", got)
	}
}

// TestJudges: a sample is judged by no map that was fitted on it: by none at all,
// or by the map without its fold. A sample that is not in the table fitted on is
// judged by the map fitted on all.
func TestJudges(t *testing.T) {
	f := &fits{on: 0, truth: outcomes([]int64{1, 2, 3}, 0, 1, 0), judge: []int16{-1, -1, 0}}
	shift := outcomes([]int64{2, 3, 4}, 1, 0, 0)
	which := f.judges(shift, 1)
	rows, dropped := judged(which)
	if fmt.Sprint(which, rows, dropped) != "[-1 0 0] [1 2] 1" {
		t.Error(which, rows, dropped)
	}
	f.judge, f.maps = []int16{0, 1, 0}, []fitted{{maps: make([]*posthoc.Map, 3)}}
	if which := f.judges(shift, 1); fmt.Sprint(which) != "[1 0 2]" {
		t.Error(which)
	}
	if which := f.judges(f.truth, 0); fmt.Sprint(which) != "[0 1 0]" {
		t.Error(which)
	}
}

// TestThinned: if there are too many rows, an even part is fitted on, and a note
// says so.
func TestThinned(t *testing.T) {
	labels := make([]int32, 100)
	for i := range labels {
		labels[i] = int32(i%4) - 1
	}
	rows, tell := thinned(labels, 30, 1)
	count := map[int32]int{}
	for _, i := range rows {
		count[labels[i]]++
	}
	if len(rows) != 30 || tell != " (30 of 75 rows)" || count[0] != 10 || count[2] != 10 {
		t.Errorf("%d rows%s, by label %v", len(rows), tell, count)
	}
	if rows, tell := thinned(labels, 75, 1); len(rows) != 75 || tell != "" {
		t.Errorf("%d rows%s", len(rows), tell)
	}
}

func TestParameters(t *testing.T) {
	got := parameters([]posthoc.Parameter{{Name: "T", Values: []float64{1.25}}, {Name: "bias", Values: []float64{0.5, -1}}, {Name: "matrix", Values: make([]float64, 65)}})
	if got != "T=1.25; bias=0.5 -1; matrix=(65 numbers)" {
		t.Error(got)
	}
}

// TestFailedKeepsOtherErrors: the error of a table goes to every transform that
// was due and has no error of its own.
func TestFailedKeepsOtherErrors(t *testing.T) {
	own, whole := fmt.Errorf("own"), fmt.Errorf("whole")
	before := []Transformed{{Due: true}, {Due: true, Err: own}, {}}
	d := failed(Done{Transforms: before}, whole)
	if d.Transforms[0].Err != whole || d.Transforms[1].Err != own || d.Transforms[2].Err != nil || before[0].Err != nil {
		t.Errorf("%+v, before %+v", d.Transforms, before)
	}
}
