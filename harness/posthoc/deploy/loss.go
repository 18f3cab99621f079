package deploy

import (
	"fmt"
	"strings"

	"abstain/metrics"
)

// Loss is what counts as an error, and on which rows: a share of errors among these, given
// that they are answered. Rows that it does not count take no part in the choice.
type Loss struct {
	ID         string
	Definition string // with %s for the positive class
	Positive   bool   // it needs a positive class
	Answer     bool   // the answer says which rows count: one without an answer does not

	counts func(truth, predicted bool) bool
}

// Losses lists them, the default one first.
func Losses() []Loss {
	return []Loss{
		{ID: "error", Definition: "answers that are wrong"},
		{ID: "false-negative-rate", Positive: true, Definition: "answers on rows of class %s that say another class",
			counts: func(truth, _ bool) bool { return truth }},
		{ID: "false-positive-rate", Positive: true, Definition: "answers on rows of other classes that say class %s",
			counts: func(truth, _ bool) bool { return !truth }},
		{ID: "false-discovery-rate", Positive: true, Answer: true, Definition: "answers that say class %s on rows of other classes",
			counts: func(_, predicted bool) bool { return predicted }},
		{ID: "false-omission-rate", Positive: true, Answer: true, Definition: "answers of other classes on rows of class %s",
			counts: func(_, predicted bool) bool { return !predicted }},
	}
}

// LossNamed finds a loss by its id.
func LossNamed(id string) (Loss, error) {
	var ids []string
	for _, l := range Losses() {
		if l.ID == id {
			return l, nil
		}
		ids = append(ids, l.ID)
	}
	return Loss{}, fmt.Errorf("unknown metric %q to promise; there are %s", id, strings.Join(ids, ", "))
}

// positive is the positive class of a loss: the one asked for, or 1 of two classes.
func (l Loss) positive(asked, classes int) (int, error) {
	switch {
	case !l.Positive && asked >= 0:
		return -1, fmt.Errorf("metric %s has no positive class: leave --positive out", l.ID)
	case !l.Positive:
		return -1, nil
	case asked >= 0 && classes > 0 && asked >= classes:
		return -1, fmt.Errorf("positive class %d: there are classes 0 to %d", asked, classes-1)
	case asked >= 0:
		return asked, nil
	case classes == 2:
		return 1, nil
	}
	return -1, fmt.Errorf("metric %s of %d classes: name the positive one by --positive", l.ID, classes)
}

// of tells whether sample i counts and whether it is an error. An unanswered sample counts
// by its label alone, or not at all where the answer decides.
func (l Loss) of(o *metrics.Outcomes, i, positive int) (counts, wrong bool) {
	if !l.Positive {
		return true, !o.Correct[i]
	}
	truth, predicted := o.Label[i] == int32(positive), o.Prediction[i] == int32(positive)
	return l.counts(truth, predicted), truth != predicted
}

// needs says what the outcomes lack for the loss; nil if nothing.
func (l Loss) needs(o *metrics.Outcomes) error {
	if l.Positive && (o.Label == nil || o.Prediction == nil) {
		return fmt.Errorf("metric %s needs labels and predictions, and the table stores only whether answers are right", l.ID)
	}
	return nil
}

// Says is the definition with the positive class.
func (l Loss) Says(positive int) string {
	if !l.Positive {
		return l.Definition
	}
	return strings.ReplaceAll(l.Definition, "%s", fmt.Sprint(positive))
}
