package datasets

import (
	"errors"
	"fmt"
	"math"

	"abstain/datasets/column"
)

// A dialect is a set of names for the columns of a score table.
type dialect struct {
	label, prediction, confidence string
	// binary says that there are two classes, 0 and 1, and that only the values
	// tell what the confidence column means.
	binary bool
}

// dialects are tried in order; the first whose columns are all in the table is
// taken.
var dialects = []dialect{
	{label: "label", prediction: "prediction", confidence: "confidence"},
	{label: "y_true", prediction: "y_pred", confidence: "score", binary: true}, // scikit-learn's words
	{label: "label", prediction: "pred", confidence: "score"},
	{label: "label", prediction: "prediction", confidence: "score"},
	{label: "label", prediction: "pred", confidence: "confidence"},
}

// meaning is what a confidence column says. Tables with the columns y_true, y_pred
// and score come from libraries for two classes, in which a score may be any of the
// last three. No name tells them apart, but the values beside y_pred do:
//
//   - a probability of class 1 lies in [0, 1], and nowhere lower where y_pred is 1
//     than where it is 0. The threshold between is usually 0.5; another one is noted.
//     Trust is the probability of the class predicted.
//   - a largest probability lies in [0.5, 1], also where y_pred is 0, where that of
//     class 1 would be at most 0.5. It is the trust.
//   - a decision value, as of a support vector machine, leaves [0, 1], and is
//     positive where y_pred is 1 and negative where it is 0. Trust is its absolute
//     value, which is no probability whatever its range.
//
// What is none of these is refused: any guess would give numbers that look right.
type meaning uint8

const (
	trust         meaning = iota // higher is more trusted, for every prediction
	unknown                      // one of the following, not yet decided
	positive                     // the probability of class 1
	largest                      // the probability of the class predicted
	decisionValue                // its sign is the prediction
)

// takeScore finds a confidence column, and the columns that tell whether the
// prediction is right.
func (r *recogniser) takeScore() (err error) {
	if r.schema.Kind != 0 {
		return nil
	}
	r.schema.Kind = Score
	for _, d := range dialects {
		if r.has(d.label, d.prediction, d.confidence) {
			return r.takeDialect(d)
		}
	}
	if r.has("correct", "confidence") {
		return r.takeDialect(dialect{label: "label", prediction: "prediction", confidence: "confidence"})
	}
	return r.unrecognised()
}

func (r *recogniser) has(names ...string) bool {
	for _, n := range names {
		if _, ok := r.byName[n]; !ok {
			return false
		}
	}
	return true
}

func (r *recogniser) takeDialect(d dialect) (err error) {
	if r.label, err = r.takeLabel(d.label); err != nil {
		return err
	}
	if r.prediction, err = r.take(d.prediction, "predictions are integers", column.Int); err != nil {
		return err
	}
	if r.correct, err = r.take("correct", "it says yes or no", column.Bool, column.Int); err != nil {
		return err
	}
	r.confidence, err = r.take(d.confidence, "a confidence is a float", column.Float64, column.Float32)
	r.schema.Column = d.confidence
	if d.binary {
		r.meaning, r.schema.Classes = unknown, 2
	}
	return err
}

// unrecognised says what is missing to make this a prediction table.
func (r *recogniser) unrecognised() error {
	e := &column.Error{Row: -1}
	predicted := r.has("prediction") || r.has("pred") || r.has("y_pred")
	switch uncertain := r.uncertainty(); {
	case r.has("confidence") && r.has("prediction"):
		e.Column, e.Err = "label", errors.New("is missing, so nothing says whether a prediction is right")
		e.Hint = "add label (the true class) or correct (0 or 1); found: " + r.found()
	case r.has("confidence"):
		e.Err = errors.New("a confidence, but neither label and prediction nor correct")
		e.Hint = "add label and prediction, or correct (0 or 1); found: " + r.found()
	case uncertain != "" && (predicted || r.has("correct")):
		e.Column, e.Err = uncertain, errors.New("is larger where trust is less, but a confidence is larger where trust is more")
		e.Hint = fmt.Sprintf("add a column confidence: -%s, or 1-%s if it is the probability of being wrong", uncertain, uncertain)
	case r.has("y_true") && (r.has("y_score") || r.has("y_prob") || r.has("score")) && !predicted:
		e.Column, e.Err = "y_pred", errors.New("is missing, so nothing says which class was predicted")
		e.Hint = "if the score is the probability of class 1 of two, store the columns p0 (one minus it) and p1 in its place, or add y_pred and call it score"
	case r.has("model"):
		e.Err = fmt.Errorf("%w: a table with one row per model, not per sample", errNoTable)
		e.Hint = "tables of results are not evaluated; give the stored predictions instead"
	default:
		e.Err = fmt.Errorf("%w: no column logits, probs or confidence", errNoTable)
		e.Hint = "class columns may also be l0, l1, ... or p0, p1, ..., counted from 0; found: " + r.found()
	}
	return e
}

// uncertainty finds a column whose name says that it is the opposite of a
// confidence; "" if there is none.
func (r *recogniser) uncertainty() string {
	for _, name := range []string{"uncertainty", "entropy", "variance"} {
		if r.has(name) {
			return name
		}
	}
	return ""
}

// span is the range of the scores of the rows with one prediction.
type span struct {
	low, high float64
	rows      int
}

