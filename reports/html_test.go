package reports

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"abstain/harness/board"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/reports/figure"
	"abstain/reports/internal/sample"
	"abstain/reports/words"
)

func renderHTML(t testing.TB, d Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// hostileDocument has names and texts that would be markup, scripts, or text in
// the wrong direction if they were not escaped.
func hostileDocument() Document {
	names := []string{`<script>window.broken=1</script>`, `"><img src=x onerror=window.broken=1>`, `a & b < c > d 'q' "q"`,
		"safe\u202eexe.gpj", "\x1b[31mred\nline", `{{.Title}}`, `</table></svg></style>`, `<!-- -->`}
	b := sample.Board(len(names))
	for i, name := range names {
		b.Entries[i].Model = name
		b.Entries[i].Meta[0].Value, b.Entries[i].Meta[1].Value = name, name
		b.Entries[i].Beside[2] = sample.Undefined(2000, name)
	}
	b.Notes = []board.Note{board.DatasetTaken{Dataset: names[0], Of: names[:6]}, board.AtChance{Models: names[2:], Classes: 8, Level: 0.01}}
	return Document{Board: b, Curves: sample.Curves(b, 200, 0, 1, 2, 3, 4, 5, 6, 7), Title: names[0], Version: names[0], Command: names[1],
		Results: &results.Results{Run: results.RunInfo{Corpora: []results.CorpusInfo{{Name: names[0], Hash: names[1]}}},
			Failures: []results.Failure{{Table: names[0], Model: names[1], Reason: names[3], Hint: names[6]}}}}
}

var (
	scriptElement = regexp.MustCompile(`(?s)<script[^>]*>(.*?)</script>`)
	drawing       = regexp.MustCompile(`(?s)<svg .*?</svg>`)
	otherVerbatim = regexp.MustCompile(`(?s)<style.*?</style>|<!--.*?-->|<!DOCTYPE html>`)
)

// element is a tag of the page with the text directly in it.
type element struct {
	name string
	attr map[string]string
	text string
}

// elements parses a page's markup, which must be balanced, without its scripts
// and styles.
func elements(t testing.TB, page []byte) []element {
	t.Helper()
	d := xml.NewDecoder(bytes.NewReader(otherVerbatim.ReplaceAll(scriptElement.ReplaceAll(page, nil), nil)))
	d.Strict, d.AutoClose, d.Entity = false, []string{"meta", "input", "br"}, xml.HTMLEntity
	var all []element
	var open []int
	for {
		token, err := d.Token()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		switch x := token.(type) {
		case xml.StartElement:
			e := element{name: x.Name.Local, attr: map[string]string{}}
			for _, a := range x.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			open = append(open, len(all))
			all = append(all, e)
		case xml.EndElement:
			if top := open[len(open)-1]; all[top].name != x.Name.Local {
				t.Fatalf("<%s> is closed by </%s>", all[top].name, x.Name.Local)
			}
			open = open[:len(open)-1]
		case xml.CharData:
			if len(open) > 0 {
				all[open[len(open)-1]].text += string(x)
			}
		}
	}
}

// boardTable is the markup of the board.
var boardTable = regexp.MustCompile(`(?s)<table id="board">.*?</table>`)

// grid is the plain table of the board: the texts of its heads and its rows of cells. The
// bounds of an interval follow their value.
func grid(t testing.TB, page []byte) (heads []string, rows [][]element) {
	t.Helper()
	for _, e := range elements(t, boardTable.Find(page)) {
		switch {
		case e.name == "tr":
			rows = append(rows, nil)
		case len(rows) == 1 && e.name == "th":
			heads = append(heads, e.text)
		case e.name == "th" || e.name == "td" || e.name == "small":
			rows[len(rows)-1] = append(rows[len(rows)-1], e)
		}
	}
	return heads, rows[1:]
}

// TestHTMLPlainTable: without scripts, every model has every metric shown, written as in
// all other outputs.
func TestHTMLPlainTable(t *testing.T) {
	d := sampleDocument(123)
	d.Columns = metrics.MustMeasures("ece", "accuracy", "nll")
	heads, rows := grid(t, renderHTML(t, d))
	if want := []string{"Model", "Rank set", "AURC % ↓", "ECE % ↓", "accuracy % ↑", "NLL ↓"}; !slices.Equal(heads, want) {
		t.Errorf("columns %q, want %q", heads, want)
	}
	if len(rows) != 123 {
		t.Fatalf("%d rows, want 123", len(rows))
	}
	units := map[int]words.Unit{}
	for _, k := range []int{0, 3, 1, 4} {
		var values []float64
		for _, e := range d.Board.Entries {
			values = append(values, cellOf(e, k).Value)
		}
		m := append([]metrics.Measure{d.Board.By}, d.Board.Beside...)[k]
		units[k] = words.UnitOf(m).For(values...)
	}
	for r, e := range d.Board.Entries {
		var got []string
		for _, cell := range rows[r] {
			got = append(got, strings.TrimSpace(cell.text))
		}
		want := []string{e.Model, fmt.Sprintf("%d to %d", e.Ranks.Lo, e.Ranks.Hi)}
		for _, k := range []int{0, 3, 1, 4} {
			v, u := cellOf(e, k), units[k]
			want = append(want, u.Number(v.Value))
			if !math.IsNaN(v.Lo) {
				want = append(want, u.Number(v.Lo)+" to "+u.Number(v.Hi))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("row %d is %q, want %q", r, got, want)
		}
	}
}

func TestHTMLSays(t *testing.T) {
	d := sampleDocument(60)
	d.Date = time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	page := renderHTML(t, d)
	var text strings.Builder
	drawings := 0
	for _, e := range elements(t, page) {
		text.WriteString(e.text + "\n")
		if e.name == "figure" {
			drawings++
		}
	}
	for _, want := range []string{d.Answers().Title, d.Answers().Numbers[0].Big, "abstain v0.1.0", d.Command, "2031-02-03 04:05 UTC",
		"xxh3:9f1c0d2e7b6a5948c3d2e1f00a1b2c3d", "1250 tables, 105 MB", "fashion-523", "Definitions", "Figure 1. ",
		"Geifman, Uziel, El-Yaniv 2019, section 3", "sac@0.95, sac@0.99", "tool-b adds the trapezoids", "[0, ∞), nats", "bins, 15 unless stated, within [1, 10000]",
		`column "logits": row 4711: NaN`, "損傷", "hint: copy the file again"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in the page", want)
		}
	}
	if want := len(figure.Kinds()) - 1; drawings != want { // the sample has no prediction sets
		t.Errorf("%d drawings, want %d", drawings, want)
	}
}

// TestHTMLFindings: each finding of a study stands with its sentence, its method and the
// rows of its table; a page without findings has no place for them.
func TestHTMLFindings(t *testing.T) {
	d := sampleDocument(12)
	d.Study = publishedFolder(t)
	page := renderHTML(t, d)
	var all strings.Builder
	ids := map[string]bool{}
	for _, e := range elements(t, page) {
		all.WriteString(e.text + "\n")
		ids[e.attr["id"]] = true
	}
	a := d.Answers()
	if len(a.Findings) < 3 {
		t.Fatalf("%d findings", len(a.Findings))
	}
	for _, f := range a.Findings {
		if !ids["answer-"+f.Name] {
			t.Errorf("%s has no place", f.Name)
		}
		want := []string{visible(f.Question), together(visible(f.Sentence)), visible(f.Method)}
		if f.Table != nil && len(f.Table.Rows) > 0 {
			want = append(want, visible(f.Table.Title), visible(f.Table.Rows[0].Cells[0].Text))
		}
		for _, text := range want {
			if !strings.Contains(all.String(), text) {
				t.Errorf("%s: %q is not in the page", f.Name, text)
			}
		}
	}
	if plain := renderHTML(t, Document{Board: &board.Board{By: sample.Measures[0]}}); bytes.Contains(scriptElement.ReplaceAll(plain, nil), []byte(`"findings"`)) {
		t.Error("a page without findings has a place for them")
	}
}

// TestHTMLOddDocuments: a document that lacks something gives a smaller page.
func TestHTMLOddDocuments(t *testing.T) {
	for name, test := range map[string]struct {
		document   Document
		want, lack string
	}{
		"no curves":        {Document{Board: plainBoard()}, "Not drawn: figure risk-coverage: no curves were given", `id="failures"`},
		"no entries":       {Document{Board: &board.Board{By: sample.Measures[0]}}, "AURC", "<td>"},
		"filter":           {Document{Board: filteredBoard()}, "regime=distilled", "%"},
		"no failures":      {Document{Board: plainBoard(), Results: &results.Results{}}, "Every table was evaluated.", ""},
		"metric not known": {Document{Board: &board.Board{By: metrics.Measure{Asked: "aurc-new@0.5"}}}, "aurc-new@0.5", "Source"},
		"many metrics":     {Document{Board: manyMetrics()}, "SAC", ""},
		"one sample":       {Document{Board: sample.Board(2), Curves: sample.Curves(sample.Board(2), 1, 0)}, "Figure 1", ""},
	} {
		page := string(renderHTML(t, test.document))
		elements(t, []byte(page))
		body := boardTable.ReplaceAllString(scriptElement.ReplaceAllString(page, ""), "")
		if !strings.Contains(page, test.want) {
			t.Errorf("%s: %q is not in the page", name, test.want)
		}
		if name != "filter" && test.lack != "" && strings.Contains(body, test.lack) {
			t.Errorf("%s: %q is in the page", name, test.lack)
		}
	}
	if err := HTML(io.Discard, Document{}); err == nil {
		t.Error("a document without a board was accepted")
	}
	if err := HTML(broken{}, Document{Board: plainBoard()}); err == nil {
		t.Error("no error from a writer that fails")
	}
	if err := HTML(io.Discard, Document{Board: plainBoard(), Font: []byte("no font")}); err == nil {
		t.Error("a font that is none was accepted")
	}
}

func TestHTMLEscapes(t *testing.T) {
	page := renderHTML(t, hostileDocument())
	if scripts := scriptElement.FindAllSubmatch(page, -1); len(scripts) != 3 {
		t.Errorf("%d scripts, want the library, our own and the store", len(scripts))
	}
	for _, e := range elements(t, page) {
		if e.name == "img" || e.name == "script" {
			t.Errorf("a name became <%s %v>", e.name, e.attr)
		}
		for key := range e.attr {
			if strings.HasPrefix(key, "on") {
				t.Errorf("<%s> has the attribute %s", e.name, key)
			}
		}
	}
	body := scriptElement.ReplaceAllString(string(page), "")
	for _, c := range []string{"\u202e", "\x1b"} {
		if at := strings.Index(body, c); at >= 0 {
			t.Errorf("%q reached the page: %q", c, body[max(0, at-200):at+20])
		}
	}
	_, rows := grid(t, page)
	for _, want := range []string{`<script>window.broken=1</script>`, `safe\u202eexe.gpj`, `\u001b[31mred\u000aline`, `{{.Title}}`} {
		if !slices.ContainsFunc(rows, func(r []element) bool { return r[0].text == want }) {
			t.Errorf("no model is shown as %q", want)
		}
	}
}

// FuzzHTML: whatever the name of a model, the page has the same tags and quotes
// as with a harmless name.
func FuzzHTML(f *testing.F) {
	f.Add("a|b_c*\x1b[31m\n\\$&%#{}~^<>\"[]`模型", "vanilla")
	f.Add("\xff\xfe\u202e", `" onclick="x`)
	f.Add("</td></table><script>", "'><svg/onload=x>")
	marks := func(page []byte) [4]int {
		page = drawing.ReplaceAll(page, nil) // a name in two fonts is two texts there
		return [4]int{bytes.Count(page, []byte("<")), bytes.Count(page, []byte(">")), bytes.Count(page, []byte(`"`)), bytes.Count(page, []byte(`'`))}
	}
	document := func(name, regime string) Document {
		b := filteredBoard()
		b.Entries[0].Model, b.Entries[0].Meta[0].Value = name, regime
		return Document{Board: b, Curves: []board.Curves{{Model: name}}, Command: name}
	}
	f.Fuzz(func(t *testing.T, name, regime string) {
		if name == "" || regime == "" {
			return // facts and columns that say nothing are left out
		}
		got, want := marks(renderHTML(t, document(name, regime))), marks(renderHTML(t, document("m", "r")))
		if got != want {
			t.Errorf("name %q, regime %q: < > \" ' are %v, want %v", name, regime, got, want)
		}
	})
}

func TestHTMLSameBytes(t *testing.T) {
	want := renderHTML(t, sampleDocument(60))
	for range 3 {
		if !bytes.Equal(renderHTML(t, sampleDocument(60)), want) {
			t.Fatal("two pages of the same document differ")
		}
	}
}

// TestHTMLStandsAlone: nothing is fetched from anywhere, and the policy says so
// to the browser.
func TestHTMLStandsAlone(t *testing.T) {
	d := sampleDocument(20)
	d.Study = publishedFolder(t)
	d.Further = []Document{{Board: sample.Board(3), Study: d.Study}}
	page := renderHTML(t, d)
	ids := map[string]bool{}
	var links []string
	policy := ""
	for _, e := range elements(t, page) {
		if id := e.attr["id"]; id != "" {
			if ids[id] {
				t.Errorf("two elements have the id %q", id)
			}
			ids[id] = true
		}
		if _, ok := e.attr["src"]; ok || slices.Contains([]string{"link", "iframe", "object", "embed", "base", "img", "image"}, e.name) {
			t.Errorf("<%s %v> loads something", e.name, e.attr)
		}
		if href, ok := e.attr["href"]; ok {
			links = append(links, href)
		}
		if e.attr["http-equiv"] == "Content-Security-Policy" {
			policy = e.attr["content"]
		}
	}
	for _, link := range links {
		if target, ok := strings.CutPrefix(link, "#"); !ok || !ids[target] {
			t.Errorf("the link %q leads out of the page or nowhere", link)
		}
	}
	if !strings.HasPrefix(policy, "default-src 'none'; script-src 'sha256-") || strings.Contains(policy, "http") {
		t.Errorf("policy %q", policy)
	}
	if loads := regexp.MustCompile(`@import|url\(`).FindAll(drawing.ReplaceAll(scriptElement.ReplaceAll(page, nil), nil), -1); len(loads) > 0 || bytes.Contains(page, []byte("sourceMappingURL")) {
		t.Errorf("the page names files beside it: %q", loads)
	}
	for _, name := range scripts {
		script := strings.ReplaceAll(asset("html/"+name+".js"), "http://www.w3.org/2000/svg", "")
		if loads := regexp.MustCompile(`\bfetch\b|XMLHttpRequest|WebSocket|EventSource|sendBeacon|\bimport\b|https?:|ajax|innerHTML|outerHTML|insertAdjacent|\beval\b`).FindAllString(script, -1); len(loads) > 0 {
			t.Errorf("%s.js uses %q", name, loads)
		}
	}
}

// TestHTMLSize: 523 models with 24 metrics, eight of them as curves, stay far
// from what browsers and mail cannot take.
func TestHTMLSize(t *testing.T) {
	d := sampleDocument(523)
	for len(d.Board.Beside) < 23 {
		i := len(d.Board.Beside) - 6
		d.Board.Beside = append(d.Board.Beside, d.Board.Beside[i])
		for r, e := range d.Board.Entries {
			d.Board.Entries[r].Beside = append(e.Beside, e.Beside[i])
		}
	}
	n := len(renderHTML(t, d))
	t.Logf("%d models, %d metrics: %.2f MB", len(d.Board.Entries), len(d.Board.Beside)+1, float64(n)/1e6)
	if n > 3_000_000 {
		t.Errorf("%d bytes", n)
	}
}

// TestVendored: the library is the one that the README beside it names, and its licences
// stand in the page.
func TestVendored(t *testing.T) {
	readme, err := os.ReadFile(filepath.Join("html", "vendor", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	library, err := assets.ReadFile("html/vendor/plot.min.js")
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(library); !bytes.Contains(readme, []byte("`"+hex.EncodeToString(sum[:])+"`")) {
		t.Errorf("plot.min.js has the SHA-256 %x, the README says another", sum)
	}
	page := renderHTML(t, Document{Board: plainBoard()})
	for _, want := range []string{"Observable", "Mike Bostock", "THE SOFTWARE IS PROVIDED"} {
		if !bytes.Contains(page, []byte(want)) {
			t.Errorf("the page does not carry %q", want)
		}
	}
}

func BenchmarkHTML(b *testing.B) {
	d := sampleDocument(523)
	for b.Loop() {
		n := len(renderHTML(b, d))
		b.ReportMetric(float64(n)/1e3, "kB")
	}
}
