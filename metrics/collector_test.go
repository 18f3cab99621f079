package metrics_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"abstain/metrics"
)

// TestBatchesDoNotMatter: the same rows give the same outcomes however they are cut.
func TestBatchesDoNotMatter(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	const n, classes = 57, 4
	logits := make([]float32, n*classes)
	for i := range logits {
		logits[i] = float32(5 * rng.NormFloat64())
	}
	labels, score := make([]int32, n), make([]float64, n)
	for i := range labels {
		labels[i], score[i] = int32(rng.IntN(classes+1))-1, rng.Float64()
	}
	gather := func(size int) *metrics.Outcomes {
		c := metrics.NewCollector(metrics.Spec{Kind: metrics.FromLogits, Classes: classes, Scores: []string{"mc"}, Rows: n})
		for at := 0; at < n; at += size {
			to := min(at+size, n)
			if err := c.Add(metrics.Rows{F32: logits[at*classes : to*classes], Label: labels[at:to], Scores: [][]float64{score[at:to]}}); err != nil {
				t.Fatal(err)
			}
		}
		return c.Outcomes()
	}
	whole := gather(n)
	for _, size := range []int{1, 7, 56} {
		if !sameOutcomes(whole, gather(size)) {
			t.Errorf("batches of %d give other outcomes", size)
		}
	}
	var names []string
	for _, c := range whole.Confidences {
		names = append(names, c.Name)
	}
	if want := []string{"msp", "margin", "entropy", "max-logit", "energy", "gini", "score:mc"}; !slices.Equal(names, want) {
		t.Errorf("confidences %v, want %v", names, want)
	}
}

// sameOutcomes compares with NaN equal to NaN.
func sameOutcomes(a, b *metrics.Outcomes) bool {
	fix := func(o *metrics.Outcomes) *metrics.Outcomes {
		c := *o
		c.NLL, c.Brier = noNaN(o.NLL), noNaN(o.Brier)
		return &c
	}
	return reflect.DeepEqual(fix(a), fix(b))
}

func noNaN(v []float64) []float64 {
	v = slices.Clone(v)
	for i := range v {
		if math.IsNaN(v[i]) {
			v[i] = -1
		}
	}
	return v
}

func TestConfidenceFunctions(t *testing.T) {
	logits := []float64{math.Log(0.5), math.Log(0.3), math.Log(0.2)}
	probs := []float64{0.5, 0.3, 0.2}
	h := -0.5*math.Log(0.5) - 0.3*math.Log(0.3) - 0.2*math.Log(0.2)
	want := map[string]float64{"msp": 0.5, "margin": 0.2, "entropy": -h, "gini": 0.25 + 0.09 + 0.04 - 1}
	for _, kind := range []metrics.Kind{metrics.FromLogits, metrics.FromProbs} {
		c := metrics.NewCollector(metrics.Spec{Kind: kind, Classes: 3})
		rows := metrics.Rows{F64: probs, Label: []int32{1}}
		if kind == metrics.FromLogits {
			rows.F64 = logits
		}
		if err := c.Add(rows); err != nil {
			t.Fatal(err)
		}
		o := c.Outcomes()
		for name, v := range want {
			f := o.Confidence(name)
			if !same(f.Value[0], v, 1e-15) || f.Probability != (name == "msp") {
				t.Errorf("%s: %v, want %v; probability %v", name, f.Value[0], v, f.Probability)
			}
			if kind == metrics.FromProbs && f.Key != nil {
				t.Errorf("%s from stored probabilities has a key", name)
			}
		}
		if !same(o.NLL[0], -math.Log(0.3), 1e-15) || !same(o.Brier[0], 0.25+0.49+0.04, 1e-15) || o.LabelRank[0] != 1 || o.Correct[0] {
			t.Errorf("%+v", o)
		}
		if has := o.Confidence("energy") != nil; has != (kind == metrics.FromLogits) {
			t.Errorf("energy present: %v", has)
		}
	}
}

