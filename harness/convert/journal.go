package convert

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"abstain/datasets"
)

// journalName is the file that remembers which files are finished, and of what.
const journalName = ".converted.jsonl"

// entry is a finished file.
type entry struct {
	File  string `json:"file"`
	Key   string `json:"key"` // of what it was written from
	Rows  int    `json:"rows"`
	Bytes int64  `json:"bytes"`
	// What it was written from: the hash, and what the file system says of changes.
	Hash    string `json:"hash"`
	Changes string `json:"changes,omitempty"`
	Kind    string `json:"kind"`
	IDs     bool   `json:"ids"`

	there bool // it was finished before
}

// keyOf tells what a table's file depends on apart from the contents: the names and how
// they are read.
func keyOf(t datasets.Table, format string) string {
	return fmt.Sprintf("%d: %s %d %q %q %q %q %q %q %q", version, format, t.Seen.Size, t.Name, t.View(),
		t.Model, t.Dataset, t.Split, t.Condition, fmt.Sprint(t.Meta))
}

// version is raised when what is written changes.
const version = 2

// journal remembers the finished files of a folder. find and append may be called at the
// same time.
type journal struct {
	out     string
	mu      sync.Mutex
	entries map[string]entry // by file
	file    *os.File
}

// openJournal reads the journal of a folder, which may not be there yet. A last line that
// was cut short is no entry.
func openJournal(out string) (*journal, error) {
	if err := os.MkdirAll(out, 0o755); err != nil {
		return nil, err
	}
	j := &journal{out: out, entries: map[string]entry{}}
	name := filepath.Join(out, journalName)
	content, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	whole := bytes.LastIndexByte(content, '\n') + 1
	lines := bufio.NewScanner(bytes.NewReader(content[:whole]))
	lines.Buffer(nil, len(content)+1)
	for lines.Scan() {
		var e entry
		if json.Unmarshal(lines.Bytes(), &e) == nil {
			j.entries[e.File] = e
		}
	}
	if j.file, err = os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644); err != nil {
		return nil, err
	}
	return j, j.file.Truncate(int64(whole))
}

// find returns the entry of a table's file if it is finished and what it was written from
// is the same.
func (j *journal) find(file, key string, t datasets.Table) (entry, bool, error) {
	j.mu.Lock()
	e, ok := j.entries[file]
	j.mu.Unlock()
	if !ok || e.Key != key || !exists(filepath.Join(j.out, filepath.FromSlash(file)), e.Bytes) {
		return e, false, nil
	}
	if t.Seen.Changes != "" && t.Seen.Changes == e.Changes {
		return e, true, nil
	}
	hash, err := t.Hash()
	return e, hash == e.Hash, errors.Join(err, t.Unchanged())
}

func (j *journal) append(e entry) error {
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	_, err = j.file.Write(append(line, '\n'))
	return err
}

func (j *journal) close() error { return j.file.Close() }
