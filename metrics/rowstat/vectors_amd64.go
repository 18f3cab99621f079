//go:build amd64 && !noasm

package rowstat

import (
	"math"
	"unsafe"

	"golang.org/x/sys/cpu"
)

func detect() kernel {
	x := &cpu.X86
	switch {
	case !x.HasAVX2 || !x.HasFMA || !x.HasF16C || !x.HasBMI1 || !x.HasBMI2:
		return portable
	case !x.HasAVX512F || !x.HasAVX512BW || !x.HasAVX512DQ || !x.HasAVX512VL:
		return avx2
	}
	return avx512
}

// many is up to how many classes rows are laid side by side: beyond, they no
// longer stay in the cache.
const many = 1 << 13

// logitsVectors fills dst by the kernel of the instruction set k, and reports
// whether there is one for such rows.
func logitsVectors[F real](k kernel, dst *Columns, rows []F, classes int, label []int32) bool {
	if r, ok := any(rows).([]float32); ok && classes > few && classes <= mostLanes {
		logitsSingles(k, dst, r, classes, label)
		return true
	}
	if classes > many {
		return false
	}
	logitsDoubles(dst, rows, classes, label)
	return true
}

const (
	// reach32 bounds the logits of which float32 finds the nearest step.
	reach32 = 1 << 12
	// ahead is how many values before its turn a row is fetched into the cache.
	ahead = 1 << 11
	// broad is the number of values from which on no two rows are looked at
	// between a row's leaders and its sums, to find it in the cache.
	broad = 1 << 13
)

// singles goes through rows of float32, some at a time. The leaders of a row are
// found while an earlier one is added up.
type singles struct {
	kernel
	terms
	rows    []float32
	classes int
	lag     int // how many rows later that is
	bits    int // see onGrid
	grid    float64
	block   block
	leaders [abreast + 2][2]float32 // the largest and the second largest value, row by row

	later     uintptr // as in Columns
	laterRows int
}

func logitsSingles(k kernel, dst *Columns, rows []float32, classes int, label []int32) {
	n := len(label)
	if n == 0 {
		return
	}
	s := singles{kernel: k, terms: dst.Want.terms(), rows: rows, classes: classes, lag: 2, later: dst.later, laterRows: dst.laterRows}
	s.bits, s.grid = k.onGrid(classes)
	if classes > broad {
		s.lag = 1
	}
	for r := range s.lag {
		s.leaders[r][0], s.leaders[r][1] = k.top(s.row(min(r, n-1)))
	}
	step := max(1, min(abreast, 2*broad/classes))
	for i := 0; i < n; i += step {
		r := min(step, n-i)
		s.sums(i, r)
		s.block.offGrid(0, r, s.bits, s.grid)
		s.places(dst, i, label[i:i+r])
		deriveAVX2(&s.block[0], r, k.unit())
		s.block.put(dst, i, r)
		for j, l := range label[i : i+r] {
			if !s.block.sound(j, reach32) {
				logitsPortable(dst, i+j, s.row(i+j), l)
			}
			s.putNorms(dst, i+j, j, s.row(i+j))
		}
		s.leaders[0], s.leaders[1] = s.leaders[r], s.leaders[r+1]
	}
}

func (s *singles) row(i int) []float32 { return s.rows[i*s.classes:][:s.classes] }

// sums adds up n rows from row i on. It has the rows fetched that come ahead of
// those whose leaders are looked for.
func (s *singles) sums(i, n int) {
	x, last := &s.rows[i*s.classes], &s.rows[len(s.rows)-s.classes]
	whole := s.rows[:cap(s.rows)] // what comes after the rows is fetched for the next call
	fetch := uintptr(unsafe.Pointer(&whole[min((i+s.lag)*s.classes+ahead, len(whole)-n*s.classes)]))
	pace, skip := s.pace(), 4*s.classes
	if s.laterRows >= i+n {
		fetch = s.later + uintptr(2*i*s.classes)
		pace, skip = pace/2, skip/2
	}
	leaders, sums := &s.leaders[0][0], &s.block[blockSum]
	switch {
	case s.kernel == avx512 && s.terms == allTerms:
		rowsAllAVX512(x, s.classes, n, s.lag, last, fetch, pace, skip, leaders, sums)
	case s.kernel == avx512 && s.terms == squareTerms:
		rowsSquaresAVX512(x, s.classes, n, s.lag, last, fetch, pace, skip, leaders, sums)
	case s.kernel == avx512:
		rowsSumAVX512(x, s.classes, n, s.lag, last, fetch, pace, skip, leaders, sums)
	case s.terms == allTerms:
		rowsAllAVX2(x, s.classes, n, s.lag, last, fetch, pace, skip, leaders, sums)
	case s.terms == squareTerms:
		rowsSquaresAVX2(x, s.classes, n, s.lag, last, fetch, pace, skip, leaders, sums)
	default:
		rowsSumAVX2(x, s.classes, n, s.lag, last, fetch, pace, skip, leaders, sums)
	}
}

