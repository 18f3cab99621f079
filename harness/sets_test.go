package harness_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"abstain/datasets"
	"abstain/harness"
	"abstain/harness/posthoc"
	"abstain/harness/posthoc/conform"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/recalibrate"
	"abstain/metrics/sets"
)

var long = flag.Bool("long", false, "simulate and damage many times more")

// askSets parses a request.
func askSets(t *testing.T, text string) *conform.Asked {
	t.Helper()
	a, err := conform.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func setRow(t *testing.T, r *results.Results, model, split, transform string) results.SetRow {
	t.Helper()
	i := slices.IndexFunc(r.Sets, func(s results.SetRow) bool { return s.Model == model && s.Split == split && s.Transform == transform })
	if i < 0 {
		t.Fatalf("no sets %s of %s, %s; failures %v, notices %v", transform, model, split, r.Failures, r.Run.Notices)
	}
	return r.Sets[i]
}

// flatProbs are the probabilities of a sheet, row-major.
func (s sheet) flatProbs() []float64 {
	var p []float64
	for _, row := range s.logits {
		p = append(p, row...)
	}
	recalibrate.Softmax(p, p, 3, 1)
	return p
}

// TestSetsTwin: a run gives the sets of package metrics/sets, calibrated on one table and judged
// on the others, as rows of both files, and finds them again.
func TestSetsTwin(t *testing.T) {
	val, test, shift := draw(1, 80, 1000, 1), draw(2, 120, 0, 1), draw(2, 50, 0, 0.3)
	manifest := withVal + "shift.csv,m,d,shift,fog\n"
	c := corpus(t, map[string]string{"manifest.csv": manifest, "test.csv": test.csv("l"), "val.csv": val.csv("l"), "shift.csv": shift.csv("p")})
	cfg := harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Metrics: metrics.MustMeasures("accuracy", "auroc"),
		Sets: askSets(t, "lac,margin,aps,raps,saps,topk,alpha=0.1:0.3,by=all:class")}
	r := mustRun(t, cfg)
	rows := sets.Rows{Probs: val.flatProbs(), Classes: 3, Label: val.labels()}
	for split, table := range map[string]sheet{"test": test, "shift": shift} {
		for _, kind := range []sets.Kind{{Score: sets.LACScore}, {Score: sets.MarginScore}, {Score: sets.APSScore}, {Score: sets.RAPSScore, Lambda: 0.01, Free: 5},
			{Score: sets.SAPSScore, Lambda: 0.2}, {Score: sets.TopKScore}} {
			for suffix, by := range map[string]sets.By{"": sets.Marginal, "-class": sets.ByClass} {
				p, err := sets.Calibrate(kind, rows, 0.1, sets.Options{By: by})
				if err != nil {
					t.Fatal(err)
				}
				s, err := p.Sets(sets.Rows{Probs: table.flatProbs(), Classes: 3, Label: table.labels()})
				if err != nil {
					t.Fatal(err)
				}
				name := "sets-" + kind.Score.String() + suffix
				got := setRow(t, r, "m", split, name)
				if got.Coverage.Value != s.Coverage() || got.Size.Value != s.MeanSize() || got.Threshold != p.Threshold || got.Rows != 80 || got.N != len(table.id) ||
					got.WorstClass.Value != s.WorstClassIn(0.95).Value {
					t.Errorf("%s on %s: %+v, want coverage %v, size %v, threshold %v", name, split, got, s.Coverage(), s.MeanSize(), p.Threshold)
				}
				row := rowOf(t, r, split, map[string]string{"test": "clean", "shift": "fog"}[split], name)
				for id, want := range map[string]float64{"set-coverage": s.Coverage(), "set-size": s.MeanSize(), "set-class-gap": s.ClassGap(0.1),
					"set-size-violation": s.SizeViolation(0.1, nil)} {
					m := slices.IndexFunc(r.Measures, func(m metrics.Measure) bool { return m.Name() == id })
					if m < 0 || math.Abs(row.Cells[m].Value-want) > 1e-12 {
						t.Errorf("%s on %s: %s is not %v: %+v", name, split, id, want, row.Cells)
					}
				}
				if by == sets.Marginal {
					at := slices.IndexFunc(got.Points(), func(p conform.Point) bool { return p.Alpha == 0.1 })
					if at < 0 || got.Points()[at].Coverage != s.Coverage() || got.Points()[at].Size != s.MeanSize() || got.Points()[at].Singles != s.SingletonShare() {
						t.Errorf("%s on %s: the curve says %+v", name, split, got.Points())
					}
				}
			}
		}
	}
	if slices.ContainsFunc(r.Sets, func(s results.SetRow) bool { return s.Split == "val" }) {
		t.Error("the rows that calibrate are judged")
	}
	again := mustRun(t, cfg)
	if again.Run.Counts.Cached != 3 || len(again.Sets) != len(r.Sets) || again.Sets[3].Histogram != r.Sets[3].Histogram {
		t.Errorf("a second run: %+v", again.Run.Counts)
	}
	kept := mustRun(t, harness.Config{Out: cfg.Out, Metrics: metrics.MustMeasures("brier")})
	if len(kept.Sets) != len(r.Sets) {
		t.Errorf("from what is kept: %d sets, want %d", len(kept.Sets), len(r.Sets))
	}
	read, err := results.Read(cfg.Out)
	if err != nil || fmt.Sprint(read.Sets) != fmt.Sprint(kept.Sets) {
		t.Errorf("sets.csv is read as something else: %v", err)
	}
	cfg.Sets = nil
	without := mustRun(t, cfg)
	if _, err := os.Stat(filepath.Join(cfg.Out, "sets.csv")); err == nil || len(without.Sets) > 0 || slices.ContainsFunc(without.Measures, func(m metrics.Measure) bool { return m.Metric.Needs&metrics.NeedsSets != 0 }) {
		t.Error("a run without sets leaves those of an earlier one")
	}
}

