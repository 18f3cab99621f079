// Package csv reads delimited text with a header as prediction tables: separated by
// commas, semicolons, tabs or bars, packed or not. Begin with Open.
//
// Columns have no stored type: the code that selects a column says as which type
// it is read, and a cell that cannot be read as that type is an error that names
// column and line. Only columns whose first cells hold fractions, or lists of numbers,
// are known to be floats or vectors before that.
//
// Lines above the header that begin with # are comments, and lines below it that have
// another number of cells than the header, if there are such above or a blank follows. Quotes are those of RFC 4180;
// a line ends with a line feed, a carriage return, or both. A file whose last line has no
// end is refused as cut short, unless its lines end as those of Windows do.
//
// The package may import packages column and text, and nothing else of this module.
package csv

import (
	"errors"
	"io"

	"abstain/datasets/column"
	"abstain/datasets/text"
)

// maxColumns is the most columns that a header may have.
const maxColumns = 1e6

// Reader reads a CSV file. It implements column.Source.
type Reader struct {
	input  io.Closer
	window *text.Window
	buf    []byte // what is in memory
	at     int    // of the next row in buf
	line   int    // of the next row in the file, counted from 1
	row    int    // number of the next row of the table
	lines  text.Lines

	dialect   dialect
	fields    []column.Field
	want      []column.Want
	plan      []use // of each field
	chunk     column.Chunk
	texts     []texts // of the columns of the chunk that are text
	cells     parser
	commented bool // there are comments above the header
	foreign   bool // there was text that is not UTF-8
	returns   bool // the header ends in a carriage return
	unended   bool // the last line has no end
	err       error
}

// use is what a field is read for.
type use struct {
	number column.Kind    // Int or Float64 if its cells may be read where they stand
	column *column.Column // that they are added to then
	wants  []int          // indexes in want
}

// dialect is how a file is written.
type dialect struct {
	comma byte // separates cells
	point byte // decimal mark: '.' or ','; 0 as long as no row has told
}

// Open reads the header and the first rows of a file; name is its path, for the ending.
// Close does not close r.
func Open(r io.ReaderAt, size int64, name string) (*Reader, error) {
	input, err := text.Open(r, size)
	if err != nil {
		return nil, err
	}
	c := &Reader{input: input, window: text.NewWindow(input), line: 1}
	if err := c.begin(name); err != nil {
		input.Close()
		return nil, err
	}
	return c, nil
}

// Fields returns the columns of the header.
func (c *Reader) Fields() []column.Field { return c.fields }

// Meta returns nil: CSV has no metadata.
func (c *Reader) Meta() []column.Pair { return nil }

// Line is the line of the file, counted from 1, at which a row begins that was read;
// 0 for other rows.
func (c *Reader) Line(row int) int { return c.lines.Line(row) }

// Notes says, in sentences, how the text was understood where that is not obvious.
func (c *Reader) Notes() []string {
	var notes []string
	if c.dialect.point == ',' {
		notes = append(notes, "its numbers are read with decimal commas")
	}
	if c.foreign {
		notes = append(notes, `it holds text that is not UTF-8; such bytes are shown as \x and two digits`)
	}
	if c.unended {
		notes = append(notes, "its last line has no end: rows may be missing")
	}
	return notes
}

// Select says which columns Next reads, and as what.
func (c *Reader) Select(want []column.Want) error {
	if len(want) == 0 {
		return errors.New("no columns selected") // without columns, nothing bounds the number of rows
	}
	for _, w := range want {
		if !readable(c.fields[w.Field].Kind, w.Kind) {
			return column.Errorf(c.fields[w.Field].Name, -1, "text cannot be read as %v", w.Kind)
		}
	}
	c.want = want
	c.chunk.Columns = make([]column.Column, len(want))
	c.plan = make([]use, len(c.fields))
	for i, w := range want {
		col, u := &c.chunk.Columns[i], &c.plan[w.Field]
		col.Width = 1
		if w.Kind == column.Vector64 {
			col.Width = c.fields[w.Field].Width
		}
		u.wants = append(u.wants, i)
		u.column, u.number = col, w.Kind
		if len(u.wants) > 1 {
			u.number = column.Other
		}
	}
	c.texts = make([]texts, len(want))
	return nil
}

