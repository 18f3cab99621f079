package main

import (
	"bytes"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// often kills each command 1000 times, in place of a few:
//
//	go test ./cmd/abstain -run TestKilled -v -timeout 4h -args -long
var often = flag.Bool("long", false, "kill each command 1000 times")

// program is a command of this program in a process of its own.
func program(t *testing.T, args ...string) *exec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(exe)
	c.Args = append([]string{"abstain"}, args...) // by which TestMain knows it
	return c
}

// tree is every file of a folder by its path, but for those that say when and by what
// steps it was made.
func tree(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		switch name := e.Name(); {
		case name == "run.json" || name == "SHA256SUMS" || name == "journal.jsonl" || strings.HasSuffix(name, ".pack") || name == ".converted.jsonl":
		default:
			files[strings.TrimPrefix(p, dir)], err = os.ReadFile(p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// predictions writes a corpus of small tables.
func predictions(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	r := rand.New(rand.NewPCG(1, 2))
	for m := range 16 {
		var b strings.Builder
		b.WriteString("sample_id,label,l0,l1,l2\n")
		for i := range 200 {
			l := [3]float64{r.NormFloat64(), r.NormFloat64(), r.NormFloat64()}
			l[i%3] += 1.5
			fmt.Fprintf(&b, "%d,%d,%.4f,%.4f,%.4f\n", i, i%3, l[0], l[1], l[2])
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("m%02d.csv", m)), []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestKilled kills each command that writes a folder at random moments, up to three times
// in a row, and lets it end then: the folder is that of a command which was not killed, to
// the last byte, and nothing is left over.
func TestKilled(t *testing.T) {
	kills := 6
	if *often {
		kills = 1000
	}
	corpus := predictions(t)
	for name, args := range map[string][]string{
		"run":     {"run", corpus, "--bootstrap", "100", "--transform", "none,temperature", "--holdout", "0.2"},
		"convert": {"convert", corpus},
		"train":   {"train", "--models", "3"},
	} {
		t.Run(name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, uint64(len(name))))
			whole := filepath.Join(t.TempDir(), "out")
			began := time.Now()
			if out, err := program(t, append(args, "--out", whole)...).CombinedOutput(); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			takes := time.Since(began)
			want := tree(t, whole)
			killed, differing := 0, 0
			for killed < kills && differing < 3 {
				dir := filepath.Join(t.TempDir(), "out")
				for range 1 + r.IntN(3) {
					c := program(t, append(args, "--out", dir)...)
					if err := c.Start(); err != nil {
						t.Fatal(err)
					}
					time.Sleep(time.Duration(r.Int64N(int64(takes))))
					c.Process.Kill()
					c.Wait()
					killed++
				}
				if out, err := program(t, append(args, "--out", dir)...).CombinedOutput(); err != nil {
					t.Fatalf("after it was killed: %v: %s", err, out)
				}
				got := tree(t, dir)
				for p, content := range want {
					if !bytes.Equal(got[p], content) {
						differing++
						t.Errorf("%s differs", p)
					}
				}
				for p := range got {
					if _, ok := want[p]; !ok {
						differing++
						t.Errorf("%s is left over", p)
					}
				}
				os.RemoveAll(dir)
			}
			t.Logf("%s: killed %d times, %d files differ", name, killed, differing)
		})
	}
}
