// Package radix sorts rows by falling keys, stably. Begin with Falling. Up to a
// few hundred rows it compares keys; beyond that it sorts by digits, which takes
// a few nanoseconds for each row. It imports the standard library only.
package radix

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// Packed is a row that is being sorted. Its upper 32 bits rise as the keys fall;
// below them is the row, and the lowest bit says whether the prediction is wrong.
type Packed uint64

const half = 32 // bits of the key in a Packed row

// Row is the row itself.
func (v Packed) Row() int32 { return int32(uint32(v) >> 1) }

// Wrong is 1 for an error, 0 for a right prediction.
func (v Packed) Wrong() int { return int(v & 1) }

// Key is the upper half of the key, which falls as the key rises.
func (v Packed) Key() uint32 { return uint32(v >> half) }

// below is all but the key.
func (v Packed) below() Packed { return Packed(uint32(v)) }

// Packing is a list of Packed rows. If every key is a float32, the upper 32 bits
// are the whole key. Otherwise they are the upper half of the key's bits, and
// rows that agree in them are put in order afterwards.
type Packing struct {
	Rows   []Packed
	spare  []Packed // as long, for the passes of the sort
	Whole  bool     // the upper halves are whole keys
	lo, hi uint32   // the least and the greatest of them
}

// radixFrom is the number of rows from which the passes cost less than comparing.
const radixFrom = 512

// Falling returns the rows by falling key, equal keys in the order given,
// which must be rising. It panics on a key of NaN.
func Falling(key []float64, rows []int32) []int32 {
	if len(rows) == 0 {
		return nil
	}
	var p Packing
	p.Pack(key, rows, nil)
	p.Sort(key)
	sorted := make([]int32, len(p.Rows))
	for j, v := range p.Rows {
		sorted[j] = v.Row()
	}
	return sorted
}

// FallingAll is Falling of all rows.
func FallingAll(key []float64) []int32 {
	rows := make([]int32, len(key))
	for i := range rows {
		rows[i] = int32(i)
	}
	return Falling(key, rows)
}

// Pack packs the rows in their order, with their correctness if correct is not
// nil, and counts the wrong ones. If rows is nil, it packs all rows.
func (p *Packing) Pack(key []float64, rows []int32, correct []bool) (wrong int) {
	n := len(rows)
	if rows == nil {
		n = len(key)
	}
	p.Rows = sized(p.Rows, n)
	if rows == nil && correct != nil {
		if wrong, p.Whole = p.packStored(key, correct); p.Whole {
			return wrong
		}
	}
	if wrong, p.Whole = p.packAs(true, key, rows, correct); !p.Whole {
		wrong, _ = p.packAs(false, key, rows, correct)
	}
	return wrong
}

// packStored is packAs for all rows with whole keys, the most frequent case.
func (p *Packing) packStored(key []float64, correct []bool) (wrong int, ok bool) {
	lo, hi := uint32(math.MaxUint32), uint32(0)
	out := p.Rows[:len(key)]
	correct = correct[:len(key)]
	for j, k := range key {
		x := float32(k)
		if float64(x) != k { // true of NaN too
			return 0, false
		}
		f := falling32(x)
		miss := 1 - one(correct[j])
		wrong += miss
		lo, hi = min(lo, f), max(hi, f)
		out[j] = Packed(f)<<half | Packed(uint32(j)<<1|uint32(miss))
	}
	p.lo, p.hi = lo, hi
	return wrong, true
}

// packAs is Pack with whole keys, which stops at the first key that is not a
// float32, or with halves of keys.
func (p *Packing) packAs(whole bool, key []float64, rows []int32, correct []bool) (wrong int, ok bool) {
	lo, hi := uint32(math.MaxUint32), uint32(0)
	for j := range p.Rows {
		i := int32(j)
		if rows != nil {
			i = rows[j]
		}
		k := key[i]
		f := uint32(falling(k) >> half)
		if whole {
			f = falling32(float32(k))
			if float64(float32(k)) != k { // true of NaN too
				return 0, false
			}
		} else if k != k {
			panic("metrics: NaN among confidences")
		}
		miss := 0
		if correct != nil {
			miss = 1 - one(correct[i])
		}
		wrong += miss
		lo, hi = min(lo, f), max(hi, f)
		p.Rows[j] = Packed(f)<<half | Packed(i)<<1 | Packed(miss)
	}
	p.lo, p.hi = lo, hi
	return wrong, true
}

// Sort orders the rows; equal keys keep their order.
func (p *Packing) Sort(key []float64) {
	if len(p.Rows) < radixFrom {
		slices.Sort(p.Rows) // rows rise, so this is stable in the upper halves
	} else {
		p.spare = sized(p.spare, len(p.Rows))
		p.Rows, p.spare = radix(p.Rows, p.spare, p.lo, p.hi)
	}
	if !p.Whole {
		p.refine(key)
	}
}

