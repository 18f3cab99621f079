package sets

import "math"

// Rule makes prediction sets: the classes whose score is at most Threshold.
type Rule struct {
	Score     Score
	Threshold float64
}

// Members lists the classes of one row's set, rising; nil if it is empty.
func (r Rule) Members(row []float64) []int32 {
	strange := make([]float64, len(row))
	r.Score(strange, row, len(row))
	var members []int32
	for j, s := range strange {
		if s <= r.Threshold {
			members = append(members, int32(j))
		}
	}
	return members
}

// Sets makes the sets of all rows and keeps what the measures need to know of
// them. The labels are kept, not copied.
func (r Rule) Sets(rows []float64, classes int, label []int32) *Sets {
	checkShape(len(rows), classes, len(label))
	strange := make([]float64, len(rows))
	r.Score(strange, rows, classes)
	s := &Sets{Classes: classes, Label: label, Size: make([]int32, len(label)), Covered: make([]bool, len(label))}
	for i, l := range label {
		for j, v := range strange[i*classes : (i+1)*classes] {
			if v <= r.Threshold {
				s.Size[i]++
				s.Covered[i] = s.Covered[i] || j == int(l)
			}
		}
	}
	return s
}

// Sets describes the prediction sets of some rows, with one entry for each row.
type Sets struct {
	Classes int
	Label   []int32 // true class, or a number that is not a class
	Size    []int32 // classes in the set, 0..Classes
	Covered []bool  // the set holds the true class
	Group   []int32 // of the rows, from 0; -1 is none. nil without groups
}

// labelled reports whether row i has a true class.
func (s *Sets) labelled(i int) bool { return s.Label[i] >= 0 && int(s.Label[i]) < s.Classes }

// Coverage is the share of rows whose set holds the true class, in [0, 1].
func (s *Sets) Coverage() float64 {
	return s.share(func(i int) bool { return s.labelled(i) }, func(i int) bool { return s.Covered[i] })
}

// MeanSize is the mean number of classes in a set, empty sets counted as 0.
func (s *Sets) MeanSize() float64 {
	total := 0
	for _, k := range s.Size {
		total += int(k)
	}
	return float64(total) / float64(len(s.Size)) // NaN without rows
}

// SingletonHits is the share of all rows whose set is the true class alone, in
// [0, 1].
func (s *Sets) SingletonHits() float64 {
	return s.share(func(i int) bool { return s.labelled(i) }, func(i int) bool { return s.Covered[i] && s.Size[i] == 1 })
}

// Empty is the share of rows, labelled or not, whose set is empty, in [0, 1].
func (s *Sets) Empty() float64 {
	return s.share(func(int) bool { return true }, func(i int) bool { return s.Size[i] == 0 })
}

// share is the share of rows with property has among the rows that belong; NaN if
// none belongs.
func (s *Sets) share(belongs, has func(i int) bool) float64 {
	of, n := 0, 0
	for i := range s.Size {
		if belongs(i) {
			n++
			if has(i) {
				of++
			}
		}
	}
	return float64(of) / float64(n)
}

// Stratum describes the rows whose sets have Lo to Hi classes.
type Stratum struct {
	Lo, Hi   int
	N        int
	Coverage float64 // NaN if N is 0
}

// Strata are the usual ranges of set sizes, the last open to the top: 0-1, 2-3,
// 4-10, 11-100 and 101 upwards. Nothing in it may be changed. Source:
// Angelopoulos et al. 2021, section 4.4.
var Strata = [][2]int{{0, 1}, {2, 3}, {4, 10}, {11, 100}, {101, math.MaxInt}}

// BySize is the coverage of sets of similar size, one stratum for each range. A
// range is given by its smallest and its largest size; nil stands for Strata.
func (s *Sets) BySize(ranges [][2]int) []Stratum {
	if ranges == nil {
		ranges = Strata
	}
	strata := make([]Stratum, len(ranges))
	for k, r := range ranges {
		in := func(i int) bool { return s.labelled(i) && int(s.Size[i]) >= r[0] && int(s.Size[i]) <= r[1] }
		strata[k] = Stratum{Lo: r[0], Hi: r[1], Coverage: s.share(in, func(i int) bool { return s.Covered[i] })}
		for i := range s.Size {
			if in(i) {
				strata[k].N++
			}
		}
	}
	return strata
}

// SizeViolation is the largest |coverage - (1-alpha)| over strata of set sizes
// that are not empty: size-stratified coverage violation, SSCV, in [0, 1]. nil
// stands for Strata. NaN if no stratum holds a row. Source: Angelopoulos et al.
// 2021, section 4.4.
func (s *Sets) SizeViolation(alpha float64, ranges [][2]int) float64 {
	worst := math.NaN()
	for _, t := range s.BySize(ranges) {
		if gap := math.Abs(t.Coverage - (1 - alpha)); t.N > 0 && !(gap <= worst) {
			worst = gap
		}
	}
	return worst
}

// ByClass is the coverage of the rows of each class; NaN for a class without
// rows.
func (s *Sets) ByClass() []float64 {
	covered, n := make([]float64, s.Classes), make([]float64, s.Classes)
	for i, l := range s.Label {
		if s.labelled(i) {
			n[l]++
			if s.Covered[i] {
				covered[l]++
			}
		}
	}
	for c := range covered {
		covered[c] /= n[c]
	}
	return covered
}

// ClassGap is the mean over the classes that occur of |coverage - (1-alpha)|:
// class-conditional coverage gap, CovGap, as a fraction in [0, 1] (its source
// prints percent). NaN if no class occurs. Source: Ding et al. 2023, section 3.
func (s *Sets) ClassGap(alpha float64) float64 {
	total, classes := 0.0, 0.0
	for _, c := range s.ByClass() {
		if !math.IsNaN(c) {
			total += math.Abs(c - (1 - alpha))
			classes++
		}
	}
	return total / classes
}
