package say

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"abstain/harness/board"
	"abstain/harness/compare"
	"abstain/harness/evaluate"
	"abstain/harness/gate"
	"abstain/metrics"
	"abstain/metrics/ranks"
)

// Every type of note and of claim has a sentence.
func TestEveryTypeHasWords(t *testing.T) {
	said := ""
	for _, file := range goFiles(t, ".") {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		said += string(content)
	}
	types := 0
	for _, name := range []string{"board", "compare"} {
		for _, file := range goFiles(t, "../../harness/"+name) {
			parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range parsed.Decls {
				told := toldType(d)
				if told == "" {
					continue
				}
				types++
				if !strings.Contains(said, "case "+name+"."+told+":") {
					t.Errorf("%s: nothing says %s.%s in words", file, name, told)
				}
			}
		}
	}
	if types < 20 {
		t.Errorf("%d types of notes and claims", types)
	}
}

// toldType is the type that a declaration makes a note or a claim by its method; ""
// for all other declarations.
func toldType(d ast.Decl) string {
	f, ok := d.(*ast.FuncDecl)
	if !ok || f.Recv == nil || f.Name.Name != "claim" && f.Name.Name != "note" {
		return ""
	}
	if receiver, ok := f.Recv.List[0].Type.(*ast.Ident); ok {
		return receiver.Name
	}
	return "" // a method of Board
}

func goFiles(t *testing.T, folder string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(all) == 0 {
		t.Fatalf("%s: %v", folder, err)
	}
	var files []string
	for _, f := range all {
		if !strings.HasSuffix(f, "_test.go") {
			files = append(files, f)
		}
	}
	return files
}

func measure(t *testing.T, id string) metrics.Measure {
	t.Helper()
	m, err := metrics.ParseMeasure(id)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func same(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("says\n%s, want\n%s", got, want)
	}
}

func TestNotes(t *testing.T) {
	for _, c := range []struct {
		note board.Note
		want string
	}{
		{board.DatasetTaken{Dataset: "b", Of: []string{"a", "b"}},
			"dataset b, the one with the most models, was taken out of a, b; --dataset takes another"},
		{board.InPlaceOf{Axis: "split", Taken: "val", Usual: "test"}, "split val was taken: there is no test"},
		{board.WithoutConfidence{Models: []string{"a"}, Confidence: "energy"}, "1 model left out (a): there are no values by confidence function energy"},
		{board.WithoutTransform{Models: []string{"a", "b"}, Transform: "temperature"},
			"2 models left out (a, b): transform temperature does not apply, or had nothing to be fitted on"},
		{board.NotShown{Of: 3, Models: []board.Missing{{Model: "e", Why: "labels in another order than a"}}},
			"1 of 3 models not shown: e (labels in another order than a)"},
		{board.NotShown{Of: 9, Models: []board.Missing{{Model: "b", Why: "no rows"}, {Model: "c"}, {Model: "d", Why: "no rows"}}},
			"3 of 9 models not shown: b, d (no rows); c"},
		{board.WithoutValue{Models: 2, Metric: "ECE"}, "2 models have no ECE"},
		{board.WithoutValue{Models: 1, Metric: "ECE", Unexplained: true},
			"1 model has no ECE (score-only tables have no class vectors; unbounded confidences do not calibrate)"},
		{board.OwnIntervals{Level: 0.95}, "in brackets: the 95 % interval of each value by itself; " +
			"models answer the same samples, so where two overlap the difference may still be sure"},
		{board.IntervalsMade{By: evaluate.Intervals{}}, "no intervals"},
		{board.OlderIntervals{}, "intervals by the methods of another version of abstain: abstain run with the same corpus makes them anew"},
		{board.ByStored{Models: 1}, "1 score-only model scored by the stored confidence"},
		{board.AtChance{Models: []string{"a"}, Classes: 10, Level: 0.01}, "1 model is not above chance (accuracy against 1/10, " +
			"binomial test at 1 %), probably broken: a; abstain study leaves such records out of its statistics"},
		{board.TiedBelow{Models: 2}, "2 further models below the cut have the same value as the last one shown"},
		{board.Unresolved{Why: errors.New("the folder keeps no outcomes")}, "no rank intervals: the folder keeps no outcomes"},
		{board.Unresolvable{Pairs: 1, Of: board.Clusters, Level: 0.95}, "1 cluster is too few to prove any order at 95 %"},
		{board.FewOfAKind{Models: []string{"a"}, By: measure(t, "auroc")}, "1 model has fewer than two errors or right samples, so that no order by AUROC can be proven: a"},
		{board.TooFewErrors{Level: 0.95}, "too few errors to prove any order at 95 %"},
		{board.Unresolvable{Pairs: 4, Of: board.Samples, Level: 0.95}, "4 samples are too few to prove any order at 95 %"},
		{board.ValuesAlone{}, "the order is that of the values alone: abstain rank says which of it is proven"},
	} {
		same(t, Note(c.note), c.want)
	}
}

