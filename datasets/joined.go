package datasets

import (
	"errors"
	"fmt"
	"io"

	"abstain/datasets/column"
)

// joined is a source of several sources over the same rows, whose columns stand beside
// each other.
type joined struct {
	sides  []side
	fields []column.Field
	places []place // of the fields
	chunk  column.Chunk
	row    int
}

// side is one of the sources.
type side struct {
	source column.Source
	name   string
	labels bool // its only column, whatever its name, are the labels
	want   []column.Want
	to     []int         // places of the wanted columns in the whole
	chunk  *column.Chunk // nil before the first and after it was used up
	used   int           // rows of it
	rows   int           // of the chunks before
	ended  bool
}

// place is where a field comes from.
type place struct{ side, field int }

// name lists the fields of all sides. Where two have the same name, that of the first
// counts. The only column of a side may have any name: it holds the labels.
func (z *joined) name() error {
	taken := map[string]bool{}
	for i := range z.sides {
		fields := z.sides[i].source.Fields()
		for k, f := range fields {
			if z.sides[i].labels && len(fields) == 1 {
				f.Name = "label"
			}
			if i > 0 && taken[f.Name] {
				continue
			}
			taken[f.Name] = true
			z.fields, z.places = append(z.fields, f), append(z.places, place{i, k})
		}
	}
	return nil
}

// Line is that of the first side, which names the table.
func (z *joined) Line(row int) int { return lineOf(z.sides[0].source, row) }

// Notes are those of all sides.
func (z *joined) Notes() []string {
	var notes []string
	for _, s := range z.sides {
		notes = append(notes, notesOf(s.source)...)
	}
	return notes
}

// Fields returns the columns of all sides.
func (z *joined) Fields() []column.Field { return z.fields }

// Meta returns the metadata of the first side.
func (z *joined) Meta() []column.Pair { return z.sides[0].source.Meta() }

// Select says which columns Next reads of which side.
func (z *joined) Select(want []column.Want) error {
	for i, w := range want {
		p := z.places[w.Field]
		s := &z.sides[p.side]
		s.want, s.to = append(s.want, column.Want{Field: p.field, Kind: w.Kind}), append(s.to, i)
	}
	for i := range z.sides {
		s := &z.sides[i]
		if s.want == nil {
			continue
		}
		if err := s.source.Select(s.want); err != nil {
			return &partError{s.name, err}
		}
	}
	z.chunk.Columns = make([]column.Column, len(want))
	return nil
}

// KeepHalf passes the wish on.
func (z *joined) KeepHalf() {
	for _, s := range z.sides {
		if h, ok := s.source.(interface{ KeepHalf() }); ok {
			h.KeepHalf()
		}
	}
}

// Next returns the next rows that every side has in its current chunk.
func (z *joined) Next() (*column.Chunk, error) {
	n, ended := -1, 0
	for i := range z.sides {
		s := &z.sides[i]
		if s.want == nil {
			continue
		}
		left, err := s.left()
		if err != nil {
			return nil, err
		}
		if left == 0 {
			ended++
		}
		if n < 0 || left < n {
			n = left
		}
	}
	if n <= 0 {
		if err := z.unequal(); err != nil {
			return nil, err
		}
		return nil, io.EOF
	}
	z.chunk.First, z.chunk.N = z.row, n
	for i := range z.sides {
		z.sides[i].hand(z.chunk.Columns, n)
	}
	z.row += n
	return &z.chunk, nil
}

// left is how many rows a side has in its current chunk; 0 after its last.
func (s *side) left() (int, error) {
	if s.chunk != nil && s.used == s.chunk.N {
		s.rows += s.chunk.N
		s.chunk, s.used = nil, 0
	}
	for s.chunk == nil && !s.ended {
		c, err := s.source.Next()
		if errors.Is(err, io.EOF) {
			s.ended = true
			break
		}
		if err != nil {
			return 0, &partError{s.name, err}
		}
		if c.N > 0 {
			s.chunk = c
		}
	}
	if s.chunk == nil {
		return 0, nil
	}
	return s.chunk.N - s.used, nil
}

// hand puts n rows of the side's columns into those of the whole.
func (s *side) hand(columns []column.Column, n int) {
	for i, to := range s.to {
		columns[to] = slice(&s.chunk.Columns[i], s.used, s.used+n)
	}
	s.used += n
}

// slice returns some rows of a column, in the same memory.
func slice(c *column.Column, from, to int) column.Column {
	width := max(c.Width, 1)
	return column.Column{Width: c.Width, Int: within(c.Int, from, to), Bool: within(c.Bool, from, to), Text: within(c.Text, from, to), Null: within(c.Null, from, to),
		F16: within(c.F16, from*width, to*width), F32: within(c.F32, from*width, to*width), F64: within(c.F64, from*width, to*width)}
}

func within[T any](s []T, from, to int) []T {
	if s == nil {
		return nil
	}
	return s[from:to]
}

// unequal is the error of sides with unequal numbers of rows, nil if all have ended.
func (z *joined) unequal() error {
	first := -1
	for i := range z.sides {
		s := &z.sides[i]
		if s.want == nil {
			continue
		}
		for !s.ended {
			n, err := s.left()
			if err != nil {
				return err
			}
			s.used += n
		}
		if first < 0 {
			first = i
		} else if other := &z.sides[first]; other.rows != s.rows {
			return column.Errorf("", -1, "%s has %d rows, but %s has %d", other.name, other.rows, s.name, s.rows)
		}
	}
	return nil
}

// Fault is that of any side.
func (z *joined) Fault(recovered any) error {
	for _, s := range z.sides {
		if f, ok := s.source.(faulter); ok {
			if err := f.Fault(recovered); err != nil {
				return err
			}
		}
	}
	return nil
}

// Close closes all sides.
func (z *joined) Close() error {
	var errs []error
	for _, s := range z.sides {
		errs = append(errs, s.source.Close())
	}
	return errors.Join(errs...)
}

var _ = fmt.Sprint
