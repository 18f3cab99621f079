package datasets

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"abstain/datasets/column"
)

// Names of columns with a meaning.
const (
	sampleID    = "sample_id"
	scorePrefix = "score:"
)

// vectorColumns are the names of class vectors in one list column, and the
// prefixes of class vectors with one column per class. If a table has both logits
// and probabilities, logits are taken, because probabilities follow from them and
// not the other way round.
var vectorColumns = []struct {
	kind     Kind
	list     string
	prefixes []string
}{
	{Logits, "logits", []string{"logits_", "l"}},
	{Probs, "probs", []string{"probs_", "p"}},
}

// layout says which columns of a source are used for what. Places are indexes
// into want; -1 if the table has no such column.
type layout struct {
	schema     Schema
	want       []column.Want
	names      []string // of the wanted columns as stored
	id, label  int
	vector     []int // one list column, or one column per class
	prediction int
	correct    int
	confidence int
	meaning    meaning // of the confidence column
	scores     []int
	groups     []int
	notes      []string // what the user should know of the columns
}

// errNoTable is returned for files that hold no predictions at all. A file that
// looks like a prediction table, but has a fault, gets another error.
var errNoTable = column.ErrNoTable

// recognise finds the parts among the fields. It returns a *column.Error.
func recognise(fields []column.Field) (*layout, error) {
	l := &layout{id: -1, label: -1, prediction: -1, correct: -1, confidence: -1}
	r := recogniser{layout: l, fields: fields, used: make([]bool, len(fields)), byName: map[string]int{}}
	for i, f := range fields {
		if f.Name == "" {
			r.used[i] = true // its type cannot be read
			continue
		}
		if _, twice := r.byName[f.Name]; twice {
			return nil, column.Errorf(f.Name, -1, "appears twice")
		}
		r.byName[f.Name] = i
	}
	return l, r.run()
}

type recogniser struct {
	*layout
	fields []column.Field
	used   []bool
	byName map[string]int
}

func (r *recogniser) run() error {
	steps := []func() error{r.takeVector, r.takeScore, r.takeID, r.takeScores, r.takeGroups}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	r.schema.ID = r.id >= 0
	r.schema.Label = r.label >= 0
	r.schema.Prediction = r.prediction >= 0
	r.schema.Correct = r.correct >= 0
	return nil
}

// take asks for the column of that name as one of the kinds, and returns its
// index in want; -1 if there is no such column.
func (r *recogniser) take(name, meaning string, kinds ...column.Kind) (int, error) {
	i, ok := r.byName[name]
	if !ok {
		return -1, nil
	}
	kind := r.fields[i].Kind
	if kind == column.Untyped {
		kind = kinds[0]
	}
	if !slices.Contains(kinds, kind) {
		e := column.Errorf(name, -1, "is %s, but %s", r.fields[i].Type(), meaning)
		e.Hint = fmt.Sprintf("write the column %q with another type, or rename it if it means something else", name)
		return -1, e
	}
	return r.add(i, kind), nil
}

func (r *recogniser) add(field int, kind column.Kind) int {
	r.used[field] = true
	r.want = append(r.want, column.Want{Field: field, Kind: kind})
	r.names = append(r.names, r.fields[field].Name)
	return len(r.want) - 1
}

func (r *recogniser) takeID() (err error) {
	// Text comes first, so that in untyped formats an id like 007 stays as it is.
	r.id, err = r.take(sampleID, "ids are integers or text", column.Text, column.Int)
	return err
}

// takeVector finds a class vector and the labels that belong to it.
func (r *recogniser) takeVector() error {
	for _, v := range vectorColumns {
		found, err := r.takeList(v.kind, v.list)
		if err != nil || found {
			return err
		}
		for _, prefix := range v.prefixes {
			if found, err := r.takeWide(v.kind, prefix); err != nil || found {
				return err
			}
		}
	}
	return nil
}

