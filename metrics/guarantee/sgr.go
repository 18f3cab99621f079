package guarantee

import (
	"cmp"
	"math/bits"
	"slices"
)

// SGR chooses the threshold of largest coverage whose selective risk on new rows is at most
// the given one with probability 1 - delta, by a binary search for it. It searches only the
// ends of blocks of equal confidence that accept enough rows to pass at all, by at most k
// tests, each at delta/k, and returns the last that passed; where k tests cannot search all
// of these, it leaves out those of fewest rows, and k is the number of tests that searches
// most. All this depends on the confidences alone. The promise is proved where the true
// risk falls as confidence rises: then only one path of the search leads to a threshold
// with too much risk. The error is that of Check.
//
// Source: Geifman and El-Yaniv 2017, algorithm 1 (SGR). That one searches among all
// numbers of rows, so that it tries too few to pass when there are less than some hundred,
// and returns the last threshold tried, which need not have passed; see SGRVariant.
func SGR(c Curve, risk, delta float64) (Choice, error) {
	if err := Check(risk, delta); err != nil {
		return Choice{}, err
	}
	choice := c.reject()
	// Fewer tests need fewer rows each, but search fewer places.
	first := len(c.Accepted)
	for k := 1; k <= 30; k++ {
		need := Need(risk, delta/float64(k))
		enough := len(c.Accepted) - c.at(need)
		if candidates := min(enough, 1<<k-1); candidates > choice.Candidates || k == 1 {
			choice.Candidates, choice.Need, choice.Level = candidates, need, delta/float64(k)
			first = len(c.Accepted) - candidates
		}
	}
	if choice.Candidates == 0 {
		return choice, nil
	}
	best := -1
	for low, high := first, len(c.Accepted); low < high; {
		g := (low + high) / 2
		passed := BinomialP(c.Errors[g], c.Accepted[g], risk) <= choice.Level
		choice.Trace = append(choice.Trace, Trial{g - first + 1, c.Accepted[g], c.Errors[g], passed})
		if passed {
			best, low = g, g+1
		} else {
			high = g
		}
	}
	if best < 0 {
		return choice, nil
	}
	return c.accept(choice, best), nil
}

// SGRVariant is one of the forms in which SGR is found.
type SGRVariant uint8

const (
	// SGRRows searches all n numbers of accepted rows and none, with ceil(log2(n+1)) tests,
	// and returns the last threshold that passed.
	SGRRows SGRVariant = iota
	// SGRBlocks is that over the ends of blocks of equal confidence.
	SGRBlocks
	// SGRPaper is algorithm 1 to the letter: ceil(log2 n) tests, and the threshold tried
	// last, whether or not it passed.
	SGRPaper
	// SGRPaperPassed is the same with the threshold that passed last.
	SGRPaperPassed
)

// SGRAs runs a variant of SGR, to compare with. Any risk in [0, 1] is allowed. passed
// says whether the bound of the answer met the risk, which that of SGRPaper need not.
func SGRAs(variant SGRVariant, c Curve, risk, delta float64) (choice Choice, passed bool) {
	choice = c.reject()
	n := c.N()
	if variant == SGRBlocks {
		n = len(c.Accepted)
	}
	steps := bits.Len(uint(n)) // ceil(log2(n+1))
	paper := variant == SGRPaper || variant == SGRPaperPassed
	if paper {
		steps = 0
		if n > 1 {
			steps = bits.Len(uint(n - 1)) // ceil(log2 n)
		}
	}
	if steps == 0 {
		return choice, false
	}
	choice.Level, choice.Candidates = delta/float64(steps), n
	best, last := -1, -1
	low, high := 0, n+1
	if paper {
		low, high = 1, n
	}
	for i := 0; i < steps && (paper || high-low > 1); i++ {
		z := (low + high + 1) / 2 // the z-th smallest confidence is the threshold
		g := n - z
		if variant != SGRBlocks {
			g = c.at(n - z + 1)
		}
		errors, m := c.Errors[g], c.Accepted[g]
		ok := BinomialP(errors, m, risk) <= choice.Level
		if paper {
			ok = BinomialP(errors, m, risk) < choice.Level // its bound is below the risk
		}
		choice.Trace = append(choice.Trace, Trial{z, m, errors, ok})
		last = g
		if ok {
			best, high = g, z
		} else {
			low = z
		}
	}
	if variant == SGRPaper {
		best = last
	}
	if best < 0 {
		return choice, false
	}
	choice = c.accept(choice, best)
	return choice, !paper || BinomialP(choice.Errors, choice.Accepted, risk) < choice.Level
}

// LeastRiskSGR is the least risk that SGR can promise by n rows of different confidence,
// if all are right: that of a single threshold, with as few tests as one.
func LeastRiskSGR(n int, delta float64) float64 { return LeastRisk(n, delta, 1) }

// SGRPublished is what the program published with the paper returns, to compare with: it
// splits rows of equal confidence in the order given, drops an error where the product of
// their share and number rounds down, and returns the threshold tried last, which accepts
// more rows than were judged if some tie with it. Accepted and Errors are those of the
// threshold, Bound is that of the rows judged. There is none of a single row.
//
// Source: Geifman and El-Yaniv 2017, code.
func SGRPublished(confidence []float64, correct []bool, risk, delta float64) (choice Choice, passed bool) {
	curve := CurveOf(confidence, correct)
	choice = curve.reject()
	n := len(confidence)
	if n < 2 {
		return choice, false
	}
	rows := make([]int, n) // rising
	for i := range rows {
		rows[i] = i
	}
	slices.SortStableFunc(rows, func(a, b int) int { return cmp.Compare(confidence[a], confidence[b]) })
	steps := bits.Len(uint(n - 1))
	choice.Level = delta / float64(steps)
	low, high, mid := 0, n-1, 0
	for range steps + 1 {
		mid = (low + high + 1) / 2
		wrong, m := 0, n-mid
		for _, i := range rows[mid:] {
			if !correct[i] {
				wrong++
			}
		}
		judged := int(float64(m) * (float64(wrong) / float64(m)))
		choice.Bound = upper(judged, m, choice.Level)
		passed = choice.Bound < risk // solved to the last bits, as there
		choice.Trace = append(choice.Trace, Trial{mid, m, wrong, passed})
		if passed {
			high = mid
		} else {
			low = mid
		}
	}
	bound := choice.Bound
	choice = curve.accept(choice, curve.at(n-mid))
	choice.Bound = bound
	return choice, passed
}
