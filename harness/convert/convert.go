// Package convert writes the tables of corpora into a folder of its own, in a format that
// is read at the speed of the disk. Begin with Run.
//
// Values are not changed: class vectors keep their width and their bits, ids and groups
// their values. What the reader understood is written under the names of DESIGN section 5,
// so that nothing has to be understood again: true classes are numbers from 0, texts that
// name classes become their numbers, and a score is the trust that it means.
//
// The package knows no metric. It may import datasets and the formats below it, and
// harness/pool.
package convert

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"abstain/datasets"
	"abstain/harness/disk"
	"abstain/harness/pool"
)

// Formats are the formats that can be written, by the endings of their files.
var Formats = []string{"arrow", "parquet"}

// Config says what to convert.
type Config struct {
	Corpora  []*datasets.Corpus
	Out      string // folder
	Format   string // one of Formats
	Workers  int    // tables converted at a time, at least 1
	Progress Progress
}

// Progress is told how far the work is. Its methods are never called at the same time.
type Progress interface {
	Start(tables int, bytes int64)
	// Table is called as a table ends. there says that its file had been finished before.
	Table(t datasets.Table, there bool, err error)
}

// Result says what was done.
type Result struct {
	Tables   []Converted
	Failures []error // of tables, and of the corpora
	Written  int     // files
	There    int     // files that had been finished before
	Bytes    int64   // of all files
}

// Converted is a table whose file is finished.
type Converted struct {
	Table datasets.Table
	File  string // path below Config.Out, with forward slashes
	Rows  int
	Bytes int64
	Kind  string // logits, probs or score
	IDs   bool
}

// Run converts every table whose file is not there from an earlier call, and lists all in
// a manifest.csv. A table that cannot be read is among the failures. When ctx ends early,
// its error is returned; the next call goes on.
//
// A file is there if the table's content, its names and how it is read are the same as
// when it was written. The content is hashed, unless the file system says that nothing has
// happened to it (datasets.Stamp).
func Run(ctx context.Context, cfg Config) (*Result, error) {
	var tables []datasets.Table
	res := &Result{}
	var bytes int64
	for _, c := range cfg.Corpora {
		if err := apart(c.Name, cfg.Out); err != nil {
			return nil, err
		}
		tables = append(tables, c.Tables...)
		res.Failures = append(res.Failures, c.Problems...)
	}
	for _, t := range tables {
		bytes += t.Size
	}
	names, err := fileNames(tables, cfg.Format)
	if err != nil {
		return nil, err
	}
	if err := mine(cfg.Out); err != nil {
		return nil, err
	}
	lock, err := disk.Take(cfg.Out, "convert")
	if err != nil {
		return nil, err
	}
	defer lock.Release()
	for _, name := range names {
		if err := disk.RemoveLeftOver(filepath.Join(cfg.Out, filepath.Dir(filepath.FromSlash(name)))); err != nil {
			return nil, err
		}
	}
	j, err := openJournal(cfg.Out)
	if err != nil {
		return nil, err
	}
	defer j.close()
	cfg.Progress.Start(len(tables), bytes)
	w := &work{Config: cfg, journal: j, names: names, tables: tables}
	places := make([]int, len(tables))
	for i := range places {
		places[i] = i
	}
	done, err := pool.Map(ctx, cfg.Workers, places, w.table, func(place int, r pool.Result[entry]) {
		cfg.Progress.Table(tables[place], r.Value.there, r.Err)
	})
	if err != nil {
		return nil, err
	}
	for i, d := range done {
		res.add(tables[i], d)
	}
	return res, writeManifest(cfg.Out, res.Tables)
}

// add adds what was done with a table.
func (r *Result) add(t datasets.Table, d pool.Result[entry]) {
	if d.Err != nil {
		r.Failures = append(r.Failures, d.Err)
		return
	}
	e := d.Value
	r.Tables = append(r.Tables, Converted{Table: t, File: e.File, Rows: e.Rows, Bytes: e.Bytes, Kind: e.Kind, IDs: e.IDs})
	r.Bytes += e.Bytes
	if e.there {
		r.There++
	} else {
		r.Written++
	}
}

// apart refuses to write into the predictions: they would be read again with them.
func apart(corpus, out string) error {
	in, err := filepath.Abs(corpus)
	if err != nil {
		return err
	}
	to, err := filepath.Abs(out)
	if err != nil {
		return err
	}
	if st, err := os.Stat(in); err != nil || !st.IsDir() {
		in = filepath.Dir(in) // a table or a manifest of its own: what lies beside it stays as it is
		if in != to {
			return nil
		}
		return fmt.Errorf("--out %s is the folder of %s: name another", out, corpus)
	}
	if rel, err := filepath.Rel(in, to); err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return fmt.Errorf("--out %s lies in the corpus %s, which would then have every table twice: name a folder outside of it", out, corpus)
	}
	return nil
}

// work is the state of a conversion.
type work struct {
	Config
	journal *journal
	names   []string
	tables  []datasets.Table
}

// table converts the table at a place, unless its file is there.
func (w *work) table(ctx context.Context, place int) (entry, error) {
	t := w.tables[place]
	stamp, err := t.Stamp()
	if err != nil {
		return entry{}, err
	}
	t.Seen = &stamp
	key := keyOf(t, w.Format)
	e, ok, err := w.journal.find(w.names[place], key, t)
	if err != nil {
		return entry{}, err
	}
	if ok {
		e.there = true
		return e, nil
	}
	if e, err = w.write(ctx, t, filepath.Join(w.Out, filepath.FromSlash(w.names[place]))); err != nil {
		return entry{}, err
	}
	e.File, e.Key, e.Changes = w.names[place], key, stamp.Changes
	return e, pool.Stop(w.journal.append(e))
}

// write writes the file of a table under another name first, so that a file of its name
// is always whole.
func (w *work) write(ctx context.Context, t datasets.Table, name string) (e entry, err error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return e, pool.Stop(err)
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".tmp-*")
	if err != nil {
		return e, pool.Stop(err)
	}
	defer func() {
		if err != nil {
			f.Close()
			os.Remove(f.Name())
		}
	}()
	b := &buffered{file: f}
	if e, err = copyTable(ctx, t, w.Format, b); err == nil {
		e.Hash, err = t.Hash()
	}
	if err == nil {
		err = t.Unchanged()
	}
	if b.err != nil {
		return e, pool.Stop(b.err) // the disk's fault, which is everybody's
	}
	if err != nil {
		return e, err
	}
	e.Bytes = b.n
	return e, pool.Stop(errors.Join(f.Chmod(0o644), f.Sync(), f.Close(), os.Rename(f.Name(), name), disk.SyncFolder(filepath.Dir(name))))
}

// buffered is the file that is written, which remembers what went wrong with it.
type buffered struct {
	file *os.File
	n    int64
	err  error
}

func (b *buffered) Write(p []byte) (int, error) {
	n, err := b.file.Write(p)
	b.n += int64(n)
	if err != nil {
		b.err = err
	}
	return n, err
}

// exists reports whether a file is there with that size.
func exists(name string, size int64) bool {
	st, err := os.Stat(name)
	return err == nil && st.Size() == size
}

// mine refuses a folder that holds something else.
func mine(out string) error {
	if _, err := os.Stat(filepath.Join(out, journalName)); err == nil {
		return nil
	}
	entries, err := os.ReadDir(out)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(entries, func(e os.DirEntry) bool { return !strings.HasPrefix(e.Name(), ".") }); i >= 0 {
		return fmt.Errorf("--out %s holds %s, which convert has not written: name a new folder", out, entries[i].Name())
	}
	return nil
}
