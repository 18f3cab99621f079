package pictures

import (
	"math"
	"strings"
	"testing"

	"abstain/harness/study"
)

func TestTrainingComparisonSentences(t *testing.T) {
	column := study.ComparedColumn{Head: "ECE", Metric: "ece@15", Condition: "clean", Transform: "none"}
	after := column
	after.Head, after.Transform = "ECE T", "temperature"
	decided := func(r study.Relation, margin float64, v study.Verdict, of study.ComparedColumn) study.Finding {
		return study.Finding{N: 3, Of: study.Seeds, Claim: study.RuleDecided{
			TrainingRule: study.TrainingRule{Preset: "gamma-net", Regime: "new", Against: "vanilla", Column: of, Other: column, Relation: r, Margin: margin, Source: "A 2024"},
			Verdict:      v, Value: 0.1, Before: 0.2, Paired: study.Paired{Differences: []float64{-0.1, -0.2, 0}, Mean: -0.1, Reach: 0.05}},
			Basis: study.Basis{Intervals: []study.Interval{{Method: study.StudentOverSeeds, Level: 0.95, Over: study.NewModels | study.NewSamples, Units: 3}}}}
	}
	gammas := study.Finding{N: 2, Of: study.Seeds, Claim: study.GammaSpread{Regime: "gamma-net", Deviations: []float64{0.9, 0.3}, Means: []float64{2, 1.5},
		Least: 0.5, Verdict: study.Inconclusive, Mean: 0.6, In: study.Bounds{Lo: -0.4, Hi: 1.6}},
		Basis: study.Basis{Intervals: []study.Interval{{Method: study.StudentOverSeeds, Level: 0.95, Over: study.NewModels, Units: 2}}}}
	const by = " (95 % interval of Student's t over seeds, variance between seeds and of the test rows, 2 degrees of freedom; 3 seeds)."
	const numbers = "; 0.1000 after 0.2000, difference −0.1000 [−0.1500, −0.0500], by seed −0.1000 −0.2000 0"
	sentences(t, "training-comparison", []study.Finding{
		decided(study.Falls, 0.04, study.Confirmed, column),
		decided(study.Rises, 0, study.NotConfirmed, column),
		decided(study.FallsTo, 0.5, study.Inconclusive, column),
		decided(study.KeepsHigh, 0.01, study.Confirmed, column),
		decided(study.Keeps, 0.02, study.NotConfirmed, column),
		decided(study.Falls, 0, study.Confirmed, after),
		gammas,
	},
		"Confirmed by the rule: new has less ECE than vanilla, by 0.04 at least (A 2024)"+numbers+by,
		"Not confirmed by the rule: new has more ECE than vanilla (A 2024)"+numbers+": the claim does not carry over to these networks and data"+by,
		"Inconclusive by the rule: new has at most 0.50 of the ECE of vanilla (A 2024); 0.1000 after 0.2000, less 0.50 of it −0.1000 [−0.1500, −0.0500], by seed −0.1000 −0.2000 0: 3 seeds do not tell"+by,
		"Confirmed by the rule: new has no less ECE than vanilla, but for 0.01 (A 2024)"+numbers+by,
		"Not confirmed by the rule: new has the ECE of vanilla, within 0.02 (A 2024)"+numbers+": the claim does not carry over to these networks and data"+by,
		"Confirmed by the rule: transform temperature of new has less ECE than as stored (A 2024)"+numbers+by,
		"Inconclusive by the rule: the exponents of gamma-net vary between training rows, by a standard deviation above 0.5 (Wang and Golebiowski 2024, at the size of abstain's trial); "+
			"0.6000 [−0.4000, +1.6000], by seed 0.90 0.30 around means of 2.00 1.50: it depends on the seed (95 % interval of Student's t over seeds, variance between seeds, 1 degree of freedom; 2 seeds).",
	)
	rule := study.TrainingRule{Preset: "adr", Regime: "adr", Against: "pgd-at", Column: column, Other: column, Relation: study.Rises}
	e := &study.Experiment{Name: "training-comparison", Missing: []study.Missing{study.RuleUndecided{TrainingRule: rule}, study.ColumnsAbsent{Preset: "adr", Columns: []study.ComparedColumn{column}}},
		Notes: []study.Note{study.SeedIntervals{Level: 0.95}, study.RulesBeforehand{}, study.AttackSeen{}}}
	if got := Absent(e); got[0] != "preset adr, rule that adr has more ECE than pgd-at: the models, rows or metrics that it needs are not there" ||
		got[1] != "preset adr, columns ECE (ece@15, clean, transform none): run with the metrics, transforms, confidences and groups that abstain train prints" {
		t.Errorf("%q", got)
	}
	for k, part := range []string{"95 % intervals of Student's t", "no blind test", "saw the defence"} {
		if got := Remarks(e)[k]; !strings.Contains(got, part) {
			t.Errorf("%q lacks %q", got, part)
		}
	}
}

// TestTrainingListing: a block for every four columns, the reference without a difference.
func TestTrainingListing(t *testing.T) {
	p := study.PresetTable{Preset: "adr", Reference: "pgd-at", Regimes: []string{"pgd-at", "adr"}}
	for k, head := range []string{"a", "b", "c", "d", "entropy"} {
		column := study.ComparedColumn{Head: head, Transform: "none", Nats: head == "entropy"}
		p.Columns = append(p.Columns, column)
		reach := 0.012
		if k == 1 {
			reach = math.NaN()
		}
		p.Cells = append(p.Cells, study.ComparedCell{Regime: "pgd-at", Column: column, Values: []float64{0.5}, Mean: 0.5},
			study.ComparedCell{Regime: "adr", Column: column, Values: []float64{0.4}, Mean: 0.4, Paired: study.Paired{Differences: []float64{-0.1}, Mean: -0.1, Reach: reach}})
	}
	e := &study.Experiment{Data: &study.TrainingComparison{Presets: []study.PresetTable{p}}}
	l := trainingListing(nil, e)
	var lines []string
	for _, row := range l.Rows {
		lines = append(lines, strings.Join(row, "|"))
	}
	want := []string{"pgd-at|50.0|50.0|50.0|50.0", "adr|40.0 −10.0±1.2|40.0 −10.0|40.0 −10.0±1.2|40.0 −10.0±1.2", "", "adr|entropy", "pgd-at|0.50", "adr|0.40 −0.10±0.01"}
	if strings.Join(lines, "\n") != strings.Join(want, "\n") || l.Columns[1].Head != "a" || !l.First {
		t.Errorf("%q, heads %v", lines, l.Columns)
	}
	figures, err := trainingFigures(nil, e)
	if err != nil || len(figures) != 1 {
		t.Errorf("%d figures, %v", len(figures), err)
	}
}
