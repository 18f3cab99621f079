package board

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"abstain/datasets"
	"abstain/harness/evaluate"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/resample"
)

// results makes a run's results: one row per model with accuracy and ECE.
func resultsOf(rows ...results.Row) *results.Results {
	r := &results.Results{Dir: "study", Measures: metrics.MustMeasures("accuracy", "ece@15", "mean-confidence"), Rows: rows}
	for _, row := range rows {
		regime := "vanilla"
		if strings.HasPrefix(row.Model, "d") {
			regime = "distilled"
		}
		r.Models = append(r.Models, results.Model{Model: row.Model, Dataset: row.Dataset,
			Meta: datasets.Meta{{Key: "regime", Value: regime}}})
	}
	return r
}

func row(model string, accuracy, ece float64) results.Row {
	return results.Row{Key: results.Key{Model: model, Dataset: "data", Split: "test", Condition: "clean", Transform: "none", Confidence: "msp"},
		Status: "ok", N: 100, Classes: 10, Cells: []metrics.Estimate{{Value: accuracy}, {Value: ece}, {Value: 0.5}}}
}

func with(r results.Row, change func(*results.Row)) results.Row {
	change(&r)
	return r
}

// ranking renders a board as "rank/overall model" lines.
func ranking(b *Board) string {
	var lines []string
	for _, e := range b.Entries {
		lines = append(lines, fmt.Sprintf("%d/%d %s", e.Rank, e.Overall, e.Model))
	}
	return strings.Join(lines, ", ")
}

func TestBoard(t *testing.T) {
	r := resultsOf(row("a", 0.8, 0.3), row("d1", 0.9, 0.1), row("b", 0.9, 0.2), row("d2", 0.7, math.NaN()))
	for _, test := range []struct {
		by    string
		where []Filter
		top   int
		want  string
	}{
		{"accuracy", nil, 0, "1/1 b, 1/1 d1, 3/3 a, 4/4 d2"},
		{"ece", nil, 0, "1/1 d1, 2/2 b, 3/3 a, 0/0 d2"},
		{"ece@15", nil, 2, "1/1 d1, 2/2 b"},
		{"accuracy", []Filter{{"regime", "distilled"}}, 0, "1/1 d1, 2/4 d2"},
		{"accuracy", []Filter{{"regime", "vanilla"}}, 1, "1/1 b"},
	} {
		b, err := New(r, Options{Selection: Selection{Where: test.where}, By: metrics.MustMeasure(test.by), Top: test.top})
		if err != nil {
			t.Fatal(err)
		}
		if got := ranking(b); got != test.want {
			t.Errorf("by %s, %v, top %d: %s, want %s", test.by, test.where, test.top, got, test.want)
		}
		if len(b.Beside) != 2 || len(b.Entries[0].Beside) != 2 || b.N != 100 || b.Classes != 10 || b.All != 4 {
			t.Errorf("board = %+v", b)
		}
	}
}

func TestBoardNotes(t *testing.T) {
	r := resultsOf(row("a", 0.8, 0.3), row("b", 0.8, math.NaN()), with(row("c", 0.8, 0.2), func(r *results.Row) { r.Confidence = "stored" }))
	b, err := New(r, Options{By: metrics.MustMeasure("ece")})
	if err != nil {
		t.Fatal(err)
	}
	if want := []Note{WithoutValue{1, "ECE", true}, ByStored{1}}; !reflect.DeepEqual(b.Notes, want) {
		t.Errorf("notes = %+v, want %+v", b.Notes, want)
	}
	b, err = New(r, Options{By: metrics.MustMeasure("accuracy"), Top: 1})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(b.Notes, Note(TiedBelow{2})) {
		t.Errorf("notes = %+v", b.Notes)
	}
}

// A model that failed is named with the reason, unless a filter leaves it out.
func TestFailedModelsAreNamed(t *testing.T) {
	failed := func(model string, change func(*results.Row)) results.Row {
		return with(row(model, 0, 0), func(r *results.Row) {
			r.Status, r.Cells, r.Confidence = "failed", nil, ""
			change(r)
		})
	}
	other := failed("o", func(r *results.Row) { r.Split = "val" })
	scaled := with(row("a", 0.8, 0.3), func(r *results.Row) { r.Transform = "temperature" })
	unscaled := failed("b", func(r *results.Row) { r.Transform = "temperature" })
	r := resultsOf(row("a", 0.8, 0.3), row("b", 0.7, 0.3), failed("f", func(*results.Row) {}), failed("d", func(*results.Row) {}), other, scaled, unscaled)
	r.Failures = []results.Failure{
		{Table: "f.csv", Model: "f", Dataset: "data", Split: "test", Condition: "clean", Reason: "f.csv: no rows"},
		{Table: "d.csv", Model: "d", Dataset: "data", Split: "test", Condition: "clean", Reason: "d.csv: torn in the middle", Brief: "torn"},
		{Table: "b.csv", Model: "b", Dataset: "data", Split: "val", Condition: "clean", Transform: "temperature", Reason: "b.csv: no errors"},
	}
	for _, test := range []struct {
		transform string
		where     []Filter
		want      NotShown
	}{
		{"none", nil, NotShown{4, []Missing{{"f", "no rows"}, {"d", "torn"}}}},
		{"none", []Filter{{"regime", "vanilla"}}, NotShown{3, []Missing{{"f", "no rows"}}}},
		{"temperature", nil, NotShown{4, []Missing{{"f", "no rows"}, {"d", "torn"}, {"b", "no errors"}}}},
	} {
		b, err := New(r, Options{Selection: Selection{Transform: test.transform, Where: test.where}, By: metrics.MustMeasure("accuracy")})
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(b.Notes[:1], []Note{test.want}) {
			t.Errorf("%s %v: notes %+v, want %+v", test.transform, test.where, b.Notes, test.want)
		}
	}
}