func TestScoreTables(t *testing.T) {
	c := metrics.NewCollector(metrics.Spec{Kind: metrics.FromScores})
	if err := c.Add(metrics.Rows{Label: []int32{0, 2, -1}, Prediction: []int32{0, 1, 0}, Confidence: []float64{0.9, 0.4, 1}}); err != nil {
		t.Fatal(err)
	}
	o := c.Outcomes()
	if !slices.Equal(o.Correct, []bool{true, false, false}) || !o.Confidence("stored").Probability || o.NLL != nil {
		t.Errorf("%+v", o)
	}

	c = metrics.NewCollector(metrics.Spec{Kind: metrics.FromScores})
	if err := c.Add(metrics.Rows{Correct: []bool{true, false}, Confidence: []float64{7, -3}}); err != nil {
		t.Fatal(err)
	}
	if o := c.Outcomes(); o.Confidence("stored").Probability || o.Label != nil || metrics.Rank(o, nil).N() != 2 {
		t.Errorf("%+v", o)
	}

	c = metrics.NewCollector(metrics.Spec{Kind: metrics.FromScores, Margin: true})
	if err := c.Add(metrics.Rows{Correct: []bool{true, false}, Confidence: []float64{0.7, 0.1}}); err != nil {
		t.Fatal(err)
	}
	if c.Outcomes().Confidence("stored").Probability {
		t.Error("a declared margin claims to be a probability")
	}

	c = metrics.NewCollector(metrics.Spec{Kind: metrics.FromScores})
	if err := c.Add(metrics.Rows{Label: []int32{1}, Confidence: []float64{1}}); !errors.Is(err, metrics.ErrUnlabelled) {
		t.Errorf("labels without predictions: %v", err)
	}
	if err := c.Add(metrics.Rows{}); err != nil {
		t.Errorf("no rows: %v", err)
	}
}

// badTables has one problem a row, with what the message must say.
func TestProblems(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for _, c := range []struct {
		name string
		spec metrics.Spec
		rows metrics.Rows
		want []string
	}{
		{"logits", metrics.Spec{Kind: metrics.FromLogits, Classes: 2, Column: "logits_0.."},
			metrics.Rows{F64: []float64{1, nan, 0, 0, inf, 0, -inf, -inf, 1, 2}, Label: []int32{0, 2, 1, 0, -2}},
			[]string{
				`column "logits_0..": row 0: class 1: NaN`, `column "label": row 1: label 2 is outside -1..1`,
				`column "logits_0..": row 2: class 0: +Inf`, `column "logits_0..": row 3: every logit is -Inf`,
				`column "label": row 4: label -2 is outside -1..1`,
			}},
		{"probs", metrics.Spec{Kind: metrics.FromProbs, Classes: 2, Column: "probs", Scores: []string{"a"}},
			metrics.Rows{F32: []float32{0.5, 0.6, 1.5, -0.5, 0.5, 0.5, 1, 0}, Label: []int32{0, 0, 0, 0}, Scores: [][]float64{{1, 1, nan, inf}}},
			[]string{
				`column "probs": row 0: probabilities add to 1.1`, `column "probs": row 1: class 1: probability -0.5 is negative`,
				`column "score:a": row 2: score is NaN`,
			}},
		{"scores", metrics.Spec{Kind: metrics.FromScores},
			metrics.Rows{Label: []int32{0, 1, -3, -1, 0}, Prediction: []int32{0, -2, 1, 0, 1}, Correct: []bool{true, false, false, true, true}, Confidence: []float64{nan, 1, 1, 1, -inf}},
			[]string{
				`column "confidence": row 0: confidence is NaN`, `column "prediction": row 1: prediction -2 is outside 0 and up`,
				`column "label": row 2: label -3 is outside -1 and up`, `column "correct": row 3: true although label is -1 and prediction 0`,
				`column "correct": row 4: true although label is 0 and prediction 1`, `column "confidence": row 4: confidence is -Inf`,
			}},
		{"correct", metrics.Spec{Kind: metrics.FromScores},
			metrics.Rows{Label: []int32{-1}, Correct: []bool{true}, Confidence: []float64{1}},
			[]string{`column "correct": row 0: true although label is -1`}},
	} {
		var first metrics.RowProblem
		if err := metrics.NewCollector(c.spec).Add(c.rows); !errors.As(err, &first) || first.Error() != c.want[0] && !strings.HasPrefix(first.Error(), c.want[0]) {
			t.Errorf("%s: first problem %v, want %s", c.name, err, c.want[0])
		}
		var got []metrics.RowProblem
		c.spec.Report = func(p metrics.RowProblem) bool { got = append(got, p); return true }
		collector := metrics.NewCollector(c.spec)
		if err := collector.Add(c.rows); err != nil {
			t.Errorf("%s: %v although every problem may be passed", c.name, err)
		}
		if len(got) != len(c.want) {
			t.Errorf("%s: %d problems %v, want %d", c.name, len(got), got, len(c.want))
			continue
		}
		for i, p := range got {
			if !strings.HasPrefix(p.Error(), c.want[i]) || p.Hint == "" {
				t.Errorf("%s: %q with hint %q, want %q", c.name, p.Error(), p.Hint, c.want[i])
			}
		}
		if collector.Outcomes() != nil {
			t.Errorf("%s: outcomes of rows with problems", c.name)
		}
	}
}

