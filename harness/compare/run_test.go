package compare

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"abstain/datasets"
	"abstain/harness"
	"abstain/harness/board"
	"abstain/harness/evaluate"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/ranks"
	"abstain/metrics/resample"
)

var comparedMetrics = []string{"accuracy", "error", "nll", "brier", "auroc", "aurc", "augrc", "sac@0.9", "ece@15", "mean-confidence"}

// probabilities is a table of three-class probabilities of a model that is as good
// as skill says, on the same samples whatever the model is.
func probabilities(seed uint64, n int, skill float64) string {
	labels, own := rand.New(rand.NewPCG(1, 1)), rand.New(rand.NewPCG(2, seed))
	var b strings.Builder
	b.WriteString("sample_id,label,p0,p1,p2\n")
	for i := range n {
		label, hard := labels.IntN(3), labels.Float64()
		logits := [3]float64{own.NormFloat64(), own.NormFloat64(), own.NormFloat64()}
		logits[label] += skill * (1.5 - hard)
		total := 0.0
		for k := range logits {
			logits[k] = math.Exp(logits[k])
			total += logits[k]
		}
		fmt.Fprintf(&b, "%d,%d,%.9f,%.9f,%.9f\n", i, label, logits[0]/total, logits[1]/total, logits[2]/total)
	}
	return b.String()
}

