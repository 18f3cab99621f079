package array

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"

	"abstain/datasets/column"
	"abstain/datasets/internal/mapping"
)

// Source is a table made of arrays. It implements column.Source and column.Sectioned.
type Source struct {
	files  []*mapping.File
	arrays []Array
	meta   []column.Pair
	whole  Table   // the file as one table
	tables []Table // its sections
	table  *Table  // the one that is read

	want    []col
	cursors []*cursor // of the arrays that are wanted
	spans   []Span    // of rows that are still to be read
	rows    int64     // of the table
	raw     [][]byte  // of the rows that are converted, by cursor
	limit   int64     // rows of a chunk
	first   int64
	chunk   column.Chunk
	tees    []tee // by file
	err     error
}

// Table is a table made of some arrays.
type Table struct {
	Section column.Section
	Spans   []Span // its rows, in order; nil if all rows of the arrays are
	Columns []Part
}

// Part is a column that is an array or a part of its rows.
type Part struct {
	Name  string
	Array int
	From  int // first of the values of a row
	Width int // how many values of a row; 0 if all are
	// Int makes an integer of the only float of each row; nil if it stays a float.
	Int func(float64) int64
	Why string // why the array is no column of the table; "" if it is
}

// Span is a run of rows.
type Span struct{ From, To int64 }

// col is a wanted column.
type col struct {
	name   string
	array  *Array
	cursor int // of the array, among the source's
	part   slice
	toInt  func(float64) int64
	scratch
}

// New makes a table of the arrays of some files, which it closes when it is closed. Arrays
// that cannot be a column, or are not as long as the others, are fields of the kind Other
// that say why. Arrays whose names begin or end with that of a split, such as val_logits,
// make a section for each split. Meta is the metadata of the files.
func New(files []*mapping.File, arrays []Array, meta []column.Pair) (s *Source, err error) {
	s = &Source{files: files, arrays: arrays, meta: meta}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer s.contain(&err)
	for i := range arrays {
		arrays[i].judge()
	}
	classes, err := s.takeClasses()
	if err != nil {
		return nil, err
	}
	s.split(classes)
	s.table = &s.whole
	return s, nil
}

// Divide replaces the sections.
func (s *Source) Divide(tables []Table) { s.tables = tables }

// Describe adds an entry to the metadata of the file.
func (s *Source) Describe(key, value string) {
	s.meta = append(s.meta, column.Pair{Key: key, Value: value})
}

// Arrays are all arrays of the files.
func (s *Source) Arrays() []Array { return s.arrays }

// Sections lists the sections in the order in which they are stored.
func (s *Source) Sections() []column.Section {
	var list []column.Section
	for _, t := range s.tables {
		list = append(list, t.Section)
	}
	return list
}

// Enter leaves only the rows and columns of a section.
func (s *Source) Enter(section string) error {
	i := slices.IndexFunc(s.tables, func(t Table) bool { return t.Section.Name == section })
	if i < 0 {
		return fmt.Errorf("it has no section %q", section)
	}
	s.table = &s.tables[i]
	return nil
}

// Fields returns the columns in stored order.
func (s *Source) Fields() []column.Field {
	fields := make([]column.Field, len(s.table.Columns))
	for i, p := range s.table.Columns {
		fields[i] = s.field(p)
	}
	return fields
}

func (s *Source) field(p Part) column.Field {
	a := &s.arrays[p.Array]
	if p.Why != "" || a.Why != "" {
		return column.Field{Name: p.Name, Stored: cmp.Or(p.Why, a.Why), Rows: a.rows()}
	}
	f := p.slice(a).field(a, p.Name)
	if p.Int != nil {
		f.Kind = column.Int
	}
	return f
}

func (p Part) slice(a *Array) slice {
	if p.Width == 0 {
		return slice{0, a.width()}
	}
	return slice{p.From, p.Width}
}

// Meta returns the metadata of the files and those of the section.
func (s *Source) Meta() []column.Pair {
	return slices.Concat(s.meta, s.table.Section.Meta)
}

// Select says which columns Next reads. All of them must have as many rows.
func (s *Source) Select(want []column.Want) error {
	if len(want) == 0 {
		return errors.New("no columns selected")
	}
	s.want = make([]col, len(want))
	s.chunk.Columns = make([]column.Column, len(want))
	widest := len(want)
	cursors := map[int]int{} // by array, which may have several columns
	for i, w := range want {
		p := s.table.Columns[w.Field]
		f := s.field(p)
		if f.Kind != w.Kind || f.Kind == column.Other {
			return column.Errorf(f.Name, -1, "is %s, cannot be read as %v", f.Type(), w.Kind)
		}
		a := &s.arrays[p.Array]
		if _, ok := cursors[p.Array]; !ok {
			cursors[p.Array] = len(s.cursors)
			s.cursors = append(s.cursors, newCursor(a))
		}
		s.want[i] = col{name: f.Name, array: a, cursor: cursors[p.Array], part: p.slice(a), toInt: p.Int}
		if err := agree(&s.want[0], &s.want[i]); err != nil {
			return err
		}
		widest = max(widest, f.Width, a.Type.Size/8)
	}
	s.begin(int64(column.MaxRows(widest)))
	return nil
}