// TestReportStops: if Report returns false, reading ends with that problem; rows
// are counted over the whole table.
func TestReportStops(t *testing.T) {
	calls := 0
	c := metrics.NewCollector(metrics.Spec{Kind: metrics.FromLogits, Classes: 1, Column: "logits",
		Report: func(metrics.RowProblem) bool { calls++; return calls < 2 }})
	if err := c.Add(metrics.Rows{F64: []float64{1, 2}, Label: []int32{0, 0}}); err != nil {
		t.Fatal(err)
	}
	nan := math.NaN()
	err := c.Add(metrics.Rows{F64: []float64{1, nan, nan, nan}, Label: []int32{0, 0, 0, 0}})
	if p, ok := errors.AsType[metrics.RowProblem](err); !ok || p.Row != 4 || calls != 2 {
		t.Errorf("stopped with %v after %d calls", err, calls)
	}
	if c.Rows() != 6 {
		t.Errorf("%d rows", c.Rows())
	}
}

func TestMisusePanics(t *testing.T) {
	for name, f := range map[string]func(){
		"no kind":       func() { metrics.NewCollector(metrics.Spec{}) },
		"no classes":    func() { metrics.NewCollector(metrics.Spec{Kind: metrics.FromProbs}) },
		"short vectors": func() { collect(metrics.Rows{F64: []float64{1, 2, 3}, Label: []int32{0, 1}}) },
		"both widths":   func() { collect(metrics.Rows{F64: []float64{1, 2}, F32: []float32{1, 2}, Label: []int32{0, 1}}) },
		"stray scores":  func() { collect(metrics.Rows{F64: []float64{1, 2}, Label: []int32{0}, Scores: [][]float64{{1}}}) },
		"nan key": func() {
			metrics.Rank(&metrics.Outcomes{Correct: []bool{true}}, &metrics.Confidence{Value: []float64{math.NaN()}})
		},
		"short key": func() { metrics.Rank(&metrics.Outcomes{Correct: []bool{true}}, &metrics.Confidence{}) },
		"no bins":   func() { metrics.Reliability(metrics.Rank(new(metrics.Outcomes), nil), 0) },
		"thin":      func() { metrics.Thin(nil, 2) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if p, _ := recover().(string); !strings.HasPrefix(p, "metrics: ") {
					t.Errorf("recovered %q", p)
				}
			}()
			f()
		})
	}
}

func collect(rows metrics.Rows) {
	_ = metrics.NewCollector(metrics.Spec{Kind: metrics.FromLogits, Classes: 2}).Add(rows)
}

// TestVectors: class vectors are kept on request, as probabilities, for all sizes
// of batches, and Take and Concat keep them.
func TestVectors(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 5))
	const n, classes = 23, 3
	logits := make([]float32, n*classes)
	for i := range logits {
		logits[i] = float32(20 * rng.NormFloat64())
	}
	gather := func(kind metrics.Kind, keep bool, rows []float32) *metrics.Outcomes {
		c := metrics.NewCollector(metrics.Spec{Kind: kind, Classes: classes, KeepVectors: keep})
		for at := 0; at < n; at += 5 {
			to := min(at+5, n)
			if err := c.Add(metrics.Rows{F32: rows[at*classes : to*classes], Label: make([]int32, to-at)}); err != nil {
				t.Fatal(err)
			}
		}
		return c.Outcomes()
	}
	if o := gather(metrics.FromLogits, false, logits); o.Vectors != nil || o.Vector(1) != nil {
		t.Error("vectors kept that nobody asked for")
	}
	o := gather(metrics.FromLogits, true, logits)
	probs := make([]float32, len(logits))
	for i := range n {
		total := 0.0
		for j, p := range o.Vector(i) {
			total += p
			probs[i*classes+j] = float32(p)
		}
		if math.Abs(total-1) > 1e-15 {
			t.Errorf("row %d adds to %v", i, total)
		}
		if got, want := slices.Max(o.Vector(i)), o.Confidence("msp").Value[i]; got != want {
			t.Errorf("row %d: largest probability %v, msp %v", i, got, want)
		}
	}
	stored := gather(metrics.FromProbs, true, probs)
	for i, p := range probs {
		if stored.Vectors[i] != float64(p) {
			t.Fatalf("value %d: %v stored, %v kept", i, p, stored.Vectors[i])
		}
	}
	part := o.Take([]int32{7, 2})
	if !slices.Equal(part.Vector(0), o.Vector(7)) || !slices.Equal(part.Vector(1), o.Vector(2)) || len(part.Vectors) != 2*classes {
		t.Error("Take takes other vectors")
	}
	out := o.Take([]int32{3, 4})
	out.Label = []int32{-1, -1}
	out.Correct = []bool{false, false}
	both, err := metrics.Concat(o, out)
	if err != nil || !slices.Equal(both.Vector(n+1), o.Vector(4)) {
		t.Errorf("Concat loses vectors: %v", err)
	}
}

