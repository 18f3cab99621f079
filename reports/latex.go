package reports

import (
	"bytes"
	"fmt"
	"strings"
)

// writeLaTeX writes a tabular for booktabs, with all models not separable from the
// best in bold and with origin and legend as comments. It needs a LaTeX that reads UTF-8;
// names in scripts that its font lacks need XeLaTeX or LuaLaTeX.
func writeLaTeX(w *bytes.Buffer, t *Table) {
	origin := strings.Join(nonEmpty("abstain", t.Version), " ")
	fmt.Fprintf(w, "%% made by %s\n", comment(origin))
	if t.Command != "" {
		fmt.Fprintf(w, "%% command: %s\n", comment(t.Command))
	}
	cols := unordered(t.Board, columnsOf(t.Board, t.Letters))
	for _, line := range append(nonEmpty(boldLine(t.Board, cols)), legend(t.Board)...) {
		fmt.Fprintf(w, "%% %s\n", comment(line))
	}
	w.WriteString("% needs \\usepackage{booktabs}\n")
	w.WriteString("\\begin{tabular}{")
	for _, c := range cols {
		w.WriteString(map[bool]string{true: "r", false: "l"}[c.right])
	}
	w.WriteString("}\n\\toprule\n")
	writeLaTeXRow(w, cols, func(c column) string { return escapeLaTeX(c.head) })
	w.WriteString("\\midrule\n")
	for r := range t.Board.Entries {
		writeLaTeXRow(w, cols, func(c column) string { return c.latex(r) })
	}
	w.WriteString("\\bottomrule\n\\end{tabular}\n")
}

func writeLaTeXRow(w *bytes.Buffer, cols []column, cell func(column) string) {
	for i, c := range cols {
		if i > 0 {
			w.WriteString(" & ")
		}
		w.WriteString(cell(c))
	}
	w.WriteString(" \\\\\n")
}

// latex is a cell of the column.
func (c column) latex(row int) string {
	s := escapeLaTeX(c.cells[row])
	if c.best != nil && c.best[row] {
		return "\\textbf{" + s + "}"
	}
	return s
}

var latexEscapes = strings.NewReplacer(
	`\`, `\textbackslash{}`, `{`, `\{`, `}`, `\}`, `$`, `\$`, `&`, `\&`, `#`, `\#`, `%`, `\%`,
	`_`, `\_`, `^`, `\textasciicircum{}`, `~`, `\textasciitilde{}`, `<`, `\textless{}`, `>`, `\textgreater{}`,
	`"`, `\textquotedbl{}`, `[`, `{[}`, `]`, `{]}`,
	`↓`, `$\downarrow$`, `↑`, `$\uparrow$`, `×`, `$\times$`, `∞`, `$\infty$`, `−`, `$-$`, `–`, `--`,
)

// escapeLaTeX turns a text into LaTeX that prints it. Brackets are wrapped,
// because LaTeX would read a bracket at the beginning of a row as an argument of
// the line end before it.
func escapeLaTeX(s string) string { return latexEscapes.Replace(visible(s)) }

// comment puts a text on one line.
func comment(s string) string { return strings.Join(strings.Fields(visible(s)), " ") }
