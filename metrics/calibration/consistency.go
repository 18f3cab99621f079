package calibration

import (
	"math"
	"math/rand/v2"
)

// ConsistencyP is a p-value of the calibration error over equal-width bins, those
// of ece, under the hypothesis that every sample is right with the probability
// its confidence says (consistency resampling of Bröcker and Smith 2007): the
// share, (1 + k) / (1 + replicates), of replicates that draw correctness anew and
// have an error at least as large as the samples'. The draws follow from the
// seed. Samples come in any order. It is NaN without samples. It panics if the
// slices differ in length, on a confidence of NaN, and for bins or replicates
// below 1.
func ConsistencyP(confidence []float64, correct []bool, bins, replicates int, seed uint64) float64 {
	if bins < 1 || replicates < 1 {
		panic("calibration: consistency resampling needs a bin and a replicate")
	}
	if len(confidence) == 0 {
		return math.NaN()
	}
	p := rising(confidence, correct)
	// The mean confidence of a bin stays as it is; only counts are drawn.
	own := p.bins(Options{Bins: bins})
	least := normL1(own, p.n())
	drawn := make([]Bin, bins)
	rng := rand.New(rand.NewPCG(seed, 0))
	const rounding = 1e-12 // the same error may come from other bins
	reached := 0
	for range replicates {
		from := 0
		for k := range own {
			drawn[k] = own[k]
			drawn[k].Right = 0
			for _, c := range p.confidence[from : from+own[k].N] {
				if rng.Float64() < c {
					drawn[k].Right++
				}
			}
			from += own[k].N
		}
		if normL1(drawn, p.n()) >= least-rounding {
			reached++
		}
	}
	return float64(1+reached) / float64(1+replicates)
}
