package ipc

// Writing in short:
//
//	err := ipc.Write(w, []ipc.Column{
//		ipc.Ints("sample_id", ipc.Int64, ids),
//		ipc.Ints("label", ipc.Int16, labels),
//		ipc.Vectors("logits", ipc.Float16, classes, logits), // []float32 or []float64, row-major
//		ipc.Floats("score:mc", ipc.Float32, scores),
//		ipc.Dictionary("sex", sexes), // group column; "" is missing
//	}, ipc.Options{Zstd: true, Meta: []column.Pair{{"model", "resnet"}}})

import (
	"errors"
	"fmt"
	"io"
	"math"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/float16"
	arrowipc "github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"abstain/datasets/column"
)

// IntType is the stored width of an integer column.
type IntType int

// Widths of integer columns.
const (
	Int8  IntType = 8
	Int16 IntType = 16
	Int32 IntType = 32
	Int64 IntType = 64
)

// FloatType is the stored width of a float column.
type FloatType int

// Widths of float columns.
const (
	Float16 FloatType = 16
	Float32 FloatType = 32
	Float64 FloatType = 64
)

// Column is a named column to be written. Make it with Ints, Floats, Vectors,
// Bools, Texts or Dictionary; Write reports values that do not fit. If the stored
// type is that of the values, they are not copied and must not change before
// Write returns.
type Column struct {
	name string
	data arrow.Array
	err  error
}

// Options say how a table is written. The zero value writes an uncompressed file
// of one record batch.
type Options struct {
	Meta   []column.Pair // schema metadata: model, dataset, split, condition, ...
	Stream bool          // the stream format instead of the file format
	Zstd   bool          // compress every buffer
	Rows   int           // rows per record batch; 0 means all in one
}

// Write writes a prediction table in the Arrow IPC format. The columns must have
// equal lengths. The same input gives the same bytes.
func Write(w io.Writer, columns []Column, o Options) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("writing Arrow: %v", p)
		}
	}()
	record, err := newRecord(columns, o.Meta)
	if err != nil {
		return err
	}
	out, err := newWriter(w, record.Schema(), o)
	if err != nil {
		return err
	}
	rows := int(record.NumRows())
	step := o.Rows
	if step <= 0 {
		step = max(rows, 1)
	}
	for i := 0; i == 0 || i < rows; i += step {
		if err := out.Write(record.NewSlice(int64(i), int64(min(i+step, rows)))); err != nil {
			return err
		}
	}
	return out.Close()
}

func newRecord(columns []Column, meta []column.Pair) (arrow.Record, error) {
	if len(columns) == 0 {
		return nil, errors.New("a table without columns")
	}
	fields := make([]arrow.Field, len(columns))
	arrays := make([]arrow.Array, len(columns))
	for i, c := range columns {
		if c.err != nil {
			return nil, fmt.Errorf("column %q: %w", c.name, c.err)
		}
		if c.data.Len() != columns[0].data.Len() {
			return nil, fmt.Errorf("column %q has %d rows, column %q has %d", c.name, c.data.Len(), columns[0].name, columns[0].data.Len())
		}
		fields[i] = arrow.Field{Name: c.name, Type: c.data.DataType(), Nullable: c.data.NullN() > 0}
		arrays[i] = c.data
	}
	var keys, values []string
	for _, p := range meta {
		keys, values = append(keys, p.Key), append(values, p.Value)
	}
	md := arrow.NewMetadata(keys, values)
	return array.NewRecord(arrow.NewSchema(fields, &md), arrays, int64(columns[0].data.Len())), nil
}

// recordWriter is the common part of the writers of both formats.
type recordWriter interface {
	Write(arrow.Record) error
	Close() error
}

func newWriter(w io.Writer, s *arrow.Schema, o Options) (recordWriter, error) {
	options := []arrowipc.Option{arrowipc.WithSchema(s)}
	if o.Zstd {
		options = append(options, arrowipc.WithZstd(), arrowipc.WithCompressConcurrency(1))
	}
	if o.Stream {
		return arrowipc.NewWriter(w, options...), nil
	}
	return arrowipc.NewFileWriter(&position{w: w}, options...)
}

// position lets the file writer write to any writer: the file writer asks how far
// it has written, and position knows.
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

// Ints makes an integer column.
func Ints[T ~int | ~int8 | ~int16 | ~int32 | ~int64](name string, t IntType, values []T) Column {
	if limit := int64(1) << (t - 1); int(t) < 8*int(unsafe.Sizeof(*new(T))) {
		for row, v := range values {
			if int64(v) >= limit || int64(v) < -limit {
				return Column{name: name, err: fmt.Errorf("row %d: %d does not fit into %d bits", row, v, t)}
			}
		}
	}
	switch t {
	case Int8:
		return fixed(name, arrow.PrimitiveTypes.Int8, arrow.Int8Traits.CastToBytes(as[int8](values)), len(values))
	case Int16:
		return fixed(name, arrow.PrimitiveTypes.Int16, arrow.Int16Traits.CastToBytes(as[int16](values)), len(values))
	case Int32:
		return fixed(name, arrow.PrimitiveTypes.Int32, arrow.Int32Traits.CastToBytes(as[int32](values)), len(values))
	case Int64:
		return fixed(name, arrow.PrimitiveTypes.Int64, arrow.Int64Traits.CastToBytes(as[int64](values)), len(values))
	}
	return Column{name: name, err: fmt.Errorf("integers of %d bits", t)}
}