// refine puts rows whose upper halves agree in the order of their keys.
func (p *Packing) refine(key []float64) {
	rows := p.Rows
	for j := 1; j < len(rows); j++ {
		if rows[j].Key() != rows[j-1].Key() {
			continue
		}
		from := j - 1
		for j++; j < len(rows) && rows[j].Key() == rows[from].Key(); j++ {
		}
		refineRun(rows[from:j], key)
	}
}

// refineRun is refine for rows whose upper halves agree.
func refineRun(run []Packed, key []float64) {
	for j := 1; j < len(run); j++ {
		if key[run[j].Row()] > key[run[j-1].Row()] {
			sortRun(run, key)
			return
		}
	}
}

// sortRun orders rows whose upper halves agree by the lower halves of their keys;
// equal keys keep their order.
func sortRun(run []Packed, key []float64) {
	if len(run) < radixFrom {
		slices.SortStableFunc(run, func(a, b Packed) int { return cmp.Compare(key[b.Row()], key[a.Row()]) })
		return
	}
	above := run[0].Key()
	for j, v := range run {
		run[j] = Packed(falling(key[v.Row()]))<<half | v.below()
	}
	sorted, _ := radix(run, make([]Packed, len(run)), 0, math.MaxUint32)
	for j, v := range sorted {
		run[j] = Packed(above)<<half | v.below()
	}
}

// Two digits of 11 bits separate nearly all keys. Ordering the few rows that
// agree in both is cheaper than a third pass over all rows.
const (
	digitBits = 11
	buckets   = 1 << digitBits
	// shortRun is the largest number of rows that are sorted by insertion.
	shortRun = 32
)

// radix sorts stably by the upper halves, which lie between lo and hi. It sorts
// by the two most significant digits of the distance from lo, the lower digit
// first; one sweep counts both. Then it orders the rows that agree in both digits
// by the remaining bits. It returns the slice that holds the result, rows or
// spare, and the other one.
func radix(rows, spare []Packed, lo, hi uint32) (sorted, other []Packed) {
	width := bits.Len32(hi - lo)
	left := uint(max(0, width-2*digitBits)) % 32 // bits below the digits
	var lower, upper [buckets]uint32
	for _, v := range rows {
		k := (v.Key() - lo) >> left
		lower[k%buckets]++
		upper[k>>digitBits%buckets]++
	}
	spare = spare[:len(rows)]
	scatter(spare, rows, lo, left, &lower)
	rows, spare = spare, rows
	if width > digitBits {
		scatter(spare, rows, lo, left+digitBits, &upper)
		rows, spare = spare, rows
	}
	if left > 0 {
		finish(rows, spare, lo, left)
	}
	return rows, spare
}

// scatter sorts rows stably into to, by the digit of the distance from lo that
// begins at bit shift. count says how often each digit occurs, and is used up.
func scatter(to, rows []Packed, lo uint32, shift uint, count *[buckets]uint32) {
	total := uint32(0)
	for b, n := range count {
		count[b] = total
		total += n
	}
	shift %= 32
	for _, v := range rows {
		b := (v.Key() - lo) >> shift % buckets
		at := count[b]
		count[b] = at + 1
		to[at] = v
	}
}

// finish orders rows that are in order except for the lowest bits of the distance
// from lo, at most digitBits of them. Rows with equal keys are in order already.
func finish(rows, spare []Packed, lo uint32, bits uint) {
	bits %= 32
	for j := 1; j < len(rows); j++ {
		if rows[j-1] <= rows[j] {
			continue
		}
		prefix := (rows[j].Key() - lo) >> bits
		from := j - 1
		for from > 0 && (rows[from-1].Key()-lo)>>bits == prefix {
			from--
		}
		for j++; j < len(rows) && (rows[j].Key()-lo)>>bits == prefix; j++ {
		}
		finishRun(rows[from:j], spare, lo)
	}
}

// finishRun is finish for rows that agree above the lowest bits.
func finishRun(run, spare []Packed, lo uint32) {
	if len(run) > shortRun {
		var count [buckets]uint32
		for _, v := range run {
			count[(v.Key()-lo)%buckets]++
		}
		scatter(spare[:len(run)], run, lo, 0, &count)
		copy(run, spare)
		return
	}
	for j := 1; j < len(run); j++ {
		v, i := run[j], j
		for ; i > 0 && run[i-1] > v; i-- {
			run[i] = run[i-1]
		}
		run[i] = v
	}
}

// falling maps a key to an integer that falls as the key rises, equal for equal keys.
func falling(key float64) uint64 {
	b := math.Float64bits(key + 0) // -0 + 0 = +0
	positive := ^uint64(int64(b) >> 63)
	return b ^ positive&math.MaxInt64
}

// falling32 is falling for keys that are float32.
func falling32(key float32) uint32 {
	b := math.Float32bits(key + 0)
	positive := ^uint32(int32(b) >> 31)
	return b ^ positive&math.MaxInt32
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

func sized[T any](s []T, n int) []T { return slices.Grow(s[:0], n)[:n] }
