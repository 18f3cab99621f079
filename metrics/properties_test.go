package metrics_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"abstain/metrics"
)

// tables draws outcomes with one stored probability as confidence, many ties,
// class vectors' columns filled in, and some samples out of distribution.
func tables(rt *rapid.T) *metrics.Outcomes {
	n := rapid.IntRange(0, 60).Draw(rt, "n")
	grid := rapid.IntRange(1, 40).Draw(rt, "grid")
	o := &metrics.Outcomes{Classes: 2, LabelRank: []int32{}, Correct: []bool{}, Label: []int32{}}
	c := metrics.Confidence{Name: "stored", Probability: true}
	for range n {
		label := rapid.Int32Range(-1, 1).Draw(rt, "label")
		prediction := rapid.Int32Range(0, 1).Draw(rt, "prediction")
		rank := int32(-1)
		nll, brier := math.NaN(), math.NaN()
		if label >= 0 {
			rank = (label + prediction) % 2
			nll = rapid.Float64Range(0, 30).Draw(rt, "nll")
			brier = rapid.Float64Range(0, 2).Draw(rt, "brier")
		}
		o.Label, o.Prediction = append(o.Label, label), append(o.Prediction, prediction)
		o.Correct, o.LabelRank = append(o.Correct, label == prediction), append(o.LabelRank, rank)
		o.NLL, o.Brier = append(o.NLL, nll), append(o.Brier, brier)
		c.Value = append(c.Value, float64(rapid.IntRange(0, grid).Draw(rt, "confidence"))/float64(grid))
		p := float64(rapid.IntRange(0, grid).Draw(rt, "probability")) / float64(grid)
		o.Vectors = append(o.Vectors, p, 1-p)
	}
	o.Confidences = []metrics.Confidence{c}
	return o
}

// all evaluates every metric of the table at all its tried parameters.
func all(o *metrics.Outcomes) map[string]float64 {
	r := metrics.Rank(o, &o.Confidences[0])
	values := map[string]float64{}
	for _, m := range metrics.Metrics() {
		for _, at := range parameters(m) {
			values[m.At(at)] = m.Of(r, at).Value
		}
	}
	return values
}

func compare(rt *rapid.T, got, want map[string]float64, tolerance float64, except ...string) {
	for id, w := range want {
		m, _, _ := metrics.Parse(id)
		if !slices.Contains(except, m.ID) && !same(got[id], w, tolerance) {
			rt.Errorf("%s: %v became %v", id, w, got[id])
		}
	}
}

// Exceptions to the properties below, which are part of the definitions.
var (
	// inRowOrder decide ties by the order of the rows.
	inRowOrder = []string{"auroc-galil2023", "aurc-galil2023", "eaurc-galil2023", "sac-galil2023"}

	// onScale are numbers on the confidence's own scale.
	onScale = []string{"mean-confidence", "median-confidence", "confidence-variance", "confidence-gini", "confidence-gini-galil2023"}

	// ofCount depend on the number of samples. The prefixes of AURC and similar
	// metrics have finer steps; unbiased estimates and bounds become more
	// precise; shares of samples are rounded to whole ones; bins of equal mass
	// may have other edges.
	ofCount = []string{
		"aurc", "eaurc", "naurc", "auarc", "aurc-trapezoid-zero-origin", "aurc-trapezoid-normalised", "aurc-ln", "aurc-galil2023",
		"sele", "eaurc-continuous", "eaurc-galil2023", "naurc-zero-origin", "augrc-trapezoid-normalised", "aurc-nll", "aurc-brier",
		"aurrrc", "sac-galil2023", "sgr", "prr", "oracle-collaborative-accuracy", "confidence-variance",
		"ece-mass", "ece-adaptive-galil2023",
	}
)

func TestRowOrderIsIrrelevant(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := tables(rt)
		rows := make([]int32, o.N())
		for i := range rows {
			rows[i] = int32(i)
		}
		compare(rt, all(o.Take(rapid.Permutation(rows).Draw(rt, "order"))), all(o), 1e-14, inRowOrder...)
	})
}

func TestShuffledSumsAgree(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	n := 20000
	if testing.Short() {
		n = 4000
	}
	o, _, _ := draw(rng, n, 6, 1000, 0.1)
	o.Vectors = nil // kernels about them take the square of n
	rows := make([]int32, o.N())
	for i, j := range rng.Perm(o.N()) {
		rows[i] = int32(j)
	}
	a, b := all(o), all(o.Take(rows))
	for id, v := range a {
		if m, _, _ := metrics.Parse(id); slices.Contains(inRowOrder, m.ID) {
			continue
		}
		if !same(b[id], v, 1e-15*math.Max(1, math.Abs(v))) {
			t.Errorf("%s: %v in one order of rows, %v in another", id, v, b[id])
		}
	}
}

