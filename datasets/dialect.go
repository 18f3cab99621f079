package datasets

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/datasets/column"
)

// meaning says what a confidence column means. A column called confidence, or by another
// word for it, is the trust in the prediction. Tables with columns such as y_true, y_pred
// and score come from libraries for two classes, in which a score may be any of the
// last three meanings. The names are the same, but the values, compared with y_pred,
// tell which it is:
//
//   - A probability of class 1 lies in [0, 1]. All scores of rows with y_pred 1 are at
//     least as large as those of rows with y_pred 0. The threshold between them is
//     usually 0.5; another one is noted. Trust is the probability of the predicted class.
//   - A largest probability lies in [0.5, 1], also where y_pred is 0; there the
//     probability of class 1 would be at most 0.5. It is the trust itself.
//   - A decision value, as of a support vector machine, is not limited to [0, 1]. It is
//     positive where y_pred is 1 and negative where it is 0. Trust is its absolute
//     value, which is no probability, whatever its range.
//
// A score that is none of these is refused: any guess would give numbers that look
// right.
type meaning uint8

const (
	trust         meaning = iota // higher is more trusted, for every prediction
	unknown                      // one of the following, not yet decided
	positive                     // the probability of class 1
	largest                      // the probability of the class predicted
	decisionValue                // its sign is the prediction
)

// takeScore finds a confidence column, and the columns that tell whether the
// prediction is right. A score alone, beside labels, is that of class 1 of two.
func (r *recogniser) takeScore() error {
	if r.schema.Kind != 0 {
		return nil
	}
	r.schema.Kind = Score
	judged := r.may(correctPart) || r.may(labelPart) && r.may(predictionPart)
	if judged && r.may(confidencePart) {
		return r.takeScoreTable(confidencePart)
	}
	if judged && !r.alone() {
		if score, ok := r.score(); ok {
			return r.takeScored(score)
		}
	}
	if r.may(labelPart) && !r.has("confidence") {
		if score, ok := r.score(); ok {
			return r.takeBinary(score, probsPart)
		}
	}
	if found, err := r.takeNamed(); found || err != nil {
		return err
	}
	return r.unrecognised()
}

// may reports whether a column can be the part.
func (r *recogniser) may(p part) bool {
	if name, said := r.said[p]; said {
		return name != ""
	}
	return slices.ContainsFunc(r.candidates(p), func(c candidate) bool {
		_, ok := r.fits(c.field, p)
		return ok || c.place == 0
	})
}

// ownScores reports whether there is a score table by this package's own names, or by
// scikit-learn's.
func (r *recogniser) ownScores() bool {
	judged := r.has("correct") || r.has("label", "prediction") || r.has("label", "pred")
	return judged && r.has("confidence") || r.has("y_true", "y_pred", "score") || r.has("label", "pred", "score") || r.has("label", "prediction", "score")
}

func (r *recogniser) has(names ...string) bool {
	for _, n := range names {
		if _, ok := r.byName[n]; !ok {
			return false
		}
	}
	return true
}

// score finds the column of a score, which is no confidence by its name. A word that may
// also mean a prediction is a score only if the column holds floats.
func (r *recogniser) score() (int, bool) {
	for _, c := range r.candidates(scorePart) {
		kind := r.fields[c.field].Kind
		_, predicted := placeOf(predictionPart, c.name)
		if predicted && kind != column.Float32 && kind != column.Float64 {
			continue
		}
		if _, ok := r.fits(c.field, scorePart); ok {
			return c.field, true
		}
	}
	return 0, false
}

// alone reports whether the only score is also the only prediction, as y_pred that holds
// probabilities.
func (r *recogniser) alone() bool {
	score, ok := r.score()
	if !ok || r.may(correctPart) {
		return false
	}
	for _, p := range []part{predictionPart, scorePart} {
		for _, c := range r.candidates(p) {
			if _, fits := r.fits(c.field, p); fits && c.field != score {
				return false
			}
		}
	}
	_, said := r.said[predictionPart]
	return !said
}

