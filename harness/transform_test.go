package harness_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"abstain/datasets"
	"abstain/harness"
	"abstain/harness/evaluate"
	"abstain/harness/posthoc"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/recalibrate"
)

// sheet is a table of logits to be written as CSV.
type sheet struct {
	id     []int
	label  []int
	logits [][]float64
}

// draw returns n rows over three classes with ids from first on: labels by the
// seed, logits overconfident by the factor.
func draw(seed uint64, n, first int, factor float64) sheet {
	labels, noise := rand.New(rand.NewPCG(seed, 1)), rand.New(rand.NewPCG(seed, uint64(factor*8)))
	var s sheet
	for i := range n {
		s.id, s.label = append(s.id, first+i), append(s.label, labels.IntN(3))
		row := make([]float64, 3)
		for c := range row {
			row[c] = float64(float32(noise.NormFloat64() * factor))
		}
		row[s.label[i]] += float64(float32(1.5 * factor))
		s.logits = append(s.logits, row)
	}
	return s
}

// csv writes the rows, last first, so that files are not in the order of the ids.
func (s sheet) csv(kind string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "sample_id,label,%s0,%s1,%s2\n", kind, kind, kind)
	for i := len(s.id) - 1; i >= 0; i-- {
		row := slices.Clone(s.logits[i])
		if kind == "p" {
			recalibrate.Softmax(row, row, 3, 1)
		}
		fmt.Fprintf(&b, "%d,%d,%v,%v,%v\n", s.id[i], s.label[i], row[0], row[1], row[2])
	}
	return b.String()
}

// right makes the prediction of row i right or wrong, by a little.
func (s sheet) right(i int, right bool) {
	s.logits[i] = []float64{0, 0, 0}
	at := s.label[i]
	if !right {
		at = (at + 1) % 3
	}
	s.logits[i][at] = 1 + float64(i%7)/10
}

func (s sheet) labels() []int32 {
	var l []int32
	for _, v := range s.label {
		l = append(l, int32(v))
	}
	return l
}

const withVal = "file,model,dataset,split,condition\ntest.csv,m,d,test,clean\nval.csv,m,d,val,clean\n"

func rowOf(t *testing.T, r *results.Results, split, condition, transform string) results.Row {
	t.Helper()
	for _, row := range r.Rows {
		if row.Split == split && row.Condition == condition && row.Transform == transform {
			return row
		}
	}
	t.Fatalf("no row for %s, %s, %s; notes %v, failures %v", split, condition, transform, r.Run.Notices, r.Failures)
	return results.Row{}
}

// TestTransformTwin: results under temperature scaling equal those of a table
// whose logits are divided by the T of the validation split, under every
// condition.
func TestTransformTwin(t *testing.T) {
	val, test, shift := draw(1, 80, 1000, 3), draw(2, 120, 0, 3), draw(2, 50, 0, 5)
	scaled := func(s sheet, by float64) sheet {
		c := sheet{id: s.id, label: s.label}
		for _, row := range s.logits {
			c.logits = append(c.logits, []float64{row[0] / by, row[1] / by, row[2] / by})
		}
		return c
	}
	var flat []float64
	for _, row := range val.logits {
		flat = append(flat, row...)
	}
	fit, err := recalibrate.FitTemperature(flat, 3, val.labels(), recalibrate.NLL)
	if err != nil {
		t.Fatal(err)
	}
	manifest := withVal + "shift.csv,m,d,shift,fog\ntwin.csv,twin,d,test,clean\ntwin-shift.csv,twin,d,shift,fog\n"
	c := corpus(t, map[string]string{"manifest.csv": manifest, "test.csv": test.csv("l"), "val.csv": val.csv("l"), "shift.csv": shift.csv("l"),
		"twin.csv": scaled(test, fit.T).csv("l"), "twin-shift.csv": scaled(shift, fit.T).csv("l")})
	r := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Confidences: []string{"msp", "entropy", "max-logit", "energy"},
		Transforms: posthoc.Transforms{IDs: []string{"none", "temperature"}}})
	if got := temperatureOf(t, r, "m"); math.Abs(got-fit.T) > 1e-9 {
		t.Errorf("T = %v, want %v", got, fit.T)
	}
	compared := 0
	for _, row := range r.Rows {
		if row.Transform != "temperature" {
			continue
		}
		for _, twin := range r.Rows {
			if twin.Model != "twin" || twin.Transform != "none" || twin.Split != row.Split || twin.Confidence != row.Confidence {
				continue
			}
			for i, cell := range row.Cells {
				if math.Abs(cell.Value-twin.Cells[i].Value) > 1e-9*(1+math.Abs(cell.Value)) || cell.Defined() != twin.Cells[i].Defined() {
					t.Errorf("%s, %s: %s = %v, want %v", row.Split, row.Confidence, r.Measures[i].Name(), cell.Value, twin.Cells[i].Value)
				}
				compared++
			}
		}
	}
	if compared != 8*len(r.Measures) {
		t.Errorf("%d values compared", compared)
	}
	if len(r.Run.Notices) != 1 || !strings.Contains(r.Run.Notices[0], "temperature left out for model twin: there is no clean table of split \"val\"") {
		t.Errorf("notices %q", r.Run.Notices)
	}
}

