package datasets

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// manifestColumns are the columns that a manifest must have. Split and condition
// may be left out or empty; every further column is metadata of the model.
var manifestColumns = []string{"file", "model", "dataset"}

// manifest reads a manifest row by row. Messages count lines as a text editor
// does; the header is line 1.
type manifest struct {
	*opener
	name   string
	dir    string
	header []string
	files  map[string]int // line by path
}

// readManifest adds the tables that the manifest lists. A row that cannot be used
// is a problem of the corpus; an unreadable header is an error.
func (o *opener) readManifest(p string) error {
	f, err := o.fsys.Open(p)
	if err != nil {
		return &Error{Table: o.display(p), Row: -1, Err: cause(err)}
	}
	defer f.Close()
	m := manifest{opener: o, name: o.display(p), dir: path.Dir(p), files: map[string]int{}}
	r := newCSV(f)
	if m.header, err = readHeader(r); err != nil {
		return m.fail("", -1, err, "")
	}
	if err := m.checkHeader(); err != nil {
		return err
	}
	return m.readRows(r)
}

func newCSV(f io.Reader) *csv.Reader {
	r := csv.NewReader(f)
	r.FieldsPerRecord = -1
	r.ReuseRecord = true
	return r
}

func readHeader(r *csv.Reader) ([]string, error) {
	h, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the manifest is empty")
	}
	if err != nil {
		return nil, err
	}
	h = slices.Clone(h)
	h[0] = strings.TrimPrefix(h[0], "\ufeff")
	for i := range h {
		h[i] = strings.TrimSpace(h[i])
	}
	return h, nil
}

// isManifest reports whether a CSV file lists tables and is not a table itself.
func (o *opener) isManifest(p string) bool {
	f, err := o.fsys.Open(p)
	if err != nil {
		return false
	}
	defer f.Close()
	h, err := readHeader(newCSV(f))
	return err == nil && slices.Contains(h, "file") && slices.Contains(h, "model")
}

func (m *manifest) checkHeader() error {
	for i, h := range m.header {
		if h != "" && slices.Contains(m.header[:i], h) {
			return m.fail(h, -1, errors.New("appears twice in the header"), "")
		}
	}
	for _, c := range manifestColumns {
		if !slices.Contains(m.header, c) {
			return m.fail(c, -1, errors.New("is missing from the header"),
				"a manifest has the columns file, model, dataset, split, condition and any metadata; found: "+strings.Join(m.header, ", "))
		}
	}
	return nil
}

func (m *manifest) fail(column string, line int, err error, hint string) *Error {
	if line > 0 {
		err = fmt.Errorf("line %d: %w", line, err)
	}
	return &Error{Table: m.name, Column: column, Row: -1, Err: err, Hint: hint}
}

func (m *manifest) readRows(r *csv.Reader) error {
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil { // the error names its line; after it, nobody knows where the next row begins
			m.problem(m.fail("", -1, err, "the rows after this line were not read"))
			return nil
		}
		line, _ := r.FieldPos(0)
		if t, problem := m.row(record, line); problem != nil {
			m.problem(problem)
		} else if !m.add(t) {
			m.locate(line)
		}
	}
}

func (m *manifest) problem(err error) { m.corpus.Problems = append(m.corpus.Problems, err) }

// locate adds the manifest's line to the problem that add has just reported.
func (m *manifest) locate(line int) {
	last := len(m.corpus.Problems) - 1
	if e, ok := errors.AsType[*Error](m.corpus.Problems[last]); ok {
		m.corpus.Problems[last] = m.fail("", line, e.Err, "remove one of the rows or give it another model, split or condition")
	}
}

// row turns a record into a table.
func (m *manifest) row(record []string, line int) (Table, *Error) {
	t := Table{FS: m.fsys, Rows: -1, Split: defaultSplit, Condition: defaultCondition, Reading: m.reading}
	if len(record) != len(m.header) {
		return t, m.fail("", line, fmt.Errorf("%d cells where the header has %d", len(record), len(m.header)), "")
	}
	var file string
	for i, value := range record {
		value = strings.TrimSpace(strings.Clone(value)) // the record's memory is used again
		if problem := t.set(m.header[i], value, &file); problem != nil {
			return t, m.fail(m.header[i], line, problem, "")
		}
	}
	if t.Model == "" {
		return t, m.fail("model", line, errors.New("is empty"), "every table needs the name of its model")
	}
	if t.Declared = t.Dataset != ""; !t.Declared {
		t.Dataset = m.root
	}
	return t, m.find(&t, file, line)
}

// set takes one cell of a row.
func (t *Table) set(column, value string, file *string) error {
	switch column {
	case "file":
		*file = value
	case "model":
		t.Model = value
	case "dataset":
		t.Dataset = value
	case "split":
		t.Split = orDefault(value, defaultSplit)
	case "condition":
		t.Condition = orDefault(value, defaultCondition)
	case "rows":
		return t.setRows(value)
	default:
		if column != "" && value != "" {
			t.Meta = append(t.Meta, Pair{column, value})
		}
	}
	return nil
}

func (t *Table) setRows(value string) error {
	if value == "" {
		return nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return fmt.Errorf("%q is no number of rows", value)
	}
	t.Rows = n
	return nil
}

// find finds the file of a row; paths are relative to the manifest.
func (m *manifest) find(t *Table, file string, line int) *Error {
	if file == "" {
		return m.fail("file", line, errors.New("is empty"), "")
	}
	t.Path = path.Join(m.dir, file)
	if path.IsAbs(file) || !fs.ValidPath(t.Path) {
		return m.fail("file", line, fmt.Errorf("%q does not lie below the manifest's folder", file), "paths are relative to the manifest, with forward slashes")
	}
	if first, twice := m.files[t.Path]; twice {
		return m.fail("file", line, fmt.Errorf("%q is already listed in line %d", file, first), "")
	}
	m.files[t.Path] = line
	t.Name = m.display(t.Path)
	st, err := fs.Stat(m.fsys, t.Path)
	if err != nil {
		return m.fail("file", line, fmt.Errorf("%q: %w", file, cause(err)), "the manifest and the folder do not belong together, or the file was moved")
	}
	if st.IsDir() {
		return m.fail("file", line, fmt.Errorf("%q is a folder", file), "")
	}
	t.Size = st.Size()
	return nil
}
