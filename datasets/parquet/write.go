package parquet

import (
	"cmp"
	"errors"
	"io"
	"slices"

	pq "github.com/parquet-go/parquet-go"

	"abstain/datasets/column"
)

// Writer writes a table from chunks of rows. Each chunk becomes a row group, so that
// memory is bounded by chunks.
type Writer struct {
	fields []column.Field
	//lint:ignore SA1019 its successor takes a Go type, and these columns are known at run time only
	out    *pq.Writer
	order  []int // of the fields in the file, in which they are sorted by name
	values []pq.Value
	wrote  bool
}

// NewWriter writes columns as the fields name them, with their kinds Int, Bool, Float64,
// Text, Vector32 and Vector64. Vectors are lists. They come as the standard's lists of
// float32 or float64, to which float16 is widened without loss.
func NewWriter(w io.Writer, fields []column.Field, meta []column.Pair) *Writer {
	root := pq.Group{}
	for _, f := range fields {
		root[f.Name] = node(f)
	}
	options := []pq.WriterOption{pq.NewSchema("table", root), pq.Compression(&pq.Uncompressed), pq.CreatedBy("abstain", "", "")}
	for _, p := range meta {
		options = append(options, pq.KeyValueMetadata(p.Key, p.Value))
	}
	written := &Writer{fields: fields, out: pq.NewWriter(w, options...)}
	for i := range fields {
		written.order = append(written.order, i)
	}
	slices.SortFunc(written.order, func(a, b int) int { return cmp.Compare(fields[a].Name, fields[b].Name) })
	return written
}

// node is the type of a column.
func node(f column.Field) pq.Node {
	switch f.Kind {
	case column.Int:
		return pq.Leaf(pq.Int64Type)
	case column.Bool:
		return pq.Leaf(pq.BooleanType)
	case column.Text:
		return pq.String()
	case column.Vector32:
		return pq.List(pq.Leaf(pq.FloatType))
	case column.Vector64:
		return pq.List(pq.Leaf(pq.DoubleType))
	}
	return pq.Leaf(pq.DoubleType)
}

// Write writes rows. No value may be missing.
func (w *Writer) Write(c *column.Chunk) error {
	for place, k := range w.order {
		values := &c.Columns[k]
		atOnce := max(1, 1<<16/max(values.Width, 1)) // rows, as a value takes 24 bytes
		for from := 0; from < c.N; from += atOnce {
			w.values = w.values[:0]
			for i := from; i < min(from+atOnce, c.N); i++ {
				w.values = appendValues(w.values, values, i, place)
			}
			if _, err := w.out.ColumnWriters()[place].WriteRowValues(w.values); err != nil {
				return err
			}
		}
	}
	w.wrote = w.wrote || c.N > 0
	return w.out.Flush()
}

// appendValues appends the values of a row of a column, which is at that place in the
// file.
func appendValues(row []pq.Value, c *column.Column, i, place int) []pq.Value {
	switch {
	case c.Text != nil:
		return append(row, pq.ByteArrayValue([]byte(c.Text[i])).Level(0, 0, place))
	case c.Bool != nil:
		return append(row, pq.BooleanValue(c.Bool[i]).Level(0, 0, place))
	case c.Int != nil:
		return append(row, pq.Int64Value(c.Int[i]).Level(0, 0, place))
	case c.Width <= 1:
		return append(row, pq.DoubleValue(c.F64[i]).Level(0, 0, place))
	}
	for k := i * c.Width; k < (i+1)*c.Width; k++ {
		v := pq.Value{}
		switch {
		case c.F16 != nil:
			v = pq.FloatValue(column.Half(c.F16[k]))
		case c.F32 != nil:
			v = pq.FloatValue(c.F32[k])
		default:
			v = pq.DoubleValue(c.F64[k])
		}
		again := 1
		if k == i*c.Width {
			again = 0
		}
		row = append(row, v.Level(again, 1, place))
	}
	return row
}

// Close completes the file.
func (w *Writer) Close() error {
	if !w.wrote {
		return errors.New("a table without rows")
	}
	return w.out.Close()
}
