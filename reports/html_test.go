package reports

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"html"
	"io"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"abstain/harness/board"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/reports/figure"
	"abstain/reports/internal/sample"
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
	scriptElement = regexp.MustCompile(`(?s)<script>(.*?)</script>`)
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

// grid is the plain table: header ids and rows of cells.
func grid(t testing.TB, page []byte) (ids []string, rows [][]element) {
	t.Helper()
	for _, e := range elements(t, page) {
		switch e.name {
		case "th":
			ids = append(ids, e.attr["data-id"])
		case "tr":
			rows = append(rows, nil)
		case "td":
			rows[len(rows)-1] = append(rows[len(rows)-1], e)
		}
	}
	return ids, rows[1:]
}

// TestHTMLPlainTable: without scripts, every model has every metric, as other
// formats show it, with the exact value as an attribute.
func TestHTMLPlainTable(t *testing.T) {
	d := sampleDocument(523)
	d.Columns = metrics.MustMeasures("ece", "accuracy")
	ids, rows := grid(t, renderHTML(t, d))
	want := []string{"rank", "overall", "ranks", "model", "regime", "family", "aurc", "accuracy", "ece", "auroc", "nll", "sac@0.95", "sac@0.99"}
	if !slices.Equal(ids, want) {
		t.Errorf("columns %q, want %q", ids, want)
	}
	if len(rows) != 523 {
		t.Fatalf("%d rows, want 523", len(rows))
	}
	measures := append([]metrics.Measure{d.Board.By}, d.Board.Beside...)
	for r, e := range d.Board.Entries {
		if rows[r][0].text != strconv.Itoa(e.Rank) || rows[r][3].text != e.Model {
			t.Fatalf("row %d is %q %q, want rank %d, %s", r, rows[r][0].text, rows[r][3].text, e.Rank, e.Model)
		}
		if ranks := rows[r][2]; ranks.text != rankInterval(e) || ranks.attr["data-v"] != strconv.Itoa(e.Ranks.Lo) || (ranks.attr["class"] == "tie") != e.Tie {
			t.Errorf("row %d: ranks are %+v, want %+v, tie %v", r, ranks, e.Ranks, e.Tie)
		}
		for i, m := range measures {
			cell := rows[r][slices.Index(ids, m.Name())]
			exact, shown := cellOf(e, i).Value, cell.text
			if math.IsNaN(exact) {
				if shown != undefinedCell || cell.attr["data-v"] != "" || cell.attr["title"] != "the confidence is no probability" {
					t.Errorf("row %d, %s: undefined is %+v", r, m.Name(), cell)
				}
				continue
			}
			if got, err := strconv.ParseFloat(cell.attr["data-v"], 64); err != nil || got != exact {
				t.Errorf("row %d, %s: %v is kept as %q", r, m.Name(), exact, cell.attr["data-v"])
			}
		}
	}
}

