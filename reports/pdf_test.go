package reports

import (
	"bytes"
	"compress/zlib"
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
	"unicode/utf16"

	"codeberg.org/go-fonts/liberation/liberationmonoregular"

	"abstain/harness/board"
	"abstain/metrics"
	"abstain/reports/figure"
	"abstain/reports/internal/sample"
)

// sampleDocument is a report on so many models, eight of them with curves.
func sampleDocument(models int) Document {
	b := sample.Resolve(sample.Board(models))
	var places []int
	for i := range min(8, models) {
		places = append(places, i*(models-1)/max(1, min(8, models)-1))
	}
	return Document{Board: b, Curves: sample.WithBands(sample.Curves(b, 2000, places...)), Results: sample.Results(),
		Version: "v0.1.0", Command: "abstain report runs/fashion --by aurc"}
}

func render(t testing.TB, d Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := PDF(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var (
	pageObject = regexp.MustCompile(`/Type /Page\n`)
	outline    = regexp.MustCompile(`(?s)<</Title \((.*?[^\\])\)\n/Parent`)
	shown      = regexp.MustCompile(`(?s)Td \((.*?[^\\]|)\) Tj`)
)

// pages returns the texts of each page, in the order set.
func pages(t *testing.T, pdf []byte) [][]string {
	t.Helper()
	var all [][]string
	for rest := pdf; ; {
		_, after, ok := bytes.Cut(rest, []byte("stream\n"))
		if !ok {
			return all
		}
		body, tail, _ := bytes.Cut(after, []byte("\nendstream"))
		rest = tail
		z, err := zlib.NewReader(bytes.NewReader(body))
		if err != nil {
			continue
		}
		content, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(content, []byte(" Tj ET")) {
			continue
		}
		var texts []string
		for _, m := range shown.FindAllSubmatch(content, -1) {
			texts = append(texts, decode(m[1]))
		}
		all = append(all, texts)
	}
}

// decode reads an escaped string of UTF-16.
func decode(b []byte) string {
	var raw []byte
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c == '\\' && i+1 < len(b) {
			i++
			c = b[i]
			if c == 'r' {
				c = '\r'
			}
		}
		raw = append(raw, c)
	}
	raw = bytes.TrimPrefix(raw, []byte{0xfe, 0xff})
	units := make([]uint16, len(raw)/2)
	for i := range units {
		units[i] = uint16(raw[2*i])<<8 | uint16(raw[2*i+1])
	}
	return string(utf16.Decode(units))
}

func TestPDFListsEverything(t *testing.T) {
	d := sampleDocument(523)
	pdf := render(t, d)
	all := pages(t, pdf)
	if n := len(pageObject.FindAll(pdf, -1)); n != len(all) || n < 25 || n > 40 {
		t.Errorf("%d page objects, %d pages with text; 25 to 40 expected", n, len(all))
	}
	for i, texts := range all {
		number := strings.TrimSpace(texts[len(texts)-1])
		if want := itoa(i+1) + " / " + itoa(len(all)); number != want {
			t.Errorf("page %d ends with %q, want %q", i+1, number, want)
		}
	}
	text := strings.Join(slices.Concat(all...), "\n")
	for _, e := range d.Board.Entries {
		for _, part := range regexp.MustCompile(`[^\p{Han}\p{Katakana}]+|[\p{Han}\p{Katakana}]+`).FindAllString(e.Model, -1) {
			if !strings.Contains(text, part) {
				t.Errorf("%q of model %q cannot be found in the text", part, e.Model)
			}
		}
	}
	for _, want := range []string{"Selective prediction report", "abstain v0.1.0", d.Command, "xxh3:9f1c0d2e7b6a5948c3d2e1f00a1b2c3d", "1250 tables, 105 MB", "n = 2000, 8 classes",
		`column "logits": row 4711: NaN`, "損傷", "Geifman, Uziel, El-Yaniv 2019, section 3", "sac@0.95, sac@0.99", "ECE: the confidence is no probability (13 models)"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q cannot be found in the text", want)
		}
	}
}

