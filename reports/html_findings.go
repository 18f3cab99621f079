package reports

import (
	"fmt"
	"html/template"
	"math"
	"slices"
	"strings"

	"abstain/metrics"
	"abstain/reports/answers"
	"abstain/reports/figure"
	"abstain/reports/pictures"
	"abstain/reports/typeface"
	"abstain/reports/words"
)

// pageChapter are the answers of one run.
type pageChapter struct {
	Title, Subject string
	Numbers        []pageNumber // only of further runs: those of the first stand at the top
	Findings       []pageFinding
	Absent, Notes  []string
}

type pageFinding struct {
	ID, Question, Sentence, Method string
	Table                          *pageTable
	Figures                        []pageFigure
}

type pageTable struct {
	Title, Note string
	Columns     []pageHead
	Rows        [][]pageValue
}

type pageHead struct {
	Head, Suffix string
	Right        bool
}

// pageValue is a cell of a finding's table: text, a drawing of the effect, bounds.
type pageValue struct {
	Class, Text, Bounds string
	Mark                template.HTML
}

// addChapters adds the answers of the document and of the further ones.
func (p *htmlPage) addChapters(d Document, a *answers.Answers, fonts *typeface.Family) error {
	first, drawn, err := newChapter("answer-", d, a, 0, fonts)
	if err != nil {
		return err
	}
	first.Title = "Answers"
	if len(first.Findings) > 0 {
		p.Chapters = append(p.Chapters, first)
	}
	for i, f := range d.Further {
		b := f.Answers()
		c, n, err := newChapter(fmt.Sprintf("further-%d-", i+1), f, b, drawn, fonts)
		if err != nil {
			return err
		}
		c.Title = visible(b.Title)
		c.Subject, c.Numbers, drawn = visible(strings.Join(nonEmpty(strings.Join(b.Subject, ", "), f.Source), ". ")), pageNumbers(b.Numbers), n
		p.Chapters = append(p.Chapters, c)
	}
	figures, skipped := figure.All(figure.Input{Board: d.Board, Curves: d.Curves, Sets: d.sets(), Fonts: fonts})
	p.Skipped = skipped
	p.Figures, err = newPageFigures(drawn, figures)
	return err
}

// newChapter makes a chapter, with its figures numbered on; the ids of its findings begin
// with the prefix.
func newChapter(prefix string, d Document, a *answers.Answers, drawn int, fonts *typeface.Family) (pageChapter, int, error) {
	var c pageChapter
	shown := map[string]bool{}
	for i := range a.Findings {
		f := &a.Findings[i]
		q := pageFinding{ID: prefix + f.Name, Question: visible(f.Question), Sentence: together(visible(f.Sentence)), Method: visible(f.Method), Table: newPageTable(f.Table)}
		if !shown[f.Experiment] && f.Experiment != "" && d.Study != nil {
			shown[f.Experiment] = true
			figures, err := figuresOf(d, f.Experiment, fonts)
			if err != nil {
				return c, drawn, err
			}
			if q.Figures, err = newPageFigures(drawn, figures); err != nil {
				return c, drawn, err
			}
			drawn += len(q.Figures)
		}
		c.Findings = append(c.Findings, q)
	}
	for _, x := range a.Absent {
		c.Absent = append(c.Absent, visible(strings.TrimSuffix(x.Question, "?")+": "+x.Because))
	}
	for _, n := range a.Notes {
		c.Notes = append(c.Notes, visible(n))
	}
	return c, drawn, nil
}

// figuresOf are the figures of an experiment of the document's study.
func figuresOf(d Document, experiment string, fonts *typeface.Family) ([]*figure.Figure, error) {
	for i := range d.Study.Experiments {
		e := &d.Study.Experiments[i]
		if e.Name != experiment {
			continue
		}
		figures, err := pictures.Of(experiment).Figures(d.Study, e)
		for k, f := range figures {
			figures[k] = f.In(fonts)
		}
		return figures, err
	}
	return nil, nil
}

// together keeps a number and its sign in one line.
func together(sentence string) string { return strings.ReplaceAll(sentence, " %", "\u202f%") }

func pageNumbers(all []answers.Number) []pageNumber {
	var list []pageNumber
	for _, n := range all {
		list = append(list, pageNumber{visible(n.Big), together(visible(n.Sentence)), verdictClass(n.Verdict)})
	}
	return list
}

