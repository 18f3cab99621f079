package ipc

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	arrowipc "github.com/apache/arrow/go/v15/arrow/ipc"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"abstain/datasets/column"
)

// build writes a table of one column from JSON values, through arrow/go's own
// writer, in both formats and with every compression.
func build(t *testing.T, typ arrow.DataType, values string) [][]byte {
	t.Helper()
	a := fromJSON(t, typ, values)
	schema := arrow.NewSchema([]arrow.Field{{Name: "x", Type: typ, Nullable: true}}, nil)
	return writeAll(t, array.NewRecord(schema, []arrow.Array{a}, int64(a.Len())))
}

func fromJSON(t *testing.T, typ arrow.DataType, values string) arrow.Array {
	t.Helper()
	d, ok := typ.(*arrow.DictionaryType)
	if ok { // arrow/go builds few dictionaries itself: here each row has an entry of its own
		typ = d.ValueType
	}
	a, _, err := array.FromJSON(memory.DefaultAllocator, typ, strings.NewReader(values))
	if err != nil {
		t.Fatal(err)
	}
	if !ok {
		return a
	}
	index := array.NewBuilder(memory.DefaultAllocator, d.IndexType)
	for i := range a.Len() {
		if a.IsNull(i) {
			index.AppendNull()
		} else if err := index.AppendValueFromString(strconv.Itoa(i)); err != nil {
			t.Fatal(err)
		}
	}
	return array.NewDictionaryArray(d, index.NewArray(), a)
}

func writeAll(t *testing.T, rec arrow.Record) [][]byte {
	t.Helper()
	var all [][]byte
	for _, options := range [][]arrowipc.Option{nil, {arrowipc.WithLZ4()}, {arrowipc.WithZstd()}} {
		options = append(options, arrowipc.WithSchema(rec.Schema()))
		var file, stream bytes.Buffer
		fw, err := arrowipc.NewFileWriter(&position{w: &file}, options...)
		if err != nil {
			t.Fatal(err)
		}
		sw := arrowipc.NewWriter(&stream, options...)
		for _, w := range []recordWriter{fw, sw} {
			if err := errors.Join(w.Write(rec), w.Close()); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, file.Bytes(), stream.Bytes())
	}
	return all
}