// fixed makes a column without missing values from its bytes.
func fixed(name string, t arrow.DataType, raw []byte, rows int) Column {
	data := array.NewData(t, rows, []*memory.Buffer{nil, memory.NewBufferBytes(raw)}, nil, 0, 0)
	return Column{name: name, data: array.MakeFromData(data)}
}

// number is what columns of fixed width are made from and stored as.
type number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~float32 | ~float64
}

// as converts the values, or returns them as they are if they have that type
// already.
func as[To, From number](values []From) []To {
	if same, ok := any(values).([]To); ok {
		return same
	}
	to := make([]To, len(values))
	for i, v := range values {
		to[i] = To(v)
	}
	return to
}

// Floats makes a column with one float in each row.
func Floats[T float32 | float64](name string, t FloatType, values []T) Column {
	data, err := floatArray(t, values)
	return Column{name: name, data: data, err: err}
}

// Vectors makes a FixedSizeList column with width floats in each row, from
// row-major values. Rounding to float16 is to nearest even.
func Vectors[T float32 | float64](name string, t FloatType, width int, values []T) Column {
	child, err := floatArray(t, values)
	if err != nil {
		return Column{name: name, err: err}
	}
	return list(name, width, child, len(values))
}

// list makes a FixedSizeList column of n values.
func list(name string, width int, values arrow.Array, n int) Column {
	if width < 1 || n%width != 0 {
		return Column{name: name, err: fmt.Errorf("%d values do not make rows of %d", n, width)}
	}
	list := arrow.FixedSizeListOf(int32(width), values.DataType())
	data := array.NewData(list, n/width, []*memory.Buffer{nil}, []arrow.ArrayData{values.Data()}, 0, 0)
	return Column{name: name, data: array.MakeFromData(data)}
}

func floatArray[T float32 | float64](t FloatType, values []T) (arrow.Array, error) {
	switch t {
	case Float16:
		return halfArray(values)
	case Float32:
		return fixed("", arrow.PrimitiveTypes.Float32, arrow.Float32Traits.CastToBytes(as[float32](values)), len(values)).data, nil
	case Float64:
		return fixed("", arrow.PrimitiveTypes.Float64, arrow.Float64Traits.CastToBytes(as[float64](values)), len(values)).data, nil
	}
	return nil, fmt.Errorf("floats of %d bits", t)
}

func halfArray[T float32 | float64](values []T) (arrow.Array, error) {
	b := array.NewFloat16Builder(memory.DefaultAllocator)
	b.Reserve(len(values))
	for i, v := range values {
		bits := toHalf(float64(v))
		if bits&0x7fff == 0x7c00 && !math.IsInf(float64(v), 0) {
			return nil, fmt.Errorf("value %d: %g does not fit into float16", i, float64(v))
		}
		b.UnsafeAppend(float16.FromBits(bits))
	}
	return b.NewArray(), nil
}

// toHalf rounds to the nearest float16, ties to even; an overflow gives an
// infinity.
func toHalf(v float64) uint16 {
	sign := uint16(math.Float64bits(v)>>48) & 0x8000
	v = math.Abs(v)
	switch {
	case math.IsNaN(v):
		return 0x7e00
	case v >= 65520: // half way between the largest float16 and the next power
		return sign | 0x7c00
	case v < 0x1p-14: // subnormal: multiples of 2^-24; 1024 of them are the least normal
		return sign | uint16(math.RoundToEven(v*0x1p24))
	}
	fraction, exp := math.Frexp(v)                          // v = fraction * 2^exp, fraction in [0.5, 1)
	mantissa := uint16(math.RoundToEven(fraction * 0x1p11)) // 1024..2048; 2048 carries into the exponent
	return sign | (uint16(exp+14)<<10 + mantissa - 1024)
}

// Bools makes a column of true and false.
func Bools(name string, values []bool) Column {
	raw := make([]byte, (len(values)+7)/8)
	whole := len(values) &^ 7
	for i := 0; i < whole; i += 8 {
		v := (*[8]bool)(values[i:])
		raw[i/8] = bit(v[0]) | bit(v[1])<<1 | bit(v[2])<<2 | bit(v[3])<<3 | bit(v[4])<<4 | bit(v[5])<<5 | bit(v[6])<<6 | bit(v[7])<<7
	}
	for i, v := range values[whole:] {
		raw[whole/8] |= bit(v) << i
	}
	return fixed(name, arrow.FixedWidthTypes.Boolean, raw, len(values))
}

// bit has no branch, because the processor could not predict it.
func bit(b bool) byte {
	if b {
		return 1
	}
	return 0
}

// Texts makes a utf8 column, for sample ids or groups of many values.
func Texts(name string, values []string) Column {
	b := array.NewStringBuilder(memory.DefaultAllocator)
	b.AppendValues(values, nil)
	return Column{name: name, data: b.NewArray()}
}

// Dictionary makes a dictionary-encoded text column for groups; "" is missing.
// The dictionary lists the values in order of first appearance.
func Dictionary(name string, values []string) Column {
	levels := array.NewStringBuilder(memory.DefaultAllocator)
	codes := array.NewInt32Builder(memory.DefaultAllocator)
	known := map[string]int32{}
	for _, v := range values {
		if v == "" {
			codes.AppendNull()
			continue
		}
		code, ok := known[v]
		if !ok {
			code = int32(len(known))
			known[v] = code
			levels.Append(v)
		}
		codes.Append(code)
	}
	t := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}
	return Column{name: name, data: array.NewDictionaryArray(t, codes.NewArray(), levels.NewArray())}
}
