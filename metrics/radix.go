package metrics

import (
	"cmp"
	"math"
	"slices"
)

// A ranked row is packed into 64 bits: above, 32 bits whose rising order is that
// of falling keys, below, the row. Where every key is a float32 the upper half
// is the whole key; else it is the upper half of the key's own bits, and rows in
// which it agrees are put in order afterwards.
type packing struct {
	rows  []uint64
	spare []uint64 // as long, for the passes of the sort
	whole bool     // the upper halves are whole keys
}

// Digits of 11 bits: three passes for 32 bits, and a table of counts that stays
// in the first-level cache.
const (
	digitBits = 11
	digits    = (32 + digitBits - 1) / digitBits
	buckets   = 1 << digitBits
)

// radixFrom is the number of rows from which the passes cost less than comparing.
const radixFrom = 512

// sortRows returns the rows by falling key, equal keys in the order given,
// which must be rising. It panics on a key of NaN.
func sortRows(key []float64, rows []int32) []int32 {
	if len(rows) == 0 {
		return nil
	}
	var p packing
	p.pack(key, rows)
	p.sort(key)
	sorted := make([]int32, len(rows))
	for j, v := range p.rows {
		sorted[j] = int32(v)
	}
	return sorted
}

// pack packs the rows in their order.
func (p *packing) pack(key []float64, rows []int32) {
	p.rows, p.whole = sized(p.rows, len(rows)), true
	for j, i := range rows {
		k := key[i]
		if float64(float32(k)) != k { // NaN as well
			p.whole = false
			break
		}
		p.rows[j] = uint64(falling32(float32(k)))<<32 | uint64(i)
	}
	if !p.whole {
		for j, i := range rows {
			k := key[i]
			if math.IsNaN(k) {
				panic("metrics: NaN among confidences")
			}
			p.rows[j] = falling(k)&^math.MaxUint32 | uint64(i)
		}
	}
}

// sort orders the rows, equal keys as they are.
func (p *packing) sort(key []float64) {
	if len(p.rows) < radixFrom {
		slices.Sort(p.rows) // rows rise, so this is stable in the upper halves
	} else {
		p.spare = sized(p.spare, len(p.rows))
		p.rows, p.spare = radix(p.rows, p.spare)
	}
	if !p.whole {
		p.refine(key)
	}
}

// refine puts rows whose upper halves agree in the order of their keys.
func (p *packing) refine(key []float64) {
	for from, to := 0, 0; from < len(p.rows); from = to {
		half := p.rows[from] >> 32
		for to = from + 1; to < len(p.rows) && p.rows[to]>>32 == half; to++ {
		}
		run := p.rows[from:to]
		for j := 1; j < len(run); j++ {
			if key[int32(run[j])] > key[int32(run[j-1])] {
				sortRun(run, key)
				break
			}
		}
	}
}

// sortRun orders rows whose upper halves agree by the lower halves of their
// keys, equal keys as they are.
func sortRun(run []uint64, key []float64) {
	if len(run) < radixFrom {
		slices.SortStableFunc(run, func(a, b uint64) int { return cmp.Compare(key[int32(b)], key[int32(a)]) })
		return
	}
	half := run[0] &^ math.MaxUint32
	for j, v := range run {
		run[j] = falling(key[int32(v)])<<32 | uint64(uint32(v))
	}
	sorted, _ := radix(run, make([]uint64, len(run)))
	for j, v := range sorted {
		run[j] = half | uint64(uint32(v))
	}
}

// tied reports whether places j and j+1 of the sorted rows have equal keys.
func (p *packing) tied(key []float64, j int) bool {
	a, b := p.rows[j], p.rows[j+1]
	return a>>32 == b>>32 && (p.whole || key[int32(a)] == key[int32(b)])
}

// radix sorts stably by the upper halves, least significant digit first. It
// returns the slice that holds the result, rows or spare, and the other one. All
// digits are counted in one sweep; a digit that is the same everywhere needs no pass.
func radix(rows, spare []uint64) (sorted, other []uint64) {
	var count [digits][buckets]uint32
	for _, v := range rows {
		count[0][v>>32&(buckets-1)]++
		count[1][v>>(32+digitBits)&(buckets-1)]++
		count[2][v>>(32+2*digitBits)&(buckets-1)]++
	}
	for d := range digits {
		shift := 32 + d*digitBits
		at := &count[d]
		if at[rows[0]>>shift&(buckets-1)] == uint32(len(rows)) {
			continue
		}
		total := uint32(0)
		for b, n := range at {
			at[b] = total
			total += n
		}
		for _, v := range rows {
			b := v >> shift & (buckets - 1)
			spare[at[b]] = v
			at[b]++
		}
		rows, spare = spare, rows
	}
	return rows, spare
}

// falling maps a key to an integer that falls as the key rises, equal for equal keys.
func falling(key float64) uint64 {
	b := math.Float64bits(key + 0) // -0 + 0 = +0
	if b>>63 == 0 {
		return ^b &^ (1 << 63)
	}
	return b
}

// falling32 is falling for keys that are float32.
func falling32(key float32) uint32 {
	b := math.Float32bits(key + 0)
	if b>>31 == 0 {
		return ^b &^ (1 << 31)
	}
	return b
}