func (r *recogniser) takeList(kind Kind, name string) (bool, error) {
	if at, ok := r.byName[name]; ok && r.fields[at].Kind == column.Untyped {
		e := column.Errorf(name, -1, "is one column of text, but a class vector has a number per class")
		e.Hint = fmt.Sprintf("CSV has no lists: write one column per class, %s_0, %s_1, ..., or a Parquet or Arrow file", name, name)
		return false, e
	}
	i, err := r.take(name, "a class vector is a list of floats", column.Vector32, column.Vector64)
	if err != nil || i < 0 {
		return false, err
	}
	r.vector = []int{i}
	width := r.fields[r.want[i].Field].Width
	if width == 1 {
		return false, column.Errorf(name, -1, "has one value per row; a class vector needs one per class")
	}
	return true, r.describe(kind, width, name)
}

// takeWide finds columns prefix0, prefix1, ... in any order and without gaps.
func (r *recogniser) takeWide(kind Kind, prefix string) (bool, error) {
	if _, ok := r.byName[prefix+"0"]; !ok {
		return false, nil
	}
	classes := 0
	for name := range r.byName {
		if isClassColumn(name, prefix) {
			classes++
		}
	}
	if classes < 2 {
		return false, nil // a single p0 is some other column
	}
	for c := range classes {
		name := prefix + strconv.Itoa(c)
		i, err := r.take(name, "a class column holds floats", column.Float64, column.Float32)
		if err != nil {
			return false, err
		}
		if i < 0 {
			return false, column.Errorf(name, -1, "is missing: %d columns %s0, %s1, ... were found, so the last is expected to be %s%d",
				classes, prefix, prefix, prefix, classes-1)
		}
		r.vector = append(r.vector, i)
	}
	return true, r.describe(kind, classes, fmt.Sprintf("%s0..%s%d", prefix, prefix, classes-1))
}

func isClassColumn(name, prefix string) bool {
	digits, ok := strings.CutPrefix(name, prefix)
	n, err := strconv.Atoi(digits)
	return ok && err == nil && digits == strconv.Itoa(n) && n >= 0
}

// describe completes the schema of a table with a class vector.
func (r *recogniser) describe(kind Kind, classes int, name string) (err error) {
	r.schema.Kind, r.schema.Classes, r.schema.Column = kind, classes, name
	if r.label, err = r.takeLabel("label"); err != nil {
		return err
	}
	if r.label < 0 {
		if r.label, err = r.takeLabel("y_true"); err != nil {
			return err
		}
	}
	if r.label < 0 {
		e := column.Errorf("label", -1, "is missing")
		e.Hint = "add an integer column label with the true class of each sample; found: " + r.found()
		return e
	}
	return nil
}

func (r *recogniser) takeLabel(name string) (int, error) {
	return r.take(name, "labels are integers 0..C-1, or -1 outside the classes", column.Int)
}

func (r *recogniser) found() string {
	names := make([]string, 0, len(r.fields))
	for i, f := range r.fields {
		if i == 20 {
			names = append(names, fmt.Sprintf("and %d more", len(r.fields)-i))
			break
		}
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}

func (r *recogniser) takeScores() error {
	for _, f := range r.fields {
		name, ok := strings.CutPrefix(f.Name, scorePrefix)
		if !ok {
			continue
		}
		i, err := r.take(f.Name, "a score is a float", column.Float64, column.Float32)
		if err != nil {
			return err
		}
		if name == "" {
			return column.Errorf(f.Name, -1, "has no name after %q", scorePrefix)
		}
		r.scores = append(r.scores, i)
		r.schema.Scores = append(r.schema.Scores, name)
	}
	return nil
}

// weightNames are the usual names of sample weights, in lower case.
var weightNames = map[string]bool{"weight": true, "weights": true, "sample_weight": true, "sample_weights": true}

// takeGroups takes every remaining column whose values can name groups: text,
// bool, integers. Floats and nested types are listed as unused.
func (r *recogniser) takeGroups() error {
	for i, f := range r.fields {
		if r.used[i] {
			continue
		}
		if weightNames[strings.ToLower(f.Name)] {
			r.notes = append(r.notes, fmt.Sprintf("column %q does not weigh the samples: each counts once", f.Name))
		}
		kind := f.Kind
		if kind == column.Untyped {
			kind = column.Text
		}
		switch kind {
		case column.Text, column.Bool, column.Int:
			r.groups = append(r.groups, r.add(i, kind))
			r.schema.Groups = append(r.schema.Groups, f.Name)
		default:
			r.schema.Unused = append(r.schema.Unused, f.Name)
		}
	}
	return nil
}
