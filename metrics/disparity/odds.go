package disparity

import (
	"fmt"
	"slices"

	"abstain/metrics"
)

// AverageOdds is the mean of two Differences, of the true and of the false positive rate by
// group: the average absolute odds difference; in [0, 1]. It is undefined if either is. It
// is at most EqualisedOdds, which takes the larger of the two, and at least half of it.
// Code that averages signed differences of two groups has a smaller number where they
// have opposite signs.
//
// Source: Bellamy et al. 2018 (AI Fairness 360), average_abs_odds_difference.
func AverageOdds(truePositive, falsePositive []Level) metrics.Estimate {
	return EqualisedOdds(truePositive, falsePositive, true)
}

// ClassRates are the rates of one class against the rest.
type ClassRates struct {
	Class         int32
	TruePositive  []Level // by level of the group: the share of the class's samples that are predicted as it
	FalsePositive []Level // the share of the other samples that are predicted as it
}

// OneVsRest gives the rates of each class that occurs as a label, by the levels of a group,
// classes rising. For a binary task those of class 1 are the levels of true-positive-rate
// and false-positive-rate. A rate of fewer than least samples is undefined, with a note.
// Samples out of distribution, without a level or without an answer are left out. It is
// nil if the outcomes have no labels and predictions.
func OneVsRest(o *metrics.Outcomes, g *metrics.Group, least int) []ClassRates {
	if o.Label == nil || o.Prediction == nil {
		return nil
	}
	cells := make([]confusion, len(g.Levels))
	occurs := map[int32]bool{}
	for i, code := range g.Code {
		if code < 0 || o.Label[i] < 0 || !o.Answered(i) {
			continue
		}
		occurs[o.Label[i]] = true
		cells[code].add(o.Label[i], o.Prediction[i])
	}
	var rates []ClassRates
	for class := range occurs {
		rates = append(rates, ClassRates{Class: class})
	}
	slices.SortFunc(rates, func(a, b ClassRates) int { return int(a.Class) - int(b.Class) })
	for k := range rates {
		c := &rates[k]
		for code, name := range g.Levels {
			hits, of, alarms, others := cells[code].rates(c.Class)
			c.TruePositive = append(c.TruePositive, Level{name, cells[code].n, share(hits, of, least)})
			c.FalsePositive = append(c.FalsePositive, Level{name, cells[code].n, share(alarms, others, least)})
		}
	}
	return rates
}

// confusion counts the samples of a group by label and by prediction.
type confusion struct {
	n                      int
	label, predicted, hits map[int32]int
}

func (c *confusion) add(label, prediction int32) {
	if c.label == nil {
		c.label, c.predicted, c.hits = map[int32]int{}, map[int32]int{}, map[int32]int{}
	}
	c.n++
	c.label[label]++
	c.predicted[prediction]++
	if label == prediction {
		c.hits[label]++
	}
}

// rates are the counts of a class against the rest: right predictions of it among its
// samples, and wrong ones among the others.
func (c *confusion) rates(class int32) (hits, of, alarms, others int) {
	return c.hits[class], c.label[class], c.predicted[class] - c.hits[class], c.n - c.label[class]
}

func share(part, whole, least int) metrics.Estimate {
	if whole < max(1, least) {
		return undefined(whole, fmt.Sprintf("%d samples, fewer than %d", whole, max(1, least)))
	}
	return point(float64(part)/float64(whole), whole)
}

// OverClasses is the mean over classes of a criterion of their rates, such as AverageOdds.
// For two classes it is the criterion itself, if that treats the groups alike. Classes of
// which it is undefined are left out, with a note. It is undefined if it is for all.
//
// Source: one class against the rest and the mean over classes as in the DL-Fairness
// study of fairness methods for image classifiers, ISSTA 2024.
func OverClasses(classes []ClassRates, of func(truePositive, falsePositive []Level) metrics.Estimate) metrics.Estimate {
	total, n, most := 0.0, 0, 0
	for _, c := range classes {
		if e := of(c.TruePositive, c.FalsePositive); e.Defined() {
			total += e.Value
			n, most = n+1, max(most, e.N)
		}
	}
	if n == 0 {
		return undefined(0, "undefined for every class")
	}
	e := point(total/float64(n), most)
	if n < len(classes) {
		e.Notes = []string{fmt.Sprintf("undefined for %d of %d classes", len(classes)-n, len(classes))}
	}
	return e
}
