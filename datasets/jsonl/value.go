package jsonl

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"unicode/utf8"

	"abstain/datasets/column"
	"abstain/datasets/text"
)

// addValue adds the value that begins at a byte of the object to the column at place i
// of want, and returns where the value ends.
func (j *Reader) addValue(i, at int) (int, error) {
	b, col := j.object, &j.chunk.Columns[i]
	if at < len(b) && b[at] == 'n' {
		end, err := skip(b, at, 1)
		if err != nil {
			return at, err
		}
		return end, j.addNull(i, "is null")
	}
	if j.want[i].Kind == column.Vector64 {
		return j.addVector(i, at)
	}
	end, err := skip(b, at, 1)
	if err != nil {
		return at, err
	}
	if col.Null != nil {
		col.Null = append(col.Null, false)
	}
	value := b[at:end]
	if j.want[i].Kind == column.Text {
		s, err := j.text(value)
		if err != nil {
			return at, j.fault(i, err)
		}
		col.Text = append(col.Text, s)
		return end, nil
	}
	if err := j.addScalar(col, j.want[i].Kind, value); err != nil {
		return at, j.fault(i, err)
	}
	return end, nil
}

// addScalar adds a number or a boolean, which may be written as a text.
func (j *Reader) addScalar(col *column.Column, kind column.Kind, value []byte) error {
	s := j.inside(value)
	switch kind {
	case column.Int:
		v, ok := text.ParseInt(s)
		if !ok {
			return fmt.Errorf("%s is no integer", shown(value))
		}
		col.Int = append(col.Int, v)
	case column.Float64:
		v, ok := text.ParseFloat(s)
		if !ok {
			return fmt.Errorf("%s is no number", shown(value))
		}
		col.F64 = append(col.F64, v)
	case column.Bool:
		v, ok := parseBool(s)
		if !ok {
			return fmt.Errorf("%s is neither true nor false, nor 0 or 1", shown(value))
		}
		col.Bool = append(col.Bool, v)
	}
	return nil
}

// inside is what a value says: the text of a string without blanks around it, and other
// values as they are written.
func (j *Reader) inside(value []byte) []byte {
	if value[0] != '"' {
		return value
	}
	s := value[1 : len(value)-1]
	if bytes.IndexByte(s, '\\') >= 0 {
		j.clean = Unquote(j.clean[:0], s)
		s = j.clean
	}
	return bytes.TrimSpace(s)
}

// text is a value as text; lists and objects are that as they are written.
func (j *Reader) text(value []byte) (string, error) {
	s := value
	if value[0] == '"' {
		s = Unquote(j.clean[:0], value[1:len(value)-1])
		j.clean = s
	}
	if !utf8.Valid(s) {
		return "", errors.New("the text is not UTF-8: JSON must be")
	}
	return string(s), nil
}

// parseBool reads what programs write for yes and no.
func parseBool(s []byte) (value, ok bool) {
	switch string(s) {
	case "1", "true", "True", "1.0":
		return true, true
	case "0", "false", "False", "0.0":
		return false, true
	}
	switch strings.ToLower(string(s)) {
	case "t", "true", "yes", "y":
		return true, true
	case "f", "false", "no", "n":
		return false, true
	}
	return false, false
}

// shown is a value for a message, its beginning if it is long.
func shown(value []byte) string {
	const most = 60
	if len(value) > most {
		return string(bytes.ToValidUTF8(value[:most], []byte("?"))) + "..."
	}
	return string(bytes.ToValidUTF8(value, []byte("?")))
}

// addNull adds a missing value. A vector must not be missing.
func (j *Reader) addNull(i int, how string) error {
	col := &j.chunk.Columns[i]
	if col.Null == nil {
		col.Null = make([]bool, j.chunk.N, j.chunk.N+1)
	}
	col.Null = append(col.Null, true)
	switch j.want[i].Kind {
	case column.Int:
		col.Int = append(col.Int, 0)
	case column.Float64:
		col.F64 = append(col.F64, math.NaN())
	case column.Bool:
		col.Bool = append(col.Bool, false)
	case column.Text:
		col.Text = append(col.Text, "")
	default:
		e := j.fault(i, errors.New(how))
		e.Hint = "every row needs a value here; drop the row or fill it in"
		return e
	}
	return nil
}

// addVector adds a list of numbers; the first tells how many there are.
func (j *Reader) addVector(i, at int) (int, error) {
	b, col := j.object, &j.chunk.Columns[i]
	before := len(col.F64)
	if at < len(b) && b[at] != '[' {
		if _, err := skip(b, at, 1); err != nil {
			return at, err
		}
		return at, j.fault(i, errors.New("is no list of numbers, as it is in the first rows"))
	}
	end, err := Items(b, at, func(at int) (int, error) {
		end, err := skip(b, at, 2)
		if err != nil {
			return at, err
		}
		v, err := j.number(b[at:end], len(col.F64)-before)
		if err != nil {
			return at, j.fault(i, err)
		}
		col.F64 = append(col.F64, v)
		return end, nil
	})
	if err != nil {
		return at, err
	}
	n := len(col.F64) - before
	if j.row == 0 && col.Width == 0 {
		col.Width = n
	}
	if n != col.Width {
		return at, j.fault(i, fmt.Errorf("%d values where the rows before have %d", n, col.Width))
	}
	return end, nil
}

// number is an element of a vector, the class-th.
func (j *Reader) number(value []byte, class int) (float64, error) {
	switch value[0] {
	case 'n':
		return 0, fmt.Errorf("value %d of the list is null", class)
	case '[':
		return 0, errors.New("is a list of lists, but a class vector is one list of numbers")
	}
	v, ok := text.ParseFloat(j.inside(value))
	if !ok {
		return 0, fmt.Errorf("value %d of the list is %s, no number", class, shown(value))
	}
	return v, nil
}
