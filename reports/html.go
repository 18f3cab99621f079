package reports

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"html/template"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"abstain/harness/board"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/reports/figure"
	"abstain/reports/typeface"
)

// assets are the page's template, style and script, and the table library.
//
//go:embed html/page.tmpl html/page.css html/page.js html/tabulator
var assets embed.FS

var pageTemplate = template.Must(template.New("page.tmpl").ParseFS(assets, "html/page.tmpl"))

// HTML writes the report as one file that opens from disk and loads nothing else:
// provenance, the leaderboard with every metric of the board, the figures as
// inline SVG, the definition of each metric, and the tables that failed.
//
// The leaderboard is a plain HTML table. With scripts it sorts by any column
// (undefined values last), filters, ranks the models of the filter among
// themselves, shows and hides metrics, and saves what is shown as CSV or JSON.
// Names and texts are escaped, and control characters and marks that change the
// direction of text are spelled out. A policy in the page allows only its own two
// scripts, and allows nothing to be loaded. The same document gives the same
// bytes.
//
// It fails if the board is nil, if Font is not an embeddable TrueType font, or if
// w fails.
func HTML(w io.Writer, d Document) error {
	if d.Board == nil {
		return errors.New("reports: a report needs a leaderboard")
	}
	fonts, err := typeface.New(d.Font)
	if err != nil {
		return err
	}
	p, err := newPage(d, fonts)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil {
		return err
	}
	_, err = w.Write(b.Bytes())
	return err
}

// page is the data of the template.
type page struct {
	Title, Subtitle, Generator string
	Policy                     string
	Style, Licence             template.HTML // our own HTML, inserted without escaping
	Scripts                    []template.HTML
	Subject, Provenance        []fact
	Sections                   []pageSection
	Board                      pageBoard
	Figures                    []pageFigure
	Skipped                    []string
	Definitions                []definition
	Failures                   *pageFailures
}

// pageFigure is a figure with its drawing.
type pageFigure struct {
	Number  int
	Name    string
	Title   string
	Caption string
	Drawing template.HTML
	Parts   []pageFigure // further parts of a figure too large for one page, folded away
}

// pageFailures lists the failures; nil for a report that does not know what
// failed.
type pageFailures struct {
	Summary string
	All     []pageFailure
}

type pageFailure struct{ Name, Table, Reason, Hint string }

func newPage(d Document, fonts *typeface.Family) (*page, error) {
	p := &page{
		Title: visible(d.title()), Subtitle: subtitle(d.Board), Generator: strings.TrimSpace("abstain " + d.version()),
		Subject: legible(d.subject()), Provenance: legible(d.provenance()),
		Board:       newPageBoard(pointsBeside(d.Board), d.Columns),
		Definitions: definitions(d.Board),
		Failures:    newPageFailures(d.Results),
	}
	for i := range p.Definitions {
		p.Definitions[i].Facts = legible(p.Definitions[i].Facts)
	}
	sections, err := d.sections()
	if err != nil {
		return nil, err
	}
	drawn, err := p.addSections(sections, fonts)
	if err != nil {
		return nil, err
	}
	figures, skipped := figure.All(figure.Input{Board: d.Board, Curves: d.Curves, Fonts: fonts})
	if p.Figures, err = newPageFigures(drawn, figures); err != nil {
		return nil, err
	}
	p.Skipped = skipped
	p.attach()
	return p, nil
}

// newPageFigures draws figures. The first gets the number after the drawn ones;
// the parts of a figure are put together.
func newPageFigures(drawn int, figures []*figure.Figure) ([]pageFigure, error) {
	var all []pageFigure
	for _, f := range figures {
		drawing, err := f.Inline()
		if err != nil {
			return nil, err
		}
		p := pageFigure{Name: f.Name, Title: visible(f.Title), Caption: visible(f.Caption), Drawing: template.HTML(drawing)}
		if f.Part > 1 {
			whole := &all[len(all)-1]
			p.Number = whole.Number
			whole.Parts = append(whole.Parts, p)
			continue
		}
		drawn++
		p.Number = drawn
		all = append(all, p)
	}
	return all, nil
}

// attach adds the style, the scripts, the licence text that the table library
// requires, and the policy that allows these scripts and no others.
func (p *page) attach() {
	styles := asset("html/tabulator/tabulator_simple.min.css") + asset("html/page.css")
	p.Style = template.HTML("<style>\n" + styles + "</style>")
	p.Licence = template.HTML("<!-- The table is Tabulator.\n" + asset("html/tabulator/LICENSE") + "-->")
	allowed := ""
	for _, name := range []string{"html/tabulator/tabulator.min.js", "html/page.js"} {
		script := "\n" + asset(name)
		sum := sha256.Sum256([]byte(script))
		allowed += " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		p.Scripts = append(p.Scripts, template.HTML("<script>"+script+"</script>"))
	}
	// Figures and the table library set styles on single elements, so styles must
	// be allowed.
	p.Policy = "default-src 'none'; script-src" + allowed + "; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
}

// asset is an embedded file without its source map comment: browsers would look
// for that file beside the page.
func asset(name string) string {
	b, err := assets.ReadFile(name)
	if err != nil {
		panic("reports: " + err.Error())
	}
	text := strings.TrimRight(string(b), "\n")
	if at := strings.LastIndex(text, "\n"); at >= 0 && strings.Contains(text[at:], "# sourceMappingURL=") {
		text = text[:at]
	}
	return text + "\n"
}

