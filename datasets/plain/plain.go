// Package plain writes tables of typed columns as CSV, Parquet or Arrow, for other programs to
// read: results, samples, curves. Begin with Create. It knows no predictions; packages ipc and
// parquet read those. It imports datasets/column and the libraries of the formats.
package plain

import (
	"fmt"
	"io"
	"strings"

	"abstain/datasets/column"
)

// Kind is the type of a column.
type Kind uint8

const (
	Int   Kind = iota + 1 // 64 bits
	Float                 // 64 bits
	Text                  // UTF-8
	Bool
)

// Field is a column's name and type.
type Field struct {
	Name string
	Kind Kind
	Few  bool // a text column in which few values recur
}

// Column holds the values of some rows, in the slice of its kind. A float that is NaN and a text
// that is "" are missing; of the other kinds, and of texts that may be empty, Missing says it.
type Column struct {
	Ints    []int64
	Floats  []float64
	Texts   []string
	Bools   []bool
	Missing []bool // nil if none is
}

// Len is the number of values.
func (c *Column) Len() int {
	return max(len(c.Ints), len(c.Floats), len(c.Texts), len(c.Bools), len(c.Missing))
}

// missing reports whether a column has no value in row i. A column without values of its kind
// has none anywhere.
func (c *Column) missing(k Kind, i int) bool {
	if c.Missing != nil && c.Missing[i] {
		return true
	}
	switch k {
	case Int:
		return c.Ints == nil
	case Float:
		return c.Floats == nil || c.Floats[i] != c.Floats[i]
	case Text:
		return c.Texts == nil || c.Texts[i] == ""
	}
	return c.Bools == nil
}

// Writer takes a table block by block. Close ends the file; it does not close what it writes to.
type Writer interface {
	// Write adds rows: one column for each field, all of the same length.
	Write([]Column) error
	Close() error
}

// formats are those that Create knows, the first the one of choice for large tables.
var formats = []struct {
	name   string
	create func(io.Writer, []Field, []column.Pair) (Writer, error)
}{
	{"parquet", newParquet},
	{"csv", newCSV},
	{"arrow", newArrow},
}

// Formats lists the names that Create takes. They are also the endings of files.
func Formats() []string {
	var names []string
	for _, f := range formats {
		names = append(names, f.name)
	}
	return names
}

// Create begins a table. Every column may have missing values: they are empty in CSV, null in
// Parquet and Arrow, where a column has its type even if all of it is missing. In CSV a float
// always has a point or an exponent, so that programs which guess types see floats in every
// row; infinities are inf and -inf. meta goes into the metadata of Parquet and Arrow. The same
// input gives the same bytes.
//
// It fails if the format is unknown, if two fields have one name, or if w fails.
func Create(w io.Writer, format string, fields []Field, meta ...column.Pair) (Writer, error) {
	seen := map[string]bool{}
	for _, f := range fields {
		if seen[f.Name] {
			return nil, fmt.Errorf("two columns are called %q", f.Name)
		}
		seen[f.Name] = true
	}
	for _, f := range formats {
		if f.name == format {
			out, err := f.create(w, fields, meta)
			if err != nil {
				return nil, err
			}
			return &checked{out, fields}, nil
		}
	}
	return nil, fmt.Errorf("format %q is unknown: choose one of %s", format, strings.Join(Formats(), ", "))
}

// checked refuses blocks that do not fit the fields.
type checked struct {
	Writer
	fields []Field
}

func (c *checked) Write(columns []Column) error {
	if len(columns) != len(c.fields) {
		return fmt.Errorf("%d columns for %d fields", len(columns), len(c.fields))
	}
	if len(columns) == 0 || columns[0].Len() == 0 {
		return nil
	}
	for i := range columns {
		if n := columns[i].Len(); n != columns[0].Len() {
			return fmt.Errorf("column %q has %d rows, column %q has %d", c.fields[i].Name, n, c.fields[0].Name, columns[0].Len())
		}
	}
	return c.Writer.Write(columns)
}
