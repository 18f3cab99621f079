package reports

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/rivo/uniseg"

	"abstain/harness/board"
	"abstain/harness/compare"
	"abstain/metrics"
	"abstain/metrics/ranks"
)

func metricAt(t *testing.T, id string) metrics.Measure {
	t.Helper()
	m, err := metrics.ParseMeasure(id)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// someComparison has names in other scripts, verdicts of all kinds and an
// undefined value; with two models or three.
func someComparison(t *testing.T, models int) *compare.Comparison {
	nan := math.NaN()
	c := &compare.Comparison{N: 2000, Level: 0.95, Replicates: 1000, Family: compare.Family{Correction: compare.Holm, Tests: 3 * (models - 1)},
		Models: []compare.Contender{{Label: "größe_a", Model: "größe_a", Transform: "none", Confidence: "msp"}, {Label: "模型:entropy", Model: "模型", Transform: "none", Confidence: "entropy"},
			{Label: "c", Model: "c", Transform: "none", Confidence: "msp"}}[:models],
		Choice: board.Selection{Dataset: "fashion-523", Split: "test", Condition: "clean", Transform: "none", Confidence: "msp"},
		Band:   &compare.Band{Level: 0.95, Points: 180, From: 0.105, Errors: 20, Replicates: 1000, Critical: 2.9},
		Ranges: []compare.Range{{Model: "模型:entropy", Against: "größe_a", From: 0.35, To: 0.8, Better: true, At: 0.6, Difference: -0.02, Lo: -0.03, Hi: -0.01}},
		Notes:  []compare.Note{compare.ByStored{Model: "c"}}}
	for i, m := range c.Models[1:] {
		k := float64(i)
		pair := func(id string, a, b float64) compare.Difference {
			return compare.Difference{Measure: metricAt(t, id), Model: m.Label, Against: "größe_a",
				A: bounded(a, a-0.01, a+0.01, 2000), B: bounded(b, b-0.01, b+0.01, 2000), Difference: bounded(b-a, nan, nan, 2000), SE: nan, P: nan, AdjustedP: nan}
		}
		accuracy := pair("accuracy", 0.85, 0.851+k/10)
		accuracy.Difference = bounded(0.001+k/10, -0.006+k/10, 0.008+k/10, 2000)
		accuracy.SE, accuracy.P, accuracy.AdjustedP, accuracy.Test, accuracy.Verdict = 0.0036, 0.78, 1, compare.Test{Method: compare.McNemarTest}, ranks.Unproven
		auroc := pair("auroc", 0.86, 0.872-k/5)
		auroc.Difference = bounded(0.012-k/5, 0.004-k/5, 0.020-k/5, 2000)
		auroc.SE, auroc.P, auroc.AdjustedP, auroc.Test, auroc.Verdict = 0.0041, 0.003, 0.0091, compare.Test{Method: compare.DeLongTest}, ranks.Better
		sac := pair("sac@0.99", 0.4, 0.3)
		sac.Difference = bounded(-0.1, -0.2, -0.03, 2000)
		sac.SE, sac.P, sac.AdjustedP, sac.Test, sac.Verdict = 0.04, 0.00001, 0.00003, compare.Test{Method: compare.BootstrapTest}, ranks.Worse
		if i == 1 {
			accuracy.P, accuracy.AdjustedP, accuracy.Verdict, auroc.Verdict = 2e-12, 1.2e-11, ranks.Better, ranks.Worse
		}
		ece := pair("ece@15", 0.03, nan)
		ece.Why = errors.New("undefined for " + m.Label)
		if i == 0 {
			c.Conclusion = []compare.Claim{compare.Separated{Model: m.Label, Against: "größe_a", By: []compare.Difference{auroc}}}
		}
		c.Metrics = append(c.Metrics, accuracy, auroc, sac, ece)
	}
	byMetric := make([]compare.Difference, 0, len(c.Metrics))
	for k := range 4 {
		for i := range models - 1 {
			byMetric = append(byMetric, c.Metrics[4*i+k])
		}
	}
	c.Metrics = byMetric
	return c
}

// untested is the comparison of published figures.
func untested(t *testing.T) *compare.Comparison {
	c := someComparison(t, 2)
	c.Family, c.Band, c.Ranges, c.Conclusion = compare.Family{}, nil, nil, []compare.Claim{compare.SideBySide{}}
	c.Notes = []compare.Note{compare.NothingTested{Why: errors.New("the folder keeps no predictions of größe_a")}}
	for i := range c.Metrics {
		d := &c.Metrics[i]
		nan := math.NaN()
		d.Difference.Lo, d.Difference.Hi, d.SE, d.P, d.AdjustedP, d.Test, d.Verdict, d.Why = nan, nan, nan, nan, nan, compare.Test{}, ranks.Untried, errors.New("no predictions")
	}
	return c
}

func TestComparisonGolden(t *testing.T) {
	for name, c := range map[string]*compare.Comparison{"comparison": someComparison(t, 3), "comparison-pair": someComparison(t, 2), "comparison-untested": untested(t)} {
		for _, format := range Formats() {
			if name != "comparison" && format != "text" {
				continue
			}
			var b bytes.Buffer
			if err := (Comparison{Comparison: c, Version: "1.0", Command: "abstain compare DIR größe_a c"}).Write(&b, format); err != nil {
				t.Fatal(err)
			}
			golden(t, name+"."+format, b.Bytes())
		}
	}
	var b bytes.Buffer
	if err := (Comparison{Comparison: someComparison(t, 3)}).WriteRanges(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "comparison-ranges.csv", b.Bytes())
	if err := (Comparison{Comparison: someComparison(t, 2)}).Write(&bytes.Buffer{}, "xml"); err == nil {
		t.Error("an unknown format passes")
	}
}

// someAcross compares models over datasets; on each dataset another model is the
// best.
func someAcross(t *testing.T, models int) *compare.Crossing {
	t.Helper()
	var values [][]float64
	for d := range 9 {
		var line []float64
		for m := range models {
			line = append(line, 0.05+0.01*float64(m)+0.002*float64((d*(m+3))%7))
		}
		values = append(values, line)
	}
	values[3][1] = values[3][0]
	compared, err := ranks.CompareDatasets(values, metrics.Lower, 0.95)
	if err != nil {
		t.Fatal(err)
	}
	c := &compare.Crossing{DatasetComparison: compared}
	c.By, c.Across, c.Values = metricAt(t, "aurc"), compare.AcrossConditions, values
	c.Choice = board.Selection{Dataset: "fashion-523", Transform: "none", Confidence: "msp"}
	for m := range models {
		c.Names = append(c.Names, fmt.Sprintf("模型_%02d", m))
	}
	for d := range values {
		c.Over = append(c.Over, fmt.Sprintf("rotation-%d", d))
	}
	c.Empty, c.Notes = []string{"ood"}, []compare.Note{compare.ConditionsAlike{}}
	return c
}

func TestAcrossGolden(t *testing.T) {
	for _, format := range Formats() {
		var b bytes.Buffer
		if err := (Across{Comparison: someAcross(t, 4), Version: "1.0", Command: "abstain compare DIR --across condition"}).Write(&b, format); err != nil {
			t.Fatal(err)
		}
		golden(t, "across."+format, b.Bytes())
	}
	var b bytes.Buffer
	if err := (Across{Comparison: someAcross(t, 14)}).Write(&b, "text"); err != nil {
		t.Fatal(err)
	}
	golden(t, "across-many.text", b.Bytes())
	b.Reset()
	if err := (Across{Comparison: someAcross(t, 4)}).WritePairs(&b); err != nil {
		t.Fatal(err)
	}
	golden(t, "across-pairs.csv", b.Bytes())
}

// TestComparisonForMachines: csv and json read back as the numbers that were
// written; undefined ones are empty or null.
func TestComparisonForMachines(t *testing.T) {
	c := someComparison(t, 3)
	var b bytes.Buffer
	if err := (Comparison{Comparison: c}).Write(&b, "csv"); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil || len(rows) != 1+len(c.Metrics) {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	at := map[string]int{}
	for i, head := range rows[0] {
		at[head] = i
	}
	for i, d := range c.Metrics {
		for head, want := range map[string]float64{"value": d.B.Value, "against_lo": d.A.Lo, "difference": d.Difference.Value, "difference_hi": d.Difference.Hi, "p": d.P, "p_adjusted": d.AdjustedP, "se": d.SE} {
			if got := rows[i+1][at[head]]; got != plain(want) {
				t.Errorf("%s of %s: %q, want %q", head, d.Measure.Name(), got, plain(want))
			}
		}
	}
	b.Reset()
	if err := (Comparison{Comparison: c}).Write(&b, "json"); err != nil {
		t.Fatal(err)
	}
	var read struct {
		N       int
		Models  []struct{ Label, Confidence string }
		Metrics []struct {
			Metric, Verdict string
			P               *float64
			Lo              *float64 `json:"difference_lo"`
		}
		Ranges []struct {
			From, To float64
			Verdict  string
		}
		Conclusion []string
	}
	if err := json.Unmarshal(b.Bytes(), &read); err != nil {
		t.Fatal(err)
	}
	if read.N != 2000 || len(read.Models) != 3 || read.Models[1].Confidence != "entropy" || len(read.Metrics) != 8 || read.Ranges[0].Verdict != "better" || len(read.Conclusion) != 1 {
		t.Errorf("%+v", read)
	}
	if last := read.Metrics[7]; last.Metric != "ece@15" || last.P != nil || last.Lo != nil || last.Verdict != "" {
		t.Errorf("undefined: %+v", last)
	}
}

// TestWrapping: a line is never wider than the limit unless a single word is, and
// no word is lost.
func TestWrapping(t *testing.T) {
	line := strings.Repeat("größe 模型 a ", 40) + strings.Repeat("x", 150) + " end"
	var b bytes.Buffer
	writeWrapped(&b, "- ", line)
	got := b.String()
	if strings.Join(strings.Fields(got), " ") != "- "+strings.Join(strings.Fields(line), " ") {
		t.Error("words are lost")
	}
	for l := range strings.Lines(got) {
		if width := uniseg.StringWidth(strings.TrimSuffix(l, "\n")); width > measureOfText && !strings.Contains(l, "xxx") {
			t.Errorf("%d columns: %s", width, l)
		}
	}
}