func readable(field, want column.Kind) bool {
	switch want {
	case column.Vector64:
		return field == column.Vector64 || field == column.Untyped
	case column.Int, column.Float64, column.Bool, column.Text:
		return true
	}
	return false
}

// Next returns the next rows and io.EOF after the last.
func (c *Reader) Next() (*column.Chunk, error) {
	if c.err != nil {
		return nil, c.err
	}
	chunk, err := c.next()
	c.err = err
	return chunk, err
}

func (c *Reader) next() (*column.Chunk, error) {
	c.reset()
	for limit := column.MaxRows(c.width()); c.chunk.N < limit; {
		err := c.nextRow()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if c.chunk.N == 1 { // now the vectors' widths are known
			limit = column.MaxRows(c.width())
		}
	}
	if c.chunk.N == 0 {
		return nil, io.EOF
	}
	for i := range c.texts {
		if c.want[i].Kind == column.Text {
			c.chunk.Columns[i].Text = c.texts[i].strings(c.chunk.Columns[i].Text)
		}
	}
	return &c.chunk, nil
}

// width is how many values a row of the chunk has.
func (c *Reader) width() int {
	n := 0
	for i := range c.chunk.Columns {
		n += max(1, c.chunk.Columns[i].Width)
	}
	return n
}

func (c *Reader) reset() {
	c.chunk.First, c.chunk.N = c.row, 0
	for i := range c.chunk.Columns {
		col := &c.chunk.Columns[i]
		*col = column.Column{Int: col.Int[:0], F64: col.F64[:0], Bool: col.Bool[:0], Text: col.Text[:0], Width: col.Width}
		c.texts[i].reset()
	}
}

// nextRow adds the next row to the chunk. A row that is not whole in memory is undone,
// more is read, and it is tried again.
func (c *Reader) nextRow() error {
	for {
		n, err := c.addRow(c.buf[c.at:])
		switch {
		case err == nil && n > 0:
			c.at += n
			if c.at == len(c.buf) && c.window.Cut() {
				return c.cutShort()
			}
			return nil
		case !errors.Is(err, errMore):
			return err
		}
		c.undo()
		if err := c.more(); err != nil {
			return err
		}
	}
}

// more reads more of the file; io.EOF if there is no further row.
func (c *Reader) more() error {
	buf, err := c.window.More(c.at)
	c.buf, c.at = buf, 0
	switch {
	case errors.Is(err, io.EOF) && len(buf) > 0:
		return c.fault("", errOpenQuote)
	case errors.Is(err, text.ErrLong):
		e := c.fault("", err)
		e.Hint = "is a quote not closed?"
		return e
	}
	return err
}

// cutShort says that the last line of the file has no end: a copy that broke off looks like
// that, and of a number any first digits are a number. Programs of Windows often leave out
// the last line end and nothing else, so a file of their line ends is read, with a note.
func (c *Reader) cutShort() error {
	if c.returns {
		c.unended = true
		return nil
	}
	line := c.lines.Line(c.row - 1)
	return &column.Error{Row: c.row - 1, Line: line, Err: errors.New("the last line has no end: the file may be cut short"),
		Hint: "copy it again; if nothing is missing, end its last line (echo >> FILE)"}
}

// undo takes back the cells of a row that is not complete.
func (c *Reader) undo() {
	for i := range c.chunk.Columns {
		col := &c.chunk.Columns[i]
		switch c.want[i].Kind {
		case column.Int:
			col.Int = col.Int[:c.chunk.N]
		case column.Float64:
			col.F64 = col.F64[:c.chunk.N]
		case column.Vector64:
			col.F64 = col.F64[:c.chunk.N*col.Width]
		case column.Bool:
			col.Bool = col.Bool[:c.chunk.N]
		case column.Text:
			c.texts[i].cut(c.chunk.N)
		}
	}
}

// fault is an error in the next row of the table.
func (c *Reader) fault(name string, err error) *column.Error {
	return &column.Error{Column: name, Row: c.row, Line: c.line, Err: err}
}

// Close releases what unpacking needs: the code that opened the file closes it.
func (c *Reader) Close() error {
	if c.input == nil {
		return nil
	}
	err := c.input.Close()
	c.input, c.err = nil, errors.New("the table is closed")
	return err
}
