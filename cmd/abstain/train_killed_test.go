package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// trainedFiles are the files below a folder and what is in them.
func trainedFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		files[filepath.ToSlash(rel)] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestTrainKilled: a training that is interrupted, or killed without a chance to clean up, and then started again
// leaves the same files with the same bytes as one that ran through.
func TestTrainKilled(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("processes cannot be sent an interrupt here")
	}
	t.Parallel()
	train := func(out, workers string) *exec.Cmd {
		return exec.Command("abstain-main", "train", "--out", out, "--workers", workers, "--families", "softmax,mlp-32",
			"--regimes", "label-smoothing,adr", "--seeds", "2")
	}
	whole := t.TempDir()
	if out, err := train(whole, "1").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want := trainedFiles(t, whole)
	for _, how := range []struct {
		signal os.Signal
		code   int
	}{{os.Interrupt, 130}, {os.Kill, -1}} {
		dir := t.TempDir()
		// What a process leaves that is killed while it writes a table.
		torn := filepath.Join(dir, "test", "clean", ".tmp-123")
		if err := os.MkdirAll(filepath.Dir(torn), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(torn, []byte("ARROW1"), 0o666); err != nil {
			t.Fatal(err)
		}
		hour := time.Now().Add(-time.Hour)
		if err := os.Chtimes(torn, hour, hour); err != nil {
			t.Fatal(err)
		}
		c := train(dir, "2")
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		for begun := time.Now(); len(trainedFiles(t, dir)) < 30; time.Sleep(5 * time.Millisecond) {
			if time.Since(begun) > time.Minute {
				t.Fatal("no table was written in a minute")
			}
		}
		if err := c.Process.Signal(how.signal); err != nil {
			t.Fatal(err)
		}
		if _ = c.Wait(); c.ProcessState.ExitCode() != how.code {
			t.Errorf("%v: exit code %d, want %d", how.signal, c.ProcessState.ExitCode(), how.code)
		}
		if len(trainedFiles(t, dir)) == len(want) {
			t.Errorf("%v came too late to interrupt anything", how.signal)
		}
		out, err := train(dir, "2").CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if strings.Contains(string(out), " 0 there before") {
			t.Errorf("after %v nothing of the first run was there: %s", how.signal, out)
		}
		got := trainedFiles(t, dir)
		for name := range got {
			if _, ok := want[name]; !ok {
				t.Errorf("after %v: %s is left", how.signal, name)
			}
		}
		for name, bytes := range want {
			if got[name] != bytes {
				t.Errorf("after %v: %s differs", how.signal, name)
			}
		}
	}
}
