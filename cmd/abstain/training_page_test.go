package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// pageBlock is the first block of code in that language after a heading of a page; "" is a block without one.
func pageBlock(t *testing.T, page, heading, language string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, "\n## "+heading+"\n")
	if !ok {
		t.Fatalf("the page has no heading %q", heading)
	}
	for parts := strings.Split(rest, "\n```"); len(parts) > 1; parts = parts[2:] { // text, block, text, block ...
		if code, ok := strings.CutPrefix(parts[1], language+"\n"); ok {
			return code
		}
	}
	t.Fatalf("the page has no block of %q under %q", language, heading)
	return ""
}

// TestLastLayerPage runs the lines of the page on last layers as they are written there, and compares the table that
// study prints with the page's.
func TestLastLayerPage(t *testing.T) {
	if testing.Short() || runtime.GOOS == "windows" {
		t.Skip("trains for some seconds, in a shell")
	}
	text, err := os.ReadFile("../../.github/training.md")
	if err != nil {
		t.Fatal(err)
	}
	const heading = "Fix your own network's last layer"
	c := exec.Command("sh", "-exu", "-c", pageBlock(t, string(text), heading, "sh"))
	c.Dir, c.Env = t.TempDir(), append(os.Environ(), "COLUMNS=80")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if _, err := os.Stat(filepath.Join(c.Dir, "heads-run", "report.html")); err != nil {
		t.Error(err)
	}
	// Other processors round products otherwise, and trainings go other ways.
	if want := pageBlock(t, string(text), heading, ""); runtime.GOARCH == "amd64" && !strings.Contains(string(out), want) {
		t.Errorf("the page's table is not what study prints:\n%s\n\nwant\n%s", out, want)
	}
}
