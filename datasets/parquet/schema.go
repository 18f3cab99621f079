package parquet

import (
	pq "github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"abstain/datasets/column"
)

// leaf says where and how the values of a top-level column are stored.
type leaf struct {
	kind    column.Kind
	stored  string // type in the words of Parquet
	index   int
	signed  bool
	half    bool
	uuid    bool
	decimal bool
	binary  bool   // bytes that nothing says are text
	moment  moment // of dates and timestamps
	widen   bool   // integers or decimals that are read as float64
	scale   int
	size    int // bytes of a value of fixed length
	list    bool
	depth   int // definition level of a value that is not missing
	element int // definition level of a list's element, missing or not
}

// logicalTypes are the logical types of the leaves, by index; parquet-go does not
// give access to all of them. Leaves have the same order in the schema.
func logicalTypes(m *format.FileMetaData) []format.LogicalTypeValue {
	var types []format.LogicalTypeValue
	for i := range m.Schema {
		if e := &m.Schema[i]; e.Type.Valid {
			types = append(types, e.LogicalType.Value)
		}
	}
	return types
}

// leafOf finds the values of a column: its own, or those of its list.
func leafOf(c *pq.Column, logical []format.LogicalTypeValue) leaf {
	top, l := c, leaf{signed: true}
	for !c.Leaf() {
		inner := c.Columns()
		if len(inner) != 1 {
			return leaf{stored: nested(top)}
		}
		if c = inner[0]; c.Repeated() {
			l.element = c.MaxDefinitionLevel()
		}
	}
	l.index, l.depth, l.list = c.Index(), c.MaxDefinitionLevel(), c.MaxRepetitionLevel() == 1
	if top.Repeated() {
		l.element = top.MaxDefinitionLevel()
	}
	if c.MaxRepetitionLevel() > 1 || l.index < 0 || l.index >= len(logical) || !l.list && c != top {
		return leaf{stored: nested(top)}
	}
	l.setKind(c.Type(), logical[l.index])
	if l.list {
		l.widen = l.kind == column.Int || l.decimal
		l.kind, l.stored = listKind(l.kind), "list of "+l.stored
	}
	return l
}

// nested describes a column that is more than a list of values.
func nested(c *pq.Column) string {
	lt := c.Type().LogicalType()
	if lt == nil {
		return "struct"
	}
	switch lt.Value.(type) {
	case *format.MapType:
		return "map"
	case *format.ListType:
		return "list of lists or structs"
	}
	return lt.String()
}

func listKind(k column.Kind) column.Kind {
	switch k {
	case column.Float32:
		return column.Vector32
	case column.Float64, column.Int:
		return column.Vector64
	}
	return column.Other
}

// setKind maps physical and logical types to kinds; times of day, intervals and similar
// types become Other.
func (l *leaf) setKind(t pq.Type, logical format.LogicalTypeValue) {
	if lt := t.LogicalType(); lt != nil {
		logical = lt.Value
	}
	l.stored = t.String()
	switch t.Kind() {
	case pq.Boolean:
		l.kind = column.Bool
	case pq.Float:
		l.kind = column.Float32
	case pq.Double:
		l.kind = column.Float64
	case pq.Int32, pq.Int64:
		l.setInt(logical)
	case pq.ByteArray:
		l.setBytes(logical)
	case pq.FixedLenByteArray:
		l.size = t.Length()
		l.setFixed(logical, t.ConvertedType() != nil)
	}
}

func (l *leaf) setInt(logical format.LogicalTypeValue) {
	switch logical := logical.(type) {
	case nil:
		l.kind = column.Int
	case *format.IntType:
		l.kind, l.signed = column.Int, logical.IsSigned
	case *format.DecimalType:
		l.setDecimal(logical)
	default:
		if l.moment = momentOf(logical); l.moment.unit > 0 {
			l.kind = column.Moment
		}
	}
}

func (l *leaf) setBytes(logical format.LogicalTypeValue) {
	switch logical := logical.(type) {
	case *format.StringType, *format.EnumType:
		l.kind = column.Text
	case nil:
		l.kind, l.binary = column.Text, true
	case *format.DecimalType:
		l.setDecimal(logical)
	}
}

// setFixed does not interpret two bytes without a logical type: some writers
// store float16 in this way, and others anything else.
func (l *leaf) setFixed(logical format.LogicalTypeValue, converted bool) {
	switch logical := logical.(type) {
	case *format.Float16Type:
		if l.size == 2 {
			l.kind, l.half, l.stored = column.Float32, true, "FLOAT16"
		}
	case *format.UUIDType:
		if l.size == 16 {
			l.kind, l.uuid = column.Text, true
		}
	case *format.DecimalType:
		l.setDecimal(logical)
	case nil:
		switch {
		case converted: // an interval
		case l.size > 2:
			l.kind, l.binary = column.Text, true
		case l.size == 2:
			l.stored += " not marked as FLOAT16"
		}
	}
}

// setDecimal reads a decimal without places as an integer, because databases
// write integers so, and any other decimal as a float64.
func (l *leaf) setDecimal(t *format.DecimalType) {
	if t.Scale < 0 || t.Scale > column.MaxScale {
		return
	}
	l.decimal, l.scale = true, int(t.Scale)
	if l.kind = column.Float64; l.scale == 0 {
		l.kind = column.Int
	}
}
