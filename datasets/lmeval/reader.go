// Package lmeval reads the samples that lm-evaluation-harness logs for multiple-choice
// tasks, samples_TASK_DATE.jsonl, as prediction tables. Begin with Open.
//
// The log-likelihoods of a document's choices are its logits. Documents may have
// different numbers of choices: classes that a document does not have get -Inf, which is
// probability zero. The target may be the index of a choice or its text; which of them,
// the field acc tells if both are possible, and it must agree with the log-likelihoods
// in every row. The second half of the requests of a task with acc_mutual_info, which
// have no context, is left out. Records of several filters are several tables.
//
// A second vector column, acc_norm, has the log-likelihoods divided by the choices'
// lengths in characters, if the metric acc_norm agrees with them in every row. It is for
// those who ask for it by name.
//
// Which filters there are, how many choices the longest document has, and what targets
// mean, only the whole file tells. Open reads it, and keeps its numbers in memory: about
// a tenth of the file.
//
// The package may import packages column, jsonl and text, and nothing else of this
// module.
package lmeval

import (
	"errors"
	"fmt"
	"io"
	"math"
	"path"
	"regexp"
	"slices"
	"strings"

	"abstain/datasets/column"
	"abstain/datasets/jsonl"
	"abstain/datasets/text"
)

// Reader holds the samples of a file. It implements column.Sectioned.
type Reader struct {
	meta    []column.Pair
	rows    []row
	likely  []float64 // of all choices of all rows
	lengths []int32   // of the choices' texts in characters
	filters []string  // in the order of their first rows
	classes int       // of the section
	normed  bool      // acc_norm agrees with the likelihoods and lengths
	notes   []string

	want  []column.Want
	next  int
	chunk column.Chunk
	err   error
}

// row is a record that was read.
type row struct {
	id            int64
	line          int
	begin, end    int // of its choices in likely
	filter        int
	index, choice int // the label under both readings of the target
	acc, accNorm  float64
	target        string // for messages
	label         int
}

// Recognise reports whether a file's first record is one of lm-evaluation-harness.
func Recognise(r io.ReaderAt, size int64) bool {
	objects, err := jsonl.OpenObjects(r, size)
	if err != nil {
		return false
	}
	defer objects.Close()
	object, err := objects.Next()
	if err != nil {
		return false
	}
	var id, target, responses bool
	_, err = jsonl.Walk(object, 0, func(key []byte, at int) (int, error) {
		switch string(key) {
		case "doc_id":
			id = true
		case "target":
			target = true
		case "resps", "filtered_resps":
			responses = true
		}
		return jsonl.Skip(object, at)
	})
	return err == nil && id && target && responses
}

// Open reads a file. The task in its name, which may be a path, becomes the dataset.
func Open(r io.ReaderAt, size int64, name string) (*Reader, error) {
	objects, err := jsonl.OpenObjects(r, size)
	if err != nil {
		return nil, err
	}
	defer objects.Close()
	l := &Reader{}
	if task := taskOf(name); task != "" {
		l.meta = []column.Pair{{Key: "dataset", Value: task}}
	}
	if err := l.readAll(objects); err != nil {
		return nil, err
	}
	if err := l.readTargets(); err != nil {
		return nil, err
	}
	l.normed = l.checkNorm()
	l.limit(func(row) bool { return true })
	return l, nil
}

// sampleName is how newer versions name a file of samples.
var sampleName = regexp.MustCompile(`^samples_(.+)_\d{4}-\d\d-\d\dT\d\d[-:]\d\d[-:]\d\d(?:[.-]\d+)?$`)

// taskOf is the task in the name of a file of samples; "" if there is none.
func taskOf(name string) string {
	base := path.Base(text.Unpacked(name))
	found := sampleName.FindStringSubmatch(strings.TrimSuffix(base, path.Ext(base)))
	if found == nil {
		return ""
	}
	return found[1]
}

// readAll reads all records.
func (l *Reader) readAll(objects *jsonl.Objects) error {
	var r record
	for {
		object, err := objects.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := r.read(object); err != nil {
			return place(err, objects, len(l.rows))
		}
		if err := l.add(&r, objects.Line(len(l.rows))); err != nil {
			return place(err, objects, len(l.rows))
		}
	}
}