// TestSetsHoldout: the rows that calibrate are judged under no condition.
func TestSetsHoldout(t *testing.T) {
	test, shift := draw(3, 200, 0, 1), draw(3, 90, 0, 1)
	held := posthoc.Holdout(make([]int32, 200), 0.3, 5)
	fewer := 0
	for i := range shift.id {
		if !held[i] {
			fewer++
		}
	}
	for i := range test.id { // only rows that calibrate are wrong, so that no set of a judged one misses
		test.right(i, !held[i])
	}
	c := corpus(t, map[string]string{"manifest.csv": "file,model,dataset,split,condition\ntest.csv,m,d,test,clean\nshift.csv,m,d,shift,fog\n",
		"test.csv": test.csv("l"), "shift.csv": shift.csv("l")})
	r := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Metrics: metrics.MustMeasures("accuracy"), Sets: askSets(t, "lac,holdout=0.3,seed=5")})
	if s := setRow(t, r, "m", "test", "sets-lac"); s.N != 140 || s.Rows != 60 || s.Coverage.Value != 1 || s.Threshold < 0.5 {
		t.Errorf("%+v", s)
	}
	if row := rowOf(t, r, "test", "clean", "sets-lac"); row.N != 140 || row.Cells[0].Value != 1 {
		t.Errorf("accuracy %v of %d: rows that calibrated are judged", row.Cells[0].Value, row.N)
	}
	if s := setRow(t, r, "m", "shift", "sets-lac"); s.N != fewer {
		t.Errorf("under shift %d rows are judged, want %d", s.N, fewer)
	}
}

// TestSetsRefused: what cannot be calibrated is refused or told, and the rest goes on.
func TestSetsRefused(t *testing.T) {
	test := draw(3, 20, 0, 1)
	alone := corpus(t, map[string]string{"manifest.csv": "file,model,dataset,split,condition\ntest.csv,m,d,test,clean\n", "test.csv": test.csv("l")})
	if _, err := harness.Run(t.Context(), harness.Config{Corpora: []*datasets.Corpus{alone}, Out: t.TempDir(), Sets: askSets(t, "lac")}); err == nil ||
		!strings.Contains(err.Error(), "holdout=0.5") {
		t.Errorf("one split alone: %v", err)
	}
	same := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{alone}, Out: t.TempDir(), Metrics: metrics.MustMeasures("accuracy"), Sets: askSets(t, "lac,fit=test")})
	if len(same.Sets) > 0 || !strings.Contains(fmt.Sprint(same.Run.Notices), "rows that calibrate are not judged") {
		t.Errorf("the only table calibrates: %v", same.Run.Notices)
	}
	val := draw(1, 8, 1000, 1)
	few := corpus(t, map[string]string{"manifest.csv": withVal + "scores.csv,s,d2,test,clean\n", "val.csv": val.csv("l"), "test.csv": test.csv("l"),
		"scores.csv": "confidence,correct\n0.5,true\n0.7,false\n"})
	r := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{few}, Out: t.TempDir(), Metrics: metrics.MustMeasures("accuracy"), Sets: askSets(t, "lac,aps,by=all:class:cluster:hue")})
	if s := setRow(t, r, "m", "test", "sets-lac"); s.Size.Value != 3 || !math.IsInf(s.Threshold, 1) || !strings.Contains(s.Note, "8 rows calibrate, and alpha 0.1 needs 9") {
		t.Errorf("too few rows: %+v", s)
	}
	if s := setRow(t, r, "m", "test", "sets-aps-class"); s.Without != 1 || s.Coverage.Value != 1 {
		t.Errorf("too few rows of each class: %+v", s)
	}
	notes := fmt.Sprint(r.Run.Notices)
	if !strings.Contains(notes, "sets: s left out: there is no clean table with class vectors") || !strings.Contains(notes, "every set holds all classes of m") {
		t.Errorf("notices %v", r.Run.Notices)
	}
	if len(r.Failures) != 1 || r.Failures[0].Transform != "sets-lac-by-hue" && r.Failures[0].Transform != "sets-aps-by-hue" || !strings.Contains(r.Failures[0].Reason, `no attribute "hue"`) {
		t.Errorf("failures %+v", r.Failures)
	}
}

