package metrics

import (
	"cmp"
	"math"
	"slices"
)

// item is a row with its key as an integer whose rising order is the ranking.
type item struct {
	key uint64
	row int32
}

// Digits of 11 bits: six passes for 64 bits, and a table of counts that stays
// in the first-level cache.
const (
	digitBits = 11
	digits    = (64 + digitBits - 1) / digitBits
	buckets   = 1 << digitBits
)

// radixFrom is the number of rows from which the passes cost less than comparing.
const radixFrom = 512

// sortRows returns the rows by falling key, equal keys in the order given,
// which must be rising. It panics on a key of NaN.
func sortRows(key []float64, rows []int32) []int32 {
	items := make([]item, len(rows))
	for j, i := range rows {
		k := key[i]
		if math.IsNaN(k) {
			panic("metrics: NaN among confidences")
		}
		items[j] = item{bits(k), i}
	}
	if len(items) < radixFrom {
		slices.SortFunc(items, func(a, b item) int {
			if c := cmp.Compare(a.key, b.key); c != 0 {
				return c
			}
			return cmp.Compare(a.row, b.row)
		})
	} else {
		items = radix(items)
	}
	sorted := make([]int32, len(items))
	for j, it := range items {
		sorted[j] = it.row
	}
	return sorted
}

// radix sorts stably by key, least significant digit first. All digits are
// counted in one sweep; a digit that is the same everywhere needs no pass, and
// confidences that came from float32 have two such digits.
func radix(items []item) []item {
	var count [digits][buckets]uint32
	for _, it := range items {
		for d := range digits {
			count[d][it.key>>(d*digitBits)&(buckets-1)]++
		}
	}
	spare := make([]item, len(items))
	for d := range digits {
		shift := d * digitBits
		at := &count[d]
		if at[items[0].key>>shift&(buckets-1)] == uint32(len(items)) {
			continue
		}
		total := uint32(0)
		for b, n := range at {
			at[b] = total
			total += n
		}
		for _, it := range items {
			b := it.key >> shift & (buckets - 1)
			spare[at[b]] = it
			at[b]++
		}
		items, spare = spare, items
	}
	return items
}
