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

// printedText is all that a PDF says, page by page.
func printedText(t *testing.T, pdf []byte) string {
	return strings.ReplaceAll(strings.Join(slices.Concat(pages(t, pdf)...), "\n"), "\u00a0", " ")
}

func TestPDFIsShort(t *testing.T) {
	d := sampleDocument(523)
	pdf := render(t, d)
	all := pages(t, pdf)
	if n := len(pageObject.FindAll(pdf, -1)); n != len(all) || n < 3 || n > 9 {
		t.Errorf("%d page objects, %d pages with text; 3 to 9 expected", n, len(all))
	}
	for i, texts := range all {
		number := strings.TrimSpace(texts[len(texts)-1])
		if want := itoa(i+1) + " / " + itoa(len(all)); number != want {
			t.Errorf("page %d ends with %q, want %q", i+1, number, want)
		}
	}
	first := strings.Join(all[0], "\n")
	for _, want := range []string{"Which of 523 classifiers knows best when it is wrong?", d.Board.Entries[0].Model[:14], "tied with the best", "Figure"} {
		if !strings.Contains(first, want) {
			t.Errorf("%q is not on the first page", want)
		}
	}
	all1 := printedText(t, pdf)
	for _, want := range []string{"abstain v0.1.0", d.Command, "xxh3:9f1c0d2e7b6a5948c3d2e1f00a1b2c3d", "1250 tables, 105 MB",
		`column "logits": row 4711: NaN`, "Mean over k = 1..n of the error rate"} {
		if !strings.Contains(all1, want) {
			t.Errorf("%q cannot be found in the text", want)
		}
	}
	if len(pdf) > 1_500_000 {
		t.Errorf("%d bytes", len(pdf))
	}
}

func TestPDFAppendixListsEverything(t *testing.T) {
	d := sampleDocument(523)
	d.Appendix = true
	all := printedText(t, render(t, d))
	for _, e := range d.Board.Entries {
		for _, part := range regexp.MustCompile(`[^\p{Han}\p{Katakana}]+|[\p{Han}\p{Katakana}]+`).FindAllString(visible(e.Model), -1) {
			if n := strings.Count(all, part); n < 2 {
				t.Errorf("%q of model %q is found %d times in the text", part, e.Model, n)
			}
		}
	}
}

// TestPDFRepeatsTheHeader: each page that has leaderboard rows also names the
// columns.
func TestPDFRepeatsTheHeader(t *testing.T) {
	boards := 0
	d := sampleDocument(523)
	d.Appendix = true
	for i, texts := range pages(t, render(t, d)) {
		if !strings.HasPrefix(strings.Join(texts, "\n"), "Appendix: all models") {
			continue
		}
		boards++
		for _, head := range []string{"model", "regime", "family", "NLL ↓"} {
			if !slices.Contains(texts, head) {
				t.Errorf("page %d has no column %q", i+1, head)
			}
		}
	}
	if boards < 7 {
		t.Errorf("the leaderboard of 523 models is on %d pages", boards)
	}
}

func TestPDFBookmarks(t *testing.T) {
	d := sampleDocument(30)
	d.Appendix = true
	var got []string
	for _, m := range outline.FindAllSubmatch(render(t, d), -1) {
		got = append(got, decode(m[1]))
	}
	rest := got
	for _, want := range []string{"The answer", "Which of 30 classifiers knows best when it is wrong?", "Questions and answers", "Contents", "Curves",
		"Calibration and transforms", "Definitions and provenance", "Metrics", "Provenance", "Appendix: all models by AURC", "Appendix: a card for each model"} {
		at := slices.Index(rest, want)
		if at < 0 {
			t.Errorf("no bookmark %q, in this order, in %q", want, got)
			continue
		}
		rest = rest[at+1:]
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
	if !bytes.Contains(dated, []byte("D:20310203040506")) || !strings.Contains(printedText(t, dated), "2031-02-03 04:05 UTC") {
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
		"no curves":        {Document{Board: plainBoard()}, "Which of 5 classifiers"},
		"no entries":       {Document{Board: &board.Board{By: sample.Measures[0]}}, "Which of 0 classifiers"},
		"undefined only":   {Document{Board: undefined}, "Definitions and provenance"},
		"filter":           {Document{Board: filteredBoard()}, "regime=distilled (40 of 523 models)"},
		"glyph missing":    {Document{Board: plainBoard(), Command: "abstain \U0001F600"}, "no font here has a glyph for U+1F600: set as □"},
		"metric not known": {Document{Board: &board.Board{By: metrics.Measure{Asked: "aurc-new@0.5"}}, Appendix: true}, "all models by aurc-new@0.5"},
		"one sample":       {Document{Board: sample.Board(2), Curves: sample.Curves(sample.Board(2), 1, 0)}, "Which of 2 classifiers"},
		"one model":        {Document{Board: sample.Board(1)}, "Does the classifier know when it is wrong?"},
		"long":             {Document{Board: sample.Board(3), Command: strings.Repeat("x", 3000)}, "xxxxx"},
		"long title":       {Document{Board: sample.Board(3), Title: strings.Repeat("What is known of errors? ", 20)}, "What is known of errors?"},
		"wide":             {Document{Board: manyMetrics(), Appendix: true}, "more on the cards below"},
	} {
		all := printedText(t, render(t, test.document))
		if !strings.Contains(all, test.want) {
			t.Errorf("%s: %q cannot be found in\n%s", name, test.want, all[:min(len(all), 2000)])
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
	if pdf := render(t, d); !bytes.Contains(pdf, []byte("+UserFont\n")) {
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
	if err != nil || len(skipped) != 6 {
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
	for _, n := range []int{1, 3, 12, 60, 523} {
		d := sampleDocument(n)
		d.Appendix = n > 60
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("report-%d.pdf", n)), render(t, d), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	d := sampleDocument(523)
	d.given = findings(t)
	if err := os.WriteFile(filepath.Join(dir, "report.html"), renderHTML(t, d), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, _, err := WriteFigures(dir, d); err != nil {
		t.Fatal(err)
	}
}
