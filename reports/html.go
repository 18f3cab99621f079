package reports

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"abstain/harness/board"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/reports/answers"
	"abstain/reports/figure"
	"abstain/reports/page"
	"abstain/reports/palette"
	"abstain/reports/typeface"
	"abstain/reports/words"
)

// assets are the page's template, style and scripts, and the library that draws curves.
//
//go:embed html/page.tmpl html/page.css html/*.js html/vendor
var assets embed.FS

var pageTemplate = template.Must(template.New("page.tmpl").ParseFS(assets, "html/page.tmpl"))

// scripts are those of the page, in the order in which they stand: one idea in each.
var scripts = []string{"store", "filter", "board", "curves", "scatter", "model", "app"}

// HTML writes the report as one file that opens from disk and loads nothing else: the
// answers, the board, what was asked of a study, definitions, provenance, and the tables
// that failed.
//
// The board is a plain HTML table. With scripts it sorts by any column, filters by words
// and bounds, and shows what is proven in the order chosen: rank sets, and differences from
// a pinned model. Beside it are exact curves of ticked models, below it a cloud of any two
// metrics, and each model has a page of its own. The address keeps what was chosen.
//
// Names and texts are escaped, and control characters and marks that change the
// direction of text are spelled out. A policy in the page allows only its own scripts, and
// allows nothing to be loaded. The same document gives the same bytes.
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

// htmlPage is the data of the template.
type htmlPage struct {
	Title, Kicker, Terms, Generator string
	Policy                          string
	Store                           template.HTML // base64
	Style, Licence                  template.HTML // our own HTML, inserted without escaping
	Scripts                         []template.HTML
	Subject, Provenance             []fact
	Numbers                         []pageNumber
	Board                           pageBoard
	Chapters                        []pageChapter
	Figures                         []pageFigure
	Skipped                         []string
	Definitions                     []definition
	Failures                        *pageFailures
}

// pageNumber is a large number with its sentence; Verdict is a class of the style.
type pageNumber struct{ Big, Sentence, Verdict string }

// pageFigure is a figure with its drawing.
type pageFigure struct {
	Number               int
	Name, Title, Caption string
	Drawing              template.HTML
}

// pageFailures lists the failures; nil for a report that does not know what
// failed.
type pageFailures struct {
	Summary string
	All     []pageFailure
}

type pageFailure struct{ Name, Table, Reason, Hint string }

func newPage(d Document, fonts *typeface.Family) (*htmlPage, error) {
	a := d.Answers()
	p := &htmlPage{
		Title: visible(a.Title), Kicker: visible(strings.Join(a.Subject, ", ")), Terms: visible(a.Terms),
		Generator: strings.TrimSpace("abstain " + d.version()), Numbers: pageNumbers(a.Numbers),
		Subject: legible(d.subject()), Provenance: legible(d.provenance()), Board: newPageBoard(d),
		Definitions: definitions(d.Board), Failures: newPageFailures(d.Results),
	}
	if d.Title != "" {
		p.Title = visible(d.Title)
	}
	for i := range p.Definitions {
		p.Definitions[i].Facts = legible(p.Definitions[i].Facts)
	}
	if err := p.addChapters(d, a, fonts); err != nil {
		return nil, err
	}
	store, err := page.New(page.Input{Board: d.Board, Results: d.Results, Curves: d.Curves, Shown: atFirst(d)})
	if err != nil {
		return nil, err
	}
	store.Write(visible)
	packed, err := store.Pack()
	if err != nil {
		return nil, err
	}
	p.Store = template.HTML(packed)
	p.attach()
	return p, nil
}

// mostShown is how many metrics beside the ranking one are shown at first where nobody chose.
const mostShown = 4

// atFirst are the metrics beside the ranking one that are shown at first.
func atFirst(d Document) []metrics.Measure {
	chosen := d.Columns
	if chosen == nil {
		chosen = d.Board.Beside[:min(mostShown, len(d.Board.Beside))]
	}
	return slices.DeleteFunc(slices.Clone(chosen), d.Board.By.Same)
}

// newPageFigures draws figures, those in several parts without the others than the first.
// The first gets the number after the drawn ones.
func newPageFigures(drawn int, figures []*figure.Figure) ([]pageFigure, error) {
	var all []pageFigure
	for _, f := range figures {
		if f.Part > 1 {
			continue
		}
		drawing, err := f.Inline()
		if err != nil {
			return nil, err
		}
		drawn++
		all = append(all, pageFigure{drawn, f.Name, visible(f.Title), visible(f.Caption), template.HTML(drawing)})
	}
	return all, nil
}

