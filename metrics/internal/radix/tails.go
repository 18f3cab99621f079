package radix

import (
	"cmp"
	"math"
	"slices"
)

// TailKeys returns sort keys for values that rounding has made equal, given the
// tail: what rounding lost of each value. The keys are the values, raised by as
// few units in the last place as are needed to separate rows that differ in
// (value, tail). They stay on the scale of the values, so they can be compared
// with the keys of another table up to that rounding. It returns nil if the
// values are in the right order by themselves.
func TailKeys(value, tail []float64) []float64 {
	order := FallingAll(value)
	if !splitTies(order, value, tail) {
		return nil
	}
	keys := make([]float64, len(value))
	floor := math.Inf(-1)
	for j := len(order) - 1; j >= 0; j-- {
		i := order[j]
		if j+1 < len(order) && value[order[j+1]] == value[i] && tail[order[j+1]] == tail[i] {
			keys[i] = floor
			continue
		}
		keys[i] = math.Max(value[i], math.Nextafter(floor, math.Inf(1)))
		floor = keys[i]
	}
	return keys
}

// splitTies sorts each run of equal values by falling tail, and reports whether
// any run had more than one tail.
func splitTies(order []int32, value, tail []float64) bool {
	split := false
	for from, to := 0, 0; from < len(order); from = to {
		for to = from + 1; to < len(order) && value[order[to]] == value[order[from]]; to++ {
		}
		run := order[from:to]
		slices.SortStableFunc(run, func(a, b int32) int { return cmp.Compare(tail[b], tail[a]) })
		split = split || tail[run[0]] != tail[run[len(run)-1]]
	}
	return split
}
