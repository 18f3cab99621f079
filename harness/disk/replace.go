package disk

import (
	"bufio"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// temporary begins the names of files that are not whole yet.
const temporary = ".tmp-"

// WriteFile replaces the file at path in one step, and makes its folder if needed.
func WriteFile(path string, content []byte) error {
	return Replace(path, func(w io.Writer) error {
		_, err := w.Write(content)
		return err
	})
}

// Replace is WriteFile for content that is written in pieces. The file has another name
// until it is whole and on the disk, so that after a crash there is the file before or
// this one.
func Replace(path string, write func(io.Writer) error) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, temporary+"*")
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(dir, 0o755); err == nil {
			f, err = os.CreateTemp(dir, temporary+"*")
		}
	}
	if err != nil {
		return err
	}
	b := bufio.NewWriterSize(f, 1<<16)
	err = firstOf(func() error { return write(b) }, b.Flush, func() error { return f.Chmod(0o644) }, f.Sync)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		os.Remove(f.Name())
		return err
	}
	return SyncFolder(dir)
}

// firstOf does one thing after the other until one fails.
func firstOf(things ...func() error) error {
	for _, do := range things {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// SyncFolder brings the names in a folder to the disk. Where folders cannot be opened
// or synced, as on Windows, the file system sees to it.
func SyncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	defer f.Close()
	if err := f.Sync(); Exhausted(err) {
		return err
	}
	return nil
}

// RemoveLeftOver removes what a process that was killed while it wrote left in a
// folder: what has a temporary name. Only the one that has the folder's lock may.
func RemoveLeftOver(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), temporary) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(dir, e.Name())))
		}
	}
	return err
}
