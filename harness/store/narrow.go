package harness

import (
	"math"

	"abstain/datasets/column"
	"abstain/datasets/ipc"
)

// narrowing makes columns of the smallest types that hold all of their numbers
// exactly, in memory that it uses for one table after the other.
type narrowing struct {
	i8  pile[int8]
	i16 pile[int16]
	f32 pile[float32]
}

// begin takes the memory of all columns made so far back.
func (n *narrowing) begin() { n.i8.used, n.i16.used, n.f32.used = 0, 0, 0 }

// pile lends slices out.
type pile[T any] struct {
	slices [][]T
	used   int
}

func (p *pile[T]) lend(n int) []T {
	if p.used == len(p.slices) {
		p.slices = append(p.slices, nil)
	}
	s := &p.slices[p.used]
	p.used++
	*s = column.Grow(*s, n)
	return *s
}

func (n *narrowing) floats(name string, v []float64) ipc.Column {
	to := n.f32.lend(len(v))
	for i, x := range v {
		to[i] = float32(x)
		if float64(to[i]) != x { // NaN as well
			n.f32.used--
			return ipc.Floats(name, ipc.Float64, v)
		}
	}
	return ipc.Floats(name, ipc.Float32, to)
}

func narrowInts[T int32 | int64](n *narrowing, name string, v []T) ipc.Column {
	var bits int64 // that any number needs besides its sign
	for _, x := range v {
		bits |= int64(x) ^ int64(x)>>63
	}
	switch {
	case bits <= math.MaxInt8:
		return ipc.Ints(name, ipc.Int8, cast(n.i8.lend(len(v)), v))
	case bits <= math.MaxInt16:
		return ipc.Ints(name, ipc.Int16, cast(n.i16.lend(len(v)), v))
	case bits <= math.MaxInt32:
		return ipc.Ints(name, ipc.Int32, v)
	}
	return ipc.Ints(name, ipc.Int64, v)
}

func cast[To int8 | int16, From int32 | int64](to []To, v []From) []To {
	for i, x := range v {
		to[i] = To(x)
	}
	return to
}
