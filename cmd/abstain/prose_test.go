package main

import (
	"go/parser"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// widest is how many columns a line of prose may have, a tab counted as four. Longer
// lines are hard to read, and a diff of one shows a paragraph as changed.
const widest = 120

// tooLong reports whether a line is wider than widest and could be broken: a line
// with a web address cannot.
func tooLong(line string) bool {
	return utf8.RuneCountInString(strings.ReplaceAll(line, "\t", "    ")) > widest && !strings.Contains(line, "://")
}

// TestCommentsAreNarrow looks at lines that hold only a comment. Comments behind
// code are left out, since the code decides how wide their line is.
func TestCommentsAreNarrow(t *testing.T) {
	for name := range sources(t, parser.PackageClauseOnly) {
		source, err := os.ReadFile(filepath.Join("../..", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(source), "\n") {
			text := strings.TrimSpace(line)
			if strings.HasPrefix(text, "//go:") || strings.HasPrefix(text, "// Code generated ") {
				continue
			}
			if strings.HasPrefix(text, "//") && tooLong(line) {
				t.Errorf("%s:%d: a comment wider than %d columns", name, i+1, widest)
			}
		}
	}
}

// TestProseIsNarrow looks at paragraphs and lists. Tables, images and code blocks
// cannot be broken.
func TestProseIsNarrow(t *testing.T) {
	for _, name := range append([]string{".github/CONTRIBUTING.md", ".github/training.md", ".github/guarantees.md", "CHANGELOG.md"}, handbook...) {
		text, err := os.ReadFile(filepath.Join("../..", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		code := false
		for i, line := range strings.Split(string(text), "\n") {
			switch {
			case strings.HasPrefix(line, "```"):
				code = !code
			case code, strings.HasPrefix(line, "|"), strings.HasPrefix(line, "!["):
			case tooLong(line):
				t.Errorf("%s:%d: a line wider than %d columns", name, i+1, widest)
			}
		}
	}
}
