package metrics

import (
	"fmt"
	"math"
	"slices"
)

// Comparing a metric between groups of samples. The way has three steps: choose
// or cross the attributes (CrossGroups, LabelGroup), evaluate a metric in every
// group (ByGroup), and compare the estimates (Difference, Ratio, Worst). Rates of
// a binary task compared so are the criteria of group fairness: demographic
// parity compares positive-rate, equal opportunity true-positive-rate, accuracy
// equality accuracy or error, and equalised odds true-positive-rate and
// false-positive-rate together (EqualisedOdds, EqualisedOddsRatio). The max-min
// criterion is the Worst accuracy over the groups crossed with the labels.

// CrossGroups is the attribute of belonging to a level of a and to one of b. Its
// name and levels join theirs by "*"; levels are in order of first appearance
// among the samples, and only combinations that occur are levels. A sample that
// lacks either attribute is missing. It panics if a and b differ in length.
func CrossGroups(a, b *Group) Group {
	if len(a.Code) != len(b.Code) {
		panic("metrics: crossed groups differ in length")
	}
	crossed := Group{Name: a.Name + "*" + b.Name, Code: make([]int32, len(a.Code))}
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

// LabelGroup is the true class as an attribute, named "label", levels written as
// numbers in order of first appearance; missing where the label is -1. It is nil
// if the outcomes have no labels.
func LabelGroup(o *Outcomes) *Group {
	if o.Label == nil {
		return nil
	}
	g := &Group{Name: "label", Code: make([]int32, len(o.Label))}
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
	Estimate
}

// ByGroup evaluates a metric in every level of a group, in the order of the
// levels, as if the others did not exist. confidence names the confidence
// function; it may be "" for metrics that need none. The estimate of a level
// with fewer than least samples is undefined, with a note, as is every other
// that the metric cannot give: an empty group has no rate, and not one of 0.
// It panics if the outcomes have no such confidence function.
func ByGroup(o *Outcomes, confidence string, g *Group, m Metric, at float64, least int) []Level {
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

func inGroup(part *Outcomes, confidence string, m Metric, at float64, least int) Estimate {
	if n := part.N(); n < least {
		return undefined(n, fmt.Sprintf("%d samples in the group, fewer than %d", n, least))
	}
	var c *Confidence
	if confidence != "" {
		if c = part.Confidence(confidence); c == nil {
			panic("metrics: no confidence function of that name")
		}
	}
	return m.Of(Rank(part, c), at)
}

// defined lists the defined values, and the notes of a comparison of them.
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

// compared makes an estimate of the values that are defined in their groups, of
// which there must be two.
func compared(levels []Level, of func(values []float64) (v float64, why string)) Estimate {
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

// Difference is the largest value less the smallest, at least 0; undefined
// groups are left out, with a note. It is undefined unless two are defined.
//
// Source: Feldman et al. 2015 and Hardt, Price and Srebro 2016, for two groups;
// the range for more is customary (fairlearn).
func Difference(levels []Level) Estimate {
	return compared(levels, func(v []float64) (float64, string) { return slices.Max(v) - slices.Min(v), "" })
}

// Ratio is the smallest value over the largest, in [0, 1] for values that are
// not negative: disparate impact, if they are positive rates. Otherwise as
// Difference; it is undefined as well if a value is negative, or all are 0.
//
// Source: Feldman et al. 2015.
func Ratio(levels []Level) Estimate {
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

// GapToWhole is the largest distance of a group's value from that of all samples
// together, at least 0. Otherwise as Difference; undefined if the whole is.
func GapToWhole(levels []Level, whole Estimate) Estimate {
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

// Worst is the level with the worst value, the smallest where better is Higher
// and the largest where it is Lower; the first of several. Undefined levels are
// left out, with a note. It is undefined, and has no name, if all are. It panics
// if better is None.
func Worst(levels []Level, better Direction) Level {
	if better == None {
		panic("metrics: no value is worse than another")
	}
	worst := Level{Estimate: undefined(0, "undefined in every group")}
	_, _, notes := defined(levels)
	for _, l := range levels {
		if l.Defined() && (!worst.Defined() || (l.Value < worst.Value) == (better == Higher) && l.Value != worst.Value) {
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
func EqualisedOdds(truePositive, falsePositive []Level, mean bool) Estimate {
	return together(Difference(truePositive), Difference(falsePositive), mean, math.Max)
}

// EqualisedOddsRatio is the smaller of two Ratios, of the true and of the false
// positive rate by group, or their mean; in [0, 1]. It is undefined if either is.
func EqualisedOddsRatio(truePositive, falsePositive []Level, mean bool) Estimate {
	return together(Ratio(truePositive), Ratio(falsePositive), mean, math.Min)
}

func together(a, b Estimate, mean bool, worst func(a, b float64) float64) Estimate {
	notes := slices.Concat(a.Notes, b.Notes)
	slices.Sort(notes)
	e := point(worst(a.Value, b.Value), max(a.N, b.N))
	if mean {
		e.Value = (a.Value + b.Value) / 2
	}
	e.Notes = slices.Compact(notes)
	return e
}

// Fill returns the levels with v for every undefined value. It is there to
// compare with tools that take the rate of an empty group to be 0; a criterion
// of fairness computed so may call an empty group unfair.
func Fill(levels []Level, v float64) []Level {
	filled := slices.Clone(levels)
	for i := range filled {
		if !filled[i].Defined() {
			filled[i].Estimate = point(v, filled[i].N)
		}
	}
	return filled
}
