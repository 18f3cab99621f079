package reports

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"abstain/reports/internal/sample"
)

// TestLaTeXCompiles: boards, with and without rank sets and letters, and with names that
// LaTeX could take for commands, are read by a LaTeX with nothing but booktabs.
func TestLaTeXCompiles(t *testing.T) {
	tex, err := exec.LookPath("pdflatex")
	if err != nil {
		t.Skip("no pdflatex on this machine")
	}
	hostile := sample.Resolve(sample.Board(12))
	for i, name := range []string{`a_b%c&d#e$f{g}h~i^j\k`, `[x] "quoted" <y>`, `\input{/etc/passwd}`, `100 % − 3 × 4 – ∞`, `-- ` + "\u00a0" + `--`} {
		hostile.Entries[i].Model = name
	}
	for i := range hostile.Entries { // a font for all scripts is not part of every LaTeX
		hostile.Entries[i].Model = strings.Map(latin, hostile.Entries[i].Model)
	}
	var doc bytes.Buffer
	doc.WriteString("\\documentclass{article}\n\\usepackage{booktabs}\n\\usepackage[T1]{fontenc}\n\\usepackage{textcomp}\n\\begin{document}\n\\tiny\n")
	for _, table := range []Table{{Board: hostile}, {Board: hostile, Letters: true, Version: "v1\nx", Command: "abstain \\ %"}, {Board: sample.Board(3)}} {
		for i := range table.Board.Entries {
			table.Board.Entries[i].Model = strings.Map(latin, table.Board.Entries[i].Model)
		}
		if err := table.Write(&doc, "tex"); err != nil {
			t.Fatal(err)
		}
		doc.WriteString("\n\n")
	}
	doc.WriteString("\\end{document}\n")
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "table.tex"), doc.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(tex, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "table.tex")
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v:\n%s\nof\n%s", err, out, doc.Bytes())
	}
	if b, err := os.ReadFile(filepath.Join(dir, "table.pdf")); err != nil || len(b) < 1000 {
		t.Errorf("%d bytes, %v", len(b), err)
	}
}

// latin replaces letters of other scripts.
func latin(c rune) rune {
	if c > 0x2fff {
		return 'x'
	}
	return c
}