// TestFunctions: only the functions asked for are computed, and none depends on
// the others.
func TestFunctions(t *testing.T) {
	rows := metrics.Rows{F32: []float32{1, 2, 0, 3, 3, -1}, Label: []int32{0, 1}, Scores: [][]float64{{0.5, 0.25}}}
	spec := metrics.Spec{Kind: metrics.FromLogits, Classes: 3, Scores: []string{"x"}}
	gather := func(functions []string) *metrics.Outcomes {
		spec.Functions = functions
		c := metrics.NewCollector(spec)
		if err := c.Add(rows); err != nil {
			t.Fatal(err)
		}
		return c.Outcomes()
	}
	all := gather(nil)
	for _, f := range metrics.ConfidenceFunctions() {
		one := gather([]string{f.Name})
		if len(one.Confidences) != 2 || one.Confidence("score:x") == nil {
			t.Fatalf("asked for %s: %d columns", f.Name, len(one.Confidences))
		}
		if got, want := one.Confidence(f.Name), all.Confidence(f.Name); !slices.Equal(got.Value, want.Value) || !slices.Equal(got.Key, want.Key) {
			t.Errorf("%s alone: %v, among all %v", f.Name, got, want)
		}
	}
	if none := gather([]string{}); len(none.Confidences) != 1 {
		t.Errorf("asked for none: %d columns", len(none.Confidences))
	}
	spec.Functions = []string{"msp"}
	want := []string{"msp", "margin", "entropy", "max-logit", "energy", "gini", "score:x"}
	if got := metrics.Available(spec); !slices.Equal(got, want) {
		t.Errorf("available %v, want %v", got, want)
	}
}

// TestEnergyOfLogProbabilities: what rounding leaves of energies that are all 0 ranks
// nothing; logits that are sure, or centred, keep their energies.
func TestEnergyOfLogProbabilities(t *testing.T) {
	rng := rand.New(rand.NewPCG(20, 21))
	const n, classes = 200, 10
	tables := map[string]struct {
		row  func(z []float64, lse float64)
		zero bool
	}{
		"log-probabilities":               {func(z []float64, lse float64) { shiftRow(z, lse) }, true},
		"with three decimals":             {func(z []float64, lse float64) { roundRow(shiftRow(z, lse), 1e3) }, true},
		"sure log-probabilities":          {func(z []float64, _ float64) { z[0] += 12; shiftRow(z, logSumExp(z)) }, true},
		"logits":                          {func([]float64, float64) {}, false},
		"centred logits":                  {func(z []float64, _ float64) { shiftRow(z, slices.Max(z)) }, false},
		"centred logits that are sure":    {func(z []float64, _ float64) { z[0] += 20; shiftRow(z, slices.Max(z)) }, false},
		"log-probabilities 0.1 too large": {func(z []float64, lse float64) { shiftRow(z, lse-0.1) }, false},
	}
	for name, table := range tables {
		c := metrics.NewCollector(metrics.Spec{Kind: metrics.FromLogits, Classes: classes})
		for range n {
			z := make([]float64, classes)
			for j := range z {
				z[j] = 2 * rng.NormFloat64()
			}
			table.row(z, logSumExp(z))
			row := make([]float32, classes)
			for j, v := range z {
				row[j] = float32(v)
			}
			if err := c.Add(metrics.Rows{F32: row, Label: []int32{0}}); err != nil {
				t.Fatal(err)
			}
		}
		e := c.Outcomes().Confidence("energy")
		zero := e.Key == nil && !slices.ContainsFunc(e.Value, func(v float64) bool { return v != 0 })
		if zero != table.zero || (e.Note() != "") != table.zero {
			t.Errorf("%s: energies all 0: %v, note %q", name, zero, e.Note())
		}
	}
}

func logSumExp(z []float64) float64 {
	sum := 0.0
	for _, v := range z {
		sum += math.Exp(v)
	}
	return math.Log(sum)
}

func shiftRow(z []float64, by float64) []float64 {
	for j := range z {
		z[j] -= by
	}
	return z
}

func roundRow(z []float64, units float64) {
	for j, v := range z {
		z[j] = math.Round(v*units) / units
	}
}
