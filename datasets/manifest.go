package datasets

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/hex"
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

// A column dataset_by says "folder" of tables whose dataset is only a folder's name, as if
// nobody had said it; abstain convert writes it.
const (
	datasetBy = "dataset_by"
	byFolder  = "folder"
)

// manifest reads a manifest row by row. Messages count lines as a text editor
// does; the header is line 1.
type manifest struct {
	*opener
	name   string
	dir    string
	header []string
	files  map[string]int // line by path, with the section and the reading if there are any

	folders map[string]*folder // by path, if arrays or numbered files are listed
}

// readManifest adds the tables that the manifest lists. A row that cannot be used
// is a problem of the corpus; an unreadable header is an error.
func (o *opener) readManifest(p string) error {
	f, err := o.fsys.Open(p)
	if err != nil {
		return &Error{Table: o.display(p), Row: -1, Err: cause(err)}
	}
	defer f.Close()
	m := manifest{opener: o, name: o.display(p), dir: path.Dir(p), files: map[string]int{}, folders: map[string]*folder{}}
	r := newCSV(f)
	if m.header, err = readHeader(r); err != nil {
		return m.fail("", -1, err, "")
	}
	if err := m.checkHeader(); err != nil {
		return err
	}
	o.corpus.Manifest, o.corpus.dir = m.name, m.dir
	first := len(o.corpus.Tables)
	if err := m.readRows(r); err != nil {
		return err
	}
	m.joinArrays(first)
	return nil
}

func newCSV(f io.Reader) *csv.Reader {
	r := csv.NewReader(&shortLines{src: f})
	r.FieldsPerRecord = -1
	r.ReuseRecord = true
	return r
}

// maxManifestLine is how many bytes a line of a manifest may have.
const maxManifestLine = 1 << 20

// shortLines reads text and fails at a line that is too long to be one of a manifest: the
// CSV reader would hold all of it.
type shortLines struct {
	src  io.Reader
	long int // bytes since the last line end
}

func (l *shortLines) Read(p []byte) (int, error) {
	n, err := l.src.Read(p[:min(len(p), maxManifestLine)])
	if at := bytes.LastIndexByte(p[:n], '\n'); at >= 0 {
		l.long = n - 1 - at
	} else if l.long += n; l.long > maxManifestLine {
		return 0, fmt.Errorf("a line is longer than %d MB, so this is no manifest", maxManifestLine>>20)
	}
	return n, err
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

// locate adds the manifest's line to the problem that add has just reported.
func (m *manifest) locate(line int) {
	last := len(m.corpus.Problems) - 1
	if e, ok := errors.AsType[*Error](m.corpus.Problems[last]); ok {
		m.corpus.Problems[last] = m.fail("", line, e.Err, "remove one of the rows or give it another model, split or condition")
	}
}

// row turns a record into a table.
func (m *manifest) row(record []string, line int) (Table, *Error) {
	t := Table{FS: m.fsys, Rows: -1, Split: defaultSplit, Condition: defaultCondition, Declared: true, Reading: m.reading}
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
	if t.Dataset == "" {
		t.Dataset, t.Declared = m.root, false
	}
	return t, m.locateFile(&t, file, line)
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
		t.Split = cmp.Or(value, defaultSplit)
	case "condition":
		t.Condition = cmp.Or(value, defaultCondition)
	case "rows":
		return t.setRows(value)
	case digestColumn:
		return t.setDigest(value)
	case "section":
		t.Section = value
	case datasetBy:
		t.Declared = value != byFolder
	case "logits", "probs", "prediction", "confidence", "correct", "label", "labels", "sample_id", "ids":
		if value != "" {
			t.Reading = t.Reading.With(Meta{{partNamed(column), value}})
		}
	case "columns":
		said, err := ParseColumns(value)
		t.Reading = t.Reading.With(said)
		return err
	case "labels_from":
		return t.setFrom(value)
	default:
		if column != "" && value != "" {
			t.Meta = append(t.Meta, Pair{column, value})
		}
	}
	return nil
}

// partNamed is the part of a table that a manifest's column names.
func partNamed(column string) string {
	switch column {
	case "labels":
		return "label"
	case "ids":
		return "sample_id"
	}
	return column
}

