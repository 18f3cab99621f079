package datasets

import (
	"fmt"
	"math"
	"slices"
	"unsafe"

	"github.com/zeebo/xxh3"
)

// Notes says what the user should know of how the table was read.
func (r *tableReader) Notes() []string {
	notes := slices.Clone(r.layout.notes)
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

// doubling finds out whether every row of a table without ids stands there an even
// number of times, in any order. Hashes that come in pairs cancel out, so that it
// takes no memory; hashes that do not leave 0 with a chance of 2^-64.
type doubling struct {
	left  uint64   // of all hashes, each bit even or odd
	kinds []uint64 // some of them that differ
}

// fewKinds are too few different rows to say anything: classifiers that count votes
// give few rows that many samples share, and each may be shared by an even number.
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

// hashRow hashes what a row says of its sample.
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

// bytesOf is the memory of one of n rows.
func bytesOf[T uint16 | float32 | float64](values []T, row, n int) []byte {
	width := len(values) / n
	if width == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&values[row*width])), width*int(unsafe.Sizeof(values[0])))
}
