package mapping

import (
	"math/bits"
	"sync"
)

// Buffers are used again, by size class: new pages, and filling them with zeros,
// cost as much as reading does. Classes are powers of two from 64 bytes, so
// buffers are aligned for every value type.
const smallest = 6

var classes [48]sync.Pool

// Arena holds buffers that are returned together.
type Arena struct {
	held []*[]byte
}

// Get returns n bytes with arbitrary contents, valid until Release.
func (a *Arena) Get(n int) []byte {
	class := max(smallest, bits.Len(uint(max(n, 1)-1)))
	b, ok := classes[class].Get().(*[]byte)
	if !ok {
		fresh := make([]byte, 1<<class)
		b = &fresh
	}
	a.held = append(a.held, b)
	return (*b)[:n]
}

// Release takes the buffers back.
func (a *Arena) Release() {
	for i, b := range a.held {
		classes[bits.Len(uint(len(*b)-1))].Put(b)
		a.held[i] = nil
	}
	a.held = a.held[:0]
}

// Held is how many buffers are out.
func (a *Arena) Held() int { return len(a.held) }
