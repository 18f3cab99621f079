package store

import (
	"math"

	"abstain/datasets/column"
	"abstain/datasets/ipc"
)

// Workspace is memory in which outcomes are prepared for writing, one table after
// the other. Each column gets the smallest type that holds all of its numbers
// exactly.
type Workspace struct {
	i8  columns[int8]
	i16 columns[int16]
	f32 columns[float32]
}

// reset makes the memory of all columns free for the next table.
func (w *Workspace) reset() { w.i8.used, w.i16.used, w.f32.used = 0, 0, 0 }

// columns are slices that can be used again after reset.
type columns[T any] struct {
	slices [][]T
	used   int
}

// next returns a column of n values; they are whatever the memory held before.
func (c *columns[T]) next(n int) []T {
	if c.used == len(c.slices) {
		c.slices = append(c.slices, nil)
	}
	s := &c.slices[c.used]
	c.used++
	*s = column.Grow(*s, n)
	return *s
}

// floats returns a column of float32 if every value is exactly a float32, else of
// float64.
func (w *Workspace) floats(name string, v []float64) ipc.Column {
	to := w.f32.next(len(v))
	for i, x := range v {
		to[i] = float32(x)
		if float64(to[i]) != x { // true of NaN too
			w.f32.used--
			return ipc.Floats(name, ipc.Float64, v)
		}
	}
	return ipc.Floats(name, ipc.Float32, to)
}

// narrowInts returns a column of the smallest integer type that holds every
// value.
func narrowInts[T int32 | int64](w *Workspace, name string, v []T) ipc.Column {
	var bits int64 // the most bits that any number needs besides its sign
	for _, x := range v {
		bits |= int64(x) ^ int64(x)>>63
	}
	switch {
	case bits <= math.MaxInt8:
		return ipc.Ints(name, ipc.Int8, convert(w.i8.next(len(v)), v))
	case bits <= math.MaxInt16:
		return ipc.Ints(name, ipc.Int16, convert(w.i16.next(len(v)), v))
	case bits <= math.MaxInt32:
		return ipc.Ints(name, ipc.Int32, v)
	}
	return ipc.Ints(name, ipc.Int64, v)
}

func convert[To int8 | int16, From int32 | int64](to []To, v []From) []To {
	for i, x := range v {
		to[i] = To(x)
	}
	return to
}
