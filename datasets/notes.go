package datasets

import (
	"fmt"
	"math"
	"slices"
	"unsafe"

	"github.com/zeebo/xxh3"

	"abstain/datasets/column"
)

// Notes tells the user how the table was read.
func (r *tableReader) Notes() []string {
	notes := slices.Clone(r.layout.notes)
	notes = append(notes, notesOf(r.source)...)
	if s := &r.sums; s.rows > 0 {
		notes = append(notes, fmt.Sprintf("%d of %d rows of %q do not add to 1 but are off by up to %.2g, as rounded values are: each was divided by its sum",
			s.rows, r.rows, r.layout.schema.Column, s.most))
	}
	if c := &r.confidences; c.low >= 0 && c.high > 50 && c.high <= 100 {
		notes = append(notes, fmt.Sprintf("column %q lies %v: if these are percentages, divide them by 100, for calibration needs probabilities", r.layout.schema.Column, c))
	}
	if r.doubling.found() {
		notes = append(notes, "every row stands in the table twice, or another even number of times: was it written twice? Intervals are then too narrow; "+
			"a column sample_id would tell")
	}
	return notes
}

// notesOf are those of a source on how its file was read.
func notesOf(source column.Source) []string {
	if s, ok := source.(interface{ Notes() []string }); ok {
		return s.Notes()
	}
	return nil
}

// doubling finds out whether every row of a table without ids occurs an even
// number of times, in any order: then the table was probably written twice. It
// adds up hashes so that equal ones cancel in pairs, which needs no memory. If
// not all cancel, the result is 0 only with a chance of 2^-64.
type doubling struct {
	left  uint64   // sum of all hashes, bit by bit modulo 2
	kinds []uint64 // some hashes that differ from each other
}

// fewKinds is a number of different rows that is too small for a conclusion:
// classifiers that count votes give few different rows, each shared by many
// samples, and each may happen to be shared by an even number.
const fewKinds = 16

func (d *doubling) add(b *Batch) {
	for row := range b.N {
		h := hashRow(b, row)
		d.left ^= h
		if len(d.kinds) < fewKinds && !slices.Contains(d.kinds, h) {
			d.kinds = append(d.kinds, h)
		}
	}
}

func (d *doubling) found() bool { return d.left == 0 && len(d.kinds) == fewKinds }

// hashRow hashes what a row says about its sample.
func hashRow(b *Batch, row int) uint64 {
	var seed uint64
	mix := func(v uint64) { seed = (seed ^ v) * 0x9e3779b97f4a7c15; seed ^= seed >> 29 }
	if b.Label != nil {
		mix(uint64(b.Label[row]))
	}
	if b.Prediction != nil {
		mix(uint64(b.Prediction[row]))
	}
	if b.Correct != nil && b.Correct[row] {
		mix(1)
	}
	if b.Confidence != nil {
		mix(math.Float64bits(b.Confidence[row]))
	}
	switch {
	case b.F16 != nil:
		return xxh3.HashSeed(bytesOf(b.F16, row, b.N), seed)
	case b.F32 != nil:
		return xxh3.HashSeed(bytesOf(b.F32, row, b.N), seed)
	}
	return xxh3.HashSeed(bytesOf(b.F64, row, b.N), seed)
}

// bytesOf is the memory of one row of n values.
func bytesOf[T uint16 | float32 | float64](values []T, row, n int) []byte {
	width := len(values) / n
	if width == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&values[row*width])), width*int(unsafe.Sizeof(values[0])))
}
