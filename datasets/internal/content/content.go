// Package content hashes the content of files, to know a table again whatever it is
// called and wherever it lies.
//
// A hash has 128 bits and depends on the bytes alone, not on the machine nor on the
// pieces in which they come. Content shorter than a block of 64 KiB is hashed by XXH3.
// Longer content is cut into blocks; each whole one is condensed to 512 bytes, the
// XXH3 hash of which stands for it, and the hash is the XXH3 hash of those of all
// blocks. Condensing is what a pass over logits can afford: it takes the bytes at the
// speed at which a core loads them from its caches, four times that of XXH3.
//
// A block is condensed in 16 lanes. Word i of 16 bytes belongs to lane i mod 16, which
// holds two states of 16 bytes, zero at first. With every word the first becomes the
// AES round of itself, xored with the word (SubBytes, ShiftRows, MixColumns,
// AddRoundKey of FIPS 197; what the instruction AESENC does), and the word is added to
// the second as two integers of 64 bits. The first states of all lanes, and after them
// the second, are what a block is condensed to. A round can be undone, so two blocks
// that differ in one word of a lane never agree; if they differ in more, rounds and
// sums have to agree at once.
//
// None of this resists somebody who looks for two files of the same hash.
//
// It imports nothing of this module.
package content

import (
	"encoding/hex"

	"github.com/zeebo/xxh3"
)

// Hash hashes what is written to it. The zero value is ready.
type Hash struct {
	begun  []byte   // of the next block
	last   [16]byte // hash of the last block
	blocks int
	all    xxh3.Hasher // of the hashes of the blocks
	lanes  lanes       // of the last whole block
}

// block is so small that it is in a cache still when it is hashed after use.
const block = 64 << 10

// Write takes in the next bytes. It never fails.
func (h *Hash) Write(p []byte) (int, error) {
	n := len(p)
	if len(h.begun) > 0 {
		take := min(block-len(h.begun), len(p))
		h.begun, p = append(h.begun, p[:take]...), p[take:]
		if len(h.begun) < block {
			return n, nil
		}
		h.condense((*[block]byte)(h.begun))
		h.begun = h.begun[:0]
	}
	for ; len(p) >= block; p = p[block:] {
		h.condense((*[block]byte)(p))
	}
	h.begun = append(h.begun, p...)
	return n, nil
}

func (h *Hash) add(sum [16]byte) {
	h.last = sum
	h.blocks++
	h.all.Write(sum[:])
}

// condense takes in a whole block.
func (h *Hash) condense(b *[block]byte) {
	condense(&h.lanes, b)
	h.add(xxh3.Hash128(h.lanes[:]).Bytes())
}

// Sum ends the hash and returns it in hexadecimal digits.
func (h *Hash) Sum() string {
	if len(h.begun) > 0 || h.blocks == 0 {
		h.add(xxh3.Hash128(h.begun).Bytes())
	}
	sum := h.last
	if h.blocks > 1 {
		sum = h.all.Sum128().Bytes()
	}
	return hex.EncodeToString(sum[:])
}

// stripe is a word of 16 bytes for each lane.
const stripe = 256

// lanes are the first states of the lanes and after them the second.
type lanes [2 * stripe]byte
