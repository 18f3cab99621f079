package export_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"abstain/datasets"
	"abstain/datasets/plain"
	"abstain/harness"
	"abstain/harness/evaluate"
	"abstain/harness/export"
	"abstain/harness/results"
	"abstain/metrics"
)

// ran is the folder of a run over three tables: logits with text ids, probabilities with ties and
// with a row out of distribution, and a score-only table.
func ran(t *testing.T) *results.Results {
	t.Helper()
	dir, out := t.TempDir(), t.TempDir()
	r := rand.New(rand.NewPCG(1, 2))
	var logits, probs, scores strings.Builder
	logits.WriteString("sample_id,label,l0,l1,l2,sex\n")
	probs.WriteString("sample_id,label,p0,p1\n")
	scores.WriteString("sample_id,prediction,label,confidence,should_abstain\n")
	for i := range 200 {
		label := r.IntN(3)
		v := [3]float64{r.NormFloat64() * 30, r.NormFloat64() * 30, r.NormFloat64() * 30}
		v[label] += 40 // far apart, so that float64 softmax saturates
		fmt.Fprintf(&logits, "img-%d,%d,%v,%v,%v,%s\n", i, label, v[0], v[1], v[2], []string{"m", "f", ""}[i%3])
		p := float64(r.IntN(21)) / 20
		two := r.IntN(2)
		if i == 17 {
			two = -1
		}
		fmt.Fprintf(&probs, "%d,%d,%v,%v\n", 7*i, two, p, 1-p)
		answer := r.IntN(2)
		if i%10 == 9 {
			answer = -1 // I do not know
		}
		fmt.Fprintf(&scores, "%d,%d,%d,%v,%d\n", i, answer, r.IntN(2), float64(r.IntN(9))/8, r.IntN(2))
	}
	for name, b := range map[string]*strings.Builder{"logits": &logits, "probs": &probs, "scores": &scores} {
		if err := os.WriteFile(filepath.Join(dir, name+".csv"), []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	manifest := "file,model,dataset\nlogits.csv,logits,a\nprobs.csv,probs,b\nscores.csv,scores,c\n"
	if err := os.WriteFile(filepath.Join(dir, "manifest.csv"), []byte(manifest), 0o644); err != nil {
		t.Fatal(err)
	}
	corpus, err := datasets.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, err = harness.Run(context.Background(), harness.Config{Corpora: []*datasets.Corpus{corpus}, Out: out,
		Metrics:   metrics.MustMeasures("accuracy", "auroc", "aurc", "ece", "nll", "brier", "top-k@2"),
		Intervals: evaluate.Intervals{Level: 0.9, Seed: 1}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := results.Read(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range s.Rows {
		if row.Status != "ok" {
			t.Fatalf("%+v failed: %+v", row.Key, s.Failures)
		}
	}
	return s
}

// lines reads a table as CSV.
func lines(t *testing.T, table *export.Table) []map[string]string {
	t.Helper()
	var b bytes.Buffer
	if err := table.Write(&b, "csv"); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&b).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var all []map[string]string
	for _, row := range rows[1:] {
		line := map[string]string{}
		for i, name := range rows[0] {
			line[name] = row[i]
		}
		all = append(all, line)
	}
	return all
}

func float(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// sample is what a plain program needs of a line.
type sample struct {
	correct           bool
	confidence, order float64
	line              map[string]string
}

// TestMetricsFromTheTable: the metrics of results.csv by their definitions, from the table alone.
func TestMetricsFromTheTable(t *testing.T) {
	s := ran(t)
	for _, row := range s.Rows {
		table, err := export.Samples(s, []results.Key{row.Key.Table()}, nil)
		if err != nil {
			t.Fatal(err)
		}
		var samples []sample
		all := 0
		for _, line := range lines(t, table) {
			all++
			if line["label"] == "-1" {
				all--
			}
			if line["label"] == "-1" || line["prediction"] == "-1" {
				continue
			}
			x := sample{correct: line["correct"] == "true", confidence: float(t, line["confidence_"+row.Confidence]), line: line}
			x.order = x.confidence
			if o, ok := line["order_"+row.Confidence]; ok {
				x.order = float(t, o)
			}
			samples = append(samples, x)
		}
		mean := func(of func(sample) float64) float64 {
			sum := 0.0
			for _, x := range samples {
				sum += of(x)
			}
			return sum / float64(len(samples))
		}
		is := func(b bool) float64 {
			if b {
				return 1
			}
			return 0
		}
		want := map[string]float64{"accuracy": mean(func(x sample) float64 { return is(x.correct) }) * float64(len(samples)) / float64(all), "auroc": auroc(samples),
			"aurc": aurc(samples), "ece": ece(samples)}
		if row.Confidence != "stored" {
			want["nll"] = mean(func(x sample) float64 { return float(t, x.line["nll"]) })
			want["brier"] = mean(func(x sample) float64 { return float(t, x.line["brier"]) })
			want["top-k@2"] = mean(func(x sample) float64 { return is(x.line["label_rank"] < "2") })
		}
		if c := row.Confidence; c != "msp" && c != "stored" {
			delete(want, "ece") // no probability
		}
		for name, v := range want {
			got := row.Cells[s.Column(metrics.MustMeasure(name))].Value
			if math.Abs(got-v) > 1e-12*math.Max(1, math.Abs(v)) {
				t.Errorf("%s %s: %s is %v, from the table %v", row.Model, row.Confidence, name, got, v)
			}
		}
	}
}

// auroc counts pairs of a right and a wrong sample, ties one half.
func auroc(samples []sample) float64 {
	sum, pairs := 0.0, 0
	for _, x := range samples {
		for _, y := range samples {
			if x.correct && !y.correct {
				pairs++
				switch {
				case x.order > y.order:
					sum++
				case x.order == y.order:
					sum += 0.5
				}
			}
		}
	}
	return sum / float64(pairs)
}

// aurc is the mean over k of the error rate among the first k, ties by their mean.
func aurc(samples []sample) float64 {
	sorted := slices.Clone(samples)
	slices.SortStableFunc(sorted, func(x, y sample) int {
		switch {
		case x.order > y.order:
			return -1
		case x.order < y.order:
			return 1
		}
		return 0
	})
	area, before := 0.0, 0.0
	for i := 0; i < len(sorted); {
		end, wrong := i, 0.0
		for ; end < len(sorted) && sorted[end].order == sorted[i].order; end++ {
			if !sorted[end].correct {
				wrong++
			}
		}
		for k := i; k < end; k++ {
			area += (before + wrong*float64(k-i+1)/float64(end-i)) / float64(k+1)
		}
		before += wrong
		i = end
	}
	return area / float64(len(sorted))
}

func ece(samples []sample) float64 {
	var n, right, confidence [15]float64
	for _, x := range samples {
		k := 0
		for k < 14 && x.confidence > float64(k+1)/15 {
			k++
		}
		n[k]++
		confidence[k] += x.confidence
		if x.correct {
			right[k]++
		}
	}
	sum := 0.0
	for k := range n {
		sum += math.Abs(right[k]-confidence[k]) / float64(len(samples))
	}
	return sum
}

func TestSamplesTogether(t *testing.T) {
	s := ran(t)
	var tables []results.Key
	for _, row := range s.Rows {
		if k := row.Key.Table(); !slices.Contains(tables, k) {
			tables = append(tables, k)
		}
	}
	table, err := export.Samples(s, tables, nil)
	if err != nil {
		t.Fatal(err)
	}
	all := lines(t, table)
	if len(all) != 600 {
		t.Fatalf("%d rows", len(all))
	}
	of := map[string]map[string]string{}
	for _, line := range all {
		if line["sample_id"] == "img-4" || line["sample_id"] == "119" || line["sample_id"] == "3" {
			of[line["model"]] = line
		}
	}
	if l := of["logits"]; l["group_sex"] != "f" || l["dataset"] != "a" || l["label_rank"] == "" || l["confidence_stored"] != "" {
		t.Errorf("%v", l)
	}
	if l := of["probs"]; l["label"] != "-1" || l["correct"] != "false" || l["nll"] != "" || l["group_sex"] != "" {
		t.Errorf("%v", l)
	}
	if l := of["scores"]; l["confidence_stored"] == "" || l["label_rank"] != "" || l["confidence_msp"] != "" {
		t.Errorf("%v", l)
	}
	if table, err = export.Samples(s, tables[:1], []string{"entropy"}); err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(table.Fields, func(f plain.Field) bool { return f.Name == "confidence_msp" }) {
		t.Error("msp was not asked for")
	}
}

func TestCurves(t *testing.T) {
	s := ran(t)
	for _, row := range s.Rows {
		table, err := export.Curves(s, []results.Row{row}, 0.9)
		if err != nil {
			t.Fatal(err)
		}
		samples, err := export.Samples(s, []results.Key{row.Key.Table()}, nil)
		if err != nil {
			t.Fatal(err)
		}
		inside := slices.DeleteFunc(lines(t, samples), func(line map[string]string) bool { return line["label"] == "-1" })
		before := 0.0
		for _, p := range lines(t, table) {
			accepted, errors := 0, 0
			for _, line := range inside {
				if line["prediction"] == "-1" {
					continue
				}
				order := line["order_"+row.Confidence]
				if order == "" {
					order = line["confidence_"+row.Confidence]
				}
				if float(t, order) >= float(t, p["order"]) {
					accepted++
					if line["correct"] == "false" {
						errors++
					}
				}
			}
			if p["accepted"] != strconv.Itoa(accepted) || p["errors"] != strconv.Itoa(errors) || p["n"] != strconv.Itoa(len(inside)) {
				t.Fatalf("%s %s: %v, counted %d and %d", row.Model, row.Confidence, p, accepted, errors)
			}
			if float(t, p["risk"]) != float64(errors)/float64(accepted) || float(t, p["coverage"]) != float64(accepted)/float64(len(inside)) {
				t.Errorf("%v", p)
			}
			if c := float(t, p["coverage"]); c <= before {
				t.Errorf("coverage %v after %v", c, before)
			} else {
				before = c
			}
			// The bound is where so few errors have probability 0.1.
			if upper := float(t, p["risk_upper"]); errors < accepted && math.Abs(atMost(errors, accepted, upper)-0.1) > 1e-9 || errors == accepted && upper != 1 {
				t.Errorf("%d of %d: bound %v", errors, accepted, upper)
			}
		}
		if want := map[bool]float64{true: 0.9, false: 1}[row.Confidence == "stored"]; before != want { // a tenth has no answer
			t.Errorf("the curve ends at coverage %v", before)
		}
	}
	if _, err := export.Curves(s, nil, 1); err == nil {
		t.Error("a level of 1")
	}
}

// atMost is the probability of at most k successes among n, added up.
func atMost(k, n int, p float64) float64 {
	sum := 0.0
	for i := range k + 1 {
		a, _ := math.Lgamma(float64(n + 1))
		b, _ := math.Lgamma(float64(i + 1))
		c, _ := math.Lgamma(float64(n - i + 1))
		sum += math.Exp(a - b - c + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return sum
}

func TestLong(t *testing.T) {
	s := ran(t)
	all := lines(t, export.Long(s, s.Rows))
	if len(all) != len(s.Rows)*len(s.Measures) {
		t.Fatalf("%d rows of %d results with %d metrics", len(all), len(s.Rows), len(s.Measures))
	}
	for i, line := range all {
		row, at := s.Rows[i/len(s.Measures)], i%len(s.Measures)
		e := row.Cells[at]
		if line["model"] != row.Model || line["confidence"] != row.Confidence || line["metric"] != s.Measures[at].Name() || line["n"] != strconv.Itoa(row.N) {
			t.Errorf("%v", line)
		}
		for name, v := range map[string]float64{"value": e.Value, "lo": e.Lo, "hi": e.Hi} {
			if math.IsNaN(v) != (line[name] == "") || line[name] != "" && float(t, line[name]) != v {
				t.Errorf("%s is %q, want %v", name, line[name], v)
			}
		}
	}
}

// TestOrderIsWhole: beside tables whose ranking is another number than their confidence, those of
// which it is the same have it too.
func TestOrderIsWhole(t *testing.T) {
	s := ran(t)
	table, err := export.Samples(s, []results.Key{s.Rows[0].Table(), s.Rows[len(s.Rows)-1].Table(), {Model: "probs", Dataset: "b", Split: "test", Condition: "clean", Transform: "none"}}, []string{"msp"})
	if err != nil {
		t.Fatal(err)
	}
	other := 0
	for _, line := range lines(t, table) {
		switch {
		case line["confidence_msp"] == "" && line["order_msp"] != "", line["model"] == "probs" && line["order_msp"] != line["confidence_msp"]:
			t.Fatalf("%v", line)
		case line["order_msp"] != line["confidence_msp"]:
			other++
		}
	}
	if other == 0 {
		t.Error("no table is ranked by another number")
	}
}
