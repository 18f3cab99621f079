// Package sourcetest reads sources in tests, and checks that they keep what column.Source
// promises. Begin with Read.
package sourcetest

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"abstain/datasets/column"
)

// Values are those of a column, written so that equal values are equal texts: floats as
// hexadecimal numbers, whatever their width.
type Values struct {
	Kind  column.Kind
	Width int
	Cells []string
}

// Read reads fields of a source to its end.
func Read(s column.Source, fields ...int) ([]Values, error) {
	want := make([]column.Want, len(fields))
	out := make([]Values, len(fields))
	all := s.Fields()
	for i, f := range fields {
		want[i] = column.Want{Field: f, Kind: all[f].Kind}
		out[i] = Values{Kind: all[f].Kind, Width: max(all[f].Width, 1)}
	}
	if err := s.Select(want); err != nil {
		return nil, err
	}
	rows := 0
	for {
		c, err := s.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if c.N < 1 || c.First != rows || len(c.Columns) != len(want) {
			return nil, fmt.Errorf("BROKEN: a chunk of %d rows from %d with %d columns, after %d rows",
				c.N, c.First, len(c.Columns), rows)
		}
		for i := range out {
			if err := out[i].add(&c.Columns[i], c.N); err != nil {
				return nil, err
			}
		}
		rows += c.N
	}
}

// add appends the values of a chunk, and checks that exactly the slice of the kind is set.
func (v *Values) add(c *column.Column, n int) error {
	set, length := 0, 0
	for kind, l := range map[string]int{"int": len(c.Int), "f16": len(c.F16), "f32": len(c.F32), "f64": len(c.F64),
		"bool": len(c.Bool), "text": len(c.Text)} {
		if l > 0 {
			set, length = set+1, l
			if !fits(kind, v.Kind) {
				return fmt.Errorf("BROKEN: a slice of %s in a column of kind %v", kind, v.Kind)
			}
		}
	}
	if set != 1 || length != n*v.Width || c.Width != v.Width {
		return fmt.Errorf("BROKEN: %d slices, the last of %d values, width %d, for %d rows of %d",
			set, length, c.Width, n, v.Width)
	}
	for _, x := range c.Int {
		v.Cells = append(v.Cells, strconv.FormatInt(x, 10))
	}
	for _, x := range c.F16 {
		v.Cells = append(v.Cells, Float(float64(column.Half(x))))
	}
	for _, x := range c.F32 {
		v.Cells = append(v.Cells, Float(float64(x)))
	}
	for _, x := range c.F64 {
		v.Cells = append(v.Cells, Float(x))
	}
	for _, x := range c.Bool {
		v.Cells = append(v.Cells, strconv.FormatBool(x))
	}
	v.Cells = append(v.Cells, c.Text...)
	return nil
}

func fits(slice string, kind column.Kind) bool {
	switch kind {
	case column.Int:
		return slice == "int"
	case column.Float32:
		return slice == "f32"
	case column.Vector32:
		return slice == "f32" || slice == "f16"
	case column.Float64, column.Vector64:
		return slice == "f64"
	case column.Bool:
		return slice == "bool"
	} // a Moment is text
	return slice == "text"
}

// Float writes a float exactly.
func Float(v float64) string {
	if math.IsNaN(v) {
		return "nan"
	}
	return strconv.FormatFloat(v, 'x', -1, 64)
}

// All reads each column of each section, alone and together with all of the same number of
// rows. The error is that of a broken promise; other errors are right for files that are
// damaged. It returns how many columns were read without error.
func All(open func() (column.Source, error)) (read int, broken error) {
	sections := []string{""}
	for k := 0; k < len(sections); k++ {
		s, err := enter(open, sections[k])
		if err != nil {
			return read, promise(err)
		}
		if t, ok := s.(column.Sectioned); ok && k == 0 {
			for _, c := range t.Sections() {
				sections = append(sections, c.Name)
			}
		}
		fields := s.Fields()
		s.Close()
		for _, list := range choices(fields) {
			s, err := enter(open, sections[k])
			if err != nil {
				return read, fmt.Errorf("BROKEN: opened once, but not again: %w", err)
			}
			_, err = Read(s, list...)
			s.Close()
			if err == nil {
				read += len(list)
			} else if promise(err) != nil {
				return read, err
			}
		}
	}
	return read, nil
}

func enter(open func() (column.Source, error), section string) (column.Source, error) {
	s, err := open()
	if err == nil && section != "" {
		err = s.(column.Sectioned).Enter(section)
	}
	return s, err
}

// choices are each field alone, and those that can be read together.
func choices(fields []column.Field) [][]int {
	var list [][]int
	together := map[int64][]int{}
	for i, f := range fields {
		if f.Kind == column.Other {
			continue
		}
		list = append(list, []int{i})
		together[f.Rows] = append(together[f.Rows], i)
	}
	for _, l := range together {
		list = append(list, l)
	}
	return list
}

// promise is err if it tells of a broken promise.
func promise(err error) error {
	if strings.HasPrefix(err.Error(), "BROKEN") {
		return err
	}
	return nil
}
