// Package parquet reads Parquet files as prediction tables. Begin with Open.
//
// It reads pages through parquet-go and takes their values as typed slices,
// without boxing. List columns are class vectors. Their repetition and definition
// levels are checked to prove that every row holds the same number of values and
// that none is missing; the values of a page are then already a matrix. They are
// handed out in place, and copied only where rows reach across pages. Memory is
// bounded by a page of each column, not by the file.
//
// The package may import package column and nothing else of this module.
package parquet

import (
	"errors"
	"fmt"
	"io"

	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"abstain/datasets/column"
)

// Version is raised when the package reads other values from the same bytes than
// before, so that what was kept of tables is computed anew. 2: pages in LZ4_RAW were
// read wrongly where a page is shorter than the one before it.
const Version = 2

// Reader reads a Parquet file. It implements column.Source.
type Reader struct {
	at     io.ReaderAt
	file   *pq.File
	codecs [][]format.CompressionCodec // by row group and column
	leaves []leaf                      // by field; kind Other where the column cannot be used
	fields []column.Field

	groups []pq.RowGroup // not yet begun
	left   int           // rows of the current row group not yet yielded
	cols   []*reader     // one per wanted column
	chunk  column.Chunk
	first  int
	err    error
}

// Open reads the metadata of a Parquet file of size bytes. The rows are read by
// Next.
func Open(r io.ReaderAt, size int64) (reader *Reader, err error) {
	defer func() { err = damaged(err) }()
	defer contain(&err)
	foot, err := readFooter(r, size)
	if err != nil {
		return nil, err
	}
	if foot.encrypted {
		e := column.Errorf("", -1, "the Parquet file is encrypted")
		e.Hint = "no keys can be given here; write it again without encryption"
		return nil, e
	}
	plain := &overlay{r, foot.at, foot.bytes}
	f, err := pq.OpenFile(plain, size, pq.SkipPageIndex(true), pq.SkipBloomFilters(true), pq.ReadBufferSize(64<<10))
	if err != nil {
		return nil, err
	}
	reader = &Reader{at: r, file: f, groups: f.RowGroups(), codecs: foot.codecs}
	logical := logicalTypes(f.Metadata())
	for _, c := range f.Root().Columns() {
		l := leafOf(c, logical)
		reader.leaves = append(reader.leaves, l)
		reader.fields = append(reader.fields, column.Field{Name: c.Name(), Kind: l.kind, Stored: l.stored})
	}
	return reader, nil
}

// damaged adds a hint to an error that no single column caused.
func damaged(err error) error {
	if _, placed := errors.AsType[*column.Error](err); err == nil || placed {
		return err
	}
	return &column.Error{Row: -1, Err: err, Hint: damageHint}
}

const damageHint = "the file is damaged, cut short or still being written; write or copy it again"

// contain turns a panic of parquet-go, which happens on the caller's goroutine,
// into an error.
func contain(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("corrupt Parquet data: %v", p)
	}
}

// Fields returns the columns in stored order. The width of lists is not declared
// in Parquet.
func (r *Reader) Fields() []column.Field { return r.fields }

// Meta returns the key-value metadata in stored order.
func (r *Reader) Meta() []column.Pair {
	var pairs []column.Pair
	for _, kv := range r.file.Metadata().KeyValueMetadata {
		pairs = append(pairs, column.Pair{Key: kv.Key, Value: kv.Value})
	}
	return pairs
}

// Select says which columns Next reads.
func (r *Reader) Select(want []column.Want) error {
	if len(want) == 0 {
		return errors.New("no columns selected") // without columns, nothing bounds the number of rows
	}
	for _, w := range want {
		f := r.fields[w.Field]
		if f.Kind != w.Kind || f.Kind == column.Other {
			return column.Errorf(f.Name, -1, "is %s, cannot be read as %v", f.Type(), w.Kind)
		}
		r.cols = append(r.cols, &reader{name: f.Name, leaf: r.leaves[w.Field]})
	}
	r.chunk.Columns = make([]column.Column, len(want))
	return nil
}

// Next returns the next rows and io.EOF after the last. A chunk does not reach
// across row groups.
func (r *Reader) Next() (chunk *column.Chunk, err error) {
	if r.err != nil {
		return nil, r.err
	}
	defer func() { r.err = err }()
	defer contain(&err)
	for r.left == 0 {
		if err := r.advance(); err != nil {
			return nil, err
		}
	}
	return r.fill()
}

func (r *Reader) fill() (*column.Chunk, error) {
	width := len(r.cols)
	for _, c := range r.cols {
		if err := c.more(); err != nil {
			return nil, r.place(c, err)
		}
		c.learnWidth()
		width = max(width, c.width)
	}
	n := min(r.left, column.MaxRows(width))
	for _, c := range r.cols {
		n = c.inPage(n)
	}
	for i, c := range r.cols {
		if err := c.fill(n); err != nil {
			return nil, r.place(c, err)
		}
		r.chunk.Columns[i] = c.out
	}
	r.chunk.First, r.chunk.N = r.first, n
	r.left -= n
	r.first += n
	return &r.chunk, nil
}

// place completes the error of a column, whose rows were counted from the first
// of the chunk.
func (r *Reader) place(c *reader, err error) error {
	if errors.Is(err, io.EOF) {
		err = errors.New("corrupt: fewer values than the row group has rows")
	}
	if e, ok := errors.AsType[*column.Error](err); ok {
		e.Column = c.name
		if e.Row >= 0 {
			e.Row += r.first
		}
		return e
	}
	return &column.Error{Column: c.name, Row: -1, Err: err, Hint: damageHint}
}

// advance begins the next row group, after checking that all columns ended with
// the one before.
func (r *Reader) advance() error {
	for _, c := range r.cols {
		if err := c.end(); err != nil {
			return r.place(c, err)
		}
	}
	if len(r.groups) == 0 {
		return io.EOF
	}
	i := len(r.file.RowGroups()) - len(r.groups)
	g := r.groups[0]
	r.groups = r.groups[1:]
	rows := g.NumRows()
	if rows < 0 || rows > 1<<40 {
		return damaged(fmt.Errorf("corrupt metadata: a row group of %d rows", rows))
	}
	r.left = int(rows)
	for _, c := range r.cols {
		if err := r.begin(c, i, rows); err != nil {
			return r.place(c, err)
		}
	}
	return nil
}

// begin checks the column's chunk in row group i and opens it.
func (r *Reader) begin(c *reader, i int, rows int64) error {
	m := &r.file.Metadata().RowGroups[i].Columns[c.leaf.index].MetaData
	if m.NumValues < rows || m.NumValues > rows && !c.leaf.list {
		return fmt.Errorf("corrupt metadata: %d values in %d rows", m.NumValues, rows)
	}
	if err := checkPages(r.at, r.file.Size(), m); err != nil {
		return err
	}
	pages, err := r.pages(r.file.RowGroups()[i].ColumnChunks()[c.leaf.index], r.codecs[i][c.leaf.index], m)
	if err == nil {
		c.begin(pages)
	}
	return err
}

// Close releases the pages. It does not close the underlying file.
func (r *Reader) Close() error {
	var errs []error
	for _, c := range r.cols {
		errs = append(errs, c.close())
	}
	r.err = errors.New("the table is closed")
	return errors.Join(errs...)
}
