package array

import (
	"encoding/binary"
	"errors"
	"math"
	"math/bits"
	"runtime"
	"unicode/utf8"
	"unsafe"

	"abstain/datasets/column"
)

// anywhere says that this machine reads numbers at any address, so that Go's compiler and
// the kernels in assembly make no use of their alignment. Members of zip files begin
// anywhere; copying them took longer than all else.
const anywhere = runtime.GOARCH == "amd64" || runtime.GOARCH == "arm64"

// hostBig says that this machine puts the most significant byte first.
var hostBig = binary.NativeEndian.Uint16([]byte{0, 1}) == 1

// scratch is the memory that a column's conversions use again from chunk to chunk.
type scratch struct {
	column.Column
	half   bool // vectors of float16 are kept as they are stored
	words  []uint64
	utf8   []byte
	ends   []int
	packed []byte
}

// convert sets c to the values of n rows in raw. They are raw's own memory if they are
// stored as they are wanted. Rows in errors count from 0.
func (s *scratch) convert(c *column.Column, a *Array, part slice, raw []byte, n int) error {
	*c = column.Column{Width: part.width}
	if part.width < a.width() {
		raw = s.pack(raw, a, part, n)
	}
	if k := a.Type.Kind; k == Unicode || k == Bytes {
		var err error
		c.Text, err = s.texts(raw, a, n)
		return err
	}
	raw = s.native(raw, a)
	switch a.Type.Kind {
	case Moment:
		return s.moments(c, cast[int64](raw), a.Type)
	case Float:
		s.floats(c, raw, a.Type.Size, part.width > 1)
	case BFloat:
		s.F32 = column.Grow(s.F32, len(raw)/2)
		for i, v := range cast[uint16](raw) {
			s.F32[i] = math.Float32frombits(uint32(v) << 16)
		}
		c.F32 = s.F32
	default:
		return s.whole(c, raw, a.Type, part.width)
	}
	return nil
}

// pack copies the part of each row.
func (s *scratch) pack(raw []byte, a *Array, part slice, n int) []byte {
	size, row := a.Type.Size, a.Type.Size*a.width()
	s.packed = column.Grow(s.packed, n*part.width*size)
	for i := range n {
		from := i*row + part.from*size
		copy(s.packed[i*part.width*size:], raw[from:from+part.width*size])
	}
	return s.packed
}

// native returns the bytes in this machine's order, at an address where it can read values
// of their size: raw itself if it is so already.
func (s *scratch) native(raw []byte, a *Array) []byte {
	size := a.Type.Size
	swap := a.Big != hostBig && size > 1
	if !swap && (anywhere || uintptr(unsafe.Pointer(unsafe.SliceData(raw)))%uintptr(size) == 0) {
		return raw
	}
	s.words = column.Grow(s.words, (len(raw)+7)/8)
	p := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s.words))), len(raw))
	copy(p, raw)
	if swap {
		reverse(p, size)
	}
	return p
}

// reverse turns the bytes of each value around.
func reverse(p []byte, size int) {
	switch size {
	case 2:
		for i, v := range cast[uint16](p) {
			cast[uint16](p)[i] = bits.ReverseBytes16(v)
		}
	case 4:
		for i, v := range cast[uint32](p) {
			cast[uint32](p)[i] = bits.ReverseBytes32(v)
		}
	case 8:
		for i, v := range cast[uint64](p) {
			cast[uint64](p)[i] = bits.ReverseBytes64(v)
		}
	}
}

// cast views bytes as values, and the bytes up to the capacity as spare capacity.
func cast[T any](p []byte) []T {
	var zero T
	size := int(unsafe.Sizeof(zero))
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(p))), cap(p)/size)[:len(p)/size]
}

// floats sets c to IEEE floats. The values that follow in memory are left as spare
// capacity of F32, because the row kernel prefetches them.
func (s *scratch) floats(c *column.Column, raw []byte, size int, vector bool) {
	switch {
	case size == 8:
		c.F64 = cast[float64](raw)
	case size == 4:
		c.F32 = cast[float32](raw)
	case s.half && vector:
		c.F16 = cast[uint16](raw)
	default:
		s.F32 = column.Grow(s.F32, len(raw)/2)
		for i, v := range cast[uint16](raw) {
			s.F32[i] = column.Half(v)
		}
		c.F32 = s.F32
	}
}

// whole sets c to whole numbers or booleans.
func (s *scratch) whole(c *column.Column, raw []byte, t Type, width int) error {
	if t.Kind == Bool {
		s.bools(c, raw, width)
		return nil
	}
	switch {
	case t.Kind == Int && t.Size == 1:
		return integers[int8](c, s, raw, width)
	case t.Kind == Int && t.Size == 2:
		return integers[int16](c, s, raw, width)
	case t.Kind == Int && t.Size == 4:
		return integers[int32](c, s, raw, width)
	case t.Kind == Int && width == 1:
		c.Int = cast[int64](raw)
		return nil
	case t.Kind == Int:
		return integers[int64](c, s, raw, width)
	case t.Size == 1:
		return integers[uint8](c, s, raw, width)
	case t.Size == 2:
		return integers[uint16](c, s, raw, width)
	case t.Size == 4:
		return integers[uint32](c, s, raw, width)
	}
	return integers[uint64](c, s, raw, width)
}

