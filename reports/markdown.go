package reports

import (
	"bytes"
	"fmt"
	"strings"
)

// writeMarkdown writes a pipe table (GitHub's dialect) and the legend as a
// list.
func writeMarkdown(w *bytes.Buffer, t *Table) {
	cols := columnsOf(t.Board, t.Letters)
	for _, c := range cols {
		fmt.Fprintf(w, "| %s ", escapeMarkdown(c.head))
	}
	w.WriteString("|\n")
	for _, c := range cols {
		if c.right {
			w.WriteString("| ---: ")
		} else {
			w.WriteString("| --- ")
		}
	}
	w.WriteString("|\n")
	for r := range t.Board.Entries {
		for _, c := range cols {
			fmt.Fprintf(w, "| %s ", escapeMarkdown(c.cells[r]))
		}
		w.WriteString("|\n")
	}
	w.WriteString("\n")
	for _, line := range legend(t.Board) {
		fmt.Fprintf(w, "- %s\n", escapeMarkdown(line))
	}
}

var markdownEscapes = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `|`, `\|`, `[`, `\[`, `]`, `\]`,
	`<`, `&lt;`, `>`, `&gt;`, `&`, `&amp;`, `~`, `\~`, `$`, `\$`,
)

// escapeMarkdown escapes a text so that it is not read as markup and does not end
// a cell.
func escapeMarkdown(s string) string { return markdownEscapes.Replace(visible(s)) }
