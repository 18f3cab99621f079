// Package disparity compares a metric between groups of samples.
//
// There are three steps: choose or cross the attributes ([CrossGroups],
// [LabelGroup]), evaluate a metric in every group ([ByGroup]), and compare the
// estimates ([Difference], [Ratio], [Worst]); begin with ByGroup. Applied to rates
// of a binary task, this gives the criteria of group fairness: demographic parity
// compares positive-rate; equal opportunity compares true-positive-rate; accuracy
// equality compares accuracy or error; equalised odds compares true-positive-rate
// and false-positive-rate together ([EqualisedOdds], [EqualisedOddsRatio], [AverageOdds]);
// for more than two classes each class is set against the rest ([OneVsRest]) and the
// criterion averaged over classes ([OverClasses]). The max-min criterion is the Worst
// accuracy over the groups crossed with the labels.
//
// It may import metrics.
package disparity

import (
	"fmt"
	"math"
	"slices"

	"abstain/metrics"
)

// CrossGroups is the attribute that combines a and b: its levels are the pairs of
// a level of a and a level of b. Names and levels are joined by "*". Levels are
// in order of first appearance among the samples, and only pairs that occur are
// levels. A sample without a level in a or b is missing. It panics if a and b
// differ in length.
func CrossGroups(a, b *metrics.Group) metrics.Group {
	if len(a.Code) != len(b.Code) {
		panic("disparity: crossed groups differ in length")
	}
	crossed := metrics.Group{Name: a.Name + "*" + b.Name, Code: make([]int32, len(a.Code))}
	seen := map[[2]int32]int32{}
	for i := range a.Code {
		pair := [2]int32{a.Code[i], b.Code[i]}
		if pair[0] < 0 || pair[1] < 0 {
			crossed.Code[i] = -1
			continue
		}
		code, ok := seen[pair]
		if !ok {
			code = int32(len(crossed.Levels))
			seen[pair] = code
			crossed.Levels = append(crossed.Levels, a.Levels[pair[0]]+"*"+b.Levels[pair[1]])
		}
		crossed.Code[i] = code
	}
	return crossed
}

// LabelGroup is the true class as an attribute named "label". Its levels are the
// numbers of the classes, in order of first appearance; samples with label -1 are
// missing. It is nil if the outcomes have no labels.
func LabelGroup(o *metrics.Outcomes) *metrics.Group {
	if o.Label == nil {
		return nil
	}
	g := &metrics.Group{Name: "label", Code: make([]int32, len(o.Label))}
	seen := map[int32]int32{-1: -1}
	for i, l := range o.Label {
		code, ok := seen[l]
		if !ok {
			code = int32(len(g.Levels))
			seen[l] = code
			g.Levels = append(g.Levels, fmt.Sprint(l))
		}
		g.Code[i] = code
	}
	return g
}

// Level is a metric in one group.
type Level struct {
	Name string // of the group's level
	Size int    // samples of the group, those out of distribution included
	metrics.Estimate
}

// ByGroup evaluates a metric in every level of a group, in the order of the
// levels, each as if its samples were the only ones. confidence names the
// confidence function; it may be "" for metrics that need none. A level with
// fewer than least samples is undefined, with a note, and so is a level for which
// the metric is undefined: an empty group has no rate, which is not a rate of 0.
// It panics if the outcomes have no such confidence function.
func ByGroup(o *metrics.Outcomes, confidence string, g *metrics.Group, m metrics.Metric, at float64, least int) []Level {
	members := make([][]int32, len(g.Levels))
	for i, code := range g.Code {
		if code >= 0 {
			members[code] = append(members[code], int32(i))
		}
	}
	levels := make([]Level, len(g.Levels))
	for code, rows := range members {
		levels[code] = Level{Name: g.Levels[code], Size: len(rows), Estimate: inGroup(o.Take(rows), confidence, m, at, least)}
	}
	return levels
}

func inGroup(part *metrics.Outcomes, confidence string, m metrics.Metric, at float64, least int) metrics.Estimate {
	if n := part.N(); n < least {
		return undefined(n, fmt.Sprintf("%d samples in the group, fewer than %d", n, least))
	}
	var c *metrics.Confidence
	if confidence != "" {
		if c = part.Confidence(confidence); c == nil {
			panic("disparity: no confidence function of that name")
		}
	}
	return m.Of(metrics.Rank(part, c), at)
}

// defined lists the defined values, and the notes for an estimate that compares
// them.
func defined(levels []Level) (values []float64, n int, notes []string) {
	missing := 0
	for _, l := range levels {
		if l.Defined() {
			values = append(values, l.Value)
			n += l.N
		} else {
			missing++
		}
	}
	if missing > 0 {
		notes = append(notes, fmt.Sprintf("undefined in %d of %d groups", missing, len(levels)))
	}
	return values, n, notes
}

