package column

import (
	"errors"
	"io"
	"slices"
	"testing"
)

func TestMaxRows(t *testing.T) {
	for width, want := range map[int]int{-1: 4096, 0: 4096, 1: 4096, 10: 4096, 256: 512, 1000: 131, 1 << 20: 1, 1 << 30: 1} {
		if got := MaxRows(width); got != want {
			t.Errorf("width %d: %d rows, want %d", width, got, want)
		}
	}
}

// Packed texts do not change when the memory they came from does.
func TestPack(t *testing.T) {
	memory := []byte("onetwo")
	texts := make([]string, 3)
	Pack(texts, func(i int) []byte { return [][]byte{memory[:3], nil, memory[3:]}[i] })
	copy(memory, "xxxxxx")
	if !slices.Equal(texts, []string{"one", "", "two"}) {
		t.Errorf("texts %q", texts)
	}
	Pack(nil, func(int) []byte { panic("no texts, no calls") })
}

func TestGrow(t *testing.T) {
	s := make([]int, 2, 8)
	if g := Grow(s, 5); len(g) != 5 || &g[0] != &s[0] {
		t.Error("memory that suffices is not used again")
	}
	if g := Grow(s, 9); len(g) != 9 {
		t.Errorf("length %d, want 9", len(g))
	}
}

func TestError(t *testing.T) {
	err := Errorf("logits", 4, "cut off: %w", io.EOF)
	if err.Error() != `column "logits": row 4: cut off: EOF` || !errors.Is(err, io.EOF) {
		t.Errorf("error %q", err)
	}
	if got := (&Error{Row: -1, Err: io.EOF}).Error(); got != "EOF" {
		t.Errorf("error %q", got)
	}
}

func TestNames(t *testing.T) {
	if Vector32.String() != "list of float32" || Kind(99).String() != "Kind(99)" {
		t.Errorf("names %v, %v", Vector32, Kind(99))
	}
	if got := (Field{Kind: Int}).Type(); got != "integer" {
		t.Errorf("type %q", got)
	}
	if got := (Field{Kind: Int, Stored: "int8"}).Type(); got != "int8" {
		t.Errorf("type %q", got)
	}
}