// verdictClass is the class of the style for a verdict.
func verdictClass(v answers.Verdict) string {
	return [...]string{"", "tied", "behind", "better", "worse", "unproven", "few"}[v]
}

func newPageTable(t *answers.Table) *pageTable {
	if t == nil || len(t.Rows) == 0 {
		return nil
	}
	p := &pageTable{Title: visible(t.Title), Note: visible(t.Note), Rows: make([][]pageValue, len(t.Rows))}
	for k, c := range t.Columns {
		head := pageHead{Head: visible(c.Head), Right: c.Kind != answers.Text}
		if c.Kind == answers.Value || c.Kind == answers.Effect {
			head.Suffix = strings.TrimSpace(c.Unit.Sign + " " + arrow(c.Better))
		}
		p.Columns = append(p.Columns, head)
		scale := effectScale(t, k)
		for r, row := range t.Rows {
			p.Rows[r] = append(p.Rows[r], newPageValue(c, row.Cells[k], scale))
		}
	}
	return p
}

func newPageValue(c answers.Column, cell answers.Cell, scale float64) pageValue {
	u := c.Unit
	if cell.Unit != (words.Unit{}) {
		u = cell.Unit
	}
	switch c.Kind {
	case answers.Text:
		return pageValue{Class: "t", Text: visible(cell.Text)}
	case answers.Count:
		if math.IsNaN(cell.Value) {
			return pageValue{Text: undefinedCell}
		}
		return pageValue{Text: words.Grouped(int(cell.Value))}
	case answers.Effect, answers.Coefficient:
		v := pageValue{Class: verdictClass(cell.Verdict) + "-text", Text: u.Signed(cell.Value), Bounds: u.Bounds(cell.Lo, cell.Hi, true)}
		if cell.Text != "" && math.IsNaN(cell.Value) {
			v.Text = visible(cell.Text)
		}
		if c.Kind == answers.Effect && !math.IsNaN(cell.Value) {
			v.Mark, v.Bounds = effectMark(cell, c.Better, scale), ""
		}
		return v
	}
	return pageValue{Class: verdictClass(cell.Verdict) + "-text", Text: u.Number(cell.Value), Bounds: u.Bounds(cell.Lo, cell.Hi, false)}
}

// effectScale is the size of effect that a column's drawings end at: beyond three quarters
// of its effects, so that one outlier does not flatten all others.
func effectScale(t *answers.Table, k int) float64 {
	var sizes []float64
	for _, row := range t.Rows {
		if v := math.Abs(row.Cells[k].Value); v > 0 && !math.IsInf(v, 0) {
			sizes = append(sizes, v)
		}
	}
	if len(sizes) == 0 {
		return 1
	}
	slices.Sort(sizes)
	return 1.6 * sizes[(3*len(sizes)-1)/4]
}

// effectMark draws an effect with its interval on the square root of its size around 0;
// right is better in every column. A square at the edge lies beyond it.
func effectMark(c answers.Cell, better metrics.Direction, scale float64) template.HTML {
	const width, middle, reach = 84, 42, 39
	at := func(v float64) (x float64, beyond bool) {
		t := math.Copysign(math.Sqrt(math.Abs(v)/scale), v)
		if better == metrics.Lower {
			t = -t
		}
		return middle + reach*max(-1, min(1, t)), math.Abs(t) > 1
	}
	var b strings.Builder
	class := map[answers.Verdict]string{answers.Better: "better", answers.Worse: "worse", answers.TooFew: "few"}[c.Verdict]
	if class == "" {
		class = "open"
	}
	fmt.Fprintf(&b, `<svg class="iv %s" width="%d" height="14" aria-hidden="true"><line class="zero" x1="%d" x2="%d" y1="1" y2="13"/>`, class, width, middle, middle)
	if c.Lo <= c.Hi {
		lo, _ := at(c.Lo)
		hi, _ := at(c.Hi)
		fmt.Fprintf(&b, `<line class="bar" x1="%.1f" x2="%.1f" y1="7" y2="7"/>`, min(lo, hi), max(lo, hi))
	}
	if x, beyond := at(c.Value); beyond {
		fmt.Fprintf(&b, `<rect class="mark" x="%.1f" y="4.5" width="5" height="5"/>`, x-2.5)
	} else {
		fmt.Fprintf(&b, `<circle class="mark" cx="%.1f" cy="7" r="2.8"/>`, x)
	}
	b.WriteString("</svg>")
	return template.HTML(b.String())
}
