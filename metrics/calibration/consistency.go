package calibration

import (
	"math"
	"math/rand/v2"
)

// ConsistencyP is a p-value of the calibration error over equal-width bins (the
// metric ece). The hypothesis is that every sample is right with the probability
// that its confidence says (consistency resampling of Bröcker and Smith 2007). In
// each replicate, correctness is drawn at random with these probabilities; k of
// the replicates have an error at least as large as the samples', and the p-value
// is (1 + k) / (1 + replicates). The seed fixes the replicates. Samples come in
// any order. The result is NaN without samples. It panics if the slices differ in
// length, if a confidence is NaN, and if bins or replicates is below 1.
func ConsistencyP(confidence []float64, correct []bool, bins, replicates int, seed uint64) float64 {
	if bins < 1 || replicates < 1 {
		panic("calibration: consistency resampling needs a bin and a replicate")
	}
	if len(confidence) == 0 {
		return math.NaN()
	}
	p := rising(confidence, correct)
	// The mean confidence of a bin stays the same; only the count of right
	// samples is random.
	own := p.bins(Options{Bins: bins})
	least := normL1(own, p.n())
	replicate := make([]Bin, bins)
	rng := rand.New(rand.NewPCG(seed, 0))
	const rounding = 1e-12 // an equal error may differ in its last digits
	reached := 0
	for range replicates {
		from := 0
		for k := range own {
			replicate[k] = own[k]
			replicate[k].Right = 0
			for _, c := range p.confidence[from : from+own[k].N] {
				if rng.Float64() < c {
					replicate[k].Right++
				}
			}
			from += own[k].N
		}
		if normL1(replicate, p.n()) >= least-rounding {
			reached++
		}
	}
	return float64(1+reached) / float64(1+replicates)
}
