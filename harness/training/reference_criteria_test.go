package training

import (
	"math"
	"slices"
	"strconv"

	"abstain/harness/training/loss"
	"abstain/metrics"
	"abstain/metrics/disparity"
)

func number(n int) string { return strconv.Itoa(n) }

// checkCriteria computes the criteria of group fairness as the harness does, by metrics and disparity.
func checkCriteria(x *checker, c doc) {
	z, labels, groups := c.logits("logits"), c.ints("labels"), c.ints("groups")
	o := &metrics.Outcomes{Classes: 2, Label: labels, Vectors: loss.Softmax(z, 1).Z, Prediction: make([]int32, z.N), Correct: make([]bool, z.N)}
	for i := range z.N {
		o.Prediction[i] = int32(loss.Argmax(z.Row(i)))
		o.Correct[i] = o.Prediction[i] == labels[i]
	}
	g := &metrics.Group{Name: "a", Levels: []string{"0", "1"}, Code: groups}
	whole := metrics.Rank(o, nil)
	of := func(id string) metrics.Measure { return metrics.MustMeasure(id) }
	both := classes(labels) == 2
	x.same("accuracy", of("accuracy").Of(whole).Value)
	x.same("balanced_accuracy", only(both, of("balanced-accuracy").Of(whole).Value))
	x.area(byClassOne(z, o.Vectors, labels))

	by := func(id string) []disparity.Level { return disparity.ByGroup(o, "", g, of(id).Metric, 0, 1) }
	tpr, fpr, fnr, positive, wrong := by("true-positive-rate"), by("false-positive-rate"), by("false-negative-rate"), by("positive-rate"), by("error")
	x.seen["groups"] = true
	for a, want := range asList(x.want["groups"]) {
		w := doc(asMap(want))
		x.compare("groups.n", w.numbers("n"), []float64{float64(tpr[a].Size)})
		for key, levels := range map[string][]disparity.Level{"tpr": tpr, "fpr": fpr, "fnr": fnr, "positive_rate": positive, "error": wrong} {
			x.compare("groups."+key, w.numbers(key), []float64{levels[a].Value})
		}
	}
	x.same("equalised_odds_difference", disparity.EqualisedOdds(tpr, fpr, false).Value)
	x.same("average_odds_difference", disparity.EqualisedOdds(tpr, fpr, true).Value)
	x.same("equalised_odds_ratio", disparity.EqualisedOddsRatio(tpr, fpr, false).Value)
	x.same("demographic_parity_difference", disparity.Difference(positive).Value)
	x.same("demographic_parity_ratio", disparity.Ratio(positive).Value)
	x.same("accuracy_equality_difference", disparity.Difference(wrong).Value)
	x.same("accuracy_equality_ratio", errorRatio(wrong[0].Value, wrong[1].Value))
	checkCells(x, o, groups, labels)
}

// area compares an AUROC. Where probabilities are equal but for rounding, the reference may have taken a tie for
// a win or a loss.
func (x *checker) area(least, most float64) {
	x.Helper()
	x.seen["auc"] = true
	want := x.want.numbers("auc")[0]
	x.compare("auc", []float64{want}, []float64{max(least, min(want, most))})
}

// byClassOne is the AUROC of label 1 against 0 by the probability of class 1, pair by pair, with ties counted as losses
// and as wins; NaN without pairs.
func byClassOne(z loss.Logits, p []float64, labels []int32) (least, most float64) {
	won, tied, pairs := 0.0, 0.0, 0.0
	for i, y := range labels {
		for j, other := range labels {
			if y != 1 || other != 0 {
				continue
			}
			pairs++
			switch a, b := p[2*i+1], p[2*j+1]; {
			case slices.Equal(z.Row(i), z.Row(j)):
				won += 0.5
			case math.Abs(a-b) < 1e-12:
				tied++
			case a > b:
				won++
			}
		}
	}
	return won / pairs, (won + tied) / pairs
}

// errorRatio is the ratio of error rates as the fine-tuning code prints it: two groups without errors get 0.
func errorRatio(a, b float64) float64 { return math.Min(b/(a+1e-6), a/(b+1e-6)) }

// checkCells compares the accuracy of every cell of group and label, and the worst.
func checkCells(x *checker, o *metrics.Outcomes, groups, labels []int32) {
	cell := &metrics.Group{Name: "cell", Levels: []string{"a0y0", "a0y1", "a1y0", "a1y1"}}
	for i := range labels {
		cell.Code = append(cell.Code, 2*groups[i]+labels[i])
	}
	var accuracies []float64
	full := true
	levels := disparity.ByGroup(o, "", cell, metrics.MustMeasure("accuracy").Metric, 0, 1)
	for _, l := range levels {
		accuracies, full = append(accuracies, l.Value), full && l.Defined()
	}
	x.same("cell_accuracy_a0y0_a0y1_a1y0_a1y1", accuracies...)
	x.same("max_min_fairness", only(full, disparity.Worst(levels, metrics.Higher).Value))
}

// only is v where the reference defines the value, and NaN where it has null.
func only(defined bool, v float64) float64 {
	if defined {
		return v
	}
	return math.NaN()
}

func classes(labels []int32) int {
	seen := map[int32]bool{}
	for _, y := range labels {
		seen[y] = true
	}
	return len(seen)
}
