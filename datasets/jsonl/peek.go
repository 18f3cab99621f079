package jsonl

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"abstain/datasets/column"
	"abstain/datasets/text"
)

const (
	peekRows  = 1000    // how many rows are looked at to tell what the columns are
	peekBytes = 4 << 20 // at most
	maxKeys   = 1e6     // that the first rows may have
)

// sight is what the values of a key in the first rows were.
type sight struct {
	numbers, fractions, bools, texts, vectors, others int
	width                                             int // of the first vector
}

// peek finds the keys of the first rows, in the order in which they first appear, and
// what their values are.
func (j *Reader) peek(r io.ReaderAt, size int64) error {
	objects, err := OpenObjects(r, size)
	if err != nil {
		return err
	}
	defer objects.Close()
	var seen []sight
	rows, bytes := 0, 0
	for ; rows < peekRows && bytes < peekBytes; rows++ {
		object, err := objects.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if seen, err = j.look(seen, object); err != nil {
			return objects.Invalid(err)
		}
		bytes += len(object)
	}
	scalars := 0
	for i, s := range seen {
		f := &j.fields[i]
		f.Kind, f.Width, f.Stored = s.kind()
		if f.Kind != column.Vector64 && f.Kind != column.Other {
			scalars++
		}
	}
	if rows == 1 && scalars == 0 && len(seen) > 1 {
		return &column.Error{Row: -1,
			Err:  errors.New("one JSON object with whole columns in it, but JSON lines have one object a row"),
			Hint: `write JSON lines: one object a row (pandas: to_json(..., orient="records", lines=True))`}
	}
	return nil
}

// look adds what an object holds to what was seen.
func (j *Reader) look(seen []sight, object []byte) ([]sight, error) {
	end, err := Walk(object, 0, func(key []byte, at int) (int, error) {
		end, err := skip(object, at, 1)
		if err != nil {
			return at, err
		}
		i, known := j.index[string(key)]
		if !known {
			name := string(Unquote(nil, key))
			if i, known = j.names[name]; !known {
				if i = len(j.fields); i == maxKeys {
					return at, fmt.Errorf("more than %d keys", int(maxKeys))
				}
				j.fields = append(j.fields, column.Field{Name: name})
				j.order = append(j.order, string(key))
				seen = append(seen, sight{})
			}
			j.index[string(key)], j.names[name] = i, i
		}
		seen[i].add(object[at:end])
		return end, nil
	})
	if err == nil && end != len(object) {
		err = unexpected(object, space(object, end), "the end of the line")
	}
	return seen, err
}

// add looks at a value.
func (s *sight) add(value []byte) {
	switch value[0] {
	case 'n': // says nothing
	case 't', 'f':
		s.bools++
	case '{':
		s.others++
	case '[':
		width, ok := numbers(value)
		if !ok {
			s.others++
			return
		}
		if s.vectors++; s.vectors == 1 {
			s.width = width
		}
	case '"':
		s.addText(bytes.TrimSpace(Unquote(nil, value[1:len(value)-1])))
	default:
		s.numbers++
		if !integer(value) {
			s.fractions++
		}
	}
}

// addText looks at a text, which may hold a number.
func (s *sight) addText(inside []byte) {
	switch _, ok := text.ParseFloat(inside); {
	case len(inside) == 0:
	case !ok:
		s.texts++
	case integer(inside):
		s.numbers++
	default:
		s.numbers++
		s.fractions++
	}
}

// integer reports whether a number is written as an integer of any length.
func integer(value []byte) bool {
	return len(bytes.Trim(bytes.TrimLeft(value, "+-"), "0123456789")) == 0
}

// numbers reports whether a list holds numbers only, which may be written as texts, and
// how many. Missing ones count, so that the row that has them is named when it is read.
func numbers(list []byte) (int, bool) {
	n, all := 0, true
	Items(list, 0, func(at int) (int, error) {
		end, err := skip(list, at, 2)
		if err != nil {
			return at, err
		}
		n++
		value := list[at:end]
		if value[0] == '"' {
			value = bytes.TrimSpace(Unquote(nil, value[1:len(value)-1]))
		}
		_, ok := text.ParseFloat(value)
		all = all && (ok || string(value) == "null")
		return end, nil
	})
	return n, all
}

// kind is what the column is read as. A column of several kinds is still read, as what
// is asked for; a value that cannot be is an error then.
func (s sight) kind() (kind column.Kind, width int, stored string) {
	scalars := s.numbers + s.bools + s.texts
	switch {
	case s.others > 0 && s.vectors > 0 && s.vectors > s.others:
		return column.Vector64, s.width, ""
	case s.others > 0:
		return column.Other, 0, "lists or objects"
	case s.vectors > 0:
		return column.Vector64, s.width, ""
	case scalars > 0 && s.bools == scalars:
		return column.Bool, 0, ""
	case s.fractions > 0 && s.numbers == scalars:
		return column.Float64, 0, ""
	}
	return column.Untyped, 0, ""
}
