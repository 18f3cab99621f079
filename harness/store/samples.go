package harness

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"abstain/datasets"

	"github.com/zeebo/xxh3"
)

// byID returns the permutation that brings the samples into the order of their ids.
func byID(ids datasets.IDs) []int32 {
	if ids.Int != nil {
		return order(ids.Int)
	}
	return order(ids.Text)
}

func order[T cmp.Ordered](ids []T) []int32 {
	rows := make([]int32, len(ids))
	for i := range rows {
		rows[i] = int32(i)
	}
	slices.SortFunc(rows, func(a, b int32) int { return cmp.Compare(ids[a], ids[b]) })
	return rows
}

// takeIDs returns the ids of the given rows.
func takeIDs(ids datasets.IDs, rows []int32) datasets.IDs {
	var t datasets.IDs
	for _, r := range rows {
		if ids.Int != nil {
			t.Int = append(t.Int, ids.Int[r])
		}
		if ids.Text != nil {
			t.Text = append(t.Text, ids.Text[r])
		}
	}
	return t
}

// digests returns a digest of the sample ids and one of the ids with their
// labels ("" without labels). The outcomes are in the order of their ids, so
// equal digests mean equal samples. Rows without ids are their own numbers.
func digests(o *outcomes) (samples, labels string) {
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
	samples = short(h.Hasher)
	if o.Label == nil {
		return samples, ""
	}
	numbers(&h, o.Label)
	return samples, short(h.Hasher)
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

// short is the hash so far, as it is written.
func short(h *xxh3.Hasher) string {
	sum := h.Sum128().Bytes()
	return fmt.Sprintf("%x", sum[:8])
}

// difference describes where a table departs from the reference: the column,
// the row of the table (-1 if no row of it is at fault) and the problem. A
// sample too many or a label that differs is named before one that is missing.
// Both are in the order of their ids.
func difference(o, ref *outcomes, reference string) (column string, row int, problem string) {
	missing := ""
	for i, k := 0, 0; i < o.N() || k < ref.N(); {
		c := -1 // only o has samples left
		if i == o.N() {
			c = 1
		} else if k < ref.N() {
			c = compareIDs(o, i, ref, k)
		}
		switch {
		case c < 0:
			return "sample_id", o.row(i), fmt.Sprintf("sample %s is not in %s, with which the table should share its samples", o.id(i), reference)
		case c > 0 && missing == "":
			missing = ref.id(k)
		case c == 0 && o.Label != nil && ref.Label != nil && o.Label[i] != ref.Label[k]:
			return "label", o.row(i), fmt.Sprintf("label %d for sample %s, but %d in %s", o.Label[i], o.id(i), ref.Label[k], reference)
		}
		if c <= 0 {
			i++
		}
		if c >= 0 {
			k++
		}
	}
	return "sample_id", -1, fmt.Sprintf("%d samples, but %d in %s: sample %s is missing", o.N(), ref.N(), reference, missing)
}

func compareIDs(a *outcomes, i int, b *outcomes, k int) int {
	if a.IDs.Text != nil || b.IDs.Text != nil {
		return cmp.Compare(a.id(i), b.id(k))
	}
	number := func(o *outcomes, i int) int64 {
		if o.IDs.Int != nil {
			return o.IDs.Int[i]
		}
		return int64(i)
	}
	return cmp.Compare(number(a, i), number(b, k))
}
