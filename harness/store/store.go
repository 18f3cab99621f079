package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"abstain/harness/disk"
)

// Folder is the path of a run's folder; its methods read and write what is kept
// of tables.
type Folder string

// Store is a run's folder with its journal.
type Store struct {
	Folder
	*Journal
	lock *disk.Lock
}

// Open reads the journal in dir, which need not exist. Nothing is changed on the
// disk before Begin.
func Open(dir string) (*Store, error) {
	j, err := ReadJournal(dir)
	return &Store{Folder: Folder(dir), Journal: j}, err
}

// Begin takes the folder's lock for a run, removes what a process that was killed left
// half written, and sets aside what an earlier version kept. What it found is said in
// notices. The journal is read again if another process wrote it in the meantime.
func (s *Store) Begin() (notices []string, err error) {
	if s.lock, err = disk.Take(string(s.Folder), "run"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			s.lock.Release()
		}
	}()
	for _, dir := range []string{"", "outcomes", "replicates"} {
		if err := disk.RemoveLeftOver(filepath.Join(string(s.Folder), dir)); err != nil {
			return nil, err
		}
	}
	if s.earlier {
		to, err := s.setAside()
		if err != nil {
			return nil, err
		}
		notices = append(notices, fmt.Sprintf("what an earlier version of abstain kept in %s has no digests, so it is not believed: "+
			"set aside in %s, which can be deleted, and computed anew", string(s.Folder), to))
	}
	if n := s.Journal.damaged; n > 0 {
		notices = append(notices, fmt.Sprintf("%d of the journal's lines are damaged: what they kept is computed anew", n))
	}
	return notices, s.Journal.begin(func() error {
		for _, p := range s.packs() {
			if err := p.sync(); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) packs() []*pack { return []*pack{s.outcomes(), s.replicates()} }

// Close brings everything to the disk and gives the lock back.
func (s *Store) Close() error {
	err := s.Journal.close()
	for _, p := range s.packs() {
		if err == nil {
			err = p.compact()
		}
	}
	if released := s.lock.Release(); err == nil {
		err = released
	}
	return err
}

// kept are what a version before there were digests kept in a folder.
var kept = []string{"journal.jsonl", "outcomes", "replicates"}

// setAside moves what an earlier version kept into a folder of its own, whose path it
// returns.
func (s *Store) setAside() (string, error) {
	to := filepath.Join(string(s.Folder), "earlier-version")
	for n := 2; ; n++ {
		err := os.Mkdir(to, 0o755)
		if err == nil {
			break
		}
		if !errors.Is(err, os.ErrExist) {
			return "", err
		}
		to = filepath.Join(string(s.Folder), fmt.Sprintf("earlier-version-%d", n))
	}
	for _, name := range slices.Backward(kept) { // the journal, by which it is known, last
		err := os.Rename(filepath.Join(string(s.Folder), name), filepath.Join(to, name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", err
		}
	}
	return to, disk.SyncFolder(string(s.Folder))
}

// WriteFile replaces the file at path in one step, and makes its folder if
// needed.
func WriteFile(path string, content []byte) error { return disk.WriteFile(path, content) }

// Insufficient is the error of a run without a corpus that asks for something
// that the kept outcomes cannot give.
func (f Folder) Insufficient(what string) error {
	return fmt.Errorf("%s keeps outcomes that do not suffice for %s: name the corpus to read", string(f), what)
}
