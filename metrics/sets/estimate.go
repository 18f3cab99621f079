package sets

import (
	"math"

	"abstain/metrics/stattest"
)

// Interval is a measure with its interval at the level asked for: for new rows of the same
// distribution and these sets' thresholds. Lo and Hi are NaN where there is none.
type Interval struct {
	Value, Lo, Hi float64
	N             int // rows that it is of
}

// part is a share of some rows.
type part struct{ hits, n int }

func (p part) share() float64 { return float64(p.hits) / float64(p.n) }

// wilson is the score interval of a share.
func (p part) wilson(level float64) Interval {
	if p.n == 0 {
		return Interval{Value: math.NaN(), Lo: math.NaN(), Hi: math.NaN()}
	}
	lo, hi := stattest.Wilson(p.hits, p.n, level)
	return Interval{p.share(), lo, hi, p.n}
}

// CoverageIn is Coverage with its score interval.
func (s *Sets) CoverageIn(level float64) Interval { return s.covered(s.labelled).wilson(level) }

// covered counts the labelled rows that belong, and those covered.
func (s *Sets) covered(belongs func(i int) bool) (p part) {
	for i := range s.Size {
		if s.labelled(i) && belongs(i) {
			p.n++
			p.hits += int(indicator(s.Covered[i]))
		}
	}
	return p
}

// SingletonShare is the share of rows, labelled or not, whose set is one class.
func (s *Sets) SingletonShare() float64 { return s.singletons().share() }

// SingletonShareIn is SingletonShare with its score interval.
func (s *Sets) SingletonShareIn(level float64) Interval { return s.singletons().wilson(level) }

func (s *Sets) singletons() (p part) {
	p.n = len(s.Size)
	for _, k := range s.Size {
		p.hits += int(indicator(k == 1))
	}
	return p
}

// SingletonAccuracyIn is the share of right sets among the labelled rows whose set is one
// class, with its score interval: the accuracy where the sets answer with a point.
func (s *Sets) SingletonAccuracyIn(level float64) Interval {
	return s.covered(func(i int) bool { return s.Size[i] == 1 }).wilson(level)
}

// EmptyIn is Empty with its score interval.
func (s *Sets) EmptyIn(level float64) Interval {
	p := part{n: len(s.Size)}
	for _, k := range s.Size {
		p.hits += int(indicator(k == 0))
	}
	return p.wilson(level)
}

// MeanSizeIn is MeanSize with the interval of a mean by Student's t, moved by the skewness
// of the sizes (Johnson 1978). There is none where all sets have one size.
func (s *Sets) MeanSizeIn(level float64) Interval {
	mean, n := s.MeanSize(), float64(len(s.Size))
	var squares, cubes float64
	for _, k := range s.Size {
		d := float64(k) - mean
		squares += float64(d * d)
		cubes += float64(float64(d*d) * d)
	}
	e := Interval{mean, math.NaN(), math.NaN(), len(s.Size)}
	if n < 2 || squares == 0 {
		return e
	}
	variance := squares / (n - 1)
	se := math.Sqrt(variance / n)
	z := stattest.NormalReach(level)
	move := cubes / n / (6 * variance * n) * (1 + float64(2*z*z))
	reach := stattest.StudentReach(1-level, n-1) * se
	e.Lo, e.Hi = math.Max(0, mean+move-reach), math.Min(float64(s.Classes), mean+move+reach)
	return e
}

// Histogram counts the sets by size, from 0 to Classes.
func (s *Sets) Histogram() []int {
	counts := make([]int, s.Classes+1)
	for _, k := range s.Size {
		counts[k]++
	}
	return counts
}

// eachSize is one stratum for each size.
func (s *Sets) eachSize() [][2]int {
	ranges := make([][2]int, s.Classes+1)
	for k := range ranges {
		ranges[k] = [2]int{k, k}
	}
	return ranges
}

// EachSizeViolation is SizeViolation with a stratum for each size.
func (s *Sets) EachSizeViolation(alpha float64) float64 { return s.SizeViolation(alpha, s.eachSize()) }

// SizeShortfall is the largest amount by which the coverage of a stratum of set sizes falls
// short of 1 - alpha; 0 if none does. nil stands for Strata. NaN if no stratum holds a row.
func (s *Sets) SizeShortfall(alpha float64, ranges [][2]int) float64 {
	worst := math.NaN()
	for _, t := range s.BySize(ranges) {
		if gap := math.Max(0, 1-alpha-t.Coverage); t.N > 0 && !(gap <= worst) {
			worst = gap
		}
	}
	return worst
}

