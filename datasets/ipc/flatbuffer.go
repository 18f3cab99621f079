package ipc

import (
	"encoding/binary"
	"fmt"
)

// flatbuffer is the bytes of one piece of Arrow metadata. Every read is checked
// against the bounds. The first violation is kept in err and later reads return
// zero, so that decoding code need not check every read; it checks err once.
//
// The rules are those of the FlatBuffers internals document: a table points back
// to its vtable, the vtable lists where each field is in the table, strings and
// vectors begin with their length.
type flatbuffer struct {
	b   []byte
	err error
}

// table is a position in a flatbuffer. The zero value is an absent table, whose
// fields are all zero.
type table struct {
	f      *flatbuffer
	pos    int
	vtable int
	slots  int
}

func (f *flatbuffer) fail(format string, args ...any) {
	if f.err == nil {
		f.err = fmt.Errorf("corrupt metadata: "+format, args...)
	}
}

// span returns n bytes at pos, or nil if they are out of bounds, which is noted
// in err.
func (f *flatbuffer) span(pos, n int) []byte {
	if f.err != nil {
		return nil
	}
	if pos < 0 || n < 0 || n > len(f.b)-pos {
		f.fail("%d bytes at %d lie outside its %d bytes", n, pos, len(f.b))
		return nil
	}
	return f.b[pos : pos+n]
}

func (f *flatbuffer) u16(pos int) int {
	if b := f.span(pos, 2); b != nil {
		return int(binary.LittleEndian.Uint16(b))
	}
	return 0
}

func (f *flatbuffer) u32(pos int) int {
	if b := f.span(pos, 4); b != nil {
		return int(binary.LittleEndian.Uint32(b))
	}
	return 0
}

func (f *flatbuffer) i32(pos int) int { return int(int32(f.u32(pos))) }

func (f *flatbuffer) i64(pos int) int64 {
	if b := f.span(pos, 8); b != nil {
		return int64(binary.LittleEndian.Uint64(b))
	}
	return 0
}

// root is the table to which the beginning of the buffer refers.
func (f *flatbuffer) root() table { return f.tableAt(f.u32(0)) }

func (f *flatbuffer) tableAt(pos int) table {
	vtable := pos - f.i32(pos)
	size := f.u16(vtable)
	if f.err != nil {
		return table{}
	}
	if size < 4 || f.span(vtable, size) == nil {
		f.fail("a vtable of %d bytes at %d", size, vtable)
		return table{}
	}
	return table{f: f, pos: pos, vtable: vtable, slots: (size - 4) / 2}
}

// at returns the position of the field in that slot; 0 if it is absent.
func (t table) at(slot int) int {
	if t.f == nil || slot >= t.slots {
		return 0
	}
	if offset := t.f.u16(t.vtable + 4 + 2*slot); offset != 0 {
		return t.pos + offset
	}
	return 0
}

func (t table) byte(slot int) int {
	if p := t.at(slot); p != 0 {
		if b := t.f.span(p, 1); b != nil {
			return int(b[0])
		}
	}
	return 0
}

func (t table) int16(slot int) int {
	if p := t.at(slot); p != 0 {
		return int(int16(t.f.u16(p)))
	}
	return 0
}

func (t table) int32(slot int) int {
	if p := t.at(slot); p != 0 {
		return t.f.i32(p)
	}
	return 0
}

func (t table) int64(slot int) int64 {
	if p := t.at(slot); p != 0 {
		return t.f.i64(p)
	}
	return 0
}

// table follows a reference to another table; the zero table if it is absent.
func (t table) table(slot int) table {
	if p := t.at(slot); p != 0 {
		return t.f.tableAt(p + t.f.u32(p))
	}
	return table{}
}

// text copies a string; "" if it is absent.
func (t table) text(slot int) string {
	start, n := t.vector(slot, 1)
	if n == 0 {
		return ""
	}
	return string(t.f.span(start, n))
}

// vector returns where the elements of a vector begin and how many there are,
// after checking that all of them are inside the buffer.
func (t table) vector(slot, size int) (start, n int) {
	p := t.at(slot)
	if p == 0 {
		return 0, 0
	}
	p += t.f.u32(p)
	n = t.f.u32(p)
	if t.f.err != nil {
		return 0, 0
	}
	if n > (len(t.f.b)-p-4)/size {
		t.f.fail("a list of %d entries at %d does not fit", n, p)
		return 0, 0
	}
	return p + 4, n
}

// element follows entry i of a vector of references that begins at start.
func (t table) element(start, i int) table {
	p := start + 4*i
	return t.f.tableAt(p + t.f.u32(p))
}