// takeScored takes a score table whose confidence is only called a score.
func (r *recogniser) takeScored(score int) (err error) {
	if err := r.takeJudgement(); err != nil {
		return err
	}
	if r.used[score] { // it is the prediction
		var ok bool
		if score, ok = r.score(); !ok {
			return r.unrecognised()
		}
	}
	r.confidence, err = r.takeAs(score, scorePart)
	r.schema.Column = r.fields[score].Name
	if r.label >= 0 && r.prediction >= 0 && !r.trusting() {
		r.meaning, r.schema.Classes = unknown, 2
		r.choices = append(r.choices, (*tableReader).interpret)
	}
	return err
}

// trusting reports whether the names say that a score is the trust in the prediction:
// it is called a score, and those of label and prediction are not both those of libraries
// for two classes.
func (r *recogniser) trusting() bool {
	name := fold(r.schema.Column)
	ofTwo := strings.HasPrefix(fold(r.names[r.label]), "y") && strings.HasPrefix(fold(r.names[r.prediction]), "y")
	return (name == "score" || name == "scores") && !ofTwo
}

// takeScoreTable takes a score table with a confidence.
func (r *recogniser) takeScoreTable(p part) (err error) {
	if err := r.takeJudgement(); err != nil {
		return err
	}
	if r.confidence, err = r.take(p); err == nil {
		r.schema.Column = r.names[r.confidence]
	}
	return err
}

// takeJudgement takes what says whether a prediction is right. Where that is a column of
// its own, labels and predictions are taken only under this package's own names.
func (r *recogniser) takeJudgement() (err error) {
	_, r.sentences = r.said[correctPart]
	if r.correct, err = r.take(correctPart); err != nil {
		return err
	}
	enough := r.correct >= 0
	for _, take := range []struct {
		part part
		at   *int
	}{{labelPart, &r.label}, {predictionPart, &r.prediction}} {
		_, said := r.said[take.part]
		if enough && !said && !r.has(take.part.word()) {
			continue
		}
		if *take.at, err = r.take(take.part); err != nil {
			return err
		}
	}
	return nil
}

