package results

import (
	"fmt"
	"math"

	"abstain/metrics/stattest"
)

// ChanceLevel is the level of the test that tells a broken record from one that
// is better than guessing.
const ChanceLevel = 0.01

// leastGain is the least share of the way from guessing to certainty that a
// record must reach where the number of samples is unknown.
const leastGain = 0.01

// AtChance says why a record with this accuracy is broken: its model does no
// better than guessing one of the classes, as a network does whose weights were
// not loaded, and nothing follows from its confidences. The reason is "" if the
// record is kept.
//
// Where the number of samples n is known, the rule is the exact one-sided
// binomial test at ChanceLevel: a record is kept if the probability that guessing
// reaches its accuracy is below that level. Where n is 0 (unknown), a record is
// kept if its accuracy lies more than 1 % of the way from 1/classes to 1. If
// fewer than two classes are known, or the accuracy is NaN, there is nothing to
// judge by and the record is kept.
func AtChance(accuracy float64, n, classes int) (reason string) {
	if classes < 2 || math.IsNaN(accuracy) {
		return ""
	}
	chance := 1 / float64(classes)
	if n <= 0 {
		if accuracy > chance+leastGain*(1-chance) {
			return ""
		}
		return fmt.Sprintf("accuracy %.4g is not above chance (1/%d; n is not known)", accuracy, classes)
	}
	right := math.Round(accuracy * float64(n))
	p := 1.0 // probability that guessing gets at least as many right
	if right > 0 {
		p = stattest.BetaRatio(chance, right, float64(n)-right+1)
	}
	if p < ChanceLevel {
		return ""
	}
	return fmt.Sprintf("accuracy %.4g is not above chance (1/%d; n = %d, binomial p = %.2g)", accuracy, classes, n, p)
}
