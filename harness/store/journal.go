package store

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"abstain/datasets"
	"abstain/harness/disk"
	"abstain/harness/pool"

	"github.com/zeebo/xxh3"
)

// Journal keeps one record per table in a file of JSON lines, each with the digest of
// its record. A record is appended as soon as its table is done, so that a crash loses at
// most the tables that were being computed; within a few seconds it is on the disk. On
// opening, a line whose digest does not check out is passed over. Its methods may be
// called at the same time, except those of a Store that begin and close it.
type Journal struct {
	path    string
	damaged int  // lines
	earlier bool // it is of a version before there were digests

	mu      sync.Mutex
	file    *os.File
	stamp   os.FileInfo // of the file that was read
	end     int64       // bytes of the whole lines
	lines   int         // in the file, replaced and damaged ones included
	records map[string]*Record
	paths   map[string]*Record // by path: files that have not changed need not be hashed
	sizes   map[int64]bool     // of the tables of earlier runs: files of other sizes are new and need not be hashed

	others  func() error // brings what the records are about to the disk
	syncing *time.Timer  // nil if nothing is to be brought to the disk
	failed  error        // of that
}

// syncAfter is how long a record may be in memory only.
const syncAfter = 2 * time.Second

// ReadJournal reads the journal in dir, which is empty if there is none. Lines that are
// damaged and records of another format are passed over, and estimates which their metric
// cannot have are left out. Nothing is changed on the disk.
func ReadJournal(dir string) (*Journal, error) {
	j := &Journal{path: filepath.Join(dir, "journal.jsonl")}
	return j, j.read()
}