func TestMonotoneMapsLeaveRankingAlone(t *testing.T) {
	maps := []func(float64) float64{
		func(v float64) float64 { return 3*v - 1 },
		func(v float64) float64 { return v * v * v },
		func(v float64) float64 { return math.Log(v) }, // 0 becomes -Inf
		func(v float64) float64 { return 1 / (1.1 - v) },
	}
	rapid.Check(t, func(rt *rapid.T) {
		o := tables(rt)
		before := all(o)
		f := rapid.SampledFrom(maps).Draw(rt, "map")
		c := &o.Confidences[0]
		c.Probability = false
		c.Value = slices.Clone(c.Value)
		for i, v := range c.Value {
			c.Value[i] = f(v)
		}
		after := all(o)
		for id := range before {
			m, _, _ := metrics.Parse(id)
			if m.Needs&metrics.NeedsProbability != 0 || slices.Contains(onScale, m.ID) {
				delete(before, id)
			}
		}
		compare(rt, after, before, 0)
	})
}

func TestDuplicatesChangeNothing(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := tables(rt)
		var rows []int32
		for i := range o.N() {
			rows = append(rows, int32(i), int32(i))
		}
		compare(rt, all(o.Take(rows)), all(o), 1e-14, slices.Concat(ofCount, calibrationBySize)...)
	})
}

func TestValuesLieInTheirRange(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		for id, v := range all(tables(rt)) {
			m, _, _ := metrics.Parse(id)
			if !math.IsNaN(v) && !(v >= m.Range[0] && v <= m.Range[1]) {
				rt.Errorf("%s = %v outside %v", id, v, m.Range)
			}
		}
	})
}

func TestPerfectRanking(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := tables(rt)
		c := &o.Confidences[0]
		c.Value = slices.Clone(c.Value)
		for i, v := range c.Value { // ties stay among the right and among the wrong
			c.Value[i] = v / 3
			if o.Correct[i] {
				c.Value[i] = 0.5 + v/3
			}
		}
		r := metrics.Rank(o, c)
		for id, want := range map[string]float64{
			"eaurc": 0, "naurc": 0, "auroc": 1, "aupr-error": 1, "aupr-success": 1, "fpr@1": 0,
			"eaugrc": 0, "prr@1": 1, "prr@0.5": 1, "naurc-zero-origin": 0, "gamma": 1, "fpr-error@1": 0, "auroc-galil2023": 1,
		} {
			m, at, _ := metrics.Parse(id)
			if e := m.Of(r, at); e.Defined() && e.Value != want {
				rt.Errorf("%s = %v, want exactly %v", id, e.Value, want)
			}
		}
		if p := metrics.Perfect(r.N(), r.Errors); r.N() > 0 && all(o)["aurc"] != p {
			rt.Errorf("aurc %v, Perfect %v", all(o)["aurc"], p)
		}
	})
}

func TestAURCIsNotBelowTheOracle(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := tables(rt)
		r := metrics.Rank(o, &o.Confidences[0])
		if v := all(o)["eaurc"]; v < 0 {
			rt.Errorf("eaurc = %v", v)
		}
		oracle := metrics.Oracle(r)
		for _, p := range metrics.RiskCoverage(r) {
			for _, q := range oracle {
				if q.Coverage == p.Coverage && q.Risk > p.Risk {
					rt.Errorf("risk %v at coverage %v is below the oracle's %v", p.Risk, p.Coverage, q.Risk)
				}
			}
		}
	})
}

func TestComplements(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		v := all(tables(rt))
		for a, b := range map[string]string{
			"accuracy": "error", "risk@0.8": "selective-accuracy@0.8",
			"true-positive-rate": "false-negative-rate", "true-negative-rate": "false-positive-rate",
		} {
			if !same(v[a]+v[b], 1, 1e-15) && !math.IsNaN(v[a]) {
				rt.Errorf("%s + %s = %v", a, b, v[a]+v[b])
			}
		}
		if !same(v["prr@1"], 1-v["naurc"], 1e-12) {
			rt.Errorf("prr@1 = %v, naurc = %v", v["prr@1"], v["naurc"])
		}
		if v["top-k@1"] != v["accuracy"] && !math.IsNaN(v["accuracy"]) {
			rt.Errorf("top-k@1 = %v, accuracy = %v", v["top-k@1"], v["accuracy"])
		}
		if v["risk@1"] != v["error"] && !math.IsNaN(v["error"]) {
			rt.Errorf("risk@1 = %v, error = %v", v["risk@1"], v["error"])
		}
	})
}
