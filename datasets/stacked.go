package datasets

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"abstain/datasets/column"
)

// A stacked file has the rows of several models one after the other, or mixed, and a
// column that says whose each row is. Each model is a section, so that it is a table of
// its own.

// stackColumns are the columns that tell tables apart, by their names in lower case.
var stackColumns = map[string]string{"model": "model", "model_name": "model", "dataset": "dataset", "split": "split", "condition": "condition"}

// maxStacked is how many tables may be in one file. More are not models.
const maxStacked = 100_000

// stackKey is a column that tells tables apart.
type stackKey struct {
	column.Want
	name string // as stored
	key  string // what it tells: model, dataset, split or condition
}

// stackKeys finds the columns that tell tables apart.
func stackKeys(fields []column.Field) []stackKey {
	var keys []stackKey
	for i, f := range fields {
		key := stackColumns[strings.ToLower(f.Name)]
		if key == "" || slices.ContainsFunc(keys, func(k stackKey) bool { return k.key == key }) {
			continue
		}
		kind := f.Kind
		if kind == column.Untyped {
			kind = column.Text
		}
		if kind == column.Text || kind == column.Int {
			keys = append(keys, stackKey{column.Want{Field: i, Kind: kind}, f.Name, key})
		}
	}
	return keys
}

// stacks reads the columns that tell tables apart and lists the tables, in the order of
// their first rows; nil if all rows are of one.
func stacks(source column.Source) ([]column.Section, error) {
	keys := stackKeys(source.Fields())
	if !slices.ContainsFunc(keys, func(k stackKey) bool { return k.key == "model" || k.key == "split" }) {
		return nil, nil
	}
	if err := source.Select(wants(keys)); err != nil {
		return nil, err
	}
	var found []column.Section
	seen := map[string]bool{}
	for {
		c, err := source.Next()
		if errors.Is(err, io.EOF) {
			return worthTelling(found), nil
		}
		if err != nil {
			return nil, err
		}
		for row := range c.N {
			s, err := sectionOf(c, keys, row)
			if err != nil {
				err.Line = lineOf(source, err.Row)
				return nil, err
			}
			if !seen[s.Name] {
				seen[s.Name], found = true, append(found, s)
			}
			if len(found) > maxStacked {
				return nil, column.Errorf(keys[0].name, c.First+row, "has more than %d values, so it does not name models", maxStacked)
			}
		}
	}
}

func wants(keys []stackKey) []column.Want {
	list := make([]column.Want, len(keys))
	for i, k := range keys {
		list[i] = k.Want
	}
	return list
}

// worthTelling returns the tables of a stacked file, named by what differs between them;
// nil if the file is not stacked: the models are the same, and so are the splits, or
// what is called split is something else.
func worthTelling(found []column.Section) []column.Section {
	differs := map[string]bool{}
	splits := true
	for _, s := range found {
		for i, p := range s.Meta {
			differs[p.Key] = differs[p.Key] || p.Value != found[0].Meta[i].Value
			splits = splits && (p.Key != "split" || splitOf(p.Value) != "")
		}
	}
	if !differs["model"] && !(differs["split"] && splits) {
		return nil
	}
	return found
}

// sectionOf is the section that a row belongs to.
func sectionOf(c *column.Chunk, keys []stackKey, row int) (s column.Section, err *column.Error) {
	var parts []string
	for i, k := range keys {
		value := cell(&c.Columns[i], row)
		if value == "" {
			return s, column.Errorf(k.name, c.First+row, "is empty, so nothing says which %s the row belongs to", k.key)
		}
		s.Meta = append(s.Meta, column.Pair{Key: k.key, Value: value})
		parts = append(parts, k.key+"="+escaped.Replace(value))
	}
	s.Name = strings.Join(parts, ",")
	return s, nil
}

var (
	escaped   = strings.NewReplacer("%", "%25", ",", "%2C", "=", "%3D")
	unescaped = strings.NewReplacer("%25", "%", "%2C", ",", "%3D", "=")
)

// cell is a value as text; "" if it is missing.
func cell(c *column.Column, row int) string {
	switch {
	case c.Null != nil && c.Null[row]:
		return ""
	case c.Text != nil:
		return c.Text[row]
	}
	return strconv.FormatInt(c.Int[row], 10)
}

// stacked leaves only the rows of one section of a source.
type stacked struct {
	column.Source
	keys   []stackKey
	values []string
	at     []int // places of the keys among the columns that are read

	chunk column.Chunk
	own   []column.Column // memory of the chunk
	rows  []int           // of the section in the source's chunk, as numbers in that
	from  int             // first row of that chunk
	next  int             // first row of the next chunk in the section
}

