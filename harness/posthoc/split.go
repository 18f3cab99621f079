package posthoc

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Holdout marks a share of the samples of every class, chosen at random by the
// seed: round(share * n) of all n samples with a label, spread over the classes
// as evenly as whole numbers allow. Samples of label -1 are not chosen. The
// result depends only on the labels in their order, so models with the same
// samples get the same holdout.
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

// Folds assigns each sample to one of k folds, at random by the seed. The sizes
// of the folds differ by at most one, in all and within each class. Samples of
// label -1 get -1.
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

// shuffled lists the samples of each class, by rising class, in a random order;
// the seed is used for every class separately.
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
