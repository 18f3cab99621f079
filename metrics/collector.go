package metrics

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"abstain/metrics/internal/radix"
	"abstain/metrics/rowstat"
)

// Kind says what the rows given to a Collector hold.
type Kind uint8

const (
	FromLogits Kind = iota + 1 // one unnormalised log probability per class
	FromProbs                  // one probability per class
	FromScores                 // a prediction, or only whether it was right, and a confidence
)

// Spec describes a prediction table to a Collector.
type Spec struct {
	Kind    Kind
	Classes int      // length of a class vector; for FromScores the number of classes if known, else 0
	Column  string   // name of the class-vector column, or of the stored confidence, for error messages
	Scores  []string // names of the further confidences, without "score:"
	Margin  bool     // the stored confidences are margins, not probabilities
	Rows    int      // expected number of rows, to reserve memory; 0 if unknown

	// KeepVectors asks for Outcomes.Vectors: 8 bytes per sample and class.
	KeepVectors bool
	// Functions names the confidence functions to compute from class vectors;
	// nil means all of them. See Available for what a table can give.
	Functions []string

	// Report, if not nil, is called for every problem, and reading goes on while
	// it returns true. If it is nil, the first problem ends reading. See
	// Collector.Add.
	Report func(RowProblem) bool
}

// Rows is a batch of rows of a prediction table. Columns that the table lacks are
// nil. FromLogits and FromProbs need Label and exactly one of F16, F32 and F64.
// FromScores needs Label and Prediction, or Correct, or all three. Confidence may
// be nil if there are Scores. There a prediction of NoAnswer is an abstention, which may
// have a confidence or NaN.
type Rows struct {
	F16        []uint16  // rows x Classes, row-major, bits of float16
	F32        []float32 // rows x Classes, row-major
	F64        []float64 // rows x Classes, row-major
	Label      []int32
	Prediction []int32
	Correct    []bool
	Confidence []float64
	Scores     [][]float64 // one slice per Spec.Scores

	ShouldAbstain []bool // of any kind of table
}

// RowProblem is a row that cannot be used, and a hint what to do about it. It is
// an error that names column and row; the caller knows which table it is.
type RowProblem struct {
	Row     int    // zero-based row of the table
	Column  string // as the table names it
	Problem string
	Hint    string // may be ""
}

// Error renders `column "c": row r: problem`.
func (p RowProblem) Error() string {
	return fmt.Sprintf("column %q: row %d: %s", p.Column, p.Row, p.Problem)
}

// Collector reduces a prediction table to Outcomes, batch by batch. It checks
// every row as it comes.
type Collector struct {
	spec     Spec
	stats    rowstat.Columns
	out      Outcomes
	tail     []float64 // the rounding error of each energy, see radix.TailKeys
	energy   float64   // the largest magnitude of an energy, and
	logit    float64   // of a largest logit
	wide     bool      // a stored confidence lies outside [0, 1]
	problems []RowProblem
	bad      int // number of problems so far
}

// ErrUnlabelled is returned for rows that have neither a label with a prediction
// nor a correctness.
var ErrUnlabelled = errors.New("neither labels with predictions nor correctness: nothing to evaluate")

// NewCollector returns a Collector for one table. It panics if the kind is not
// one of the three, or if a kind with class vectors has no class.
func NewCollector(spec Spec) *Collector {
	c := new(Collector)
	c.Reset(spec)
	return c
}