// TestPDFRepeatsTheHeader: each page that has leaderboard rows also names the
// columns.
func TestPDFRepeatsTheHeader(t *testing.T) {
	boards := 0
	for i, texts := range pages(t, render(t, sampleDocument(523))) {
		if !slices.Contains(texts, "rank") {
			continue
		}
		boards++
		for _, head := range []string{"model", "regime", "family", "NLL ↓"} {
			if !slices.Contains(texts, head) {
				t.Errorf("page %d has no column %q", i+1, head)
			}
		}
	}
	if boards < 8 {
		t.Errorf("the leaderboard of 523 models is on %d pages", boards)
	}
}

func TestPDFBookmarks(t *testing.T) {
	var got []string
	for _, m := range outline.FindAllSubmatch(render(t, sampleDocument(30)), -1) {
		got = append(got, decode(m[1]))
	}
	want := []string{"Title page", "Leaderboard by AURC",
		"Figures", "Figure 1. Risk-coverage curves", "Figure 2. Coverage under a selective-accuracy constraint (SAC)", "Figure 3. Reliability diagrams", "Figure 4. Accuracy against AURC", "Figure 5. Accuracy against ECE",
		"Figure 6. Ranks by AURC that the data allow", "Figure 7. Leaderboard by AURC with intervals",
		"Metrics", "AURC", "accuracy", "AUROC", "ECE", "NLL", "SAC", "Failures"}
	if !slices.Equal(got, want) {
		t.Errorf("bookmarks\n got %q\nwant %q", got, want)
	}
}

func TestPDFSameBytes(t *testing.T) {
	want := render(t, sampleDocument(60))
	for range 5 {
		if !bytes.Equal(render(t, sampleDocument(60)), want) {
			t.Fatal("two reports of the same document differ")
		}
	}
	if bytes.Contains(want, []byte(time.Now().UTC().Format("D:2006"))) {
		t.Error("the clock entered the file")
	}
	d := sampleDocument(60)
	d.Date = time.Date(2031, 2, 3, 4, 5, 6, 0, time.UTC)
	dated := render(t, d)
	if !bytes.Contains(dated, []byte("D:20310203040506")) || !strings.Contains(strings.Join(pages(t, dated)[0], "\n"), "2031-02-03 04:05 UTC") {
		t.Error("the date passed in is not in the file")
	}
}

// TestPDFOddDocuments: a document that lacks something gives a smaller report,
// with a reason where a reader would look for it.
func TestPDFOddDocuments(t *testing.T) {
	undefined := plainBoard()
	undefined.Entries = undefined.Entries[4:]
	for name, test := range map[string]struct {
		document Document
		want     string
	}{
		"no curves":        {Document{Board: plainBoard()}, "Not drawn: figure risk-coverage: no curves were given"},
		"no entries":       {Document{Board: &board.Board{By: sample.Measures[0]}}, "the leaderboard has no models"},
		"undefined only":   {Document{Board: undefined}, "no model has both accuracy and ece"},
		"filter":           {Document{Board: filteredBoard()}, "regime=distilled (40 of 523 models)"},
		"glyph missing":    {Document{Board: plainBoard(), Command: "abstain \U0001F600"}, "no font here has a glyph for U+000A, U+001B, U+1F600: set as □"},
		"metric not known": {Document{Board: &board.Board{By: metrics.Measure{Asked: "aurc-new@0.5"}}}, "Leaderboard by aurc-new@0.5"},
		"one sample": {Document{Board: sample.Board(2), Curves: sample.Curves(sample.Board(2), 1, 0)},
			"n = 1, confidence function msp; thresholds lie between groups of equal confidence."},
		"long": {Document{Board: sample.Board(3), Command: strings.Repeat("x", 3000)}, "xxxxx"},
		"wide": {Document{Board: manyMetrics()}, "Further metrics, same order"},
	} {
		text := ""
		for _, p := range pages(t, render(t, test.document)) {
			text += strings.Join(p, " ") + " "
		}
		if !strings.Contains(text, test.want) {
			t.Errorf("%s: %q cannot be found in\n%s", name, test.want, text[:min(len(text), 2000)])
		}
	}
	if err := PDF(io.Discard, Document{}); err == nil {
		t.Error("a document without a board was accepted")
	}
}