func (t *Table) setFrom(value string) (err error) {
	if value != "" {
		t.Reading.LabelsFrom, err = ParseLabelsFrom(value)
	}
	return err
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

// digestColumn has the digests of the tables' files in a manifest: the hash of Table.Hash
// behind the name of the function, as xxh128sum computes it.
const (
	digestColumn = "digest"
	digestKind   = "xxh128:"
)

func (t *Table) setDigest(value string) error {
	if value == "" {
		return nil
	}
	digits, ok := strings.CutPrefix(value, digestKind)
	if _, err := hex.DecodeString(digits); !ok || err != nil || len(digits) != 32 {
		return fmt.Errorf("%q is no digest: want %s and 32 hexadecimal digits, as abstain check --write-digests writes them", value, digestKind)
	}
	t.Digest = strings.ToLower(digits)
	return nil
}

// withDigests returns the manifest with the columns rows and digest, which of gives for a
// file (as the manifest names it) and its section, if it has one; where it knows none, the
// cells stay as they are. All else stays as it is.
func withDigests(manifest []byte, of func(file, section string) (rows int, digest string, ok bool)) ([]byte, error) {
	r := csv.NewReader(bytes.NewReader(manifest))
	r.FieldsPerRecord = -1
	lines, err := r.ReadAll()
	if err != nil || len(lines) == 0 {
		return nil, cmp.Or(err, errors.New("the manifest is empty"))
	}
	header := lines[0]
	column := func(name string) int {
		return slices.IndexFunc(header, func(h string) bool { return strings.TrimSpace(strings.TrimPrefix(h, "\ufeff")) == name })
	}
	for _, name := range []string{"rows", digestColumn} {
		if column(name) < 0 {
			header = append(header, name)
		}
	}
	lines[0] = header
	file, section, rows, digest := column("file"), column("section"), column("rows"), column(digestColumn)
	for i, line := range lines[1:] {
		if file < 0 || file >= len(line) {
			continue
		}
		for len(line) < len(header) {
			line = append(line, "")
		}
		in := ""
		if section >= 0 {
			in = strings.TrimSpace(line[section])
		}
		if n, sum, ok := of(strings.TrimSpace(line[file]), in); ok {
			line[rows], line[digest] = strconv.Itoa(n), sum
		}
		lines[i+1] = line
	}
	var b bytes.Buffer
	err = csv.NewWriter(&b).WriteAll(lines)
	return b.Bytes(), err
}

// locateFile finds the file of a row; paths are relative to the manifest.
func (m *manifest) locateFile(t *Table, file string, line int) *Error {
	if file == "" {
		return m.fail("file", line, errors.New("is empty"), "")
	}
	t.Path = path.Join(m.dir, file)
	if path.IsAbs(file) || !fs.ValidPath(t.Path) {
		return m.fail("file", line, fmt.Errorf("%q does not lie below the manifest's folder", file), "paths are relative to the manifest, with forward slashes")
	}
	key := t.Path
	if view := t.View(); view != "" {
		key += " " + view
	}
	if first, twice := m.files[key]; twice {
		return m.fail("file", line, fmt.Errorf("%q is already listed in line %d", file, first), "")
	}
	m.files[key] = line
	t.Name = m.display(t.Path)
	if t.Section != "" {
		t.Name += " [" + t.Section + "]"
	}
	st, err := fs.Stat(m.fsys, t.Path)
	if err != nil {
		return m.fail("file", line, fmt.Errorf("%q: %w", file, cause(err)), "the manifest and the folder do not belong together, or the file was moved")
	}
	if st.IsDir() {
		return m.fail("file", line, fmt.Errorf("%q is a folder", file), "")
	}
	if kind := irregular(st.Mode()); kind != "" {
		return m.fail("file", line, fmt.Errorf("%q is %s, not a file", file, kind), "")
	}
	t.Size = st.Size()
	t.Classes = m.classes(m.folder(path.Dir(t.Path)))
	return m.joinNumbered(t, file, line)
}

// joinNumbered adds to a table the files that continue the listed one, which is any of
// them.
func (m *manifest) joinNumbered(t *Table, file string, line int) *Error {
	n, ok := ordinalName(stem(file), false)
	if !ok || n.of < 2 {
		return nil
	}
	f := m.folder(path.Dir(t.Path))
	s := &fileSet{name: n.name}
	for _, base := range f.files {
		if other, ok := ordinalName(stem(base), false); ok && other.name == n.name && other.kind == n.kind && ending(base) == ending(file) {
			s.files, s.numbers = append(s.files, base), append(s.numbers, other)
		}
	}
	if s.order(); s.err != nil {
		return m.fail("file", line, s.err, "")
	}
	m.continued(t, f, s)
	for _, p := range t.Parts {
		m.files[p.Path] = line
	}
	return nil
}

// folder lists the arrays of a folder below the manifest's, and of those between, once.
func (m *manifest) folder(dir string) *folder {
	if f, ok := m.folders[dir]; ok {
		return f
	}
	f := &folder{path: dir}
	m.folders[dir] = f
	if dir != m.dir && dir != "." {
		f.up = m.folder(path.Dir(dir))
	}
	entries, err := fs.ReadDir(m.fsys, dir)
	if err != nil {
		return f // its files are then not found either, which their rows say
	}
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") || e.IsDir() {
			continue
		}
		f.files = append(f.files, name)
		switch {
		case ending(name) == arrayEnding:
			f.arrays = append(f.arrays, nameArray(name, Reading{}))
		case classFiles[strings.ToLower(name)]:
			f.classFile = name
		}
	}
	return f
}

// joinArrays puts labels, ids and attributes beside the arrays that the manifest lists,
// in tables from the first on. No listed array is opened; those that all share are,
// once.
func (m *manifest) joinArrays(first int) {
	listed := m.corpus.Tables[first:]
	for _, t := range listed {
		if ending(t.Path) == arrayEnding {
			m.array(t.Path).listed = true
		}
	}
	m.corpus.Tables = m.corpus.Tables[:first]
	for _, t := range listed {
		if ending(t.Path) == arrayEnding {
			if err := m.joinArray(&t); err != nil {
				m.problem(tableError(t.Name, err))
				continue
			}
		}
		m.corpus.Tables = append(m.corpus.Tables, t)
	}
}

// array is an array by its path.
func (m *manifest) array(p string) *array {
	f := m.folder(path.Dir(p))
	if f.byBase == nil {
		f.byBase = map[string]*array{}
		for _, a := range f.arrays {
			f.byBase[a.base] = a
		}
	}
	if a := f.byBase[path.Base(p)]; a != nil {
		return a
	}
	return &array{base: path.Base(p)}
}

// joinArray puts labels, ids and attributes beside a listed array.
func (m *manifest) joinArray(t *Table) error {
	main := *m.array(t.Path)
	if w := nameArray(main.base, t.Reading); w.column != "" {
		main.column = w.column
	}
	f := m.folder(path.Dir(t.Path))
	s := &arraySet{name: main.name, arrays: []*array{&main}}
	t.Parts = []Part{m.part(f, &main, cmp.Or(main.column, "outputs"))}
	return m.shareArrays(f, s, &main, t, &origin{split: t.Split})
}
