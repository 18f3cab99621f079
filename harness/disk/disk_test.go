package disk

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestLock: a folder has one writer, of whom the next is told; one that ended, also
// without giving its lock back, is in nobody's way.
func TestLock(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	l, err := Take(dir, "run")
	if err != nil {
		t.Fatal(err)
	}
	_, err = Take(dir, "run")
	busy, ok := errors.AsType[*Busy](err)
	if !ok || busy.Process != os.Getpid() || busy.What != "run" || !strings.Contains(err.Error(), fmt.Sprintf("abstain run (process %d on ", os.Getpid())) {
		t.Fatalf("taken twice: %v", err)
	}
	l.file.Close() // as when its process dies
	again, err := Take(dir, "train")
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(again.Release(), again.Release()); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(filepath.Join(dir, LockName)); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the lock is left")
	}
}

// TestLockByFile is of a file system that knows no locks.
func TestLockByFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, LockName)
	l, err := exclusive(dir, path, "run")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := exclusive(dir, path, "run"); err == nil || !strings.Contains(err.Error(), "is being written by abstain run") {
		t.Errorf("taken twice: %v", err)
	}
	if err := l.Release(); err != nil {
		t.Error(err)
	}
	host, _ := os.Hostname()
	for owner, free := range map[string]bool{
		fmt.Sprintf(`{"host":%q,"process":%d,"what":"run","since":1}`, host, 1<<22+1): true, // above the most that Linux gives
		`{"host":"elsewhere","process":1,"what":"run","since":1}`:                     false,
	} {
		if err := os.WriteFile(path, []byte(owner), 0o644); err != nil {
			t.Fatal(err)
		}
		l, err := exclusive(dir, path, "run")
		if (err == nil) != free {
			t.Errorf("%s: %v", owner, err)
		}
		l.Release()
		os.Remove(path)
	}
}

// TestReplace: a file is the one before or the one after, and nothing else is left.
func TestReplace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new", "file")
	if err := WriteFile(path, []byte("first")); err != nil {
		t.Fatal(err)
	}
	failed := errors.New("failed")
	err := Replace(path, func(w io.Writer) error {
		w.Write(make([]byte, 1<<20))
		return failed
	})
	content, read := os.ReadFile(path)
	if !errors.Is(err, failed) || read != nil || string(content) != "first" {
		t.Errorf("%v; %q, %v", err, content, read)
	}
	if err := os.WriteFile(filepath.Join(filepath.Dir(path), temporary+"123"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(RemoveLeftOver(filepath.Dir(path)), RemoveLeftOver(filepath.Join(filepath.Dir(path), "none"))); err != nil {
		t.Error(err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("%v, %v", entries, err)
	}
}

// TestSums: what is listed has to be as it was, and what is not listed is not believed; a
// folder without a list is somebody else's.
func TestSums(t *testing.T) {
	dir, staged := t.TempDir(), t.TempDir()
	for name, content := range map[string]string{"a.csv": "1,2\n", "below/b.csv": "3\n", "c.txt": "not listed"} {
		if err := WriteFile(filepath.Join(staged, name), []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(os.WriteFile(filepath.Join(dir, "old.csv"), nil, 0o644), os.WriteFile(filepath.Join(dir, "own.csv"), nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(WriteSums(staged, "*.csv", "below/*.csv"), Adopt(dir, staged, "old.csv")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a.csv", "below/b.csv"} {
		if _, err := ReadFile(dir, name); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "old.csv")); err == nil {
		t.Error("a file of other results is left")
	}
	// A list that was damaged names a folder, a file that is nobody's, and one that was ours.
	gone := []byte("sets\n")
	list := strings.Repeat("0", 64) + "  below\n" + strings.Repeat("0", 64) + "  own.csv\n" + sum(gone) + "  gone.csv\n"
	if err := errors.Join(WriteFile(filepath.Join(dir, "gone.csv"), gone), WriteFile(filepath.Join(dir, SumsName), []byte(list))); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(filepath.Join(staged, "a.csv"), []byte("1,2\n")); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(WriteFile(filepath.Join(staged, "below", "b.csv"), []byte("3\n")), WriteSums(staged, "*.csv", "below/*.csv"), Adopt(dir, staged)); err != nil {
		t.Fatal(err)
	}
	_, lost := os.Stat(filepath.Join(dir, "own.csv"))
	if _, left := os.Stat(filepath.Join(dir, "gone.csv")); lost != nil || left == nil {
		t.Errorf("own.csv: %v; gone.csv is left: %v", lost, left == nil)
	}
	if _, err := ReadFile(dir, "own.csv"); !errors.Is(err, ErrOtherContent) {
		t.Errorf("not listed: %v", err)
	}
	if _, err := ReadFile(staged, "c.txt"); err != nil {
		t.Errorf("no list: %v", err)
	}
	if _, err := ReadFile(dir, "none.csv"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if err := os.Remove(filepath.Join(dir, "below", "b.csv")); err != nil {
		t.Fatal(err)
	}
	if _, err := ReadFile(dir, "below/b.csv"); !errors.Is(err, ErrOtherContent) {
		t.Errorf("listed and lost: %v", err)
	}
	for _, name := range []string{"a.csv", SumsName} {
		content, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		for range 500 {
			damaged := bytes.Clone(content)
			damaged[rand.IntN(len(damaged))] ^= 1 << rand.IntN(8)
			if err := os.WriteFile(filepath.Join(dir, name), damaged, 0o644); err != nil {
				t.Fatal(err)
			}
			if got, err := ReadFile(dir, "a.csv"); err == nil && string(got) != "1,2\n" {
				t.Fatalf("%q is believed", got)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func TestExhausted(t *testing.T) {
	for err, want := range map[error]bool{syscall.ENOSPC: true, syscall.EMFILE: true, syscall.ENOENT: false, nil: false} {
		if got := Exhausted(fmt.Errorf("m.csv: %w", &fs.PathError{Op: "open", Path: "p", Err: err})); got != want {
			t.Errorf("%v: %v", err, got)
		}
	}
}
