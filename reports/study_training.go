package reports

import (
	"bytes"
	"strings"

	"abstain/harness/study"
	"abstain/reports/pictures"
	"abstain/reports/words"

	"github.com/rivo/uniseg"
)

// writeTraining writes what the rules of presets of abstain train say, each with all seeds, and the presets' tables:
// that is what their models were trained for. It writes nothing of other models.
func writeTraining(b *bytes.Buffer, r *study.Report) {
	for i := range r.Experiments {
		e := &r.Experiments[i]
		if e.Name != "training-comparison" {
			continue
		}
		p := pictures.Of(e.Name)
		l := p.Listing(r, e)
		if l == nil {
			continue
		}
		b.WriteString("\n")
		for k, f := range e.Findings {
			wrap(b, "* ", visible(words.Capital(p.Claim(f.Claim))+"."))
			if k+1 == len(e.Findings) || p.Basis(e.Findings[k+1]) != p.Basis(f) { // what all above have in common
				wrap(b, "  ", visible("("+p.Basis(f)+")"))
			}
		}
		if len(e.Findings) > 0 {
			b.WriteString("\n")
		}
		for _, block := range blocks(l) {
			writeBlock(b, block)
			b.WriteString("\n")
		}
		wrap(b, "  ", visible(l.Note))
	}
}

// blocks are the tables of a listing, one for each preset: heads, then rows. The listing has a few columns of a preset
// below each other, parted by empty rows.
func blocks(l *pictures.Listing) [][][]string {
	var heads []string
	for _, c := range l.Columns {
		heads = append(heads, c.Head)
	}
	all := [][][]string{{heads}}
	for _, row := range l.Rows {
		if row == nil {
			all = append(all, nil)
			continue
		}
		last := len(all) - 1
		all[last] = append(all[last], row)
	}
	var joined [][][]string
	for _, block := range all {
		last := len(joined) - 1
		if last < 0 || joined[last][0][0] != block[0][0] || len(joined[last]) != len(block) {
			joined = append(joined, block)
			continue
		}
		for i, row := range block {
			joined[last][i] = append(joined[last][i], row[1:]...)
		}
	}
	return joined
}

// writeBlock writes a table in aligned columns, with those that do not fit on a line in tables of their own below it.
func writeBlock(b *bytes.Buffer, rows [][]string) {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for k, cell := range row {
			widths[k] = max(widths[k], uniseg.StringWidth(visible(cell)))
		}
	}
	for from := 1; from < len(widths); {
		to, total := from, widths[0]
		for to < len(widths) && (to == from || total+2+widths[to] <= proseWidth) {
			total += 2 + widths[to]
			to++
		}
		if from > 1 {
			b.WriteString("\n")
		}
		for _, row := range rows {
			line := visible(row[0]) + strings.Repeat(" ", widths[0]-uniseg.StringWidth(visible(row[0])))
			for k := from; k < min(to, len(row)); k++ {
				line += strings.Repeat(" ", 2+widths[k]-uniseg.StringWidth(visible(row[k]))) + visible(row[k])
			}
			b.WriteString(strings.TrimRight(line, " ") + "\n")
		}
		from = to
	}
}
