// Package ipc reads and writes Arrow IPC files and streams as prediction tables.
// Begin with Open to read, and Write to write.
//
// The metadata (footer, schema, messages) is walked here, with every bound
// checked before anything is allocated: the decoders of arrow/go trust vector
// lengths, and one flipped bit may then ask for 160 GB, which no recover can
// catch. Files of the operating system are mapped, and uncompressed values are
// used in place. Other columns are decoded or read into pooled memory batch by
// batch; class vectors of many classes or rows are decoded some rows at a time. A
// table therefore needs little memory, whatever its size and that of its batches.
// arrow/go supplies the arrays and the writer.
//
// Truncation and corruption are errors that say what is wrong, even if a file is
// cut short while it is read. Flipped bytes in values cannot be noticed, because
// the format has no checksum.
//
// The package may import package column and nothing else of this module.
package ipc

import (
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"abstain/datasets/column"
)

// Version is raised when the package reads other values from the same bytes than
// before, so that what was kept of tables is computed anew.
const Version = 1

// Reader reads an Arrow IPC file or stream. It implements column.Source.
type Reader struct {
	file   *file
	schema schema
	fields []column.Field
	foot   *footer // nil for streams

	want    []column.Want
	wanted  []bool         // by field
	needed  map[int64]bool // ids of the dictionaries of wanted columns
	widths  []int          // of wanted vectors, once known
	nextRec int            // file: next record block
	offset  int64          // stream: next message
	dicts   map[int64]arrow.Array
	started bool

	arena   arena
	current []arrow.Array // by field; nil where not wanted
	streams []*stream     // by field; nil for most
	rows    int           // of the current record batch
	pos     int           // first row of it not yet yielded
	first   int           // row of the table at pos
	chunk   column.Chunk
	scratch []scratch
	err     error

	tee          io.Writer // nil unless wanted
	written      int64     // bytes of the file
	body, length int64     // of the current record batch
}

// Open reads the metadata of an Arrow IPC file or stream of size bytes; the
// first bytes decide which. The rows are read by Next.
func Open(r io.ReaderAt, size int64) (reader *Reader, err error) {
	f, err := newFile(r, size)
	if err != nil {
		return nil, err
	}
	reader = &Reader{file: f, dicts: map[int64]arrow.Array{}}
	if err := reader.open(); err != nil {
		f.Close()
		return nil, err
	}
	return reader, nil
}

// open reads the metadata.
func (r *Reader) open() (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer r.contain(&err)
	if r.file.isFile() {
		if r.foot, err = r.file.footer(); err != nil {
			return err
		}
		r.schema = r.foot.schema
	} else if err := r.openStream(); err != nil {
		return err
	}
	for i := range r.schema.fields {
		r.fields = append(r.fields, r.schema.fields[i].column())
	}
	return nil
}

func (r *Reader) openStream() error {
	m, next, err := r.file.messageAt(0)
	if errors.Is(err, io.EOF) {
		return errors.New("an empty Arrow stream")
	}
	if err != nil {
		return err
	}
	if m.header != headerSchema {
		return errors.New("an Arrow stream must begin with its schema")
	}
	r.offset = next
	r.schema, err = decodeSchema(m.table)
	return err
}

// contain turns a panic of arrow/go or of a codec, or a fault of the mapping,
// into an error. The metadata is checked before, so only damaged values can cause
// a panic here.
func (r *Reader) contain(err *error) {
	p := recover()
	if p == nil {
		return
	}
	if *err = r.file.Fault(p); *err == nil {
		*err = fmt.Errorf("corrupt Arrow data: %v", p)
	}
}

// Fault returns the error behind a recovered panic if values that Next handed out
// could not be read, because the file was cut short or its device failed, and nil
// for any other panic. Reading a mapping panics only on a goroutine for which
// debug.SetPanicOnFault is set; on others such a fault ends the program.
func (r *Reader) Fault(recovered any) error { return r.file.Fault(recovered) }

// Tee makes Next write the bytes of the file to w, all of them and in order, each
// part soon after its rows were handed out, while it is still in the processor's
// cache. It must be called before the rows are read; all is written when Next
// returns io.EOF. If the file is not in memory, Tee reports false and nothing
// will be written.
func (r *Reader) Tee(w io.Writer) bool {
	if r.file.Data == nil {
		return false
	}
	r.tee = w
	return true
}

// handedOut estimates how far in the file the rows reach that were handed out, as
// if its columns grew together. The estimate only decides when bytes are written,
// not which.
func (r *Reader) handedOut() int64 {
	if r.rows == 0 {
		return 0
	}
	return r.body + int64(float64(r.length)*float64(r.pos)/float64(r.rows))
}

