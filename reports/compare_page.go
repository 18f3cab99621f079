package reports

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/rivo/uniseg"
)

// plainGrid is a table of texts.
type plainGrid struct {
	title string // above the table if a page has several; may be ""
	head  []string
	right []bool // columns of numbers
	rows  [][]string
}

func (g *plainGrid) column(head string, right bool) {
	g.head, g.right = append(g.head, head), append(g.right, right)
}

// row adds a row; missing cells at its end are empty.
func (g *plainGrid) row(cells ...string) {
	g.rows = append(g.rows, append(cells, make([]string, len(g.head)-len(cells))...))
}

func (g *plainGrid) csv(w *bytes.Buffer) {
	out := csv.NewWriter(w) // writing to a bytes.Buffer never fails
	out.Write(g.head)
	out.WriteAll(g.rows)
}

// plainPage is a page for people: a title, tables, sentences and a legend.
type plainPage struct {
	title  string
	grids  []plainGrid
	says   []string // sentences
	foot   []string // what the tables show and how they were made
	origin []string // for formats with room for comments
}

func (p plainPage) write(w io.Writer, format string) error {
	writers := map[string]func(*bytes.Buffer){"text": p.text, "md": p.markdown, "tex": p.latex}
	if writers[format] == nil {
		return fmt.Errorf("reports: format %q is unknown: choose one of %s", format, strings.Join(Formats(), ", "))
	}
	return flush(w, writers[format])
}

// measureOfText is the width of sentences on a terminal, in columns.
const measureOfText = 80

func (p plainPage) text(w *bytes.Buffer) {
	fmt.Fprintf(w, "%s\n", visible(p.title))
	for _, g := range p.grids {
		w.WriteString("\n")
		if g.title != "" {
			fmt.Fprintln(w, visible(g.title))
		}
		g.text(w)
	}
	for i, line := range p.says {
		if i == 0 {
			w.WriteString("\n")
		}
		writeWrapped(w, "- ", visible(line))
	}
	w.WriteString("\n")
	for _, line := range p.foot {
		writeWrapped(w, "", visible(line))
	}
}

// writeWrapped breaks a line at spaces. Further lines are indented by the width
// of the mark in front of the first, or by two if there is none.
func writeWrapped(w *bytes.Buffer, mark, line string) {
	indent := strings.Repeat(" ", max(len(mark), 2))
	w.WriteString(mark)
	at := len(mark)
	for i, word := range strings.Fields(line) {
		width := uniseg.StringWidth(word)
		switch {
		case i == 0:
		case at+1+width > measureOfText:
			w.WriteString("\n" + indent)
			at = len(indent)
		default:
			w.WriteString(" ")
			at++
		}
		w.WriteString(word)
		at += width
	}
	w.WriteString("\n")
}

func (g plainGrid) text(w *bytes.Buffer) {
	widths := make([]int, len(g.head))
	lines := append([][]string{g.head}, g.rows...)
	for _, cells := range lines {
		for i, c := range cells {
			widths[i] = max(widths[i], uniseg.StringWidth(visible(c)))
		}
	}
	for _, cells := range lines {
		var line strings.Builder
		for i, c := range cells {
			c = visible(c)
			pad := strings.Repeat(" ", widths[i]-uniseg.StringWidth(c))
			if i > 0 {
				line.WriteString("  ")
			}
			if g.right[i] {
				c, pad = pad, c
			}
			line.WriteString(c + pad)
		}
		fmt.Fprintln(w, strings.TrimRight(line.String(), " "))
	}
}

func (p plainPage) markdown(w *bytes.Buffer) {
	fmt.Fprintf(w, "**%s**\n\n", escapeMarkdown(p.title))
	for _, g := range p.grids {
		if g.title != "" {
			fmt.Fprintf(w, "%s\n\n", escapeMarkdown(g.title))
		}
		writeMarkdownRow(w, g.head)
		for _, right := range g.right {
			w.WriteString(map[bool]string{true: "| ---: ", false: "| --- "}[right])
		}
		w.WriteString("|\n")
		for _, row := range g.rows {
			writeMarkdownRow(w, row)
		}
		w.WriteString("\n")
	}
	for _, line := range p.says {
		fmt.Fprintf(w, "%s\n\n", escapeMarkdown(line))
	}
	for _, line := range p.foot {
		fmt.Fprintf(w, "- %s\n", escapeMarkdown(line))
	}
}

func writeMarkdownRow(w *bytes.Buffer, cells []string) {
	for _, c := range cells {
		fmt.Fprintf(w, "| %s ", escapeMarkdown(c))
	}
	w.WriteString("|\n")
}

func (p plainPage) latex(w *bytes.Buffer) {
	for _, lines := range [][]string{p.origin, {p.title}, p.says, p.foot, {`needs \usepackage{booktabs}`}} {
		for _, line := range lines {
			fmt.Fprintf(w, "%% %s\n", comment(line))
		}
	}
	for _, g := range p.grids {
		if g.title != "" {
			fmt.Fprintf(w, "%% %s\n", comment(g.title))
		}
		w.WriteString("\\begin{tabular}{")
		for _, right := range g.right {
			w.WriteString(map[bool]string{true: "r", false: "l"}[right])
		}
		w.WriteString("}\n\\toprule\n")
		for i, row := range append([][]string{g.head}, g.rows...) {
			for k, c := range row {
				if k > 0 {
					w.WriteString(" & ")
				}
				w.WriteString(escapeLaTeX(c))
			}
			w.WriteString(" \\\\\n")
			if i == 0 {
				w.WriteString("\\midrule\n")
			}
		}
		w.WriteString("\\bottomrule\n\\end{tabular}\n")
	}
}
