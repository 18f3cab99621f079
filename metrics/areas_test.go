package metrics_test

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"abstain/metrics"
)

// value evaluates a metric by its id.
func value(id string, r *metrics.Ranked) float64 {
	m, at, err := metrics.Parse(id)
	if err != nil {
		panic(err)
	}
	return m.Of(r, at).Value
}

// TestHarmonicWeights: the AURC is the mean of errors weighed by H(n) - H(k-1)
// at place k, the finite-sample form of Zhou, Landgraf and Blaschko 2024.
func TestHarmonicWeights(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := tables(rt)
		r := metrics.RankRows(o, &o.Confidences[0])
		weight, area := 0.0, 0.0
		for k := r.N(); k >= 1; k-- {
			weight += 1 / float64(k)
			if !o.Correct[r.Order[k-1]] {
				area += weight
			}
		}
		if got := value("aurc", r); r.N() > 0 && !same(got, area/float64(r.N()), 1e-13) {
			rt.Errorf("aurc %v, harmonic weights %v", got, area/float64(r.N()))
		}
	})
}

// TestRankRows: rows in order among ties lie between the extreme orders. The mean
// over all orders is what Rank gives; without ties both are equal.
func TestRankRows(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := tables(rt)
		right := where(o.N(), func(i int) bool { return o.Correct[i] })
		wrong := where(o.N(), func(i int) bool { return !o.Correct[i] })
		walk := func(rows []int32) float64 {
			p := o.Take(rows)
			return value("aurc", metrics.RankRows(p, &p.Confidences[0]))
		}
		best, worst := walk(append(right, wrong...)), walk(append(wrong, right...))
		for name, v := range map[string]float64{
			"rows": value("aurc", metrics.RankRows(o, &o.Confidences[0])), "expected": value("aurc", metrics.Rank(o, &o.Confidences[0])),
		} {
			if v < best-1e-15 || v > worst+1e-15 {
				rt.Errorf("%s: aurc %v outside %v to %v", name, v, best, worst)
			}
		}
	})
}

// TestMeanOverOrders: the areas that are expectations over the order among ties
// equal the mean over all orders.
func TestMeanOverOrders(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	ids := []string{
		"auarc", "aurc-trapezoid-zero-origin", "aurc-trapezoid-normalised", "aurc-ln", "sele", "augrc-trapezoid-normalised",
		"aurc-nll", "aurc-brier", "augrc", "oracle-collaborative-accuracy@0.4",
	}
	for trial := range 20 {
		o, _, _ := draw(rng, 2+trial%6, 3, 3, 0)
		r := metrics.Rank(o, o.Confidence("msp"))
		totals, orders := make([]float64, len(ids)), 0.0
		everyOrder(o, r, func(w *metrics.Ranked) {
			for j, id := range ids {
				totals[j] += value(id, w)
			}
			orders++
		})
		for j, id := range ids {
			if got := value(id, r); !same(got, totals[j]/orders, 1e-12) {
				t.Errorf("trial %d: %s is %v, mean over %v orders %v", trial, id, got, orders, totals[j]/orders)
			}
		}
	}
}

// everyOrder calls visit with the ranking, for every order of its ties.
func everyOrder(o *metrics.Outcomes, r *metrics.Ranked, visit func(*metrics.Ranked)) {
	rows := append([]int32(nil), r.Order...)
	key := o.Confidence("msp").Order()
	var place func(from int)
	place = func(from int) {
		if from == len(rows) {
			p := o.Take(rows)
			visit(metrics.RankRows(p, p.Confidence("msp")))
			return
		}
		for i := from; i < len(rows) && key[rows[i]] == key[rows[from]]; i++ {
			rows[from], rows[i] = rows[i], rows[from]
			place(from + 1)
			rows[from], rows[i] = rows[i], rows[from]
		}
	}
	place(0)
}

// TestHandExample is the example in the definitions: right, right, wrong, right.
func TestHandExample(t *testing.T) {
	r := simple([]float64{0.9, 0.8, 0.7, 0.6}, []bool{true, true, false, true})
	for id, want := range map[string]float64{
		"aurc": 7. / 48, "aurc-galil2023": 7. / 48, "auarc": 41. / 48, "auroc": 2. / 3, "auroc-galil2023": 2. / 3, "gamma": 1. / 3,
		"aurc-trapezoid-zero-origin": 7./48 - 1./32, "aurc-trapezoid-normalised": (1./3 + 1./8) / 3, "sele": 1. / 8,
		"oracle-collaborative-accuracy@0.25": 3. / 4, "oracle-collaborative-accuracy@0.5": 1,
	} {
		if got := value(id, r); !same(got, want, 1e-15) {
			t.Errorf("%s = %v, want %v", id, got, want)
		}
	}
}
