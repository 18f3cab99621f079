package datasets

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"

	"abstain/datasets/column"
	"abstain/datasets/numpy"
)

// tableFiles are the open files of a table.
type tableFiles struct {
	table Table
	open  []opened // all that are held open: none of those that continue each other
}

// openFiles opens the files of a table. Those that continue each other are opened one
// after the other while they are read.
func openFiles(t Table) (*tableFiles, error) {
	files := &tableFiles{table: t}
	for _, p := range t.files() {
		if t.continued() {
			break
		}
		f, err := openFile(t.FS, p.Path)
		if err != nil {
			files.Close()
			return nil, err
		}
		files.open = append(files.open, f)
	}
	return files, nil
}

// continued reports whether the table's files hold further rows of it each.
func (t Table) continued() bool {
	return len(t.Parts) > 1 && t.Parts[1].Column == "" && !t.Parts[1].Beside
}

// Close closes the files.
func (f *tableFiles) Close() error {
	var errs []error
	for _, o := range f.open {
		errs = append(errs, o.Close())
	}
	return errors.Join(errs...)
}

// source opens the rows of the table, or of its section.
func (f *tableFiles) source() (column.Source, error) {
	source, err := f.all()
	if err != nil {
		return nil, err
	}
	entered, err := f.table.enter(source)
	if err != nil {
		source.Close()
		return nil, err
	}
	return entered, nil
}

// enter leaves only the table's section of a source.
func (t Table) enter(source column.Source) (column.Source, error) {
	s, ok := source.(column.Sectioned)
	several := ok && s.Sections() != nil
	switch {
	case t.Section != "" && several:
		return source, s.Enter(t.Section)
	case t.Section != "":
		return newStacked(source, t.Section)
	case several && !t.Reading.names(source.Fields()):
		var names []string
		for _, s := range s.Sections() {
			names = append(names, s.Name)
		}
		e := column.Errorf("", -1, "holds %d tables: %s", len(names), someNames(names, maxNamed))
		e.Hint = "say which in a column section of the manifest, or leave the file to be found without a manifest"
		return nil, e
	}
	return source, nil
}

// all opens the rows and columns of the files, whatever sections they have.
func (f *tableFiles) all() (column.Source, error) {
	switch {
	case f.table.continued():
		return openShards(f.table)
	case len(f.table.Parts) == 0:
		return openSource(f.open[0])
	}
	z := &joined{}
	err := f.zip(z)
	if err != nil {
		z.Close()
		return nil, err
	}
	if len(z.sides) == 1 {
		return z.sides[0].source, nil
	}
	return z, z.name()
}

// zip opens the files that hold columns beside each other: arrays as one side, which
// comes first if the table is named by one, every other file as one of its own.
func (f *tableFiles) zip(z *joined) error {
	var arrays []numpy.File
	var array string
	for i, o := range f.open {
		p := f.table.Parts[i]
		if p.Column != "" {
			arrays, array = append(arrays, numpy.File{Column: p.Column, Name: path.Base(p.Path), At: o.randomAccess, Size: o.size}), p.Name
			continue
		}
		source, err := openSource(o)
		if err != nil {
			return &partError{p.Name, err}
		}
		z.sides = append(z.sides, side{source: source, name: p.Name, labels: p.Beside})
	}
	if arrays == nil {
		return nil
	}
	source, err := numpy.OpenFiles(arrays)
	if err != nil {
		return err
	}
	at := len(z.sides)
	if f.table.Parts[0].Column != "" {
		at, array = 0, f.table.Parts[0].Name
	}
	z.sides = slices.Insert(z.sides, at, side{source: source, name: array})
	return nil
}

// shards is a source of several files that continue each other. Its error names the
// file and the row in it.
type shards struct {
	table Table
	column.Source
	fields []column.Field
	want   []column.Want
	half   bool

	at    int       // the part that is open
	file  io.Closer // of it
	begin []int     // first rows of the parts up to it
	rows  int       // read so far
	chunk column.Chunk
}

// openShards opens the first file, which says what the columns are.
func openShards(t Table) (column.Source, error) {
	s := &shards{table: t, at: -1}
	if err := s.advance(); err != nil {
		return nil, err
	}
	s.fields = s.Source.Fields()
	return s, nil
}

// advance closes the part that is open and opens the next; io.EOF if there is none.
func (s *shards) advance() error {
	if err := s.closePart(); err != nil {
		return err
	}
	if s.at+1 == len(s.table.Parts) {
		return io.EOF
	}
	s.at++
	s.begin = append(s.begin, s.rows)
	f, err := openFile(s.table.FS, s.table.Parts[s.at].Path)
	if err != nil {
		return s.place(err)
	}
	if s.Source, err = openSource(f); err != nil {
		f.Close()
		return s.place(err)
	}
	s.file = f
	if err := s.prepare(); err != nil {
		return s.place(err)
	}
	return nil
}

// prepare selects the wanted columns of a part, if it is not the first.
func (s *shards) prepare() error {
	if sectioned, ok := s.Source.(column.Sectioned); ok && sectioned.Sections() != nil {
		return errors.New("holds several tables, so it cannot be one of several parts of a table")
	}
	if s.at == 0 {
		return nil
	}
	want, err := s.translate()
	if err != nil {
		return err
	}
	if h, ok := s.Source.(interface{ KeepHalf() }); ok && s.half {
		h.KeepHalf()
	}
	return s.Source.Select(want)
}

