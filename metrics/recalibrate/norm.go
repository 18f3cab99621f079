package recalibrate

import (
	"errors"
	"fmt"
	"math"

	"abstain/metrics/rowstat"
)

// PNorm fills dst with one confidence per row: the largest logit divided by the
// p-norm of the row, after the row's mean was taken off its logits. p = 0 leaves
// the division out; otherwise p must be positive. It lies in [0, 1] for p > 0; a
// row of equal logits has 0. A row with an infinite or NaN logit gives NaN. For
// two classes and p > 0 it is the same for all rows, exactly. Source: Cattelan
// and Silva 2024, section 4.2.
func PNorm(dst, logits []float64, classes int, p float64) {
	if !(p >= 0) {
		panic("recalibrate: the norm of logits needs p >= 0")
	}
	for i := range dst {
		dst[i] = rowstat.MaxOverNorm(logits[i*classes:(i+1)*classes], p)
	}
}

// LogitMargin fills dst with one confidence per row: the largest logit less the
// second largest, 0 where they tie, +Inf for a single class. Source: Cattelan and
// Silva 2024, section 2.3 ("margin of logits").
func LogitMargin(dst, logits []float64, classes int) {
	for i := range dst {
		first, second := math.Inf(-1), math.Inf(-1)
		for _, z := range logits[i*classes : (i+1)*classes] {
			if z > first {
				first, second = z, first
			} else {
				second = max(second, z)
			}
		}
		dst[i] = first - second
	}
}

// Norm is a confidence for ranking: the largest logit over the p-norm of the
// centred logits, or the largest softmax probability unless some p does better.
type Norm struct {
	P        float64 // meaningless with Fallback
	Fallback bool
	Loss     float64 // on the rows fitted on
}

// FitNorm chooses from the given p, rising say, the one whose confidences have
// the least loss, the first among equals; or the fallback if no p has less loss
// than that. loss gets one confidence per row, and only their order matters: for the
// fallback it is minus the odds of the prediction being wrong, or where they would
// underflow minus their logarithm, which orders like the largest probability. The AURC is the usual loss, and
// 0 to 9 the usual p. It is an error if a logit is not finite, or every loss is
// NaN. Source: Cattelan and Silva 2024, section 4.2 and algorithm 1.
func FitNorm(logits []float64, classes int, ps []float64, loss func(confidence []float64) float64) (Norm, error) {
	for i, z := range logits {
		if math.IsNaN(z) || math.IsInf(z, 0) {
			return Norm{}, fmt.Errorf("recalibrate: row %d, class %d: logit %v has no norm: leave such rows out", i/classes, i%classes, z)
		}
	}
	best := Norm{Fallback: true, Loss: math.Inf(1)}
	confidence := make([]float64, len(logits)/classes)
	for _, p := range ps {
		PNorm(confidence, logits, classes, p)
		if v := loss(confidence); v < best.Loss {
			best = Norm{P: p, Loss: v}
		}
	}
	Norm{Fallback: true}.Apply(confidence, logits, classes)
	if v := loss(confidence); v <= best.Loss {
		best = Norm{Fallback: true, Loss: v}
	}
	if math.IsInf(best.Loss, 1) {
		return Norm{}, errors.New("recalibrate: the loss is undefined for every norm: give calibration rows for which it is defined")
	}
	return best, nil
}

// Apply fills dst with one confidence per row, for ranking only.
func (n Norm) Apply(dst, logits []float64, classes int) {
	if !n.Fallback {
		PNorm(dst, logits, classes, n.P)
		return
	}
	for i := range dst {
		dst[i] = sureness(logits[i*classes:(i+1)*classes], 1)
	}
}
