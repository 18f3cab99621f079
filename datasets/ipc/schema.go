package ipc

import (
	"fmt"

	"github.com/apache/arrow/go/v15/arrow"

	"abstain/datasets/column"
)

// Codes of the Type union in Arrow's Schema.fbs.
const (
	typeNull          = 1
	typeInt           = 2
	typeFloat         = 3
	typeBinary        = 4
	typeUtf8          = 5
	typeBool          = 6
	typeDecimal       = 7
	typeDate          = 8
	typeTime          = 9
	typeTimestamp     = 10
	typeInterval      = 11
	typeList          = 12
	typeStruct        = 13
	typeUnion         = 14
	typeFixedBinary   = 15
	typeFixedList     = 16
	typeMap           = 17
	typeDuration      = 18
	typeLargeBinary   = 19
	typeLargeUtf8     = 20
	typeLargeList     = 21
	typeRunEnd        = 22
	typeBinaryView    = 23
	typeUtf8View      = 24
	typeListView      = 25
	typeLargeListView = 26
)

var typeNames = [...]string{"none", "null", "int", "float", "binary", "utf8", "bool", "decimal", "date", "time", "timestamp",
	"interval", "list", "struct", "union", "fixed_size_binary", "fixed_size_list", "map", "duration", "large_binary",
	"large_utf8", "large_list", "run_end_encoded", "binary_view", "utf8_view", "list_view", "large_list_view"}

const (
	maxDepth  = 32      // nesting of column types
	maxFields = 1 << 20 // columns and their children together
)

// field is a column or a child of one. Type is nil for types that are only
// skipped. For a dictionary-encoded column, it is the type of the values.
type field struct {
	name     string
	code     int
	dense    bool // of a union
	typ      arrow.DataType
	sense    sense
	children []field
	dict     *dictionary
}

// dictionary says how a dictionary-encoded column stores its indices.
type dictionary struct {
	id    int64
	index arrow.DataType
}

// schema is the decoded form of Arrow's Schema table.
type schema struct {
	fields []field
	meta   []column.Pair
}

func decodeSchema(t table) (schema, error) {
	if t.f == nil {
		return schema{}, fmt.Errorf("corrupt metadata: no schema")
	}
	if t.int16(0) != 0 {
		return schema{}, fmt.Errorf("big-endian values are not supported")
	}
	var s schema
	left := maxFields
	s.fields = decodeFields(t, 1, 0, &left)
	s.meta = decodePairs(t, 2)
	return s, t.f.err
}

func decodePairs(t table, slot int) []column.Pair {
	start, n := t.vector(slot, 4)
	pairs := make([]column.Pair, 0, n)
	for i := 0; i < n && t.f.err == nil; i++ {
		e := t.element(start, i)
		pairs = append(pairs, column.Pair{Key: e.text(0), Value: e.text(1)})
	}
	return pairs
}

// decodeFields reads a vector of fields. References may be shared, so a small
// buffer can describe a huge tree; left bounds the number of all fields.
func decodeFields(t table, slot, depth int, left *int) []field {
	start, n := t.vector(slot, 4)
	if *left -= n; *left < 0 || depth > maxDepth {
		t.f.fail("more than %d columns or nesting deeper than %d", maxFields, maxDepth)
		return nil
	}
	fields := make([]field, 0, n)
	for i := 0; i < n && t.f.err == nil; i++ {
		fields = append(fields, decodeField(t.element(start, i), depth, left))
	}
	return fields
}

func decodeField(t table, depth int, left *int) field {
	f := field{name: t.text(0), code: t.byte(2)}
	if t.at(5) != 0 {
		f.children = decodeFields(t, 5, depth+1, left)
	}
	kind := t.table(3)
	f.dense = f.code == typeUnion && kind.int16(0) == 1
	f.typ = dataType(f.code, kind, f.children)
	f.sense = senseOf(f.code, kind, decodePairs(t, 6))
	if len(f.children) == 1 && f.typ != nil {
		f.sense = f.children[0].sense // that of a list is that of its elements
	}
	if e := t.table(4); e.f != nil {
		index := arrow.DataType(arrow.PrimitiveTypes.Int32)
		if it := e.table(1); it.f != nil {
			index = intType(it.int32(0), it.byte(1) != 0)
		}
		f.dict = &dictionary{id: e.int64(0), index: index}
	}
	return f
}

