package ipc

import (
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v15/arrow"

	"abstain/datasets/column"
)

// Writer writes a table in the file format from chunks of rows, each of which becomes a
// record batch.
type Writer struct {
	to     io.Writer
	fields []column.Field
	meta   []column.Pair
	out    recordWriter
}

// NewWriter writes columns as the fields name them, with their kinds Int, Bool, Float64,
// Text, Vector32 and Vector64; the width of a vector is that of its field. Nothing is
// written before the first chunk.
func NewWriter(w io.Writer, fields []column.Field, meta []column.Pair) *Writer {
	return &Writer{to: w, fields: fields, meta: meta}
}

// Write writes rows. No value may be missing; the types of a column's values must be the
// same in every chunk. Vectors of float16 are written as they are.
func (w *Writer) Write(c *column.Chunk) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("writing Arrow: %v", p)
		}
	}()
	columns := make([]Column, len(w.fields))
	for i, f := range w.fields {
		columns[i] = columnOf(f, &c.Columns[i])
	}
	record, err := newRecord(columns, w.meta)
	if err != nil {
		return err
	}
	if w.out == nil {
		if w.out, err = newWriter(w.to, record.Schema(), Options{}); err != nil {
			return err
		}
	}
	return w.out.Write(record)
}

// columnOf makes a column of values in memory.
func columnOf(f column.Field, c *column.Column) Column {
	switch {
	case c.Text != nil:
		return Texts(f.Name, c.Text)
	case c.Bool != nil:
		return Bools(f.Name, c.Bool)
	case c.Int != nil:
		return Ints(f.Name, Int64, c.Int)
	case f.Kind == column.Float64:
		return Floats(f.Name, Float64, c.F64)
	case c.F16 != nil:
		return halves(f.Name, f.Width, c.F16)
	case c.F32 != nil:
		return Vectors(f.Name, Float32, f.Width, c.F32)
	}
	return Vectors(f.Name, Float64, f.Width, c.F64)
}

// halves makes a FixedSizeList column from the bits of float16.
func halves(name string, width int, bits []uint16) Column {
	values := fixed("", arrow.FixedWidthTypes.Float16, arrow.Uint16Traits.CastToBytes(bits), len(bits)).data
	return list(name, width, values, len(bits))
}

// Close completes the file. A table without rows cannot be written, as the types of its
// columns are not known.
func (w *Writer) Close() error {
	if w.out == nil {
		return errors.New("a table without rows")
	}
	return w.out.Close()
}
