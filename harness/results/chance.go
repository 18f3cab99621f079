package results

import (
	"fmt"
	"math"

	"abstain/metrics/stattest"
)

// ChanceLevel is the level of the test by which a record counts as broken.
const ChanceLevel = 0.01

// leastGain is the share of the way from guessing to certainty that a record has
// to make up where the number of samples is not known.
const leastGain = 0.01

// AtChance reports why a record with this accuracy is broken: it does no better
// than guessing one of the classes, as a network does whose weights were not
// loaded, so that nothing follows from its confidences. Where the number of
// samples is known the rule is the exact one-sided binomial test at ChanceLevel:
// a record is kept if guessing would reach its accuracy with a smaller
// probability. Where n is 0 (unknown) it is kept if its accuracy makes up more
// than 1 % of the way from 1/classes to 1. The reason is "" if the record is kept,
// and where fewer than two classes are known or the accuracy is NaN: then there is
// nothing to judge by.
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
	p := 1.0 // of as many or more right by guessing
	if right > 0 {
		p = stattest.BetaRatio(chance, right, float64(n)-right+1)
	}
	if p < ChanceLevel {
		return ""
	}
	return fmt.Sprintf("accuracy %.4g is not above chance (1/%d; n = %d, binomial p = %.2g)", accuracy, classes, n, p)
}