// compared makes an estimate from the values of the groups in which the metric is
// defined. There must be at least two.
func compared(levels []Level, of func(values []float64) (v float64, why string)) metrics.Estimate {
	values, n, notes := defined(levels)
	if len(values) < 2 {
		return undefined(n, "defined in fewer than two groups")
	}
	v, why := of(values)
	if why != "" {
		return undefined(n, why)
	}
	e := point(v, n)
	e.Notes = notes
	return e
}

// Difference is the largest value minus the smallest, at least 0. Undefined
// groups are left out, with a note. It is undefined unless two groups are
// defined.
//
// Source: Feldman et al. 2015 and Hardt, Price and Srebro 2016, for two groups;
// the range for more is customary (fairlearn).
func Difference(levels []Level) metrics.Estimate {
	return compared(levels, func(v []float64) (float64, string) { return slices.Max(v) - slices.Min(v), "" })
}

// Ratio is the smallest value divided by the largest, in [0, 1] if no value is
// negative; for positive rates it is the disparate impact. It is also undefined
// if a value is negative or all are 0; otherwise it is as Difference.
//
// Source: Feldman et al. 2015.
func Ratio(levels []Level) metrics.Estimate {
	return compared(levels, func(v []float64) (float64, string) {
		switch least, most := slices.Min(v), slices.Max(v); {
		case least < 0:
			return math.NaN(), "negative values have no ratio"
		case most == 0:
			return math.NaN(), "0 in every group"
		default:
			return least / most, ""
		}
	})
}

// GapToWhole is the largest distance between a group's value and the value of all
// samples together, at least 0. It is undefined if the latter is; otherwise it is
// as Difference.
func GapToWhole(levels []Level, whole metrics.Estimate) metrics.Estimate {
	if !whole.Defined() {
		return undefined(whole.N, "undefined for all samples together")
	}
	return compared(levels, func(v []float64) (float64, string) {
		gap := 0.0
		for _, x := range v {
			gap = math.Max(gap, math.Abs(x-whole.Value))
		}
		return gap, ""
	})
}

// Worst is the level with the worst value: the smallest if better is Higher, the
// largest if it is Lower; of several, the first. Undefined levels are left out,
// with a note. If all are undefined, the result is undefined and has no name. It
// panics if better is None.
func Worst(levels []Level, better metrics.Direction) Level {
	if better == metrics.None {
		panic("disparity: no value is worse than another")
	}
	worst := Level{Estimate: undefined(0, "undefined in every group")}
	_, _, notes := defined(levels)
	for _, l := range levels {
		if l.Defined() && (!worst.Defined() || (l.Value < worst.Value) == (better == metrics.Higher) && l.Value != worst.Value) {
			worst = l
		}
	}
	if worst.Defined() {
		worst.Notes = slices.Concat(worst.Notes, notes)
	}
	return worst
}

// EqualisedOdds is the larger of two Differences, of the true and of the false
// positive rate by group, or their mean; in [0, 1]. It is undefined if either is.
//
// Source: Hardt, Price and Srebro 2016, definition 2.1, as a difference.
func EqualisedOdds(truePositive, falsePositive []Level, mean bool) metrics.Estimate {
	return together(Difference(truePositive), Difference(falsePositive), mean, math.Max)
}

// EqualisedOddsRatio is the smaller of two Ratios, of the true and of the false
// positive rate by group, or their mean; in [0, 1]. It is undefined if either is.
func EqualisedOddsRatio(truePositive, falsePositive []Level, mean bool) metrics.Estimate {
	return together(Ratio(truePositive), Ratio(falsePositive), mean, math.Min)
}

func together(a, b metrics.Estimate, mean bool, worst func(a, b float64) float64) metrics.Estimate {
	notes := slices.Concat(a.Notes, b.Notes)
	slices.Sort(notes)
	e := point(worst(a.Value, b.Value), max(a.N, b.N))
	if mean {
		e.Value = (a.Value + b.Value) / 2
	}
	e.Notes = slices.Compact(notes)
	return e
}

// Fill returns the levels with v in place of every undefined value. Use it to
// compare with tools that take the rate of an empty group to be 0; by such a
// criterion an empty group may look unfair.
func Fill(levels []Level, v float64) []Level {
	filled := slices.Clone(levels)
	for i := range filled {
		if !filled[i].Defined() {
			filled[i].Estimate = point(v, filled[i].N)
		}
	}
	return filled
}

// point is an estimate without an interval.
func point(v float64, n int) metrics.Estimate {
	return metrics.Estimate{Value: v, Lo: math.NaN(), Hi: math.NaN(), N: n}
}

// undefined is an estimate without a value, and the reason.
func undefined(n int, why string) metrics.Estimate {
	e := point(math.NaN(), n)
	e.Notes = []string{why}
	return e
}
