package reports

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

// writeText writes aligned columns, separated by two spaces, with the legend
// below.
func writeText(w *bytes.Buffer, t *Table) {
	cols := columnsOf(t.Board, t.Letters)
	rows := make([][]string, len(t.Board.Entries)+1)
	widths := make([]int, len(cols))
	for i, c := range cols {
		for r, cell := range append([]string{c.head}, c.cells...) {
			cell = visible(cell)
			rows[r] = append(rows[r], cell)
			widths[i] = max(widths[i], uniseg.StringWidth(cell))
		}
	}
	for _, row := range rows {
		var line strings.Builder
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-uniseg.StringWidth(cell))
			if i > 0 {
				line.WriteString("  ")
			}
			if cols[i].right {
				line.WriteString(pad + cell)
			} else {
				line.WriteString(cell + pad)
			}
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
	for _, line := range legend(t.Board) {
		fmt.Fprintln(w, visible(line))
	}
}

// visible spells out control characters: a model's name must not move the cursor
// or change the colours of a terminal.
func visible(s string) string {
	if utf8.ValidString(s) && strings.IndexFunc(s, hidden) < 0 {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		c, size := utf8.DecodeRuneInString(s)
		switch {
		case c == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case hidden(c):
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			b.WriteRune(c)
		}
		s = s[size:]
	}
	return b.String()
}

// hidden reports whether a character is a control character or a mark that
// changes the direction of text.
func hidden(c rune) bool {
	return unicode.IsControl(c) || unicode.Is(unicode.Bidi_Control, c) || c == '\u2028' || c == '\u2029'
}
