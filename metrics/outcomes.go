package metrics

// Outcomes holds what the metrics need to know of one prediction table: a few
// columns with one entry for each sample, however many classes there are. A
// column that the table cannot fill is nil.
type Outcomes struct {
	Classes     int       // number of classes; 0 if the table stores only correctness
	Label       []int32   // true class 0..Classes-1, -1 out of distribution; nil if unknown
	Prediction  []int32   // predicted class, NoAnswer where the model gave none; nil if unknown
	Correct     []bool    // prediction == label; false where the label is -1 or the model gave no answer
	LabelRank   []int32   // classes placed above the label (0 = predicted); nil without class vectors
	NLL         []float64 // -ln p(label), nats; NaN where the label is -1; nil without class vectors
	Brier       []float64 // sum over classes of (p - indicator)^2; NaN where the label is -1; nil without class vectors
	Confidences []Confidence
	Groups      []Group

	// ShouldAbstain marks the samples that had better not be answered; nil if the
	// table does not say.
	ShouldAbstain []bool

	// SetSize is the number of classes in the prediction set of each sample, and SetHolds
	// whether the set holds the label; nil unless the table answers with sets, which are
	// meant to miss the label in the share SetAlpha; NaN where they aim at no coverage of it.
	SetSize  []int32
	SetHolds []bool
	SetAlpha float64

	// Vectors holds the class probabilities of the samples, N x Classes,
	// row-major: the softmax of logits in float64, or stored probabilities as
	// they are. It is nil unless Spec.KeepVectors asked for it, and where the
	// table has no class vectors. Only metrics that NeedsVectors look at it.
	Vectors []float64
}

// NoAnswer is the prediction of a model that abstained from a sample: "I do not know".
// It is no error, nor is it right; see the package's documentation.
const NoAnswer = -1

// Answered reports whether the model answered sample i. Without predictions all are.
func (o *Outcomes) Answered(i int) bool { return o.Prediction == nil || o.Prediction[i] >= 0 }

// Confidence is one confidence function's column. Higher is more trusted.
type Confidence struct {
	Name  string
	Value []float64 // on the function's own scale; may be NaN where the model gave no answer
	// Key orders the samples where Value saturates (from logits, msp by the
	// negative odds of being wrong, and by minus their logarithm where they underflow:
	// see ConfidenceFunctions); nil means that Value itself orders. Infinite keys are
	// allowed.
	Key []float64
	// Probability says that Value claims to be the probability of being right,
	// so that calibration metrics have a meaning.
	Probability bool
}

// Order returns the column by which samples are ranked.
func (c *Confidence) Order() []float64 {
	if c.Key != nil {
		return c.Key
	}
	return c.Value
}

// Note says what there is to know of the column as a whole: that it ranks nothing,
// where it cannot. "" if there is nothing.
func (c *Confidence) Note() string {
	if c == nil || c.Name != "energy" || c.Key != nil || len(c.Value) == 0 {
		return ""
	}
	for _, v := range c.Value {
		if v != 0 {
			return ""
		}
	}
	return "the logits are log-probabilities, whose energy is 0: all samples tie"
}

// Group is a categorical attribute of the samples.
type Group struct {
	Name   string
	Levels []string // in order of first appearance
	Code   []int32  // index into Levels; -1 is missing
}

// N is the number of samples.
func (o *Outcomes) N() int { return len(o.Correct) }

// Confidence returns the column of that name, or nil.
func (o *Outcomes) Confidence(name string) *Confidence {
	for i := range o.Confidences {
		if o.Confidences[i].Name == name {
			return &o.Confidences[i]
		}
	}
	return nil
}

// Vector is the class probabilities of sample i; nil if Vectors is.
func (o *Outcomes) Vector(i int) []float64 {
	if o.Vectors == nil {
		return nil
	}
	return o.Vectors[i*o.Classes : (i+1)*o.Classes]
}

// Group returns the attribute of that name, or nil.
func (o *Outcomes) Group(name string) *Group {
	for i := range o.Groups {
		if o.Groups[i].Name == name {
			return &o.Groups[i]
		}
	}
	return nil
}

// Take returns the outcomes of the given rows, in that order. Use it to bring
// tables into one order (a permutation) or to restrict them to a group.
func (o *Outcomes) Take(rows []int32) *Outcomes {
	t := &Outcomes{
		Classes: o.Classes,
		Label:   take(o.Label, rows), Prediction: take(o.Prediction, rows), Correct: take(o.Correct, rows),
		LabelRank: take(o.LabelRank, rows), NLL: take(o.NLL, rows), Brier: take(o.Brier, rows),
		ShouldAbstain: take(o.ShouldAbstain, rows),
		SetSize:       take(o.SetSize, rows), SetHolds: take(o.SetHolds, rows), SetAlpha: o.SetAlpha,
	}
	if o.Vectors != nil {
		t.Vectors = make([]float64, 0, len(rows)*o.Classes)
		for _, i := range rows {
			t.Vectors = append(t.Vectors, o.Vector(int(i))...)
		}
	}
	for _, c := range o.Confidences {
		c.Value, c.Key = take(c.Value, rows), take(c.Key, rows)
		t.Confidences = append(t.Confidences, c)
	}
	for _, g := range o.Groups {
		g.Code = take(g.Code, rows)
		t.Groups = append(t.Groups, g)
	}
	return t
}

func take[T any](column []T, rows []int32) []T {
	if column == nil {
		return nil
	}
	t := make([]T, len(rows))
	for i, r := range rows {
		t[i] = column[r]
	}
	return t
}