// agree checks that two columns have as many rows.
func agree(a, b *col) error {
	n, m := a.array.rows(), b.array.rows()
	if n == m {
		return nil
	}
	return column.Errorf(b.name, -1, "has %d rows (%s) where %q has %d (%s)",
		m, Shape(b.array.Shape), a.name, n, Shape(a.array.Shape))
}

func (s *Source) begin(limit int64) {
	s.limit = limit
	s.spans = s.table.Spans
	if s.spans == nil {
		s.spans = []Span{{0, s.want[0].array.rows()}}
	}
	s.spans = slices.Clone(s.spans)
	for _, p := range s.spans {
		s.rows += p.To - p.From
	}
}

// KeepHalf asks for vectors of float16 as they are stored, in Column.F16. It is called
// after Select.
func (s *Source) KeepHalf() {
	for i := range s.want {
		s.want[i].half = true
	}
}

// Next returns the next rows and io.EOF after the last. Numbers are slices of the file's
// own memory where possible: they must not be written to and are valid until the next call.
func (s *Source) Next() (chunk *column.Chunk, err error) {
	if s.err != nil {
		return nil, s.err
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { s.err = err }()
	defer s.contain(&err)
	if err := s.passOn(float64(s.first) / float64(max(s.rows, 1))); err != nil {
		return nil, err
	}
	for len(s.spans) > 0 && s.spans[0].From == s.spans[0].To {
		s.spans = s.spans[1:]
	}
	if len(s.spans) == 0 {
		return nil, s.finish()
	}
	span := &s.spans[0]
	to := min(span.To, span.From+s.limit)
	if err := s.fill(span.From, to); err != nil {
		return nil, err
	}
	s.first += to - span.From
	span.From = to
	return &s.chunk, nil
}

// fill converts rows i to j of the arrays.
func (s *Source) fill(i, j int64) error {
	n := int(j - i)
	s.raw = column.Grow(s.raw, len(s.cursors))
	for k, c := range s.cursors {
		var err error
		if s.raw[k], err = c.rows(i, j); err != nil {
			return s.place(err, c.array.Name)
		}
	}
	for k := range s.want {
		w := &s.want[k]
		if err := w.convert(&s.chunk.Columns[k], w.array, w.part, s.raw[w.cursor], n); err != nil {
			return s.place(err, w.name)
		}
		if w.toInt != nil {
			w.integers(&s.chunk.Columns[k], w.toInt)
		}
	}
	s.chunk.First, s.chunk.N = int(s.first), n
	return nil
}

// place completes the error of a column, whose rows were counted from the next.
func (s *Source) place(err error, name string) error {
	if e, ok := errors.AsType[*column.Error](err); ok {
		e.Column = name
		if e.Row >= 0 {
			e.Row += int(s.first)
		}
		return e
	}
	return column.Errorf(name, -1, "%w", err)
}

// finish ends the table. What was read is valid only if it returns io.EOF.
func (s *Source) finish() error {
	for _, c := range s.cursors {
		if err := c.finish(); err != nil {
			return s.place(err, c.array.Name)
		}
	}
	if err := s.passOn(1); err != nil {
		return err
	}
	for _, f := range s.files {
		if err := f.Unchanged(); err != nil {
			return err
		}
	}
	return io.EOF
}

// Each calls use with the values of part of each row of an array, some rows at a time.
// Numbers are valid until use returns.
func (s *Source) Each(array, from, width int, use func(first int64, values *column.Column) error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer s.contain(&err)
	a := &s.arrays[array]
	c, w, out := newCursor(a), scratch{}, column.Column{}
	defer c.close()
	step := int64(column.MaxRows(int(c.size/8 + 1)))
	for i := int64(0); i < a.rows(); i += step {
		j := min(i+step, a.rows())
		raw, err := c.rows(i, j)
		if err == nil {
			err = w.convert(&out, a, slice{from, width}, raw, int(j-i))
		}
		if err == nil {
			err = use(i, &out)
		}
		if e, ok := errors.AsType[*column.Error](err); ok && e.Row >= 0 {
			e.Row += int(i)
		}
		if err != nil {
			return err
		}
	}
	return c.finish()
}

// contain turns a fault of a mapping into an error.
func (s *Source) contain(err *error) {
	p := recover()
	if p == nil {
		return
	}
	if *err = s.Fault(p); *err == nil {
		panic(p)
	}
}

// Fault returns the error behind a recovered panic if values that Next handed out could
// not be read, because a file was cut short or its device failed, and nil for any other
// panic. Reading a mapping panics only on a goroutine for which debug.SetPanicOnFault is
// set; on others such a fault ends the program.
func (s *Source) Fault(recovered any) error {
	for _, f := range s.files {
		if err := f.Fault(recovered); err != nil {
			return err
		}
	}
	return nil
}

// Close releases the memory, that of the last chunk too. It does not close the underlying
// files.
func (s *Source) Close() error {
	for _, c := range s.cursors {
		c.close()
	}
	for _, f := range s.files {
		f.Close()
	}
	s.err = errors.New("the table is closed")
	return nil
}
