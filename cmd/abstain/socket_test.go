package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

// TestNoSocket: the command opens no socket, though packages that could are linked into it.
// What the system is asked for is traced by strace.
func TestNoSocket(t *testing.T) {
	trace, err := exec.LookPath("strace")
	if err != nil {
		t.Skip("strace is not installed here")
	}
	itself, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	command, calls := filepath.Join(dir, "abstain"), filepath.Join(dir, "calls")
	if err := os.Symlink(itself, command); err != nil {
		t.Skip(err)
	}
	table := filepath.Join(dir, "net.csv")
	if err := os.WriteFile(table, []byte("label,l0,l1\n1,-2,1\n0,0.5,0.25\n1,2,1\n0,1,0.5\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "out")
	for _, args := range [][]string{{"run", table, "--out", out}, {"report", out}, {"rank", out, "--by", "aurc"}} {
		c := exec.Command(trace, append([]string{"-f", "--seccomp-bpf", "-e", "trace=%network", "-o", calls, command}, args...)...)
		c.Dir = dir
		if text, err := c.CombinedOutput(); err != nil {
			if regexp.MustCompile(`(?i)ptrace|not permitted`).Match(text) {
				t.Skipf("strace may not trace here: %s", text)
			}
			t.Fatalf("%v: %v\n%s", args, err, text)
		}
		made, err := os.ReadFile(calls)
		if err != nil {
			t.Fatal(err)
		}
		if found := regexp.MustCompile(`(?m)^.*\b(socket|connect|bind|sendto)\(.*$`).Find(made); found != nil {
			t.Errorf("%v opened a socket: %s", args, found)
		}
	}
}
