package reports

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/rivo/uniseg"
)

func text(t *testing.T, table Table) string {
	t.Helper()
	var b bytes.Buffer
	if err := table.Write(&b, "text"); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestTextFits: no line is wider than the terminal, every column is shown or named, and rows are
// the same as without a limit but for what is left out.
func TestTextFits(t *testing.T) {
	b := pinnedBoard()
	heads := columnsOf(b, false)
	for _, verbose := range []bool{false, true} {
		for width := 60; width <= 200; width++ {
			got := text(t, Table{Board: b, Width: width, Verbose: verbose})
			for _, line := range strings.Split(got, "\n") {
				if n := uniseg.StringWidth(line); n > width && !strings.Contains(line, b.Entries[0].Model) && width >= 80 {
					t.Fatalf("width %d: %d columns: %s", width, n, line)
				}
			}
			flat := strings.Join(strings.Fields(got), " ")
			for _, c := range heads {
				if !strings.Contains(flat, strings.Join(strings.Fields(c.head), " ")) {
					t.Errorf("width %d: nothing is said of %s:\n%s", width, c.head, got)
				}
			}
			for _, must := range []string{"rank", "model", "AURC", "difference"} {
				if head, _, _ := strings.Cut(got, "\n"); !strings.Contains(head, must) {
					t.Errorf("width %d: no column %s", width, must)
				}
			}
		}
	}
	if wide, free := text(t, Table{Board: b, Width: 1000}), text(t, Table{Board: b}); wide != free {
		t.Errorf("with room for all\n%s\nwithout a limit\n%s", wide, free)
	}
}

// TestFittedOrder: regime and family go first, metrics from the right.
func TestFittedOrder(t *testing.T) {
	cols := columnsOf(plainBoard(), false)
	var gone []string
	for width := total(cols); width > 20; width-- {
		_, dropped := fitted(cols, width)
		for _, head := range dropped {
			if !slices.Contains(gone, head) {
				gone = append(gone, head)
			}
		}
	}
	at := func(head string) int {
		return slices.IndexFunc(gone, func(s string) bool { return strings.HasPrefix(s, head) })
	}
	if len(gone) < 4 || !strings.HasPrefix(gone[0], "family") || at("regime") > at("SAC") {
		t.Errorf("left out in the order %q", gone)
	}
}

// TestTieInColour: colour only where it is allowed, around whole lines of the tie set, and only if
// there are others.
func TestTieInColour(t *testing.T) {
	b := pinnedBoard()
	plainText, coloured := text(t, Table{Board: b}), text(t, Table{Board: b, Colour: true})
	if strings.Contains(plainText, "\x1b") {
		t.Error("colour that was not asked for")
	}
	tied := 0
	for i, line := range strings.Split(coloured, "\n") {
		on := strings.HasPrefix(line, green) && strings.HasSuffix(line, plainly)
		if is := i > 0 && i <= len(b.Entries) && b.Entries[i-1].Tie; is != on {
			t.Errorf("line %d: %q", i, line)
		}
		if on {
			tied++
		}
	}
	if tied == 0 || tied == len(b.Entries) {
		t.Errorf("%d lines in colour", tied)
	}
	if stripped := strings.NewReplacer(green, "", plainly, "").Replace(coloured); stripped != plainText {
		t.Errorf("%q, want %q", stripped, plainText)
	}
	for i := range b.Entries {
		b.Entries[i].Tie = true
	}
	if strings.Contains(text(t, Table{Board: b, Colour: true}), "\x1b") {
		t.Error("all are in colour, which says nothing")
	}
}

func TestWrapped(t *testing.T) {
	for _, c := range []struct {
		line  string
		limit int
		want  []string
	}{
		{"a b c", 0, []string{"a b c"}},
		{"aa bb cc dd", 5, []string{"aa bb", "  cc", "  dd"}},
		{"aaaaaaaaa b", 5, []string{"aaaaaaaaa", "  b"}},
		{"模型 模型", 5, []string{"模型", "  模型"}},
		{"  kept as it is", 20, []string{"  kept as it is"}},
	} {
		if got := wrapped(c.line, c.limit); !slices.Equal(got, c.want) {
			t.Errorf("%q at %d: %q, want %q", c.line, c.limit, got, c.want)
		}
	}
}

func TestMiddleOut(t *testing.T) {
	for _, name := range []string{"mlp-w64-d2-vanilla-seed0", "模型模型模型模型模型", "short", "абвгдежзиклмн"} {
		for width := 3; width < 30; width++ {
			got := middleOut(name, width)
			if n := uniseg.StringWidth(got); n > width {
				t.Errorf("%q at %d: %q has %d columns", name, width, got, n)
			}
			if uniseg.StringWidth(name) <= width && got != name {
				t.Errorf("%q at %d: %q", name, width, got)
			}
		}
	}
	if got := middleOut("mlp-w64-d2-vanilla-seed0", 13); got != "mlp-w6…-seed0" {
		t.Errorf("%q", fmt.Sprint(got))
	}
}