func (l *Reader) add(r *record, line int) error {
	index, choice, err := r.label()
	if err != nil {
		return err
	}
	if index < 0 && choice < 0 {
		return faultf("target", "", "%s is neither the index of one of the %d choices nor the text of one",
			shown(r.target), len(r.likely))
	}
	filter := slices.Index(l.filters, r.filter)
	if filter < 0 {
		filter = len(l.filters)
		l.filters = append(l.filters, r.filter)
	}
	begin := len(l.likely)
	l.likely = append(l.likely, r.likely...)
	for _, q := range r.requests {
		l.lengths = append(l.lengths, int32(len([]rune(q.choice))))
	}
	l.rows = append(l.rows, row{id: r.id, line: line, begin: begin, end: len(l.likely), filter: filter,
		index: index, choice: choice, acc: r.acc, accNorm: r.accNorm, target: shown(r.target)})
	return nil
}

// reading is a meaning that targets may have.
type reading struct {
	name  string
	label func(row) int
}

var readings = []reading{
	{"the index of a choice", func(r row) int { return r.index }},
	{"the text of a choice", func(r row) int { return r.choice }},
}

// readTargets decides what targets mean: what all of them can mean and acc agrees with.
func (l *Reader) readTargets() error {
	var possible, agreeing []reading
	var contradiction error
	for _, m := range readings {
		if slices.ContainsFunc(l.rows, func(r row) bool { return m.label(r) < 0 }) {
			continue
		}
		possible = append(possible, m)
		if err := l.contradicted(m); err == nil {
			agreeing = append(agreeing, m)
		} else if contradiction == nil {
			contradiction = err
		}
	}
	switch {
	case len(possible) == 0:
		return &column.Error{Column: "target", Row: -1,
			Err: errors.New("is the index of a choice in some rows and the text of a choice in others, and neither in all")}
	case len(agreeing) == 0:
		return contradiction
	case len(agreeing) == 2 && slices.ContainsFunc(l.rows, func(r row) bool { return r.index != r.choice }):
		at := slices.IndexFunc(l.rows, func(r row) bool { return r.index != r.choice })
		r := l.rows[at]
		return &column.Error{Column: "target", Row: at, Line: r.line,
			Err: fmt.Errorf("%s may be the index of a choice or the text of choice %d, and no field acc tells",
				r.target, r.choice),
			Hint: "log the samples with the metric acc"}
	}
	for i := range l.rows {
		l.rows[i].label = agreeing[0].label(l.rows[i])
	}
	if len(possible) == 2 && len(agreeing) == 1 {
		l.notes = append(l.notes, fmt.Sprintf("targets are numbers, and choices are too: a target is read as %s, "+
			"because the field acc agrees with that in every row", agreeing[0].name))
	}
	return nil
}

// contradicted returns an error if acc says of a row that the most likely choice is
// right where that is another one than the target, or wrong where it is the target.
// Ties say nothing.
func (l *Reader) contradicted(m reading) error {
	for i, r := range l.rows {
		if math.IsNaN(r.acc) {
			continue
		}
		at, tied := best(l.likely[r.begin:r.end])
		right := at == m.label(r)
		if !tied && r.acc != truth(right) {
			return &column.Error{Column: "acc", Row: i, Line: r.line,
				Err: fmt.Errorf("is %v, but the most likely choice is %d and the target %s, read as %s, is %d",
					r.acc, at, r.target, m.name, m.label(r)),
				Hint: "acc does not count the most likely choice, so the log-likelihoods or the targets mean something else"}
		}
	}
	return nil
}

func truth(right bool) float64 {
	if right {
		return 1
	}
	return 0
}

// checkNorm reports whether the metric acc_norm is what lengths in characters give.
func (l *Reader) checkNorm() bool {
	if slices.Contains(l.lengths, 0) || len(l.rows) == 0 {
		return false
	}
	var normed []float64
	for _, r := range l.rows {
		if math.IsNaN(r.accNorm) {
			return false
		}
		normed = normed[:0]
		for i := r.begin; i < r.end; i++ {
			normed = append(normed, l.likely[i]/float64(l.lengths[i]))
		}
		if at, tied := best(normed); !tied && r.accNorm != truth(at == r.label) {
			return false
		}
	}
	return true
}

// limit leaves some of the rows, and counts their classes.
func (l *Reader) limit(keep func(row) bool) {
	l.rows = slices.DeleteFunc(l.rows, func(r row) bool { return !keep(r) })
	l.classes = 0
	fewest := math.MaxInt
	for _, r := range l.rows {
		l.classes = max(l.classes, r.end-r.begin)
		fewest = min(fewest, r.end-r.begin)
	}
	l.notes = slices.DeleteFunc(l.notes, func(s string) bool { return strings.HasPrefix(s, raggedNote) })
	if fewest < l.classes {
		l.notes = append(l.notes, fmt.Sprintf("%s between %d and %d choices: those that a row does not have get probability zero",
			raggedNote, fewest, l.classes))
	}
}