// TestHoldoutIsNeverJudged: the samples held out are all wrong and the others all
// right, clean and shifted. A held-out sample that is judged would show.
func TestHoldoutIsNeverJudged(t *testing.T) {
	for _, ids := range []bool{true, false} {
		test, shift := draw(3, 200, 0, 1), draw(3, 90, 0, 1)
		held := posthoc.Holdout(test.labels(), 0.2, 5)
		fewer := 0
		for i := range test.id {
			test.right(i, !held[i])
			if i < len(shift.id) {
				shift.right(i, !held[i])
				if !held[i] {
					fewer++
				}
			}
		}
		manifest := "file,model,dataset,split,condition\ntest.csv,m,d,test,clean\nshift.csv,m,d,shift,fog\nood.csv,m,d,ood,ood\n"
		ood := draw(4, 30, 0, 1)
		for i := range ood.label {
			ood.label[i] = -1
		}
		tables := map[string]string{"manifest.csv": manifest, "test.csv": test.csv("l"), "shift.csv": shift.csv("l"), "ood.csv": ood.csv("l")}
		if !ids {
			for name, s := range map[string]sheet{"test.csv": test, "shift.csv": shift, "ood.csv": ood} {
				tables[name] = withoutIDs(s)
			}
		}
		c := corpus(t, tables)
		r := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Metrics: metrics.MustMeasures("accuracy", "mean-confidence", "ood-auroc"),
			Transforms: posthoc.Transforms{IDs: []string{"isotonic-pooled", "platt", "pnorm"}, Holdout: 0.2, Seed: 5}})
		for _, transform := range []string{"isotonic-pooled", "pnorm", posthoc.Rest} {
			if row := rowOf(t, r, "test", "clean", transform); row.N != 160 || row.Cells[0].Value != 1 {
				t.Errorf("ids %v, %s: accuracy %v of %d", ids, transform, row.Cells[0].Value, row.N)
			}
			if row := rowOf(t, r, "shift", "fog", transform); row.N != fewer || row.Cells[0].Value != 1 {
				t.Errorf("ids %v, %s: accuracy %v of %d under shift, want 1 of %d", ids, transform, row.Cells[0].Value, row.N, fewer)
			}
		}
		if row := rowOf(t, r, "test", "clean", "none"); row.N != 200 || row.Cells[0].Value != 0.8 {
			t.Errorf("as stored: accuracy %v of %d", row.Cells[0].Value, row.N)
		}
		if row := rowOf(t, r, "ood", "ood", "isotonic-pooled"); row.N != 30 || !row.Cells[2].Defined() {
			t.Errorf("OOD: %d samples, AUROC %+v", row.N, row.Cells[2])
		}
		if len(r.Failures) != 1 || r.Failures[0].Transform != "platt" || !strings.Contains(r.Failures[0].Reason, "all right or all wrong") {
			t.Errorf("failures %+v", r.Failures)
		}
		if row := rowOf(t, r, "test", "clean", "platt"); row.Status != "failed" || r.Run.Counts.Failed != 0 {
			t.Errorf("row of a map that was not fitted: %+v, counts %+v", row, r.Run.Counts)
		}
	}
}

