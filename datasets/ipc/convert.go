package ipc

import (
	"math"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"abstain/datasets/column"
)

// scratch is the memory that a column's conversions use again from chunk to
// chunk.
type scratch struct {
	column.Column
	half   bool        // vectors of float16 are kept as they are stored
	stream *stream     // of the values, if the array has none
	dict   arrow.Array // the dictionary whose values are in levels
	levels []string

	numbers []int64 // of a dictionary of integers
	sense   sense
}

// convert sets c to rows i to j of a. The slices are a's own memory where the
// values are stored as wanted. Rows in errors count from i.
func convert(c *column.Column, s *scratch, a arrow.Array, i, j, width int) error {
	*c = column.Column{Width: 1}
	switch a := a.(type) {
	case *array.FixedSizeList, *array.List, *array.LargeList:
		c.Width = width
		return vectors(c, s, a.(array.ListLike), i, j, width)
	case *array.Dictionary:
		if err := looked(c, s, a, i, j); err != nil {
			return err
		}
	case array.StringLike:
		s.Text = texts(s.Text, a, i, j)
		if s.sense.binary {
			s.readable(a, i)
		}
		c.Text = s.Text
	case *array.FixedSizeBinary:
		if s.sense.decimal {
			if err := s.decimals(c, a, i, j); err != nil {
				return err
			}
			break
		}
		s.bytes(a, i, j)
		c.Text = s.Text
	case *array.Boolean:
		s.Bool = column.Grow(s.Bool, j-i)
		bools(s.Bool, a.Data(), i)
		c.Bool = s.Bool
	case *array.Float16, *array.Float32, *array.Float64:
		floats(c, s, a, i, j)
	default:
		if err := integers(c, s, a, i, j); err != nil {
			return err
		}
	}
	c.Null = nulls(s, a, i, j)
	return nil
}

// integers sets c to rows i to j of integers, or of dates and timestamps.
func integers(c *column.Column, s *scratch, a arrow.Array, i, j int) (err error) {
	if s.sense.unit > 0 {
		err = s.moments(a, i, j)
		c.Text = s.Text
		return err
	}
	c.Int, err = ints(s, a, i, j)
	return err
}

// looked sets c to rows i to j of a dictionary of texts or integers.
func looked(c *column.Column, s *scratch, a *array.Dictionary, i, j int) (err error) {
	if _, ok := a.Dictionary().(array.StringLike); ok {
		err = dictionaryText(s, a, i, j)
		c.Text = s.Text
		return err
	}
	err = dictionaryInts(s, a, i, j)
	c.Int = s.Int
	return err
}

// bools unpacks bits of a from row i on.
func bools(dst []bool, a arrow.ArrayData, i int) {
	raw := a.Buffers()[1].Bytes()
	i += a.Offset()
	k := 0
	for ; k < len(dst) && (i+k)%8 != 0; k++ {
		dst[k] = raw[(i+k)/8]>>((i+k)%8)&1 != 0
	}
	for ; k+8 <= len(dst); k += 8 {
		bits, v := raw[(i+k)/8], (*[8]bool)(dst[k:])
		v[0], v[1], v[2], v[3] = bits&1 != 0, bits&2 != 0, bits&4 != 0, bits&8 != 0
		v[4], v[5], v[6], v[7] = bits&16 != 0, bits&32 != 0, bits&64 != 0, bits&128 != 0
	}
	for ; k < len(dst); k++ {
		dst[k] = raw[(i+k)/8]>>((i+k)%8)&1 != 0
	}
}

// nulls marks the missing values among rows i to j; nil if there are none.
func nulls(s *scratch, a arrow.Array, i, j int) []bool {
	if a.NullN() == 0 {
		return nil
	}
	s.Null = column.Grow(s.Null, j-i)
	found := false
	for k := range s.Null {
		s.Null[k] = a.IsNull(i + k)
		found = found || s.Null[k]
	}
	if !found {
		return nil
	}
	return s.Null
}

