package convert

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"abstain/datasets"
	"abstain/datasets/column"
	"abstain/datasets/ipc"
	"abstain/datasets/parquet"
)

// sink is a file of some format that rows are written to.
type sink interface {
	Write(*column.Chunk) error
	Close() error
}

// atOnce bounds the rows that are held until they are written, by the bytes of their class
// vectors and by number.
const (
	atOnceBytes = 16 << 20
	atOnceRows  = 1 << 16
)

// copyTable reads a table and writes its rows.
func copyTable(ctx context.Context, t datasets.Table, format string, to io.Writer) (e entry, err error) {
	kind, err := scoreKind(ctx, t)
	if err != nil {
		return e, err
	}
	r, err := datasets.OpenTable(t)
	if err != nil {
		return e, err
	}
	defer r.Close()
	s := r.Schema()
	keep := r.(datasets.Copier)
	keep.KeepHalf()
	keep.KeepStored()
	out := bufio.NewWriterSize(to, 1<<20)
	rows := &held{schema: s}
	var written sink
	flush := func() error {
		if rows.chunk.N == 0 {
			return nil
		}
		if written == nil {
			written = newSink(format, out, rows.fields, metaOf(t, s, keep.ClassList(), kind))
		}
		err := written.Write(&rows.chunk)
		rows.reset()
		return err
	}
	for b, err := range r.Batches() {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return e, err
		}
		if err := rows.add(t, b); err != nil {
			return e, err
		}
		e.Rows += b.N
		if rows.full() {
			if err := flush(); err != nil {
				return e, err
			}
		}
	}
	if e.Rows == 0 {
		return e, &datasets.Error{Table: t.Name, Row: -1, Err: errors.New("no rows"), Hint: "the file may be truncated; write it again"}
	}
	e.Kind, e.IDs = s.Kind.String(), s.ID
	return e, errors.Join(flush(), written.Close(), out.Flush())
}

// newSink begins a file.
func newSink(format string, w io.Writer, fields []column.Field, meta []column.Pair) sink {
	if format == "parquet" {
		return parquet.NewWriter(w, fields, meta)
	}
	return ipc.NewWriter(w, fields, meta)
}

// scoreKind reads a table with one score a row to its end, because its values may say that
// the score is no probability.
func scoreKind(ctx context.Context, t datasets.Table) (string, error) {
	r, err := datasets.OpenTable(t)
	if err != nil {
		return "", err
	}
	defer r.Close()
	if r.Schema().Kind != datasets.Score {
		return "", nil
	}
	for _, err := range r.Batches() {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return "", err
		}
	}
	return r.Schema().Meta["score_kind"], nil
}

// metaOf is the metadata of the file: what tells the table from others, and all that is
// known of the model.
func metaOf(t datasets.Table, s datasets.Schema, classes, scoreKind string) []column.Pair {
	meta := []column.Pair{{Key: "model", Value: t.Model}, {Key: "split", Value: t.Split}, {Key: "condition", Value: t.Condition}}
	if t.Declared {
		meta = append(meta, column.Pair{Key: "dataset", Value: t.Dataset})
	}
	add := func(key, value string) {
		known := slices.ContainsFunc(meta, func(p column.Pair) bool { return p.Key == key })
		if value != "" && !known {
			meta = append(meta, column.Pair{Key: key, Value: value})
		}
	}
	if s.Kind != datasets.Score {
		add("classes", classes)
	} else if s.Classes > 0 {
		add("classes", cmp.Or(classes, strconv.Itoa(s.Classes)))
	}
	for _, p := range t.Meta {
		add(p.Key, p.Value)
	}
	add("score_kind", scoreKind)
	return meta
}

// held are rows of a table that wait to be written, under the names of a prediction table.
type held struct {
	schema datasets.Schema
	fields []column.Field
	chunk  column.Chunk
	at     int // the next column to be filled
}

