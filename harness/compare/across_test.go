package compare

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"abstain/harness/board"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/ranks"
)

// scoredResults holds the scores as the accuracies of four models, on datasets
// or, if conditions is set, under conditions of one dataset.
func scoredResults(conditions bool) *results.Results {
	var rows []results.Row
	for d, line := range scores {
		for m, v := range line {
			rows = append(rows, with(row(fmt.Sprintf("m%d", m), v, 0.1), func(r *results.Row) {
				r.Dataset = fmt.Sprintf("set%02d", d)
				if conditions {
					r.Dataset, r.Condition, r.Split = "data", r.Dataset, "shift"
				}
			}))
		}
	}
	return resultsOf(rows...)
}

func TestAcross(t *testing.T) {
	want, err := ranks.CompareDatasets(scores, 1, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	for _, across := range []string{AcrossDatasets, AcrossConditions} {
		c, err := Across(scoredResults(across == AcrossConditions), board.Selection{}, AcrossOptions{Across: across, By: metrics.MustMeasure("accuracy")})
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(c.MeanRanks, want.MeanRanks) || c.Friedman != want.Friedman || !reflect.DeepEqual(c.Pairs, want.Pairs) || c.Critical != want.Critical {
			t.Errorf("across %s: mean ranks %v, %+v", across, c.MeanRanks, c.Friedman)
		}
		if !reflect.DeepEqual(c.Values, scores) || !slices.Equal(c.Names, []string{"m0", "m1", "m2", "m3"}) || len(c.Over) != 14 || c.Over[3] != "set03" || c.Empty != nil || c.Lacking != nil {
			t.Errorf("across %s: %v over %v, left out %v and %v", across, c.Names, c.Over, c.Empty, c.Lacking)
		}
	}
}

// TestAcrossLeavesOut: what has no values is left out and named, models in
// the order asked.
func TestAcrossLeavesOut(t *testing.T) {
	r := scoredResults(true)
	for i := range r.Rows {
		switch k := &r.Rows[i]; {
		case k.Condition == "set05":
			k.Cells[0].Value = math.NaN()
		case k.Condition == "set07" && k.Model == "m1":
			k.Status, k.Cells = "failed", nil
		case k.Condition == "set09":
			k.Split = "val"
		case k.Condition == "set11":
			k.Confidence = "stored"
		}
	}
	c, err := Across(r, board.Selection{}, AcrossOptions{Across: AcrossConditions, By: metrics.MustMeasure("accuracy"), Models: []string{"m3", "m1", "m0"}})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(c.Names, []string{"m3", "m0"}) || len(c.Over) != 12 || slices.Contains(c.Over, "set05") || slices.Contains(c.Over, "set09") || !slices.Contains(c.Over, "set11") {
		t.Errorf("%v over %v", c.Names, c.Over)
	}
	if !slices.Equal(c.Empty, []string{"set05"}) || !slices.Equal(c.Lacking, []string{"m1"}) {
		t.Errorf("left out: %v and %v", c.Empty, c.Lacking)
	}
	if v := c.Values[slices.Index(c.Over, "set11")]; v[0] != scores[11][3] || v[1] != scores[11][0] {
		t.Errorf("values %v", v)
	}
	few, err := Across(r, board.Selection{}, AcrossOptions{Across: AcrossConditions, By: metrics.MustMeasure("accuracy"), Over: []string{"set02", "set00", "set07"}})
	if err != nil || !slices.Equal(few.Over, []string{"set02", "set00", "set07"}) || few.Models != 3 ||
		!slices.Contains(few.Notes, Note(TooFewRows{Rows: 3, Across: "condition", Models: 3, Pairs: 3, LeastP: 0.25, AdjustedP: 0.75})) {
		t.Errorf("over three: %+v, %v", few, err)
	}
	// a condition of two splits is named with its split
	doubled := scoredResults(true)
	for _, k := range doubled.Rows[:4] {
		doubled.Rows = append(doubled.Rows, with(k, func(r *results.Row) { r.Split = "test" }))
	}
	if c, err := Across(doubled, board.Selection{}, AcrossOptions{Across: AcrossConditions, By: metrics.MustMeasure("accuracy")}); err != nil || c.Over[0] != "shift/set00" || c.Over[14] != "test/set00" || c.Over[1] != "set01" {
		t.Errorf("two splits: %v, %v", c.Over, err)
	}
}

func TestAcrossRefuses(t *testing.T) {
	many := scoredResults(false)
	for i := range 30 {
		for _, d := range []string{"set00", "set01"} {
			many.Rows = append(many.Rows, with(row(fmt.Sprintf("x%02d", i), 0.5, 0.1), func(r *results.Row) { r.Dataset = d }))
		}
	}
	scattered := resultsOf(row("a", 0.5, 0.1), with(row("b", 0.6, 0.1), func(r *results.Row) { r.Dataset = "other" }))
	for _, c := range []struct {
		r    *results.Results
		o    AcrossOptions
		want string
	}{
		{many, AcrossOptions{Across: AcrossDatasets, By: metrics.MustMeasure("accuracy"), Over: []string{"set00", "set01"}}, "34 models are too many, 25 are the most"},
		{many, AcrossOptions{Across: AcrossDatasets, By: metrics.MustMeasure("accuracy"), Over: []string{"set00"}}, "on 1 dataset (set00); it takes two or more"},
		{scattered, AcrossOptions{Across: AcrossDatasets, By: metrics.MustMeasure("accuracy")}, "on all of the datasets: 0; it takes two or more: name the datasets that they share with --over (models with a value: data 1, other 1)"},
		{many, AcrossOptions{Across: AcrossDatasets, By: metrics.MustMeasure("mean-confidence")}, "no better and worse end"},
		{many, AcrossOptions{Across: AcrossDatasets, By: metrics.MustMeasure("nll")}, "has no metric \"nll\""},
		{many, AcrossOptions{Across: "split", By: metrics.MustMeasure("accuracy")}, "neither dataset nor condition"},
		{many, AcrossOptions{Across: AcrossDatasets, By: metrics.MustMeasure("accuracy"), Models: []string{"m0", "z"}}, "no model \"z\""},
		{many, AcrossOptions{Across: AcrossDatasets, By: metrics.MustMeasure("accuracy"), Models: []string{"m0", "m0"}}, "named twice"},
		{many, AcrossOptions{Across: AcrossDatasets, By: metrics.MustMeasure("accuracy"), Over: []string{"set99"}}, "no dataset \"set99\""},
	} {
		if _, err := Across(c.r, board.Selection{}, c.o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: error %v, want %q", c.o, err, c.want)
		}
	}
}

// TestAcrossOfOneSplit: where there is no split but val, val is compared;
// beside another one it is not.
func TestAcrossOfOneSplit(t *testing.T) {
	r := scoredResults(true)
	for i := range r.Rows {
		r.Rows[i].Split = "val"
	}
	o := AcrossOptions{Across: AcrossConditions, By: metrics.MustMeasure("accuracy")}
	if c, err := Across(r, board.Selection{}, o); err != nil || len(c.Over) != 14 {
		t.Fatalf("%v, %v", c, err)
	}
	for i := range r.Rows {
		if i%2 == 0 && r.Rows[i].Condition < "set04" || r.Rows[i].Condition < "set03" {
			r.Rows[i].Split = "test"
		}
	}
	c, err := Across(r, board.Selection{}, o)
	if err != nil || slices.Contains(c.Over, "set10") {
		t.Errorf("%v, %v", c, err)
	}
}
