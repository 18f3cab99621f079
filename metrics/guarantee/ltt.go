package guarantee

import (
	"fmt"
	"math"
	"slices"
)

// The defaults of LearnThenTest.
const (
	DefaultStarts = 2
	DefaultCounts = 50
)

// LearnThenTest chooses the threshold of largest coverage whose selective risk on new rows
// is at most the given one with probability 1 - delta: by fixed sequences of tests with
// the exact binomial tail, two starts over 50 numbers of accepted rows. See
// LearnThenTestCounts. The error is that of Check.
func LearnThenTest(c Curve, risk, delta float64) (Choice, error) {
	return LearnThenTestCounts(c, risk, delta, DefaultStarts, DefaultCounts)
}

// LearnThenTestCounts is LearnThenTest with other numbers of starts and counts. Thresholds
// are numbers of accepted rows, spread evenly from the fewest that can pass without an
// error to all, each moved up to the end of its block of equal confidence: they depend on
// confidences alone, whatever their scale. Chains begin at as many of them as there are
// starts, evenly spread, and go on to more rows as long as P(Bin(m, risk) <= errors) <=
// delta/starts. The answer is the largest number that any chain accepted. starts must be
// positive and counts at least 2.
//
// Source: Angelopoulos et al. 2022 (Learn then Test), with the fixed-sequence test of
// section 2.2 and its several starts.
func LearnThenTestCounts(c Curve, risk, delta float64, starts, counts int) (Choice, error) {
	if starts < 1 || counts < 2 {
		return Choice{}, fmt.Errorf("%d starts over %d counts: at least 1 over 2", starts, counts)
	}
	if err := Check(risk, delta); err != nil {
		return Choice{}, err
	}
	choice := c.reject()
	choice.Level = delta / float64(starts)
	choice.Need = Need(risk, choice.Level)
	if choice.Need > c.N() {
		return choice, nil
	}
	places := c.spread(choice.Need, counts)
	choice.Candidates = len(places)
	best := -1
	for _, first := range begins(len(places), starts) {
		for _, g := range places[first:] {
			if BinomialP(c.Errors[g], c.Accepted[g], risk) > choice.Level {
				break
			}
			best = max(best, g)
		}
	}
	if best < 0 {
		return choice, nil
	}
	return c.accept(choice, best), nil
}

// spread lists the places of numbers of accepted rows spread evenly from least to all of
// them, rising, each once.
func (c Curve) spread(least, counts int) []int {
	var places []int
	for i := range counts {
		// Rounded half up, in whole numbers.
		m := least + (2*(c.N()-least)*i+counts-1)/(2*(counts-1))
		places = append(places, c.at(m))
	}
	return slices.Compact(places)
}

// begins are the places at which chains over so many candidates begin.
func begins(candidates, starts int) []int {
	var at []int
	for j := range starts {
		at = append(at, j*candidates/starts)
	}
	return slices.Compact(at)
}

// Grid is a list of thresholds to be tested in its order, from the highest down, instead of
// numbers of accepted rows. It must not depend on the errors of the calibration rows.
type Grid struct {
	Thresholds []float64 // falling; a threshold t accepts confidence >= t
	P          PValue    // BinomialP if nil
	// Starts is the number of fixed sequences: each is tested at delta/Starts.
	Starts int
	// Anywhere begins the sequences among all thresholds; otherwise they begin among those
	// that accept enough rows to pass without an error.
	Anywhere bool
	// Bonferroni tests every threshold by itself at delta over their number, and no
	// sequences.
	Bonferroni bool
}

// LearnThenTestGrid chooses from a grid. AtLeast is then the lowest threshold accepted and
// Above is not set: the rule is confidence >= AtLeast. A grid on the scale of
// probabilities is blind where most confidences are near 1; LearnThenTest is not.
//
// Source: Angelopoulos et al. 2022 (Learn then Test), sections 2.1 and 2.2.
func LearnThenTestGrid(c Curve, risk, delta float64, grid Grid) (Choice, error) {
	if err := Check(risk, delta); err != nil {
		return Choice{}, err
	}
	if !slices.IsSortedFunc(grid.Thresholds, func(a, b float64) int { return sign(b - a) }) {
		return Choice{}, fmt.Errorf("thresholds of a grid fall")
	}
	p, upperOf := grid.P, func(errors, m int, level float64) float64 { return upper(errors, m, level) }
	if p == nil {
		p = BinomialP
	} else {
		upperOf = func(errors, m int, level float64) float64 {
			return largest(func(risk float64) bool { return p(errors, m, risk) > level })
		}
	}
	choice := c.reject()
	choice.Candidates = len(grid.Thresholds)
	passes := func(t float64) bool {
		accepted, errors := c.At(t)
		return accepted > 0 && p(errors, accepted, risk) <= choice.Level
	}
	best := -1
	if grid.Bonferroni {
		choice.Level = delta / float64(len(grid.Thresholds))
		for i, t := range grid.Thresholds {
			if passes(t) {
				best = i
			}
		}
	} else {
		choice.Level = delta / float64(max(1, grid.Starts))
		choice.Need = Need(risk, choice.Level)
		from := 0
		for !grid.Anywhere && from < len(grid.Thresholds) {
			if accepted, _ := c.At(grid.Thresholds[from]); accepted >= choice.Need {
				break
			}
			from++
		}
		for _, first := range begins(len(grid.Thresholds)-from, max(1, grid.Starts)) {
			for i := from + first; i < len(grid.Thresholds) && passes(grid.Thresholds[i]); i++ {
				best = max(best, i)
			}
		}
	}
	if best < 0 {
		return choice, nil
	}
	choice.Feasible, choice.AtLeast, choice.Above = true, grid.Thresholds[best], math.NaN()
	choice.Accepted, choice.Errors = c.At(choice.AtLeast)
	choice.Bound = upperOf(choice.Errors, choice.Accepted, choice.Level)
	return choice, nil
}

// At counts the rows of confidence t and more, and the errors among them.
func (c Curve) At(t float64) (accepted, errors int) {
	g, found := slices.BinarySearchFunc(c.Confidence, t, func(v, t float64) int { return sign(t - v) })
	if !found {
		g--
	}
	if g < 0 {
		return 0, 0
	}
	return c.Accepted[g], c.Errors[g]
}

func sign(v float64) int {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}