// onGrid is of how many numbers the bits make a sum of so many values, and the grid.
func (k kernel) onGrid(values int) (bits int, grid float64) {
	if k == avx512 {
		return 16, start32 // where its lanes began
	}
	return k.whole(values), grid32
}

// pace is the number of bytes that the kernels of rows take at once.
func (k kernel) pace() int {
	if k == avx512 {
		return 4 * 64
	}
	return 4 * 16
}

// unit is what a distance of 1 is in nats: with AVX-512 they are logarithms to
// base 2, by way of a rounded factor.
func (k kernel) unit() float64 {
	if k == avx512 {
		return -1 / float64(float32(math.Log2E))
	}
	return 1
}

// places finds the first class of the maximum and the rank of the label of rows
// from row i on, and puts what is needed of the leaders into the block.
func (s *singles) places(dst *Columns, i int, label []int32) {
	b := &s.block
	for j, l := range label {
		row, peak, second := s.row(i+j), s.leaders[j][0], s.leaders[j][1]
		b[blockMax+j], b[blockSecond+j] = float64(peak), float64(second)
		if l >= 0 && int(l) < len(row) {
			b[blockAt+j] = float64(row[l])
		}
		arg, rank := s.ranks(row, peak, second, l, dst.Want)
		dst.Argmax[i+j] = int32(arg)
		b[blockRank+j] = float64(rank)
	}
}

func (k kernel) top(row []float32) (peak, second float32) {
	if k == avx512 {
		return topAVX512(&row[0], len(row))
	}
	return topAVX2(&row[0], len(row))
}

// ranks finds the first class of the maximum and the rank of the label, -1 if that
// is no class. If ranks are not wanted, any above 0 is 1.
func (k kernel) ranks(row []float32, peak, second float32, label int32, want Want) (arg int, rank int32) {
	inside := label >= 0 && int(label) < len(row)
	if inside && row[label] == peak && second < peak {
		return int(label), 0
	}
	arg = k.index(row, peak)
	switch {
	case !inside:
		return arg, -1
	case arg == int(label):
		return arg, 0
	case !want.has(WantRank):
		return arg, 1
	}
	return arg, k.place(row, int(label))
}

func (k kernel) index(row []float32, value float32) int {
	if k == avx512 {
		return indexAVX512(&row[0], len(row), value)
	}
	return indexAVX2(&row[0], len(row), value)
}

// place is the count of greater values and of equal ones before.
func (k kernel) place(row []float32, label int) int32 {
	at := row[label]
	if math.IsInf(float64(at), -1) {
		return place(row, label)
	}
	under := math.Nextafter32(at, float32(math.Inf(-1)))
	if k == avx512 {
		return int32(aboveAVX512(&row[0], len(row), label, at, under))
	}
	return int32(aboveAVX2(&row[0], len(row), label, at, under))
}

// probsVectors fills dst by the kernel of the instruction set k, and reports
// whether there is one for such rows.
func probsVectors[F real](k kernel, dst *Columns, rows []F, classes int, label []int32) bool {
	r, ok := any(rows).([]float32)
	if !ok || classes <= few || classes > mostLanes {
		return false
	}
	for i, l := range label {
		row := r[i*classes:][:classes]
		m, ok := k.moments(row, &r[min(i*classes+2*ahead, len(r)-classes)])
		if !ok {
			probsPortable(dst, i, row, l)
			continue
		}
		peak, second := k.top(row)
		arg, rank := k.ranks(row, peak, second, l, dst.Want)
		dst.putProbs(i, arg, float64(peak), float64(second), m)
		if rank < 0 {
			dst.noLabel(i)
			continue
		}
		dst.putTruth(i, rank, float64(row[l]), m.squares)
	}
	return true
}