// TestSetsReference: the reference sets, through a run of tables of probabilities.
func TestSetsReference(t *testing.T) {
	text, err := os.ReadFile(filepath.FromSlash("../../shared/guarantees/conformal.json"))
	if err != nil {
		t.Skip("the reference values are not here: ", err)
	}
	type referenceCase struct {
		Score, Mode string
		Randomised  bool
		Lam         *float64
		KReg        int `json:"k_reg"`
		Alpha       float64
		NeverEmpty  bool `json:"never_empty"`
		Rounding    bool `json:"rounding_matters"`
		Sets        [][]int
		Coverage    *float64
		MeanSize    *float64 `json:"mean_size"`
	}
	var ref struct {
		Tables []struct {
			Name         string
			Calibration  int `json:"calibration_rows"`
			Probability  [][]float64
			Label, Group []int
			Cases        []referenceCase
		}
	}
	if err := json.Unmarshal(text, &ref); err != nil {
		t.Fatal(err)
	}
	checked := map[string]int{}
	for _, table := range ref.Tables {
		write := func(from, to int) string {
			var b strings.Builder
			b.WriteString("sample_id,label,hue")
			for c := range table.Probability[0] {
				fmt.Fprintf(&b, ",p%d", c)
			}
			for i := from; i < to; i++ {
				fmt.Fprintf(&b, "\n%d,%d,g%d", i, table.Label[i], table.Group[i])
				for _, p := range table.Probability[i] {
					fmt.Fprintf(&b, ",%v", p)
				}
			}
			return b.String() + "\n"
		}
		c := corpus(t, map[string]string{"manifest.csv": withVal, "val.csv": write(0, table.Calibration), "test.csv": write(table.Calibration, len(table.Label))})
		out := t.TempDir()
		for _, want := range table.Cases {
			if want.Rounding || want.Randomised || want.Mode == "clustered" { // the run draws its own numbers, and its own half
				continue
			}
			spec := fmt.Sprintf("%s,alpha=%v,by=%s", want.Score, want.Alpha, map[string]string{"marginal": "all", "mondrian": "class", "group": "hue"}[want.Mode])
			if want.Lam != nil {
				spec += fmt.Sprintf(",lambda=%v,free=%d", *want.Lam, want.KReg)
			}
			if want.NeverEmpty {
				spec += ",never-empty=yes"
			}
			r := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: out, Metrics: metrics.MustMeasures("accuracy"), Sets: askSets(t, spec)})
			if len(r.Sets) != 1 {
				t.Fatalf("%s, %s: %d rows, %v", table.Name, spec, len(r.Sets), r.Failures)
			}
			got := r.Sets[0]
			if want.Sets != nil {
				covered, total, sizes := 0, 0, map[int]int{}
				for i, set := range want.Sets {
					total += len(set)
					sizes[len(set)]++
					if slices.Contains(set, table.Label[table.Calibration+i]) {
						covered++
					}
				}
				n := float64(len(want.Sets))
				if math.Abs(got.Coverage.Value-float64(covered)/n) > 1e-9 || math.Abs(got.Size.Value-float64(total)/n) > 1e-9 || fmt.Sprint(got.Sizes()) != fmt.Sprint(sizes) {
					t.Errorf("%s, %s: coverage %v, size %v, sizes %v; want %v, %v, %v", table.Name, spec, got.Coverage.Value, got.Size.Value, got.Sizes(), float64(covered)/n, float64(total)/n, sizes)
				}
				checked[want.Mode]++
			} else if want.Coverage != nil {
				if math.Abs(got.Coverage.Value-*want.Coverage) > 1e-9 || math.Abs(got.Size.Value-*want.MeanSize) > 1e-9 {
					t.Errorf("%s, %s: %+v, want %v, %v", table.Name, spec, got, *want.Coverage, *want.MeanSize)
				}
				checked[want.Mode]++
			}
		}
	}
	t.Log("checked", checked)
	if checked["marginal"] < 20 || checked["mondrian"] < 10 || checked["group"] < 10 {
		t.Errorf("only %v were checked", checked)
	}
}

