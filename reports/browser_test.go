package reports

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"html"
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

	"abstain/datasets"
	"abstain/harness"
	"abstain/harness/board"
	"abstain/harness/evaluate"
	"abstain/metrics"
	"abstain/metrics/ranks"
	"abstain/reports/internal/sample"
	"abstain/reports/words"
)

// browser finds a Chromium; the test is skipped where there is none.
func browser(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes seconds")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium is installed")
	return ""
}

// browse opens a page in a headless browser, with more flags and an anchor. It returns the
// document as it stands after the scripts ran, and fails if the console got a message.
func browse(t *testing.T, page []byte, hash string, flags ...string) string {
	t.Helper()
	program, dir := browser(t), t.TempDir()
	file := filepath.Join(dir, "report.html")
	if err := os.WriteFile(file, page, 0o666); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	all := append([]string{"--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--user-data-dir=" + filepath.Join(dir, "profile"),
		"--virtual-time-budget=20000", "--window-size=1400,1000", "--dump-dom"}, flags...)
	c := exec.CommandContext(ctx, program, append(all, "file://"+file+hash)...)
	var messages bytes.Buffer
	c.Stderr = &messages
	out, err := c.Output()
	if err != nil {
		t.Skipf("the browser does not run here: %v", err)
	}
	for line := range strings.Lines(messages.String()) {
		if strings.Contains(line, "CONSOLE") && !strings.Contains(line, "Blocked script execution") { // that is asked for
			t.Errorf("the console says %s", line)
		}
	}
	return string(out)
}

var policyElement = regexp.MustCompile(`<meta http-equiv="Content-Security-Policy".*`)

// play runs steps of a reader in a page, without its policy, which would not let them run,
// and returns what they leave: a value for each name.
func play(t *testing.T, page []byte, steps string, flags ...string) map[string]json.RawMessage {
	t.Helper()
	script := `<script>
(async () => {
  const seen = {}, find = q => document.querySelector(q), all = q => [...document.querySelectorAll(q)];
  const wait = ms => new Promise(done => setTimeout(done, ms ?? 400));
  const rows = () => all("#board tbody tr").map(tr => ({model: tr.dataset.model, class: tr.className,
    ranks: tr.querySelector(".ranks .value").textContent, values: [...tr.querySelectorAll(".metric .value")].map(v => v.textContent), titles: [...tr.querySelectorAll("td.metric")].map(v => v.title)}));
  const choose = (q, value) => { const e = find(q); e.value = value; e.dispatchEvent(new Event(e.tagName === "SELECT" ? "change" : "input")); };
  const filter = async text => { choose("#filter", text); await wait(); };
  const sort = async id => { find('#board th[data-id="' + id + '"] .sort').click(); await wait(); };
  try {
    for (let i = 0; i < 50 && find("#store") && !globalThis.abstain; i++) await wait(100);
    await wait();
` + steps + `
  } catch (e) { seen.error = String(e.stack ?? e); }
  const pre = document.createElement("pre");
  pre.id = "seen", pre.textContent = JSON.stringify(seen);
  document.body.replaceChildren(pre);
})();
</script>`
	page = policyElement.ReplaceAll(page, nil)
	page = bytes.Replace(page, []byte("</body>"), []byte(script+"</body>"), 1)
	_, got, _ := strings.Cut(browse(t, page, "", flags...), `<pre id="seen">`)
	got, _, _ = strings.Cut(got, "</pre>")
	seen := map[string]json.RawMessage{}
	if err := json.Unmarshal([]byte(html.UnescapeString(got)), &seen); err != nil {
		t.Fatalf("the steps left %q: %v", got, err)
	}
	if e := seen["error"]; e != nil {
		t.Fatalf("a step failed: %s", e)
	}
	return seen
}

// read takes what the steps left under a name.
func read[T any](t *testing.T, seen map[string]json.RawMessage, name string) (v T) {
	t.Helper()
	if err := json.Unmarshal(seen[name], &v); err != nil {
		t.Errorf("%s: %s: %v", name, seen[name], err)
	}
	return v
}