// dataType maps the types that prediction tables use; nil for all others.
func dataType(code int, t table, children []field) arrow.DataType {
	switch code {
	case typeInt:
		return intType(t.int32(0), t.byte(1) != 0)
	case typeFloat:
		return floatType(t.int16(0))
	case typeBool:
		return arrow.FixedWidthTypes.Boolean
	case typeUtf8:
		return arrow.BinaryTypes.String
	case typeLargeUtf8:
		return arrow.BinaryTypes.LargeString
	case typeUtf8View:
		return arrow.BinaryTypes.StringView
	case typeList, typeLargeList, typeFixedList:
		return listType(code, t, children)
	}
	return laidOut(code, t)
}

func listType(code int, t table, children []field) arrow.DataType {
	if len(children) != 1 || children[0].typ == nil || children[0].dict != nil {
		return nil
	}
	switch children[0].code {
	case typeFloat, typeInt, typeDecimal:
	default:
		return nil
	}
	elem := children[0].typ
	switch code {
	case typeList:
		return arrow.ListOf(elem)
	case typeLargeList:
		return arrow.LargeListOf(elem)
	}
	if n := t.int32(0); n > 0 {
		return arrow.FixedSizeListOf(int32(n), elem)
	}
	return nil
}

func intType(bits int, signed bool) arrow.DataType {
	p := arrow.PrimitiveTypes
	switch {
	case bits == 8 && signed:
		return p.Int8
	case bits == 16 && signed:
		return p.Int16
	case bits == 32 && signed:
		return p.Int32
	case bits == 64 && signed:
		return p.Int64
	case bits == 8:
		return p.Uint8
	case bits == 16:
		return p.Uint16
	case bits == 32:
		return p.Uint32
	case bits == 64:
		return p.Uint64
	}
	return nil
}

func floatType(precision int) arrow.DataType {
	switch precision {
	case 0:
		return arrow.FixedWidthTypes.Float16
	case 1:
		return arrow.PrimitiveTypes.Float32
	case 2:
		return arrow.PrimitiveTypes.Float64
	}
	return nil
}

// column describes the field in the terms of package column.
func (f *field) column() column.Field {
	c := column.Field{Name: f.name, Kind: f.kind(), Stored: f.typeName()}
	if l, ok := f.typ.(*arrow.FixedSizeListType); ok && f.dict == nil {
		c.Width = int(l.Len())
	}
	return c
}

func (f *field) kind() column.Kind {
	k := kindOf(f.typ)
	plain := f.sense == sense{}
	if f.dict != nil && (k != column.Text && k != column.Int || f.dict.index == nil || !plain) {
		return column.Other
	}
	if _, list := f.typ.(arrow.ListLikeType); list || f.typ == nil {
		return k
	}
	return f.sense.kind(k)
}

func kindOf(t arrow.DataType) column.Kind {
	switch t := t.(type) {
	case nil:
		return column.Other
	case *arrow.BooleanType:
		return column.Bool
	case *arrow.StringType, *arrow.LargeStringType, *arrow.StringViewType:
		return column.Text
	case *arrow.Float16Type, *arrow.Float32Type:
		return column.Float32
	case *arrow.Float64Type:
		return column.Float64
	case arrow.ListLikeType:
		if id := t.Elem().ID(); id == arrow.FLOAT16 || id == arrow.FLOAT32 {
			return column.Vector32
		}
		return column.Vector64
	case *arrow.FixedSizeBinaryType:
		return column.Text
	}
	return column.Int
}

func (f *field) typeName() string {
	name := fmt.Sprintf("type %d", f.code)
	if f.typ != nil && f.sense == (sense{}) {
		name = f.typ.String()
	} else if f.code < len(typeNames) {
		name = typeNames[f.code]
	}
	if f.dict != nil {
		return "dictionary<" + name + ">"
	}
	return name
}
