package metrics

import (
	"cmp"
	"math"
	"math/bits"
	"slices"
)

// packed is a row that is being sorted: above, 32 bits whose rising order is that
// of falling keys, below, the row, and lowest, whether the prediction is wrong.
type packed uint64

const half = 32 // bits of the key in a packed row

func (v packed) row() int32  { return int32(uint32(v) >> 1) }
func (v packed) wrong() int  { return int(v & 1) }
func (v packed) key() uint32 { return uint32(v >> half) }

// below is all but the key.
func (v packed) below() packed { return packed(uint32(v)) }

// packing is packed rows. Where every key is a float32 their upper halves are whole
// keys; else they are the upper halves of the keys' own bits, and rows in which they
// agree are put in order afterwards.
type packing struct {
	rows   []packed
	spare  []packed // as long, for the passes of the sort
	whole  bool     // the upper halves are whole keys
	lo, hi uint32   // the least and the greatest of them
}

// radixFrom is the number of rows from which the passes cost less than comparing.
const radixFrom = 512

// sortRows returns the rows by falling key, equal keys in the order given,
// which must be rising. It panics on a key of NaN.
func sortRows(key []float64, rows []int32) []int32 {
	if len(rows) == 0 {
		return nil
	}
	var p packing
	p.pack(key, rows, nil)
	p.sort(key)
	sorted := make([]int32, len(p.rows))
	for j, v := range p.rows {
		sorted[j] = v.row()
	}
	return sorted
}

// pack packs the rows in their order, with what correct says of them if it is not
// nil, and counts the wrong ones. Rows of nil are all rows.
func (p *packing) pack(key []float64, rows []int32, correct []bool) (wrong int) {
	n := len(rows)
	if rows == nil {
		n = len(key)
	}
	p.rows = sized(p.rows, n)
	if rows == nil && correct != nil {
		if wrong, p.whole = p.packStored(key, correct); p.whole {
			return wrong
		}
	}
	if wrong, p.whole = p.packAs(true, key, rows, correct); !p.whole {
		wrong, _ = p.packAs(false, key, rows, correct)
	}
	return wrong
}

// packStored is packAs for all rows with whole keys, the commonest case.
func (p *packing) packStored(key []float64, correct []bool) (wrong int, ok bool) {
	lo, hi := uint32(math.MaxUint32), uint32(0)
	out := p.rows[:len(key)]
	correct = correct[:len(key)]
	for j, k := range key {
		x := float32(k)
		if float64(x) != k { // NaN as well
			return 0, false
		}
		f := falling32(x)
		miss := 1 - count(correct[j])
		wrong += miss
		lo, hi = min(lo, f), max(hi, f)
		out[j] = packed(f)<<half | packed(uint32(j)<<1|uint32(miss))
	}
	p.lo, p.hi = lo, hi
	return wrong, true
}

// packAs is pack with whole keys, which ends at the first that is no float32, or with
// halves of keys.
func (p *packing) packAs(whole bool, key []float64, rows []int32, correct []bool) (wrong int, ok bool) {
	lo, hi := uint32(math.MaxUint32), uint32(0)
	for j := range p.rows {
		i := int32(j)
		if rows != nil {
			i = rows[j]
		}
		k := key[i]
		f := uint32(falling(k) >> half)
		if whole {
			f = falling32(float32(k))
			if float64(float32(k)) != k { // NaN as well
				return 0, false
			}
		} else if k != k {
			panic("metrics: NaN among confidences")
		}
		miss := 0
		if correct != nil {
			miss = 1 - count(correct[i])
		}
		wrong += miss
		lo, hi = min(lo, f), max(hi, f)
		p.rows[j] = packed(f)<<half | packed(i)<<1 | packed(miss)
	}
	p.lo, p.hi = lo, hi
	return wrong, true
}

