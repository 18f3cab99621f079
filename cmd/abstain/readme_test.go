package main

import (
	"bytes"
	"context"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write what the README's commands print into it")

// handbook are the README and its pages, in the order in which their commands are run.
var handbook = []string{"README.md", ".github/results.md", ".github/study.md", ".github/go.md", ".github/speed.md",
	".github/walk.md"}

// TestReadme runs the console blocks of the manual in order, in an empty folder,
// and compares what they print on stdout. The demo runs once, and later commands
// read its folder. The test command itself is not run again from inside the tests.
// Under -short the demo and what reads its folder, most of the blocks, are only
// parsed.
func TestReadme(t *testing.T) {
	if filepath.Separator != '/' {
		t.Skip("the README shows paths with slashes")
	}
	t.Setenv("COLUMNS", "80")
	pages := map[string]string{}
	for _, name := range handbook {
		path, err := filepath.Abs(filepath.Join("../..", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		pages[name] = path
	}
	t.Chdir(t.TempDir())
	for _, name := range handbook {
		runPage(t, name, pages[name])
	}
}

// runPage runs the console blocks of one page.
func runPage(t *testing.T, name, path string) {
	t.Helper()
	page, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "```console\n$ ", "```\n"
	var rebuilt strings.Builder
	rest := string(page)
	for {
		before, block, found := strings.Cut(rest, begin)
		rebuilt.WriteString(before)
		if !found {
			break
		}
		block, rest, _ = strings.Cut(block, end)
		command, want, _ := strings.Cut(block, "\n")
		got := want
		switch {
		case command == "go test ./...":
		case testing.Short() && strings.Contains(command, "demo"):
			parses(t, arguments(t, command))
		default:
			got = output(t, command)
		}
		if matches(want, got) {
			got = want
		} else if !*update {
			t.Errorf("$ %s\nprints\n%s\n%s says\n%s", command, got, name, want)
		}
		rebuilt.WriteString(begin + command + "\n" + got + end)
	}
	if *update {
		if err := os.WriteFile(path, []byte(rebuilt.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// elision is a line of the manual that stands for any number of lines.
const elision = "[...]\n"

// matches reports whether the text is what was printed, but for lines left out.
func matches(text, printed string) bool {
	parts := strings.Split(text, elision)
	if len(parts) == 1 {
		return text == printed
	}
	last := len(parts) - 1
	rest, ok := strings.CutPrefix(printed, parts[0])
	for _, part := range parts[1:last] {
		if !ok {
			return false
		}
		_, rest, ok = strings.Cut(rest, part)
	}
	return ok && strings.HasSuffix(rest, parts[last])
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		text, printed string
		want          bool
	}{
		{"a\nb\n", "a\nb\n", true},
		{"a\nb\n", "a\nc\n", false},
		{"a\n[...]\nd\n", "a\nb\nc\nd\n", true},
		{"a\n[...]\nc\n[...]\ne\n", "a\nb\nc\nd\ne\n", true},
		{"a\n[...]\nx\n[...]\ne\n", "a\nb\nc\nd\ne\n", false},
		{"b\n[...]\nd\n", "a\nb\nd\n", false},
		{"a\n[...]\nd\n", "a\nd\ne\n", false},
		{"a\nb\n[...]\nb\nc\n", "a\nb\nc\n", false},
	} {
		if got := matches(c.text, c.printed); got != c.want {
			t.Errorf("%q for %q: %v", c.text, c.printed, got)
		}
	}
}

// arguments are those of a command line of the manual.
func arguments(t *testing.T, command string) []string {
	t.Helper()
	line, isGo := strings.CutPrefix(command, "go run ./cmd/abstain ")
	if !isGo {
		var ok bool
		if line, ok = strings.CutPrefix(command, "abstain "); !ok {
			t.Fatalf("the manual runs %q, which is not abstain", command)
		}
	}
	return strings.Fields(line)
}

// parses checks that the verb and its flags exist.
func parses(t *testing.T, args []string) {
	t.Helper()
	found, flags, err := newRoot(&streams{}).Find(args)
	if err == nil {
		err = found.ParseFlags(flags)
	}
	if err != nil {
		t.Errorf("abstain %s: %v", strings.Join(args, " "), err)
	}
}

// output runs a command line of the manual and returns its stdout.
func output(t *testing.T, command string) string {
	t.Helper()
	var out, errOut bytes.Buffer
	if code := run(context.Background(), arguments(t, command), &out, &errOut); code != exitDone {
		t.Fatalf("$ %s\nexit code %d\n%s", command, code, errOut.String())
	}
	return out.String()
}

// TestHelpExamples checks that every example of a help text parses.
func TestHelpExamples(t *testing.T) {
	root := newRoot(&streams{out: &bytes.Buffer{}, err: &bytes.Buffer{}})
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			continue
		}
		if c.Example == "" || !strings.Contains(c.Long+c.Short, "Exit codes") && c.Name() != "version" {
			t.Errorf("%s: the help text lacks examples or exit codes", c.Name())
		}
		for _, line := range strings.Split(c.Example, "\n") {
			line, _, _ = strings.Cut(strings.TrimSpace(line), " > ")
			parses(t, strings.Fields(strings.TrimPrefix(line, "abstain ")))
		}
	}
}
