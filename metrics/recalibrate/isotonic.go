package recalibrate

import (
	"errors"
	"math"
	"slices"
)

// Isotonic is a map that never falls: linear between its knots, level beyond
// the first and the last. X rises strictly and Y does not fall; there is one Y
// per X, and at least one.
type Isotonic struct{ X, Y []float64 }

// FitIsotonic is the least-squares fit of correctness by a map that does not
// fall: pool adjacent violators, equal confidences taken together. The knots are
// the ends of its levels. It is an error if there is no row or a confidence is
// NaN. It panics if the columns differ in length. Source: Zadrozny and Elkan
// 2002; Ayer et al. 1955.
func FitIsotonic(confidence []float64, correct []bool) (Isotonic, error) {
	if len(confidence) != len(correct) {
		panic("recalibrate: columns differ in length")
	}
	hit := make([]float64, len(correct))
	for i, c := range correct {
		if c {
			hit[i] = 1
		}
	}
	return fitIsotonic(confidence, hit)
}

// level is a run of confidences with one fitted value.
type level struct {
	lo, hi float64 // confidences
	total  float64 // of the targets
	n      float64
}

func (l *level) mean() float64 { return l.total / l.n }

func fitIsotonic(x, target []float64) (Isotonic, error) {
	if len(x) == 0 {
		return Isotonic{}, errNoLabel
	}
	if slices.ContainsFunc(x, math.IsNaN) {
		return Isotonic{}, errors.New("recalibrate: a confidence is NaN: leave such rows out")
	}
	var m Isotonic
	for _, l := range pool(x, target) {
		m.X, m.Y = append(m.X, l.lo), append(m.Y, l.mean())
		if l.hi > l.lo {
			m.X, m.Y = append(m.X, l.hi), append(m.Y, l.mean())
		}
	}
	return m, nil
}

// pool merges neighbours until the means rise strictly.
func pool(x, target []float64) []level {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		switch {
		case x[a] < x[b]:
			return -1
		case x[a] > x[b]:
			return 1
		}
		return a - b
	})
	var levels []level
	for from, to := 0, 0; from < len(order); from = to {
		next := level{lo: x[order[from]], hi: x[order[from]]}
		for to = from; to < len(order) && x[order[to]] == next.lo; to++ {
			next.total += target[order[to]]
			next.n++
		}
		for len(levels) > 0 && levels[len(levels)-1].mean() >= next.mean() {
			last := levels[len(levels)-1]
			levels = levels[:len(levels)-1]
			next = level{lo: last.lo, hi: next.hi, total: last.total + next.total, n: last.n + next.n}
		}
		levels = append(levels, next)
	}
	return levels
}

// Apply is the map at a confidence.
func (m Isotonic) Apply(confidence float64) float64 {
	k, exact := slices.BinarySearch(m.X, confidence)
	switch {
	case math.IsNaN(confidence):
		return math.NaN()
	case exact:
		return m.Y[k]
	case k == 0:
		return m.Y[0]
	case k == len(m.X):
		return m.Y[k-1]
	}
	share := (confidence - m.X[k-1]) / (m.X[k] - m.X[k-1])
	return m.Y[k-1] + float64(share*(m.Y[k]-m.Y[k-1]))
}

// Pooled is one isotonic map for the probabilities of all classes. Slope times
// the probability itself is added, so that the order of classes stays.
type Pooled struct {
	Isotonic Isotonic
	Slope    float64
}

// FitPooled fits one map to all probabilities of all rows with a label, each
// against whether its class is the label, and sets Slope to 1e-9. It is an error
// if no row has a label or a probability is NaN. Source: Zhang, Kailkhura and Han
// 2020, section 3.3 (multi-class isotonic regression).
func FitPooled(probs []float64, classes int, label []int32) (Pooled, error) {
	checkShape(len(probs), classes, len(label))
	var x, hit []float64
	for row, l := range labelled(probs, classes, label) {
		for j, p := range row {
			x = append(x, p)
			hit = append(hit, 0)
			if j == l {
				hit[len(hit)-1] = 1
			}
		}
	}
	m, err := fitIsotonic(x, hit)
	return Pooled{m, 1e-9}, err
}

// Apply fills dst with the mapped values of rows of probabilities. They do not
// add to 1; Normalise makes them. dst may be probs itself.
func (m Pooled) Apply(dst, probs []float64) {
	for i, p := range probs {
		dst[i] = m.Isotonic.Apply(p) + float64(m.Slope*p)
	}
}

// OneVsRest is one map per class, normalised.
type OneVsRest struct{ Maps []Map }

// FitOneVsRest fits a map to the probabilities of each class against whether it
// is the label. The first error ends it. Source: Zadrozny and Elkan 2002.
func FitOneVsRest(probs []float64, classes int, label []int32, fit func(confidence []float64, correct []bool) (Map, error)) (OneVsRest, error) {
	checkShape(len(probs), classes, len(label))
	var m OneVsRest
	for c := range classes {
		var x []float64
		var hit []bool
		for row, l := range labelled(probs, classes, label) {
			x, hit = append(x, row[c]), append(hit, l == c)
		}
		of, err := fit(x, hit)
		if err != nil {
			return OneVsRest{}, err
		}
		m.Maps = append(m.Maps, of)
	}
	return m, nil
}

// Apply fills dst with the mapped and normalised probabilities of the rows; a
// row mapped to nothing but 0 becomes uniform. dst may be probs itself.
func (m OneVsRest) Apply(dst, probs []float64) {
	for i, p := range probs {
		dst[i] = m.Maps[i%len(m.Maps)].Apply(p)
	}
	Normalise(dst, len(m.Maps))
}
