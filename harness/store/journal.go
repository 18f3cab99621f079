package store

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"abstain/datasets"
	"abstain/harness/pool"
)

// Journal keeps one record per table in a file of JSON lines. A record is
// appended as soon as its table is done, in one write, so that a crash loses at
// most the tables that were being computed. On opening, a last line that was cut
// short is dropped. Its methods may be called at the same time, except Begin and
// Close.
type Journal struct {
	path  string
	whole int64 // bytes of the whole lines read

	mu      sync.Mutex
	file    *os.File
	lines   int // in the file, replaced records included
	records map[string]*Record
	paths   map[string]*Record // by path: files that have not changed need not be hashed
	sizes   map[int64]bool     // of the tables of earlier runs: files of other sizes are new and need not be hashed
}

// ReadJournal reads the journal in dir, which is empty if there is none. Records of
// another format are passed over.
// Nothing is changed on the disk before Begin.
func ReadJournal(dir string) (*Journal, error) {
	j := &Journal{path: filepath.Join(dir, "journal.jsonl"),
		records: map[string]*Record{}, paths: map[string]*Record{}, sizes: map[int64]bool{}}
	content, err := os.ReadFile(j.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	whole := bytes.LastIndexByte(content, '\n') + 1
	lines := bufio.NewScanner(bytes.NewReader(content[:whole]))
	lines.Buffer(nil, len(content)+1)
	for n := 1; lines.Scan(); n++ {
		r := new(Record)
		if err := json.Unmarshal(lines.Bytes(), r); err != nil {
			return nil, fmt.Errorf("%s: line %d: %w (delete that line; its table is then computed again)", j.path, n, err)
		}
		if r.Format != format {
			j.lines++ // computed anew, and left out when the file is next written
			continue
		}
		j.remember(r)
		j.sizes[r.Size] = true
	}
	j.whole = int64(whole)
	return j, nil
}

// Begin opens the file for new records and removes a last line that was cut
// short.
func (j *Journal) Begin() (err error) {
	if err := os.MkdirAll(filepath.Dir(j.path), 0o755); err != nil {
		return err
	}
	j.file, err = os.OpenFile(j.path, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	return j.file.Truncate(j.whole)
}

func (j *Journal) remember(r *Record) {
	j.lines++
	j.records[r.Key] = r
	j.paths[r.Path] = r
}

// Lookup returns the record with that key, or nil.
func (j *Journal) Lookup(key string) *Record {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.records[key]
}

// HashOf returns the content hash of the table at path, as long as its files have
// the same size and time of modification as when they were hashed; else "".
func (j *Journal) HashOf(path string, now datasets.Stamp) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	r := j.paths[path]
	if r == nil || r.ModTime == 0 || r.Size != now.Size || r.ModTime != now.ModTime.UnixNano() {
		return ""
	}
	return r.Hash
}

// HasSize reports whether an earlier run had a table of that size.
func (j *Journal) HasSize(size int64) bool { return j.sizes[size] }

// Append adds the record to the file. An error ends the run.
func (j *Journal) Append(r *Record) error {
	line, err := json.Marshal(r)
	if err != nil {
		return pool.Stop(err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.remember(r)
	_, err = j.file.Write(append(line, '\n'))
	return pool.Stop(err)
}

// Close writes the file through to the disk. If later lines have replaced most of
// its lines, the file is rewritten without those.
func (j *Journal) Close() error {
	err := errors.Join(j.file.Sync(), j.file.Close())
	if err != nil || j.lines <= 2*len(j.records) {
		return err
	}
	var b bytes.Buffer
	for _, key := range slices.Sorted(maps.Keys(j.records)) {
		line, err := json.Marshal(j.records[key])
		if err != nil {
			return err
		}
		b.Write(append(line, '\n'))
	}
	return WriteFile(j.path, b.Bytes())
}