func TestRanks(t *testing.T) {
	r := board.Resolution{Kind: board.Simultaneous, Level: 0.95, Least: 2.5, Most: 2.5, Draws: 500, N: 400, Separable: 1, Adjacent: 7, Tied: 5}
	const head, tail = "95 % confidence sets from paired differences; error from ", " adjacent pairs are separable; = marks 5 models tied with the best: one of 5, none proven better"
	same(t, Resolution(&r), "ranks: simultaneous "+head+"influence values; studentised max-t, two-sided, "+
		"step-down over all pairs; critical value 2.50, 500 draws, n = 400; 1 of 7"+tail)
	r.Noise = board.Noise{Replicates: 990, Undefined: 10, Made: 8}
	r.Least = math.NaN()
	same(t, Resolution(&r), "ranks: simultaneous "+head+"990 bootstrap replicates shared by all models (10 in which a model has no value left out), made now for 8 models; "+
		"studentised max-t, two-sided, step-down over all pairs; no difference has a sampling error, 500 draws, n = 400; 1 of 7"+tail)
	r = board.Resolution{Kind: board.Marginal, Level: 0.95, Least: 2, Most: 2.5, Draws: 500, N: 400, Separable: 1, Adjacent: 7, Tied: 5}
	same(t, Resolution(&r), "ranks: marginal "+head+"influence values; studentised max-t, two-sided, "+
		"step-down over each model's pairs; critical values 2.00 to 2.50, 500 draws, n = 400; all pairs considered, 1 of 7"+tail)
	same(t, Pinned(&board.Board{By: measure(t, "aurc"), Pinned: &board.Pinned{Model: "b", Others: 7, Level: 0.95, Critical: 2.5, Worse: 3}}),
		"difference: aurc less that of b, paired; 7 intervals hold at once at 95 % (max-t, 2.50 standard errors, error from influence values); "+
			"0 proven better and 3 worse; ~ marks the 4 of which nothing is proven")
	marked := Pinned(&board.Board{By: measure(t, "aurc"), Pinned: &board.Pinned{Model: "b", Others: 7, Worse: 3, Marked: 2}})
	same(t, marked[strings.Index(marked, "~"):], "~ marks the 4 of which nothing is proven; 2 models are marked = although proven worse here: "+
		"the ranks are corrected for all 28 pairs of models, which is stricter than for the 7 with b")
	r.Tied = 1
	if text := Resolution(&r); !strings.HasSuffix(text, "; = marks the best: each other model is proven worse") {
		t.Errorf("says %s", text)
	}
	entry := func(model string, v, lo, hi float64, tie bool) board.Entry {
		return board.Entry{Model: model, Tie: tie, Value: metrics.Estimate{Value: v, Lo: lo, Hi: hi, Level: 0.95}}
	}
	apart := &board.Board{Resolution: &r, Entries: []board.Entry{entry("a", 1, 0.9, 1.2, true), entry("b", 2, 1.1, 3, true),
		entry("c", 2.5, 1.3, 4, true), entry("d", 4, 3, 5, false)}}
	same(t, Apart(apart), "1 model is marked = though the interval lies beyond that of the best (c): the paired difference decides, "+
		"corrected over all pairs of models, not two intervals that hold each by itself")
	apart.Cut(2)
	same(t, Apart(apart)+Apart(&board.Board{}), "")
	same(t, MayBeTop(&board.MayBeTop{Top: 2, Models: []string{"a", "b", "c"}, Level: 0.95}),
		"3 models may be among the 2 best (95 % confidence set of these, from the simultaneous rank sets): a, b, c")
	same(t, MayBeTop(&board.MayBeTop{Top: 1, Models: []string{"a"}, Level: 0.95}),
		"1 model may be the best (95 % confidence set of these, from the simultaneous rank sets): a")
	same(t, Resolution(nil)+Pinned(&board.Board{})+MayBeTop(nil), "")
}