const raggedNote = "rows have"

// Sections lists the filters; nil if there is only one.
func (l *Reader) Sections() []column.Section {
	if len(l.filters) < 2 {
		return nil
	}
	var list []column.Section
	for _, f := range l.filters {
		meta := slices.Clone(l.meta)
		if f != "none" { // the answers as they came
			meta = append(meta, column.Pair{Key: "condition", Value: f})
		}
		list = append(list, column.Section{Name: f, Meta: append(meta, column.Pair{Key: "filter", Value: f})})
	}
	return list
}

// Enter leaves only the rows of a filter.
func (l *Reader) Enter(section string) error {
	at := slices.Index(l.filters, section)
	if at < 0 {
		return fmt.Errorf("it has no filter %q, but %s", section, strings.Join(l.filters, ", "))
	}
	for _, s := range l.Sections() {
		if s.Name == section {
			l.meta = s.Meta
		}
	}
	l.limit(func(r row) bool { return r.filter == at })
	l.filters = []string{section}
	return nil
}

// Fields returns the columns that the records give.
func (l *Reader) Fields() []column.Field {
	fields := []column.Field{
		{Name: "sample_id", Kind: column.Int, Stored: "doc_id"},
		{Name: "label", Kind: column.Int, Stored: "target"},
		{Name: "logits", Kind: column.Vector64, Width: l.classes, Stored: "log-likelihoods of choices"},
	}
	if l.normed {
		fields = append(fields, column.Field{Name: "acc_norm", Kind: column.Vector64, Width: l.classes,
			Stored: "log-likelihoods by characters"})
	}
	return fields
}

// Meta returns the dataset, if the file's name tells it, and what tells a section.
func (l *Reader) Meta() []column.Pair { return l.meta }

// Line is the line of the file, counted from 1, at which a row begins; 0 if unknown.
func (l *Reader) Line(row int) int {
	if row < 0 || row >= len(l.rows) {
		return 0
	}
	return l.rows[row].line
}

// Notes says, in sentences, how the records were understood.
func (l *Reader) Notes() []string { return l.notes }

// Select says which columns Next reads.
func (l *Reader) Select(want []column.Want) error {
	if len(l.filters) > 1 {
		return &column.Error{Column: "filter", Row: -1,
			Err: fmt.Errorf("has %d values (%s), so every sample stands in the file that many times",
				len(l.filters), strings.Join(l.filters, ", ")),
			Hint: "each filter is a table of its own"}
	}
	if len(want) == 0 {
		return errors.New("no columns selected")
	}
	fields := l.Fields()
	l.chunk.Columns = make([]column.Column, len(want))
	for i, w := range want {
		if f := fields[w.Field]; w.Kind != f.Kind {
			return column.Errorf(f.Name, -1, "%v cannot be read as %v", f.Kind, w.Kind)
		}
		l.chunk.Columns[i].Width = max(1, fields[w.Field].Width)
	}
	l.want = want
	return nil
}

// Next returns the next rows and io.EOF after the last.
func (l *Reader) Next() (*column.Chunk, error) {
	if l.err != nil {
		return nil, l.err
	}
	n := min(column.MaxRows(l.classes*len(l.want)), len(l.rows)-l.next)
	if n <= 0 {
		return nil, io.EOF
	}
	rows := l.rows[l.next : l.next+n]
	l.chunk.First, l.chunk.N = l.next, n
	for i, w := range l.want {
		l.fill(&l.chunk.Columns[i], w.Field, rows)
	}
	l.next += n
	return &l.chunk, nil
}

// fill puts a field of some rows into a column.
func (l *Reader) fill(c *column.Column, field int, rows []row) {
	c.Int, c.F64 = c.Int[:0], c.F64[:0]
	for _, r := range rows {
		switch field {
		case 0:
			c.Int = append(c.Int, r.id)
		case 1:
			c.Int = append(c.Int, int64(r.label))
		default:
			for k := range l.classes {
				c.F64 = append(c.F64, l.logit(r, k, field == 3))
			}
		}
	}
}

// logit is that of a choice, -Inf if the row has no such choice.
func (l *Reader) logit(r row, choice int, normed bool) float64 {
	i := r.begin + choice
	switch {
	case i >= r.end:
		return math.Inf(-1)
	case normed:
		return l.likely[i] / float64(l.lengths[i])
	}
	return l.likely[i]
}

// Close lets go of the numbers.
func (l *Reader) Close() error {
	l.rows, l.likely, l.lengths = nil, nil, nil
	l.err = errors.New("the table is closed")
	return nil
}