// Reset begins another table in the memory of the one before, and overwrites its
// Outcomes. It is for callers who take table after table and keep none. It panics
// as NewCollector does.
func (c *Collector) Reset(spec Spec) {
	if spec.Kind < FromLogits || spec.Kind > FromScores {
		panic("metrics: Spec without a kind")
	}
	if spec.Kind != FromScores && spec.Classes < 1 {
		panic("metrics: class vectors without classes")
	}
	old, n, vectors := c.out, spec.Rows, spec.Rows
	if spec.Kind == FromScores {
		vectors = 0
	}
	*c = Collector{spec: spec, stats: c.stats, tail: c.tail[:0], problems: c.problems[:0]}
	c.out = Outcomes{Classes: spec.Classes, Label: emptied(old.Label, vectors), Prediction: emptied(old.Prediction, vectors),
		Correct: emptied(old.Correct, n), LabelRank: emptied(old.LabelRank, vectors), NLL: emptied(old.NLL, vectors),
		Brier: emptied(old.Brier, vectors), Vectors: old.Vectors[:0], ShouldAbstain: old.ShouldAbstain[:0]}
	c.stats.Want = spec.statistics()
	for i, k := range confidencesOf(spec) {
		var was Confidence
		if i < len(old.Confidences) {
			was = old.Confidences[i]
		}
		k.Value = emptied(was.Value, n)
		if k.Key != nil {
			k.Key = emptied(was.Key, vectors)
		}
		c.out.Confidences = append(c.out.Confidences, k)
	}
}

// statistics says which statistics of rows the kernel must compute for the
// outcomes and the confidence functions of the table.
func (s *Spec) statistics() rowstat.Want {
	want := rowstat.WantRank | rowstat.WantRest | rowstat.WantNLL | rowstat.WantBrier
	for _, f := range functions {
		if f.of(s.Kind) != nil && s.wants(f.Name) {
			want |= f.want
		}
	}
	return want
}

// extended makes the column longer by n values and returns these n values, which
// are not set yet.
func extended[T any](column *[]T, n int) []T {
	at := len(*column)
	*column = slices.Grow(*column, n)[:at+n]
	return (*column)[at:]
}

// emptied returns the column without its values and with room for n of them.
func emptied[T any](column []T, n int) []T { return slices.Grow(column[:0], n) }

// Add takes the next rows of the table and keeps nothing of b. It returns the
// first RowProblem. If Spec.Report is set, it calls that for every problem
// instead, by row and then by column, and returns the problem after which Report
// returned false. It panics if the columns of b differ in length.
func (c *Collector) Add(b Rows) error {
	n, err := c.count(b)
	if err != nil {
		return err
	}
	first := len(c.out.Correct)
	c.problems = c.problems[:0]
	if c.spec.Kind == FromScores {
		c.addScoreTable(b, n)
	} else {
		c.addVectors(b, n)
	}
	c.addScores(b, n)
	c.out.ShouldAbstain = append(c.out.ShouldAbstain, b.ShouldAbstain...)
	return c.report(first)
}

// Rows is the number of rows taken so far, rows with problems included.
func (c *Collector) Rows() int { return len(c.out.Correct) }

// Outcomes returns the outcomes of all rows, or nil if any row had a problem.
// Afterwards the Collector must not be used, except for Reset.
func (c *Collector) Outcomes() *Outcomes {
	if c.bad > 0 {
		return nil
	}
	o := c.out
	o.Label, o.Prediction, o.LabelRank = filled(o.Label), filled(o.Prediction), filled(o.LabelRank)
	o.NLL, o.Brier, o.Vectors, o.ShouldAbstain = filled(o.NLL), filled(o.Brier), filled(o.Vectors), filled(o.ShouldAbstain)
	o.Confidences = slices.Clone(o.Confidences)
	for i := range o.Confidences {
		k := &o.Confidences[i]
		k.Key = filled(k.Key)
		switch {
		case c.spec.Kind != FromLogits || k.Name != "energy":
		case LogProbabilities(c.energy, c.logit):
			clear(k.Value) // what is left of them is rounding
		default:
			// If the largest logit exceeds the others by 40, ln(1 + R) is lost in
			// its rounding, and rows with equal largest logits would be tied
			// although they differ.
			k.Key = radix.TailKeys(k.Value, c.tail)
		}
		switch {
		case !k.Probability || k.Name == "msp": // rounding may raise a stored softmax above 1
		case k.Name == "stored":
			k.Probability = !c.wide
		default:
			k.Probability = unit(k.Value)
		}
	}
	return &o
}

// filled returns the column, or nil if it is empty.
func filled[T any](column []T) []T {
	if len(column) == 0 {
		return nil
	}
	return column
}