// TestLawOfCoverageThroughRun: over draws of calibration and judged rows, the number of judged
// rows whose set holds the label has the beta-binomial distribution that sets.csv states, for
// scores that do not tie; with -long 4000 draws, one model each.
func TestLawOfCoverageThroughRun(t *testing.T) {
	draws := 400
	if *long {
		draws = 4000
	}
	const n = 60
	rng := rand.New(rand.NewPCG(17, 4))
	tables := map[string]string{}
	manifest := "file,model,dataset,split,condition\n" // a dataset each: the numbers of randomised scores are then independent too
	for m := range draws {
		var b strings.Builder
		b.WriteString("label,l0,l1,l2,l3\n")
		for range n {
			label := rng.IntN(4)
			fmt.Fprint(&b, label)
			for c := range 4 {
				z := 1.2 * rng.NormFloat64()
				if c == label {
					z += 1.5
				}
				fmt.Fprintf(&b, ",%.9f", z)
			}
			b.WriteByte('\n')
		}
		tables[fmt.Sprintf("m%04d.csv", m)] = b.String()
		manifest += fmt.Sprintf("m%04d.csv,m,d%04d,test,clean\n", m, m)
	}
	tables["manifest.csv"] = manifest
	c := corpus(t, tables)
	for _, spec := range []struct {
		text             string
		exact, calibrate int
		alpha            float64
	}{
		{"lac,aps,raps,random=yes,alpha=0.1,holdout=0.5", 3, 30, 0.1},
		{"lac,saps,random=yes,alpha=0.3,holdout=0.25", 2, 15, 0.3},
		{"margin,aps,alpha=0.3,holdout=0.25,random=but-first,by=all", 1, 15, 0.3},
	} {
		r := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Metrics: metrics.MustMeasures("accuracy"), Sets: askSets(t, spec.text)})
		covered := map[string][]int{}
		inside := map[string]int{}
		var kinds []string
		for _, s := range r.Sets {
			if covered[s.Transform] == nil {
				kinds = append(kinds, s.Transform)
			}
			covered[s.Transform] = append(covered[s.Transform], int(math.Round(s.Coverage.Value*float64(s.N))))
			if s.LawLo <= s.Coverage.Value && s.Coverage.Value <= s.LawHi {
				inside[s.Transform]++
			}
			if s.Rows != spec.calibrate || s.N != n-spec.calibrate {
				t.Fatalf("%s: %d rows calibrate and %d are judged", spec.text, s.Rows, s.N)
			}
		}
		for k, kind := range kinds {
			law, m := sets.LawOf(spec.calibrate, spec.alpha), n-spec.calibrate
			worst, mean := 0.0, 0.0
			for count := range m + 1 {
				atMost := 0
				for _, v := range covered[kind] {
					if v <= count {
						atMost++
					}
				}
				gap := float64(atMost)/float64(draws) - law.CountAtMost(count, m)
				if k >= spec.exact { // ties only raise coverage
					gap = math.Max(gap, 0)
				}
				worst = math.Max(worst, math.Abs(gap))
			}
			for _, v := range covered[kind] {
				mean += float64(v) / float64(m*draws)
			}
			t.Logf("%s, %s: mean coverage %.4f (law %.4f), largest gap of the distribution %.4f, inside 95 %% in %.1f %%",
				spec.text, kind, mean, law.Mean(), worst, 100*float64(inside[kind])/float64(draws))
			if worst > 1.95/math.Sqrt(float64(draws)) { // Kolmogorov's bound at 0.001
				t.Errorf("%s, %s: the distribution of coverage is off by %.4f", spec.text, kind, worst)
			}
		}
	}
}
