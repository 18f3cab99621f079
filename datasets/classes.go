package datasets

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"abstain/datasets/column"
)

// coding says which numbers the names of classes have; nil if classes are numbers.
type coding map[string]int32

// truth reads words for yes and no as 1 and 0.
func truth(text string) (int, bool) {
	switch strings.ToLower(text) {
	case "true":
		return 1, true
	case "false":
		return 0, true
	}
	return 0, false
}

// answers are the words for yes and no, right and wrong, that are understood in a column
// that the user named correct; Inspect writes C and I.
var answers = map[string]bool{"c": true, "i": false, "true": true, "false": false, "yes": true, "no": false, "y": true, "n": false,
	"correct": true, "incorrect": false, "right": true, "wrong": false, "1": true, "0": false, "1.0": true, "0.0": false}

// integer reads a text as a class number; 3.0 is 3.
func integer(text string) (int64, bool) {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n, true
	}
	v, err := strconv.ParseFloat(text, 64)
	return int64(v), err == nil && v == math.Trunc(v) && math.Abs(v) < 1<<53
}

// abstained reports whether a prediction says that the model did not answer.
func abstained(text string) bool {
	switch strings.ToLower(text) {
	case "", "-1", "abstain", "abstained":
		return true
	}
	return false
}

// classNames are the names of the classes in order, from where they are told: the
// columns of a class vector, the table's metadata, a file beside it. They are nil if
// nothing tells.
func (r *tableReader) classNames() []string {
	if r.layout.classes != nil {
		return r.layout.classes
	}
	for _, key := range []string{"classes", "class_names", "label_names", "categories"} {
		if names := nameList(r.layout.schema.Meta[key]); names != nil {
			return names
		}
		if names := nameList(r.table.Meta.Get(key)); names != nil {
			return names
		}
	}
	if names := features(r.layout.schema.Meta["huggingface"], r.labelColumn()); names != nil {
		return names
	}
	return r.table.Classes
}

func (r *tableReader) labelColumn() string {
	if r.layout.label < 0 {
		return ""
	}
	return r.layout.names[r.layout.label]
}

// nameList reads a JSON list of texts; nil if it is none.
func nameList(stated string) []string {
	var names []string
	if json.Unmarshal([]byte(stated), &names) != nil {
		return nil
	}
	return names
}

// features reads the names of the classes of a column from the metadata of the library
// datasets; if that has none of the column's own, of the only column that has.
func features(stated, column string) []string {
	var doc struct {
		Info struct {
			Features map[string]json.RawMessage `json:"features"`
		} `json:"info"`
	}
	if json.Unmarshal([]byte(stated), &doc) != nil {
		return nil
	}
	lists := map[string][]string{}
	for name, raw := range doc.Info.Features {
		var f struct {
			Names []string `json:"names"`
		}
		if json.Unmarshal(raw, &f) == nil && f.Names != nil {
			lists[name] = f.Names
		}
	}
	if names, ok := lists[column]; ok || len(lists) != 1 {
		return names
	}
	for _, names := range lists {
		return names
	}
	return nil
}

// tally is what the texts of a column of classes are.
type tally struct {
	column string
	names  map[string]bool
	whole  int    // rows with an integer
	first  string // the first text that is none
	row    int    // where it stands, and
	line   int    // in which line of the file
	truths int    // rows with true or false
	rows   int
}

// mostNames is how many different names of classes are kept apart.
const mostNames = 1 << 17

func (t *tally) add(text string, row int, in column.Source) error {
	t.rows++
	if _, ok := integer(text); ok {
		t.whole++
	} else {
		if t.first == "" {
			t.first, t.row, t.line = text, row, lineOf(in, row)
		}
		if _, ok := truth(text); ok {
			t.truths++
		}
	}
	if !t.names[text] {
		if len(t.names) == mostNames {
			return column.Errorf(t.column, row, "more than %d different names of classes: is it the label?", mostNames)
		}
		t.names[strings.Clone(text)] = true
	}
	return nil
}

// numbers reports whether no text of the column needs a name.
func (t *tally) numbers() bool { return t.first == "" || t.truths+t.whole == t.rows && t.whole == 0 }

// count tallies the texts of the column at place i of want. Missing labels are errors;
// predictions may be missing.
func (r *tableReader) count(i int, prediction bool) (*tally, error) {
	t := &tally{column: r.layout.names[i], names: map[string]bool{}}
	want := []column.Want{{Field: r.layout.want[i].Field, Kind: column.Text}}
	err := r.look(want, func(c *column.Chunk) error {
		for row, text := range c.Columns[0].Text {
			text = strings.TrimSpace(text)
			switch {
			case prediction && abstained(text):
				continue
			case text == "-1":
				continue
			case text == "":
				return column.Errorf(t.column, c.First+row, "is empty")
			}
			if err := t.add(text, c.First+row, r.looking); err != nil {
				return err
			}
		}
		return nil
	})
	return t, err
}