// report passes on the problems of a batch whose first row has this number.
func (c *Collector) report(first int) error {
	if len(c.problems) == 0 {
		return nil
	}
	c.bad += len(c.problems)
	slices.SortStableFunc(c.problems, func(a, b RowProblem) int { return cmp.Compare(a.Row, b.Row) })
	for _, p := range c.problems {
		p.Row += first
		if c.spec.Report == nil || !c.spec.Report(p) {
			return p
		}
	}
	return nil
}

func (c *Collector) problem(row int, column, hint, format string, args ...any) {
	c.problems = append(c.problems, RowProblem{Row: row, Column: column, Problem: fmt.Sprintf(format, args...), Hint: hint})
}

// count returns the number of rows in b after checking that every column has as many.
func (c *Collector) count(b Rows) (int, error) {
	vectors := len(b.F16) + len(b.F32) + len(b.F64)
	var n int
	switch {
	case b.Label != nil:
		n = len(b.Label)
	case b.Correct != nil && c.spec.Kind == FromScores:
		n = len(b.Correct)
	case vectors == 0 && b.Confidence == nil && b.Prediction == nil:
		return 0, nil // a batch without rows may lack columns
	default:
		return 0, ErrUnlabelled
	}
	if c.spec.Kind == FromScores && b.Correct == nil && b.Prediction == nil && n > 0 {
		return 0, ErrUnlabelled
	}
	ok := len(b.Scores) == len(c.spec.Scores) && optional(len(b.ShouldAbstain), n)
	for _, s := range b.Scores {
		ok = ok && len(s) == n
	}
	if c.spec.Kind == FromScores {
		ok = ok && optional(len(b.Prediction), n) && optional(len(b.Correct), n) && optional(len(b.Confidence), n)
	} else {
		ok = ok && vectors == n*c.spec.Classes && vectors == max(len(b.F16), len(b.F32), len(b.F64))
	}
	if !ok {
		panic("metrics: columns of a batch differ in length")
	}
	return n, nil
}

func optional(got, want int) bool { return got == 0 || got == want }

// addVectors takes rows with class vectors.
func (c *Collector) addVectors(b Rows, n int) {
	c.checkLabels(b.Label)
	o, s := &c.out, &c.stats
	// The kernel writes directly into the columns of the outcomes.
	s.Argmax, s.Rank = extended(&o.Prediction, n), extended(&o.LabelRank, n)
	s.NLL, s.Brier = extended(&o.NLL, n), extended(&o.Brier, n)
	switch {
	case b.F16 != nil:
		readRows(c, rowstat.Halves(b.F16), b.Label)
	case b.F32 != nil:
		readRows(c, b.F32, b.Label)
	default:
		readRows(c, b.F64, b.Label)
	}
	for _, bad := range c.stats.Bad {
		c.badRow(bad)
	}
	o.Label = append(o.Label, b.Label...)
	correct := extended(&o.Correct, n)
	for i, rank := range s.Rank {
		correct[i] = rank == 0
	}
	c.addFunctions(n)
	if c.spec.KeepVectors {
		o.Vectors = c.appendVectors(o.Vectors, b)
	}
}

// readRows runs the row kernel, which fills c.stats.
func readRows[F rowstat.Float](c *Collector, rows []F, label []int32) {
	if c.spec.Kind == FromLogits {
		rowstat.Logits(&c.stats, rows, c.spec.Classes, label)
	} else {
		rowstat.Probs(&c.stats, rows, c.spec.Classes, label)
	}
}

// appendVectors appends the class probabilities of the batch in c.stats.
func (c *Collector) appendVectors(to []float64, b Rows) []float64 {
	at := len(to)
	to = append(to, b.F64...)
	for _, v := range b.F32 {
		to = append(to, float64(v))
	}
	for _, v := range rowstat.Halves(b.F16) {
		to = append(to, float64(v.Float32()))
	}
	if c.spec.Kind == FromLogits {
		for i, rest := range c.stats.Rest[:len(b.Label)] {
			row := to[at+i*c.spec.Classes:][:c.spec.Classes]
			for j, z := range row {
				row[j] = math.Exp(z-c.stats.Max[i]) / (1 + rest)
			}
		}
	}
	return to
}