// ints returns values i to j, without a copy if they are int64.
func ints(s *scratch, a arrow.Array, i, j int) ([]int64, error) {
	if a, ok := a.(*array.Int64); ok {
		return a.Int64Values()[i:j:j], nil
	}
	s.Int = column.Grow(s.Int, j-i)
	switch a := a.(type) {
	case *array.Int8:
		widen(s.Int, a.Int8Values()[i:j])
	case *array.Int16:
		widen(s.Int, a.Int16Values()[i:j])
	case *array.Int32:
		widen(s.Int, a.Int32Values()[i:j])
	case *array.Uint8:
		widen(s.Int, a.Uint8Values()[i:j])
	case *array.Uint16:
		widen(s.Int, a.Uint16Values()[i:j])
	case *array.Uint32:
		widen(s.Int, a.Uint32Values()[i:j])
	case *array.Uint64:
		for k, v := range a.Uint64Values()[i:j] {
			if v > math.MaxInt64 {
				return nil, column.Errorf("", k, "%d does not fit into 64 bits with sign", v)
			}
			s.Int[k] = int64(v)
		}
	default:
		return nil, column.Errorf("", -1, "type %v is not supported", a.DataType())
	}
	return s.Int, nil
}

func widen[T int8 | int16 | int32 | uint8 | uint16 | uint32](dst []int64, src []T) {
	for i, v := range src {
		dst[i] = int64(v)
	}
}

// floats sets c.F32 or c.F64 to values i to j. The following values are left as
// spare capacity of F32, because the row kernel prefetches them.
func floats(c *column.Column, s *scratch, a arrow.Array, i, j int) {
	switch a := a.(type) {
	case *array.Float64:
		c.F64 = a.Float64Values()[i:j:j]
	case *array.Float32:
		c.F32 = a.Float32Values()[i:j]
	case *array.Float16:
		s.F32 = column.Grow(s.F32, j-i)
		for k, v := range a.Values()[i:j] {
			s.F32[k] = column.Half(v.Uint16())
		}
		c.F32 = s.F32
	}
}

// vectors checks that rows i to j hold width values each, none missing, and sets
// c to their values.
func vectors(c *column.Column, s *scratch, a array.ListLike, i, j, width int) error {
	for k := i; a.NullN() > 0 && k < j; k++ {
		if a.IsNull(k) {
			return column.Errorf("", k-i, "missing value (null)")
		}
	}
	begin, _ := a.ValueOffsets(i)
	if _, ok := a.(*array.FixedSizeList); !ok {
		for k := i; k < j; k++ {
			if b, e := a.ValueOffsets(k); int(e-b) != width {
				return column.Errorf("", k-i, "%d values where the first row has %d", e-b, width)
			}
		}
	}
	values := a.ListValues()
	from, to := int(begin), int(begin)+(j-i)*width
	for k := from; values.NullN() > 0 && k < to; k++ {
		if values.IsNull(k) {
			return column.Errorf("", (k-from)/width, "missing value (null) for class %d", (k-from)%width)
		}
	}
	if s.stream != nil {
		raw, err := s.stream.take(from, to)
		if err != nil {
			return err
		}
		run := array.NewData(values.DataType(), to-from, []*memory.Buffer{nil, memory.NewBufferBytes(raw)}, nil, 0, 0)
		values, from, to = array.MakeFromData(run), 0, to-from
	}
	if half, ok := values.(*array.Float16); ok && s.half {
		c.F16 = arrow.Uint16Traits.CastFromBytes(arrow.Float16Traits.CastToBytes(half.Values()[from:to:to]))
		return nil
	}
	if !arrow.IsFloating(values.DataType().ID()) {
		return s.elements(c, values, from, to)
	}
	floats(c, s, values, from, to)
	return nil
}

// texts copies rows i to j of a, whose memory will be used again; "" is missing.
func texts(dst []string, a array.StringLike, i, j int) []string {
	dst = column.Grow(dst, j-i)
	column.Pack(dst, func(k int) []byte {
		if a.IsNull(i + k) {
			return nil
		}
		text := a.Value(i + k)
		return unsafe.Slice(unsafe.StringData(text), len(text))
	})
	return dst
}

// dictionaryText looks up rows i to j; equal values share one string.
func dictionaryText(s *scratch, a *array.Dictionary, i, j int) error {
	if s.dict != a.Dictionary() {
		s.dict = a.Dictionary()
		s.levels = texts(nil, s.dict.(array.StringLike), 0, s.dict.Len())
	}
	s.Text = column.Grow(s.Text, j-i)
	for k := range s.Text {
		s.Text[k] = ""
		if a.IsNull(i + k) {
			continue
		}
		level := a.GetValueIndex(i + k)
		if level < 0 || level >= len(s.levels) {
			return column.Errorf("", k, "corrupt: entry %d of a dictionary of %d", level, len(s.levels))
		}
		s.Text[k] = s.levels[level]
	}
	return nil
}
