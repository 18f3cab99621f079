package datasets

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"abstain/datasets/column"
)

// settle makes the choices that names leave open. Each reads the table once.
func (r *tableReader) settle() error {
	choices := r.layout.choices
	r.layout.choices = nil
	for _, choose := range choices {
		if err := choose(r); err != nil {
			return r.failOnce(err)
		}
	}
	return nil
}

// failOnce names the table in an error that does not name it yet.
func (r *tableReader) failOnce(err error) error {
	if _, done := errors.AsType[*Error](err); done {
		return err
	}
	return r.fail(err)
}

// errEnough ends a look before the end of the table.
var errEnough = errors.New("enough was seen")

// look reads some columns of the table from its first row on. It is a pass.
func (r *tableReader) look(want []column.Want, each func(*column.Chunk) error) error {
	source, err := r.again()
	if err != nil {
		return err
	}
	defer source.Close()
	r.looked = source
	if err := source.Select(want); err != nil {
		return err
	}
	r.looking = source
	for {
		chunk, err := source.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = each(chunk)
		}
		if errors.Is(err, errEnough) {
			return nil
		}
		if e, ok := errors.AsType[*column.Error](err); ok && e.Line == 0 {
			e.Line = lineOf(source, e.Row)
		}
		if err != nil {
			return err
		}
	}
}

// asWritten asks for field i without a view of what it means.
func (r *recogniser) asWritten(i int) column.Want {
	kind := r.fields[i].Kind
	if kind == column.Untyped {
		kind = column.Text
	}
	return column.Want{Field: i, Kind: kind}
}

// same makes sure that the columns that may be the part say the same; the first is taken.
// They do if their values are equal. A column of names may also go with one of numbers,
// each name with a number of its own; then the numbers are taken.
func (r *recogniser) same(p part, list []candidate) choice {
	var want []column.Want
	for _, c := range list {
		want = append(want, r.asWritten(c.field))
	}
	return func(t *tableReader) error {
		pairs := make([]pairing, len(list))
		differ := make([]int, len(list)) // the row after that with the first difference
		err := t.look(want, func(c *column.Chunk) error {
			for row := range c.N {
				first := plain(&c.Columns[0], row)
				for k := 1; k < len(list); k++ {
					other := plain(&c.Columns[k], row)
					if other != first && differ[k] == 0 {
						differ[k] = c.First + row + 1
					}
					if !pairs[k].add(first, other) && differ[k] > 0 {
						return twoReadings(p, differ[k]-1, list[0].name, list[k].name)
					}
				}
			}
			return nil
		})
		for k := 1; k < len(list) && err == nil; k++ {
			if differ[k] > 0 {
				err = t.preferNumbers(p, differ[k]-1, list[0], list[k], &pairs[k])
			}
		}
		return err
	}
}

// pairing finds out whether the values of two columns go with each other one to one.
type pairing struct{ there, back map[string]string }

// mostPairs is how many pairs are remembered; labels have no more names.
const mostPairs = 1 << 16

// add reports whether the pair goes with those before.
func (p *pairing) add(a, b string) bool {
	if p.there == nil {
		p.there, p.back = map[string]string{}, map[string]string{}
	}
	known, seen := p.there[a]
	back, seenBack := p.back[b]
	if seen || seenBack {
		return known == b && back == a
	}
	if len(p.there) == mostPairs {
		return false
	}
	p.there[strings.Clone(a)], p.back[strings.Clone(b)] = strings.Clone(b), strings.Clone(a)
	return true
}

// numbers reports whether all values on one side are integers.
func numbers(side map[string]string) bool {
	for v := range side {
		if _, ok := integer(v); !ok {
			return false
		}
	}
	return true
}

// preferNumbers takes that of two columns which numbers the names in the other.
func (r *tableReader) preferNumbers(p part, row int, first, other candidate, pairs *pairing) error {
	a, b := numbers(pairs.there), numbers(pairs.back)
	if a == b {
		return twoReadings(p, row, first.name, other.name)
	}
	l := r.layout
	if b {
		i := l.label
		if p == predictionPart {
			i = l.prediction
		}
		if i < 0 || l.names[i] != first.name {
			return twoReadings(p, row, first.name, other.name)
		}
		kind := r.fields[other.field].Kind
		if kind == column.Untyped {
			kind = column.Int
		}
		l.want[i], l.names[i] = column.Want{Field: other.field, Kind: kind}, other.name
		first, other = other, first
	}
	l.notes = append(l.notes, fmt.Sprintf("column %q is taken for the %s; %q has names for the same", first.name, p.word(), other.name))
	return nil
}

