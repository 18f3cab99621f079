package datasets

import (
	"fmt"
	"slices"
	"strings"

	"abstain/datasets/column"
)

// scorePrefix begins the names of further confidences.
const scorePrefix = "score:"

// layout says which columns of a source are used for what. Places are indexes
// into want; -1 if the table has no such column.
type layout struct {
	schema     Schema
	want       []column.Want
	names      []string // of the wanted columns as stored
	id, label  int
	onehot     []int // the label in one column per class, in place of label
	vector     []int // one list column, or one column per class
	binary     bool  // vector is one number, which stands for two classes
	prediction int
	correct    int
	confidence int
	abstain    int
	meaning    meaning // of the confidence column
	scores     []int
	groups     []int
	model      int      // the group that names models; -1 if there is none
	classes    []string // the names of the classes in order, if the columns tell
	sentences  bool     // correct may be told in words, because the user named the column
	notes      []string // what the user should know of the columns

	// choices are what names leave open, for the values to decide, in order.
	choices []choice
}

// choice decides something by the values of a table, which it reads in a pass of its
// own. It may change the layout, but not the columns that are wanted.
type choice func(*tableReader) error

// errNoTable is returned for files that hold no predictions at all. A file that
// looks like a prediction table, but has a fault, gets another error.
var errNoTable = column.ErrNoTable

// pass reads some columns of the table from the first row on, and hands out the chunks.
type pass func(want []column.Want, each func(*column.Chunk) error) error

// recognise finds the parts among the fields. Names decide first; where they leave a
// choice between columns of known parts, the layout gets a choice. look reads values of
// tables whose names say too little; nil if they cannot be read. Errors of recognition
// are of type *column.Error.
func recognise(fields []column.Field, as Reading, look pass) (*layout, error) {
	l := &layout{id: -1, label: -1, prediction: -1, correct: -1, confidence: -1, abstain: -1, model: -1}
	r := recogniser{layout: l, fields: fields, look: look, used: make([]bool, len(fields)), byName: map[string]int{}}
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
	if err := r.listen(as); err != nil {
		return nil, err
	}
	return l, r.run()
}

type recogniser struct {
	*layout
	fields []column.Field
	look   pass
	used   []bool
	byName map[string]int
	said   map[part]string // the columns that the user named; "" for none
	gappy  *vector         // columns with numbers, of which some are missing; nil if there are none
}

func (r *recogniser) run() error {
	steps := []func() error{r.takeVector, r.takeScore, r.takeID, r.takeAbstain, r.takeScores, r.takeGroups}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	s := &r.schema
	s.ID, s.Label, s.Prediction = r.id >= 0, r.label >= 0 || r.onehot != nil, r.prediction >= 0
	s.Correct, s.ShouldAbstain = r.correct >= 0, r.abstain >= 0
	return nil
}

// listen takes what the user said of the columns.
func (r *recogniser) listen(as Reading) error {
	r.said = map[part]string{}
	for _, s := range as.Columns {
		if score, ok := strings.CutPrefix(s.Key, scorePrefix); ok {
			i, found := r.byName[s.Value]
			if !found {
				return r.noColumn(s.Key, s.Value)
			}
			if err := r.takeFurther(i, score); err != nil {
				return err
			}
			continue
		}
		p, ok := partCalled(s.Key)
		if !ok {
			return column.Errorf("", -1, "%q is no part of a prediction table; parts are %s", s.Key, partList())
		}
		if s.Value != "" && !r.exists(s.Value, p) {
			return r.noColumn(s.Key, s.Value)
		}
		r.said[p] = s.Value
	}
	return nil
}

// exists reports whether there is a column of that name, or columns of that word and a
// number.
func (r *recogniser) exists(name string, p part) bool {
	if _, ok := r.byName[name]; ok {
		return true
	}
	_, ok := r.familyOf(name)
	return (ok || r.between(name) != nil) && (p == labelPart || p == logitsPart || p == probsPart)
}