// writeUntil writes the bytes before end to the tee that are not written yet.
func (r *Reader) writeUntil(end int64) error {
	if r.tee == nil || end <= r.written {
		return nil
	}
	n, err := r.tee.Write(r.file.Data[r.written:end])
	r.written += int64(n)
	return err
}

// finish ends the table.
func (r *Reader) finish() error {
	if err := r.writeUntil(r.file.Size); err != nil {
		return err
	}
	return io.EOF
}

// Fields returns the columns in stored order.
func (r *Reader) Fields() []column.Field { return r.fields }

// Meta returns the schema metadata in stored order.
func (r *Reader) Meta() []column.Pair { return r.schema.meta }

// Select says which columns Next reads.
func (r *Reader) Select(want []column.Want) error {
	if len(want) == 0 {
		return errors.New("no columns selected") // without columns, nothing bounds the number of rows
	}
	r.want = slices.Clone(want)
	r.wanted = make([]bool, len(r.fields))
	r.needed = map[int64]bool{}
	r.widths = make([]int, len(want))
	r.scratch = make([]scratch, len(want))
	for i, w := range want {
		r.scratch[i].sense = r.schema.fields[w.Field].sense
	}
	r.chunk.Columns = make([]column.Column, len(want))
	for i, w := range want {
		f := r.fields[w.Field]
		if f.Kind != w.Kind || f.Kind == column.Other {
			return column.Errorf(f.Name, -1, "is %s, cannot be read as %v", f.Type(), w.Kind)
		}
		r.wanted[w.Field] = true
		r.widths[i] = f.Width
		if d := r.schema.fields[w.Field].dict; d != nil {
			r.needed[d.id] = true
		}
	}
	return nil
}

// KeepHalf asks for vectors of float16 as they are stored, in Column.F16. It is
// called after Select.
func (r *Reader) KeepHalf() {
	for i := range r.scratch {
		r.scratch[i].half = true
	}
}

// Next returns the next rows and io.EOF after the last. Float32 and Float64
// values and vectors are slices of the file's own memory where possible: they
// must not be written to and are valid until the next call.
func (r *Reader) Next() (chunk *column.Chunk, err error) {
	if r.err != nil {
		return nil, r.err
	}
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { r.err = err }()
	defer r.contain(&err)
	if err := r.writeUntil(r.handedOut()); err != nil {
		return nil, err
	}
	for r.pos == r.rows {
		if err := r.advance(); err != nil {
			return nil, err
		}
	}
	return r.fill()
}

// fill converts the next rows of the current record batch.
func (r *Reader) fill() (*column.Chunk, error) {
	if err := r.learnWidths(); err != nil {
		return nil, err
	}
	n := min(r.rows-r.pos, column.MaxRows(max(slices.Max(r.widths), len(r.want))))
	for i, w := range r.want {
		r.scratch[i].stream = r.streams[w.Field]
		err := convert(&r.chunk.Columns[i], &r.scratch[i], r.current[w.Field], r.pos, r.pos+n, r.widths[i])
		if err != nil {
			return nil, r.place(err, r.fields[w.Field].Name)
		}
	}
	r.chunk.First, r.chunk.N = r.first, n
	r.pos += n
	r.first += n
	return &r.chunk, nil
}

// place completes the error of a column, whose rows were counted from the first
// of the rows being read.
func (r *Reader) place(err error, name string) error {
	if e, ok := errors.AsType[*column.Error](err); ok {
		e.Column = name
		if e.Row >= 0 {
			e.Row += r.first
		}
		return e
	}
	return r.columnError(err, name)
}

func (r *Reader) columnError(err error, name string) error {
	e := &column.Error{Column: name, Row: -1, Err: err}
	if s, ok := errors.AsType[*shortBuffer](err); ok {
		e.Hint = s.hint()
	}
	return e
}

// learnWidths finds the width of a list column in its first row.
func (r *Reader) learnWidths() error {
	for i, w := range r.want {
		if r.widths[i] == 0 {
			if l, ok := r.current[w.Field].(array.ListLike); ok {
				begin, end := l.ValueOffsets(r.pos)
				r.widths[i] = int(end - begin)
			}
		}
	}
	return nil
}

// advance loads the next record batch. It checks here, and at the end, that the
// file is unchanged; a check for every chunk of rows would take a twentieth of
// the time.
func (r *Reader) advance() error {
	if err := r.endStreams(); err != nil {
		return err
	}
	if err := r.file.Unchanged(); err != nil {
		return err
	}
	if !r.started {
		r.started = true
		if err := r.loadDictionaries(); err != nil {
			return err
		}
	}
	m, err := r.nextRecord()
	if errors.Is(err, io.EOF) {
		return r.finish()
	}
	if err != nil {
		return err
	}
	r.body, r.length = m.body, m.length
	r.arena.Release()
	b, err := newBatch(r.file, m, m.table, r.arena.Get)
	if err != nil {
		return err
	}
	b.dictionaries = r.dicts
	return r.loadRecord(b)
}

