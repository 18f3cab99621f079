// Package column is the interface between file formats and prediction tables:
// named, typed columns that come in chunks of rows.
//
// Begin with Source. A format (datasets/ipc, datasets/parquet, datasets/csv)
// implements it and knows nothing of labels or logits; package datasets decides
// which column means what and knows nothing of formats. A new format is one
// implementation of Source and one row of the table formats in datasets/open.go. The
// package imports nothing of this module.
package column

import (
	"errors"
	"fmt"
	"math"
	"unsafe"
)

// Kind says what the values of a column are in memory.
type Kind uint8

const (
	Other    Kind = iota // a type that no prediction table uses; it can only be skipped
	Int                  // any integer width, as int64
	Float32              // float16 and float32, as float32
	Float64              // float64
	Bool                 // true and false
	Text                 // strings, also behind a dictionary
	Vector32             // several float16 or float32 in each row
	Vector64             // several float64 in each row
	Untyped              // written as text (CSV); read as whatever kind is asked for
	Moment               // dates and timestamps, as text in the form of ISO 8601
)

var kindNames = [...]string{"unsupported", "integer", "float32", "float64", "bool", "text", "list of float32", "list of float64", "untyped", "date or time"}

// String names the kind for messages.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Field is a column of a table, known before its rows are read.
type Field struct {
	Name   string
	Kind   Kind
	Width  int    // values per row of a vector; 0 if only the rows can tell
	Stored string // the format's own word for the type, for messages; "" is Kind's
	// Rows is how many there are, where the columns of a file may differ in it; 0
	// where they cannot. Select refuses columns of different numbers of rows.
	Rows int64
}

// Type is the field's type in the format's own words.
func (f Field) Type() string {
	if f.Stored != "" {
		return f.Stored
	}
	return f.Kind.String()
}

// Pair is one entry of a table's metadata.
type Pair struct{ Key, Value string }

// Want asks for a column. Kind must be the field's kind, unless that is Untyped.
type Want struct {
	Field int // index into Source.Fields
	Kind  Kind
}

// Column is a run of values. Exactly the slice that belongs to the wanted kind
// is set; the others are nil.
type Column struct {
	Int   []int64
	F16   []uint16 // bits of float16 as stored, if the source was asked to keep them
	F32   []float32
	F64   []float64
	Bool  []bool
	Text  []string // also of a Moment; may be kept: never an alias of a buffer that is used again
	Width int      // values per row of F16, F32 or F64; 1 unless the column is a vector
	// Null marks missing values; nil if there are none. Vectors and values
	// inside them are never missing: a source reports that as an error.
	Null []bool
}

// Chunk is a run of consecutive rows of the wanted columns.
type Chunk struct {
	First   int // row of the table at which the chunk begins
	N       int
	Columns []Column // one per Want
}

// Source is an open table of some format.
type Source interface {
	Fields() []Field
	// Meta returns the table's metadata in stored order.
	Meta() []Pair
	// Select says which columns Next reads; it is called once, before Next.
	Select(want []Want) error
	// Next returns the next rows, at most MaxRows of them, and io.EOF after the
	// last. The chunk is valid until the following call; its numbers may be the
	// file's own memory and must not be written to.
	Next() (*Chunk, error)
	Close() error
}

// Section is one of several tables in one file.
type Section struct {
	Name string // unique within the file
	Meta []Pair // model, dataset, split, condition: what tells it from the others
}

// Sectioned is a Source whose file may hold several tables.
type Sectioned interface {
	Source
	// Sections lists them; nil if the file is one table.
	Sections() []Section
	// Enter leaves only the rows and columns of a section. It is called before
	// Fields and Select.
	Enter(section string) error
}

// Error is a problem at a place of a table.
type Error struct {
	Column string // "" if no single column is at fault
	Row    int    // zero-based; -1 if no single row is at fault
	Line   int    // of the file, counted from 1, where formats of text have the row; 0 if unknown
	Err    error
	Hint   string
}

// ErrNoTable is wrapped by the errors of files that hold no predictions at all. A file
// that looks like a prediction table, but has a fault, gets another error.
var ErrNoTable = errors.New("no prediction table")

// NoTable makes the error one of a file that holds no predictions.
func NoTable(err error) error {
	var none Error
	if e, ok := errors.AsType[*Error](err); ok {
		none = *e
		err = e.Err
	} else {
		none.Row = -1
	}
	none.Err = fmt.Errorf("%w: %w", ErrNoTable, err)
	return &none
}

// Error renders the place and the problem.
func (e *Error) Error() string {
	s := e.Err.Error()
	if e.Line > 0 {
		s = fmt.Sprintf("line %d: %s", e.Line, s)
	} else if e.Row >= 0 {
		s = fmt.Sprintf("row %d: %s", e.Row, s)
	}
	if e.Column != "" {
		s = fmt.Sprintf("column %q: %s", e.Column, s)
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// Errorf makes an Error; row is -1 if no single row is at fault.
func Errorf(column string, row int, format string, args ...any) *Error {
	return &Error{Column: column, Row: row, Err: fmt.Errorf(format, args...)}
}

const (
	maxRows  = 4096
	maxBytes = 1 << 20
)

// MaxRows is how many rows a chunk may have when a row holds width values of up
// to eight bytes: at most 4096 and at most about 1 MB, but at least one. It
// bounds the memory of a source, whatever the batches of the file are. It also
// leaves the rows in a core's own cache for code that reads them twice: this took
// a quarter less time than chunks of 8 MB; still smaller chunks gained nothing.
func MaxRows(width int) int {
	if width < 1 {
		width = 1
	}
	return max(1, min(maxRows, maxBytes/8/width))
}

// Grow returns s with length n, reusing its memory if that suffices. The values
// are whatever was there.
func Grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

// Half widens a float16 exactly, subnormals, infinities and NaN included. The
// exponent is moved by multiplying with 2^112; only the largest exponent is a
// special case.
func Half(bits uint16) float32 {
	h := uint32(bits)
	f := math.Float32frombits((h & 0x7fff) << 13)
	if h&0x7c00 == 0x7c00 {
		f = math.Float32frombits(0x7f800000 | (h&0x3ff)<<13)
	} else {
		f *= 0x1p112
	}
	return math.Float32frombits(math.Float32bits(f) | (h&0x8000)<<16)
}

// Pack copies texts whose memory will be used again. All strings share one new
// allocation. It sets dst[i] to text(i).
func Pack(dst []string, text func(i int) []byte) {
	total := 0
	for i := range dst {
		total += len(text(i))
	}
	all := make([]byte, 0, total)
	for i := range dst {
		begin := len(all)
		all = append(all, text(i)...)
		dst[i] = unsafe.String(unsafe.SliceData(all[begin:]), len(all)-begin)
	}
}