// classes are the rows of each class that occurs.
func (s *Sets) classes() []part {
	parts := make([]part, s.Classes)
	for i, l := range s.Label {
		if s.labelled(i) {
			parts[l].n++
			parts[l].hits += int(indicator(s.Covered[i]))
		}
	}
	return occurring(parts)
}

// groups are the labelled rows of each group, nil without groups.
func (s *Sets) groups() []part {
	var parts []part
	for i, g := range s.Group {
		if g < 0 || !s.labelled(i) {
			continue
		}
		for int(g) >= len(parts) {
			parts = append(parts, part{})
		}
		parts[g].n++
		parts[g].hits += int(indicator(s.Covered[i]))
	}
	return parts
}

// strata are the labelled rows by size.
func (s *Sets) strata(ranges [][2]int) []part {
	if ranges == nil {
		ranges = Strata
	}
	var parts []part
	for _, r := range ranges {
		parts = append(parts, s.covered(func(i int) bool { return int(s.Size[i]) >= r[0] && int(s.Size[i]) <= r[1] }))
	}
	return occurring(parts)
}

func occurring(parts []part) []part {
	var kept []part
	for _, p := range parts {
		if p.n > 0 {
			kept = append(kept, p)
		}
	}
	return kept
}

// OfGroups is the coverage of the labelled rows of each group; NaN for one without.
func (s *Sets) OfGroups() []float64 {
	var shares []float64
	for _, p := range s.groups() {
		shares = append(shares, p.share())
	}
	return shares
}

// WorstClassIn is the coverage of the class with the least, of those that occur, with an
// interval of the least true coverage of these: score intervals of all, at a level divided
// by their number, so that it holds however many there are.
func (s *Sets) WorstClassIn(level float64) Interval { return worst(s.classes(), level) }

// WorstGroupIn is that of groups.
func (s *Sets) WorstGroupIn(level float64) Interval { return worst(occurring(s.groups()), level) }

// worst is the least share.
func worst(parts []part, level float64) Interval {
	e := Interval{Value: math.Inf(1), Lo: math.Inf(1), Hi: math.Inf(1)}
	for _, p := range parts {
		in := p.wilson(1 - (1-level)/float64(len(parts)))
		e.Lo, e.Hi = math.Min(e.Lo, in.Lo), math.Min(e.Hi, in.Hi)
		if p.share() < e.Value {
			e.Value, e.N = p.share(), p.n
		}
	}
	if len(parts) == 0 {
		return Interval{Value: math.NaN(), Lo: math.NaN(), Hi: math.NaN()}
	}
	return e
}

// ClassGapIn is ClassGap with an interval from score intervals of all classes, at a level
// divided by their number: sure, and wide where there are many classes.
func (s *Sets) ClassGapIn(alpha, level float64) Interval {
	return gaps(s.classes(), 1-alpha, level, func(v []float64) float64 {
		total := 0.0
		for _, x := range v {
			total += x
		}
		return total / float64(len(v))
	})
}

// ClassGapMaxIn is the largest |coverage - (1-alpha)| of a class that occurs, with an
// interval as ClassGapIn.
func (s *Sets) ClassGapMaxIn(alpha, level float64) Interval {
	return gaps(s.classes(), 1-alpha, level, most)
}

// SizeViolationIn is SizeViolation with an interval as ClassGapIn, from the strata.
func (s *Sets) SizeViolationIn(alpha, level float64, ranges [][2]int) Interval {
	return gaps(s.strata(ranges), 1-alpha, level, most)
}

func most(v []float64) float64 {
	largest := v[0]
	for _, x := range v {
		largest = math.Max(largest, x)
	}
	return largest
}

// gaps makes one number, which rises with each, of the distances of shares from a target.
func gaps(parts []part, target, level float64, of func(v []float64) float64) Interval {
	if len(parts) == 0 {
		return Interval{Value: math.NaN(), Lo: math.NaN(), Hi: math.NaN()}
	}
	value, near, far := make([]float64, len(parts)), make([]float64, len(parts)), make([]float64, len(parts))
	n := 0
	for k, p := range parts {
		in := p.wilson(1 - (1-level)/float64(len(parts)))
		value[k] = math.Abs(p.share() - target)
		near[k] = math.Max(0, math.Max(in.Lo-target, target-in.Hi))
		far[k] = math.Max(math.Abs(in.Lo-target), math.Abs(in.Hi-target))
		n += p.n
	}
	return Interval{of(value), of(near), of(far), n}
}
