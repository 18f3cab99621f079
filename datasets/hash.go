package datasets

import (
	"encoding/hex"
	"io"

	"github.com/zeebo/xxh3"
)

// HalfKeeper is a Reader that can hand out float16 as it is stored. The readers of
// OpenTable implement it.
type HalfKeeper interface {
	// KeepHalf asks for Batch.F16; it is called before Batches.
	KeepHalf()
}

// Hasher is a Reader that can hash its file while it reads it, so that a table that
// is read anyway need not be read twice. The readers of OpenTable implement it.
type Hasher interface {
	// StartHash asks for the hash; it is called before Batches. It reports false
	// if the file cannot be hashed on the way: it is not Arrow, or too large to be
	// held in memory where it cannot be mapped. Then Table.Hash is the way.
	StartHash() bool
	// Hash returns what Table.Hash returns, once StartHash reported true and
	// Batches was read to the end without error; false before.
	Hash() (string, bool)
}

// tee is a source that can pass on the bytes of its file.
type tee interface{ Tee(io.Writer) bool }

// StartHash asks for the hash of the file.
func (r *tableReader) StartHash() bool {
	t, ok := r.source.(tee)
	if !ok || r.used {
		return false
	}
	h := new(contentHash)
	if !t.Tee(h) {
		return false
	}
	r.hash = h
	return true
}

// Hash returns the hash of the file if it was asked for and the table was read to
// its end.
func (r *tableReader) Hash() (string, bool) {
	if r.hash == nil || !r.complete {
		return "", false
	}
	return r.hash.digest(), true
}

// Hash is the content hash of the table's file in hexadecimal digits. Up to 64 KiB
// it is that of XXH3 (128 bits); of a longer file, the XXH3 hash of those of its
// blocks of 64 KiB, of which the last may be shorter. It reads the file once in
// bounded memory.
func (t Table) Hash() (string, error) {
	f, err := t.FS.Open(t.Path)
	if err != nil {
		return "", tableError(t.Name, cause(err))
	}
	defer f.Close()
	h := new(contentHash)
	if _, err := io.CopyBuffer(h, onlyReader{f}, make([]byte, 256<<10)); err != nil {
		return "", tableError(t.Name, cause(err))
	}
	return h.digest(), nil
}

// onlyReader hides what else a file can do: its own copying takes small steps.
type onlyReader struct{ io.Reader }

// contentHash is the hash behind Table.Hash. Whole blocks are hashed where they
// lie, which takes half the time of a hash that has to take any piece.
type contentHash struct {
	blocks []byte // hashes of the blocks so far
	begun  []byte // of the next block
}

const hashBlock = 64 << 10

func (h *contentHash) Write(p []byte) (int, error) {
	n := len(p)
	if len(h.begun) > 0 {
		take := min(hashBlock-len(h.begun), len(p))
		h.begun, p = append(h.begun, p[:take]...), p[take:]
		if len(h.begun) < hashBlock {
			return n, nil
		}
		h.add(h.begun)
		h.begun = h.begun[:0]
	}
	for ; len(p) >= hashBlock; p = p[hashBlock:] {
		h.add(p[:hashBlock])
	}
	h.begun = append(h.begun, p...)
	return n, nil
}

func (h *contentHash) add(block []byte) {
	sum := xxh3.Hash128(block).Bytes()
	h.blocks = append(h.blocks, sum[:]...)
}

// digest ends the hash.
func (h *contentHash) digest() string {
	if len(h.begun) > 0 || len(h.blocks) == 0 {
		h.add(h.begun)
	}
	const one = 16 // bytes
	if len(h.blocks) == one {
		return hex.EncodeToString(h.blocks)
	}
	sum := xxh3.Hash128(h.blocks).Bytes()
	return hex.EncodeToString(sum[:])
}