// endStreams ends the streams of the record batch that was read.
func (r *Reader) endStreams() error {
	for i, s := range r.streams {
		if s == nil {
			continue
		}
		if err := s.end(); err != nil {
			return r.columnError(err, r.fields[i].Name)
		}
	}
	r.closeStreams()
	return nil
}

func (r *Reader) closeStreams() {
	for _, s := range r.streams {
		if s != nil {
			s.back()
		}
	}
	clear(r.streams)
}

func (r *Reader) loadRecord(b *batch) error {
	r.current = column.Grow(r.current, len(r.fields))
	r.streams = column.Grow(r.streams, len(r.fields))
	clear(r.streams)
	for i := range r.schema.fields {
		f := &r.schema.fields[i]
		if !r.wanted[i] {
			if err := b.skip(f); err != nil {
				return err
			}
			continue
		}
		data, err := b.load(f)
		if err != nil {
			return r.columnError(err, f.name)
		}
		if data.Len() != b.rows {
			return r.columnError(fmt.Errorf("corrupt: %d values in a record batch of %d rows", data.Len(), b.rows), f.name)
		}
		r.current[i] = array.MakeFromData(data)
		r.streams[i], b.stream = b.stream, nil
	}
	r.rows, r.pos = b.rows, 0
	return nil
}

// nextRecord finds the next record batch. In a stream, dictionaries may come
// before it.
func (r *Reader) nextRecord() (*message, error) {
	if r.foot != nil {
		if r.nextRec == len(r.foot.records) {
			return nil, io.EOF
		}
		m, err := r.file.messageIn(r.foot.records[r.nextRec])
		r.nextRec++
		if err == nil && m.header != headerRecord {
			err = errors.New("corrupt metadata: the footer lists a record batch that is none")
		}
		return m, err
	}
	for {
		m, next, err := r.file.messageAt(r.offset)
		if err != nil {
			return nil, err
		}
		r.offset = next
		switch m.header {
		case headerRecord:
			return m, nil
		case headerDictionary:
			if err := r.loadDictionary(m); err != nil {
				return nil, err
			}
		default:
			return nil, fmt.Errorf("corrupt metadata: a message of type %d inside a stream", m.header)
		}
	}
}

// loadDictionaries reads the dictionaries that the footer of the file format
// lists.
func (r *Reader) loadDictionaries() error {
	if r.foot == nil {
		return nil
	}
	for _, b := range r.foot.dictionaries {
		m, err := r.file.messageIn(b)
		if err != nil {
			return err
		}
		if m.header != headerDictionary {
			return errors.New("corrupt metadata: the footer lists a dictionary that is none")
		}
		if err := r.loadDictionary(m); err != nil {
			return err
		}
	}
	return nil
}

// loadDictionary keeps the values of a dictionary that a wanted column uses.
func (r *Reader) loadDictionary(m *message) error {
	id := m.table.int64(0)
	if !r.needed[id] {
		return m.table.f.err
	}
	b, err := newBatch(r.file, m, m.table.table(1), fresh)
	if err != nil {
		return err
	}
	f := r.dictionaryField(id)
	data, err := b.loadValues(f.typ, f.children)
	if err != nil {
		return r.columnError(fmt.Errorf("dictionary: %w", err), f.name)
	}
	values := array.MakeFromData(data)
	if old := r.dicts[id]; old != nil && m.table.byte(2) != 0 {
		if values, err = array.Concatenate([]arrow.Array{old, values}, memory.DefaultAllocator); err != nil {
			return r.columnError(fmt.Errorf("dictionary: %w", err), f.name)
		}
	}
	r.dicts[id] = values
	return nil
}

func (r *Reader) dictionaryField(id int64) *field {
	for i := range r.schema.fields {
		if d := r.schema.fields[i].dict; d != nil && d.id == id && r.wanted[i] {
			return &r.schema.fields[i]
		}
	}
	return nil // not reached, because only ids of wanted columns are asked for
}

// Close releases the memory, that of the last chunk too. It does not close the
// underlying file.
func (r *Reader) Close() error {
	r.closeStreams()
	r.arena.Release()
	r.file.Close()
	r.current, r.streams, r.rows, r.pos, r.dicts = nil, nil, 0, 0, nil
	r.err = errors.New("the table is closed")
	return nil
}