// moments is not ok if there is anything odd about the row, or its entropy is too small
// for the grid.
func (k kernel) moments(row []float32, later *float32) (moments, bool) {
	var out [5]float64
	if k == avx512 {
		momentsAVX512(&row[0], len(row), later, &out)
	} else {
		momentsAVX2(&row[0], len(row), later, &out)
	}
	least, sum := out[3], out[4]
	if !(least >= 0 && math.Abs(sum-1) < 0.1) {
		return moments{}, false
	}
	terms := k.whole(len(row))
	m := moments{offGrid(out[0], terms, gridProbs), offGrid(out[1], terms, gridProbs), offGrid(out[2], terms, gridProbs)}
	return m, sumsToOne(m.sum) && m.entropy >= 0x1p-32*float64(terms)
}

// whole is so many values with those that fill the last register.
func (k kernel) whole(values int) int {
	lanes := 8
	if k == avx512 {
		lanes = 16
	}
	return (values + lanes - 1) / lanes * lanes
}

// quartet is how many rows classwiseAVX2 takes at a time.
const quartet = 4

// block holds quantities of some rows, those of one kind next to each other.
// at, label, max, second, argmax and rank are of logits and classes; the sums are
// those of deriveAVX2, and what follows is what it makes of them.
type block [17 * abreast]float64

const (
	blockAt = abreast * iota
	blockLabel
	blockMax
	blockSecond
	blockArgmax
	blockRank
	blockSum
	blockSquares
	blockWeighed
	blockOne
	blockShift
	blockRest
	blockSecondExp
	blockEntropy
	blockGini
	blockNLL
	blockBrier
)

// grid64 and grid32 are what the kernels add to terms before they sum up their bits:
// the terms are then integers on a grid, whose sums are the same in any order. Terms are
// less than a third of it. Sums of AVX-512 begin at start32 in each lane instead, and
// rounding towards zero puts terms on the grid. Up to mostLanes values neither overflows.
const (
	grid64    = 12
	grid32    = 384
	start32   = 3 << 14
	mostLanes = 1 << 17

	gridProbs, gridValues = 2.5, 3 << 13
)

// offGrid makes numbers of the sums of bits of n rows from row i on, of so many terms.
func (b *block) offGrid(i, n, terms int, grid float64) {
	for _, quantity := range [...]int{blockSum, blockSquares, blockWeighed} {
		for j := quantity + i; j < quantity+i+n; j++ {
			b[j] = offGrid(b[j], terms, grid)
		}
	}
}

// offGrid is the number of a sum of bits.
func offGrid(sum float64, terms int, grid float64) float64 {
	bits := math.Float64bits(grid)
	unit := math.Float64frombits(bits&^(1<<52-1)) * 0x1p-52
	return float64(int64(math.Float64bits(sum)-uint64(terms)*bits)) * unit
}

// put writes the first n rows to places of the columns from i on, but for
// Argmax.
func (b *block) put(dst *Columns, i, n int) {
	for j := range n {
		if b[blockRank+j] < 0 {
			b[blockNLL+j], b[blockBrier+j] = math.NaN(), math.NaN()
		}
	}
	for j, r := range b[blockRank:][:min(n, len(dst.Rank))] {
		dst.Rank[i+j] = int32(r)
	}
	b.copy(dst.Max, blockMax, i, n)
	b.copy(dst.Second, blockSecond, i, n)
	b.copy(dst.Rest, blockRest, i, n)
	b.copy(dst.SecondExp, blockSecondExp, i, n)
	b.copy(dst.Entropy, blockEntropy, i, n)
	b.copy(dst.Gini, blockGini, i, n)
	b.copy(dst.NLL, blockNLL, i, n)
	b.copy(dst.Brier, blockBrier, i, n)
	for j := range min(n, len(dst.Sum)) {
		dst.Sum[i+j] = math.NaN()
	}
}

// copy writes a quantity of the first n rows to column, unless that is not wanted.
func (b *block) copy(column []float64, quantity, i, n int) {
	switch {
	case len(column) == 0:
	case n == abreast:
		*(*[abreast]float64)(column[i:]) = *(*[abreast]float64)(b[quantity:])
	default:
		copy(column[i:], b[quantity:][:n])
	}
}

