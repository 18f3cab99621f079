package disk

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// LockName is the file in a folder that is there while a process writes into it.
const LockName = ".lock"

// Lock is the right to write into a folder, which one process has at a time. The
// operating system ends it with the process: that of a dead one is taken over.
type Lock struct {
	file *os.File
	path string
	held bool // by the operating system; else the file's being there is the lock
}

// Busy is the error of Take for a folder that another process writes into.
type Busy struct {
	Dir     string `json:"-"`
	Host    string `json:"host"`
	Process int    `json:"process"`
	What    string `json:"what"` // it does
	Since   int64  `json:"since"`
}

func (b *Busy) Error() string {
	who := "another process"
	if b.Process != 0 {
		age := time.Since(time.Unix(b.Since, 0)).Round(time.Second)
		who = fmt.Sprintf("abstain %s (process %d on %s, for %v)", b.What, b.Process, b.Host, max(age, 0))
	}
	return fmt.Sprintf("%s is being written by %s: wait until it has ended, or name another folder", b.Dir, who)
}

// Take takes the lock of a folder, which it makes if needed; what says what for, in
// a word. The error is Busy if another process has it.
func Take(dir, what string) (*Lock, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, LockName)
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
		if err != nil {
			return nil, err
		}
		l := &Lock{file: f, path: path, held: true}
		err = lock(f)
		if errors.Is(err, errors.ErrUnsupported) {
			f.Close()
			return exclusive(dir, path, what)
		}
		if errors.Is(err, errHeld) {
			busy := owner(dir, f)
			f.Close()
			return nil, busy
		}
		if err != nil {
			f.Close()
			return nil, err
		}
		if same(f, path) {
			return l, l.sign(what)
		}
		f.Close() // its owner removed it between the two calls
	}
}

// same reports whether the open file is still the one under that name.
func same(f *os.File, path string) bool {
	opened, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(path)
	return err == nil && os.SameFile(opened, named)
}

// exclusive takes the lock where the file system knows no locks: who makes the file has
// it. One of a dead process of this host is removed.
func exclusive(dir, path, what string) (*Lock, error) {
	for {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
		if err == nil {
			l := &Lock{file: f, path: path}
			return l, l.sign(what)
		}
		if !errors.Is(err, fs.ErrExist) {
			return nil, err
		}
		if f, err = os.Open(path); err != nil {
			return nil, err
		}
		busy := owner(dir, f)
		f.Close()
		if host, _ := os.Hostname(); busy.Process != 0 && (busy.Host != host || alive(busy.Process)) {
			return nil, busy
		}
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
	}
}

// owner is who says in the file that it has the lock.
func owner(dir string, f *os.File) *Busy {
	b := new(Busy)
	if content, err := io.ReadAll(io.NewSectionReader(f, 0, 1<<12)); err != nil || json.Unmarshal(content, b) != nil {
		b = new(Busy) // it has not signed yet
	}
	b.Dir = dir
	return b
}

// sign writes into the file who has the lock.
func (l *Lock) sign(what string) error {
	host, _ := os.Hostname()
	b, err := json.Marshal(Busy{Host: host, Process: os.Getpid(), What: what, Since: time.Now().Unix()})
	if err == nil {
		err = l.file.Truncate(0)
	}
	if err == nil {
		_, err = l.file.WriteAt(append(b, '\n'), 0)
	}
	if err != nil {
		l.Release()
	}
	return err
}

// Release ends the lock. Calls after the first do nothing.
func (l *Lock) Release() error {
	if l == nil || l.file == nil {
		return nil
	}
	removed := os.Remove(l.path) // before it is free: the next to take it makes a file of its own
	err := l.file.Close()
	l.file = nil
	if removed != nil && !errors.Is(removed, fs.ErrNotExist) && !l.held {
		return removed
	}
	return err
}