// familyOf finds the columns that are called by a word and a number.
func (r *recogniser) familyOf(word string) (*family, bool) {
	w, ok := r.families()[fold(word)]
	return w, ok && len(w.fields) > 1
}

// roles are the kinds that a part may be stored as, and what it is, for messages. Of
// columns that are only text, the first kind is asked for.
var roles = [parts]struct {
	kinds   []column.Kind
	meaning string
}{
	// Text comes first, so that in untyped formats an id like 007 stays as it is.
	idPart: {[]column.Kind{column.Text, column.Int, column.Moment}, "ids are integers or text"},
	labelPart: {[]column.Kind{column.Int, column.Bool, column.Text, column.Float32, column.Float64, column.Vector32, column.Vector64},
		"labels are integers 0..C-1, or -1 outside the classes"},
	logitsPart:     {[]column.Kind{column.Vector32, column.Vector64}, "a class vector is a list of floats"},
	probsPart:      {[]column.Kind{column.Vector32, column.Vector64}, "a class vector is a list of floats"},
	outputsPart:    {[]column.Kind{column.Vector32, column.Vector64}, "a class vector is a list of floats"},
	predictionPart: {[]column.Kind{column.Int, column.Bool, column.Text, column.Float32, column.Float64}, "predictions are integers"},
	correctPart:    {[]column.Kind{column.Bool, column.Int, column.Float32, column.Float64}, "it says yes or no"},
	confidencePart: {[]column.Kind{column.Float64, column.Float32, column.Int}, "a confidence is a float"},
	scorePart:      {[]column.Kind{column.Float64, column.Float32, column.Int}, "a confidence is a float"},
	abstainPart:    {[]column.Kind{column.Bool, column.Int, column.Float32, column.Float64}, "it says yes or no"},
}

// fits returns the kind as which field i is read as the part.
func (r *recogniser) fits(i int, p part) (column.Kind, bool) {
	kinds := roles[p].kinds
	kind := r.fields[i].Kind
	if kind == column.Untyped {
		kind = kinds[0]
	}
	if p == correctPart && kind == column.Text && r.sentences {
		return kind, true
	}
	return kind, slices.Contains(kinds, kind)
}

