package reports

import (
	"bytes"
	"fmt"
	"strings"
)

// writeMarkdown writes a pipe table (GitHub's dialect) and the legend as a
// list. All models tied with the best are in bold.
func writeMarkdown(w *bytes.Buffer, t *Table) {
	cols := unordered(t.Board, columnsOf(t.Board, t.Letters))
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
			fmt.Fprintf(w, "| %s ", c.markdown(r))
		}
		w.WriteString("|\n")
	}
	w.WriteString("\n")
	for _, line := range append(nonEmpty(boldLine(t.Board, cols)), legend(t.Board)...) {
		fmt.Fprintf(w, "- %s\n", escapeMarkdown(line))
	}
}

// markdown is a cell of the column.
func (c column) markdown(row int) string {
	s := escapeMarkdown(c.cells[row])
	if c.best != nil && c.best[row] {
		return "**" + s + "**"
	}
	return s
}

var markdownEscapes = strings.NewReplacer(
	`\`, `\\`, "`", "\\`", `*`, `\*`, `_`, `\_`, `|`, `\|`, `[`, `\[`, `]`, `\]`,
	`<`, `&lt;`, `>`, `&gt;`, `&`, `&amp;`, `~`, `\~`, `$`, `\$`,
)

// escapeMarkdown escapes a text so that it is not read as markup and does not end
// a cell.
func escapeMarkdown(s string) string { return markdownEscapes.Replace(visible(s)) }