// unrecognised says what is missing to make this a prediction table.
func (r *recogniser) unrecognised() error {
	e := &column.Error{Row: -1}
	predicted := r.may(predictionPart)
	switch uncertain := r.uncertainty(); {
	case r.may(confidencePart) && predicted && !r.may(labelPart):
		e.Column, e.Err = "label", errors.New("is missing, so nothing says whether a prediction is right")
		e.Hint = "add label (the true class) or correct (0 or 1), or say --columns label=COLUMN; found: " + r.found()
	case r.has("confidence"):
		e.Err = errors.New("a confidence, but neither label and prediction nor correct")
		e.Hint = "add label and prediction, or correct (0 or 1); found: " + r.found()
	case uncertain != "" && (predicted || r.has("correct")):
		e.Column, e.Err = uncertain, errors.New("is larger where trust is less, but a confidence is larger where trust is more")
		e.Hint = fmt.Sprintf("add a column confidence: -%s, or 1-%s if it is the probability of being wrong", uncertain, uncertain)
	case r.has("model") && !r.may(labelPart):
		e.Err = fmt.Errorf("%w: a table with one row per model, not per sample; found: %s", errNoTable, r.found())
		e.Hint = "tables of results are not evaluated; give the stored predictions instead"
	case r.gappy != nil:
		return r.takeWide(*r.gappy)
	default:
		e.Err = fmt.Errorf("%w: no column logits, probs or confidence; found: %s%s", errNoTable, r.found(), r.nearest())
		e.Hint = "say what the columns are: --columns label=COLUMN,logits=COLUMN (or probs=, or prediction= or correct= with confidence=)"
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

// interpret decides what a score means whose name does not say it, which needs a pass
// of its own over its columns. Beside predictions of more than two classes it is the
// trust in them.
func (r *tableReader) interpret() error {
	source, err := r.again()
	if err != nil {
		return r.fail(err)
	}
	defer source.Close()
	scores := &tableReader{table: r.table, source: source, layout: r.layout.scored(), fields: r.fields, again: r.again}
	scores.layout.schema.Meta = r.layout.schema.Meta
	scores.table.Rows = -1 // the main pass counts them
	if err := scores.codeClasses(); err != nil {
		return err
	}
	if err := source.Select(scores.layout.want); err != nil {
		return r.fail(err)
	}
	var two twoClasses
	for b, err := range scores.Batches() {
		if err != nil {
			return err
		}
		two.add(b)
	}
	return r.decide(&two, scores.codes != nil && scores.classNames() == nil)
}

// twoClasses is what the rows of a table of two classes say.
type twoClasses struct {
	predicted [2]span // the scores of the rows with each prediction
	further   bool    // other classes are predicted
	label     int32   // one that is neither 0 nor 1
	row       int     // and where it stands; -1 if there is none
	begun     bool
}

func (t *twoClasses) add(b *Batch) {
	if !t.begun {
		t.begun, t.row = true, -1
	}
	for i, p := range b.Prediction {
		if l := b.Label[i]; (l < -1 || l > 1) && t.row < 0 {
			t.label, t.row = l, b.First+i
		}
		v := b.Confidence[i]
		switch {
		case p != 0 && p != 1:
			t.further = t.further || p != -1
		case !math.IsNaN(v): // a bad row is reported by the main pass
			t.predicted[p].add(v)
		}
	}
}

// scored is a layout with only the columns that tell what a score means.
func (l *layout) scored() *layout {
	s := &layout{id: -1, label: 0, prediction: 1, correct: -1, confidence: 2, abstain: -1, model: -1, schema: Schema{Kind: Score}}
	for _, i := range []int{l.label, l.prediction, l.confidence} {
		s.want, s.names = append(s.want, l.want[i]), append(s.names, l.names[i])
	}
	return s
}

// decide sets the meaning of the score. named says that the classes are names and nothing
// tells which is class 1.
func (r *tableReader) decide(two *twoClasses, named bool) error {
	l := r.layout
	zero, one := two.predicted[0], two.predicted[1]
	switch {
	case two.further:
		l.meaning, l.schema.Classes = trust, 0
		r.readAs("the trust in the prediction, since more than two classes are predicted")
		return nil
	case two.begun && two.row >= 0:
		e := column.Errorf(l.names[l.label], two.row, "%d is neither 0 nor 1", two.label)
		e.Hint = fmt.Sprintf("a score beside %s and %s is read as that of two classes, 0 and 1; for more, call the columns label, prediction and confidence, "+
			"or say --columns confidence=%s", l.names[l.label], l.names[l.prediction], l.schema.Column)
		return r.fail(e)
	case named && !(zero.within(0.5, 1) && one.within(0.5, 1)):
		e := column.Errorf(l.schema.Column, -1, "may be the probability of one of two classes or the trust in the prediction: labels are names of two classes, and nothing tells which is class 1")
		e.Hint = fmt.Sprintf("if it is the trust, say --columns confidence=%s; else store labels and predictions as 0 and 1", l.schema.Column)
		return r.fail(e)
	}
	return r.decideOfTwo(zero, one)
}

// readAs notes what the score was taken for.
func (r *tableReader) readAs(format string, args ...any) {
	l := r.layout
	l.notes = append(l.notes, fmt.Sprintf("column %q is read as "+format, append([]any{l.schema.Column}, args...)...))
}

// decideOfTwo sets the meaning of the score, given the scores of the rows predicted as 0
// and as 1.
func (r *tableReader) decideOfTwo(zero, one span) error {
	l, note := r.layout, r.readAs
	outside := !zero.within(0, 1) || !one.within(0, 1)
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
