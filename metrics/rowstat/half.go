package rowstat

import (
	"math"
	"unsafe"
)

// Half is a float16 as it is stored, IEEE 754 binary16: a sign, 5 bits of
// exponent and 10 of mantissa.
type Half uint16

// Halves are the bits of float16 as numbers, in the same memory.
func Halves(bits []uint16) []Half {
	return unsafe.Slice((*Half)(unsafe.SliceData(bits)), len(bits))
}

// Float32 is the same number; a NaN keeps its sign and its payload, and is quiet.
func (h Half) Float32() float32 {
	sign, rest := uint32(h&0x8000)<<16, uint32(h&0x7fff)
	switch {
	case rest >= 0x7c01: // NaN
		return math.Float32frombits(sign | 0x7fc00000 | rest<<13)
	case rest == 0x7c00:
		return math.Float32frombits(sign | 0x7f800000)
	}
	// As the bits of a float32 the number is 2^112 times too small, subnormal
	// or not, and the product is exact.
	return math.Float32frombits(sign|rest<<13) * 0x1p112
}

// stretch is about how many values are widened at a time: they stay in the
// cache.
const stretch = 1 << 14

// halves goes through rows of float16, of probabilities if stored, widened some at
// a time.
func halves(k kernel, dst *Columns, rows []Half, classes int, label []int32, stored bool) {
	step := max(1, stretch/classes)
	dst.wide = sized(dst.wide, min(step, len(label))*classes)
	for i := 0; i < len(label); i += step {
		n := min(step, len(label)-i)
		wide := dst.wide[:n*classes]
		k.widen(wide, rows[i*classes:][:n*classes])
		part := dst.rowsFrom(i, n)
		part.later, part.laterRows = 0, min(n, len(label)-i-n)
		if part.laterRows > 0 {
			part.later = uintptr(unsafe.Pointer(&rows[(i+n)*classes]))
		}
		if stored {
			probsOf(k, part, wide, classes, label[i:i+n])
		} else {
			logitsOf(k, part, wide, classes, label[i:i+n])
		}
		for _, bad := range part.Bad {
			bad.Row += i
			dst.Bad = append(dst.Bad, bad)
		}
		for _, faint := range part.Faint {
			faint.Row += i
			dst.Faint = append(dst.Faint, faint)
		}
	}
}

func widen(dst []float32, src []Half) {
	for i, h := range src {
		dst[i] = h.Float32()
	}
}

// rowsFrom is n rows of c from row i on, by themselves, but for the bad ones.
func (c *Columns) rowsFrom(i, n int) *Columns {
	if c.part == nil {
		c.part = new(Columns)
	}
	p := c.part
	p.Want, p.Powers, p.classes = c.Want, c.Powers, c.classes
	p.Bad, p.Faint = p.Bad[:0], p.Faint[:0]
	p.Argmax, p.Rank = c.Argmax[i:i+n], some(c.Rank, i, n)
	from, to := c.columns(), p.columns()
	for k, s := range from {
		*to[k] = some(*s, i, n)
	}
	p.Norm = sized(p.Norm, len(c.Norm))
	for k, s := range c.Norm {
		p.Norm[k] = s[i : i+n]
	}
	return p
}

// some is n entries from entry i on, none of a column without any.
func some[T any](column []T, i, n int) []T {
	if len(column) == 0 {
		return nil
	}
	return column[i : i+n]
}
