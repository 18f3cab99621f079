package reports

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"abstain/harness/board"

	"github.com/rivo/uniseg"
)

// writeText writes aligned columns, separated by two spaces, with the legend below. Where the
// width is limited, columns that do not fit are left out and named, and the legend is wrapped.
func writeText(w *bytes.Buffer, t *Table) {
	cols := unordered(t.Board, columnsOf(t.Board, t.Letters))
	for i := range cols {
		cols[i].head = visible(cols[i].head)
		for r, cell := range cols[i].cells {
			cols[i].cells[r] = visible(cell)
		}
	}
	cols, dropped := fitted(cols, t.Width)
	writeRow(w, cols, func(c column) string { return c.head }, false)
	colour := t.Colour && slices.ContainsFunc(t.Board.Entries, func(e board.Entry) bool { return !e.Tie })
	for r, e := range t.Board.Entries {
		writeRow(w, cols, func(c column) string { return c.cells[r] }, colour && e.Tie)
	}
	lines := legend(t.Board)
	if !t.Verbose {
		lines = brief(t.Board, cols)
	}
	if dropped != nil {
		lines = append(lines, fmt.Sprintf("no room for %s: --format csv has all, --metrics chooses", strings.Join(dropped, ", ")))
	}
	for _, line := range lines {
		for _, part := range wrapped(visible(line), t.Width) {
			fmt.Fprintln(w, part)
		}
	}
}

// Colour of a terminal for the models tied with the best, and its end.
const (
	green   = "\x1b[32m"
	plainly = "\x1b[0m"
)

// writeRow writes one line of a table.
func writeRow(w *bytes.Buffer, cols []column, cell func(column) string, coloured bool) {
	var line strings.Builder
	for i, c := range cols {
		text := cell(c)
		pad := strings.Repeat(" ", max(c.width()-uniseg.StringWidth(text), 0))
		if i > 0 {
			line.WriteString(gap)
		}
		if c.right {
			line.WriteString(pad + text)
		} else {
			line.WriteString(text + pad)
		}
	}
	text := strings.TrimRight(line.String(), " ")
	if coloured {
		text = green + text + plainly
	}
	fmt.Fprintln(w, text)
}

// gap stands between columns.
const gap = "  "

// width is that of the widest cell, or of the head.
func (c *column) width() int {
	widest := uniseg.StringWidth(c.head)
	for _, cell := range c.cells {
		widest = max(widest, uniseg.StringWidth(cell))
	}
	return widest
}

// total is the width of the table.
func total(cols []column) int {
	sum := len(gap) * (len(cols) - 1)
	for i := range cols {
		sum += cols[i].width()
	}
	return sum
}

// fitted leaves out columns until the table is no wider than the limit, and returns the heads of
// those left out: regime and family first, then the groups, then metrics from the right, then the
// overall rank. Rank, model, the ranking metric and the difference to a pinned model stay; of the names of models,
// the middle is left out if that helps. 0 is no limit.
func fitted(cols []column, limit int) (kept []column, dropped []string) {
	if limit <= 0 {
		return cols, nil
	}
	var order []string // of heads, the first to go first
	metric := 0
	for _, c := range cols {
		switch {
		case c.measure == nil && (c.head == "regime" || c.head == "family"):
			order = append([]string{c.head}, order...)
		case c.measure == nil && c.head == "groups":
			order = append(order, c.head)
		case c.measure != nil:
			metric++
		}
	}
	for i := len(cols) - 1; i >= 0 && metric > 1; i-- {
		if cols[i].measure != nil {
			order = append(order, cols[i].head)
			metric--
		}
	}
	order = append(order, "overall")
	kept = slices.Clone(cols)
	for _, head := range order {
		if total(kept) <= limit {
			break
		}
		if had := len(kept); len(slices.DeleteFunc(kept, func(c column) bool { return c.head == head })) < had {
			kept = kept[:had-1]
			dropped = append(dropped, head)
		}
	}
	slices.SortFunc(dropped, func(a, b string) int { return placeOf(cols, a) - placeOf(cols, b) })
	shorten(kept, total(kept)-limit)
	return kept, dropped
}

func placeOf(cols []column, head string) int {
	return slices.IndexFunc(cols, func(c column) bool { return c.head == head })
}

// leastName is how much of a model's name stays at least.
const leastName = 12

// shorten makes the names of models narrower by so many columns, as far as that goes.
func shorten(cols []column, by int) {
	at := placeOf(cols, "model")
	if by <= 0 || at < 0 {
		return
	}
	width := max(cols[at].width()-by, leastName)
	cells := slices.Clone(cols[at].cells)
	for i, name := range cells {
		cells[i] = middleOut(name, width)
	}
	cols[at].cells = cells
}

// middleOut is a name of at most that width, with … for what is left out of its middle: names of
// one run differ at their ends.
func middleOut(name string, width int) string {
	if uniseg.StringWidth(name) <= width {
		return name
	}
	runes := []rune(name)
	front, back := len(runes), 0
	for uniseg.StringWidth(string(runes[:front]))+1+uniseg.StringWidth(string(runes[len(runes)-back:])) > width || back < front {
		front--
		if back < (width-1)/2 {
			back++
		}
		if front == 0 {
			break
		}
	}
	return string(runes[:front]) + "…" + string(runes[len(runes)-back:])
}

// wrapped breaks a line at blanks so that no part is wider than the limit, as far as words allow;
// further parts are indented. 0 is no limit.
func wrapped(line string, limit int) []string {
	if limit <= 0 || uniseg.StringWidth(line) <= limit {
		return []string{line}
	}
	var parts []string
	now := ""
	for _, word := range strings.Fields(line) {
		switch {
		case now == "":
			now = word
		case uniseg.StringWidth(now)+1+uniseg.StringWidth(word) > limit:
			parts, now = append(parts, now), gap+word
		default:
			now += " " + word
		}
	}
	return append(parts, now)
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
