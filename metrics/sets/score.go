package sets

import (
	"cmp"
	"math"
	"slices"

	"abstain/metrics/stattest"
)

// Score fills dst with a number for every class of every row: how little the
// class fits the row; higher is stranger. dst has the shape of rows; the two do
// not overlap.
type Score func(dst, rows []float64, classes int)

// LAC is 1 - p: the least ambiguous sets, the smallest on average. In [0, 1].
// Source: Sadinle, Lei and Wasserman 2019.
func LAC(dst, rows []float64, _ int) {
	for i, p := range rows {
		dst[i] = 1 - p
	}
}

// Margin is the largest probability of another class minus p, in [-1, 1]; -p if
// there is a single class. Source: Johansson et al. 2017; Löfström et al. 2015.
func Margin(dst, rows []float64, classes int) {
	eachRow(dst, rows, classes, func(dst, row []float64) {
		first := 0
		second := 0.0
		for j, p := range row {
			if p > row[first] {
				first = j
			}
		}
		for j, p := range row {
			if j != first {
				second = max(second, p)
			}
		}
		for j, p := range row {
			if j == first {
				dst[j] = second - p
			} else {
				dst[j] = row[first] - p
			}
		}
	})
}

// APS is the probability of the class and of all classes placed above it, in
// [0, 1] up to rounding: adaptive prediction sets without randomisation, which
// cover at least as much. Source: Romano, Sesia and Candès 2020.
func APS(dst, rows []float64, classes int) { RAPS(0, 0)(dst, rows, classes) }

// RAPS is APS plus penalty for each place after the first free ones. penalty and
// free must be at least 0. Source: Angelopoulos et al. 2021.
func RAPS(penalty float64, free int) Score {
	if !(penalty >= 0) || free < 0 {
		panic("sets: RAPS needs a penalty and a number of free places, neither negative")
	}
	return func(dst, rows []float64, classes int) {
		byPlace(dst, rows, classes, func(place int, above float64) float64 {
			return above + penalty*float64(max(place-free, 0))
		})
	}
}

// TopK is the place of the class, 1 for the largest probability; all sets then
// have one size. Source: Angelopoulos et al. 2021, section 2.
func TopK(dst, rows []float64, classes int) {
	byPlace(dst, rows, classes, func(place int, _ float64) float64 { return float64(place) })
}

// TopKTied is TopK in which equal probabilities share the best of their places.
// No choice between them is made, and a set may hold more than k classes.
func TopKTied(dst, rows []float64, classes int) {
	order := make([]int, classes)
	eachRow(dst, rows, classes, func(dst, row []float64) {
		falling(order, row)
		for k, j := range order {
			dst[j] = float64(k + 1)
			if k > 0 && row[order[k-1]] == row[j] {
				dst[j] = dst[order[k-1]]
			}
		}
	})
}

// byPlace scores each class by its place, counted from 1, and by the sum of the
// probabilities down to it, added from the largest.
func byPlace(dst, rows []float64, classes int, score func(place int, above float64) float64) {
	order := make([]int, classes)
	eachRow(dst, rows, classes, func(dst, row []float64) {
		falling(order, row)
		total := 0.0
		for k, j := range order {
			total += row[j]
			dst[j] = score(k+1, total)
		}
	})
}

// falling fills order with the classes of row by falling probability.
func falling(order []int, row []float64) {
	for j := range order {
		order[j] = j
	}
	slices.SortFunc(order, func(a, b int) int {
		if c := cmp.Compare(row[b], row[a]); c != 0 {
			return c
		}
		return a - b
	})
}

func eachRow(dst, rows []float64, classes int, f func(dst, row []float64)) {
	for from := 0; from < len(rows); from += classes {
		f(dst[from:from+classes], rows[from:from+classes])
	}
}

// OfLabels are the scores of the true classes, in the order of the rows, without
// rows whose label is no class.
func OfLabels(score Score, rows []float64, classes int, label []int32) []float64 {
	checkShape(len(rows), classes, len(label))
	all := make([]float64, len(rows))
	score(all, rows, classes)
	own := make([]float64, 0, len(label))
	for i, l := range label {
		if l >= 0 && int(l) < classes {
			own = append(own, all[i*classes+int(l)])
		}
	}
	return own
}

func checkShape(values, classes, labels int) {
	if classes < 1 || values != labels*classes {
		panic("sets: rows do not have one value per class, or there is not one label per row")
	}
}

// Threshold is the k-th smallest score, k = ceil((n+1)(1-alpha)). With it, sets
// of exchangeable rows hold the true class with probability at least 1 - alpha.
// It is +Inf if k > n: then n scores are too few for this alpha, and every set is
// full. It is NaN if a score is NaN. alpha must lie between 0 and 1, both
// excluded, and is the decimal that it is written as: no rounding moves the rank. Source:
// Vovk, Gammerman and Shafer 2005; Angelopoulos and Bates 2023, section 1.
func Threshold(scores []float64, alpha float64) float64 {
	return smallest(scores, alpha, stattest.ConformalRank(len(scores), alpha))
}

// ThresholdHigher is the quantile of level (n+1)(1-alpha)/n of the n scores by
// the rule "higher": the score at index ceil((n-1) level), counted from 0. MAPIE
// uses this threshold. It is at least Threshold, and at most one score above it.
func ThresholdHigher(scores []float64, alpha float64) float64 {
	n := float64(len(scores))
	if level := (n + 1) * (1 - alpha) / n; level <= 1 {
		return smallest(scores, alpha, ceil((n-1)*level)+1)
	}
	return smallest(scores, alpha, len(scores)+1)
}

// ceil rounds up unless v is a whole number up to rounding.
func ceil(v float64) int { return int(math.Ceil(v - 1e-9)) }

// smallest is the k-th smallest score.
func smallest(scores []float64, alpha float64, k int) float64 {
	if !(alpha > 0 && alpha < 1) {
		panic("sets: alpha must lie between 0 and 1")
	}
	switch {
	case slices.ContainsFunc(scores, math.IsNaN):
		return math.NaN()
	case k > len(scores):
		return math.Inf(1)
	}
	return slices.Sorted(slices.Values(scores))[k-1]
}