// TestHoldoutTakesLabelsByNumber: a table that has only whether its predictions were
// right sets the samples aside that another one with labels does, also where its ids
// are the numbers behind the other one's prefix.
func TestHoldoutTakesLabelsByNumber(t *testing.T) {
	test := draw(3, 200, 0, 1)
	held := posthoc.Holdout(test.labels(), 0.2, 5)
	for _, prefix := range []struct{ labelled, scored string }{{"", ""}, {"t10k-", ""}, {"", "t10k-"}} {
		labelled, scored := "sample_id,label,l0,l1,l2\n", "sample_id,correct,confidence\n"
		for i := range test.id {
			labelled += fmt.Sprintf("%s%d,%d,%v,%v,%v\n", prefix.labelled, i, test.label[i], test.logits[i][0], test.logits[i][1], test.logits[i][2])
			scored += fmt.Sprintf("%s%d,%t,0.%d\n", prefix.scored, i, !held[i], 500+i)
		}
		c := corpus(t, map[string]string{"manifest.csv": "file,model,dataset,split,condition\nb.csv,m,d,test,clean\na.csv,a,d,test,clean\n",
			"a.csv": labelled, "b.csv": scored})
		r := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Metrics: metrics.MustMeasures("accuracy"),
			Transforms: posthoc.Transforms{IDs: []string{"isotonic"}, Holdout: 0.2, Seed: 5}})
		if row := rowOf(t, r, "test", "clean", posthoc.Rest); row.N != 160 || row.Cells[0].Value != 1 {
			t.Errorf("%+v: accuracy %v of %d, failures %v", prefix, row.Cells[0].Value, row.N, r.Failures)
		}
	}
}

// withoutIDs writes the rows in order, identified by their number.
func withoutIDs(s sheet) string {
	var b strings.Builder
	b.WriteString("label,l0,l1,l2\n")
	for i, row := range s.logits {
		fmt.Fprintf(&b, "%d,%v,%v,%v\n", s.label[i], row[0], row[1], row[2])
	}
	return b.String()
}

// TestValidationInsideTest: samples of the validation split that are also in the
// test table are not judged. Samples with equal ids that are other samples are
// judged.
func TestValidationInsideTest(t *testing.T) {
	test := draw(6, 100, 0, 1)
	val := sheet{test.id[:30], test.label[:30], test.logits[:30]}
	for i := range test.id {
		test.right(i, i >= 30)
	}
	run := func(val sheet) *results.Results {
		c := corpus(t, map[string]string{"manifest.csv": withVal, "test.csv": test.csv("l"), "val.csv": val.csv("l")})
		return mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Metrics: metrics.MustMeasures("accuracy"),
			Transforms: posthoc.Transforms{IDs: []string{"isotonic-pooled"}}})
	}
	r := run(val)
	if row := rowOf(t, r, "test", "clean", "isotonic-pooled"); row.N != 70 || row.Cells[0].Value != 1 {
		t.Errorf("accuracy %v of %d, want 1 of 70", row.Cells[0].Value, row.N)
	}
	rowOf(t, r, "test", "clean", posthoc.Rest)
	r = run(draw(7, 30, 0, 1))
	if row := rowOf(t, r, "test", "clean", "isotonic-pooled"); row.N != 100 {
		t.Errorf("%d samples judged although the validation split has others under its ids", row.N)
	}
	r = run(test)
	if len(r.Rows) != 2 || len(r.Run.Notices) != 1 || !strings.Contains(r.Run.Notices[0], "every sample was fitted on") {
		t.Errorf("%d rows, notices %q", len(r.Rows), r.Run.Notices)
	}
}