func TestBoardErrors(t *testing.T) {
	r := resultsOf(row("a", 0.8, 0.3))
	for by, want := range map[string]string{
		"aurc":            "no metric",
		"mean-confidence": "ranks nothing",
	} {
		if _, err := New(r, Options{By: metrics.MustMeasure(by)}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("by %s: error %v, want %q", by, err, want)
		}
	}
	if _, err := New(r, Options{Selection: Selection{Where: []Filter{{"regime", "magic"}}}, By: metrics.MustMeasure("accuracy")}); err == nil || !strings.Contains(err.Error(), "values of regime: vanilla") {
		t.Errorf("error %v", err)
	}
	if _, err := New(r, Options{Selection: Selection{Where: []Filter{{"size", "7"}}}, By: metrics.MustMeasure("accuracy")}); err == nil || !strings.Contains(err.Error(), `no model has metadata "size"`) {
		t.Errorf("error %v", err)
	}
}

func TestSelectTakesTheLargestDataset(t *testing.T) {
	small := with(row("z", 0.5, 0.5), func(r *results.Row) { r.Dataset = "small" })
	val := with(row("a", 0.5, 0.5), func(r *results.Row) { r.Split = "val" })
	failed := with(row("f", 0, 0), func(r *results.Row) { r.Status, r.Cells, r.Confidence = "failed", nil, "" })
	v, err := Select(resultsOf(small, val, row("a", 0.8, 0.3), row("b", 0.8, 0.3), failed), Selection{})
	if err != nil {
		t.Fatal(err)
	}
	if v.Choice.Dataset != "data" || v.Choice.Split != "test" || len(v.Rows) != 2 || len(v.Failed) != 1 {
		t.Errorf("view = %+v", v)
	}
	if want := []Note{DatasetTaken{"data", []string{"small", "data"}}}; !reflect.DeepEqual(v.Notes, want) {
		t.Errorf("the choice is not told: %+v", v.Notes)
	}
}

func TestSelectFallsBackAndSaysSo(t *testing.T) {
	val := with(row("a", 0.5, 0.5), func(r *results.Row) { r.Split, r.Condition, r.Confidence = "val", "fog", "entropy" })
	v, err := Select(resultsOf(val), Selection{})
	if err != nil {
		t.Fatal(err)
	}
	if v.Choice.Split != "val" || v.Choice.Condition != "fog" || v.Choice.Confidence != "entropy" ||
		!reflect.DeepEqual(v.Notes, []Note{InPlaceOf{"split", "val", "test"}, InPlaceOf{"condition", "fog", "clean"}}) {
		t.Errorf("view = %+v", v)
	}
	if _, err := Select(resultsOf(val), Selection{Split: "test"}); err == nil || !strings.Contains(err.Error(), `no split "test"; it has val`) {
		t.Errorf("error %v", err)
	}
}

func TestSelectPrefersTheChosenConfidence(t *testing.T) {
	stored := with(row("a", 0.5, 0.5), func(r *results.Row) { r.Confidence = "stored" })
	score := with(row("a", 0.6, 0.5), func(r *results.Row) { r.Confidence = "score:x" })
	v, err := Select(resultsOf(stored, score), Selection{Confidence: "score:x"})
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Rows) != 1 || v.Rows[0].Confidence != "score:x" {
		t.Errorf("rows = %+v", v.Rows)
	}
}

func TestKeepBeside(t *testing.T) {
	b, err := New(resultsOf(row("a", 0.8, 0.3)), Options{By: metrics.MustMeasure("accuracy")})
	if err != nil {
		t.Fatal(err)
	}
	b.KeepBeside(metrics.MustMeasures("ece"))
	if len(b.Beside) != 1 || b.Beside[0].ID() != "ece@15" || b.Entries[0].Beside[0].Value != 0.3 {
		t.Errorf("beside = %v, %v", b.Beside, b.Entries[0].Beside)
	}
}

func TestExemplars(t *testing.T) {
	var rows []results.Row
	for i := range 100 {
		rows = append(rows, row(fmt.Sprintf("m%02d", i), 1-float64(i)/100, 0.1))
	}
	b, err := New(resultsOf(rows...), Options{By: metrics.MustMeasure("accuracy")})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"m00", "m10", "m25", "m50", "m75", "m90"}
	if got := Exemplars(b); !slices.Equal(got, want) {
		t.Errorf("exemplars = %v, want %v", got, want)
	}
}

// Results of nothing are told as such, not as a transform that is missing.
func TestSelectOfNothing(t *testing.T) {
	if _, err := Select(&results.Results{Dir: "study"}, Selection{}); err == nil || !strings.Contains(err.Error(), "nothing was evaluated") {
		t.Errorf("error %v", err)
	}
}

// TestIntervalsOfAnotherVersion: a line below the board does not claim today's methods of
// intervals that an older one made.
func TestIntervalsOfAnotherVersion(t *testing.T) {
	for version, want := range map[int]Note{
		0:                OlderIntervals{},
		resample.Version: IntervalsMade{evaluate.Intervals{Level: 0.95}},
	} {
		r := resultsOf(with(row("a", 0.8, 0.1), func(r *results.Row) { r.Cells[0].Level = 0.95 }))
		r.Run.Intervals, r.Run.Methods = evaluate.Intervals{Level: 0.95}, version
		b, err := New(r, Options{By: metrics.MustMeasure("accuracy")})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(b.Notes, want) {
			t.Errorf("methods %d: %v", version, b.Notes)
		}
	}
}