// TestHTMLHeaders checks the attributes that the script uses.
func TestHTMLHeaders(t *testing.T) {
	d := sampleDocument(10)
	d.Columns = metrics.MustMeasures("accuracy", "sac@0.990")
	more := map[string]bool{}
	for _, e := range elements(t, renderHTML(t, d)) {
		if e.name != "th" {
			continue
		}
		id := e.attr["data-id"]
		_, more[id] = e.attr["data-more"]
		if _, listed := e.attr["data-listed"]; listed != (id == "regime" || id == "family") {
			t.Errorf("%s: listed %v", id, listed)
		}
		if id == "nll" && (e.attr["data-better"] != "lower" || e.attr["data-group"] != "accuracy" || !strings.Contains(e.attr["title"], "natural logarithm")) {
			t.Errorf("header of nll: %v", e.attr)
		}
	}
	for id, want := range map[string]bool{"model": false, "aurc": false, "accuracy": false, "sac@0.99": false, "auroc": true, "ece": true, "nll": true, "sac@0.95": true} {
		if got, ok := more[id]; got != want || !ok {
			t.Errorf("%s is hidden at first: %v, want %v", id, got, want)
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
	for _, want := range []string{"Selective prediction report", "60 models ranked by AURC (lower is better)", "abstain v0.1.0", d.Command, "2031-02-03 04:05 UTC",
		"xxh3:9f1c0d2e7b6a5948c3d2e1f00a1b2c3d", "1250 tables, 105 MB", "n = 2000, 8 classes", "Leaderboard by AURC",
		"Figure 1. Risk-coverage curves", "coverage", "Figure 5. Accuracy against ECE",
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

// TestHTMLOddDocuments: a document that lacks something gives a smaller page.
func TestHTMLOddDocuments(t *testing.T) {
	for name, test := range map[string]struct {
		document   Document
		want, lack string
	}{
		"no curves":        {Document{Board: plainBoard()}, "Not drawn: figure risk-coverage: no curves were given", `id="failures"`},
		"no entries":       {Document{Board: &board.Board{By: sample.Measures[0]}}, "the leaderboard has no models", "<td"},
		"filter":           {Document{Board: filteredBoard()}, "regime=distilled (40 of 523 models)", ".board tr > :nth-child(2)"},
		"no failures":      {Document{Board: plainBoard(), Results: &results.Results{}}, "Every table was evaluated.", ""},
		"metric not known": {Document{Board: &board.Board{By: metrics.Measure{Asked: "aurc-new@0.5"}}}, "Leaderboard by aurc-new@0.5", "Source"},
		"many metrics":     {Document{Board: manyMetrics()}, "and 19 more", ""},
		"one sample":       {Document{Board: sample.Board(2), Curves: sample.Curves(sample.Board(2), 1, 0)}, "n = 1, ", ""},
	} {
		page := string(renderHTML(t, test.document))
		elements(t, []byte(page))
		if !strings.Contains(page, test.want) {
			t.Errorf("%s: %q is not in the page", name, test.want)
		}
		if body := scriptElement.ReplaceAllString(page, ""); test.lack != "" && strings.Contains(body, test.lack) {
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
	scripts := scriptElement.FindAllSubmatch(page, -1)
	if len(scripts) != 2 {
		t.Errorf("%d scripts, want 2", len(scripts))
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
		if !slices.ContainsFunc(rows, func(r []element) bool { return r[2].text == want }) {
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
	page := renderHTML(t, sampleDocument(20))
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
		if _, ok := e.attr["src"]; ok || slices.Contains([]string{"link", "iframe", "object", "embed", "base", "img", "image", "use"}, e.name) {
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
	if loads := regexp.MustCompile(`@import|url\(`).FindAll(scriptElement.ReplaceAll(page, nil), -1); len(loads) > 0 || bytes.Contains(page, []byte("sourceMappingURL")) {
		t.Errorf("the page names files beside it: %q", loads)
	}
	script := asset("html/page.js")
	if loads := regexp.MustCompile(`\bfetch\b|XMLHttpRequest|WebSocket|EventSource|sendBeacon|\bimport\b|https?:|ajax|innerHTML|\beval\b`).FindAllString(script, -1); len(loads) > 0 {
		t.Errorf("our script uses %q", loads)
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

// TestVendored: the files are those that the README beside them names.
func TestVendored(t *testing.T) {
	readme, err := os.ReadFile("html/tabulator/README.md")
	if err != nil {
		t.Fatal(err)
	}
	files, err := fs.ReadDir(assets, "html/tabulator")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Name() == "README.md" {
			continue
		}
		b, err := fs.ReadFile(assets, "html/tabulator/"+f.Name())
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b)
		if line := regexp.MustCompile("(?m)^\\| `" + regexp.QuoteMeta(f.Name()) + "` .*$").Find(readme); !bytes.Contains(line, []byte(hex.EncodeToString(sum[:]))) {
			t.Errorf("%s has the SHA-256 %x, the README says %q", f.Name(), sum, line)
		}
	}
	page := renderHTML(t, Document{Board: plainBoard()})
	for _, want := range []string{"Tabulator v6.5.3", "Permission is hereby granted, free of charge"} {
		if !bytes.Contains(page, []byte(want)) {
			t.Errorf("the page does not carry %q", want)
		}
	}
}

// browse opens a page in a headless browser and returns the document as it
// stands after the scripts ran.
func browse(t *testing.T, page []byte) string {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes seconds")
	}
	browser := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			browser = path
			break
		}
	}
	if browser == "" {
		t.Skip("no Chromium is installed")
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "report.html")
	if err := os.WriteFile(file, page, 0o666); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--user-data-dir="+filepath.Join(dir, "profile"), "--virtual-time-budget=8000", "--window-size=1300,900", "--dump-dom", "file://"+file)
	out, err := c.Output()
	if err != nil {
		t.Skipf("the browser does not run here: %v", err)
	}
	return string(out)
}

// TestHTMLInBrowser: the table takes over under the page's own policy, and no
// name of a model becomes a script.
func TestHTMLInBrowser(t *testing.T) {
	got := browse(t, renderHTML(t, hostileDocument()))
	if !strings.Contains(got, `class="scripted"`) || strings.Count(got, `role="row"`) < 8 || !strings.Contains(got, "8 models</output>") {
		t.Errorf("the interactive table did not take over:\n%s", got[max(0, len(got)-3000):])
	}
	live, _, _ := strings.Cut(got, `<div class="plain"`)
	if strings.Contains(live, "<img") || !strings.Contains(live, "&lt;script&gt;window.broken=1") {
		t.Error("a name became an element of the interactive table")
	}
}

// session is what a reader would do; it leaves what the reader would see.
const session = `<script>
(async () => {
  const seen = [];
  const wait = () => new Promise((done) => setTimeout(done, 500));
  const header = (id) => document.querySelector('.tabulator-col[tabulator-field="' + id + '"]');
  const see = (what) => {
    const rows = [...document.querySelectorAll(".live .tabulator-row")].slice(0, 3).map((row) =>
      [...row.querySelectorAll(".tabulator-cell")].filter((c) => c.style.display !== "none").slice(0, 8).map((c) => c.textContent).join(" "));
    seen.push(what + ": " + rows.join("; ") + " (" + document.getElementById("count").textContent + ")");
  };
  await wait(); see("at first");
  header("ece").querySelector(".tabulator-col-title").click(); await wait(); see("best ECE");
  header("ece").querySelector(".tabulator-col-title").click(); await wait(); see("worst ECE");
  header("ece").querySelector(".tabulator-col-title").click(); await wait(); see("by rank");
  const type = (id, text) => {
    const input = header(id).querySelector("input");
    input.value = text;
    input.dispatchEvent(new KeyboardEvent("keyup", { bubbles: true }));
  };
  type("accuracy", "0.88"); await wait(); see("accuracy at least 0.88");
  type("accuracy", "< 0.8"); await wait(); see("accuracy below 0.8");
  type("ece", "99"); await wait(); see("and ECE defined");
  document.getElementById("clear").click(); await wait(); see("cleared");
  type("model", "M-1"); await wait(); see("name");
  const list = header("regime").querySelector("select");
  list.value = "odd"; list.dispatchEvent(new Event("change")); await wait(); see("regime");
  document.body.innerHTML = "<pre id='seen'></pre>";
  document.getElementById("seen").textContent = seen.join("\n");
})();
</script>`

// TestHTMLSession sorts and filters in a browser, against what the board says.
func TestHTMLSession(t *testing.T) {
	b := sample.Board(30)
	for i := range b.Entries {
		e := &b.Entries[i]
		e.Model = fmt.Sprintf("m-%d", i)
		e.Value, e.Rank, e.Overall = sample.Point(0.01+float64(i/2)/1000, 2000), i/2*2+1, i/2*2+1
		e.Meta[0].Value, e.Meta[1].Value = "f", []string{"even", "odd"}[i%2]
		e.Beside = []metrics.Estimate{sample.Point(0.9-float64(i)/200, 2000), sample.Point(0.8, 2000), sample.Point(0.1+float64(i)/100, 2000), sample.Point(1, 2000), sample.Point(0.5, 2000), sample.Point(0.5, 2000)}
	}
	b.Entries[29].Beside[2] = sample.Undefined(2000, "the confidence is no probability")
	page := renderHTML(t, Document{Board: b, Columns: metrics.MustMeasures("accuracy", "ece")})
	page = regexp.MustCompile(`<meta http-equiv="Content-Security-Policy".*`).ReplaceAll(page, nil) // it would not let the session run
	page = bytes.Replace(page, []byte("</body>"), []byte(session+"</body>"), 1)
	got := browse(t, page)
	_, got, _ = strings.Cut(got, `<pre id="seen">`)
	got, _, _ = strings.Cut(got, "</pre>")
	golden(t, "session.txt", []byte(html.UnescapeString(got)+"\n"))
}

func BenchmarkHTML(b *testing.B) {
	d := sampleDocument(523)
	for b.Loop() {
		n := len(renderHTML(b, d))
		b.ReportMetric(float64(n)/1e3, "kB")
	}
}
