package disparity_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"abstain/metrics"
	"abstain/metrics/disparity"
)

// people is a binary task of eight samples in three groups, one of which has no
// positives, and two crossed with them.
func people() *metrics.Outcomes {
	o := &metrics.Outcomes{
		Classes: 2,
		Label:   []int32{1, 0, 1, 1, 0, 0, 0, 1}, Prediction: []int32{1, 0, 1, 0, 0, 1, 0, 0},
		Groups: []metrics.Group{
			{Name: "g1", Levels: []string{"a", "b", "c", "none"}, Code: []int32{0, 0, 0, 0, 1, 1, 1, 2}},
			{Name: "g2", Levels: []string{"x", "y"}, Code: []int32{0, 1, 0, 1, 0, 1, 0, -1}},
		},
	}
	for i, l := range o.Label {
		o.Correct = append(o.Correct, l == o.Prediction[i])
	}
	return o
}

func byGroupOf(o *metrics.Outcomes, g *metrics.Group, id string, least int) []disparity.Level {
	m, at, err := metrics.Parse(id)
	if err != nil {
		panic(err)
	}
	return disparity.ByGroup(o, "", g, m, at, least)
}

func TestByGroup(t *testing.T) {
	o := people()
	levels := byGroupOf(o, o.Group("g1"), "true-positive-rate", 1)
	want := []float64{2. / 3, math.NaN(), 0, math.NaN()}
	for j, l := range levels {
		if !same(l.Value, want[j], 1e-15) || l.Name != o.Groups[0].Levels[j] {
			t.Errorf("level %d: %s has %v, want %v", j, l.Name, l.Value, want[j])
		}
		if !l.Defined() && len(l.Notes) == 0 {
			t.Errorf("%s is undefined without a note", l.Name)
		}
	}
	if got := []int{levels[0].Size, levels[1].Size, levels[2].Size, levels[3].Size}; !slices.Equal(got, []int{4, 3, 1, 0}) {
		t.Errorf("sizes %v", got)
	}
	for _, l := range byGroupOf(o, o.Group("g1"), "accuracy", 3)[2:] {
		if l.Defined() || !strings.Contains(l.Notes[0], "fewer than 3") {
			t.Errorf("%s of %d samples: %v %q", l.Name, l.Size, l.Value, l.Notes)
		}
	}
}

func TestComparisons(t *testing.T) {
	o := people()
	tpr, fpr := byGroupOf(o, o.Group("g1"), "true-positive-rate", 1), byGroupOf(o, o.Group("g1"), "false-positive-rate", 1)
	rate := byGroupOf(o, o.Group("g1"), "positive-rate", 1)
	for name, c := range map[string]struct {
		got  metrics.Estimate
		want float64
	}{
		"equal opportunity":        {disparity.Difference(tpr), 2. / 3},
		"ratio":                    {disparity.Ratio(tpr), 0},
		"parity":                   {disparity.Difference(rate), 1. / 2},
		"parity to the whole":      {disparity.GapToWhole(rate, metrics.Estimate{Value: 3. / 8, N: 8}), 3. / 8},
		"equalised odds":           {disparity.EqualisedOdds(tpr, fpr, false), 2. / 3},
		"equalised odds, mean":     {disparity.EqualisedOdds(tpr, fpr, true), 1. / 2},
		"with the peer's 0":        {disparity.Difference(disparity.Fill(tpr, 0)), 2. / 3},
		"one group":                {disparity.Difference(tpr[1:3]), math.NaN()},
		"undefined whole":          {disparity.GapToWhole(rate, metrics.Estimate{Value: math.NaN()}), math.NaN()},
		"none defined, odds":       {disparity.EqualisedOdds(tpr[1:2], fpr, false), math.NaN()},
		"none defined, odds, mean": {disparity.EqualisedOddsRatio(tpr, fpr[2:3], true), math.NaN()},
	} {
		if !same(c.got.Value, c.want, 1e-15) {
			t.Errorf("%s: %v, want %v", name, c.got.Value, c.want)
		}
		if !c.got.Defined() && len(c.got.Notes) == 0 {
			t.Errorf("%s: undefined without a note", name)
		}
	}
	if e := disparity.Difference(tpr); len(e.Notes) != 1 || !strings.Contains(e.Notes[0], "2 of 4 groups") {
		t.Errorf("notes %q do not say that groups were left out", e.Notes)
	}
	zero := []disparity.Level{{Estimate: metrics.Estimate{Value: 0}}, {Estimate: metrics.Estimate{Value: 0}}}
	if e := disparity.Ratio(zero); e.Defined() {
		t.Errorf("0/0 is %v", e.Value)
	}
}