// plain writes a value so that equal values of different types are written alike: 3,
// "3" and 3.0, true and 1, the class of a one-hot row and its number.
func plain(c *column.Column, row int) string {
	switch {
	case c.Null != nil && c.Null[row]:
		return ""
	case c.Width > 1:
		class, ok := hot(c, row)
		if !ok {
			return "no class"
		}
		return strconv.Itoa(class)
	case c.Int != nil:
		return strconv.FormatInt(c.Int[row], 10)
	case c.Bool != nil:
		if c.Bool[row] {
			return "1"
		}
		return "0"
	case c.F64 != nil:
		return strconv.FormatFloat(c.F64[row], 'g', -1, 64)
	case c.F32 != nil:
		return strconv.FormatFloat(float64(c.F32[row]), 'g', -1, 32)
	}
	text := strings.TrimSpace(c.Text[row])
	if v, err := strconv.ParseFloat(text, 64); err == nil {
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	if b, ok := truth(text); ok {
		return strconv.Itoa(b)
	}
	return text
}

// hot finds the only 1 among zeros in a row of several values.
func hot(c *column.Column, row int) (class int, ok bool) {
	class = -1
	for k := range c.Width {
		switch at(c, row*c.Width+k) {
		case 0:
		case 1:
			if class >= 0 {
				return -1, false
			}
			class = k
		default:
			return -1, false
		}
	}
	return class, class >= 0
}

// at is value i of a column of numbers.
func at(c *column.Column, i int) float64 {
	switch {
	case c.F64 != nil:
		return c.F64[i]
	case c.F32 != nil:
		return float64(c.F32[i])
	case c.Int != nil:
		return float64(c.Int[i])
	case c.Bool != nil && c.Bool[i]:
		return 1
	}
	return 0
}

// matrix copies the class vectors of a chunk whose columns from i to j are a list column
// or one column per class. It returns the width too, and an error for a missing value.
func matrix(dst []float64, c *column.Chunk, i, j int) ([]float64, int, error) {
	if j == i+1 && (c.Columns[i].Width > 1 || c.N == 0) {
		return float64s(dst, &c.Columns[i]), c.Columns[i].Width, nil
	}
	for k := i; k < j; k++ {
		if row := slices.Index(c.Columns[k].Null, true); row >= 0 {
			return nil, 0, column.Errorf("", c.First+row, "missing value (null)")
		}
	}
	places := make([]int, j-i)
	for k := range places {
		places[k] = i + k
	}
	return interleave(dst, c, places), j - i, nil
}

// agree makes sure that two class vectors say the same: equal values, or probabilities
// that are the softmax of the logits.
func (r *recogniser) agree(a, b vector) choice {
	wantA := r.wantsOf(a)
	want := append(slices.Clone(wantA), r.wantsOf(b)...)
	return func(t *tableReader) error {
		var x, y []float64
		return t.look(want, func(c *column.Chunk) (err error) {
			var m, n int
			if x, m, err = matrix(x, c, 0, len(wantA)); err != nil {
				return err
			}
			if y, n, err = matrix(y, c, len(wantA), len(want)); err != nil {
				return err
			}
			for row := range c.N {
				if m != n && a.own && !b.own {
					return errEnough // it is no vector of the same classes
				}
				if m != n || !a.follows(b, x[row*m:][:m], y[row*n:][:n]) {
					return r.twoVectors(a, b, c.First+row)
				}
			}
			return nil
		})
	}
}

// follows compares a row of two class vectors.
func (v vector) follows(other vector, x, y []float64) bool {
	switch {
	case v.part == logitsPart && other.part == probsPart:
		return alike(x, y, true)
	case v.part == probsPart && other.part == logitsPart:
		return alike(y, x, true)
	case v.part == probsPart && other.part == outputsPart:
		return alike(x, y, false) || alike(y, x, true)
	}
	return alike(x, y, false)
}

// alike compares two rows: values with values, or the softmax of x with y.
func alike(x, y []float64, softmax bool) bool {
	const slack = 1e-4
	shift, sum := 0.0, 1.0
	if softmax {
		shift, sum = slices.Max(x), 0
		for _, v := range x {
			sum += math.Exp(v - shift)
		}
	}
	for i, v := range x {
		if softmax {
			v = math.Exp(v-shift) / sum
		}
		if v != y[i] && !(math.Abs(v-y[i]) <= slack) && !(math.IsNaN(v) || math.IsNaN(y[i])) { // bad rows are reported later
			return false
		}
	}
	return true
}

// twoVectors is the question which of two class vectors counts.
func (r *recogniser) twoVectors(a, b vector, row int) error {
	nameA, nameB := r.nameOf(a), r.nameOf(b)
	why := "they differ"
	if a.part != b.part && a.part != outputsPart && b.part != outputsPart {
		why = "the probabilities are not those of the logits (as after temperature scaling)"
	}
	flag := func(v vector) string {
		if v.part == probsPart {
			return "--probs " + v.name
		}
		return "--logits " + v.name
	}
	e := column.Errorf("", row, "the table has two class vectors, %s and %s, and %s: say which with %s or %s", nameA, nameB, why, flag(a), flag(b))
	if a.part == outputsPart || b.part == outputsPart {
		e.Hint = "say --logits for what a network puts out before its softmax, --probs for probabilities"
	}
	return e
}

// nameOf is the name of a vector for messages.
func (r *recogniser) nameOf(v vector) string {
	if v.wide == nil {
		return strconv.Quote(v.name)
	}
	list := r.fieldsOf(v)
	return fmt.Sprintf("%q..%q", r.fields[list[0]].Name, r.fields[list[len(list)-1]].Name)
}

// kindByValues decides whether a class vector whose name does not say it has logits or
// probabilities.
func (r *recogniser) kindByValues(name string) choice {
	return func(t *tableReader) error {
		var want []column.Want
		for _, i := range t.layout.vector {
			want = append(want, t.layout.want[i])
		}
		var v votes
		var rows []float64
		err := t.look(want, func(c *column.Chunk) (err error) {
			var width int
			if rows, width, err = matrix(rows, c, 0, len(want)); err != nil {
				return err
			}
			v.count(rows, width)
			return v.enough()
		})
		if err != nil {
			return t.placed(err)
		}
		return t.decideKind(&v, name)
	}
}

// placed gives an error without a column that of the class vector.
func (r *tableReader) placed(err error) error {
	if e, ok := errors.AsType[*column.Error](err); ok && e.Column == "" {
		e.Column = r.layout.schema.Column
	}
	return err
}

// votes counts what rows look like.
type votes struct {
	sums  sums
	rows  int
	probs int // in 0..1, and adding to 1 as far as rounding allows
	unit  int // in 0..1
}

func (v *votes) count(values []float64, width int) {
	const slack = 1e-6
	unit := 0.0
	for ; len(values) >= width && width > 0; values = values[width:] {
		row := values[:width]
		sum := total(row)
		if math.IsNaN(sum) {
			continue // the main pass reports it
		}
		v.rows++
		if !all(row, -slack, 1+slack) {
			continue
		}
		v.unit++
		off := math.Abs(sum - 1)
		if off > coarse && unit == 0 {
			unit = v.sums.unit(values)
		}
		if off <= coarse || rounded(row, unit) {
			v.probs++
		}
	}
}

// enough ends the look when the first rows all say the same: the main pass checks every
// row of probabilities anyway.
func (v *votes) enough() error {
	const least = 64
	if v.rows >= least && (v.probs == v.rows || v.probs == 0 && v.unit < v.rows) {
		return errEnough
	}
	return nil
}

// decideKind reads a vector as probabilities if most of its rows are, and as logits if
// none is.
func (r *tableReader) decideKind(v *votes, name string) error {
	l := r.layout
	switch {
	case v.probs > v.rows/2:
		l.schema.Kind = Probs
		l.notes = append(l.notes, fmt.Sprintf("%q is read as probabilities, since its values lie in 0..1 and rows add to 1; if they are logits, say --logits %s", l.schema.Column, name))
	case v.unit < v.rows && v.probs*20 <= v.rows || v.rows == 0:
		l.notes = append(l.notes, fmt.Sprintf("%q is read as logits, since its rows are no probabilities; if they are, say --probs %s", l.schema.Column, name))
	default:
		e := column.Errorf(l.schema.Column, -1, "may be logits or probabilities: of %d rows, %d lie in 0..1 and %d add to 1", v.rows, v.unit, v.probs)
		e.Hint = fmt.Sprintf("say which with --logits %s or --probs %s; outputs of a sigmoid per class are neither", name, name)
		return e
	}
	return nil
}

// twoClasses makes sure that a single number in each row can stand for two classes: its
// labels are 0 and 1, and it lies in 0..1 if it is to be the probability of class 1.
func (r *recogniser) twoClasses(p part) choice {
	_, said := r.said[p]
	return func(t *tableReader) error {
		err := t.codeTwo()
		if err != nil {
			return err
		}
		scores, labels, err := t.spans()
		if e, ok := errors.AsType[*column.Error](err); ok && t.layout.label >= 0 && e.Column == t.labelColumn() && t.mayBeText(t.layout.label) {
			t.layout.want[t.layout.label].Kind = column.Text
			if err = t.codeTwo(); err == nil {
				scores, labels, err = t.spans()
			}
		}
		if err != nil {
			return err
		}
		if err := t.checkTwo(p, scores, labels, said); err != nil || said {
			return err
		}
		t.layout.notes = append(t.layout.notes, fmt.Sprintf("%q alone is read as the probability of class 1 of two: cut at 0.5, its confidence is the larger of it and one minus it",
			t.layout.schema.Column))
		return nil
	}
}

// codeTwo numbers the names of two classes, if something tells their order.
func (r *tableReader) codeTwo() error {
	if err := r.codeClasses(); err != nil || r.codes == nil || r.classNames() != nil {
		return err
	}
	e := column.Errorf(r.labelColumn(), -1, "has names, and nothing tells of which of them %q is the score", r.layout.schema.Column)
	e.Hint = "store labels as 0 and 1, or list the two classes in a file classes.txt beside the table, one a line, that of the score last"
	return e
}

// spans finds the range of the only number in each row, and that of the labels.
func (r *tableReader) spans() (scores, labels span, err error) {
	l := r.layout
	want := []column.Want{l.want[l.vector[0]]}
	if l.label >= 0 {
		want = append(want, l.want[l.label])
	}
	err = r.look(want, func(c *column.Chunk) error {
		for row := range c.N {
			if v := at(&c.Columns[0], row); !math.IsNaN(v) {
				scores.add(v)
			}
			if l.label < 0 {
				continue
			}
			class, err := r.classNumber(&c.Columns[1], row, false)
			if err != nil {
				return &column.Error{Column: l.names[l.label], Row: c.First + row, Err: err}
			}
			if class != -1 {
				labels.add(float64(class))
			}
		}
		return nil
	})
	return scores, labels, err
}

// checkTwo refuses scores and labels that are not of two classes.
func (r *tableReader) checkTwo(p part, scores, labels span, said bool) error {
	name := r.layout.schema.Column
	var e *column.Error
	switch {
	case !labels.within(0, 1):
		e = column.Errorf(name, -1, "has one number in each row, which is the score of class 1 of two, but labels lie %v: a class vector has a number for each class", &labels)
	case labels.low == labels.high && !said && r.layout.label >= 0:
		e = column.Errorf(name, -1, "has one number in each row where a class vector has one for each class; it may be the score of class 1 of two, but only class %v occurs", labels.low)
		e.Hint = fmt.Sprintf("if it is the probability of class 1, say --probs %s", name)
	case p == probsPart && !scores.within(0, 1):
		e = column.Errorf(name, -1, "lies %v: it is no probability of class 1 of two, which lies in [0, 1] and would be cut at 0.5", &scores)
		e.Hint = fmt.Sprintf("if it is the logarithm of the odds of class 1 (a logit), say --logits %s; a decision value belongs into a column score beside y_true and y_pred", name)
	default:
		return nil
	}
	return e
}
