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