func TestConclusion(t *testing.T) {
	by := func(id string, v, lo, hi, p, adjusted float64, verdict ranks.Verdict) compare.Difference {
		return compare.Difference{Measure: measure(t, id), Model: "b", Against: "a", Difference: metrics.Estimate{Value: v, Lo: lo, Hi: hi}, P: p, AdjustedP: adjusted, Verdict: verdict}
	}
	c := &compare.Comparison{Level: 0.95, Conclusion: []compare.Claim{
		compare.Separated{Model: "b", Against: "a", By: []compare.Difference{
			by("brier", -0.02, -0.03, -0.01, 0, 1e-6, ranks.Better), by("accuracy", -0.01, -0.015, -0.005, 0, 0.01, ranks.Worse),
			by("nll", -0.2, -0.3, -0.1, 0, 0.02, ranks.Better), by("eaurc", -0.02, -0.03, -0.01, 0, 0.03, ranks.Better),
			by("mean-confidence", 0.02, 0.01, 0.03, 0, 0.03, ranks.Differs)}},
		compare.Unseparated{Model: "b", Against: "a", By: []compare.Difference{
			by("auroc", 0.01, -0.01, 0.03, 0.3, 1, ranks.Unproven), by("sac@0.99", 0.02, -0.001, 0.03, 0.01, 0.04, ranks.Unproven), by("sac@0.9", 0.02, 0.01, 0.03, 0.02, 0.2, ranks.Unproven)}},
		compare.AlongCoverage{Model: "b", Against: "a"},
		compare.AlongCoverage{Model: "b", Against: "a", Ranges: []compare.Range{
			{From: 0.1, To: 0.2, Better: true, At: 0.15, Difference: -0.02, Lo: -0.03, Hi: -0.01}, {From: 0.5, To: 0.5, At: 0.5, Difference: 0.02, Lo: 0.01, Hi: 0.03}}},
		compare.SideBySide{},
	}}
	same(t, strings.Join(Conclusion(c), "\n"), `b gives better probabilities than a: Brier −0.020 [−0.030, −0.010], p < 0.001; NLL −0.200 [−0.300, −0.100], p = 0.02.
b is right less often than a: accuracy −1.0 points [−1.5, −0.5], p = 0.01.
b is better by E-AURC than a: E-AURC −2.00 points [−3.00, −1.00], p = 0.03.
b has a higher mean confidence than a: mean confidence +0.020 [+0.010, +0.030], p = 0.03.
b and a cannot be told apart by AUROC (+0.010 [−0.010, +0.030]), SAC@0.99 (+2.0 points [−0.1, +3.0]; p = 0.04 among all tests, but the interval holds 0) and SAC@0.9 (+2.0 points [+1.0, +3.0]; p = 0.02 by itself, 0.2 among all tests).
At no coverage is the selective risk of b proven to be other than that of a.
The selective risk of b is smaller at coverage 0.1–0.2 (at 0.15: −2.0 points [−3.0, −1.0]) and larger at coverage 0.5 (at 0.5: +2.0 points [+1.0, +3.0]) than that of a.
No difference is tested: the values stand side by side.`)
}