// manyMetrics has more columns than a page is wide.
func manyMetrics() *board.Board {
	b := sample.Board(20)
	for range 3 {
		b.Beside = append(b.Beside, b.Beside...)
		for i := range b.Entries {
			b.Entries[i].Beside = append(b.Entries[i].Beside, b.Entries[i].Beside...)
		}
	}
	return b
}

func TestPDFUserFont(t *testing.T) {
	d := sampleDocument(5)
	d.Font = liberationmonoregular.TTF
	if pdf := render(t, d); !bytes.Contains(pdf, []byte("/BaseFont /utf8userfont")) {
		t.Error("the font given is not embedded")
	}
	d.Font = bytes.Clone(liberationmonoregular.TTF)
	for i := 5000; i < len(d.Font); i += 3 {
		d.Font[i] = 0xff
	}
	if err := PDF(io.Discard, d); err == nil || !strings.Contains(err.Error(), "font given") {
		t.Errorf("a damaged font: error %v", err)
	}
}

func TestWriteFigures(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "figures")
	paths, skipped, err := WriteFigures(dir, sampleDocument(40))
	if err != nil || len(skipped) != 0 {
		t.Fatal(err, skipped)
	}
	if want := (len(figure.Kinds()) - 1) * len(figure.Formats()); len(paths) != want { // the sample has no prediction sets
		t.Errorf("%d files, want %d", len(paths), want)
	}
	for _, p := range paths {
		b, err := os.ReadFile(p)
		magic := map[string]string{".svg": "<?xml", ".png": "\x89PNG", ".pdf": "%PDF", ".json": "{"}[filepath.Ext(p)]
		if err != nil || !bytes.HasPrefix(b, []byte(magic)) || len(b) < 500 {
			t.Errorf("%s: %d bytes, %v", p, len(b), err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*.part")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	_, skipped, err = WriteFigures(dir, Document{Board: plainBoard()}, "svg")
	if err != nil || len(skipped) != 4 {
		t.Errorf("without curves: skipped %q, %v", skipped, err)
	}
}

func TestInterval(t *testing.T) {
	inf := math.Inf(1)
	for want, r := range map[string][2]float64{"[0, 1]": {0, 1}, "[0, ∞)": {0, inf}, "(−∞, ∞)": {-inf, inf}, "[-1, 10000]": {-1, 10000}, "": {}} {
		if got := interval(r); got != want {
			t.Errorf("%v is %q, want %q", r, got, want)
		}
	}
}

func itoa(n int) string { return fmt.Sprint(n) }

func BenchmarkPDF(b *testing.B) {
	d := sampleDocument(523)
	for b.Loop() {
		n := len(render(b, d))
		b.ReportMetric(float64(n)/1e3, "kB")
	}
}

// TestLook writes a report and its figures to the folder that LOOK names, so that
// they can be looked at.
func TestLook(t *testing.T) {
	dir := os.Getenv("LOOK")
	if dir == "" {
		t.Skip("set LOOK to a folder to get a report in it")
	}
	d := sampleDocument(523)
	d.given = findings(t)
	if err := os.WriteFile(filepath.Join(dir, "report.pdf"), render(t, d), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "report.html"), renderHTML(t, d), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, _, err := WriteFigures(dir, d); err != nil {
		t.Fatal(err)
	}
}