func TestTypes(t *testing.T) {
	p, b := arrow.PrimitiveTypes, arrow.BinaryTypes
	dict := func(index, value arrow.DataType) arrow.DataType {
		return &arrow.DictionaryType{IndexType: index, ValueType: value}
	}
	ints := func(v ...int64) column.Column { return column.Column{Int: v, Width: 1} }
	texts := column.Column{Text: []string{"a", "", "a longer text than a view holds"}, Null: []bool{false, true, false}, Width: 1}
	moments := func(v ...string) column.Column { return column.Column{Text: v, Width: 1} }
	const textJSON = `["a", null, "a longer text than a view holds"]`
	matrix := column.Column{F32: []float32{1, 2, 3, 4}, Width: 2}
	const matrixJSON = `[[1, 2], [3, 4]]`
	for _, c := range []struct {
		typ    arrow.DataType
		values string
		want   column.Column
	}{
		{p.Int8, `[1, -1]`, ints(1, -1)}, {p.Int16, `[1, -300]`, ints(1, -300)}, {p.Int32, `[1, -70000]`, ints(1, -70000)},
		{p.Int64, `[1, -5000000000]`, ints(1, -5000000000)}, {p.Uint8, `[1, 255]`, ints(1, 255)}, {p.Uint16, `[1, 65535]`, ints(1, 65535)},
		{p.Uint32, `[1, 4294967295]`, ints(1, 4294967295)}, {p.Uint64, `[1, 4294967296]`, ints(1, 4294967296)},
		{p.Int32, `[1, null]`, column.Column{Int: []int64{1, 0}, Null: []bool{false, true}, Width: 1}},
		{p.Float32, `[0.5, -2]`, column.Column{F32: []float32{0.5, -2}, Width: 1}},
		{p.Float64, `[0.1, -2]`, column.Column{F64: []float64{0.1, -2}, Width: 1}},
		{arrow.FixedWidthTypes.Float16, `[0.5, -2]`, column.Column{F32: []float32{0.5, -2}, Width: 1}},
		{arrow.FixedWidthTypes.Boolean, `[true, false, true]`, column.Column{Bool: []bool{true, false, true}, Width: 1}},
		{b.String, textJSON, texts}, {b.LargeString, textJSON, texts}, {b.StringView, textJSON, texts},
		{dict(p.Int8, b.String), textJSON, texts}, {dict(p.Uint16, b.String), textJSON, texts}, {dict(p.Int64, b.LargeString), textJSON, texts},
		{arrow.FixedSizeListOf(2, p.Float32), matrixJSON, matrix}, {arrow.ListOf(p.Float32), matrixJSON, matrix},
		{arrow.LargeListOf(p.Float32), matrixJSON, matrix}, {arrow.ListOf(arrow.FixedWidthTypes.Float16), matrixJSON, matrix},
		{arrow.LargeListOf(p.Float64), matrixJSON, column.Column{F64: []float64{1, 2, 3, 4}, Width: 2}},
		{arrow.ListOf(p.Int32), matrixJSON, column.Column{F64: []float64{1, 2, 3, 4}, Width: 2}},
		{arrow.FixedSizeListOf(2, p.Uint64), matrixJSON, column.Column{F64: []float64{1, 2, 3, 4}, Width: 2}},
		{arrow.ListOf(&arrow.Decimal128Type{Precision: 5, Scale: 2}), `[["1", "-0.25"]]`, column.Column{F64: []float64{1, -0.25}, Width: 2}},
		{dict(p.Int8, p.Int64), `[5, null, -7]`, column.Column{Int: []int64{5, 0, -7}, Null: []bool{false, true, false}, Width: 1}},
		{&arrow.Decimal128Type{Precision: 5, Scale: 2}, `["-1.25", null]`, column.Column{F64: []float64{-1.25, 0}, Null: []bool{false, true}, Width: 1}},
		{&arrow.Decimal256Type{Precision: 40, Scale: 0}, `["-3", "7"]`, ints(-3, 7)},
		{p.Date32, `["1969-12-31", "2024-02-29"]`, moments("1969-12-31", "2024-02-29")},
		{p.Date64, `["2024-02-29"]`, moments("2024-02-29T00:00:00")},
		{&arrow.TimestampType{Unit: arrow.Nanosecond}, `["2024-02-29 12:00:00.25"]`, moments("2024-02-29T12:00:00.25")},
		{arrow.FixedWidthTypes.Timestamp_s, `["2024-02-29 12:00:00"]`, moments("2024-02-29T12:00:00Z")},
		{b.Binary, `["aW0x", "/wA="]`, moments("im1", "0xff00")}, {b.BinaryView, `["aW0x", "/wA="]`, moments("im1", "0xff00")},
		{&arrow.FixedSizeBinaryType{ByteWidth: 2}, `["aW0=", "/wA="]`, moments("im", "0xff00")},
	} {
		t.Run(c.typ.String(), func(t *testing.T) {
			all := ways(t)
			for i, b := range build(t, c.typ, c.values) {
				got, err := readWays(t, all, b)
				if err != nil {
					t.Fatalf("form %d: %v", i, err)
				}
				if err := same(got.columns["x"], &c.want); err != nil {
					t.Errorf("form %d: %v", i, err)
				}
			}
		})
	}
}

func TestTypeErrors(t *testing.T) {
	p := arrow.PrimitiveTypes
	for _, c := range []struct {
		typ    arrow.DataType
		values string
		row    int
		want   string
	}{
		{arrow.ListOf(p.Float32), `[[1, 2], [3, 4], [5]]`, 2, "1 values where the first row has 2"},
		{arrow.LargeListOf(p.Float32), `[[1, 2], [3, 4, 5]]`, 1, "3 values where the first row has 2"},
		{arrow.ListOf(p.Float64), `[[1, 2], null]`, 1, "missing value (null)"},
		{arrow.FixedSizeListOf(2, p.Float32), `[[1, 2], null, [3, 4]]`, 1, "missing value (null)"},
		{arrow.FixedSizeListOf(2, p.Float32), `[[1, 2], [3, 4], [5, null]]`, 2, "missing value (null) for class 1"},
		{p.Uint64, `[1, 18446744073709551615]`, 1, "does not fit into 64 bits"},
	} {
		t.Run(c.typ.String(), func(t *testing.T) {
			for i, b := range build(t, c.typ, c.values) {
				_, err := read(b)
				e, ok := errors.AsType[*column.Error](err)
				if !ok || e.Column != "x" || e.Row != c.row || !strings.Contains(e.Err.Error(), c.want) {
					t.Errorf("form %d: error %v, want row %d: %s", i, err, c.row, c.want)
				}
			}
		})
	}
}