// addFunctions evaluates the confidence functions on the batch in c.stats.
func (c *Collector) addFunctions(n int) {
	at := 0
	for _, f := range functions {
		value := f.of(c.spec.Kind)
		if at == len(c.out.Confidences) || c.out.Confidences[at].Name != f.Name {
			continue // not defined for this kind of table, or not wanted
		}
		k := &c.out.Confidences[at]
		at++
		value(extended(&k.Value, n), &c.stats)
		if f.key != nil && c.spec.Kind == FromLogits {
			f.key(extended(&k.Key, n), &c.stats)
		}
		if f.beyond != nil && c.spec.Kind == FromLogits {
			c.setBeyond(k, f.beyond, n)
		}
	}
	if c.spec.Kind == FromLogits && c.out.Confidence("energy") != nil {
		e, z := energyTails(extended(&c.tail, n), &c.stats)
		c.energy, c.logit = max(c.energy, e), max(c.logit, z)
	}
}

// setBeyond sets the keys of the rows too sure for them among the last n. Where
// values order, they are the keys of all other rows once there is such a row.
func (c *Collector) setBeyond(k *Confidence, beyond func(rowstat.Faint) float64, n int) {
	if len(k.Key) < len(k.Value) && (len(k.Key) > 0 || len(c.stats.Faint) > 0) {
		k.Key = append(k.Key, k.Value[len(k.Key):]...)
	}
	first := len(k.Value) - n
	for _, f := range c.stats.Faint {
		k.Key[first+f.Row] = beyond(f)
	}
}

// badRow reports a problem of a class vector.
func (c *Collector) badRow(bad rowstat.Bad) {
	where := ""
	if bad.Class >= 0 {
		where = fmt.Sprintf("class %d: ", bad.Class)
	}
	column, row := c.spec.Column, bad.Row
	switch bad.Problem {
	case rowstat.NaN:
		c.problem(row, column, "the model's output overflowed or was never written; store the table again", "%sNaN", where)
	case rowstat.Infinite:
		c.problem(row, column, "the model's output overflowed; store the table again in a wider type", "%s%v", where, bad.Value)
	case rowstat.AllMinus:
		c.problem(row, column, "a row of logits needs at least one finite value", "every logit is -Inf")
	case rowstat.Negative:
		c.problem(row, column, "probabilities lie between 0 and 1; what a network puts out before its softmax is stored in columns l0, l1, ... or logits",
			"%sprobability %v is negative", where, bad.Value)
	case rowstat.SumNotOne:
		c.problem(row, column, "a row of probabilities adds to 1; if these are shares of something else, divide each by their sum and store the table again",
			"probabilities add to %.6g, off by more than %v", bad.Value, rowstat.SumTolerance)
	}
}

// checkLabels reports labels outside -1..Classes-1. If Classes is 0, labels have
// no upper bound.
func (c *Collector) checkLabels(label []int32) {
	for i, l := range label {
		if l >= -1 && (c.spec.Classes == 0 || int(l) < c.spec.Classes) {
			continue
		}
		c.problem(i, "label", "labels count from 0; -1 marks a sample of no known class", "label %d is outside %s", l, c.span(-1))
	}
}

func (c *Collector) checkPredictions(prediction []int32) {
	for i, p := range prediction {
		if p >= NoAnswer && (c.spec.Classes == 0 || int(p) < c.spec.Classes) {
			continue
		}
		c.problem(i, "prediction", "predicted classes count from 0; -1 marks a sample that the model did not answer", "prediction %d is outside %s", p, c.span(0))
	}
}

func (c *Collector) span(from int) string {
	if c.spec.Classes == 0 {
		return fmt.Sprintf("%d and up", from)
	}
	return fmt.Sprintf("%d..%d", from, c.spec.Classes-1)
}

