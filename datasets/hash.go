package datasets

import (
	"encoding/hex"
	"fmt"
	"hash"
	"io"

	"github.com/zeebo/xxh3"
)

// HalfKeeper is a Reader that can hand out float16 as it is stored. The readers of
// OpenTable implement it.
type HalfKeeper interface {
	// KeepHalf asks for Batch.F16; it is called before Batches.
	KeepHalf()
}

// Hasher is a Reader that can hash its file while it reads, so that a table that
// is read anyway need not be read twice. The readers of OpenTable implement it.
type Hasher interface {
	// StartHash asks for the hash; it is called before Batches. It reports false
	// if the file cannot be hashed while it is read: it is not an Arrow file or one
	// of arrays, or it cannot be mapped and is too large to be held in memory. Use
	// Table.Hash then.
	StartHash() bool
	// Hash returns what Table.Hash returns, if StartHash reported true and
	// Batches was read to the end without error. Before that it reports false.
	Hash() (string, bool)
}

// tee is a source that can pass on the bytes of its file while it reads, as an
// ipc.Reader can.
type tee interface{ Tee(io.Writer) bool }

// teeFiles is a source of several files that can pass on the bytes of each, in the
// order in which they were opened.
type teeFiles interface{ TeeFiles([]io.Writer) bool }

// StartHash asks for the hash of the file.
func (r *tableReader) StartHash() bool {
	if r.used {
		return false
	}
	if len(r.table.Parts) > 0 {
		return r.startParts()
	}
	t, ok := r.source.(tee)
	if !ok {
		return false
	}
	h := xxh3.New128()
	if !t.Tee(h) {
		return false
	}
	r.hash = h
	return true
}

// startParts asks for the hash of each of several files.
func (r *tableReader) startParts() bool {
	t, ok := r.source.(teeFiles)
	if !ok {
		return false
	}
	hashes := make([]hash.Hash, len(r.table.Parts))
	writers := make([]io.Writer, len(hashes))
	for i := range hashes {
		hashes[i] = xxh3.New128()
		writers[i] = hashes[i]
	}
	if !t.TeeFiles(writers) {
		return false
	}
	r.hash, r.partHashes = xxh3.New128(), hashes
	return true
}

// Hash returns the hash of the file if it was asked for and the table was read to
// its end.
func (r *tableReader) Hash() (string, bool) {
	if r.hash == nil || !r.complete {
		return "", false
	}
	for i, h := range r.partHashes {
		listPart(r.hash, r.table.Parts[i], hexSum(h))
	}
	r.partHashes = nil
	return hexSum(r.hash), true
}

// listPart adds a file to the list that the hash of several files is of.
func listPart(w io.Writer, p Part, sum string) { fmt.Fprintf(w, "%q %d %s\n", p.Column, p.Size, sum) }

// Hash is the content hash of the table's file: XXH3 of 128 bits in hexadecimal digits, as
// xxh128sum prints it, the same on all machines. It reads the file once in bounded memory.
// Of a table in several files it is the hash of a list of their columns, sizes and hashes.
func (t Table) Hash() (string, error) {
	if len(t.Parts) == 0 {
		return t.hashFile(t.Path)
	}
	h := xxh3.New128()
	for _, p := range t.Parts {
		sum, err := t.hashFile(p.Path)
		if err != nil {
			return "", err
		}
		listPart(h, p, sum)
	}
	return hexSum(h), nil
}

func (t Table) hashFile(name string) (string, error) {
	f, err := t.FS.Open(name)
	if err != nil {
		return "", tableError(t.Name, cause(err))
	}
	defer f.Close()
	h := xxh3.New128()
	if _, err := io.CopyBuffer(h, onlyReader{f}, make([]byte, 256<<10)); err != nil {
		return "", tableError(t.Name, cause(err))
	}
	return hexSum(h), nil
}

// onlyReader hides the other methods of a file: its WriteTo copies in small
// steps.
type onlyReader struct{ io.Reader }

// hexSum is the hash so far.
func hexSum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }
