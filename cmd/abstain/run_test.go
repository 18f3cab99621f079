package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"abstain/datasets"
	"abstain/harness"
	"abstain/harness/results"
)

func TestInterruptExits130(t *testing.T) {
	t.Chdir(t.TempDir())
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	var out, errOut bytes.Buffer
	if code := run(ctx, []string{"demo"}, &out, &errOut); code != exitInterrupted {
		t.Errorf("exit code %d, want %d", code, exitInterrupted)
	}
	if !strings.Contains(errOut.String(), "interrupted") {
		t.Errorf("stderr: %s", errOut.String())
	}
	if _, err := os.Stat(filepath.Join("abstain-demo", "results.csv")); err != nil {
		t.Error("what was done was not kept:", err)
	}
}

func TestProgressOffTerminal(t *testing.T) {
	var w bytes.Buffer
	p := newProgress(&streams{err: &w}, false)
	now := time.Unix(0, 0)
	p.now = func() time.Time { return now }
	p.Start(4, 4e6)
	step := func(name string, err error) {
		now = now.Add(600 * time.Millisecond)
		p.Table(harness.Event{Table: datasets.Table{Name: name, Size: 1e6}, Err: err})
	}
	step("a", nil)
	step("b", nil)
	step("c", &datasets.Error{Table: "c", Row: 7, Column: "probs", Err: os.ErrInvalid, Hint: "mend it"})
	step("d", nil)
	p.unsaid([]results.Failure{{Table: "c", Reason: "again"}, {Table: "d", Reason: "other samples"}})
	for range maxFailures {
		p.failure(os.ErrInvalid)
	}
	p.rest()
	want := `[2/4] b: 0 failed, 1.7 MB/s, 1s left
failed: c: column "probs": row 7: invalid argument
  hint: mend it
failed: other samples
` + strings.Repeat("failed: invalid argument\n", maxFailures-2) + "failed: 2 further tables\n"
	if w.String() != want {
		t.Errorf("got\n%s\nwant\n%s", w.String(), want)
	}
}
