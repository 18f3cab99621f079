package metrics_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"abstain/metrics"
)

func TestConcat(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	id, in, _ := draw(rng, 40, 3, 9, 0)
	ood, _, out := draw(rng, 25, 3, 9, 1)
	id.Groups = []metrics.Group{{Name: "sex", Levels: []string{"f", "m"}, Code: slices.Repeat([]int32{0, 1}, 20)}}
	ood.Groups = []metrics.Group{
		{Name: "source", Levels: []string{"digits"}, Code: make([]int32, 25)},
		{Name: "sex", Levels: []string{"x", "m"}, Code: slices.Repeat([]int32{0, 1, -1, 1, 1}, 5)},
	}
	both, err := metrics.Concat(id, ood)
	if err != nil {
		t.Fatal(err)
	}
	m, _, _ := metrics.Parse("ood-auroc")
	if got, want := m.Of(metrics.Rank(both, both.Confidence("msp")), 0).Value, pairs(in, out); !same(got, want, 1e-14) {
		t.Errorf("ood-auroc %v, twin %v", got, want)
	}
	a, _, _ := metrics.Parse("aurc")
	if got, want := a.Of(metrics.Rank(both, both.Confidence("gini")), 0), a.Of(metrics.Rank(id, id.Confidence("gini")), 0); got.Value != want.Value || got.N != 40 {
		t.Errorf("aurc %v with the others aside, %v without them", got, want)
	}
	sex, source := both.Group("sex"), both.Group("source")
	if !slices.Equal(sex.Levels, []string{"f", "m", "x"}) || !slices.Equal(sex.Code[38:45], []int32{0, 1, 2, 1, -1, 1, 1}) {
		t.Errorf("sex: %v %v", sex.Levels, sex.Code)
	}
	if source.Code[39] != -1 || source.Code[40] != 0 || len(source.Code) != 65 {
		t.Errorf("source: %v", source.Code)
	}
	if len(id.Groups[0].Levels) != 2 || len(id.Groups[0].Code) != 40 {
		t.Error("Concat changed its argument")
	}
}

func TestConcatRefuses(t *testing.T) {
	labels := func(l ...int32) *metrics.Outcomes {
		return &metrics.Outcomes{Label: l, Correct: make([]bool, len(l)), Confidences: []metrics.Confidence{{Name: "stored", Value: make([]float64, len(l))}}}
	}
	other, wide := labels(-1), labels(-1)
	other.Confidences[0].Name = "msp"
	wide.Classes = 5
	three := labels(0)
	three.Classes = 3
	for _, c := range []struct {
		id, ood *metrics.Outcomes
		want    string
	}{
		{&metrics.Outcomes{}, labels(-1), "labels are needed"},
		{labels(1), &metrics.Outcomes{}, "labels are needed"},
		{labels(1), labels(-1, 4), "row 1 has label 4"},
		{three, wide, "3 classes in distribution, 5 out of it"},
		{labels(1), other, "no confidence function"},
	} {
		if _, err := metrics.Concat(c.id, c.ood); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
}
