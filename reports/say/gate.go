package say

import (
	"fmt"

	"abstain/harness/gate"
	"abstain/reports/words"
)

// Breach says what failed: gate, model, metric, value, interval and bound.
func Breach(b gate.Breach) string {
	g := b.Gate
	text := fmt.Sprintf("gate '%s': %s: %s ", g, b.Model, g.Measure.Label())
	switch {
	case !g.Compares():
		return text + words.Estimate(b.Estimate) + fmt.Sprintf(", bound %v", g.Bound)
	case g.Verdict != "":
		return text + words.Difference(b.Estimate) + " against " + b.Against + ", " + words.PValue(b.P)
	}
	return text + words.Difference(b.Estimate) + " against " + b.Against + fmt.Sprintf(", bound %v", g.Bound)
}

// Unjudged says for which model a gate could not be judged.
func Unjudged(u gate.Unjudged) string {
	return fmt.Sprintf("gate '%s': %s: undefined, so not judged", u.Gate, u.Model)
}
