package store

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// Folder is the path of a run's folder; its methods read and write what is kept
// of tables.
type Folder string

// Store is a run's folder with its journal.
type Store struct {
	Folder
	*Journal
}

// Open reads the journal in dir, which need not exist. Nothing is changed on the
// disk before Begin.
func Open(dir string) (*Store, error) {
	j, err := ReadJournal(dir)
	return &Store{Folder(dir), j}, err
}

// WriteFile replaces the file at path in one step, and makes its folder if
// needed.
func WriteFile(path string, content []byte) error {
	return replaceFile(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// replaceFile is WriteFile for content that is written in pieces.
func replaceFile(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(path), 0o755); err == nil {
			f, err = os.CreateTemp(filepath.Dir(path), ".tmp-*")
		}
	}
	if err != nil {
		return err
	}
	b := bufio.NewWriter(f)
	err = errors.Join(write(b), b.Flush(), f.Chmod(0o644), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
	}
	return err
}

// Insufficient is the error of a run without a corpus that asks for something
// that the kept outcomes cannot give.
func (f Folder) Insufficient(what string) error {
	return fmt.Errorf("%s keeps outcomes that do not suffice for %s: name the corpus to read", string(f), what)
}
