// Package array makes prediction tables of arrays in one or two dimensions, as NumPy
// and safetensors keep them: the rows of an array are the rows of the table. Begin with
// New; a format describes its arrays as values of Array and leaves the rest to this
// package: which arrays can be columns, which of them make a table, how their bytes
// become values.
//
// Bytes in memory (a mapped file) are used in place where the values are stored as they
// are needed, and otherwise copied some rows at a time; compressed ones are streamed.
// Nothing is allocated by a declared size.
//
// The package may import package column and the internal packages beside it, and nothing
// else of this module.
package array

import (
	"fmt"
	"io"
	"math"
	"strings"
	"time"

	"abstain/datasets/column"
	"abstain/datasets/internal/mapping"
)

// Type is the type of an array's values.
type Type struct {
	Kind Kind
	Size int    // bytes of a value
	Word string // the format's own word for it, for messages
	// Unit and Units say what a Moment counts: that many of Unit, a second or less, or
	// column.Day.
	Unit  time.Duration
	Units int64
}

// Kind says how the bytes of a value are to be read.
type Kind uint8

const (
	Unknown Kind = iota // not readable here
	Float               // IEEE 754: 2, 4 or 8 bytes
	BFloat              // the upper half of a float32
	Int                 // two's complement: 1, 2, 4 or 8 bytes
	Uint                // without sign
	Bool                // one byte, 0 or not
	Unicode             // code points of four bytes each, padded with zeros
	Bytes               // UTF-8, padded with zeros
	Moment              // time since 1970, as an integer of 8 bytes; the least is none
)

// Array describes an array. Its rows are along the first dimension.
type Array struct {
	Name    string
	Type    Type
	Shape   []int64
	Big     bool // the most significant byte comes first
	Fortran bool // the first index varies fastest
	Body    Body
	// Why says what the array is if it cannot be a column, as a phrase with an article
	// that may end in a way out; "" if it can. New completes it.
	Why string
}

// Body is where the bytes of an array are.
type Body struct {
	File   *mapping.File
	Offset int64 // of the first byte in File
	Length int64
	// Open begins reading the bytes from the front where they are not in File as they
	// are, and ends with an error if they do not match a checksum; else it is nil.
	Open func() (io.ReadCloser, error)
	// CRC is the CRC-32 that the bytes continue from Head, those before them in the same
	// part of the file, to Whole; nil if there is none.
	CRC *CRC
}

// CRC is a checksum of a part of a file that ends with an array.
type CRC struct{ Head, Whole uint32 }

// Fits returns the number of bytes that the values of a shape take. It is an error if
// that is no number of bytes, because a dimension is negative or the product is too large.
func Fits(shape []int64, size int) (int64, error) {
	total := int64(size)
	for _, n := range shape {
		if n < 0 {
			return 0, fmt.Errorf("the shape %s has a negative number", Shape(shape))
		}
	}
	for _, n := range shape {
		if n == 0 {
			return 0, nil
		}
	}
	for _, n := range shape {
		if total > math.MaxInt64/n {
			return 0, fmt.Errorf("the shape %s is larger than any file", Shape(shape))
		}
		total *= n
	}
	return total, nil
}

// Shape writes the dimensions of an array for messages, "50 x 10".
func Shape(shape []int64) string {
	words := make([]string, len(shape))
	for i, n := range shape {
		words[i] = fmt.Sprint(n)
	}
	return strings.Join(words, " x ")
}

// rows is the number of rows; 1 of a single value.
func (a *Array) rows() int64 {
	if len(a.Shape) == 0 {
		return 1
	}
	return a.Shape[0]
}

// width is the number of values of a row.
func (a *Array) width() int {
	if len(a.Shape) < 2 {
		return 1
	}
	return int(a.Shape[1])
}

// widest is how many values a row may have: those of a row are in memory together.
const widest = 1 << 24

// judge completes Why. Further dimensions of 1 at the end, as of the last layer of a
// convolutional network, say nothing and are left out.
func (a *Array) judge() {
	for len(a.Shape) > 2 && a.Shape[len(a.Shape)-1] == 1 {
		a.Shape = a.Shape[:len(a.Shape)-1]
	}
	shape := Shape(a.Shape)
	switch {
	case a.Why != "":
	case len(a.Shape) == 0:
		a.Why = fmt.Sprintf("a single value (%s), no array of rows", a.Type.Word)
	case len(a.Shape) > 2:
		a.Why = fmt.Sprintf("an array of %s in %d dimensions (%s), where a table takes rows x classes "+
			"(average the probabilities of passes or members)", a.Type.Word, len(a.Shape), shape)
	case a.Shape[0] == 0:
		a.Why = fmt.Sprintf("an empty array of %s (%s): 0 rows", a.Type.Word, shape)
	case len(a.Shape) == 2 && a.Shape[1] == 0, a.Type.Size == 0:
		a.Why = fmt.Sprintf("an array of %s without values (shape %s): 0 columns", a.Type.Word, shape)
	case len(a.Shape) == 2 && a.Shape[1] > widest, a.Type.Size > widest:
		a.Why = fmt.Sprintf("an array of %s of shape %s, whose rows are too long to be class vectors", a.Type.Word, shape)
	case a.width() > 1 && a.Type.vector() == column.Other:
		a.Why = fmt.Sprintf("an array of %s in 2 dimensions (%s), where a table takes one a row", a.Type.Word, shape)
	}
}

// slice is a run of the values of each row: a column may be a part of an array.
type slice struct{ from, width int }

// field describes the values of a as a column.
func (s slice) field(a *Array, name string) column.Field {
	f := column.Field{Name: name, Rows: a.rows(), Stored: a.Type.Word}
	if s.width == 1 {
		f.Kind = a.Type.scalar()
		return f
	}
	f.Kind, f.Width = a.Type.vector(), s.width
	f.Stored = fmt.Sprintf("%s (%d x %d)", a.Type.Word, a.rows(), s.width)
	return f
}

// scalar is the kind of a column with one value a row.
func (t Type) scalar() column.Kind {
	switch t.Kind {
	case Float, BFloat:
		if t.Size == 8 {
			return column.Float64
		}
		return column.Float32
	case Int, Uint:
		return column.Int
	case Bool:
		return column.Bool
	case Unicode, Bytes:
		return column.Text
	case Moment:
		return column.Moment
	}
	return column.Other
}

// vector is the kind of a column with several values a row, which are floats; integers
// and booleans become the floats of the same value.
func (t Type) vector() column.Kind {
	switch {
	case t.Kind == Float && t.Size == 8, (t.Kind == Int || t.Kind == Uint) && t.Size > 2:
		return column.Vector64
	case t.Kind == Unicode, t.Kind == Bytes, t.Kind == Moment, t.Kind == Unknown:
		return column.Other
	}
	return column.Vector32
}
