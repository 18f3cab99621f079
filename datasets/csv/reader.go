// Package csv reads comma-separated text with a header as prediction tables.
// Begin with Open.
//
// Columns have no stored type: the code that selects a column says as which type
// it is read, and a cell that cannot be read as that type is an error that names
// column and row. Only columns whose first cells hold fractions are known to be
// floats before that, so that measurements are not taken for groups.
//
// The package may import package column and nothing else of this module.
package csv

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"abstain/datasets/column"
)

// peekRows is how many rows are looked at to tell floats from other columns.
const peekRows = 100

// Reader reads a CSV file. It implements column.Source.
type Reader struct {
	csv    *csv.Reader
	fields []column.Field
	peeked [][]string
	want   []column.Want
	row    int // next row of the table
	chunk  column.Chunk
	err    error
}

// Open reads the header and the first rows.
func Open(r io.Reader) (*Reader, error) {
	c := &Reader{csv: csv.NewReader(r)}
	c.csv.FieldsPerRecord = -1 // this package counts fields itself, so that messages name rows and not lines
	header, err := c.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty")
	}
	if err != nil {
		return nil, err
	}
	header[0] = strings.TrimPrefix(header[0], "\ufeff")
	if len(header) == 1 && strings.ContainsAny(header[0], ";\t|") {
		return nil, &column.Error{Row: -1, Err: fmt.Errorf("the header is a single column %q", header[0]), Hint: "separate columns by commas"}
	}
	for _, name := range header {
		c.fields = append(c.fields, column.Field{Name: strings.TrimSpace(name), Kind: column.Untyped})
	}
	if err := c.peek(); err != nil {
		return nil, err
	}
	c.csv.ReuseRecord = true
	return c, nil
}

// peek reads the first rows and marks the columns of fractions.
func (c *Reader) peek() error {
	for len(c.peeked) < peekRows {
		record, err := c.read(len(c.peeked))
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		c.peeked = append(c.peeked, record)
	}
	for i := range c.fields {
		f := &c.fields[i]
		switch {
		case f.Name == "": // pandas writes the row index without a name
			f.Kind = column.Other
		case c.fractions(i):
			f.Kind = column.Float64
		}
	}
	return nil
}

// fractions reports whether the peeked cells of a column are numbers and not all
// integers.
func (c *Reader) fractions(i int) bool {
	found := false
	for _, record := range c.peeked {
		cell := strings.TrimSpace(record[i])
		if cell == "" {
			continue
		}
		if _, err := strconv.ParseFloat(cell, 64); err != nil {
			return false
		}
		if _, err := strconv.ParseInt(cell, 10, 64); err != nil {
			found = true
		}
	}
	return found
}

// read returns the cells of the given row.
func (c *Reader) read(row int) ([]string, error) {
	record, err := c.csv.Read()
	if errors.Is(err, io.EOF) {
		return nil, io.EOF
	}
	if err != nil {
		return nil, column.Errorf("", row, "%w", err)
	}
	if len(record) != len(c.fields) {
		return nil, column.Errorf("", row, "%d cells where the header has %d", len(record), len(c.fields))
	}
	return record, nil
}

// Fields returns the columns of the header.
func (c *Reader) Fields() []column.Field { return c.fields }

// Meta returns nil: CSV has no metadata.
func (c *Reader) Meta() []column.Pair { return nil }

// Select says which columns Next reads, and as what.
func (c *Reader) Select(want []column.Want) error {
	if len(want) == 0 {
		return errors.New("no columns selected") // without columns, nothing bounds the number of rows
	}
	for _, w := range want {
		f := c.fields[w.Field]
		switch w.Kind {
		case column.Int, column.Float64, column.Bool, column.Text:
		default:
			return column.Errorf(f.Name, -1, "text cannot be read as %v", w.Kind)
		}
	}
	c.want = want
	c.chunk.Columns = make([]column.Column, len(want))
	return nil
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
	for limit := column.MaxRows(len(c.want)); c.chunk.N < limit; c.chunk.N++ {
		record, err := c.nextRecord()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := c.append(record); err != nil {
			return nil, err
		}
		c.row++
	}
	if c.chunk.N == 0 {
		return nil, io.EOF
	}
	return &c.chunk, nil
}

func (c *Reader) reset() {
	c.chunk.First, c.chunk.N = c.row, 0
	for i := range c.chunk.Columns {
		col := &c.chunk.Columns[i]
		*col = column.Column{Int: col.Int[:0], F64: col.F64[:0], Bool: col.Bool[:0], Text: col.Text[:0], Width: 1}
	}
}

func (c *Reader) nextRecord() ([]string, error) {
	if len(c.peeked) > 0 {
		record := c.peeked[0]
		c.peeked = c.peeked[1:]
		return record, nil
	}
	return c.read(c.row)
}

// append adds a row to the chunk.
func (c *Reader) append(record []string) error {
	for i, w := range c.want {
		col, cell := &c.chunk.Columns[i], strings.TrimSpace(record[w.Field])
		if err := appendCell(col, w.Kind, cell); err != nil {
			return column.Errorf(c.fields[w.Field].Name, c.row, "%w", err)
		}
	}
	return nil
}

func appendCell(col *column.Column, kind column.Kind, cell string) error {
	if cell == "" && kind != column.Text {
		return errors.New("is empty")
	}
	switch kind {
	case column.Text:
		col.Text = append(col.Text, cell)
	case column.Int:
		v, err := strconv.ParseInt(cell, 10, 64)
		if err != nil {
			return fmt.Errorf("%q is no integer", cell)
		}
		col.Int = append(col.Int, v)
	case column.Float64:
		v, err := strconv.ParseFloat(cell, 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) { // a number out of range is read as infinity
			return fmt.Errorf("%q is no number", cell)
		}
		col.F64 = append(col.F64, v)
	case column.Bool:
		v, err := strconv.ParseBool(cell)
		if err != nil {
			return fmt.Errorf("%q is neither 0 nor 1", cell)
		}
		col.Bool = append(col.Bool, v)
	}
	return nil
}

// Close does nothing: the code that opened the underlying file closes it.
func (c *Reader) Close() error {
	c.err = errors.New("the table is closed")
	return nil
}
