package rowstat

import "unsafe"

// Trail is memory to be hashed whose bytes are condensed while the rows in it are
// looked at. They are then in the first cache, and the kernel waits for memory anyway:
// it takes a third of the time that hashing takes by itself. That is done where it
// costs so little: with AVX-512 and VAES, for logits of float32 of more than 64 classes,
// if entropy is not wanted. What is left is for the caller to condense.
//
// Bytes are condensed in units of 256, which are a word of 16 bytes for each of 16
// lanes. A lane has two states of 16 bytes. With every word the first becomes the
// AES round of itself, xored with the word (AESENC), and the word is added to the
// second as two integers of 64 bits.
type Trail struct {
	// Bytes are what is to be condensed next. What a call condenses it cuts off
	// their front. They hold the rows, and what may lie before and after those.
	Bytes []byte
	// Lanes are the first states of the lanes and after them the second.
	Lanes *[512]byte
}

// leadsTo reports whether the rows lie in the bytes that are to be condensed.
func (t *Trail) leadsTo(rows []float32) bool {
	if t == nil || len(t.Bytes) == 0 {
		return false
	}
	begin, x := uintptr(unsafe.Pointer(&t.Bytes[0])), uintptr(unsafe.Pointer(&rows[0]))
	return begin <= x && x+uintptr(4*len(rows)) <= begin+uintptr(len(t.Bytes))
}
