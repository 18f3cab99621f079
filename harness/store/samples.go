package store

import (
	"cmp"
	"encoding/binary"
	"fmt"

	"abstain/datasets"

	"github.com/zeebo/xxh3"
)

// CompareIDs compares the id of sample i with that of sample k of another table.
func (o *Outcomes) CompareIDs(i int, other *Outcomes, k int) int {
	if o.IDs.Text != nil || other.IDs.Text != nil {
		return cmp.Compare(o.ID(i), other.ID(k))
	}
	return cmp.Compare(o.number(i), other.number(k))
}

// number is the id of sample i of a table whose ids are not text.
func (o *Outcomes) number(i int) int64 {
	if o.IDs.Int != nil {
		return o.IDs.Int[i]
	}
	return int64(i)
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
	return &Outcomes{Outcomes: o.Take(samples), IDs: takeIDs(ids, samples), Row: at, Available: o.Available}
}

// takeIDs returns the ids of the given samples.
func takeIDs(ids datasets.IDs, samples []int32) datasets.IDs {
	var t datasets.IDs
	for _, i := range samples {
		if ids.Int != nil {
			t.Int = append(t.Int, ids.Int[i])
		}
		if ids.Text != nil {
			t.Text = append(t.Text, ids.Text[i])
		}
	}
	return t
}

// digests returns a digest of the sample ids, and one of the ids with their
// labels ("" without labels). The outcomes are in the order of their ids, so
// equal digests mean equal samples. The id of a row without ids is its number.
func digests(o *Outcomes) (samples, labels string) {
	h := hashing{Hasher: xxh3.New()}
	switch {
	case o.IDs.Text != nil:
		for _, id := range o.IDs.Text {
			numbers(&h, []int64{int64(len(id))})
			h.WriteString(id)
		}
	case o.IDs.Int != nil:
		numbers(&h, o.IDs.Int)
	default:
		for i := range o.N() {
			numbers(&h, []int64{int64(i)})
		}
	}
	samples = Digest(h.Hasher)
	if o.Label == nil {
		return samples, ""
	}
	numbers(&h, o.Label)
	return samples, Digest(h.Hasher)
}

// hashing hashes integers as 64 bits each, many at a time.
type hashing struct {
	*xxh3.Hasher
	run [4096]byte
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
