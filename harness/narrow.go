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
	// The first numbers tell which type is worth trying.
	least := width(v[:min(len(v), 64)])
	if least <= math.MaxInt8 {
		if to, ok := narrowed(&n.i8, v); ok {
			return ipc.Ints(name, ipc.Int8, to)
		}
	}
	if least <= math.MaxInt16 {
		if to, ok := narrowed(&n.i16, v); ok {
			return ipc.Ints(name, ipc.Int16, to)
		}
	}
	if width(v) <= math.MaxInt32 {
		return ipc.Ints(name, ipc.Int32, v)
	}
	return ipc.Ints(name, ipc.Int64, v)
}

// width is the bits that any of the numbers needs besides its sign.
func width[T int32 | int64](v []T) (bits int64) {
	for _, x := range v {
		bits |= int64(x) ^ int64(x)>>63
	}
	return bits
}

// narrowed is the numbers in memory of p, if its type holds them all.
func narrowed[To int8 | int16, From int32 | int64](p *pile[To], v []From) ([]To, bool) {
	to := p.lend(len(v))
	var lost From
	for i, x := range v {
		to[i] = To(x)
		lost |= From(to[i]) ^ x
	}
	if lost != 0 {
		p.used--
	}
	return to, lost == 0
}