// add appends the rows of a batch.
func (h *held) add(t datasets.Table, b *datasets.Batch) error {
	h.at = 0
	s := h.schema
	if b.ID.Int != nil {
		h.ints("sample_id", b.ID.Int)
	} else if b.ID.Text != nil {
		h.texts("sample_id", b.ID.Text)
	}
	if s.Label {
		h.ints("label", widened(b.Label))
	}
	if s.Kind != datasets.Score {
		h.vectors(s.Kind.String(), b)
	} else {
		h.scores(b)
	}
	for i, name := range s.Scores {
		h.floats("score:"+name, b.Scores[i])
	}
	for i, name := range s.Groups {
		h.texts(h.free(name), b.Groups[i])
	}
	h.chunk.N += b.N
	for i := range h.chunk.Columns {
		if n := lengthOf(&h.chunk.Columns[i]); i >= h.at || n != h.chunk.N*max(h.chunk.Columns[i].Width, 1) {
			return &datasets.Error{Table: t.Name, Column: h.fields[i].Name, Row: b.First, Err: fmt.Errorf("is of another type than in the rows before")}
		}
	}
	return nil
}

// scores adds the columns of a table with one score a row.
func (h *held) scores(b *datasets.Batch) {
	s := h.schema
	if s.Prediction {
		h.ints("prediction", widened(b.Prediction))
	}
	if s.Correct {
		h.bools("correct", b.Correct)
	}
	h.floats("confidence", b.Confidence)
	if s.ShouldAbstain {
		h.bools("should_abstain", b.ShouldAbstain)
	}
}

// free is a name of a group that no column before it has.
func (h *held) free(name string) string {
	for slices.ContainsFunc(h.fields[:min(h.at, len(h.fields))], func(f column.Field) bool { return f.Name == name }) {
		name += "_stored"
	}
	return name
}

// next is the column that is filled next.
func (h *held) next(name string, kind column.Kind, width int) *column.Column {
	if h.at == len(h.fields) {
		h.fields = append(h.fields, column.Field{Name: name, Kind: kind, Width: width})
		h.chunk.Columns = append(h.chunk.Columns, column.Column{Width: width})
	}
	h.at++
	return &h.chunk.Columns[h.at-1]
}

func (h *held) ints(name string, v []int64) {
	c := h.next(name, column.Int, 1)
	c.Int = append(c.Int, v...)
}

func (h *held) texts(name string, v []string) {
	c := h.next(name, column.Text, 1)
	c.Text = append(c.Text, v...)
}

func (h *held) bools(name string, v []bool) {
	c := h.next(name, column.Bool, 1)
	c.Bool = append(c.Bool, v...)
}

func (h *held) floats(name string, v []float64) {
	c := h.next(name, column.Float64, 1)
	c.F64 = append(c.F64, v...)
}

func (h *held) vectors(name string, b *datasets.Batch) {
	kind := column.Vector32
	if b.F64 != nil {
		kind = column.Vector64
	}
	c := h.next(name, kind, h.schema.Classes)
	c.F16, c.F32, c.F64 = append(c.F16, b.F16...), append(c.F32, b.F32...), append(c.F64, b.F64...)
}

// widened are class numbers as all integers are written.
func widened(v []int32) []int64 {
	w := make([]int64, len(v))
	for i, x := range v {
		w[i] = int64(x)
	}
	return w
}

// lengthOf is the number of values of a column; -1 if there are values of two types.
func lengthOf(c *column.Column) int {
	n := 0
	for _, k := range []int{len(c.Int), len(c.F16), len(c.F32), len(c.F64), len(c.Bool), len(c.Text)} {
		if n > 0 && k > 0 {
			return -1
		}
		n += k
	}
	return n
}

// full reports whether the rows are enough to be written.
func (h *held) full() bool {
	width := 1
	for _, f := range h.fields {
		width += f.Width
	}
	return h.chunk.N >= atOnceRows || 8*width*h.chunk.N >= atOnceBytes
}

// reset forgets the rows and keeps their memory.
func (h *held) reset() {
	h.chunk.First += h.chunk.N
	h.chunk.N = 0
	for i := range h.chunk.Columns {
		c := &h.chunk.Columns[i]
		c.Int, c.Bool, c.Text = c.Int[:0], c.Bool[:0], c.Text[:0]
		c.F16, c.F32, c.F64 = c.F16[:0], c.F32[:0], c.F64[:0]
	}
}
