package resample_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"abstain/metrics"
	"abstain/metrics/resample"
)

// smooth are the metrics with influence values of which the replicates are an
// oracle. Calibration errors are not among them, as
// replicates add their own bias; see TestIntervalsHoldTheirLevel.
var smooth = []string{
	"accuracy", "error", "top-k@2", "nll", "brier", "mean-confidence", "overconfidence", "balanced-accuracy",
	"auroc", "aupr-success", "aupr-error", "aurc", "eaurc", "naurc", "augrc",
}

// TestInfluenceAgainstReplicates: standard errors from one sweep are those of
// 1000 replicates, whose own error is 2.2 %, with ties however heavy, with few
// errors and many, with samples out of distribution.
func TestInfluenceAgainstReplicates(t *testing.T) {
	const n, b = 1500, 1000
	ms := measures(t, append(slices.Clone(smooth), "ood-auroc")...)
	for k, w := range []world{
		{curve: overconfident}, {curve: honest}, {curve: few}, {curve: overconfident, grid: 2}, {curve: honest, grid: 5},
		{curve: few, grid: 3}, {curve: honest, grid: 50}, {curve: overconfident, outside: 0.3}, {curve: honest, grid: 4, outside: 0.2},
	} {
		r := w.ranked(generator(uint64(10+k)), n)
		values := resample.Bootstrap(r, ms, resample.Draw(resample.Independent(n), 3, b))
		for i, m := range ms {
			psi, ok := resample.Influence(m.Metric, m.At, r)
			if !ok {
				if m.Of(r).Defined() {
					t.Errorf("world %d: %s has no influence values", k, m.ID())
				}
				continue
			}
			if ratio := resample.StandardError(psi) / resample.Spread(values[i]); !(ratio > 0.92 && ratio < 1.08) {
				t.Errorf("world %d: %s: standard error by influence is %.3f of that by replicates", k, m.ID(), ratio)
			}
		}
	}
}

// few errs on one sample in twenty.
func few(v float64) float64 { return 1 - 0.2*(1-v)*(1-v) }

// TestPairedInfluenceAgainstReplicates: so are those of differences.
func TestPairedInfluenceAgainstReplicates(t *testing.T) {
	const n, b = 1500, 1000
	for k, grid := range []int{0, 6} {
		one, other := twins(generator(uint64(30+k)), n, grid, 0.1)
		ms := measures(t, smooth...)
		draws := resample.Draw(resample.Independent(n), 4, b)
		x, y := resample.Bootstrap(one, ms, draws), resample.Bootstrap(other, ms, draws)
		for i, m := range ms {
			a, _ := resample.Influence(m.Metric, m.At, one)
			c, _ := resample.Influence(m.Metric, m.At, other)
			by := resample.ByInfluence(0, 0, a, c, n, 0.95).SE
			if ratio := by / resample.Spread(resample.Differences(x[i], y[i])); !(ratio > 0.92 && ratio < 1.08) {
				t.Errorf("grid %d: %s: standard error of the difference by influence is %.3f of that by replicates", grid, m.ID(), ratio)
			}
		}
	}
}

// TestInfluenceIsTheDerivative: one more of 201 copies of a sample moves the
// metric by its influence over the number of all copies, for every metric that has one.
func TestInfluenceIsTheDerivative(t *testing.T) {
	const n, copies = 120, 200
	ms := withInfluence(t)
	for k, w := range []world{{curve: overconfident}, {curve: honest, grid: 6}, {curve: overconfident, grid: 30, outside: 0.2}} {
		r := w.ranked(generator(uint64(40+k)), n)
		e := resample.NewEvaluator(r, ms)
		counts, base, more := make([]uint8, n), make([]float64, len(ms)), make([]float64, len(ms))
		for i := range counts {
			counts[i] = copies
		}
		e.Values(counts, base)
		for i := range n {
			counts[i]++
			e.Values(counts, more)
			counts[i]--
			for j, m := range ms {
				psi, ok := resample.Influence(m.Metric, m.At, r)
				if !ok {
					continue
				}
				// The AURC is a sum over prefixes: its first ones are coarse.
				tolerance := 0.02
				if id := m.Metric.ID; strings.Contains(id, "aurc") || id == "auarc" || id == "prr" {
					tolerance = 0.2
				}
				if want := (more[j] - base[j]) * n * copies; math.Abs(psi[i]-want) > tolerance*math.Max(1, math.Abs(want)) {
					t.Errorf("world %d: %s: sample %d pulls by %v, its copy by %v", k, m.ID(), i, psi[i], want)
				}
			}
		}
	}
}