// translate finds the wanted columns in a later part, in which they may stand in another
// order but have the same types.
func (s *shards) translate() ([]column.Want, error) {
	byName := map[string]int{}
	for i, f := range s.Source.Fields() {
		byName[f.Name] = i
	}
	if len(byName) != len(s.fields) {
		return nil, fmt.Errorf("has %d columns where %s has %d", len(byName), path.Base(s.table.Parts[0].Path), len(s.fields))
	}
	want := make([]column.Want, len(s.want))
	for i, w := range s.want {
		first := s.fields[w.Field]
		at, ok := byName[first.Name]
		if !ok {
			return nil, column.Errorf(first.Name, -1, "is missing, but %s has it", path.Base(s.table.Parts[0].Path))
		}
		f := s.Source.Fields()[at]
		if f.Kind != first.Kind {
			return nil, column.Errorf(f.Name, -1, "is %s, but %s in %s", f.Type(), first.Type(), path.Base(s.table.Parts[0].Path))
		}
		if f.Width != first.Width {
			return nil, column.Errorf(f.Name, -1, "has %d values a row, but %d in %s", f.Width, first.Width, path.Base(s.table.Parts[0].Path))
		}
		want[i] = column.Want{Field: at, Kind: w.Kind}
	}
	return want, nil
}

// Fields are those of the first file.
func (s *shards) Fields() []column.Field { return s.fields }

// Select says which columns are read of each file.
func (s *shards) Select(want []column.Want) error {
	s.want = want
	return s.place(s.Source.Select(want))
}

// KeepHalf passes the wish on to each file.
func (s *shards) KeepHalf() {
	s.half = true
	if h, ok := s.Source.(interface{ KeepHalf() }); ok {
		h.KeepHalf()
	}
}

// Next returns the next rows, of the next file after the last of one.
func (s *shards) Next() (*column.Chunk, error) {
	for {
		c, err := s.Source.Next()
		if errors.Is(err, io.EOF) {
			if err := s.advance(); err != nil {
				return nil, err
			}
			continue
		}
		if err != nil {
			return nil, s.place(err)
		}
		s.chunk = *c
		s.chunk.First = s.begin[s.at] + c.First
		s.rows += c.N
		return &s.chunk, nil
	}
}

// Place says in which file a row of the table stands, and which row of it it is.
func (s *shards) Place(row int) (file string, at int) {
	i := len(s.begin) - 1
	for i > 0 && s.begin[i] > row {
		i--
	}
	return s.table.Parts[i].Name, row - s.begin[i]
}

// Line is the line in the file of a row of the last part that was read.
func (s *shards) Line(row int) int { return lineOf(s.Source, row-s.begin[s.at]) }

// Notes are those of the last part.
func (s *shards) Notes() []string { return notesOf(s.Source) }

// Fault is that of the file that is open.
func (s *shards) Fault(recovered any) error {
	if f, ok := s.Source.(faulter); ok {
		return f.Fault(recovered)
	}
	return nil
}

// place says which file an error is about. No error of a file is the end of the table.
func (s *shards) place(err error) error {
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*column.Error](err); ok && e.Line == 0 && s.Source != nil {
		e.Line = lineOf(s.Source, e.Row)
	}
	return &partError{s.table.Parts[s.at].Name, err}
}

func (s *shards) closePart() error {
	if s.file == nil {
		return nil
	}
	err := errors.Join(s.Source.Close(), s.file.Close())
	s.file = nil
	return err
}

// Close closes the file that is open.
func (s *shards) Close() error { return s.closePart() }

// partError is an error in one of the files of a table.
type partError struct {
	name string // of the file
	err  error
}

func (e *partError) Error() string { return e.name + ": " + e.err.Error() }
func (e *partError) Unwrap() error { return e.err }

// Placer is a Reader of rows that may lie in other places than their numbers say: in one
// of several files, or in a file among rows of other tables. The readers of OpenTable
// implement it.
type Placer interface {
	// Place completes an error about a row of the table: it names the file, and the row
	// in that file, or the line if the file is text.
	Place(e *Error) *Error
}

// placer is a source whose rows have other places in its files.
type placer interface {
	// Place returns the name of the file, "" for the table's only one, and the row in it.
	Place(row int) (file string, at int)
}

// liner is a source whose files are text.
type liner interface {
	// Line is the line of the file, counted from 1, at which a row begins that was read
	// (of parts that continue each other, of the last); 0 if that is not known.
	Line(row int) int
}

// lineOf is the line of a row of a source; 0 if it is not known.
func lineOf(source column.Source, row int) int {
	if l, ok := source.(liner); ok && row >= 0 {
		return l.Line(row)
	}
	return 0
}

// Place names the file that an error about a row is in, and the row in it.
func (r *tableReader) Place(e *Error) *Error {
	placed := *e
	if p, ok := r.source.(placer); ok && e.Row >= 0 {
		var file string
		file, placed.Row = p.Place(e.Row)
		placed.Table = cmp.Or(file, e.Table)
	}
	if placed.Line == 0 {
		placed.Line = cmp.Or(lineOf(r.source, e.Row), lineOf(r.looked, e.Row))
	}
	return r.table.blame(&placed)
}

// fail names the table in an error, and the file if the table lies in several.
func (r *tableReader) fail(err error) error {
	e := r.table.blame(err)
	if _, placed := errors.AsType[*partError](err); placed {
		return e
	}
	return r.Place(e)
}