// codeClasses decides how texts in the columns of labels and predictions become class
// numbers.
func (r *tableReader) codeClasses() error {
	l := r.layout
	if l.label < 0 || l.want[l.label].Kind != column.Text || r.codes != nil {
		return nil // predictions are then numbers, or what setClasses says
	}
	labels, err := r.count(l.label, false)
	if err != nil {
		return err
	}
	known := r.classNames()
	names := sortedKeys(labels.names)
	stranger := slices.IndexFunc(names, func(n string) bool { return !slices.Contains(known, n) })
	switch {
	case known != nil && stranger < 0 && l.schema.Kind == Score:
		return r.codePredictions(known)
	case known != nil && stranger < 0 && len(known) != l.schema.Classes:
		return column.Errorf(labels.column, -1, "has names of %d classes (%s), but the table has %d", len(known), some(known), l.schema.Classes)
	case known != nil && stranger < 0:
		return r.code(known, nil)
	case labels.numbers():
		return nil
	case known != nil:
		e := column.Errorf(labels.column, -1, "%q is none of the %d classes %s", names[stranger], len(known), some(known))
		e.Hint = "labels are names of these classes, or their numbers from 0"
		return e
	case labels.whole > 0:
		e := column.Errorf(labels.column, labels.row, "%q is no integer, but other labels are", labels.first)
		e.Line = labels.line
		return e
	case l.schema.Kind == Score:
		return r.codePredictions(names)
	case len(names) != l.schema.Classes:
		return r.unordered(labels.column, names)
	}
	l.notes = append(l.notes, fmt.Sprintf("labels are names: classes are taken in sorted order, %s", some(names)))
	return r.code(names, nil)
}

// code gives the names their places as numbers, and further ones the numbers after these.
func (r *tableReader) code(names, further []string) error {
	r.codes = coding{}
	for _, n := range append(slices.Clone(names), further...) {
		if _, twice := r.codes[n]; twice {
			return column.Errorf("", -1, "the class %q is listed twice", n)
		}
		r.codes[n] = int32(len(r.codes))
	}
	return nil
}

// codePredictions numbers the classes of a score table: those of the labels in sorted
// order, so that all models of a dataset have the same, and then those only predicted.
func (r *tableReader) codePredictions(names []string) error {
	l := r.layout
	if l.prediction < 0 {
		return r.code(names, nil)
	}
	if l.want[l.prediction].Kind != column.Text {
		if f := r.fields[l.want[l.prediction].Field]; f.Kind != column.Untyped {
			return column.Errorf(l.names[l.prediction], -1, "is %s, but labels are names such as %q: is one of them the number of the other?", f.Type(), names[0])
		}
		l.want[l.prediction].Kind = column.Text
	}
	predicted, err := r.count(l.prediction, true)
	if err != nil {
		return err
	}
	if predicted.whole > 0 && predicted.first == "" {
		return column.Errorf(predicted.column, -1, "holds numbers, but labels are names such as %q: write both alike", names[0])
	}
	further := slices.DeleteFunc(sortedKeys(predicted.names), func(n string) bool { return slices.Contains(names, n) })
	return r.code(names, further)
}

// unordered is the error for names of classes whose order nothing tells.
func (r *tableReader) unordered(name string, names []string) error {
	e := column.Errorf(name, -1, "has %d different class names (%s) for %d classes, and nothing tells their order", len(names), some(names), r.layout.schema.Classes)
	e.Hint = "list the classes in order in a file classes.txt beside the table, one a line, or store labels as numbers 0..C-1"
	return e
}

// some lists the first of several names.
func some(names []string) string {
	const most = 8
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", ..."
	}
	return strings.Join(names, ", ")
}

// classNumbers reads the column at place i of want as class numbers.
func (r *tableReader) classNumbers(c *column.Chunk, i int, dst []int32) ([]int32, error) {
	if i < 0 {
		return nil, nil
	}
	predicted := i == r.layout.prediction
	col := &c.Columns[i]
	if !predicted {
		var err error
		if col, err = r.required(c, i); err != nil {
			return nil, err
		}
	}
	dst = column.Grow(dst, c.N)
	if plainInts := col.Int != nil && col.Null == nil && r.table.Reading.LabelsFrom == 0; plainInts {
		for row, v := range col.Int {
			if v < math.MinInt32 || v > math.MaxInt32 {
				return nil, column.Errorf(r.layout.names[i], c.First+row, "%d is no class number", v)
			}
			dst[row] = int32(v)
		}
		return dst, nil
	}
	for row := range dst {
		if predicted && col.Null != nil && col.Null[row] {
			dst[row] = -1
			continue
		}
		v, err := r.classNumber(col, row, predicted)
		if err != nil {
			return nil, &column.Error{Column: r.layout.names[i], Row: c.First + row, Err: err}
		}
		dst[row] = v
	}
	return dst, nil
}