// runTables evaluates tables, by file name.
func runTables(t *testing.T, tables map[string]string, c harness.Config) *results.Results {
	t.Helper()
	files := fstest.MapFS{}
	for name, content := range tables {
		files[name] = &fstest.MapFile{Data: []byte(content)}
	}
	corpus, err := datasets.OpenFS(files, ".", "tiny")
	if err != nil {
		t.Fatal(err)
	}
	c.Corpora, c.Out = []*datasets.Corpus{corpus}, t.TempDir()
	r, err := harness.Run(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func threeModels(t *testing.T) *results.Results {
	return runTables(t, map[string]string{"a.csv": probabilities(1, 240, 2), "b.csv": probabilities(2, 240, 2.2), "c.csv": probabilities(3, 240, 2.9)},
		harness.Config{Metrics: metrics.MustMeasures(comparedMetrics...), Confidences: []string{"msp", "entropy"}})
}

func mustCompare(t *testing.T, r *results.Results, o Options, specs ...string) *Comparison {
	t.Helper()
	c, err := Models(r, board.Selection{}, specs, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestCompareByBruteForce checks differences, tests and adjustment against their
// definitions.
func TestCompareByBruteForce(t *testing.T) {
	r := threeModels(t)
	const replicates = 199
	c := mustCompare(t, r, Options{Metrics: metrics.MustMeasures(comparedMetrics...), Replicates: replicates, Seed: 5}, "a", "b", "c")
	if len(c.Metrics) != 2*len(comparedMetrics) || c.Family != (Family{Holm, 20}) || c.N != 240 {
		t.Fatalf("%d differences of %d samples, %+v: %+v", len(c.Metrics), c.N, c.Family, c.Metrics)
	}
	outcomes := map[string]*metrics.Outcomes{}
	for _, m := range c.Models {
		o, err := r.Outcomes(results.Key{Model: m.Model, Dataset: "tiny", Split: "test", Condition: "clean", Transform: "none", Confidence: "msp"})
		if err != nil {
			t.Fatal(err)
		}
		outcomes[m.Label] = o
	}
	draws := resample.Draw(resample.Independent(240), 5, replicates)
	for _, d := range c.Metrics {
		id := d.Measure.Name()
		o, ref := outcomes[d.Model], outcomes["a"]
		if want := valueOf(d.Measure, o) - valueOf(d.Measure, ref); math.Abs(d.Difference.Value-want) > 1e-12 {
			t.Errorf("%s of %s: difference %v, want %v", id, d.Model, d.Difference.Value, want)
		}
		if d.Difference.Value != d.B.Value-d.A.Value || !(d.Difference.Lo <= d.Difference.Value && d.Difference.Value <= d.Difference.Hi) {
			t.Errorf("%s of %s: %+v from %v and %v", id, d.Model, d.Difference, d.B.Value, d.A.Value)
		}
		switch id {
		case "accuracy", "error":
			if want := signTestByCounting(o, ref); d.Test != (Test{Method: McNemarTest}) || math.Abs(d.P-want) > 1e-12 {
				t.Errorf("%s of %s: p = %v by %v, want %v", id, d.Model, d.P, d.Test, want)
			}
		case "sac@0.9":
			p, lo, hi := byExpansion(d, o, ref, draws)
			if d.Test != (Test{Method: BootstrapTest}) || math.Abs(d.P-p) > 1e-12 || math.Abs(d.Difference.Lo-lo) > 1e-12 || math.Abs(d.Difference.Hi-hi) > 1e-12 {
				t.Errorf("%s of %s: p = %v, %+v by %v; want p = %v, [%v, %v]", id, d.Model, d.P, d.Difference, d.Test, p, lo, hi)
			}
			continue
		}
		if d.Measure.Metric.ID == "ece" {
			continue // the influence of a calibration error holds its bins fixed, a jackknife does not
		}
		least, most := -0.04, 0.04
		if d.Measure.Metric.ID == "auroc" {
			most = 0.15 // its variances are moderated: those of few errors never fall below what a jackknife finds
		}
		if off := d.SE/jackknife(d.Measure, o, ref) - 1; off < least || off > most {
			want := jackknife(d.Measure, o, ref)
			t.Errorf("%s of %s: standard error %v by %v, %v by the jackknife", id, d.Model, d.SE, d.Test, want)
		}
	}
	checkHolm(t, c)
}

func valueOf(m metrics.Measure, o *metrics.Outcomes) float64 {
	return m.Of(metrics.Rank(o, o.Confidence("msp"))).Value
}

// signTestByCounting adds up the chances of all splits of the discordant samples
// that are no more even than the one seen.
func signTestByCounting(o, ref *metrics.Outcomes) float64 {
	first, second := 0, 0
	for i, right := range o.Correct {
		if right && !ref.Correct[i] {
			first++
		} else if !right && ref.Correct[i] {
			second++
		}
	}
	n, total, chance := first+second, 0.0, math.Pow(0.5, float64(first+second))
	for k := 0; k <= n; k++ {
		if min(k, n-k) <= min(first, second) {
			total += chance
		}
		chance *= float64(n-k) / float64(k+1)
	}
	return math.Min(1, total)
}

// byExpansion evaluates each replicate on a table in which its samples stand as
// often as they were drawn, and reads p-value and interval off the differences.
func byExpansion(d Difference, o, ref *metrics.Outcomes, draws *resample.Replicates) (p, lo, hi float64) {
	var values []float64
	below, above := 1, 1
	for k := range draws.B {
		var rows []int32
		for i, n := range draws.Counts(k) {
			for range n {
				rows = append(rows, int32(i))
			}
		}
		v := valueOf(d.Measure, o.Take(rows)) - valueOf(d.Measure, ref.Take(rows))
		values = append(values, v)
		if v <= 0 {
			below++
		}
		if v >= 0 {
			above++
		}
	}
	slices.Sort(values)
	at := func(q float64) float64 { // (B+1)q is a whole number
		return values[int(math.Round(q*float64(len(values)+1)))-1]
	}
	return math.Min(1, 2*float64(min(below, above))/float64(draws.B+1)), at(0.025), at(0.975)
}

// jackknife is the standard error of a difference from leaving out each sample.
func jackknife(m metrics.Measure, o, ref *metrics.Outcomes) float64 {
	n := o.N()
	rows := make([]int32, 0, n)
	values, mean := make([]float64, n), 0.0
	for out := range n {
		rows = rows[:0]
		for i := range n {
			if i != out {
				rows = append(rows, int32(i))
			}
		}
		values[out] = valueOf(m, o.Take(rows)) - valueOf(m, ref.Take(rows))
		mean += values[out] / float64(n)
	}
	squares := 0.0
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	return math.Sqrt(squares * float64(n-1) / float64(n))
}

// checkHolm compares adjusted p-values and verdicts with their definition: the
// k-th smallest of m is multiplied by m-k+1, and none is below a smaller one's.
func checkHolm(t *testing.T, c *Comparison) {
	t.Helper()
	all := slices.Clone(c.Metrics)
	slices.SortStableFunc(all, func(a, b Difference) int { return int(math.Copysign(1, a.P-b.P)) })
	floor := 0.0
	for k, d := range all {
		floor = math.Max(floor, math.Min(1, d.P*float64(len(all)-k)))
		if math.Abs(d.AdjustedP-floor) > 1e-12 {
			t.Errorf("%s of %s: adjusted p = %v, want %v", d.Measure.ID(), d.Model, d.AdjustedP, floor)
		}
		want := ranks.Verdict(ranks.Unproven)
		up := d.B.Value > d.A.Value
		switch better := d.Measure.Metric.Better; {
		case floor > 0.05:
		case better == metrics.None:
			want = ranks.Differs
		case up == (better == metrics.Higher):
			want = ranks.Better
		default:
			want = ranks.Worse
		}
		if d.Verdict != want {
			t.Errorf("%s of %s: %+.4f, p = %v: verdict %q, want %q", d.Measure.ID(), d.Model, d.Difference.Value, floor, d.Verdict, want)
		}
	}
	if all[0].Verdict == ranks.Unproven || all[len(all)-1].Verdict != ranks.Unproven {
		t.Error("the tables prove everything or nothing: the test tests nothing")
	}
}

// TestCompareIsOneComparison: a pair's numbers do not depend on which side is the
// reference, on who else takes part, or on how the work is shared out.
func TestCompareIsOneComparison(t *testing.T) {
	r := threeModels(t)
	o := Options{Replicates: 100, Seed: 3}
	two, three, back := mustCompare(t, r, o, "a", "b"), mustCompare(t, r, o, "a", "c", "b"), mustCompare(t, r, o, "b", "a")
	for i, d := range two.Metrics {
		e := three.Metrics[2*i+1]
		if e.Model != "b" || d.Difference.Value != e.Difference.Value || d.Difference.Lo != e.Difference.Lo || d.P != e.P {
			t.Errorf("%s: %+v alone, %+v among three", d.Measure.ID(), d, e)
		}
		m := back.Metrics[i]
		if d.Difference.Value != -m.Difference.Value || math.Abs(d.P-m.P) > 1e-12 ||
			math.Abs(d.Difference.Lo+m.Difference.Hi) > 1e-9 || math.Abs(d.Difference.Hi+m.Difference.Lo) > 1e-9 {
			t.Errorf("%s: %+v, exchanged %+v", d.Measure.ID(), d, m)
		}
	}
	o.Parallel = func(n int, do func(int)) {
		for i := range n {
			do(n - 1 - i)
		}
	}
	again := mustCompare(t, r, o, "a", "c", "b")
	if !reflect.DeepEqual(fmt.Sprint(again.Metrics), fmt.Sprint(three.Metrics)) || !reflect.DeepEqual(again.Ranges, three.Ranges) {
		t.Error("the result depends on the order of the work")
	}
}

// TestCompareNames: models, confidence functions and transforms are found by what
// they are called, and what is not there is said.
func TestCompareNames(t *testing.T) {
	r := threeModels(t)
	c := mustCompare(t, r, Options{Metrics: metrics.MustMeasures("auroc", "accuracy")}, "a", "a:entropy")
	if got := c.Models[1]; got != (Contender{"a:entropy", "a", "none", "entropy"}) {
		t.Errorf("contender %+v", got)
	}
	if d := c.Metrics[1]; d.Difference.Value != 0 || d.P != 1 || d.Verdict != ranks.Unproven {
		t.Errorf("accuracy of one model under two confidence functions: %+v", d)
	}
	if c.Family.Tests != 1 {
		t.Errorf("accuracy cannot differ, but the tests are adjusted by %+v", c.Family)
	}
	if c := mustCompare(t, r, Options{Metrics: metrics.MustMeasures("auroc")}, "a@none:msp", "b@none"); c.Models[1].Confidence != "msp" {
		t.Errorf("contenders %+v", c.Models)
	}
	for want, specs := range map[string][]string{
		"named twice":      {"a", "a:msp"},
		"has no model \"z": {"a", "z"},
		"there is no a:energy under that transform and confidence function; there is a:msp, a:entropy": {"b", "a:energy"},
		"there is no a@temperature":   {"b", "a@temperature"},
		"a reference and one or more": {"a"},
	} {
		if _, err := Models(r, board.Selection{}, specs, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want %q", specs, err, want)
		}
	}
	if _, err := Models(r, board.Selection{}, []string{"a", "b"}, Options{Metrics: metrics.MustMeasures("ece", "ece@15")}); err == nil {
		t.Error("a metric asked twice passes")
	}
	if _, err := Models(r, board.Selection{}, []string{"a", "b"}, Options{Level: 1.5}); err == nil {
		t.Error("a level of 1.5 passes")
	}
	// metrics that the folder lacks come from the predictions it keeps, with the intervals
	// of its run, which made none
	if c := mustCompare(t, r, Options{Metrics: metrics.MustMeasures("eaurc"), Also: metrics.MustMeasures("auroc", "eaurc")}, "a", "c"); len(c.Metrics) != 2 || c.Metrics[0].Verdict == ranks.Untried || math.IsNaN(c.Metrics[0].Difference.Lo) || c.Metrics[0].A.Level != 0 {
		t.Errorf("a metric that was not run: %+v", c.Metrics)
	}
}

// TestCompareWithoutPredictions: published figures stand side by side, untested.
func TestCompareWithoutPredictions(t *testing.T) {
	r := resultsOf(row("a", 0.8, 0.3), row("b", 0.9, 0.2))
	c := mustCompare(t, r, Options{}, "a", "b")
	if len(c.Metrics) != 2 || c.Tested() || c.Curves != nil || c.Band != nil {
		t.Fatalf("%+v", c)
	}
	if d := c.Metrics[0]; math.Abs(d.Difference.Value-0.1) > 1e-12 || d.Verdict != ranks.Untried || !math.IsNaN(d.P) || d.Why == nil {
		t.Errorf("accuracy: %+v", d)
	}
	if n, ok := c.Notes[len(c.Notes)-1].(NothingTested); !ok || n.Why.Error() != "the folder keeps no predictions of a" {
		t.Errorf("notes %+v", c.Notes)
	}
	if want := []Claim{SideBySide{}}; !reflect.DeepEqual(c.Conclusion, want) {
		t.Errorf("claims %+v", c.Conclusion)
	}
	if _, err := Models(r, board.Selection{}, []string{"a", "b"}, Options{Metrics: metrics.MustMeasures("nll")}); err == nil || !strings.Contains(err.Error(), "keeps no predictions to compute it from") {
		t.Errorf("a metric that is not there: %v", err)
	}
}

// TestConclusion: what is proven of a model comes first, then what is not, then
// where along coverage it differs; each claim with the differences it rests on.
func TestConclusion(t *testing.T) {
	r := threeModels(t)
	c := mustCompare(t, r, Options{Metrics: metrics.MustMeasures("auroc", "accuracy", "brier", "nll"), Replicates: 200, Seed: 1}, "a", "b", "c")
	said := map[string]bool{}
	for _, claim := range c.Conclusion {
		switch claim := claim.(type) {
		case Separated:
			for _, d := range claim.By {
				said[claim.Model+" apart "+d.Measure.Name()] = d.Verdict == ranks.Better && d.Test.Method != "" && d.Difference.N == 240
			}
		case Unseparated:
			for _, d := range claim.By {
				said[claim.Model+" alike "+d.Measure.Name()] = d.Verdict == ranks.Unproven
			}
		case AlongCoverage:
			said[claim.Model+" along"] = len(claim.Ranges) > 0
		}
	}
	for what, want := range map[string]bool{"b alike auroc": true, "c apart accuracy": true, "c apart brier": true, "c apart nll": true, "b along": false, "c along": true} {
		if got, ok := said[what]; !ok || got != want {
			t.Errorf("%s: %v, %v; in %+v", what, got, ok, c.Conclusion)
		}
	}
}

// TestCompareInClusters: in clusters of copies of one sample, the error of a
// difference is that of the clusters, so that copies prove nothing.
func TestCompareInClusters(t *testing.T) {
	const copies = 4
	copied := func(table string) string {
		lines := strings.Split(strings.TrimSpace(table), "\n")
		out := []string{lines[0] + ",patient"}
		for i, line := range lines[1:] {
			_, rest, _ := strings.Cut(line, ",")
			for k := range copies {
				out = append(out, fmt.Sprintf("%d,%s,p%d", copies*i+k, rest, i))
			}
		}
		return strings.Join(out, "\n") + "\n"
	}
	a, b := probabilities(1, 240, 2), probabilities(2, 240, 2.5)
	ids := []string{"accuracy", "auroc", "aurc", "brier", "sac@0.9"}
	plain := runTables(t, map[string]string{"a.csv": a, "b.csv": b}, harness.Config{Metrics: metrics.MustMeasures(ids...)})
	clustered := runTables(t, map[string]string{"a.csv": copied(a), "b.csv": copied(b)},
		harness.Config{Metrics: metrics.MustMeasures(ids...), Intervals: evaluate.Intervals{Level: 0.95, Cluster: "patient"}})
	one, many := mustCompare(t, plain, Options{Replicates: 400}, "a", "b"), mustCompare(t, clustered, Options{Replicates: 400}, "a", "b")
	for i, d := range one.Metrics {
		m := many.Metrics[i]
		if math.Abs(m.Difference.Value-d.Difference.Value) > 0.01 || math.Abs(m.SE/d.SE-1) > 0.15 {
			t.Errorf("%s: %+.4f with error %.4f by %v, in clusters %+.4f with %.4f by %v",
				d.Measure.ID(), d.Difference.Value, d.SE, d.Test, m.Difference.Value, m.SE, m.Test)
		}
		if d.Measure.Name() == "accuracy" && m.Test != (Test{InfluenceTest, "clusters"}) {
			t.Errorf("accuracy in clusters by %+v", m.Test)
		}
	}
	if many.Band.Design != "clusters" {
		t.Errorf("band: %+v", many.Band)
	}
}