// legible spells out characters in facts that a reader could not see.
func legible(facts []fact) []fact {
	out := slices.Clone(facts)
	for i, f := range out {
		lines := strings.Split(f.Text, "\n")
		for j, line := range lines {
			lines[j] = visible(line)
		}
		out[i].Text = strings.Join(lines, "\n")
	}
	return out
}

func newPageFailures(r *results.Results) *pageFailures {
	if r == nil {
		return nil
	}
	f := &pageFailures{Summary: failureSummary(r)}
	for _, x := range r.Failures {
		f.All = append(f.All, pageFailure{visible(failureName(x)), visible(x.Table), visible(x.Reason), visible(x.Hint)})
	}
	return f
}

// pageBoard is the leaderboard in the form that the template needs.
type pageBoard struct {
	Title   string
	Legend  []string
	Columns []pageColumn
	Rows    [][]pageCell
	// Overall says whether the overall rank is shown at first. Without a filter
	// it equals the rank, so the page shows it only after the reader sets a
	// filter.
	Overall bool
	Beyond  int // number, from 1, of the first column that is hidden at first
}

// pageColumn is a column's header, and what the script needs to know about the
// column.
type pageColumn struct {
	ID      string
	Label   string
	Suffix  string // scale and arrow
	About   string
	Group   string // group of the metric; "" for rank, model and metadata
	Better  string // "higher", "lower", or ""
	Numeric bool
	Listed  bool // few different values, each of many models: the page offers them as a list
	More    bool // hidden at first
}

// pageCell is a cell: the text, the value behind it, the footnotes.
type pageCell struct {
	Text  string
	Value string // in full precision, for scripts; "" if undefined or not a number
	Note  string
	Left  bool
	Best  bool
	Tie   bool
}

func newPageBoard(b *board.Board, first []metrics.Measure) pageBoard {
	p := pageBoard{Title: "Leaderboard by " + b.By.Label(), Overall: len(b.Choice.Where) > 0, Rows: make([][]pageCell, len(b.Entries))}
	for _, line := range legend(b) {
		p.Legend = append(p.Legend, visible(line))
	}
	b, count := arranged(b, first)
	cols := pageColumns(b)
	values := 0
	for _, c := range cols {
		head := newPageColumn(c)
		head.More = values > count
		for r, e := range b.Entries {
			p.Rows[r] = append(p.Rows[r], newPageCell(c, r, e, values))
		}
		if c.measure != nil {
			values++
		}
		p.Columns = append(p.Columns, head)
		if !head.More {
			p.Beyond = len(p.Columns) + 1
		}
	}
	return p
}

// pageColumns are the columns of every table and always both ranks, so that the
// script can rank the models of a filter among themselves and still show the
// overall rank.
func pageColumns(b *board.Board) []column {
	cols := columns(b)
	if len(b.Choice.Where) > 0 {
		return cols
	}
	return slices.Insert(cols, 1, rankColumn("overall", b, func(e board.Entry) int { return e.Overall }))
}

// arranged brings the metrics shown at first before the others, and counts
// them.
func arranged(b *board.Board, first []metrics.Measure) (*board.Board, int) {
	if first == nil {
		return b, len(b.Beside)
	}
	var front, back []int
	for i, m := range b.Beside {
		if slices.ContainsFunc(first, m.Same) {
			front = append(front, i)
		} else {
			back = append(back, i)
		}
	}
	order := append(front, back...)
	a := *b
	a.Beside = pick(b.Beside, order)
	a.Entries = slices.Clone(b.Entries)
	for i, e := range a.Entries {
		a.Entries[i].Beside = pick(e.Beside, order)
	}
	return &a, len(front)
}

func pick[T any](all []T, order []int) []T {
	out := make([]T, len(order))
	for i, at := range order {
		out[i] = all[at]
	}
	return out
}

func newPageColumn(c column) pageColumn {
	h := pageColumn{ID: c.head, Label: c.head, Numeric: c.right, Listed: c.head == "regime" || c.head == "family"}
	switch {
	case c.measure != nil:
		m := c.measure.Metric
		h.ID, h.Label, h.Group = c.measure.Name(), c.measure.Label(), cmp.Or(m.Group, "metrics")
		h.Suffix = strings.Join(nonEmpty(c.unit.Sign, arrow(m.Better)), " ")
		h.Better = map[metrics.Direction]string{metrics.Higher: "higher", metrics.Lower: "lower"}[m.Better]
		h.About = strings.Join(nonEmpty(c.measure.Name(), direction(m.Better), m.Definition), "\n")
	case c.right:
		h.Better = "lower"
	}
	return h
}

// newPageCell makes the cell of row r. value is the place of the column's metric,
// if it has one.
func newPageCell(c column, r int, e board.Entry, value int) pageCell {
	cell := pageCell{Text: visible(c.cells[r]), Left: !c.right, Best: c.best != nil && c.best[r]}
	switch {
	case c.head == ranksHead:
		cell.Tie = e.Tie
		if e.Ranks.Lo > 0 {
			cell.Value = strconv.Itoa(e.Ranks.Lo) // the column is sorted by this
		}
	case c.measure != nil:
		v := cellOf(e, value)
		cell.Value, cell.Note = scriptNumber(v.Value), visible(strings.Join(v.Notes, "; "))
	case c.right && c.cells[r] != undefinedCell:
		cell.Value = c.cells[r]
	}
	return cell
}

// scriptNumber is a number that JavaScript can read back exactly; "" if it is
// undefined.
func scriptNumber(v float64) string {
	switch {
	case math.IsInf(v, 1):
		return "Infinity"
	case math.IsInf(v, -1):
		return "-Infinity"
	}
	return plain(v)
}