// seenRow is a row of the board as a reader sees it.
type seenRow struct {
	Model, Class, Ranks string
	Values, Titles      []string
}

// runDocument is the report on a small run.
func runDocument(t *testing.T) Document {
	t.Helper()
	corpus, err := datasets.OpenFS(sample.Corpus(8, 300), ".", "tiny")
	if err != nil {
		t.Fatal(err)
	}
	r, err := harness.Run(t.Context(), harness.Config{Corpora: []*datasets.Corpus{corpus}, Out: t.TempDir(),
		Metrics: metrics.MustMeasures("aurc", "accuracy", "ece", "nll"), Intervals: evaluate.Intervals{Level: 0.95, Replicates: 100, Seed: 3}})
	if err != nil {
		t.Fatal(err)
	}
	return Document{Board: rankedBy(t, Document{Results: r}, "aurc"), Results: r, Columns: metrics.MustMeasures("accuracy", "ece")}
}

// rankedBy is the board of a document's clean tables by a metric, with rank sets.
func rankedBy(t *testing.T, d Document, by string) *board.Board {
	t.Helper()
	b, err := board.New(d.Results, board.Options{By: metrics.MustMeasure(by), Selection: board.Selection{Condition: "clean"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := b.ResolveRanks(d.Results, board.Simultaneous, ranks.Options{Seed: 1, Draws: 200}); err != nil {
		t.Fatal(err)
	}
	return b
}

const readerSteps = `
    let saved = "";
    URL.createObjectURL = blob => { saved = blob; return "#"; };
    HTMLAnchorElement.prototype.click = () => {};
    const save = async kind => { find('[data-save="' + kind + '"]').click(); return await saved.text(); };
    seen.first = rows(), seen.count = find("#count").textContent, seen.ticked = all("#ticked tbody tr").length, seen.curves = all("#curve svg path").length;
    seen.csv = await save("csv"), seen.json = JSON.parse(await save("json")), seen.tex = await save("tex");
    await sort("accuracy"); seen.accuracy = rows();
    await sort("accuracy"); seen.turned = rows();
    find('#choices input[value="3"]').click(); await wait(); choose("#by", "3"); await wait(); seen.nll = rows(), seen.nllCount = find("#count").textContent;
    choose("#by", "0"); await wait();
    await filter("regime = focal, accuracy > 50 %"); seen.focal = rows(), seen.focalCount = find("#count").textContent;
    await filter("beauty > 3"); seen.problem = find("#problem").textContent, seen.afterProblem = rows(), seen.invalid = find("#filter").getAttribute("aria-invalid");
    await filter(""); seen.unfiltered = rows().length, seen.noProblem = find("#problem").textContent;
    const address = []; address.push(location.hash);
    abstain.pin(abstain.data.models.indexOf("m3")); await wait(); seen.pinned = rows(), seen.pinText = find("#pinned").textContent;
    find("#pinned button").click(); await wait(); seen.unpinned = rows(), seen.unpinText = find("#pinned").textContent;
    all("#board tbody input").forEach(i => { if (i.checked) i.click(); }); await wait(); seen.none = find("#curve").textContent;
    const box = find('#board tr[data-model="m2"] input'); box.click(); await wait();
    seen.slider = [];
    for (let step = 1; step <= 40; step++) { choose("#risk", step); seen.slider.push([find("#ticked tbody [data-k]").dataset.k, find("#ticked tbody .threshold").textContent]); }
    seen.accepted = find("#accepted").textContent;
    seen.tabs = {};
    for (const tab of ["sac", "reliability", "risk"]) { find('[data-tab="' + tab + '"]').click(); await wait(100); seen.tabs[tab] = all("#curve svg path").length; }
    const before = find("#cloud svg").outerHTML; choose("#cloud-x", "2"); await wait(); seen.cloud = find("#cloud svg").outerHTML !== before, seen.dots = all("#cloud svg [aria-label=dot] circle").length;
    const view = all("#view option").find(o => o.textContent === "noise"); choose("#view", view.value); await wait(); seen.noise = rows();
    abstain.open(abstain.data.models.indexOf("m2")); await wait(); seen.sheet = find("#model .sheet").innerText, seen.sheetHidden = find("#model").hidden;
    document.dispatchEvent(new KeyboardEvent("keydown", {key: "Escape"})); await wait(); seen.closed = find("#model").hidden;
    await filter("m"); abstain.pin(abstain.data.models.indexOf("m1")); await sort("ece"); await wait();
    const state = () => JSON.stringify([abstain.state, rows()]);
    const here = location.hash, was = state(); seen.hash = here;
    location.hash = "#by=aurc"; await wait(); seen.otherState = state() !== was;
    location.hash = here; await wait(); seen.sameState = state() === was, seen.stateWas = was, seen.stateIs = state();
    find("#theme").click(); await wait(); seen.dark = [document.documentElement.dataset.theme, getComputedStyle(document.body).backgroundColor];
    find("#theme").click(); await wait(); seen.light = getComputedStyle(document.body).backgroundColor;
`

// TestPageSession does what readers do, against the board and the results.
func TestPageSession(t *testing.T) {
	browser(t)
	d := runDocument(t)
	seen := play(t, renderHTML(t, d), readerSteps)
	check := func(name string, by string, k int) {
		t.Helper()
		compareRows(t, name, read[[]seenRow](t, seen, name), rankedBy(t, d, by), k)
	}
	check("first", "aurc", 0)
	check("accuracy", "accuracy", 0)
	check("nll", "nll", 0)
	turned, straight := read[[]seenRow](t, seen, "turned"), read[[]seenRow](t, seen, "accuracy")
	if turned[0].Values[0] != straight[len(straight)-1].Values[0] || len(turned) != 8 {
		t.Errorf("turned: %v first, %v was last", turned[0], straight[len(straight)-1])
	}
	tied := 0
	for _, e := range d.Board.Entries {
		if e.Tie {
			tied++
		}
	}
	if got, want := read[string](t, seen, "count"), fmt.Sprintf("8 models, %d tied with the best", tied); got != want {
		t.Errorf("count %q, want %q", got, want)
	}
	if got := read[string](t, seen, "nllCount"); got != "8 models, no rank sets by this metric here" {
		t.Errorf("by a metric without rank sets: %q", got)
	}
	var focal []string
	for _, r := range read[[]seenRow](t, seen, "focal") {
		focal = append(focal, r.Model)
	}
	var want []string
	for _, e := range d.Board.Entries {
		if e.Meta.Get("regime") == "focal" && e.Beside[0].Value > 0.5 {
			want = append(want, e.Model)
		}
	}
	if !slices.Equal(focal, want) || len(want) == 0 {
		t.Errorf("focal above 50 %%: %q, want %q", focal, want)
	}
	if p := read[string](t, seen, "problem"); !strings.Contains(p, "“beauty” is no metric") || read[string](t, seen, "invalid") != "true" {
		t.Errorf("problem %q", p)
	}
	if got := read[[]seenRow](t, seen, "afterProblem"); len(got) != len(want) {
		t.Errorf("a wrong filter changed the rows: %d", len(got))
	}
	if read[int](t, seen, "unfiltered") != 8 || read[string](t, seen, "noProblem") != "" {
		t.Error("the filter does not go")
	}
	for name, least := range map[string]int{"ticked": 0, "curves": 0} {
		if read[int](t, seen, name) < least {
			t.Errorf("%s: %s", name, seen[name])
		}
	}
	for tab, n := range read[map[string]int](t, seen, "tabs") {
		if n == 0 {
			t.Errorf("no curve is drawn as %s", tab)
		}
	}
	if !read[bool](t, seen, "cloud") || read[int](t, seen, "dots") != 8 {
		t.Errorf("the cloud: changed %s, %s dots", seen["cloud"], seen["dots"])
	}
	if !strings.Contains(read[string](t, seen, "none"), "Tick models") {
		t.Errorf("without ticks: %s", seen["none"])
	}
	if s := read[string](t, seen, "sheet"); !strings.Contains(s, "m2") || !strings.Contains(s, "noise") || read[bool](t, seen, "sheetHidden") || !read[bool](t, seen, "closed") {
		t.Errorf("model page, closed %s: %q", seen["closed"], s)
	}
	if got := read[[]seenRow](t, seen, "noise"); len(got) != 8 || got[0].Values[0] == read[[]seenRow](t, seen, "first")[0].Values[0] {
		t.Errorf("the shifted view: %v", got)
	}
	if !read[bool](t, seen, "otherState") || !read[bool](t, seen, "sameState") || len(read[string](t, seen, "hash")) < 20 {
		t.Errorf("address %s: from\n%s to\n%s", seen["hash"], seen["stateWas"], seen["stateIs"])
	}
	if dark := read[[]string](t, seen, "dark"); dark[0] != "dark" || dark[1] == read[string](t, seen, "light") {
		t.Errorf("dark %q, light %s", dark, seen["light"])
	}
	comparePinned(t, d, seen)
	compareSlider(t, d, read[[][2]string](t, seen, "slider"))
	compareSaved(t, d, read[string](t, seen, "csv"))
	if tex := read[string](t, seen, "tex"); strings.Count(tex, `\\`) != 9 || !strings.Contains(tex, `\toprule`) {
		t.Errorf("LaTeX: %s", tex)
	}
	if saved := read[struct{ Models []map[string]any }](t, seen, "json"); len(saved.Models) != 8 || saved.Models[0]["model"] != d.Board.Entries[0].Model {
		t.Errorf("JSON: %v", saved)
	}
}

// compareRows checks rows in the order of a board: ranks, ties, the ranking value.
func compareRows(t *testing.T, what string, got []seenRow, b *board.Board, k int) {
	t.Helper()
	if len(got) != len(b.Entries) {
		t.Errorf("%s: %d rows", what, len(got))
		return
	}
	var values []float64
	for _, e := range b.Entries {
		values = append(values, e.Value.Value)
	}
	u := words.UnitOf(b.By).For(values...)
	sets := what != "nll" // nobody asked to show it at first
	place := map[string]int{}
	for i, r := range got {
		place[r.Model] = i
	}
	for i, e := range b.Entries {
		r := got[place[e.Model]]
		if got[i].Values[k] != u.Number(e.Value.Value) || r.Values[k] != u.Number(e.Value.Value) {
			t.Errorf("%s, row %d: %s %s, want %s %s", what, i, got[i].Model, got[i].Values[k], e.Model, u.Number(e.Value.Value))
		}
		if want := fmt.Sprintf("%d to %d", e.Ranks.Lo, e.Ranks.Hi); sets && r.Ranks != want || !sets && r.Ranks != "–" {
			t.Errorf("%s, %s: rank set %s, want %s", what, e.Model, r.Ranks, want)
		}
		if tie := strings.Contains(r.Class, "tie"); sets && tie != e.Tie {
			t.Errorf("%s, %s: tied %v", what, e.Model, tie)
		}
	}
}

// comparePinned checks the differences from m3.
func comparePinned(t *testing.T, d Document, seen map[string]json.RawMessage) {
	t.Helper()
	b := rankedBy(t, d, "aurc")
	if err := b.Pin("m3"); err != nil {
		t.Fatal(err)
	}
	var values []float64
	for _, e := range b.Entries {
		values = append(values, e.Value.Value)
	}
	u := words.UnitOf(b.By).For(values...)
	got := read[[]seenRow](t, seen, "pinned")
	for _, e := range b.Entries {
		i := slices.IndexFunc(got, func(r seenRow) bool { return r.Model == e.Model })
		want := u.Signed(e.Against.Difference)
		switch e.Against.Verdict {
		case ranks.Reference:
			want = "pinned"
		case ranks.Unproven:
			want = "~ " + want
		}
		if got[i].Values[0] != want {
			t.Errorf("%s against m3: %q, want %q", e.Model, got[i].Values[0], want)
		}
		if bounds := u.Signed(e.Against.Lo) + " to " + u.Signed(e.Against.Hi); !strings.HasSuffix(got[i].Titles[0], bounds) {
			t.Errorf("%s against m3: %q, want bounds %s", e.Model, got[i].Titles[0], bounds)
		}
	}
	if text := read[string](t, seen, "pinText"); !strings.Contains(text, "AURC less that of m3") || read[string](t, seen, "unpinText") != "" {
		t.Errorf("pinned: %q, then %s", text, seen["unpinText"])
	}
	compareRows(t, "unpinned", read[[]seenRow](t, seen, "unpinned"), b, 0)
}

// compareSlider counts, for every accepted risk, the answers of m2 above the threshold.
func compareSlider(t *testing.T, d Document, got [][2]string) {
	t.Helper()
	row, err := d.Board.Row(d.Results, "m2")
	if err != nil {
		t.Fatal(err)
	}
	o, err := d.Results.Outcomes(row.Key)
	if err != nil {
		t.Fatal(err)
	}
	values := o.Confidence(row.Confidence).Value
	thresholds := 0
	for step, cell := range got {
		answered, err := strconv.Atoi(cell[0])
		if err != nil {
			t.Fatal(err)
		}
		want, wrong := 0, 0
		r := metrics.Rank(o, o.Confidence(row.Confidence))
		for g, end := range r.Ends {
			if int(r.Wrong[g])*200 <= (step+1)*int(end) {
				want, wrong = int(end), int(r.Wrong[g])
			}
		}
		if answered != want {
			t.Errorf("risk %.1f %%: %d answers, want %d (%d wrong)", float64(step+1)/2, answered, want, wrong)
		}
		limit, ok := strings.CutPrefix(cell[1], "> ")
		if !ok {
			continue
		}
		thresholds++
		v, err := strconv.ParseFloat(limit, 64)
		if err != nil {
			t.Fatal(err)
		}
		above := 0
		for _, c := range values {
			if c > v {
				above++
			}
		}
		if above != answered {
			t.Errorf("risk %.1f %%: %d confidences are above %s, want %d", float64(step+1)/2, above, limit, answered)
		}
	}
	if thresholds < 10 || len(got) != 40 {
		t.Errorf("%d thresholds at %d steps", thresholds, len(got))
	}
}

// compareSaved checks the saved table against the board and against results.csv.
func compareSaved(t *testing.T, d Document, text string) {
	t.Helper()
	saved, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(filepath.Join(d.Results.Dir, "results.csv"))
	if err != nil {
		t.Fatal(err)
	}
	computed, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := func(name string) int { return slices.Index(computed[0], name) }
	checked := 0
	for i, row := range saved[1:] {
		e := d.Board.Entries[i]
		if row[0] != e.Model || row[1] != fmt.Sprint(e.Ranks.Lo) || row[2] != fmt.Sprint(e.Ranks.Hi) {
			t.Errorf("saved row %d is %q", i, row)
		}
		k := slices.IndexFunc(computed, func(r []string) bool {
			return r[at("model")] == e.Model && r[at("condition")] == "clean" && r[at("transform")] == "none" && r[at("confidence")] == d.Board.Choice.Confidence
		})
		for c, name := range saved[0][3:] {
			want, err := strconv.ParseFloat(computed[k][at(name)], 64)
			if err != nil {
				t.Fatalf("%s of %s: %v", name, e.Model, err)
			}
			if got, err := strconv.ParseFloat(row[3+c], 64); err != nil || math.Abs(got-want) > 1e-8*math.Abs(want) {
				t.Errorf("%s of %s: saved %s, computed %v", name, e.Model, row[3+c], want)
			}
			checked++
		}
	}
	if checked != 8*9 {
		t.Errorf("%d values were compared", checked)
	}
}

// TestPageUnderItsPolicy: as it is written, with an address that chooses, the page works.
func TestPageUnderItsPolicy(t *testing.T) {
	browser(t)
	d := runDocument(t)
	got := browse(t, renderHTML(t, d), "#by=accuracy&pin=m3&filter=regime+%3D+focal&ticked=m1%09m2")
	if !strings.Contains(got, "scripted") || strings.Count(got, "data-model=") != 4 || !strings.Contains(got, "4 of 8 models") {
		t.Errorf("the board did not take over: %d rows", strings.Count(got, "data-model="))
	}
	if by := regexp.MustCompile(`aria-sort="ascending" data-id="(.*?)"`).FindStringSubmatch(got); by == nil || by[1] != "accuracy" {
		t.Errorf("sorted by %q", by)
	}
}

// framed are steps that open a page in a frame of their own and wait; inner is its document.
func framed(page []byte, attributes string) string {
	return `
    const frame = document.createElement("iframe");
    Object.entries(` + attributes + `).forEach(([k, v]) => frame.setAttribute(k, v));
    frame.srcdoc = ` + quoted(policyElement.ReplaceAll(page, nil)) + `;
    document.body.append(frame);
    await new Promise(done => frame.onload = done);
    for (let i = 0; i < 60 && !frame.sandbox.length && !frame.contentWindow.abstain; i++) await wait(100);
    await wait();
    const inner = frame.contentDocument;
`
}

var emptyPage = []byte("<!DOCTYPE html><html><body style='margin:0'></body></html>")

// TestPageWithoutScripts: the plain table is there, and nothing that only scripts serve.
func TestPageWithoutScripts(t *testing.T) {
	browser(t)
	seen := play(t, emptyPage, framed(renderHTML(t, runDocument(t)), `{sandbox: "allow-same-origin", style: "width: 1200px; height: 900px"}`)+`
    seen.rows = inner.querySelectorAll("#board tbody tr").length, seen.text = inner.querySelector("#board tbody").innerText;
    seen.live = [...inner.querySelectorAll(".live")].filter(e => getComputedStyle(e).display !== "none").length;
`)
	if read[int](t, seen, "rows") != 8 || !strings.Contains(read[string](t, seen, "text"), "m7") || read[int](t, seen, "live") != 0 {
		t.Errorf("without scripts: %s rows, %s parts that need them", seen["rows"], seen["live"])
	}
}

// TestPageNarrow: at 420 pixels nothing has to be scrolled sideways, but the tables that
// scroll by themselves.
func TestPageNarrow(t *testing.T) {
	browser(t)
	d := runDocument(t)
	d.Study = publishedFolder(t)
	page := renderHTML(t, d)
	seen := play(t, emptyPage, framed(page, `{style: "width: 420px; height: 900px; border: 0"}`)+`
    inner.querySelectorAll("details.figure").forEach(d => { d.open = true; });
    seen.width = frame.contentWindow.innerWidth, seen.scroll = inner.documentElement.scrollWidth, seen.rows = inner.querySelectorAll("#board tbody tr").length;
    seen.wide = [...inner.querySelectorAll("main *")].filter(e => e.getBoundingClientRect().right > 421 && !e.closest(".wide, .scroll, svg, .tools")).slice(0, 8).map(e => e.tagName + "." + e.className + "#" + e.id + " " + Math.round(e.getBoundingClientRect().right));
`)
	if read[int](t, seen, "width") != 420 || read[int](t, seen, "scroll") > 420 || read[int](t, seen, "rows") != 8 {
		t.Errorf("at %s pixels the page is %s wide with %s rows; beyond are %s", seen["width"], seen["scroll"], seen["rows"], seen["wide"])
	}
}

// quoted is a text as a script within a page may hold it.
func quoted(text []byte) string {
	b, err := json.Marshal(string(text)) // escapes <, > and &
	if err != nil {
		panic(err)
	}
	return string(b)
}

// TestPageHostileNames: names that would be scripts, markup or invisible are texts.
func TestPageHostileNames(t *testing.T) {
	browser(t)
	names := []string{`<script>window.broken=1</script>`, `"><img src=x onerror=window.broken=1>`, `'><svg/onload=window.broken=1>`, `javascript:window.broken=1`,
		`</script><script>window.broken=1</script>`, `</table><iframe src="javascript:window.broken=1">`, `a & b < c > d 'q' "q"`, "safe\u202eexe.gpj", "\x1b[31mred\nline",
		`{{.Title}}`, `${window.broken=1}`, "`+(window.broken=1)+`", `<!-- -->`, `]]>`, `__proto__`, `constructor`, `toString`, `hasOwnProperty`, `=1+1`, `@SUM(A1)`, `#model=x`,
		`a=b&c=d`, `%3Cscript%3E`, `&lt;b&gt;`, "\u2066isolate", "tab\there", `50 %, "x"; and y`, `\u003cimg\u003e`, `<math><mi xlink:href="javascript:window.broken=1">`, `модель-大`}
	b := sample.Resolve(sample.Board(len(names)))
	for i, name := range names {
		b.Entries[i].Model = name
		b.Entries[i].Meta[0].Value, b.Entries[i].Meta[1].Value = name, name
	}
	d := Document{Board: b, Curves: sample.Curves(b, 200, 0, 1, 2, 4), Title: names[0], Command: names[1]}
	seen := play(t, renderHTML(t, d), `
    seen.models = rows().map(r => r.model).sort();
    find("#board tbody input").click(); await wait();
    seen.sheets = [];
    for (const i of abstain.data.models.keys()) { abstain.open(i); seen.sheets.push(find("#model h2").textContent); }
    abstain.open(null); choose("#cloud-colour", "family"); await wait(1000);
    seen.broken = window.broken ?? 0, seen.foreign = all("img, iframe, math, object").length, seen.scripts = all("script").length;
`)
	var want []string
	for _, name := range names {
		want = append(want, visible(name))
	}
	if got := read[[]string](t, seen, "sheets"); !slices.Equal(got, want) {
		t.Errorf("model pages are headed %q, want %q", got, want)
	}
	if got := read[[]string](t, seen, "models"); len(got) != len(names) {
		t.Errorf("%d rows", len(got))
	}
	if read[int](t, seen, "broken") != 0 || read[int](t, seen, "foreign") != 0 || read[int](t, seen, "scripts") != 4 {
		t.Errorf("broken %s, %s foreign elements, %s scripts", seen["broken"], seen["foreign"], seen["scripts"])
	}
}

// TestPageWritten: the scripts write numbers as package words does, also exact ties.
func TestPageWritten(t *testing.T) {
	browser(t)
	type metric struct {
		Factor   float64 `json:"factor"`
		Sign     string  `json:"sign"`
		Decimals int     `json:"decimals"`
	}
	var units []metric
	var values []float64
	for _, u := range []words.Unit{{Factor: 100, Sign: "%", Decimals: 1}, {Factor: 100, Sign: "%", Decimals: 2}, {Factor: 1, Decimals: 3}, {Factor: 1, Decimals: 0}, {Factor: 1, Decimals: 1}} {
		units = append(units, metric{u.Factor, u.Sign, u.Decimals})
	}
	for i := range 400 {
		values = append(values, float64(i)/16, -float64(i)/32, float64(i)/400, float64(i)/1e5, -float64(i)/7e4)
	}
	values = append(values, 0.8425, 0.84250000000000001, 0.5, 1.5, 2.5, 0.125, 0.0625, 1e-12, -1e-12, 123456.5)
	given, _ := json.Marshal(map[string]any{"units": units, "values": values})
	store := asset("html/store.js")
	seen := play(t, emptyPage, store+`
    const given = `+string(given)+`;
    seen.texts = given.units.map(u => given.values.map(v => [written(u, v), written(u, v, true)]));
`)
	texts := read[[][][2]string](t, seen, "texts")
	for i, m := range units {
		u := words.Unit{Factor: m.Factor, Sign: m.Sign, Decimals: m.Decimals}
		for k, v := range values {
			if want := [2]string{u.Number(v), u.Signed(v)}; texts[i][k] != want {
				t.Errorf("%v with %d decimals, times %v: %q, want %q", v, m.Decimals, m.Factor, texts[i][k], want)
			}
		}
	}
}

// TestPageScreenshots leaves pictures of the page with the test's artifacts.
func TestPageScreenshots(t *testing.T) {
	browser(t)
	d := runDocument(t)
	d.Study = publishedFolder(t)
	page := renderHTML(t, d)
	for name, hash := range map[string]string{"board": "", "pinned": "#pin=m3", "model": "#model=m2"} {
		file := filepath.Join(t.ArtifactDir(), name+".png")
		browse(t, page, hash, "--screenshot="+file)
		if s, err := os.Stat(file); err != nil || s.Size() < 20_000 {
			t.Errorf("%s: no picture: %v", name, err)
		}
	}
}