// classNumber reads one value as a class number.
func (r *tableReader) classNumber(c *column.Column, row int, predicted bool) (int32, error) {
	var v int64
	switch {
	case c.Width > 1:
		class, ok := hot(c, row)
		if !ok {
			return 0, errors.New("is no one-hot row: a single 1, and 0 elsewhere")
		}
		return int32(class), nil
	case c.Int != nil:
		v = c.Int[row]
	case c.Bool != nil:
		return int32(at(c, row)), nil
	case c.Text != nil:
		return r.named(strings.TrimSpace(c.Text[row]), predicted)
	default:
		f := at(c, row)
		if math.IsNaN(f) && predicted {
			return -1, nil
		}
		if f != math.Trunc(f) || math.Abs(f) > math.MaxInt32 {
			return 0, fmt.Errorf("%v is no class number", f)
		}
		v = int64(f)
	}
	return r.counted(v)
}

// named reads a text as a class.
func (r *tableReader) named(text string, predicted bool) (int32, error) {
	if predicted && abstained(text) || text == "-1" {
		return -1, nil
	}
	if code, ok := r.codes[text]; ok {
		return code, nil
	}
	if v, ok := integer(text); ok && r.codes == nil {
		return r.counted(v)
	}
	if v, ok := truth(text); ok && r.codes == nil {
		return int32(v), nil
	}
	switch {
	case text == "":
		return 0, errors.New("is empty")
	case r.codes != nil:
		return 0, fmt.Errorf("%q is no class that occurs among the labels", text)
	}
	return 0, fmt.Errorf("%q is no integer", text)
}

// counted turns a class number as the user counts into one that counts from 0.
func (r *tableReader) counted(v int64) (int32, error) {
	if v < math.MinInt32 || v > math.MaxInt32 {
		return 0, fmt.Errorf("%d is no class number", v)
	}
	from := int64(r.table.Reading.LabelsFrom)
	switch {
	case v == -1 || from == 0:
		return int32(v), nil
	case v == 0:
		return 0, errors.New("0 occurs, but --labels-from 1 says that classes count from 1")
	}
	return int32(v - from), nil
}

// oneHot reads labels that lie in one column per class.
func (r *tableReader) oneHot(c *column.Chunk, dst []int32) ([]int32, error) {
	dst = column.Grow(dst, c.N)
	for row := range dst {
		class := -1
		for k, i := range r.layout.onehot {
			v := at(&c.Columns[i], row)
			if v != 0 && v != 1 || v == 1 && class >= 0 || len(c.Columns[i].Null) > 0 && c.Columns[i].Null[row] {
				return nil, r.notHot(c.First + row)
			}
			if v == 1 {
				class = k
			}
		}
		if class < 0 {
			return nil, r.notHot(c.First + row)
		}
		dst[row] = int32(class)
	}
	return dst, nil
}

func (r *tableReader) notHot(row int) error {
	e := column.Errorf(r.layout.wide(r.layout.onehot), row, "is no one-hot label: a single 1, and 0 elsewhere")
	e.Hint = "columns of the most probable classes are no truth; add an integer column label with the true class of each sample"
	return e
}

// askFrom asks whether labels count from 1, if a batch has the label that is the number
// of classes, and no label of the table is 0 or larger. Other labels outside the classes
// are left to the code that computes with them.
func (r *tableReader) askFrom(label []int32) error {
	classes := int32(r.layout.schema.Classes)
	if classes == 0 || r.asked || r.table.Reading.LabelsFrom != 0 || r.codes != nil || !slices.Contains(label, classes) {
		return nil
	}
	r.asked = true
	low, high := int32(math.MaxInt32), int32(0)
	var labels []int32
	l := r.layout
	err := r.look([]column.Want{l.want[l.label]}, func(c *column.Chunk) (err error) {
		shifted := &column.Chunk{First: c.First, N: c.N, Columns: make([]column.Column, l.label+1)}
		shifted.Columns[l.label] = c.Columns[0]
		labels, err = r.classNumbers(shifted, l.label, labels)
		for _, v := range labels {
			if v != -1 {
				low, high = min(low, v), max(high, v)
			}
		}
		return err
	})
	if err != nil || low < 1 || high > classes {
		return nil // the main pass says what is wrong
	}
	e := column.Errorf(r.layout.names[l.label], -1, "labels run from %d to %d in a table of %d classes: do they count from 1? Then say --labels-from 1", low, high, classes)
	e.Hint = "labels count from 0 unless --labels-from 1, or labels_from in the manifest, says otherwise"
	return e
}
