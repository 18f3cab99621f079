package store

import (
	"encoding/binary"
	"fmt"

	"abstain/datasets"

	"github.com/zeebo/xxh3"
)

// CompareIDs compares the id of sample i with that of sample k of another table:
// 0 for the same sample.
func (o *Outcomes) CompareIDs(i int, other *Outcomes, k int) int {
	return o.IDs.Compare(i, other.IDs, k)
}

// Only returns the outcomes of some of the samples, which keep their ids.
func (o *Outcomes) Only(samples []int32) *Outcomes {
	ids, at := o.IDs, make([]int32, len(samples))
	if ids.Int == nil && ids.Text == nil {
		for i := range o.N() {
			ids.Int = append(ids.Int, int64(i))
		}
	}
	for k, i := range samples {
		at[k] = int32(o.TableRow(int(i)))
	}
	return &Outcomes{Outcomes: o.Take(samples), IDs: ids.Take(samples), Row: at, Available: o.Available}
}

// Digests tell whether two tables are over the same samples.
type Digests struct {
	Samples string `json:"samples"` // of the sample ids, whatever their order
	Labels  string `json:"labels"`  // of ids with labels; "" if the table has no labels
}

// SameSamples reports whether two tables are over the same samples: by the digests of
// their ids as written or, if only one of them has ids with a common prefix, by the
// numbers behind it.
func (r *Record) SameSamples(other *Record) bool {
	switch {
	case r.Samples == other.Samples:
		return true
	case r.Numbered != nil && other.Numbered == nil:
		return r.Numbered.Samples == other.Samples
	case r.Numbered == nil && other.Numbered != nil:
		return other.Numbered.Samples == r.Samples
	}
	return false
}

// digests are those of the ids as they are written, and those of the numbers behind
// a prefix, if there is one. The outcomes are in the order of their ids, so equal
// digests mean equal samples. Rows without ids are their own numbers.
func digests(o *Outcomes) (written Digests, numbered *Digests) {
	written = digestsOf(o, o.IDs)
	if o.IDs.Prefix != "" {
		d := digestsOf(o, o.IDs.Unprefixed())
		numbered = &d
	}
	return written, numbered
}

func digestsOf(o *Outcomes, ids datasets.IDs) (d Digests) {
	h := hashing{Hasher: xxh3.New()}
	if ids.Prefix != "" || ids.Width != 0 {
		h.text(ids.Prefix)
		numbers(&h, []int64{int64(ids.Width)})
	}
	switch {
	case ids.Text != nil:
		for _, id := range ids.Text {
			h.text(id)
		}
	case ids.Int != nil:
		numbers(&h, ids.Int)
	default:
		for i := range o.N() {
			numbers(&h, []int64{int64(i)})
		}
	}
	d.Samples = Digest(h.Hasher)
	if o.Label != nil {
		numbers(&h, o.Label)
		d.Labels = Digest(h.Hasher)
	}
	return d
}

// hashing hashes integers as 64 bits each, many at a time.
type hashing struct {
	*xxh3.Hasher
	run [4096]byte
}

func (h *hashing) text(s string) {
	numbers(h, []int64{int64(len(s))})
	h.WriteString(s)
}

func numbers[T int32 | int64](h *hashing, v []T) {
	const most = len(h.run) / 8
	for len(v) > 0 {
		n := min(len(v), most)
		for i, x := range v[:n] {
			binary.LittleEndian.PutUint64(h.run[8*i:], uint64(int64(x)))
		}
		h.Write(h.run[:8*n])
		v = v[n:]
	}
}

// Digest returns the hash as all digests are written: its first 64 bits in hex.
func Digest(h *xxh3.Hasher) string {
	sum := h.Sum128().Bytes()
	return fmt.Sprintf("%x", sum[:8])
}

// Brief returns the digest of a text.
func Brief(text string) string {
	h := xxh3.New()
	h.WriteString(text)
	return Digest(h)
}