// TestFolds: every sample is judged by the map that was fitted on the other
// folds, which temperatures fitted in the test confirm. Samples outside all folds
// are judged by the map fitted on all.
func TestFolds(t *testing.T) {
	test, shift, other := draw(8, 120, 0, 3), draw(8, 40, 0, 4), draw(9, 50, 5000, 3)
	const k = 4
	fold := posthoc.Folds(test.labels(), k, 1)
	fitted := func(leave int) float64 {
		var z []float64
		var label []int32
		for i, row := range test.logits {
			if int(fold[i]) != leave {
				z, label = append(z, row...), append(label, int32(test.label[i]))
			}
		}
		m, err := recalibrate.FitTemperature(z, 3, label, recalibrate.NLL)
		if err != nil {
			t.Fatal(err)
		}
		return m.T
	}
	nll := func(s sheet, leave func(i int) int) float64 {
		total := 0.0
		for i, row := range s.logits {
			p := make([]float64, 3)
			recalibrate.Softmax(p, row, 3, fitted(leave(i)))
			total -= math.Log(p[s.label[i]])
		}
		return total / float64(len(s.id))
	}
	manifest := "file,model,dataset,split,condition\ntest.csv,m,d,test,clean\nshift.csv,m,d,shift,fog\nother.csv,m,d,more,clean\n"
	c := corpus(t, map[string]string{"manifest.csv": manifest, "test.csv": test.csv("l"), "shift.csv": shift.csv("l"), "other.csv": other.csv("l")})
	r := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Metrics: metrics.MustMeasures("nll"),
		Transforms: posthoc.Transforms{IDs: []string{"temperature", "beta", "pnorm"}, Folds: k}})
	own := func(i int) int { return int(fold[i]) }
	for _, want := range []struct {
		split, condition string
		nll              float64
		n                int
	}{{"test", "clean", nll(test, own), 120}, {"shift", "fog", nll(shift, own), 40}, {"more", "clean", nll(other, func(int) int { return -1 }), 50}} {
		row := rowOf(t, r, want.split, want.condition, "temperature")
		if row.N != want.n || math.Abs(row.Cells[0].Value-want.nll) > 1e-9 {
			t.Errorf("%s: NLL %v of %d, want %v of %d", want.split, row.Cells[0].Value, row.N, want.nll, want.n)
		}
	}
	if len(r.Fits) != 2*(k+1) || r.Fits[1].On != "test, without fold 2 of 4, seed 1" {
		t.Errorf("fits %+v", r.Fits)
	}
	if len(r.Run.Notices) != 1 || !strings.Contains(r.Run.Notices[0], "pnorm left out for model m: its confidences are on another scale") {
		t.Errorf("notices %q", r.Run.Notices)
	}
}

// everyTransform returns a corpus with every kind of table, and a run over it
// with every transform.
func everyTransform() (map[string]string, harness.Config) {
	tables := map[string]string{}
	manifest := "file,model,dataset,split,condition\n"
	for m, kind := range []string{"l", "l", "p"} {
		for _, s := range []struct {
			split, condition string
			sheet            sheet
		}{{"test", "clean", draw(1, 90, 0, 2+float64(m))}, {"val", "clean", draw(2, 60, 500, 2+float64(m))}, {"shift", "fog", draw(1, 40, 0, 3+float64(m))}} {
			name := fmt.Sprintf("m%d-%s.csv", m, s.split)
			tables[name] = s.sheet.csv(kind)
			manifest += fmt.Sprintf("%s,m%d,d,%s,%s\n", name, m, s.split, s.condition)
		}
	}
	score := func(seed uint64, n, first int, scale float64) string {
		s := draw(seed, n, first, 2)
		rng := rand.New(rand.NewPCG(seed, 7))
		var b strings.Builder
		b.WriteString("sample_id,label,prediction,confidence\n")
		for i := range s.id {
			prediction := s.label[i]
			if rng.IntN(4) == 0 {
				prediction = (prediction + 1) % 3
			}
			fmt.Fprintf(&b, "%d,%d,%d,%v\n", s.id[i], s.label[i], prediction, rng.Float64()*scale)
		}
		return b.String()
	}
	tables["s-test.csv"], tables["s-val.csv"] = score(1, 90, 0, 1), score(2, 60, 500, 1)
	tables["x-test.csv"], tables["x-val.csv"] = score(1, 90, 0, 9), score(2, 60, 500, 9)
	manifest += "s-test.csv,s,d,test,clean\ns-val.csv,s,d,val,clean\nx-test.csv,x,d,test,clean\nx-val.csv,x,d,val,clean\n"
	tables["manifest.csv"] = manifest
	return tables, harness.Config{Transforms: posthoc.Transforms{IDs: posthoc.IDs()}, Confidences: []string{"msp", "entropy", "max-logit"},
		Intervals: evaluate.Intervals{Level: 0.9}}
}

