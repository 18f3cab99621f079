// Package content hashes the content of files, to know a table again whatever it is
// called and wherever it lies.
//
// A hash has 128 bits and depends on the bytes alone, not on the machine nor on the
// pieces in which they come. Content is condensed to 512 bytes, and its hash is the
// XXH3 hash of those. Condensing is what a pass over logits can afford: it takes bytes
// nearly as fast as a core loads them from its caches, more than twice as fast as XXH3,
// and another pass over the bytes can do it in its gaps: see Lanes.
//
// Content is condensed in 16 lanes. Word i of 16 bytes belongs to lane i mod 16, which
// holds two states of 16 bytes, zero at first. With every word the first becomes the
// AES round of itself, xored with the word (SubBytes, ShiftRows, MixColumns,
// AddRoundKey of FIPS 197; what the instruction AESENC does), and the word is added to
// the second as two integers of 64 bits. The first states of all lanes, after them the
// second, then those bytes at the end that do not fill a word of every lane, and the
// length of the content are what XXH3 hashes. A round can be undone, so contents that
// differ in one word of a lane never agree before that; where they differ in more,
// rounds and sums have to agree at once.
//
// None of this resists somebody who looks for two files of the same hash.
//
// It imports nothing of this module.
package content

import (
	"encoding/binary"
	"encoding/hex"

	"github.com/zeebo/xxh3"
)

// Hash hashes what is written to it. The zero value is ready.
type Hash struct {
	lanes  lanes
	rest   [stripe]byte // after whole stripes
	length uint64       // so far
}

// stripe is a word of 16 bytes for each lane.
const stripe = 256

// lanes are the first states of the lanes and after them the second.
type lanes [2 * stripe]byte

// Write takes in the next bytes. It never fails.
func (h *Hash) Write(p []byte) (int, error) {
	n := len(p)
	begun := int(h.length % stripe)
	h.length += uint64(n)
	if begun > 0 {
		took := copy(h.rest[begun:], p)
		if p = p[took:]; begun+took < stripe {
			return n, nil
		}
		condense(&h.lanes, &h.rest[0], 1)
	}
	if whole := len(p) / stripe; whole > 0 {
		condense(&h.lanes, &p[0], whole)
		p = p[whole*stripe:]
	}
	copy(h.rest[:], p)
	return n, nil
}

// Lanes are the states of the lanes, for somebody else to condense whole stripes
// into, of which Condensed then tells; nil while a stripe is begun.
func (h *Hash) Lanes() *[2 * stripe]byte {
	if h.length%stripe > 0 {
		return nil
	}
	return (*[2 * stripe]byte)(&h.lanes)
}

// Condensed takes note of n bytes that were condensed into Lanes. It panics if those
// are no whole stripes.
func (h *Hash) Condensed(n int) {
	if n%stripe != 0 {
		panic("content: part of a stripe cannot be condensed")
	}
	h.length += uint64(n)
}

// Sum returns the hash of what was written in hexadecimal digits.
func (h *Hash) Sum() string {
	var room [len(h.lanes) + stripe + 8]byte
	b := append(room[:0], h.lanes[:]...)
	b = append(b, h.rest[:h.length%stripe]...)
	sum := xxh3.Hash128(binary.LittleEndian.AppendUint64(b, h.length)).Bytes()
	return hex.EncodeToString(sum[:])
}
