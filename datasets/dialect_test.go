package datasets

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// The meaning of scikit-learn's score follows from its values and the
// predictions.
func TestScoreMeanings(t *testing.T) {
	for _, c := range []struct {
		name   string
		rows   []string
		want   []float64
		note   string // "" for none
		margin bool
	}{
		{"probability of class 1", []string{"1,1,0.75", "1,0,0.25", "0,1,0.5", "0,0,0.5"}, []float64{0.75, 0.75, 0.5, 0.5}, "", false},
		{"confident and wrong", []string{"1,0,0.25", "1,0,0.125"}, []float64{0.75, 0.875}, "", false},
		{"only class 1", []string{"1,1,0.75", "0,1,0.5"}, []float64{0.75, 0.5}, "", false},
		{"another threshold", []string{"1,1,0.375", "0,0,0.25"}, []float64{0.375, 0.75}, "a threshold other than 0.5", false},
		{"largest probability", []string{"0,0,0.875", "1,1,0.75", "1,0,0.5"}, []float64{0.875, 0.75, 0.5}, "the largest probability", false},
		{"only class 0", []string{"0,0,0.875", "1,0,0.625"}, []float64{0.875, 0.625}, "the largest probability", false},
		{"decision value", []string{"1,1,0.75", "1,0,-0.125", "0,0,-2", "0,1,0"}, []float64{0.75, 0.125, 2, 0}, "a decision value", true},
		{"decision value inside 0..1", []string{"1,1,0.75", "1,0,-0.125"}, []float64{0.75, 0.125}, "a decision value", true},
		{"NaN", []string{"1,1,0.75", "0,0,NaN", "1,0,0.25"}, []float64{0.75, math.NaN(), 0.75}, "", false},
		{"decimals above 1", []string{"1,1,1.0000001", "0,0,0"}, []float64{1.0000001, 1}, "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, err := readWhole(csvTable(append([]string{"y_true,y_pred,score"}, c.rows...)...))
			if err != nil {
				t.Fatal(err)
			}
			if !slices.EqualFunc(w.Confidence, c.want, func(a, b float64) bool { return a == b || a != a && b != b }) {
				t.Errorf("confidences %v, want %v", w.Confidence, c.want)
			}
			if (w.schema.Meta["score_kind"] == "margin") != c.margin || w.schema.Classes != 2 {
				t.Errorf("%d classes, score of kind %q", w.schema.Classes, w.schema.Meta["score_kind"])
			}
			if got := strings.Join(w.notes, "; "); c.note == "" && got != "" || !strings.Contains(got, c.note) {
				t.Errorf("notes %q, want %q", got, c.note)
			}
		})
	}
}

// A score that fits no meaning is refused, and the error asks what it means.
func TestUnclearScores(t *testing.T) {
	for _, c := range []struct {
		rows []string
		want string
	}{
		{[]string{"1,1,0.75", "1,0,0.25", "0,1,0.125"}, "lies in 0.25..0.25 where the prediction is 0 and in 0.125..0.75 where it is 1"},
		{[]string{"0,0,0.9", "1,1,0.2"}, "is it the probability of class 0?"},
		{[]string{"0,0,-3.2", "1,1,-0.5", "1,0,-9"}, "what does it mean?"}, // negative entropy
		{[]string{"0,0,31", "1,1,67"}, "neither the probability of class 1"},
		{[]string{"0,0,2.5", "1,1,3.5"}, "neither the probability of class 1"}, // largest logit
	} {
		_, err := OpenTable(csvTable(append([]string{"y_true,y_pred,score"}, c.rows...)...))
		checkError(t, err, "score", -1, c.want)
	}
}