// TestMaxMin is the worst accuracy over groups crossed with labels.
func TestMaxMin(t *testing.T) {
	o := people()
	cells := disparity.CrossGroups(o.Group("g1"), disparity.LabelGroup(o))
	if want := []string{"a*1", "a*0", "b*0", "c*1"}; !slices.Equal(cells.Levels, want) {
		t.Fatalf("cells %q, want %q", cells.Levels, want)
	}
	levels := byGroupOf(o, &cells, "accuracy", 1)
	if w := disparity.Worst(levels, metrics.Higher); w.Name != "c*1" || w.Value != 0 {
		t.Errorf("worst cell %s with %v", w.Name, w.Value)
	}
	if w := disparity.Worst(byGroupOf(o, &cells, "accuracy", 2), metrics.Higher); w.Name != "a*1" || len(w.Notes) == 0 {
		t.Errorf("worst cell of two samples at least: %s, notes %q", w.Name, w.Notes)
	}
	if w := disparity.Worst(byGroupOf(o, &cells, "error", 1), metrics.Lower); w.Name != "c*1" {
		t.Errorf("most errors in %s", w.Name)
	}
	if w := disparity.Worst(nil, metrics.Lower); w.Defined() || w.Name != "" {
		t.Errorf("the worst of none is %+v", w)
	}
}

func TestCrossGroups(t *testing.T) {
	o := people()
	g := disparity.CrossGroups(o.Group("g1"), o.Group("g2"))
	if g.Name != "g1*g2" || !slices.Equal(g.Levels, []string{"a*x", "a*y", "b*x", "b*y"}) {
		t.Errorf("%s has %q", g.Name, g.Levels)
	}
	if !slices.Equal(g.Code, []int32{0, 1, 0, 1, 2, 3, 2, -1}) {
		t.Errorf("codes %v", g.Code)
	}
	if disparity.LabelGroup(&metrics.Outcomes{}) != nil {
		t.Error("labels of a table that has none")
	}
}

// TestGroupsAddUp: rates by group, weighted by size, give the rate of the whole,
// and the comparisons do not depend on the order of the groups.
func TestGroupsAddUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := answers(rt)
		g := metrics.Group{Name: "g", Levels: []string{"a", "b", "c"}}
		for range o.N() {
			g.Code = append(g.Code, rapid.Int32Range(0, 2).Draw(rt, "code"))
		}
		levels := byGroupOf(o, &g, "error", 1)
		total, n := 0.0, 0
		for _, l := range levels {
			if l.Defined() {
				total += l.Value * float64(l.N)
				n += l.N
			}
		}
		whole := metrics.Rank(o, nil)
		if n != whole.N() || !same(total, float64(whole.Errors), 1e-12) {
			rt.Errorf("%v errors in %d samples by group, %d in %d together", total, n, whole.Errors, whole.N())
		}
		turned := slices.Clone(levels)
		slices.Reverse(turned)
		a, b := disparity.Difference(levels), disparity.Difference(turned)
		if !same(a.Value, b.Value, 0) || a.Defined() && !(a.Value >= 0 && a.Value <= 1) {
			rt.Errorf("difference %v one way, %v the other", a.Value, b.Value)
		}
	})
}

func same(a, b, tolerance float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= tolerance
}

// answers draws the right and wrong answers of a few samples, some of which have no
// known class.
func answers(rt *rapid.T) *metrics.Outcomes {
	o := &metrics.Outcomes{Classes: 2, Correct: []bool{}, Label: []int32{}}
	for range rapid.IntRange(0, 60).Draw(rt, "n") {
		label, prediction := rapid.Int32Range(-1, 1).Draw(rt, "label"), rapid.Int32Range(0, 1).Draw(rt, "prediction")
		o.Label, o.Prediction = append(o.Label, label), append(o.Prediction, prediction)
		o.Correct = append(o.Correct, label == prediction)
	}
	return o
}
