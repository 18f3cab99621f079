package reports

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/rivo/uniseg"

	"abstain/harness/board"
	"abstain/metrics"
	"abstain/reports/internal/sample"
)

func TestDefinitionsText(t *testing.T) {
	var got bytes.Buffer
	err := Definitions(&got, []metrics.Metric{
		sample.Measures[0].Metric,
		{ID: "bare"},
		{ID: "sece", Label: "sECE", Better: metrics.Lower, Unit: "fraction", Range: [2]float64{0, 1}, Needs: metrics.NeedsConfidence | metrics.NeedsProbability | metrics.NeedsOutside,
			Param: &metrics.Param{Name: "bandwidth", Default: 0.05, Min: 0, Max: math.Inf(1)}},
	})
	want := `aurc: AURC
  Mean over k = 1..n of the error rate among the k most confident samples; equal confidences count
  as the average over their orders.
  direction: lower is better
  range, unit: [0, 1], fraction
  source: Geifman, Uziel, El-Yaniv 2019, section 3
  other tools: tool-a gives the same.
    tool-b adds the trapezoids below the first point: smaller by about 1/(2n).

bare
  direction: neither way is better

sece@0.05: sECE
  direction: lower is better
  range, unit: [0, 1], fraction
  parameter: bandwidth, 0.05 unless stated, within [0, ∞)
  needs: a confidence that is a probability, out-of-distribution samples
`
	if err != nil || got.String() != want {
		t.Errorf("%v, got\n%s\nwant\n%s", err, got.String(), want)
	}
	if err := Definitions(broken{}, metrics.Metrics()); err == nil {
		t.Error("no error from a writer that fails")
	}
}

// TestDefinitionsOfTheTable: nothing that a row states is lost, and no line is
// too wide.
func TestDefinitionsOfTheTable(t *testing.T) {
	var got bytes.Buffer
	if err := Definitions(&got, metrics.Metrics()); err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(got.String()) {
		if w := uniseg.StringWidth(strings.TrimRight(line, "\n")); w > 100 && strings.Contains(strings.TrimSpace(line), " ") {
			t.Errorf("%d columns: %s", w, line)
		}
	}
	text := strings.Join(strings.Fields(got.String()), " ")
	for _, m := range metrics.Metrics() {
		for _, part := range []string{m.Definition, m.Source, m.Peers} {
			if !strings.Contains(text, strings.Join(strings.Fields(part), " ")) {
				t.Errorf("%s: %q is not in the text", m.ID, part)
			}
		}
	}
}

func TestNeeds(t *testing.T) {
	for n, want := range map[metrics.Needs]string{
		0:                       "",
		metrics.NeedsConfidence: "a confidence",
		metrics.NeedsProbability | metrics.NeedsConfidence: "a confidence that is a probability",
		metrics.NeedsVectors:                           "class vectors",
		metrics.NeedsOutside | metrics.NeedsConfidence: "a confidence, out-of-distribution samples",
	} {
		if got := needs(n); got != want {
			t.Errorf("needs %b: %q, want %q", n, got, want)
		}
	}
}

// TestPDFDefinesEverything: a PDF that lists everything also defines everything, however
// long the text is, and one that does not defines what it shows.
func TestPDFDefinesEverything(t *testing.T) {
	b := &board.Board{By: sample.Measures[0]}
	for _, m := range metrics.Metrics() {
		if m.ID != "aurc" {
			b.Beside = append(b.Beside, metrics.Measure{Asked: m.ID, Metric: m})
		}
	}
	long := metrics.Metric{ID: "long", Label: "LONG", Definition: strings.Repeat("words ", 900) + "end-of-text"}
	b.Beside = append(b.Beside, metrics.Measure{Asked: "long", Metric: long})
	in := func(d Document) string { return strings.Join(strings.Fields(printedText(t, render(t, d))), " ") }
	all, few := in(Document{Board: b, Appendix: true}), in(Document{Board: b})
	for _, d := range definitions(b) {
		begin := strings.Join(strings.Fields(d.Text)[:min(6, len(strings.Fields(d.Text)))], " ")
		if !strings.Contains(all, d.Name) || !strings.Contains(all, begin) {
			t.Errorf("%s is not defined", d.ID)
		}
	}
	if !strings.Contains(all, "end-of-text") {
		t.Error("a long definition is cut off")
	}
	if strings.Contains(few, "LONG") || !strings.Contains(few, "AURC ↓") {
		t.Error("without an appendix, the PDF defines what it does not show, or not what it shows")
	}
}

func ExampleDefinitions() {
	m, _, _ := metrics.Parse("accuracy")
	m.Definition, m.Source, m.Peers = "Share of samples predicted right.", "textbook", "" // shortened for the example
	var text strings.Builder
	if err := Definitions(&text, []metrics.Metric{m}); err != nil {
		fmt.Println(err)
	}
	fmt.Print(text.String())
	// Output:
	// accuracy: accuracy
	//   Share of samples predicted right.
	//   direction: higher is better
	//   range, unit: [0, 1], fraction
	//   source: textbook
}
