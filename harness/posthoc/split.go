package posthoc

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Holdout marks a share of the samples of every class, drawn by the seed: round
// (share * n) of all n with a label, as even over the classes as whole numbers
// allow. Samples of label -1 are not drawn. It depends only on the labels in
// their order, so that models over the same samples share it.
func Holdout(label []int32, share float64, seed uint64) []bool {
	held := make([]bool, len(label))
	seen := 0
	for _, members := range shuffled(label, seed) {
		from, to := math.Round(share*float64(seen)), math.Round(share*float64(seen+len(members)))
		for _, i := range members[:min(int(to-from), len(members))] {
			held[i] = true
		}
		seen += len(members)
	}
	return held
}

// Folds assigns each sample to one of k folds, drawn by the seed, whose sizes
// differ by at most one in all and within each class; -1 where the label is -1.
func Folds(label []int32, k int, seed uint64) []int16 {
	fold := make([]int16, len(label))
	for i := range fold {
		fold[i] = -1
	}
	next := 0
	for _, members := range shuffled(label, seed) {
		for _, i := range members {
			fold[i] = int16(next % k)
			next++
		}
	}
	return fold
}

// shuffled lists the samples of each class, classes rising, in an order drawn by
// the seed for every class by itself.
func shuffled(label []int32, seed uint64) [][]int32 {
	of := map[int32][]int32{}
	var classes []int32
	for i, l := range label {
		if l < 0 {
			continue
		}
		if of[l] == nil {
			classes = append(classes, l)
		}
		of[l] = append(of[l], int32(i))
	}
	slices.Sort(classes)
	var lists [][]int32
	for _, c := range classes {
		rng := rand.New(rand.NewPCG(seed, uint64(c)))
		rng.Shuffle(len(of[c]), func(a, b int) { of[c][a], of[c][b] = of[c][b], of[c][a] })
		lists = append(lists, of[c])
	}
	return lists
}