func TestHowCompared(t *testing.T) {
	for want, test := range map[string]compare.Test{
		"": {}, "McNemar, exact": {Method: compare.McNemarTest}, "DeLong, paired": {Method: compare.DeLongTest},
		"paired influence values":                       {Method: compare.InfluenceTest},
		"paired influence values, clusters":             {Method: compare.InfluenceTest, Design: "clusters"},
		"moderated t of logits, paired":                 {Method: compare.ModeratedTest},
		"moderated t of logits, paired, clusters":       {Method: compare.ModeratedTest, Design: "clusters"},
		"paired influence values, limits of few errors": {Method: compare.FewErrorsTest},
		"paired bootstrap":                              {Method: compare.BootstrapTest, Design: "clusters"},
	} {
		same(t, Test(test), want)
	}
	same(t, Family(compare.Family{Correction: compare.Holm, Tests: 1}), "Holm over 1 test")
	b := compare.Band{Level: 0.95, Points: 180, From: 0.105, Errors: 20, Replicates: 1000, Critical: 2.9}
	const head = "coverage ranges: simultaneous 95 % band of the differences of selective risk at 180 coverages from 0.105 on, " +
		"where a model and the reference have accepted 20 errors, studentised max-t over coverages and models, 1000 shared replicates of "
	same(t, Band(&b), head+"independent samples, critical value 2.90")
	b.Design = "clusters"
	same(t, Band(&b), head+"clusters, critical value 2.90")
	same(t, Family(compare.Family{})+Band(nil)+Why(compare.Difference{}), "")
}

func TestFootnotes(t *testing.T) {
	for _, c := range []struct {
		note compare.Note
		want string
	}{
		{compare.Choice{Note: board.InPlaceOf{Axis: "condition", Taken: "fog", Usual: "clean"}}, "condition fog was taken: there is no clean"},
		{compare.ByStored{Model: "a"}, "a is scored by its stored confidence"},
		{compare.NothingTested{Why: errors.New("a and b answer different samples")},
			"nothing is tested: a and b answer different samples; tests need predictions, which abstain run keeps"},
		{compare.NotAllAnswered{Model: "a"}, "selective risks are not compared along coverage: a does not answer all samples"},
		{compare.TooFewErrors{Least: 20},
			"selective risks are not compared along coverage: with fewer than 20 errors of two models together there is too little to tell"},
		{compare.BinnedErrors{},
			"calibration errors by bins are biased upwards, the more so the better calibrated a model is: their differences err towards 0"},
		{compare.TooFewRows{Rows: 3, Across: "condition", Models: 3, Pairs: 3, LeastP: 0.25, AdjustedP: 0.75},
			"3 conditions are too few to tell any two of 3 models apart: the signed-rank test's smallest p-value is 0.25, " +
				"and Holm's adjustment over 3 pairs makes it 0.75"},
		{compare.ConditionsAlike{},
			"each condition counts as an observation of its own; where conditions are alike, as levels of one shift are, the tests promise too much"},
	} {
		same(t, Footnotes([]compare.Note{c.note})[0], c.want)
	}
	same(t, strings.Join(LeftOut(&compare.Crossing{Across: "condition", Empty: []string{"fog"}, Lacking: []string{"a"}}), "; "),
		"condition fog: no model has a value; 1 model without a value on every condition: a")
}

func TestGates(t *testing.T) {
	breach := func(text string, value, lo, hi float64) gate.Breach {
		g, err := gate.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return gate.Breach{Gate: g, Model: "b", Against: "a", Estimate: metrics.Estimate{Value: value, Lo: lo, Hi: hi}, P: 0.001}
	}
	same(t, Breach(breach("aurc > 0.055", 0.07, 0.06, 0.08)), "gate 'aurc > 0.055': b: AURC 0.070 [0.060, 0.080], bound 0.055")
	same(t, Breach(breach("aurc worse", 0.02, 0.012, 0.028)), "gate 'aurc worse': b: AURC +0.020 [0.012, 0.028] against a, p = 0.001")
	same(t, Breach(breach("difference(aurc) > 0.01", 0.02, 0.012, 0.028)), "gate 'difference(aurc) > 0.01': b: AURC +0.020 [0.012, 0.028] against a, bound 0.01")
	same(t, Unjudged(gate.Unjudged{Gate: breach("auroc < 0.5", 0, 0, 0).Gate, Model: "bad"}), "gate 'auroc < 0.5': bad: undefined, so not judged")
}