// TestTransformsResume: a second run computes nothing and does not open a table
// to read its rows, a metric added later is computed from kept outcomes, and
// nothing depends on the number of workers or on an interruption.
func TestTransformsResume(t *testing.T) {
	tables, cfg := everyTransform()
	files := fstest.MapFS{}
	for name, content := range tables {
		files[name] = &fstest.MapFile{Data: []byte(content)}
	}
	counting := &countingFS{FS: files}
	cfg.Corpora = []*datasets.Corpus{openFS(t, counting)}
	cfg.Out, cfg.Workers = t.TempDir(), 1
	all := func(dir string) []byte {
		return bytes.Join([][]byte{read(t, dir, "results.csv"), read(t, dir, "notes.csv"), read(t, dir, "transforms.csv"), read(t, dir, "outcomes", "index.csv")}, nil)
	}
	first := mustRun(t, cfg)
	if len(first.Failures) > 0 || first.Run.Counts.Computed != 13 {
		t.Fatalf("counts %+v, failures %+v", first.Run.Counts, first.Failures)
	}
	want := all(cfg.Out)
	journal := read(t, cfg.Out, "journal.jsonl")
	counting.opened = 0
	if again := mustRun(t, cfg); again.Run.Counts.Cached != 13 || counting.opened != 13 || !bytes.Equal(all(cfg.Out), want) || len(read(t, cfg.Out, "journal.jsonl")) != len(journal) {
		t.Errorf("second run: counts %+v, %d openings, want one for each content hash", again.Run.Counts, counting.opened)
	}
	plan, err := harness.Plan(context.Background(), cfg)
	if err != nil || slices.ContainsFunc(plan, func(p harness.Planned) bool { return p.Step != "cached" }) {
		t.Errorf("plan %+v, %v", plan, err)
	}
	counting.opened = 0
	more := cfg
	more.Metrics = metrics.MustMeasures("aurc", "risk@0.7")
	if r := mustRun(t, more); counting.opened != 13 || r.Run.Counts.Computed != 13 {
		t.Errorf("a metric more: counts %+v, %d openings", r.Run.Counts, counting.opened)
	}
	kept := cfg
	kept.Corpora, kept.Metrics, kept.Transforms = nil, metrics.MustMeasures("risk@0.6", "aurc"), posthoc.Transforms{}
	r := mustRun(t, kept)
	whole := cfg
	whole.Metrics, whole.Out = r.Measures, t.TempDir()
	mustRun(t, whole)
	if r.Run.Counts.Computed != 13 || !bytes.Equal(all(kept.Out), all(whole.Out)) {
		t.Errorf("without the corpus: counts %+v, failures %v", r.Run.Counts, r.Failures)
	}
	if names := r.Names(); len(names) != 2+len(first.Names()) || fmt.Sprint(names[:3]) != "[risk@0.6 aurc risk@0.7]" {
		t.Errorf("metrics %v: those of earlier runs stay behind those asked for", names)
	}
	kept.Transforms = cfg.Transforms
	if _, err := harness.Run(context.Background(), kept); err == nil || !strings.Contains(err.Error(), "name the corpus to read") {
		t.Errorf("transforms without the corpus: %v", err)
	}
	fresh := cfg
	fresh.Corpora, fresh.Out, fresh.Workers = []*datasets.Corpus{corpus(t, tables)}, t.TempDir(), 3
	ctx, cancel := context.WithCancel(context.Background())
	fresh.Progress = &stopAfter{18, cancel}
	if _, err := harness.Run(ctx, fresh); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	fresh.Progress = nil
	mustRun(t, fresh)
	if !bytes.Equal(all(fresh.Out), want) {
		t.Error("an interrupted run on three workers ends in other files")
	}
	back, err := results.Read(fresh.Out)
	if err != nil || fmt.Sprint(back.Fits) != fmt.Sprint(first.Fits) || back.Run.Transforms.FitSplit != "val" {
		t.Errorf("read back: %v, %d fits, want %d; %+v", err, len(back.Fits), len(first.Fits), back.Run.Transforms)
	}
	for _, row := range back.Rows {
		if o, err := back.Outcomes(row.Key); err != nil || o.N() != row.N || o.Confidence(row.Confidence) == nil && row.Confidence != "max-logit" {
			t.Errorf("%+v: outcomes %v", row.Key, err)
		}
	}
}

