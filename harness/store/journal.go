package harness

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"abstain/metrics"
)

// record is everything computed of one table. Records are keyed by content, not
// by name: a table that was renamed or moved is not computed again.
type record struct {
	Key     string `json:"key"`  // content hash and what else decides the numbers
	Path    string `json:"path"` // where the table was when it was last read
	Size    int64  `json:"size"`
	ModTime int64  `json:"mtime"` // ns; 0 where the file system keeps none
	Hash    string `json:"hash"`
	N       int    `json:"n"`
	Outside int    `json:"outside"` // samples with label -1
	Classes int    `json:"classes"`
	Samples string `json:"samples"` // digest of the sample ids, whatever their order
	Labels  string `json:"labels"`  // digest of ids with labels; "" if the table has no labels
	HasIDs  bool   `json:"has_ids"`
	Stored  bool   `json:"stored"` // a score-only table: its one confidence function is "stored"
	// Available are the confidence functions the table can give, Attributes
	// its group columns.
	Available  []string `json:"available"`
	Attributes []string `json:"attributes,omitempty"`
	// Designs are digests of the clusters or strata, by Intervals.sampling.
	Designs map[string]string `json:"designs,omitempty"`
	// Margin says that the stored confidence is no probability.
	Margin bool `json:"margin,omitempty"`

	// Of a table under a transform: its id, how it was fitted, how many of the
	// table's samples were fitted on and so are not among the N, and whether it
	// replaces the one confidence available.
	Transform string      `json:"transform,omitempty"`
	Fits      []fitRecord `json:"fits,omitempty"`
	Dropped   int         `json:"dropped,omitempty"`
	Replaced  bool        `json:"replaced,omitempty"`

	// Cells hold the estimates by confidence function and metric.
	Cells map[string]cells `json:"cells"`
	// Groups holds the same by attribute and level.
	Groups map[string]map[string]groupCells `json:"groups,omitempty"`
}

// cells are estimates by metric id and version.
type cells map[string]cell

// groupCells are the cells of one level of an attribute.
type groupCells struct {
	N     int              `json:"n"`
	Cells map[string]cells `json:"cells"`
}

// cell is an estimate as it is kept.
type cell struct {
	Value    value    `json:"v"`
	N        int      `json:"n"`
	Notes    []string `json:"notes,omitempty"`
	Interval []value  `json:"i,omitempty"` // lower and upper bound, level
}

func newCell(e metrics.Estimate) cell {
	c := cell{Value: value(e.Value), N: e.N, Notes: e.Notes}
	if e.Level > 0 {
		c.Interval = []value{value(e.Lo), value(e.Hi), value(e.Level)}
	}
	return c
}

func (c cell) estimate() metrics.Estimate {
	e := metrics.Estimate{Value: float64(c.Value), Lo: math.NaN(), Hi: math.NaN(), N: c.N, Notes: c.Notes}
	if len(c.Interval) == 3 {
		e.Lo, e.Hi, e.Level = float64(c.Interval[0]), float64(c.Interval[1]), float64(c.Interval[2])
	}
	return e
}

// value is a float64 whose JSON is null where it is undefined and text where it
// is infinite, since JSON numbers are neither.
type value float64

// MarshalJSON implements json.Marshaler.
func (v value) MarshalJSON() ([]byte, error) {
	switch f := float64(v); {
	case math.IsNaN(f):
		return []byte("null"), nil
	case math.IsInf(f, 0):
		return json.Marshal(number(f))
	default:
		return json.Marshal(f)
	}
}

// UnmarshalJSON implements json.Unmarshaler.
func (v *value) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*v = value(math.NaN())
		return nil
	}
	f, err := strconv.ParseFloat(strings.Trim(string(b), `"`), 64)
	*v = value(f)
	return err
}

// journal keeps one record per table in a file of JSON lines. A record is
// appended as soon as its table is done, in one write, so that a crash costs at
// most the tables in flight; a torn last line is dropped on opening.
type journal struct {
	path  string
	whole int64 // bytes of whole lines read

	mu      sync.Mutex
	file    *os.File
	lines   int // in the file, replaced records included
	records map[string]*record
	paths   map[string]*record // by path, to spare hashing files that have not changed
	sizes   map[int64]bool     // of the tables of earlier runs, to spare hashing files that are new
}

// readJournal reads the journal in dir, which is empty if there is none.
// Nothing is changed on the disk before begin.
func readJournal(dir string) (*journal, error) {
	j := &journal{path: filepath.Join(dir, "journal.jsonl"),
		records: map[string]*record{}, paths: map[string]*record{}, sizes: map[int64]bool{}}
	content, err := os.ReadFile(j.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	whole := bytes.LastIndexByte(content, '\n') + 1
	lines := bufio.NewScanner(bytes.NewReader(content[:whole]))
	lines.Buffer(nil, len(content)+1)
	for n := 1; lines.Scan(); n++ {
		r := new(record)
		if err := json.Unmarshal(lines.Bytes(), r); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w (delete that line; its table is then computed again)", j.path, n, err)
		}
		j.keep(r)
		j.sizes[r.Size] = true
	}
	j.whole = int64(whole)
	return j, nil
}

// begin opens the file for records to come, cutting off a torn last line.
func (j *journal) begin() (err error) {
	if err := os.MkdirAll(filepath.Dir(j.path), 0o755); err != nil {
		return err
	}
	j.file, err = os.OpenFile(j.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	return j.file.Truncate(j.whole)
}

func (j *journal) keep(r *record) {
	j.lines++
	j.records[r.Key] = r
	j.paths[r.Path] = r
}

// lookup returns the record of that key, or nil.
func (j *journal) lookup(key string) *record {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.records[key]
}

// unchanged returns the content hash of the file if it has the size and time
// of modification with which it was last hashed, or "".
func (j *journal) unchanged(path string, info fs.FileInfo) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	r := j.paths[path]
	if r == nil || r.ModTime == 0 || r.Size != info.Size() || r.ModTime != info.ModTime().UnixNano() {
		return ""
	}
	return r.Hash
}

// hasSize reports whether an earlier run had a table of that size.
func (j *journal) hasSize(size int64) bool { return j.sizes[size] }

// append adds the record to the file.
func (j *journal) append(r *record) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.keep(r)
	_, err = j.file.Write(append(line, '\n'))
	return err
}

// close brings the file to the disk. When most of its lines have been replaced
// by later ones it is written anew without them.
func (j *journal) close() error {
	err := errors.Join(j.file.Sync(), j.file.Close())
	if err != nil || j.lines <= 2*len(j.records) {
		return err
	}
	var b bytes.Buffer
	for _, key := range sortedKeys(j.records) {
		line, err := json.Marshal(j.records[key])
		if err != nil {
			return err
		}
		b.Write(append(line, '\n'))
	}
	return writeFile(j.path, b.Bytes())
}