// TestInfluenceAddsUpToNothing, rows out of distribution have none where they do
// not enter, and the table's order of rows does not matter.
func TestInfluenceAddsUpToNothing(t *testing.T) {
	rng := generator(50)
	o := world{curve: honest, grid: 9, outside: 0.25}.draw(rng, 400)
	r := metrics.Rank(o, &o.Confidences[0])
	rows := make([]int32, o.N())
	for i, j := range rng.Perm(o.N()) {
		rows[i] = int32(j)
	}
	s := o.Take(rows)
	shuffled := metrics.Rank(s, &s.Confidences[0])
	for _, m := range metrics.Metrics() {
		at := 0.0
		if m.Param != nil {
			at = m.Param.Default
		}
		psi, ok := resample.Influence(m, at, r)
		if !ok {
			continue
		}
		sum, largest := 0.0, 0.0
		for i, v := range psi {
			sum += v
			largest = math.Max(largest, math.Abs(v))
			if o.Label[i] < 0 && v != 0 && m.Needs&metrics.NeedsOutside == 0 {
				t.Fatalf("%s: row %d is out of distribution and pulls by %v", m.ID, i, v)
			}
		}
		if math.Abs(sum) > 1e-11*largest*float64(len(psi)) {
			t.Errorf("%s: influence values add up to %v", m.ID, sum)
		}
		other, _ := resample.Influence(m, at, shuffled)
		for i, j := range rows {
			if !near(other[i], psi[j], 1e-11) {
				t.Fatalf("%s: row %d pulls by %v, and by %v in another order of rows", m.ID, j, psi[j], other[i])
			}
		}
	}
}

// TestTiesShareInfluence: right samples of a group all pull alike, and its
// errors too.
func TestTiesShareInfluence(t *testing.T) {
	r := world{curve: honest, grid: 4}.ranked(generator(51), 300)
	for _, id := range []string{"aurc", "auroc", "augrc", "aupr-success", "aupr-error"} {
		m, at, _ := metrics.Parse(id)
		psi, _ := resample.Influence(m, at, r)
		seen := map[[2]float64]float64{}
		for i, v := range psi {
			kind := 0.0
			if r.Outcomes.Correct[i] {
				kind = 1
			}
			key := [2]float64{r.Confidence.Value[i], kind}
			if first, ok := seen[key]; ok && first != v {
				t.Fatalf("%s: samples of confidence %v pull by %v and %v", id, key[0], first, v)
			}
			seen[key] = v
		}
	}
}

// TestInfluenceByHand: a right sample above an error has risks 0 and 1/2. Before
// centring they pull by 0 - (1/2)/2 = -1/4 and 1/2, so by -3/8 and 3/8.
func TestInfluenceByHand(t *testing.T) {
	o := &metrics.Outcomes{Correct: []bool{true, false}, Confidences: []metrics.Confidence{{Name: "stored", Value: []float64{0.9, 0.8}}}}
	r := metrics.Rank(o, &o.Confidences[0])
	m, _ := metrics.Lookup("aurc")
	psi, ok := resample.Influence(m, 0, r)
	if !ok || !near(psi[0], -0.375, 1e-15) || !near(psi[1], 0.375, 1e-15) {
		t.Errorf("influence values %v", psi)
	}
}

// TestNoInfluence: undefined metrics, operating points, infinite losses.
func TestNoInfluence(t *testing.T) {
	o := world{curve: honest}.draw(generator(52), 50)
	o.NLL[7] = math.Inf(1)
	r := metrics.Rank(o, &o.Confidences[0])
	for _, id := range []string{"nll", "sac@0.9", "risk@0.8", "mce@15", "fpr@0.95", "ood-auroc"} {
		m, at, _ := metrics.Parse(id)
		if _, ok := resample.Influence(m, at, r); ok {
			t.Errorf("%s has influence values", id)
		}
	}
	unranked := metrics.Rank(o, nil)
	m, _ := metrics.Lookup("aurc")
	if _, ok := resample.Influence(m, 0, unranked); ok {
		t.Error("the AURC of no ranking has influence values")
	}
}

// withInfluence are the metrics that have influence values but for ece-mass, whose bins
// have other edges where a sample counts more.
func withInfluence(t *testing.T) []metrics.Measure {
	t.Helper()
	var ids []string
	for _, m := range metrics.Metrics() {
		if resample.WithoutInfluence(m) == "" && m.ID != "ece-mass" {
			ids = append(ids, m.ID)
		}
	}
	return measures(t, ids...)
}
