package reports

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"strings"

	"abstain/harness/study"
	"abstain/reports/answers"
	"abstain/reports/words"

	"github.com/rivo/uniseg"
)

// Study writes a study as text in lines of 80 columns. If brief is set, it writes one
// page: each question that belongs on a first page with its answer in one sentence, and
// the names of the others. Otherwise it writes every question with its answer, its table
// as far as it fits, and how it was found; the tables in full are the files that
// WriteStudy writes. It fails if w fails.
func Study(w io.Writer, r *study.Report, brief bool) error {
	a := answers.New(answers.Input{Study: r})
	var b bytes.Buffer
	size := words.Plural(r.Models, "model")
	if n := len(r.Broken); n > 0 && !r.WithBroken {
		size = fmt.Sprintf("%d of %s", r.Models, words.Plural(r.Models+n, "model"))
	}
	wrap(&b, "", visible(strings.Join(append([]string{size}, a.Subject...), " · ")))
	b.WriteString("\n")
	if brief {
		writeFirstPage(&b, r, a)
	} else {
		for _, f := range a.Findings {
			writeFinding(&b, f)
		}
		writeAbsent(&b, a)
		for _, n := range a.Notes {
			wrap(&b, "note: ", visible(n))
		}
	}
	writeTraining(&b, r)
	_, err := w.Write(b.Bytes())
	return err
}

// Sentences writes the answers of these findings, as far as there are any, in lines of 80
// columns, each after a star. It fails if w fails.
func Sentences(w io.Writer, a *answers.Answers, findings ...string) error {
	var b bytes.Buffer
	for _, name := range findings {
		if f := a.Find(name); f != nil {
			wrap(&b, "* ", visible(f.Sentence))
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// Star writes a text in lines of 80 columns after a star; it fails if w fails.
func Star(w io.Writer, text string) error { return paragraph(w, "* ", text) }

// Paragraph writes a text in lines of 80 columns. It fails if w fails.
func Paragraph(w io.Writer, text string) error { return paragraph(w, "", text) }

func paragraph(w io.Writer, lead, text string) error {
	var b bytes.Buffer
	wrap(&b, lead, visible(text))
	_, err := w.Write(b.Bytes())
	return err
}

// writeFirstPage writes the answers that belong on a first page, and names the others.
func writeFirstPage(b *bytes.Buffer, r *study.Report, a *answers.Answers) {
	first, others := []answers.Finding{}, []string{}
	for _, f := range a.Findings {
		if f.Headline {
			first = append(first, f)
		} else {
			others = append(others, f.Name)
		}
	}
	if first == nil {
		first, others = a.Findings, nil
	}
	for _, f := range first {
		fmt.Fprintln(b, visible(f.Question))
		wrap(b, "  ", visible(f.Sentence))
	}
	b.WriteString("\n")
	if len(others) > 0 {
		wrap(b, "", visible("also answered: "+strings.Join(others, ", ")))
	}
	if r.Broken != nil {
		var names []string
		for _, x := range r.Broken {
			names = append(names, x.Model)
		}
		what := "left out"
		if r.WithBroken {
			what = "kept as asked"
		}
		wrap(b, "", visible(fmt.Sprintf("%s not above chance, %s: %s", words.Count(len(names), "record is", "records are"), what, words.Shorten(names, 4))))
	}
	var lacking []string
	for _, x := range a.Absent {
		lacking = append(lacking, x.Name)
	}
	if lacking != nil {
		wrap(b, "", visible("not computed: "+strings.Join(lacking, ", ")))
	}
	if n := len(a.Notes); n > 0 {
		wrap(b, "", words.Plural(n, "note")+" on the models, and why what was not computed, with --full")
	}
}

// writeFinding writes a question with its answer, its table and its method.
func writeFinding(b *bytes.Buffer, f answers.Finding) {
	fmt.Fprintf(b, "%s  [%s]\n", visible(f.Question), f.Name)
	wrap(b, "", visible(f.Sentence))
	b.WriteString("\n")
	writeTable(b, f.Table)
	wrap(b, "  ", visible(f.Method))
	b.WriteString("\n")
}

// writeAbsent says which questions were not answered, and what they need.
func writeAbsent(b *bytes.Buffer, a *answers.Answers) {
	for _, x := range a.Absent {
		wrap(b, "not computed: ", visible(x.Name+"; missing: "+x.Because))
	}
}

// mostRows is how many rows of a table the text has.
const mostRows = 30

// writeTable writes a table in aligned columns. Columns that do not fit on a line are left
// out from the right and named.
func writeTable(b *bytes.Buffer, t *answers.Table) {
	if t == nil || len(t.Rows) == 0 {
		return
	}
	if t.Title != "" {
		wrap(b, "", visible(t.Title))
	}
	if len(t.Columns) == 1 { // sentences
		for _, r := range t.Rows {
			wrap(b, "- ", visible(r.Cells[0].Text))
		}
		b.WriteString("\n")
		return
	}
	var shown []column
	var left []string
	for k := range t.Columns {
		c := answerColumn(t, k)
		if width := total(append(shown[:len(shown):len(shown)], c)); width > proseWidth {
			left = append(left, c.head)
			continue
		}
		shown = append(shown, c)
	}
	writeRow(b, shown, func(c column) string { return c.head }, false)
	for r := range min(len(t.Rows), mostRows) {
		writeRow(b, shown, func(c column) string { return c.cells[r] }, false)
	}
	if more := len(t.Rows) - mostRows; more > 0 {
		left = append(left, words.Plural(more, "further row"))
	}
	if t.Note != "" {
		wrap(b, "", visible(t.Note))
	}
	if left != nil {
		wrap(b, "", visible("no room for "+strings.Join(left, ", ")+"; report.html and the CSV files have all"))
	}
	b.WriteString("\n")
}

// answerColumn is the k-th column of a table of answers as text. Numbers have their
// interval and what is proven of them.
func answerColumn(t *answers.Table, k int) column {
	c := column{head: visible(t.Columns[k].Title()), right: t.Columns[k].Kind != answers.Text}
	var numbers, intervals, verdicts []string
	for _, r := range t.Rows {
		cell := r.Cells[k]
		numbers = append(numbers, visible(t.Print(cell, k)))
		intervals = append(intervals, t.Interval(cell, k))
		verdicts = append(verdicts, map[answers.Verdict]string{answers.Better: "better", answers.Worse: "worse", answers.TooFew: "few",
			answers.Behind: "worse"}[cell.Verdict])
		if math.IsNaN(cell.Value) && cell.Text == "" && c.right {
			verdicts[len(verdicts)-1] = ""
		}
	}
	widest := func(list []string) int {
		w := 0
		for _, s := range list {
			w = max(w, uniseg.StringWidth(s))
		}
		return w
	}
	wide, sure := widest(intervals), widest(verdicts)
	for i, text := range numbers {
		if wide > 0 {
			text += " " + intervals[i] + strings.Repeat(" ", wide-uniseg.StringWidth(intervals[i]))
		}
		if sure > 0 {
			text += " " + verdicts[i] + strings.Repeat(" ", sure-len(verdicts[i]))
		}
		c.cells = append(c.cells, text)
	}
	return c
}