// sort orders the rows, equal keys as they are.
func (p *packing) sort(key []float64) {
	if len(p.rows) < radixFrom {
		slices.Sort(p.rows) // rows rise, so this is stable in the upper halves
	} else {
		p.spare = sized(p.spare, len(p.rows))
		p.rows, p.spare = radix(p.rows, p.spare, p.lo, p.hi)
	}
	if !p.whole {
		p.refine(key)
	}
}

// refine puts rows whose upper halves agree in the order of their keys.
func (p *packing) refine(key []float64) {
	rows := p.rows
	for j := 1; j < len(rows); j++ {
		if rows[j].key() != rows[j-1].key() {
			continue
		}
		from := j - 1
		for j++; j < len(rows) && rows[j].key() == rows[from].key(); j++ {
		}
		refineRun(rows[from:j], key)
	}
}

// refineRun is refine for rows whose upper halves agree.
func refineRun(run []packed, key []float64) {
	for j := 1; j < len(run); j++ {
		if key[run[j].row()] > key[run[j-1].row()] {
			sortRun(run, key)
			return
		}
	}
}

// sortRun orders rows whose upper halves agree by the lower halves of their
// keys, equal keys as they are.
func sortRun(run []packed, key []float64) {
	if len(run) < radixFrom {
		slices.SortStableFunc(run, func(a, b packed) int { return cmp.Compare(key[b.row()], key[a.row()]) })
		return
	}
	above := run[0].key()
	for j, v := range run {
		run[j] = packed(falling(key[v.row()]))<<half | v.below()
	}
	sorted, _ := radix(run, make([]packed, len(run)), 0, math.MaxUint32)
	for j, v := range sorted {
		run[j] = packed(above)<<half | v.below()
	}
}

// Two digits of 11 bits tell nearly all keys apart. Ordering the few that agree in both
// is cheaper than a third pass over all rows.
const (
	digitBits = 11
	buckets   = 1 << digitBits
	// shortRun is up to how many rows are put in order by inserting.
	shortRun = 32
)

// radix sorts stably by the upper halves, which are lo to hi: by the two most
// significant digits of the distance from lo, lower digit first, both of which are
// counted in one sweep, and then, among rows that agree in those, by what is left. It
// returns the slice that holds the result, rows or spare, and the other one.
func radix(rows, spare []packed, lo, hi uint32) (sorted, other []packed) {
	width := bits.Len32(hi - lo)
	left := uint(max(0, width-2*digitBits)) % 32 // bits below the digits
	var lower, upper [buckets]uint32
	for _, v := range rows {
		k := (v.key() - lo) >> left
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
		settle(rows, spare, lo, left)
	}
	return rows, spare
}

// scatter sorts rows stably into to by the digit of the distance from lo that begins
// at bit shift and occurs as often as count says, which is used up.
func scatter(to, rows []packed, lo uint32, shift uint, count *[buckets]uint32) {
	total := uint32(0)
	for b, n := range count {
		count[b] = total
		total += n
	}
	shift %= 32
	for _, v := range rows {
		b := (v.key() - lo) >> shift % buckets
		at := count[b]
		count[b] = at + 1
		to[at] = v
	}
}

// settle puts rows in order that are in order but for the lowest bits of the distance
// from lo, at most digitBits of them. Rows of one key are in order already.
func settle(rows, spare []packed, lo uint32, bits uint) {
	bits %= 32
	for j := 1; j < len(rows); j++ {
		if rows[j-1] <= rows[j] {
			continue
		}
		prefix := (rows[j].key() - lo) >> bits
		from := j - 1
		for from > 0 && (rows[from-1].key()-lo)>>bits == prefix {
			from--
		}
		for j++; j < len(rows) && (rows[j].key()-lo)>>bits == prefix; j++ {
		}
		settleRun(rows[from:j], spare, lo)
	}
}

// settleRun is settle for rows that agree above the lowest bits.
func settleRun(run, spare []packed, lo uint32) {
	if len(run) > shortRun {
		var count [buckets]uint32
		for _, v := range run {
			count[(v.key()-lo)%buckets]++
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