// Columns of types that no prediction table uses are skipped, and the columns
// after them are read correctly.
func TestOtherTypesAreSkipped(t *testing.T) {
	p := arrow.PrimitiveTypes
	types := []arrow.DataType{
		arrow.Null, arrow.FixedWidthTypes.Time32ms, arrow.FixedWidthTypes.Duration_us, arrow.FixedWidthTypes.MonthInterval,
		arrow.StructOf(arrow.Field{Name: "a", Type: p.Int32, Nullable: true}, arrow.Field{Name: "b", Type: arrow.BinaryTypes.String, Nullable: true}),
		arrow.ListOf(arrow.BinaryTypes.String), arrow.ListOf(arrow.ListOf(p.Float32)), arrow.MapOf(arrow.BinaryTypes.String, p.Int32),
		arrow.ListOf(p.Date32), &arrow.DictionaryType{IndexType: p.Int8, ValueType: p.Float64},
	}
	var fields []arrow.Field
	var arrays []arrow.Array
	for i, typ := range types {
		b := array.NewBuilder(memory.DefaultAllocator, typ)
		b.AppendEmptyValue()
		b.AppendNull()
		fields = append(fields, arrow.Field{Name: string(rune('a' + i)), Type: typ, Nullable: true})
		arrays = append(arrays, b.NewArray())
	}
	last, _, err := array.FromJSON(memory.DefaultAllocator, p.Int32, strings.NewReader(`[7, 8]`))
	if err != nil {
		t.Fatal(err)
	}
	fields, arrays = append(fields, arrow.Field{Name: "x", Type: p.Int32}), append(arrays, last)
	for i, b := range writeAll(t, array.NewRecord(arrow.NewSchema(fields, nil), arrays, 2)) {
		got, err := read(b)
		if err != nil {
			t.Fatalf("form %d: %v", i, err)
		}
		if err := same(got.columns["x"], &column.Column{Int: []int64{7, 8}, Width: 1}); err != nil {
			t.Errorf("form %d: %v", i, err)
		}
		if len(got.columns) != 1 {
			t.Errorf("form %d: %d columns read, want 1", i, len(got.columns))
		}
	}
}

// A dictionary may grow or be replaced between the batches of a stream.
func TestStreamDictionaries(t *testing.T) {
	typ := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int8, ValueType: arrow.BinaryTypes.String}
	schema := arrow.NewSchema([]arrow.Field{{Name: "x", Type: typ}}, nil)
	for _, deltas := range []bool{false, true} {
		var b bytes.Buffer
		w := arrowipc.NewWriter(&b, arrowipc.WithSchema(schema), arrowipc.WithDictionaryDeltas(deltas))
		for _, values := range []string{`["a", "b"]`, `["b", "c"]`, `["a", "b", "c", "d"]`} {
			a, _, err := array.FromJSON(memory.DefaultAllocator, typ, strings.NewReader(values))
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Write(array.NewRecord(schema, []arrow.Array{a}, int64(a.Len()))); err != nil {
				t.Fatal(err)
			}
		}
		w.Close()
		got, err := read(b.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		if text := strings.Join(got.columns["x"].Text, ""); text != "abbcabcd" {
			t.Errorf("deltas %v: read %q, want abbcabcd", deltas, text)
		}
	}
}

// A large record batch comes in bounded pieces.
func TestLargeBatchIsCut(t *testing.T) {
	const rows, classes = 10000, 300
	got, err := read(write(t, []Column{Vectors("x", Float32, classes, make([]float32, rows*classes))}, Options{}))
	if err != nil {
		t.Fatal(err)
	}
	if want := (rows + column.MaxRows(classes) - 1) / column.MaxRows(classes); got.rows != rows || got.chunks != want {
		t.Errorf("%d rows in %d chunks, want %d in %d", got.rows, got.chunks, rows, want)
	}
}

func TestSelectErrors(t *testing.T) {
	r, err := openBytes(write(t, sample(3, 2), Options{}))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Select([]column.Want{{Field: 0, Kind: column.Text}}); err == nil || !strings.Contains(err.Error(), `column "sample_id": is int64`) {
		t.Errorf("error %v", err)
	}
}

// same compares what was read with what is wanted; missing values compare equal
// whatever stands in their place.
func same(got, want *column.Column) error {
	null := func(i int) bool { return i < len(want.Null) && want.Null[i] }
	for i := range max(len(got.Null), len(want.Null)) {
		if (i < len(got.Null) && got.Null[i]) != null(i) {
			return column.Errorf("", i, "missing differs")
		}
	}
	return errors.Join(equal("int", got.Int, want.Int, null), equal("float32", got.F32, want.F32, null),
		equal("float64", got.F64, want.F64, null), equal("bool", got.Bool, want.Bool, null), equal("text", got.Text, want.Text, null))
}

func equal[T comparable](name string, got, want []T, null func(int) bool) error {
	if len(got) != len(want) {
		return column.Errorf("", -1, "%d values of %s, want %d", len(got), name, len(want))
	}
	for i := range want {
		if !null(i) && got[i] != want[i] {
			return column.Errorf("", i, "%v, want %v", got[i], want[i])
		}
	}
	return nil
}