func (j *Journal) read() error {
	j.records, j.paths, j.sizes = map[string]*Record{}, map[string]*Record{}, map[int64]bool{}
	j.damaged, j.lines, j.end = 0, 0, 0
	f, err := os.Open(j.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if j.stamp, err = f.Stat(); err != nil {
		return err
	}
	content, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	undigested := 0
	for rest := content; ; {
		end := bytes.IndexByte(rest, '\n')
		if end < 0 {
			break
		}
		line := rest[:end]
		rest, j.end = rest[end+1:], j.end+int64(end)+1
		j.lines++
		r, ok := parseLine(line)
		switch {
		case !ok:
			j.damaged++
			if r != nil {
				undigested++
			}
		case r.Format == format: // another is computed anew, and left out when the file is next written
			r.prune()
			j.remember(r)
			j.sizes[r.Size] = true
		}
	}
	j.earlier = undigested > 0 && undigested == j.lines
	return nil
}

func (j *Journal) remember(r *Record) {
	j.records[r.Key] = r
	if r.Transform == "" {
		j.paths[r.Path] = r
	}
}

// digested begins a line; its digest and the record follow.
const digested = `{"digest":"`

// lineOf is a record as a line: its JSON with the digest of that before everything.
func lineOf(r *Record) ([]byte, error) {
	record, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	sum := xxh3.Hash128(record).Bytes()
	line := append(make([]byte, 0, len(record)+64), digested...)
	line = hex.AppendEncode(line, sum[:])
	line = append(line, `",`...)
	line = append(line, record[1:]...)
	return append(line, '\n'), nil
}

// parseLine is the reverse of lineOf. It is not ok if the digest does not check out; the
// record then is nil, unless the line is one of a version before there were digests.
func parseLine(line []byte) (r *Record, ok bool) {
	rest, ok := bytes.CutPrefix(line, []byte(digested))
	if !ok {
		r = new(Record)
		if json.Unmarshal(line, r) != nil || r.Key == "" || r.Format == "" || bytes.Contains(line, []byte(`"digest"`)) {
			return nil, false
		}
		return r, false
	}
	if len(rest) < 34 || string(rest[32:34]) != `",` {
		return nil, false
	}
	record := append([]byte{'{'}, rest[34:]...)
	sum := xxh3.Hash128(record).Bytes()
	if string(rest[:32]) != hex.EncodeToString(sum[:]) {
		return nil, false
	}
	r = new(Record)
	return r, json.Unmarshal(record, r) == nil
}

// begin opens the file for new records and removes a last line that was cut short.
// others is called before records are brought to the disk.
func (j *Journal) begin(others func() error) (err error) {
	if j.earlier {
		j.earlier = false
		if err := j.read(); err != nil { // it was set aside
			return err
		}
	} else if now, err := os.Stat(j.path); err == nil && j.stamp != nil && (!os.SameFile(now, j.stamp) || now.Size() != j.stamp.Size()) {
		if err := j.read(); err != nil { // another process wrote it
			return err
		}
	}
	j.others = others
	if j.file, err = os.OpenFile(j.path, os.O_CREATE|os.O_WRONLY, 0o644); err != nil {
		return err
	}
	if err := j.file.Truncate(j.end); err != nil {
		return errors.Join(err, j.file.Close())
	}
	return nil
}

// OfEarlierVersion reports whether the folder was written by a version that kept no
// digests.
func (j *Journal) OfEarlierVersion() bool { return j.earlier }

// Lookup returns the record with that key, or nil.
func (j *Journal) Lookup(key string) *Record {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.records[key]
}

// HashOf returns the content hash of the table at path, as long as nothing has happened
// to its files since they were hashed, by what the file system keeps of changes; else "".
// With trust, the same size and time of modification are enough, although a program may
// set the time of another content back.
func (j *Journal) HashOf(path string, now datasets.Stamp, trust bool) string {
	j.mu.Lock()
	defer j.mu.Unlock()
	r := j.paths[path]
	if r == nil || r.ModTime == 0 || r.Size != now.Size || r.ModTime != now.ModTime.UnixNano() {
		return ""
	}
	if !trust && (r.Changes == "" || r.Changes != now.Changes) {
		return ""
	}
	return r.Hash
}

// HasSize reports whether an earlier run had a table of that size.
func (j *Journal) HasSize(size int64) bool { return j.sizes[size] }

// Append adds the record to the file. An error ends the run.
func (j *Journal) Append(r *Record) error {
	line, err := lineOf(r)
	if err != nil {
		return pool.Stop(err)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.failed != nil {
		return pool.Stop(j.failed)
	}
	if _, err = j.file.WriteAt(line, j.end); err != nil {
		return pool.Stop(errors.Join(err, j.file.Truncate(j.end))) // no half line before the next
	}
	j.end += int64(len(line))
	j.lines++
	j.remember(r)
	if j.syncing == nil {
		j.syncing = time.AfterFunc(syncAfter, j.syncLater)
	}
	return nil
}

// syncLater brings what was appended to the disk.
func (j *Journal) syncLater() {
	j.mu.Lock()
	file := j.file
	j.syncing = nil
	j.mu.Unlock()
	if file == nil {
		return
	}
	err := j.others()
	if err == nil {
		err = file.Sync()
	}
	if err != nil && !errors.Is(err, os.ErrClosed) {
		j.mu.Lock()
		j.failed = err
		j.mu.Unlock()
	}
}

// close writes the file through to the disk. If most of its lines are replaced or
// damaged, the file is rewritten without those.
func (j *Journal) close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.syncing != nil {
		j.syncing.Stop()
		j.syncing = nil
	}
	if j.file == nil { // nothing was begun
		return j.failed
	}
	err := errors.Join(j.failed, j.others(), j.file.Sync(), j.file.Close())
	j.file = nil
	if err != nil || j.lines <= 2*len(j.records) && j.damaged == 0 {
		return err
	}
	return disk.Replace(j.path, func(w io.Writer) error {
		for _, key := range slices.Sorted(maps.Keys(j.records)) {
			line, err := lineOf(j.records[key])
			if err != nil {
				return err
			}
			if _, err := w.Write(line); err != nil {
				return err
			}
		}
		return nil
	})
}