// logitsDoubles goes through rows in float64, some at a time.
func logitsDoubles[F real](dst *Columns, rows []F, classes int, label []int32) {
	dst.side = sized(dst.side, quartet*classes)
	var b block
	for j := range abreast {
		b[blockOne+j] = 1
	}
	for i := 0; i < len(label); i += abreast {
		n := min(abreast, len(label)-i)
		for from := 0; from < n; from += quartet {
			abut(dst.side, rows[(i+from)*classes:][:min(quartet, n-from)*classes], classes)
			for r, l := range label[i+from : i+min(from+quartet, n)] {
				at, class := 0., -1.
				if l >= 0 && int(l) < classes {
					at, class = dst.side[quartet*int(l)+r], float64(l)
				}
				b[blockAt+from+r], b[blockLabel+from+r] = at, class
			}
			classwiseAVX2(&dst.side[0], classes, &b[from])
			b.offGrid(from, quartet, classes, grid64)
		}
		deriveAVX2(&b[0], n, 1)
		for j := range n {
			dst.Argmax[i+j] = int32(b[blockArgmax+j])
			if b[blockLabel+j] < 0 {
				b[blockRank+j] = -1
			}
		}
		b.put(dst, i, n)
		for j, l := range label[i : i+n] {
			if !b.sound(j, reach) {
				logitsPortable(dst, i+j, rows[(i+j)*classes:][:classes], l)
			}
			putNorms(dst, i+j, rows[(i+j)*classes:][:classes])
		}
	}
}

// sound reports whether row j needs no closer attention.
func (b *block) sound(j int, limit float64) bool {
	peak, second, entropy := b[blockMax+j], b[blockSecond+j], b[blockEntropy+j]
	return within(peak, second, limit) && peak-second <= depth && entropy == entropy
}

// abut lays four rows side by side: value j of row r goes to side[quartet*j+r].
// The last row stands for missing ones.
func abut[F real](side []float64, rows []F, classes int) {
	last := len(rows) - classes
	r0 := rows[:classes]
	r1 := rows[min(classes, last):][:len(r0)]
	r2 := rows[min(2*classes, last):][:len(r0)]
	r3 := rows[min(3*classes, last):][:len(r0)]
	for j, v := range r0 {
		if len(side) < quartet {
			return // never: it spares a check for every value
		}
		side[0], side[1], side[2], side[3] = float64(v), float64(r1[j]), float64(r2[j]), float64(r3[j])
		side = side[quartet:]
	}
}

// widen converts float16 to float32.
func (k kernel) widen(dst []float32, src []Half) {
	whole := 0
	switch {
	case len(src) < 16:
	case k == avx512:
		whole = len(src) &^ 15
		widenAVX512(&dst[0], (*uint16)(&src[0]), whole)
	case k == avx2:
		whole = len(src) &^ 7
		widenAVX2(&dst[0], (*uint16)(&src[0]), whole)
	}
	widen(dst[whole:], src[whole:])
}

// putNorms writes mean and norms of row j of the block to place i.
func (s *singles) putNorms(dst *Columns, i, j int, row []float32) {
	if len(dst.Powers) == 0 {
		return
	}
	var out [2]float64
	if s.kernel == avx512 {
		spreadAVX512(&row[0], len(row), &out)
	} else {
		spreadAVX2(&row[0], len(row), &out)
	}
	terms := s.whole(len(row))
	peak, least := s.block[blockMax+j], out[1]
	mean := offGrid(out[0], terms, gridValues) / float64(len(row))
	mean = min(max(mean, least), peak)
	scale := max(peak-mean, mean-least)
	if !(max(peak, -least)*float64(terms) < mostValues && max(peak, -least) <= reach32 && scale >= narrowest) {
		putNorms(dst, i, row)
		return
	}
	dst.Mean[i] = mean
	for k, p := range dst.Powers {
		dst.Norm[k][i] = s.norm(row, mean, s.block[blockMax+j], scale, p)
	}
}

// narrowest bounds the scale of rows from below whose mean the grid tells well enough.
const narrowest = 0x1p-10

// mostValues bounds the sum of a row's magnitudes that does not overflow on the grid.
const mostValues = 1 << 24

// norm is the p-norm of the row's distances to mean, of which scale is the largest.
func (s *singles) norm(row []float32, mean, most, scale, p float64) float64 {
	whole := int(min(p, maxWhole))
	if whole < 2 || float64(whole) != p {
		return norm(row, mean, most, scale, p)
	}
	// Powers are kept from becoming subnormal, which is slow.
	least := float32(math.Exp2(-120 / p))
	high := float32(mean)
	low := float32(mean - float64(high))
	inverse := float32(1 / scale)
	var sum float64
	if s.kernel == avx512 {
		powersAVX512(&row[0], len(row), whole, high, low, inverse, least, &sum)
	} else {
		powersAVX2(&row[0], len(row), whole, high, low, inverse, least, &sum)
	}
	// The inverse is rounded, but what it is the inverse of need not be the scale.
	return math.Pow(offGrid(sum, s.whole(len(row)), grid32), 1/p) / float64(inverse)
}
