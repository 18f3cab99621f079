package disparity_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"abstain/metrics"
	"abstain/metrics/disparity"
)

// byHand computes the mean over classes of the mean and of the larger of the gaps of rates,
// from the definition: NaN where it is undefined for every class.
func byHand(o *metrics.Outcomes, g *metrics.Group, classes int32) (average, larger float64) {
	var averages, largers []float64
	for class := range classes {
		gap := func(ofClass bool) float64 {
			var rates []float64
			for code := range g.Levels {
				hits, all := 0.0, 0.0
				for i := range o.Label {
					if o.Label[i] >= 0 && o.Prediction[i] >= 0 && g.Code[i] == int32(code) && (o.Label[i] == class) == ofClass {
						all++
						if o.Prediction[i] == class {
							hits++
						}
					}
				}
				if all > 0 {
					rates = append(rates, hits/all)
				}
			}
			if len(rates) < 2 {
				return math.NaN()
			}
			return slices.Max(rates) - slices.Min(rates)
		}
		if tpr, fpr := gap(true), gap(false); !math.IsNaN(tpr + fpr) {
			averages, largers = append(averages, (tpr+fpr)/2), append(largers, max(tpr, fpr))
		}
	}
	mean := func(v []float64) float64 {
		total := 0.0
		for _, x := range v {
			total += x
		}
		return total / float64(len(v))
	}
	return mean(averages), mean(largers)
}

// TestOverClasses: of any labels, predictions and groups the criteria are those of the
// definition, they do not depend on the order of classes or groups, and the average lies
// between half of the larger gap and all of it.
func TestOverClasses(t *testing.T) {
	larger := func(tpr, fpr []disparity.Level) metrics.Estimate { return disparity.EqualisedOdds(tpr, fpr, false) }
	rapid.Check(t, func(rt *rapid.T) {
		classes := rapid.Int32Range(2, 5).Draw(rt, "classes")
		o := &metrics.Outcomes{Classes: int(classes)}
		g := &metrics.Group{Name: "g", Levels: []string{"a", "b", "c"}}
		for range rapid.IntRange(0, 50).Draw(rt, "n") {
			label, prediction := rapid.Int32Range(-1, classes-1).Draw(rt, "label"), rapid.Int32Range(-1, classes-1).Draw(rt, "prediction")
			o.Label, o.Prediction = append(o.Label, label), append(o.Prediction, prediction)
			o.Correct = append(o.Correct, label >= 0 && label == prediction)
			g.Code = append(g.Code, rapid.Int32Range(-1, 2).Draw(rt, "code"))
		}
		rates := disparity.OneVsRest(o, g, 1)
		average, odds := disparity.OverClasses(rates, disparity.AverageOdds), disparity.OverClasses(rates, larger)
		wantAverage, wantOdds := byHand(o, g, classes)
		if !same(average.Value, wantAverage, 1e-14) || !same(odds.Value, wantOdds, 1e-14) {
			rt.Fatalf("average odds %v, want %v; equalised odds %v, want %v", average.Value, wantAverage, odds.Value, wantOdds)
		}
		if average.Defined() && !(average.Value >= odds.Value/2-1e-15 && average.Value <= odds.Value+1e-15 && odds.Value <= 1) {
			rt.Errorf("average odds %v, equalised odds %v", average.Value, odds.Value)
		}
		if !average.Defined() && len(average.Notes) == 0 {
			rt.Error("undefined without a note")
		}
		turned := &metrics.Outcomes{Classes: o.Classes, Correct: o.Correct}
		for i := range o.Label {
			turn := func(c int32) int32 {
				if c < 0 {
					return c
				}
				return classes - 1 - c
			}
			turned.Label, turned.Prediction = append(turned.Label, turn(o.Label[i])), append(turned.Prediction, turn(o.Prediction[i]))
		}
		if other := disparity.OverClasses(disparity.OneVsRest(turned, g, 1), disparity.AverageOdds); !same(other.Value, average.Value, 1e-14) {
			rt.Errorf("classes in another order have %v, not %v", other.Value, average.Value)
		}
	})
}

// TestOddsOfTwoClasses: for a binary task the rates of class 1 are the metrics of those
// names, and the mean over both classes is the criterion itself.
func TestOddsOfTwoClasses(t *testing.T) {
	o := people()
	g := o.Group("g2")
	rates := disparity.OneVsRest(o, g, 1)
	tpr, fpr := byGroupOf(o, g, "true-positive-rate", 1), byGroupOf(o, g, "false-positive-rate", 1)
	if len(rates) != 2 || rates[1].Class != 1 {
		t.Fatalf("classes %+v", rates)
	}
	for j := range tpr {
		if got := rates[1].TruePositive[j]; got.Value != tpr[j].Value || got.N != tpr[j].N || got.Name != tpr[j].Name || rates[1].FalsePositive[j].Value != fpr[j].Value {
			t.Errorf("group %s: %+v and %+v, want %+v and %+v", tpr[j].Name, got, rates[1].FalsePositive[j], tpr[j], fpr[j])
		}
	}
	want := disparity.AverageOdds(tpr, fpr)
	if got := disparity.OverClasses(rates, disparity.AverageOdds); !want.Defined() || math.Abs(got.Value-want.Value) > 1e-15 {
		t.Errorf("mean over both classes %v, want %v", got.Value, want.Value)
	}
	if disparity.OneVsRest(&metrics.Outcomes{Correct: o.Correct}, g, 1) != nil {
		t.Error("rates without labels")
	}
	least := disparity.OneVsRest(o, g, 3)
	if e := least[0].TruePositive[0].Estimate; e.Defined() || fmt.Sprint(e.Notes) != "[2 samples, fewer than 3]" {
		t.Errorf("%v %q", e.Value, e.Notes)
	}
}
