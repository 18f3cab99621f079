package datasets

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"abstain/datasets/column"
)

// Stored probabilities rarely add to exactly 1. How far a row may be off depends on
// how the numbers were stored:
//
//   - Up to asStored, the row is handed out as it is. A softmax in float16, which has
//     11 binary digits, may be off by this much: its two roundings, of the divisor and
//     of the quotient, change the value by at most 2^-11 each.
//   - Up to coarse, the row may have been computed in bfloat16, the coarsest format in
//     use, which has 8 digits: two roundings by 2^-8. A wider column does not show
//     that it came from bfloat16, so this bound holds for every table. A column that is
//     stored as bfloat16 is refused: whoever wrote it can still write it better.
//   - Beyond that, the number of decimals decides, as for a text with three decimals:
//     there must be probabilities that add to 1 and that give the stored values when
//     rounded to that many decimals. Each class may then be off by half a unit of the
//     last decimal, a class of zero only in one direction; see rounded. At least two
//     decimals are needed: a row with one is as often typed by hand, with an error.
//
// Rows of the second and third kind are divided by their sum, and a note says so. Any
// other row is handed out as it is, and the metrics refuse it. But if it is plain what
// the table holds instead of probabilities, that is the error.
const (
	asStored = 0x1p-10
	coarse   = 0x1p-7
	// mostDecimals is how many decimals matter: below 15 000 classes, half a unit
	// of a further decimal adds up to less than coarse.
	mostDecimals = 6
)

// sums checks how far rows of probabilities are from adding to 1.
type sums struct {
	rows     int     // rows that were divided by their sum
	most     float64 // how far the worst of them was off
	decimals int     // decimals seen in the values so far; more than mostDecimals if they are not rounded

	bfloat bool // the file says that they are bfloat16

	off, doubtful []int     // rows of a batch
	wide          []float32 // float16 values, widened
	divided       []float64 // the batch with rows divided by their sum
}

// normalise checks the sums of a batch of probabilities, and divides rows by
// their sum where that is allowed.
func (r *tableReader) normalise(*column.Chunk) error {
	if r.layout.schema.Kind != Probs {
		return nil
	}
	s, b := &r.sums, &r.batch
	if r.stored {
		defer func(before Batch) { b.F16, b.F32, b.F64 = before.F16, before.F32, before.F64 }(*b)
	}
	switch {
	case b.F16 != nil:
		s.wide = column.Grow(s.wide, len(b.F16))
		for i, bits := range b.F16 {
			s.wide[i] = column.Half(bits)
		}
		return normalise(r, s.wide)
	case b.F32 != nil:
		return normalise(r, b.F32)
	}
	return normalise(r, b.F64)
}

func normalise[F float32 | float64](r *tableReader, values []F) error {
	s, b, classes := &r.sums, &r.batch, r.layout.schema.Classes
	s.off, s.doubtful = s.off[:0], s.doubtful[:0]
	for row := range b.N {
		if math.Abs(total(values[row*classes:][:classes])-1) > asStored { // NaN is reported elsewhere
			s.off = append(s.off, row)
		}
	}
	if len(s.off) == 0 {
		return nil
	}
	unit := 0.0
	keep := s.off[:0]
	for _, row := range s.off {
		vector := values[row*classes:][:classes]
		near := math.Abs(total(vector)-1) <= coarse && slices.Min(vector) >= 0
		if near && s.bfloat {
			return tooCoarse(r, row, total(vector))
		}
		if !near && unit == 0 {
			unit = s.unit(values)
		}
		if near || rounded(vector, unit) {
			keep = append(keep, row)
		} else {
			s.doubtful = append(s.doubtful, row)
		}
	}
	if s.off = keep; len(s.doubtful) > 0 {
		if err := mistaken(r, values); err != nil {
			return err
		}
	}
	divide(r, values)
	return nil
}

// tooCoarse is the error for probabilities in bfloat16 that do not add to 1.
func tooCoarse(r *tableReader, row int, sum float64) error {
	e := column.Errorf(r.layout.schema.Column, r.batch.First+row, "adds to %.6g: bfloat16 has too few digits for probabilities", sum)
	e.Hint = "store the logits, which may stay bfloat16, or compute the softmax in float32 and store that"
	return e
}

// divide turns the batch into float64 and divides the rows that are off by their
// sum. In a narrower type the division might make two different values equal.
func divide[F float32 | float64](r *tableReader, values []F) {
	s, b, classes := &r.sums, &r.batch, r.layout.schema.Classes
	if len(s.off) == 0 {
		return
	}
	s.divided = column.Grow(s.divided, len(values))
	for i, v := range values {
		s.divided[i] = float64(v)
	}
	for _, row := range s.off {
		vector := s.divided[row*classes:][:classes]
		sum := orderFree(vector)
		for i := range vector {
			vector[i] /= sum
		}
		s.most = max(s.most, math.Abs(sum-1))
	}
	s.rows += len(s.off)
	b.F16, b.F32, b.F64 = nil, nil, s.divided
}