func (s *span) add(v float64) {
	if s.rows == 0 {
		s.low, s.high = v, v
	}
	s.low, s.high, s.rows = min(s.low, v), max(s.high, v), s.rows+1
}

// within reports whether all scores lie between two values, up to the rounding of
// float32. It is true if there are no scores.
func (s *span) within(low, high float64) bool {
	const slack = 1e-6
	return s.rows == 0 || s.low >= low-slack && s.high <= high+slack
}

func (s *span) String() string {
	if s.rows == 0 {
		return "nowhere"
	}
	return fmt.Sprintf("in %.4g..%.4g", s.low, s.high)
}

// interpret decides what the score of a binary dialect means, which needs a pass
// of its own over its columns. It does nothing for other tables.
func (r *tableReader) interpret() error {
	if r.layout.meaning != unknown {
		return nil
	}
	source, err := r.again()
	if err != nil {
		return r.fail(err)
	}
	defer source.Close()
	scores := &tableReader{table: r.table, source: source, layout: r.layout.binary()}
	scores.table.Rows = -1 // the main pass counts them
	if err := source.Select(scores.layout.want); err != nil {
		return r.fail(err)
	}
	var predicted [2]span
	for b, err := range scores.Batches() {
		if err == nil {
			err = r.checkBinary(b, &predicted)
		}
		if err != nil {
			return err
		}
	}
	return r.decide(predicted[0], predicted[1])
}

// binary is a layout with only the columns that tell what a score means.
func (l *layout) binary() *layout {
	s := &layout{id: -1, label: 0, prediction: 1, correct: -1, confidence: 2, schema: Schema{Kind: Score}}
	for _, i := range []int{l.label, l.prediction, l.confidence} {
		s.want, s.names = append(s.want, l.want[i]), append(s.names, l.names[i])
	}
	return s
}

// checkBinary checks that a batch has only two classes, and widens the spans of
// the scores of each prediction.
func (r *tableReader) checkBinary(b *Batch, predicted *[2]span) error {
	const hint = "y_true, y_pred and score are read as those of two classes, 0 and 1; for more, call the columns label, prediction and confidence"
	for i, p := range b.Prediction {
		e := &column.Error{Row: b.First + i, Hint: hint}
		switch l := b.Label[i]; {
		case l < -1 || l > 1:
			e.Column, e.Err = r.layout.names[r.layout.label], fmt.Errorf("%d is neither 0 nor 1", l)
			return r.fail(e)
		case p != 0 && p != 1:
			e.Column, e.Err = r.layout.names[r.layout.prediction], fmt.Errorf("%d is neither 0 nor 1", p)
			return r.fail(e)
		}
		if v := b.Confidence[i]; !math.IsNaN(v) { // a bad row is reported by the main pass
			predicted[p].add(v)
		}
	}
	return nil
}

// decide sets the meaning of the score, given the spans of the rows predicted as
// 0 and as 1.
func (r *tableReader) decide(zero, one span) error {
	l, name := r.layout, r.layout.schema.Column
	outside := !zero.within(0, 1) || !one.within(0, 1)
	note := func(format string, args ...any) {
		l.notes = append(l.notes, fmt.Sprintf("column %q is read as "+format, append([]any{name}, args...)...))
	}
	switch {
	case outside && zero.within(math.Inf(-1), 0) && one.within(0, math.Inf(1)):
		l.meaning = decisionValue
		l.schema.Meta["score_kind"] = "margin"
		note("a decision value, since it leaves 0..1 and has the sign of the prediction: trust is its absolute value, which is no probability")
	case outside:
		return r.unclear(zero, one)
	case zero.within(0, 0.5) && one.within(0.5, 1):
		l.meaning = positive
	case zero.within(0.5, 1) && one.within(0.5, 1):
		l.meaning = largest
		note("the largest probability, since it is never below 0.5 where the prediction is 0: it is the trust in both classes")
	case zero.rows == 0 || one.rows == 0 || zero.high <= one.low:
		l.meaning = positive
		note("the probability of class 1, with a threshold other than 0.5: it lies %v where the prediction is 0 and %v where it is 1", &zero, &one)
	default:
		return r.unclear(zero, one)
	}
	return nil
}

// unclear is the error for a score whose values do not tell what it means.
func (r *tableReader) unclear(zero, one span) error {
	e := column.Errorf(r.layout.schema.Column, -1, "lies %v where the prediction is 0 and %v where it is 1: neither the probability of class 1, "+
		"nor a largest probability, nor a decision value", &zero, &one)
	e.Hint = "what does it mean? If higher is more trusted, call the columns label, prediction and confidence; if it is a probability, store p0 and p1 in its place"
	if one.within(0, 0.5) && zero.within(0.5, 1) {
		e.Hint = "is it the probability of class 0? Then store it as p0, and one minus it as p1"
	}
	return r.fail(e)
}

// trustPrediction turns scores into the trust in the predictions.
func (r *tableReader) trustPrediction() {
	for row, p := range r.batch.Prediction {
		switch v := r.batch.Confidence[row]; {
		case r.layout.meaning == decisionValue:
			r.batch.Confidence[row] = math.Abs(v)
		case r.layout.meaning == positive && p == 0:
			r.batch.Confidence[row] = 1 - v
		}
	}
}