// newStacked leaves only the rows of a section.
func newStacked(source column.Source, section string) (*stacked, error) {
	s := &stacked{Source: source}
	keys := stackKeys(source.Fields())
	for _, p := range strings.Split(section, ",") {
		key, value, _ := strings.Cut(p, "=")
		i := slices.IndexFunc(keys, func(k stackKey) bool { return k.key == key })
		if i < 0 {
			return nil, fmt.Errorf("there is no column %q, so no section %q", key, section)
		}
		s.keys, s.values = append(s.keys, keys[i]), append(s.values, unescaped.Replace(value))
	}
	return s, nil
}

// Select says which columns Next reads, beside those that tell tables apart.
func (s *stacked) Select(want []column.Want) error {
	all := slices.Clone(want)
	for _, k := range s.keys {
		at := slices.Index(all, k.Want)
		if at < 0 {
			at, all = len(all), append(all, k.Want)
		}
		s.at = append(s.at, at)
	}
	s.own = make([]column.Column, len(want))
	s.chunk.Columns = make([]column.Column, len(want))
	return s.Source.Select(all)
}

// KeepHalf passes the wish on.
func (s *stacked) KeepHalf() {
	if h, ok := s.Source.(interface{ KeepHalf() }); ok {
		h.KeepHalf()
	}
}

// Fault is that of the source.
func (s *stacked) Fault(recovered any) error {
	if f, ok := s.Source.(faulter); ok {
		return f.Fault(recovered)
	}
	return nil
}

// Next returns the next rows of the section.
func (s *stacked) Next() (*column.Chunk, error) {
	for {
		c, err := s.Source.Next()
		if err != nil {
			return nil, err
		}
		s.rows = s.rows[:0]
		for row := range c.N {
			if s.owns(c, row) {
				s.rows = append(s.rows, row)
			}
		}
		if len(s.rows) > 0 {
			return s.take(c), nil
		}
	}
}

func (s *stacked) owns(c *column.Chunk, row int) bool {
	for i, at := range s.at {
		if cell(&c.Columns[at], row) != s.values[i] {
			return false
		}
	}
	return true
}

// take makes a chunk of the section's rows, which keeps the memory of c if those are all.
func (s *stacked) take(c *column.Chunk) *column.Chunk {
	s.from = c.First
	s.chunk.First, s.chunk.N = s.next, len(s.rows)
	s.next += len(s.rows)
	for i := range s.chunk.Columns {
		if s.chunk.Columns[i] = c.Columns[i]; len(s.rows) < c.N {
			s.chunk.Columns[i] = gather(&s.own[i], &c.Columns[i], s.rows)
		}
	}
	return &s.chunk
}

// gather copies rows of a column into the memory of another.
func gather(own, c *column.Column, rows []int) column.Column {
	own.Int, own.Bool, own.Text = pick(own.Int, c.Int, rows, 1), pick(own.Bool, c.Bool, rows, 1), pick(own.Text, c.Text, rows, 1)
	width := max(c.Width, 1)
	own.F16, own.F32, own.F64 = pick(own.F16, c.F16, rows, width), pick(own.F32, c.F32, rows, width), pick(own.F64, c.F64, rows, width)
	own.Width, own.Null = c.Width, pick(own.Null, c.Null, rows, 1)
	return *own
}

// pick copies rows of width values each; nil stays nil.
func pick[T any](dst, src []T, rows []int, width int) []T {
	if src == nil {
		return nil
	}
	dst = column.Grow(dst, len(rows)*width)
	for i, row := range rows {
		copy(dst[i*width:(i+1)*width], src[row*width:(row+1)*width])
	}
	return dst
}

// Notes are those of the whole file.
func (s *stacked) Notes() []string { return notesOf(s.Source) }

// Place says where in the file a row of the section stands; only rows of the last chunk
// can be asked for.
func (s *stacked) Place(row int) (file string, at int) {
	row = s.inFile(row)
	if p, ok := s.Source.(placer); ok {
		return p.Place(row)
	}
	return "", row
}

// Line is the line at which a row of the section begins, if it is one of the last chunk.
func (s *stacked) Line(row int) int { return lineOf(s.Source, s.inFile(row)) }

// inFile is the row of the source that is a row of the section in the last chunk.
func (s *stacked) inFile(row int) int {
	if i := row - s.chunk.First; i >= 0 && i < len(s.rows) {
		return s.from + s.rows[i]
	}
	return row
}
