//go:build amd64 && !noasm

package rowstat

import (
	"math"

	"golang.org/x/sys/cpu"
)

func detect() kernel {
	x := &cpu.X86
	switch {
	case !x.HasAVX2 || !x.HasFMA || !x.HasBMI1 || !x.HasBMI2:
		return portable
	case !x.HasAVX512F || !x.HasAVX512BW || !x.HasAVX512VL:
		return avx2
	}
	return avx512
}

// many is up to how many classes rows are laid side by side: beyond, they no
// longer stay in the cache.
const many = 1 << 13

// logitsVectors fills dst by the kernel of the instruction set k, and reports
// whether there is one for such rows.
func logitsVectors[F Float](k kernel, dst *Columns, rows []F, classes int, label []int32) bool {
	if r, ok := any(rows).([]float32); ok && classes > few {
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
	// floorBelow is how far below the runner-up a logit still counts in float32.
	floorBelow = 40
	// reach32 bounds the logits of which float32 finds the nearest step.
	reach32 = 1 << 12
	// rounder32 added rounds a float32 to an integer, which stands in the low bits.
	rounder32 = 0x1.8p23
	// ahead is how many values before its turn a row is fetched into the cache.
	ahead = 1 << 12
)

// logitsSingles goes through rows of float32, a row at a time. The leaders of the
// next row are found before the second pass over this one, which so does not
// wait for them. Rows that are not understood go the portable way.
func logitsSingles(k kernel, dst *Columns, rows []float32, classes int, label []int32) {
	if len(label) == 0 {
		return
	}
	next := rows[:classes]
	nextPeak, nextSecond := k.top(next)
	for i, l := range label {
		row, peak, second := next, nextPeak, nextSecond
		if i+1 < len(label) {
			next = rows[(i+1)*classes:][:classes]
			nextPeak, nextSecond = k.top(next)
		}
		b, ok := k.below(row, peak, second, &rows[later(i, len(label), classes)])
		if !ok {
			logitsPortable(dst, i, row, l)
			continue
		}
		r := b.lift(float64(peak), float64(second))
		arg, rank := k.places(row, peak, second, l)
		dst.putLogits(i, arg, float64(peak), float64(second), &r)
		if rank < 0 {
			dst.noLabel(i)
			continue
		}
		gap := float64(peak) - float64(row[l])
		dst.putLabel(i, rank, gap, lead(gap), &r)
	}
}

// later is where the row begins that is to be fetched while row i of n is read;
// the last one near the end.
func later(i, n, classes int) int { return min(i+max(1, ahead/classes), n-1) * classes }

func (k kernel) top(row []float32) (peak, second float32) {
	if k == avx512 {
		return topAVX512(&row[0], len(row))
	}
	return topAVX2(&row[0], len(row))
}

// below makes the second pass. The maximum is counted as another runner-up,
// whose exponential the kernel tells: what float32 does to it cancels in the
// quotient.
func (k kernel) below(row []float32, peak, second float32, later *float32) (below, bool) {
	if !within(float64(peak), float64(second), reach32) {
		return below{}, false
	}
	var out [4]float64
	if k == avx512 {
		const steps = 32 // to a factor of two, as in the kernel
		exponentialsAVX512(&row[0], len(row), second, second-floorBelow, shifted(second, steps), later, &out)
	} else {
		const steps = 8
		exponentialsAVX2(&row[0], len(row), second, second-floorBelow, shifted(second, steps), later, &out)
	}
	one := out[3]
	b := below{
		sum:     (out[0] - one) / one,
		squares: (out[1] - float64(one*one)) / float64(one*one),
		weighed: out[2] / one,
	}
	return b, b.weighed == b.weighed
}

// shifted is rounder32 less the number of whole factors of two in exp(second), in steps.
func shifted(second float32, steps float32) float32 {
	return rounder32 - steps*float32(math.RoundToEven(float64(second)*math.Log2E))
}

// places finds the first class of the maximum and the rank of the label, -1 if
// that is no class.
func (k kernel) places(row []float32, peak, second float32, label int32) (arg int, rank int32) {
	inside := label >= 0 && int(label) < len(row)
	if inside && row[label] == peak && second < peak {
		return int(label), 0
	}
	arg = k.index(row, peak)
	if !inside {
		return arg, -1
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
	n := k.above(row[label+1:], at)
	return int32(n + k.above(row[:label], math.Nextafter32(at, float32(math.Inf(-1)))))
}

func (k kernel) above(row []float32, value float32) int {
	if len(row) == 0 {
		return 0
	}
	if k == avx512 {
		return aboveAVX512(&row[0], len(row), value)
	}
	return aboveAVX2(&row[0], len(row), value)
}

// probsVectors fills dst by the kernel of the instruction set k, and reports
// whether there is one for such rows.
func probsVectors[F Float](k kernel, dst *Columns, rows []F, classes int, label []int32) bool {
	r, ok := any(rows).([]float32)
	if !ok || classes <= few {
		return false
	}
	for i, l := range label {
		row := r[i*classes:][:classes]
		m, ok := k.moments(row, &r[later(i, len(label), classes)])
		if !ok {
			probsPortable(dst, i, row, l)
			continue
		}
		peak, second := k.top(row)
		arg, rank := k.places(row, peak, second, l)
		dst.putProbs(i, arg, float64(peak), float64(second), m)
		if rank < 0 {
			dst.noLabel(i)
			continue
		}
		dst.putTruth(i, rank, float64(row[l]), m.squares)
	}
	return true
}

// faint is an entropy that rows of subnormal numbers may have, whose logarithm
// the kernel does not know.
const faint = 1e-30

// moments is not ok if there is anything odd about the row.
func (k kernel) moments(row []float32, later *float32) (moments, bool) {
	var out [4]float64
	if k == avx512 {
		momentsAVX512(&row[0], len(row), later, &out)
	} else {
		momentsAVX2(&row[0], len(row), later, &out)
	}
	m := moments{out[0], out[1], out[2]}
	least := out[3]
	return m, least >= 0 && sumsToOne(m.sum) && (m.entropy == 0 || m.entropy >= faint)
}

// abreast is how many rows the float64 lanes take at a time.
const abreast = 4

// block is what classwiseAVX2 is given, the label's logit and the label, and
// gives, an entry per row of each.
type block [48]float64

const (
	blockAt = abreast * iota
	blockLabel
	blockMax
	blockSecond
	blockArgmax
	blockRank
	blockRest
	blockSecondExp
	blockEntropy
	blockGini
	blockNLL
	blockBrier
)

// logitsDoubles goes through rows in float64, some at a time.
func logitsDoubles[F Float](dst *Columns, rows []F, classes int, label []int32) {
	dst.side = sized(dst.side, abreast*classes)
	var b block
	for i := 0; i < len(label); i += abreast {
		n := min(abreast, len(label)-i)
		abut(dst.side, rows[i*classes:(i+n)*classes], classes)
		for r, l := range label[i : i+n] {
			at, class := 0., -1.
			if l >= 0 && int(l) < classes {
				at, class = dst.side[abreast*int(l)+r], float64(l)
			}
			b[blockAt+r], b[blockLabel+r] = at, class
		}
		classwiseAVX2(&dst.side[0], classes, (*[48]float64)(&b))
		for r, l := range label[i : i+n] {
			if !b.put(dst, i+r, r) {
				logitsPortable(dst, i+r, rows[(i+r)*classes:][:classes], l)
			}
		}
	}
}

// abut lays four rows side by side: value j of row r goes to side[abreast*j+r].
// The last row stands for missing ones.
func abut[F Float](side []float64, rows []F, classes int) {
	last := len(rows) - classes
	r0 := rows[:classes]
	r1 := rows[min(classes, last):][:len(r0)]
	r2 := rows[min(2*classes, last):][:len(r0)]
	r3 := rows[min(3*classes, last):][:len(r0)]
	for j, v := range r0 {
		if len(side) < abreast {
			return // never: it spares a check for every value
		}
		side[0], side[1], side[2], side[3] = float64(v), float64(r1[j]), float64(r2[j]), float64(r3[j])
		side = side[abreast:]
	}
}

// put writes entry r to place i of the columns, unless the row needs closer
// attention.
func (b *block) put(dst *Columns, i, r int) bool {
	peak, second, entropy := b[blockMax+r], b[blockSecond+r], b[blockEntropy+r]
	if !within(peak, second, reach) || peak-second > depth || entropy != entropy {
		return false
	}
	dst.Argmax[i], dst.Max[i], dst.Second[i] = int32(b[blockArgmax+r]), peak, second
	dst.Rest[i], dst.SecondExp[i], dst.Sum[i] = b[blockRest+r], b[blockSecondExp+r], math.NaN()
	dst.Entropy[i], dst.Gini[i] = entropy, b[blockGini+r]
	if b[blockLabel+r] < 0 {
		dst.noLabel(i)
		return true
	}
	dst.Rank[i], dst.NLL[i], dst.Brier[i] = int32(b[blockRank+r]), b[blockNLL+r], b[blockBrier+r]
	return true
}