// addScoreTable takes rows without class vectors.
func (c *Collector) addScoreTable(b Rows, n int) {
	c.checkLabels(b.Label)
	c.checkPredictions(b.Prediction)
	o := &c.out
	o.Label = append(o.Label, b.Label...)
	o.Prediction = append(o.Prediction, b.Prediction...)
	c.addCorrect(b)
	if len(b.Confidence) == 0 {
		return
	}
	if !unit(b.Confidence) {
		for i, v := range b.Confidence {
			unanswered := len(b.Prediction) > 0 && b.Prediction[i] < 0
			if math.IsNaN(v) && unanswered {
				continue
			}
			c.wide = c.wide || !unit(b.Confidence[i:i+1])
			if v-v != 0 { // NaN or infinite
				c.problem(i, c.confidenceColumn(), "a confidence is a finite number, higher = more trusted", "confidence is %v", v)
			}
		}
	}
	k := &c.out.Confidences[0]
	k.Value = append(k.Value, b.Confidence...)
}

func (c *Collector) confidenceColumn() string {
	if c.spec.Column == "" {
		return "confidence"
	}
	return c.spec.Column
}

// addCorrect decides which rows are right, and reports a stored correctness that
// contradicts label and prediction.
func (c *Collector) addCorrect(b Rows) {
	first := len(c.out.Correct)
	switch {
	case b.Label == nil:
		c.out.Correct = append(c.out.Correct, b.Correct...)
		for i, p := range b.Prediction {
			if p < 0 && b.Correct[i] {
				c.problem(i, "correct", "a sample without an answer is neither right nor wrong", "true although prediction is %d", p)
			}
		}
		return
	case b.Prediction == nil:
		for i, right := range b.Correct {
			c.out.Correct = append(c.out.Correct, right && b.Label[i] != -1)
		}
	default:
		for i, l := range b.Label {
			c.out.Correct = append(c.out.Correct, l == b.Prediction[i] && l != -1)
		}
	}
	if b.Correct == nil {
		return
	}
	for i, right := range c.out.Correct[first:] {
		switch {
		case b.Correct[i] == right:
		case b.Prediction == nil:
			c.problem(i, "correct", "a sample of no known class cannot be predicted right", "true although label is -1")
		default:
			c.problem(i, "correct", "drop the column, or store the label and prediction it was made from",
				"%v although label is %d and prediction %d", b.Correct[i], b.Label[i], b.Prediction[i])
		}
	}
}

// addScores takes the further confidences.
func (c *Collector) addScores(b Rows, n int) {
	at := len(c.out.Confidences) - len(c.spec.Scores)
	for j, name := range c.spec.Scores {
		for i, v := range b.Scores[j][:n] {
			if math.IsNaN(v) && c.out.Answered(len(c.out.Correct)-n+i) {
				c.problem(i, "score:"+name, "a confidence is a number, higher = more trusted", "score is NaN")
			}
		}
		k := &c.out.Confidences[at+j]
		k.Value = append(k.Value, b.Scores[j]...)
	}
}

// wants reports whether a confidence function is to be computed.
func (s *Spec) wants(name string) bool {
	return s.Functions == nil || slices.Contains(s.Functions, name)
}

// Available names the confidence functions that a table of the kind of spec can
// give, whether or not spec asks for them.
func Available(spec Spec) []string {
	spec.Functions = nil
	var names []string
	for _, c := range confidencesOf(spec) {
		names = append(names, c.Name)
	}
	return names
}

// confidencesOf lists the confidence columns of a table of this kind, still
// empty. Key is nil where it will not be filled.
func confidencesOf(spec Spec) []Confidence {
	var list []Confidence
	if spec.Kind == FromScores {
		list = append(list, Confidence{Name: "stored", Probability: !spec.Margin})
	}
	for _, f := range functions {
		if f.of(spec.Kind) != nil && spec.wants(f.Name) {
			c := Confidence{Name: f.Name, Probability: f.Probability}
			if f.key != nil && spec.Kind == FromLogits {
				c.Key = []float64{}
			}
			list = append(list, c)
		}
	}
	for _, s := range spec.Scores {
		list = append(list, Confidence{Name: "score:" + s, Probability: !spec.Margin})
	}
	return list
}

// unit reports whether every value lies in [0, 1].
func unit(values []float64) bool {
	const one = 0x3ff << 52 // the bits of 1; NaN and all negative numbers have larger bits
	for _, v := range values {
		if math.Float64bits(v) > one && v != 0 {
			return false
		}
	}
	return true
}