// TestTransformRows checks which rows there are, and that after the calibration
// of a confidence no other confidence is left.
func TestTransformRows(t *testing.T) {
	tables, cfg := everyTransform()
	cfg.Corpora, cfg.Out = []*datasets.Corpus{corpus(t, tables)}, t.TempDir()
	r := mustRun(t, cfg)
	seen := map[results.Key]bool{}
	rows := map[string]int{}
	for _, row := range r.Rows {
		if seen[row.Key] {
			t.Errorf("two rows %+v", row.Key)
		}
		seen[row.Key] = true
		rows[row.Model+" "+row.Split+" "+row.Transform]++
	}
	for what, n := range map[string]int{"m0 test none": 3, "m0 test temperature": 3, "m2 test temperature": 2, "m0 test platt": 1, "m0 test pnorm": 1,
		"m2 test pnorm": 0, "s test platt": 1, "s test temperature": 0, "x test platt": 0, "m0 val temperature": 0, "m0 shift matrix": 3, "m0 test " + posthoc.Rest: 0} {
		if rows[what] != n {
			t.Errorf("%d rows of %s, want %d", rows[what], what, n)
		}
	}
	said := strings.Join(r.Run.Notices, "\n")
	for _, want := range []string{"pnorm left out for model m2: it needs logits", andMore(false) + " left out for 2 models (s, x): score-only",
		andMore(true) + " left out for model x: the stored confidence is no probability"} {
		if !strings.Contains(said, want) {
			t.Errorf("no %q in %s", want, said)
		}
	}
}

// andMore names the first four transforms of a probability, or of class vectors, and
// counts the others.
func andMore(probability bool) string {
	var ids []string
	for _, x := range posthoc.Table {
		if (x.Input == posthoc.Probability) == probability {
			ids = append(ids, x.ID)
		}
	}
	return fmt.Sprintf("%s and %d more", strings.Join(ids[:4], ", "), len(ids)-4)
}

// TestTransformOrderOfRows: the order of the rows in the files does not matter.
func TestTransformOrderOfRows(t *testing.T) {
	tables, cfg := everyTransform()
	cfg.Corpora, cfg.Out = []*datasets.Corpus{corpus(t, tables)}, t.TempDir()
	mustRun(t, cfg)
	for name, content := range tables {
		if lines := strings.Split(strings.TrimSpace(content), "\n"); name != "manifest.csv" {
			slices.Reverse(lines[1:])
			tables[name] = strings.Join(lines, "\n") + "\n"
		}
	}
	turned := cfg
	turned.Corpora, turned.Out = []*datasets.Corpus{corpus(t, tables)}, t.TempDir()
	mustRun(t, turned)
	for _, file := range []string{"results.csv", "transforms.csv"} {
		if !bytes.Equal(read(t, cfg.Out, file), read(t, turned.Out, file)) {
			t.Errorf("%s depends on the order of the rows", file)
		}
	}
}

// TestTransformsRefused: settings that cannot work are refused before anything is
// read.
func TestTransformsRefused(t *testing.T) {
	c := corpus(t, map[string]string{"a.csv": random(1, 50, 3)})
	for _, x := range []struct {
		transforms posthoc.Transforms
		want       string
	}{
		{posthoc.Transforms{IDs: []string{"temperature"}}, `no validation split for model a: there is no clean table of split "val" to fit on; --fit-split names another split, --holdout 0.1`},
		{posthoc.Transforms{IDs: []string{"heat"}}, `unknown transform "heat"`},
		{posthoc.Transforms{IDs: []string{"temperature"}, Holdout: 1}, "between 0 and 1"},
		{posthoc.Transforms{IDs: []string{"temperature"}, Folds: 1}, "at least 2"},
		{posthoc.Transforms{Folds: 3}, "no transform is"},
		{posthoc.Transforms{IDs: []string{"temperature"}, Folds: 3, Holdout: 0.1}, "name one"},
		{posthoc.Transforms{IDs: []string{"temperature"}, FitSplit: "val", Holdout: 0.1}, "name one"},
	} {
		_, err := harness.Run(context.Background(), harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Transforms: x.transforms})
		if err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%+v: %v", x.transforms, err)
		}
	}
}