// attach adds the style, the scripts, the licences that the library's parts require, and
// the policy that allows these scripts and no others.
func (p *htmlPage) attach() {
	p.Style = template.HTML("<style>\n" + colours() + asset("html/page.css") + "</style>")
	p.Licence = template.HTML("<!-- Curves are drawn by Observable Plot and D3.\n" + strings.ReplaceAll(asset("html/vendor/LICENSE"), "--", "- -") + "-->")
	own := ""
	for _, name := range scripts {
		own += asset("html/" + name + ".js")
	}
	allowed := ""
	for _, text := range []string{asset("html/vendor/plot.min.js"), "(() => {\n\"use strict\";\n" + own + "})();\n"} {
		script := "\n" + text
		sum := sha256.Sum256([]byte(script))
		allowed += " 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		p.Scripts = append(p.Scripts, template.HTML("<script>"+script+"</script>"))
	}
	// Figures and the library set styles on single elements, so styles must be allowed.
	p.Policy = "default-src 'none'; script-src" + allowed + "; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
}

// colours are those of the palette as properties of the style, for light and dark ground.
func colours() string {
	var light, dark strings.Builder
	add := func(name string, c palette.Colour) {
		fmt.Fprintf(&light, "--%s:%s;", name, palette.Hex(c.Light))
		fmt.Fprintf(&dark, "--%s:%s;", name, palette.Hex(c.Dark))
	}
	add("ink", palette.Ink)
	add("second", palette.Second)
	add("third", palette.Third)
	add("rule", palette.Rule)
	add("faint", palette.Zebra)
	add("zebra", palette.Zebra)
	add("ground", palette.Ground)
	add("tied", palette.Tied.Colour())
	add("pale", palette.Tied.Pale())
	add("worse", palette.Worse.Colour())
	add("unproven", palette.Unproven.Colour())
	add("few", palette.TooFew.Colour())
	var kinds strings.Builder
	for _, k := range palette.Kinds() {
		add("kind-"+k.ID(), k.Colour())
		fmt.Fprintf(&kinds, ".dot.kind-%[1]s{background:var(--kind-%[1]s)}\n", k.ID())
	}
	return fmt.Sprintf(":root{color-scheme:light;%s}\n@media (prefers-color-scheme:dark){:root:not([data-theme=light]){color-scheme:dark;%s}}\n"+
		":root[data-theme=dark]{color-scheme:dark;%s}\n@media print{:root{%s}}\n%s", light.String(), dark.String(), dark.String(), light.String(), kinds.String())
}

// asset is an embedded file.
func asset(name string) string {
	b, err := assets.ReadFile(name)
	if err != nil {
		panic("reports: " + err.Error())
	}
	return strings.TrimRight(string(b), "\n") + "\n"
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

// pageBoard is the board as it stands in the page without scripts.
type pageBoard struct {
	Legend  []string
	Columns []pageColumn
	Rows    []pageRow
}

type pageColumn struct{ Label, Suffix, About string }

type pageRow struct {
	Model, Ranks string
	Tie          bool
	Cells        []pageCell
}

type pageCell struct {
	Text, Bounds string
	Best         bool
}

func newPageBoard(d Document) pageBoard {
	b := d.Board
	var p pageBoard
	for _, line := range legend(b) {
		p.Legend = append(p.Legend, visible(line))
	}
	places := []int{0}
	for _, m := range atFirst(d) {
		if k := slices.IndexFunc(b.Beside, m.Same); k >= 0 {
			places = append(places, k+1)
		}
	}
	p.Rows = make([]pageRow, len(b.Entries))
	for r, e := range b.Entries {
		p.Rows[r] = pageRow{Model: visible(e.Model), Ranks: undefinedCell, Tie: e.Tie}
		if e.Ranks.Lo > 0 {
			p.Rows[r].Ranks = fmt.Sprintf("%d to %d", e.Ranks.Lo, e.Ranks.Hi)
		}
	}
	for _, k := range places {
		p.addColumn(b, k)
	}
	return p
}

// addColumn adds the k-th metric, the ranking one first.
func (p *pageBoard) addColumn(b *board.Board, k int) {
	m := b.By
	if k > 0 {
		m = b.Beside[k-1]
	}
	var values []float64
	for _, e := range b.Entries {
		values = append(values, cellOf(e, k).Value)
	}
	u := words.UnitOf(m).For(values...)
	p.Columns = append(p.Columns, pageColumn{m.Label(), strings.Join(nonEmpty(u.Sign, arrow(m.Metric.Better)), " "), answers.Plainly(m)})
	for r, e := range b.Entries {
		v := cellOf(e, k)
		cell := pageCell{Text: u.Number(v.Value), Best: k == 0 && e.Tie}
		if v.Lo <= v.Hi {
			cell.Bounds = u.Number(v.Lo) + " to " + u.Number(v.Hi)
		}
		p.Rows[r].Cells = append(p.Rows[r].Cells, cell)
	}
}