// takeAs takes field i as the part.
func (r *recogniser) takeAs(i int, p part) (int, error) {
	kind, ok := r.fits(i, p)
	if !ok {
		f := r.fields[i]
		e := column.Errorf(f.Name, -1, "is %s, but %s", f.Type(), roles[p].meaning)
		e.Hint = fmt.Sprintf("write the column %q with another type, or rename it if it means something else", f.Name)
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

// take finds the column of a part and returns its place in want; -1 if there is none.
// Columns under other names than the package's own count only if their type fits.
func (r *recogniser) take(p part) (int, error) {
	if name, said := r.said[p]; said {
		if name == "" {
			return -1, nil
		}
		if i, ok := r.byName[name]; ok {
			return r.takeAs(i, p)
		}
	}
	list := r.candidates(p)
	if len(list) > 0 && list[0].place == 0 {
		r.passOver(list[0], list[1:], p)
		return r.takeAs(list[0].field, p)
	}
	list = slices.DeleteFunc(list, func(c candidate) bool { _, ok := r.fits(c.field, p); return !ok })
	if len(list) == 0 {
		return -1, nil
	}
	i, err := r.takeAs(list[0].field, p)
	if p != idPart && len(list) > 1 {
		r.choices = append(r.choices, r.same(p, list))
	}
	return i, err
}

// passOver notes that a column is not taken because another has the package's own name.
func (r *recogniser) passOver(own candidate, others []candidate, p part) {
	if p == idPart {
		return // a table may have any number of ids
	}
	for _, c := range others {
		if _, ok := r.fits(c.field, p); ok {
			r.notes = append(r.notes, fmt.Sprintf("column %q is the %s; %q is not looked at", own.name, p.word(), c.name))
		}
	}
}

func (r *recogniser) takeID() (err error) {
	r.id, err = r.take(idPart)
	return err
}

func (r *recogniser) takeAbstain() (err error) {
	if r.schema.Kind == Score {
		r.abstain, err = r.take(abstainPart)
	}
	return err
}

// takeScores takes the columns that name themselves further confidences.
func (r *recogniser) takeScores() error {
	for i, f := range r.fields {
		name, ok := strings.CutPrefix(f.Name, scorePrefix)
		if !ok || r.used[i] {
			continue
		}
		if name == "" {
			return column.Errorf(f.Name, -1, "has no name after %q", scorePrefix)
		}
		if err := r.takeFurther(i, name); err != nil {
			return err
		}
	}
	return nil
}

// takeFurther takes field i as a further confidence.
func (r *recogniser) takeFurther(i int, name string) error {
	kind := r.fields[i].Kind
	if kind == column.Untyped {
		kind = column.Float64
	}
	if !scalar(kind) {
		return column.Errorf(r.fields[i].Name, -1, "is %s, but a score is a float", r.fields[i].Type())
	}
	r.scores = append(r.scores, r.add(i, kind))
	r.schema.Scores = append(r.schema.Scores, name)
	return nil
}

// weightNames are the usual names of sample weights, folded.
var weightNames = map[string]bool{"weight": true, "weights": true, "sample_weight": true, "sample_weights": true}

// modelNames are those of columns that say which model a row is of, folded.
var modelNames = map[string]bool{"model": true, "model_name": true, "model_id": true}

// ownIDs are how many words for ids, from the first of the vocabulary, can mean nothing else.
const ownIDs = 4

// takeGroups takes every remaining column whose values can name groups: text,
// bool, integers. Floats, dates, nested types and columns of another length are listed
// as unused.
func (r *recogniser) takeGroups() error {
	rows := r.rows()
	for i, f := range r.fields {
		if r.used[i] {
			continue
		}
		if weightNames[fold(f.Name)] {
			r.notes = append(r.notes, fmt.Sprintf("column %q does not weigh the samples: each counts once", f.Name))
		}
		kind := f.Kind
		if kind == column.Untyped {
			kind = column.Text
		}
		if f.Rows != rows {
			if place, ok := placeOf(idPart, f.Name); ok && place < ownIDs && r.id < 0 && f.Rows > 1 {
				e := column.Errorf(f.Name, -1, "the table has %d rows, but there are %d ids", rows, f.Rows)
				e.Hint = "write one id for each row, or call the array something else"
				return e
			}
			kind = column.Other
		}
		switch kind {
		case column.Text, column.Bool, column.Int:
			if modelNames[fold(f.Name)] {
				r.model = len(r.groups)
			}
			r.groups = append(r.groups, r.add(i, kind))
			r.schema.Groups = append(r.schema.Groups, f.Name)
		default:
			r.schema.Unused = append(r.schema.Unused, f.Name)
		}
	}
	return nil
}

// rows is the number of rows of the columns taken so far, if they say so.
func (r *recogniser) rows() int64 {
	for _, w := range r.want {
		return r.fields[w.Field].Rows
	}
	return 0
}

// taken says what was taken for what, in the order in which people ask.
func (l *layout) taken() Meta {
	var list Meta
	put := func(word string, at int) {
		if at >= 0 {
			list = append(list, Pair{word, l.names[at]})
		}
	}
	put(labelPart.word(), l.label)
	if len(l.onehot) > 0 {
		list = append(list, Pair{labelPart.word(), l.wide(l.onehot)})
	}
	if l.schema.Kind != Score {
		list = append(list, Pair{l.schema.Kind.String(), l.schema.Column})
	}
	put(predictionPart.word(), l.prediction)
	put(correctPart.word(), l.correct)
	put(confidencePart.word(), l.confidence)
	put(abstainPart.word(), l.abstain)
	put(idPart.word(), l.id)
	for i, s := range l.scores {
		put(scorePrefix+l.schema.Scores[i], s)
	}
	return list
}

// wide names columns with one class each.
func (l *layout) wide(columns []int) string {
	return l.names[columns[0]] + ".." + l.names[columns[len(columns)-1]]
}