// total is the sum of a row, with four independent additions at a time.
func total[F float32 | float64](row []F) float64 {
	var a, b, c, d float64
	for ; len(row) >= 4; row = row[4:] {
		a, b, c, d = a+float64(row[0]), b+float64(row[1]), c+float64(row[2]), d+float64(row[3])
	}
	for _, v := range row {
		a += float64(v)
	}
	return a + b + (c + d)
}

// orderFree is the sum of probabilities, added as integers: it is the same to the
// last bit in any order of the classes.
func orderFree(row []float64) float64 {
	const scale = 0x1p52
	var sum int64
	for _, v := range row {
		sum += int64(v * scale)
	}
	return float64(sum) / scale
}

// rounded reports whether the row may be probabilities that add to 1, each
// rounded to a multiple of unit; unit is NaN if the values are not rounded. If
// rounding has left less than half of a row, it cannot be restored.
func rounded[F float32 | float64](row []F, unit float64) bool {
	const slack = 1e-9 // for the rounding of the additions here
	least, most, sum := 0.0, 0.0, 0.0
	for _, f := range row {
		v := float64(f)
		if v < 0 || v > 1 {
			return false
		}
		least += max(v-unit/2, 0)
		most += v + unit/2
		sum += v
	}
	return least <= 1+slack && most >= 1-slack && sum >= 0.5
}

// unit is the power of ten of which all values, those of earlier batches
// included, are multiples; NaN if there is none.
func (s *sums) unit(values any) float64 {
	s.decimals = max(s.decimals, 2)
	switch values := values.(type) {
	case []float32:
		s.decimals = decimals(values, s.decimals)
	case []float64:
		s.decimals = decimals(values, s.decimals)
	}
	if s.decimals > mostDecimals {
		return math.NaN()
	}
	return math.Pow10(-s.decimals)
}

// decimals is the smallest number of decimals, at least from, that represents all
// values.
func decimals[F float32 | float64](values []F, from int) int {
	scale := math.Pow10(from)
	for _, v := range values {
		for from <= mostDecimals && F(math.Round(float64(v)*scale)/scale) != v && v-v == 0 {
			from, scale = from+1, math.Pow10(from+1)
		}
	}
	return from
}

// mistaken is the error of a table that holds something other than probabilities,
// as a doubtful row shows; nil if only that row is wrong.
func mistaken[F float32 | float64](r *tableReader, values []F) error {
	s, classes := &r.sums, r.layout.schema.Classes
	row := s.doubtful[0]
	vector := values[row*classes:][:classes]
	e := &column.Error{Column: r.layout.schema.Column, Row: r.batch.First + row}
	switch sum := total(vector); {
	case logarithms(vector):
		e.Err = errors.New("these are logarithms of probabilities: their exponentials add to 1")
		e.Hint = "logarithms of probabilities are logits: call the columns l0, l1, ..., or the list column logits"
	case percentages(vector):
		e.Err = fmt.Errorf("these are percentages: they add to %.6g", sum)
		e.Hint = "divide them by 100"
	case all(vector, 0, 1) && 2*len(s.doubtful) > r.batch.N:
		e.Err = fmt.Errorf("each value lies in 0..1, but together they make %.6g, and most rows do not add to 1: outputs of a sigmoid per class?", sum)
		e.Hint = "if a sample has one class, store the outputs before the sigmoid as l0, l1, ... only if a softmax was trained; " +
			"if it may have several, store a table per class, with label 0 or 1 and columns p0 and p1"
	default:
		return nil
	}
	return e
}

// all reports whether all values lie between low and high.
func all[F float32 | float64](row []F, low, high F) bool {
	for _, v := range row {
		if !(low <= v && v <= high) {
			return false
		}
	}
	return true
}

// logarithms reports whether the values are logarithms of numbers that add to 1.
func logarithms[F float32 | float64](row []F) bool {
	sum := 0.0
	for _, v := range row {
		if v > coarse {
			return false
		}
		sum += math.Exp(float64(v))
	}
	return math.Abs(sum-1) <= coarse
}

// percentages reports whether the values add to 100, up to the rounding to whole
// numbers.
func percentages[F float32 | float64](row []F) bool {
	slack := 100*coarse + min(float64(len(row))/2, 50)
	return all(row, 0, 101) && math.Abs(total(row)-100) <= slack
}
