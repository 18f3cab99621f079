package calibration

import (
	"math"

	"abstain/metrics/internal/sums"
)

// Decomposition is a mean score of confidences, decomposed by recalibrating
// them as well as an increasing function of confidence can:
// Score = Miscalibration - Discrimination + Uncertainty (CORP of Dimitriadis,
// Gneiting and Jordan 2021), and Score = Miscalibration + Recalibrated
// (calibration and refinement).
type Decomposition struct {
	Score        float64 // mean score of the confidences
	Recalibrated float64 // mean score after isotonic recalibration on the same samples: the refinement part
	Uncertainty  float64 // mean score if every confidence is the accuracy
}

// Miscalibration is how much recalibration improves the score, at least 0.
func (d Decomposition) Miscalibration() float64 { return max(0, d.Score-d.Recalibrated) }

// Discrimination is how much distinguishing the samples improves the score, at
// least 0.
func (d Decomposition) Discrimination() float64 { return max(0, d.Uncertainty-d.Recalibrated) }

// DecomposeBrier decomposes the mean squared error of confidence, 0 to 1.
// Samples come in any order. All fields are NaN without samples. It panics if
// the slices differ in length, and on a confidence of NaN.
func DecomposeBrier(confidence []float64, correct []bool) Decomposition {
	return rising(confidence, correct).decompose(squaredError, func(right, n int) float64 {
		return float64(right) * (float64(n-right) / float64(n))
	})
}

// DecomposeLog decomposes the mean log score of confidence, in nats: -ln c of
// the samples that are right and -ln (1 - c) of the others. Score is infinite if
// a right sample has confidence 0 or a wrong one 1. Otherwise as DecomposeBrier.
func DecomposeLog(confidence []float64, correct []bool) Decomposition {
	return rising(confidence, correct).decompose(logScore, func(right, n int) float64 {
		return float64(n) * entropyOf(right, n)
	})
}

// squaredError is the Brier score of one confidence.
func squaredError(c float64, right bool) float64 {
	if right {
		c = 1 - c
	}
	return float64(c * c)
}

// logScore is the log score of one confidence.
func logScore(c float64, right bool) float64 {
	c = min(c, 1)
	if right {
		return -math.Log(c)
	}
	return -math.Log1p(-c)
}

// entropyOf is the entropy, in nats, of right among n.
func entropyOf(right, n int) float64 {
	if right == 0 || right == n {
		return 0
	}
	p := float64(right) / float64(n)
	return -float64(p*math.Log(p)) - float64((1-p)*math.Log1p(-p))
}

// decompose scores the samples, and the blocks of the isotonic regression. of is
// the summed score of n samples, of which some are right, when their confidence
// is their accuracy.
func (p pairs) decompose(score func(float64, bool) float64, of func(right, n int) float64) Decomposition {
	if p.n() == 0 {
		return Decomposition{math.NaN(), math.NaN(), math.NaN()}
	}
	var raw, pooled sums.Sum
	all := block{}
	for j, c := range p.confidence {
		raw.Add(score(c, p.correct[j]))
	}
	for _, b := range p.isotonic() {
		pooled.Add(of(b.right, b.n))
		all.n, all.right = all.n+b.n, all.right+b.right
	}
	n := float64(p.n())
	return Decomposition{raw.Value() / n, pooled.Value() / n, of(all.right, all.n) / n}
}

// block is a run of samples that isotonic regression gives one accuracy.
type block struct{ n, right int }

// isotonic pools groups of equal confidence until their accuracies rise (pool
// adjacent violators). Counts are compared exactly.
func (p pairs) isotonic() []block {
	var blocks []block
	from := 0
	for _, end := range p.groups() {
		b := block{n: end - from}
		for j := from; j < end; j++ {
			if p.correct[j] {
				b.right++
			}
		}
		for k := len(blocks) - 1; k >= 0 && blocks[k].right*b.n >= b.right*blocks[k].n; k-- {
			b.n, b.right = b.n+blocks[k].n, b.right+blocks[k].right
			blocks = blocks[:k]
		}
		blocks = append(blocks, b)
		from = end
	}
	return blocks
}