func (s *scratch) bools(c *column.Column, raw []byte, width int) {
	if width == 1 {
		s.Bool = column.Grow(s.Bool, len(raw))
		for i, v := range raw {
			s.Bool[i] = v != 0
		}
		c.Bool = s.Bool
		return
	}
	s.F32 = column.Grow(s.F32, len(raw))
	for i, v := range raw {
		s.F32[i] = 0
		if v != 0 {
			s.F32[i] = 1
		}
	}
	c.F32 = s.F32
}

type integer interface {
	int8 | int16 | int32 | int64 | uint8 | uint16 | uint32 | uint64
}

// integers sets c to int64 of one value a row, and to floats of several, all of the same
// value.
func integers[T integer](c *column.Column, s *scratch, raw []byte, width int) error {
	values := cast[T](raw)
	switch {
	case width == 1:
		s.Int = column.Grow(s.Int, len(values))
		for i, v := range values {
			if s.Int[i] = int64(v); v > 0 && s.Int[i] < 0 {
				return column.Errorf("", i, "%d does not fit into 64 bits with sign", v)
			}
		}
		c.Int = s.Int
	case unsafe.Sizeof(T(0)) <= 2:
		s.F32 = column.Grow(s.F32, len(values))
		for i, v := range values {
			s.F32[i] = float32(v)
		}
		c.F32 = s.F32
	default:
		s.F64 = column.Grow(s.F64, len(values))
		for i, v := range values {
			s.F64[i] = float64(v)
			if math.Abs(s.F64[i]) >= 1<<53 { // the next integers would become the same
				return column.Errorf("", i/width, "%d is too large for a value of a class vector", v)
			}
		}
		c.F64 = s.F64
	}
	return nil
}

// integers replaces the floats of c.
func (s *scratch) integers(c *column.Column, of func(float64) int64) {
	s.Int = s.Int[:0]
	for _, v := range c.F32 {
		s.Int = append(s.Int, of(float64(v)))
	}
	for _, v := range c.F64 {
		s.Int = append(s.Int, of(v))
	}
	*c = column.Column{Int: s.Int, Width: 1}
}

// moments sets c to dates and times as texts, which share one new allocation.
func (s *scratch) moments(c *column.Column, values []int64, t Type) error {
	s.utf8, s.ends = s.utf8[:0], column.Grow(s.ends, len(values))
	for i, v := range values {
		switch {
		case v == math.MinInt64:
			if c.Null == nil {
				s.Null = column.Grow(s.Null, len(values))
				clear(s.Null)
				c.Null = s.Null
			}
			c.Null[i] = true
		case v > math.MaxInt64/t.Units || v < -math.MaxInt64/t.Units:
			return column.Errorf("", i, "%d is no date: it is too far from 1970", v)
		default:
			s.utf8 = column.AppendMoment(s.utf8, v*t.Units, t.Unit, true)
		}
		s.ends[i] = len(s.utf8)
	}
	c.Text = s.cut()
	return nil
}

// cut makes texts of s.utf8, which end at s.ends.
func (s *scratch) cut() []string {
	s.Text = column.Grow(s.Text, len(s.ends))
	all, begin := string(s.utf8), 0
	for i, end := range s.ends {
		s.Text[i] = all[begin:end]
		begin = end
	}
	return s.Text
}

// texts decodes n texts, which share one new allocation.
func (s *scratch) texts(raw []byte, a *Array, n int) ([]string, error) {
	s.utf8, s.ends = s.utf8[:0], column.Grow(s.ends, n)
	size := a.Type.Size
	for i := range n {
		err := s.text(raw[i*size:(i+1)*size], a)
		if err != nil {
			return nil, &column.Error{Row: i, Err: err}
		}
		s.ends[i] = len(s.utf8)
	}
	return s.cut(), nil
}

// text appends a text to s.utf8.
func (s *scratch) text(p []byte, a *Array) error {
	if a.Type.Kind == Bytes {
		for len(p) > 0 && p[len(p)-1] == 0 {
			p = p[:len(p)-1]
		}
		if s.utf8 = append(s.utf8, p...); !utf8.Valid(p) {
			return errors.New("these bytes are no text in UTF-8: save it as text, with numpy.char.decode")
		}
		return nil
	}
	var order binary.ByteOrder = binary.LittleEndian
	if a.Big {
		order = binary.BigEndian
	}
	for len(p) > 0 && order.Uint32(p[len(p)-4:]) == 0 {
		p = p[:len(p)-4]
	}
	for ; len(p) > 0; p = p[4:] {
		v := order.Uint32(p)
		if v > utf8.MaxRune || !utf8.ValidRune(rune(v)) {
			return errors.New("damaged: not a character of Unicode")
		}
		s.utf8 = utf8.AppendRune(s.utf8, rune(v))
	}
	return nil
}
