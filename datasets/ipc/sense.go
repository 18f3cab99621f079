package ipc

import (
	"slices"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"abstain/datasets/column"
)

// sense says what the values of a column mean where their layout in memory, which is
// that of another type, does not tell: bytes, dates and timestamps, decimals.
type sense struct {
	binary  bool
	uuid    bool
	decimal bool
	scale   int
	unit    time.Duration // of dates and timestamps; 0 for other types
	local   bool          // timestamps without a time zone
}

// senseOf reads it from the type's table in the schema, and the column's metadata.
func senseOf(code int, t table, meta []column.Pair) sense {
	switch code {
	case typeBinary, typeLargeBinary, typeBinaryView:
		return sense{binary: true}
	case typeFixedBinary:
		uuid := slices.Contains(meta, column.Pair{Key: "ARROW:extension:name", Value: "arrow.uuid"}) && t.int32(0) == 16
		return sense{binary: !uuid, uuid: uuid}
	case typeDecimal:
		return sense{decimal: true, scale: t.int32(1)}
	case typeDate:
		if t.f != nil && t.at(0) != 0 && t.int16(0) == 0 {
			return sense{unit: column.Day}
		}
		return sense{unit: time.Millisecond, local: true}
	case typeTimestamp:
		units := []time.Duration{time.Second, time.Millisecond, time.Microsecond, time.Nanosecond}
		if u := t.int16(0); u >= 0 && u < len(units) {
			return sense{unit: units[u], local: t.text(1) == ""}
		}
	}
	return sense{}
}

// laidOut is the type whose layout in memory a type with a sense of its own has; nil if
// the type cannot be read.
func laidOut(code int, t table) arrow.DataType {
	switch code {
	case typeBinary:
		return arrow.BinaryTypes.String
	case typeLargeBinary:
		return arrow.BinaryTypes.LargeString
	case typeBinaryView:
		return arrow.BinaryTypes.StringView
	case typeFixedBinary:
		if n := t.int32(0); n > 0 && n <= 1<<16 {
			return &arrow.FixedSizeBinaryType{ByteWidth: n}
		}
	case typeDecimal:
		return decimalType(t)
	case typeDate:
		if senseOf(code, t, nil).unit == column.Day {
			return arrow.PrimitiveTypes.Int32
		}
		return arrow.PrimitiveTypes.Int64
	case typeTimestamp:
		return arrow.PrimitiveTypes.Int64
	}
	return nil
}

func decimalType(t table) arrow.DataType {
	if s := t.int32(1); s < 0 || s > column.MaxScale {
		return nil
	}
	bits := 128
	if t.at(2) != 0 {
		bits = t.int32(2)
	}
	switch bits {
	case 32, 64, 128, 256:
		return &arrow.FixedSizeBinaryType{ByteWidth: bits / 8}
	}
	return nil
}

// kind is the kind of a column with a sense of its own.
func (s sense) kind(stored column.Kind) column.Kind {
	switch {
	case s.unit > 0:
		return column.Moment
	case s.decimal && s.scale == 0:
		return column.Int
	case s.decimal:
		return column.Float64
	case s.binary, s.uuid:
		return column.Text
	}
	return stored
}

// moments writes rows i to j of a column of dates or timestamps.
func (s *scratch) moments(a arrow.Array, i, j int) error {
	n, err := ints(s, a, i, j)
	if err != nil {
		return err
	}
	s.write(j-i, a, i, func(dst []byte, k int) []byte { return column.AppendMoment(dst, n[k], s.sense.unit, s.sense.local) })
	return nil
}

// write sets s.Text to n texts of rows from i on; missing ones are "".
func (s *scratch) write(n int, a arrow.Array, i int, text func(dst []byte, k int) []byte) {
	ends := make([]int, n)
	var all []byte
	for k := range ends {
		if !a.IsNull(i + k) {
			all = text(all, k)
		}
		ends[k] = len(all)
	}
	s.Text = column.Grow(s.Text, n)
	column.Pack(s.Text, func(k int) []byte {
		begin := 0
		if k > 0 {
			begin = ends[k-1]
		}
		return all[begin:ends[k]]
	})
}

// bytes writes rows i to j of a column of bytes of fixed length.
func (s *scratch) bytes(a *array.FixedSizeBinary, i, j int) {
	s.write(j-i, a, i, func(dst []byte, k int) []byte {
		if s.sense.uuid {
			return column.AppendUUID(dst, a.Value(i+k))
		}
		return column.AppendReadable(dst, a.Value(i+k))
	})
}

// readable makes text of rows of bytes that may be none.
func (s *scratch) readable(a arrow.Array, i int) {
	raw := slices.Clone(s.Text)
	s.write(len(raw), a, i, func(dst []byte, k int) []byte { return column.AppendReadable(dst, []byte(raw[k])) })
}

// decimals sets c to rows i to j of a column of decimals.
func (s *scratch) decimals(c *column.Column, a *array.FixedSizeBinary, i, j int) error {
	if s.sense.scale > 0 {
		s.F64 = column.Grow(s.F64, j-i)
		c.F64 = s.F64
	} else {
		s.Int = column.Grow(s.Int, j-i)
		c.Int = s.Int
	}
	for k := range j - i {
		var d column.Decimal
		if !a.IsNull(i + k) {
			d = littleEndian(a.Value(i + k))
		}
		if s.sense.scale > 0 {
			c.F64[k] = d.Float(s.sense.scale)
			continue
		}
		var err error
		if c.Int[k], err = d.Whole(k); err != nil {
			return err
		}
	}
	return nil
}

// littleEndian reads a decimal, the lowest byte first.
func littleEndian(b []byte) column.Decimal {
	var turned [32]byte
	for i, v := range b {
		turned[len(b)-1-i] = v
	}
	return column.BigEndian(turned[:len(b)])
}

// elements sets c.F64 to values i to j of lists of integers or decimals.
func (s *scratch) elements(c *column.Column, a arrow.Array, i, j int) error {
	s.F64 = column.Grow(s.F64, j-i)
	c.F64 = s.F64
	if d, ok := a.(*array.FixedSizeBinary); ok {
		for k := range c.F64 {
			c.F64[k] = littleEndian(d.Value(i + k)).Float(s.sense.scale)
		}
		return nil
	}
	if u, ok := a.(*array.Uint64); ok {
		for k, v := range u.Uint64Values()[i:j] {
			c.F64[k] = float64(v)
		}
		return nil
	}
	n, err := ints(s, a, i, j)
	for k, v := range n {
		c.F64[k] = float64(v)
	}
	return err
}

// dictionaryInts looks up rows i to j of a dictionary of integers.
func dictionaryInts(s *scratch, a *array.Dictionary, i, j int) error {
	if s.dict != a.Dictionary() {
		levels, err := ints(&scratch{}, a.Dictionary(), 0, a.Dictionary().Len())
		if err != nil {
			return column.Errorf("", -1, "dictionary: %w", err)
		}
		s.dict, s.numbers = a.Dictionary(), slices.Clone(levels)
	}
	s.Int = column.Grow(s.Int, j-i)
	for k := range s.Int {
		s.Int[k] = 0
		if a.IsNull(i + k) {
			continue
		}
		level := a.GetValueIndex(i + k)
		if level < 0 || level >= len(s.numbers) || a.Dictionary().IsNull(level) {
			return column.Errorf("", k, "corrupt: entry %d of a dictionary of %d", level, len(s.numbers))
		}
		s.Int[k] = s.numbers[level]
	}
	return nil
}
