package csv

import (
	"fmt"
	"unicode/utf8"
)

// texts are the cells of a column of text, in one piece of memory.
type texts struct {
	all  []byte
	ends []int
}

func (t *texts) reset() { t.all, t.ends = t.all[:0], t.ends[:0] }

// cut leaves the first n.
func (t *texts) cut(n int) {
	if len(t.ends) <= n {
		return
	}
	t.ends = t.ends[:n]
	end := 0
	if n > 0 {
		end = t.ends[n-1]
	}
	t.all = t.all[:end]
}

// add adds a cell, and reports whether it was not UTF-8. Bytes that are not are written
// as \x and two digits, so that different texts stay different.
func (t *texts) add(cell []byte) (foreign bool) {
	if utf8.Valid(cell) {
		t.all = append(t.all, cell...)
	} else {
		foreign = true
		t.all = append(t.all, escape(cell)...)
	}
	t.ends = append(t.ends, len(t.all))
	return foreign
}

// escape replaces bytes that are not UTF-8.
func escape(cell []byte) string {
	var s []byte
	for len(cell) > 0 {
		r, n := utf8.DecodeRune(cell)
		if r == utf8.RuneError && n == 1 {
			s = fmt.Appendf(s, `\x%02x`, cell[0])
		} else {
			s = append(s, cell[:n]...)
		}
		cell = cell[n:]
	}
	return string(s)
}

// strings appends the cells to dst. They share one new string.
func (t *texts) strings(dst []string) []string {
	all, begin := string(t.all), 0
	for _, end := range t.ends {
		dst = append(dst, all[begin:end])
		begin = end
	}
	return dst
}
