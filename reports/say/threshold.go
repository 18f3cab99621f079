package say

import (
	"fmt"

	"abstain/harness/posthoc/deploy"
	"abstain/reports/words"
)

// Promise says in a sentence what a threshold's method promises. What it says is only true of
// new rows that are like those that chose the threshold.
func Promise(t *deploy.Threshold) string {
	var what string
	switch {
	case t.Loss.ID == "error" && t.Method.Joint:
		what = fmt.Sprintf("at most %s of all new rows are answered and wrong", words.Percent(t.Risk))
	case t.Loss.ID == "error":
		what = fmt.Sprintf("at most %s of the answers on new rows are wrong", words.Percent(t.Risk))
	case t.Method.Joint:
		what = fmt.Sprintf("at most %s of the new rows that count are answered and wrong (%s)", words.Percent(t.Risk), t.Loss.Says(t.Positive))
	default:
		what = fmt.Sprintf("of the new rows that count and are answered at most %s are wrong (%s)", words.Percent(t.Risk), t.Loss.Says(t.Positive))
	}
	n := t.Choice.N
	switch {
	case t.Method.None:
		return fmt.Sprintf("None: %s of %s were wrong among the answered, which is no bound for new ones.",
			words.Percent(t.Choice.Risk()), words.Plural(n, "row"))
	case t.Method.Average:
		return fmt.Sprintf("On average over draws of %s, %s.", words.Plural(n, "labelled row"), what)
	}
	return fmt.Sprintf("With probability %s over the draw of the %s, %s.", words.Percent(1-t.Delta), words.Plural(n, "labelled row"), what)
}

// NotPromised says what the promise must not be taken for.
func NotPromised(t *deploy.Threshold) string {
	text := ""
	switch {
	case t.Method.None:
		return "A threshold at the observed risk breaks its promise in 53 to 99 % of draws (simulated): take it for a description, and --method ltt for a promise."
	case t.Method.Average:
		text = "In about half of the draws the share is larger; and the share of errors among the answers is not bounded. Nor is it"
	case t.Method.Joint:
		text = "The share of errors among the answers is not bounded: few answers may all be wrong. Nor is it"
	case t.Method.ID == "sgr":
		text = "Proved only where risk falls as confidence rises. It is not promised"
	default:
		text = "It is not promised"
	}
	return text + " for rows of another kind (shift), for single groups or classes, or for the best of several models or confidence functions tried on these rows."
}

// Infeasible says that no threshold has the promise, and what these rows could promise at best.
func Infeasible(t *deploy.Threshold) string {
	n, least := t.Choice.N, words.Percent(t.Least)
	text := fmt.Sprintf("no threshold promises that: the least risk that n = %d rows can promise at delta %v is %s", n, t.Delta, least)
	switch {
	case t.Method.None:
		return "no threshold has so small an observed risk"
	case t.Method.Average:
		text = fmt.Sprintf("no threshold promises that: the least risk that n = %d rows can promise on average is %s", n, least)
	}
	if t.Least <= t.Risk {
		return text + ", if all were right; the model's most confident answers are wrong too often"
	}
	return text + ", if all were right"
}

// NothingToJudge says that the threshold was chosen on all rows.
func NothingToJudge(t *deploy.Threshold) string {
	return fmt.Sprintf("No rows are left to judge it: it was chosen on all of split %s. --holdout 0.5 sets half of them aside to choose, and judges on the others.", t.FitRows)
}
