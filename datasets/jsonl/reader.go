// Package jsonl reads JSON lines as prediction tables: one object a row, whose keys are
// the columns, packed or not. An array of objects is read too. Begin with Open.
//
// What NaN, Infinity and -Infinity mean is known besides JSON, because Python writes
// them. As in CSV, numbers may be written as texts, and the code that selects a column
// says as which type its values are read. The first rows tell only which columns hold
// lists, booleans or fractions. A column that they do not have is not read.
//
// The package may import packages column and text, and nothing else of this module.
package jsonl

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"abstain/datasets/column"
	"abstain/datasets/text"
)

// Reader reads a file of JSON lines. It implements column.Source.
type Reader struct {
	objects *Objects
	fields  []column.Field
	index   map[string]int // of a key as it is written
	names   map[string]int // of a key as it is meant
	want    []column.Want
	wanted  []int // for each field its place in want; -1 if it is not read
	chunk   column.Chunk
	row     int
	object  []byte   // that is being read
	stamp   []int    // for each place in want one more than the last row that had it
	order   []string // the keys as they are written, in the order of the fields
	late    []string // keys that the first rows do not have
	clean   []byte
	err     error
}

// Open reads the first rows of a file; name is its path, for the ending. Close does not
// close r.
func Open(r io.ReaderAt, size int64, name string) (*Reader, error) {
	j := &Reader{index: map[string]int{}, names: map[string]int{}}
	if err := j.peek(r, size); err != nil {
		if strings.HasSuffix(strings.ToLower(text.Unpacked(name)), ".json") { // most of these are no tables
			err = column.NoTable(err)
		}
		return nil, err
	}
	var err error
	j.objects, err = OpenObjects(r, size)
	return j, err
}

// Fields returns the keys of the first rows.
func (j *Reader) Fields() []column.Field { return j.fields }

// Meta returns nil: JSON lines have no metadata.
func (j *Reader) Meta() []column.Pair { return nil }

// Line is the line of the file, counted from 1, at which a row begins that was read;
// 0 for other rows, and for rows that share a line.
func (j *Reader) Line(row int) int { return j.objects.Line(row) }

// Notes says, in sentences, what was left out.
func (j *Reader) Notes() []string {
	if len(j.late) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("keys that the first rows do not have are not read: %s", strings.Join(j.late, ", "))}
}

// Select says which columns Next reads, and as what.
func (j *Reader) Select(want []column.Want) error {
	if len(want) == 0 {
		return errors.New("no columns selected") // without columns, nothing bounds the number of rows
	}
	j.wanted = make([]int, len(j.fields))
	for i := range j.wanted {
		j.wanted[i] = -1
	}
	j.chunk.Columns = make([]column.Column, len(want))
	for i, w := range want {
		f := j.fields[w.Field]
		switch w.Kind {
		case column.Int, column.Float64, column.Bool, column.Text:
			j.chunk.Columns[i].Width = 1
		case column.Vector64:
			j.chunk.Columns[i].Width = f.Width
		default:
			return column.Errorf(f.Name, -1, "JSON cannot be read as %v", w.Kind)
		}
		if j.wanted[w.Field] >= 0 {
			return column.Errorf(f.Name, -1, "is asked for twice")
		}
		j.wanted[w.Field] = i
	}
	j.want, j.stamp = want, make([]int, len(want))
	return nil
}

// Next returns the next rows and io.EOF after the last.
func (j *Reader) Next() (*column.Chunk, error) {
	if j.err != nil {
		return nil, j.err
	}
	chunk, err := j.next()
	j.err = err
	return chunk, err
}

func (j *Reader) next() (*column.Chunk, error) {
	j.chunk.First, j.chunk.N = j.row, 0
	width := 0
	for i := range j.chunk.Columns {
		c := &j.chunk.Columns[i]
		*c = column.Column{Int: c.Int[:0], F64: c.F64[:0], Bool: c.Bool[:0], Text: c.Text[:0], Width: c.Width}
		width += max(1, c.Width)
	}
	for limit := column.MaxRows(width); j.chunk.N < limit; {
		object, err := j.objects.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = j.addRow(object)
		}
		if err != nil {
			return nil, err
		}
		j.chunk.N++
		j.row++
	}
	if j.chunk.N == 0 {
		return nil, io.EOF
	}
	return &j.chunk, nil
}

// addRow adds an object to the chunk.
func (j *Reader) addRow(object []byte) error {
	j.object = object
	place := 0
	end, err := Walk(object, 0, func(key []byte, at int) (int, error) {
		field := j.field(key, place)
		place++
		if field < 0 || j.wanted[field] < 0 {
			return skip(object, at, 1)
		}
		i := j.wanted[field]
		if j.stamp[i] == j.row+1 {
			return at, j.fault(i, errors.New("the key stands twice in the object"))
		}
		j.stamp[i] = j.row + 1
		return j.addValue(i, at)
	})
	if err == nil && end != len(object) {
		err = unexpected(object, space(object, end), "the end of the line")
	}
	if _, placed := errors.AsType[*column.Error](err); placed {
		return err
	}
	if err != nil {
		return j.objects.Invalid(err)
	}
	for i := range j.want {
		if j.stamp[i] != j.row+1 {
			if err := j.addNull(i, "is missing"); err != nil {
				return err
			}
		}
	}
	return nil
}

// field finds the field of a key; -1 if the first rows did not have it. Nearly always
// the keys come in the same order as in the row before.
func (j *Reader) field(key []byte, place int) int {
	if place < len(j.fields) && string(key) == j.order[place] {
		return place
	}
	if i, ok := j.index[string(key)]; ok {
		return i
	}
	name := string(Unquote(nil, key))
	if i, ok := j.names[name]; ok { // written with other escapes than before
		return i
	}
	const most = 10
	for _, known := range j.late {
		if known == name {
			return -1
		}
	}
	if len(j.late) < most {
		j.late = append(j.late, name)
	}
	return -1
}

// fault is an error in the value of a column.
func (j *Reader) fault(i int, err error) *column.Error {
	return &column.Error{Column: j.fields[j.want[i].Field].Name, Row: j.row, Line: j.objects.Line(j.row), Err: err}
}

// Close releases what unpacking needs: the code that opened the file closes it.
func (j *Reader) Close() error {
	j.err = errors.New("the table is closed")
	return j.objects.Close()
}