// TestGroupsUnderTransform: groups and disparities are computed for transforms too.
func TestGroupsUnderTransform(t *testing.T) {
	c := corpus(t, map[string]string{"a.csv": random(1, 120, 3)})
	out := t.TempDir()
	r := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: out, Groups: []string{"group"}, Metrics: metrics.MustMeasures("accuracy", "mean-confidence"),
		Transforms: posthoc.Transforms{IDs: []string{"temperature"}, Holdout: 0.25}})
	count := map[string]int{}
	for _, g := range r.GroupRows {
		count[g.Transform] += g.N
	}
	// a third of the samples has no group
	if len(r.GroupRows) != 6 || count["none"] != 80 || count["temperature"] != count[posthoc.Rest] || count["temperature"] >= 80 {
		t.Errorf("%d rows of groups, samples %v", len(r.GroupRows), count)
	}
	read(t, out, "disparities.csv")
}

// TestUnderconfidentModel fits a model on its first 450 rows. On these, the
// L-BFGS of the published code ends at a temperature of -341; the exact minimiser
// is 0.549768.
func TestUnderconfidentModel(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(string(read(t, shared(t), "..", "conformance", "inputs", "lg_digits_mlp.csv"))), "\n")
	c := corpus(t, map[string]string{"manifest.csv": withVal, "val.csv": strings.Join(lines[:451], "\n") + "\n",
		"test.csv": lines[0] + "\n" + strings.Join(lines[451:], "\n") + "\n"})
	r := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Metrics: metrics.MustMeasures("accuracy", "nll"),
		Transforms: posthoc.Transforms{IDs: []string{"temperature"}}})
	if got := temperatureOf(t, r, "m"); r.Fits[0].Rows != 450 || math.Abs(got-0.549768) > 1e-6 {
		t.Errorf("%+v, want T = 0.549768", r.Fits[0])
	}
	stored, scaled := rowOf(t, r, "test", "clean", "none"), rowOf(t, r, "test", "clean", "temperature")
	if scaled.N != 449 || stored.Cells[0].Value != scaled.Cells[0].Value || !(scaled.Cells[1].Value < stored.Cells[1].Value) {
		t.Errorf("as stored %+v, scaled %+v", stored, scaled)
	}
}

// TestTransformsShareReplicates: a replicate has the same samples under every
// transform. If temperature scaling does not change a metric, the difference is
// therefore 0 on every replicate.
func TestTransformsShareReplicates(t *testing.T) {
	c := corpus(t, map[string]string{"manifest.csv": withVal, "test.csv": draw(2, 150, 0, 3).csv("l"), "val.csv": draw(1, 80, 1000, 3).csv("l")})
	r := mustRun(t, harness.Config{Corpora: []*datasets.Corpus{c}, Out: t.TempDir(), Metrics: metrics.MustMeasures("accuracy", "sac@0.9", "auroc"),
		Intervals: evaluate.Intervals{Level: 0.9, Replicates: 60, Seed: 2}, Transforms: posthoc.Transforms{IDs: []string{"temperature"}}})
	stored, scaled := rowOf(t, r, "test", "clean", "none"), rowOf(t, r, "test", "clean", "temperature")
	for i, e := range scaled.Cells {
		if e.Level != 0.9 || !(e.Lo <= e.Value && e.Value <= e.Hi) {
			t.Errorf("%s: %+v", r.Measures[i].Name(), e)
		}
	}
	for i, m := range metrics.MustMeasures("accuracy", "auroc") {
		values, _, err := r.Replicates([]results.Row{stored, scaled}, m)
		if err != nil || len(values[0]) != 60 {
			t.Fatalf("%s: %d replicates, %v", m.ID(), len(values[0]), err)
		}
		if same := slices.Equal(values[0], values[1]); same != (i == 0) {
			t.Errorf("%s: the same on every replicate: %v", m.ID(), same)
		}
	}
}
