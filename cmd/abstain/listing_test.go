package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFolded(t *testing.T) {
	for _, c := range []struct {
		line  string
		limit int
		want  []string
	}{
		{"msp  the largest probability", 0, []string{"msp  the largest probability"}},
		{"msp  the largest probability of all the classes", 30, []string{"msp  the largest probability", "     of all the classes"}},
		{"a-long-name-of-something-else  and what it is", 40, []string{"a-long-name-of-something-else", "    and what it is"}},
		{"no columns at all in this line", 12, []string{"no columns", "at all in", "this line"}},
	} {
		if got := folded(c.line, c.limit); !slices.Equal(got, c.want) {
			t.Errorf("%q at %d: %q, want %q", c.line, c.limit, got, c.want)
		}
	}
}

// TestListsFit: what ls prints is as wide as the terminal, and has the same words at any width.
func TestListsFit(t *testing.T) {
	for _, what := range lists[:4] {
		var free bytes.Buffer
		if err := lsNamed(&free, 0, what, false); err != nil {
			t.Fatal(err)
		}
		for _, width := range []int{60, 80, 140} {
			var b bytes.Buffer
			if err := lsNamed(&b, width, what, false); err != nil {
				t.Fatal(err)
			}
			for line := range strings.Lines(b.String()) {
				if n := utf8.RuneCountInString(strings.TrimRight(line, "\n")); n > width {
					t.Errorf("ls %s at %d: %d columns: %s", what, width, n, line)
				}
			}
			if what != "metrics" && what != "confidences" && fmt.Sprint(strings.Fields(b.String())) != fmt.Sprint(strings.Fields(free.String())) {
				t.Errorf("ls %s at %d has other words", what, width)
			}
		}
	}
}
