package plain

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"abstain/datasets/column"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

type arrowWriter struct {
	w      *ipc.FileWriter
	schema *arrow.Schema
	fields []Field
}

// types are those of the columns' kinds.
var types = map[Kind]arrow.DataType{
	Int: arrow.PrimitiveTypes.Int64, Float: arrow.PrimitiveTypes.Float64, Text: arrow.BinaryTypes.String, Bool: arrow.FixedWidthTypes.Boolean,
}

func newArrow(w io.Writer, fields []Field, meta []column.Pair) (Writer, error) {
	var of []arrow.Field
	for _, f := range fields {
		of = append(of, arrow.Field{Name: f.Name, Type: types[f.Kind], Nullable: true})
	}
	var keys, values []string
	for _, p := range meta {
		keys, values = append(keys, p.Key), append(values, p.Value)
	}
	md := arrow.NewMetadata(keys, values)
	schema := arrow.NewSchema(of, &md)
	out, err := ipc.NewFileWriter(&position{w: w}, ipc.WithSchema(schema))
	return &arrowWriter{out, schema, fields}, err
}

// Write adds the rows as one record batch.
func (a *arrowWriter) Write(columns []Column) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("writing Arrow: %v", p)
		}
	}()
	n := columns[0].Len()
	b := array.NewRecordBuilder(memory.DefaultAllocator, a.schema)
	for i := range columns {
		appendColumn(b.Field(i), a.fields[i].Kind, &columns[i], n)
	}
	return a.w.Write(b.NewRecord())
}

func appendColumn(to array.Builder, k Kind, c *Column, n int) {
	to.Reserve(n)
	for row := range n {
		if c.missing(k, row) {
			to.AppendNull()
			continue
		}
		switch to := to.(type) {
		case *array.Int64Builder:
			to.Append(c.Ints[row])
		case *array.Float64Builder:
			to.Append(c.Floats[row])
		case *array.StringBuilder:
			to.Append(strings.ToValidUTF8(c.Texts[row], "\uFFFD"))
		case *array.BooleanBuilder:
			to.Append(c.Bools[row])
		}
	}
}

func (a *arrowWriter) Close() error { return a.w.Close() }

// position lets the file writer write to any writer: it asks how far it has written.
type position struct {
	w io.Writer
	n int64
}

func (p *position) Write(b []byte) (int, error) {
	n, err := p.w.Write(b)
	p.n += int64(n)
	return n, err
}

func (p *position) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekCurrent {
		return 0, errors.New("cannot move in a stream")
	}
	return p.n, nil
}
