package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"abstain/reports/figure"
	"abstain/reports/pictures"
)

// findings are sections as a study makes them: one with all parts, a figure of
// several pages, a table wider than a page, and a title alone.
func findings(t testing.TB) []Section {
	t.Helper()
	forest := figure.Forest{Axis: figure.Axis{Label: "AURC"}, Reference: math.NaN(), Head: "model"}
	for i := range 130 {
		v := 0.03 + 0.001*float64(i)
		forest.Rows = append(forest.Rows, figure.ForestRow{Name: fmt.Sprint("model ", i), Value: figure.Value{At: v, Lo: v - 0.01, Hi: v + 0.01}})
	}
	parts, err := forest.Figures(figure.Text{Name: "models", Title: "Models <b>", Caption: "Invented."})
	if err != nil {
		t.Fatal(err)
	}
	matrix, err := figure.Matrix{Rows: []string{"AURC"}, Columns: []string{"AURC"}, Cells: [][]figure.Cell{{{Value: figure.Number(1)}}}, Low: -1, High: 1, Diverging: true, Scale: "Spearman"}.
		Figures(figure.Text{Name: "correlations", Title: "Correlations"})
	if err != nil {
		t.Fatal(err)
	}
	narrow := &pictures.Listing{Columns: []pictures.Column{{Head: "regime"}, {Head: "pairs", Right: true}, {Head: "median change in AUROC ×100", Right: true}},
		Rows: [][]string{{"distilled", "26", "+0.68 [0.31, 0.97]"}, {"<script>", "8"}}, Note: "Wilcoxon's signed-rank test, adjusted by Holm."}
	wide := &pictures.Listing{Columns: []pictures.Column{{Head: "family"}}}
	row := []string{"cnn"}
	for k := range 20 {
		wide.Columns = append(wide.Columns, pictures.Column{Head: fmt.Sprintf("metric-%d", k), Right: true})
		row = append(row, fmt.Sprintf("0.%d [0.1, 0.9]", 1000+k))
	}
	wide.Rows = [][]string{row}
	return []Section{
		{Title: "Training regimes", Paragraphs: []string{"Distillation raises the AUROC: median +0.68 [0.31, 0.97] over 26 pairs, p = 0.003.", strings.Repeat("A long finding. ", 40)}, Table: narrow, Figures: slices.Concat(parts, matrix)},
		{Title: "Families", Table: wide, Figures: matrix},
		{Title: "Nothing \u202e to say"},
	}
}

// TestSectionsPDF: findings come before the leaderboard and are in the contents,
// and the numbers of figures begin with theirs.
func TestSectionsPDF(t *testing.T) {
	d := sampleDocument(12)
	d.given = findings(t)
	pdf := render(t, d)
	text := strings.Join(slices.Concat(pages(t, pdf)...), "\n")
	at := 0
	for _, want := range []string{"Findings", "Distillation raises the AUROC", "median change", "+0.68 [0.31, 0.97]", "adjusted by Holm", "Figure 1. Models <b>", "Rows 1 to 44 of 130", "Figure 1, part 2",
		"Figure 1, part 3", "Figure 2. Correlations", "Families", "0.1000 [0.1, 0.9]", "0.1019 [0.1, 0.9]", "Figure 3. Correlations", visible("Nothing \u202e to say"), "Leaderboard by AURC", "Figure 4. Risk-coverage curves"} {
		found := strings.Index(text[at:], want)
		if found < 0 {
			t.Fatalf("%q does not follow", want)
		}
		at += found
	}
	var outlined []string
	for _, m := range outline.FindAllSubmatch(pdf, -1) {
		outlined = append(outlined, decode(m[1]))
	}
	if want := []string{"Title page", "Findings", "Training regimes", "Families", visible("Nothing \u202e to say"), "Leaderboard by AURC"}; !slices.Equal(outlined[:6], want) {
		t.Errorf("outline %q, want %q", outlined[:6], want)
	}
}

// TestSectionFigures: the figures of sections are saved with those of the
// leaderboard.
func TestSectionFigures(t *testing.T) {
	d := Document{Board: plainBoard(), given: findings(t)[:1]}
	paths, _, err := WriteFigures(t.TempDir(), d, "json")
	if err != nil {
		t.Fatal(err)
	}
	names := strings.Join(paths, " ")
	for _, want := range []string{"models.json", "models-2.json", "models-3.json", "correlations.json"} {
		if !strings.Contains(names, "/"+want) {
			t.Errorf("%s is not among %s", want, names)
		}
	}
}

// TestContentsKeepFindings: if the title page has no room for all headings, those
// of the findings are dropped last, and chapters never.
func TestContentsKeepFindings(t *testing.T) {
	chapter := func(name string, sections int) []heading {
		all := []heading{{text: name}}
		for range sections {
			all = append(all, heading{text: "section of " + name, level: 1})
		}
		return all
	}
	lines := slices.Concat(chapter(findingsTitle, 9), chapter("Figures", 3), chapter("Metrics", 5), chapter("Failures", 0))
	for _, want := range []int{16, 13, 4, 4} {
		if lines = withoutLongest(lines); len(lines) != want {
			t.Fatalf("%d lines left, want %d: %+v", len(lines), want, lines)
		}
	}
}
