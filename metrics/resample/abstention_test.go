package resample_test

import (
	"math"
	"testing"

	"abstain/metrics"
	"abstain/metrics/resample"
)

// ofAnswers are the metrics of answers withheld, and those that count such samples.
var ofAnswers = []string{
	"answered", "answered-accuracy", "abstention-precision", "abstention-recall", "abstention-f1",
	"accuracy", "error", "balanced-accuracy",
}

// TestAbstentionIntervalsHold their level where a model does not answer all samples: in
// 95 % of the simulations, within the error of these.
func TestAbstentionIntervalsHold(t *testing.T) {
	const n, simulations = 300, 1000
	ms := measures(t, ofAnswers...)
	for name, w := range map[string]world{
		"many": {curve: honest, silent: 0.3, outside: 0.1}, "few": {curve: overconfident, silent: 0.06},
	} {
		want := truth(w, ms)
		held := make([]int, len(ms))
		rng := generator(8100)
		for range simulations {
			for i, e := range resample.Intervals(w.ranked(rng, n), ms, resample.Options{}) {
				if e.Level != 0.95 {
					t.Fatalf("%s: %s has no interval: %v", name, ms[i].ID(), e.Notes)
				}
				if e.Lo <= want[i] && want[i] <= e.Hi {
					held[i]++
				}
			}
		}
		for i, m := range ms {
			share := float64(held[i]) / simulations
			t.Logf("%s: %s: %.1f %%", name, m.ID(), 100*share)
			if math.Abs(share-0.95) > binomial(0.95, simulations)+0.005 { // score intervals of few samples lie off by so much
				t.Errorf("%s: the interval of %s holds the truth in %.1f %% of %d simulations", name, m.ID(), 100*share, simulations)
			}
		}
	}
}

// TestAbstentionInfluence: standard errors by influence are those of replicates where
// some samples are not answered, of one model and of the difference of two.
func TestAbstentionInfluence(t *testing.T) {
	const n, b = 1500, 600
	ms := measures(t, append(append([]string{}, ofAnswers...), "aurc", "auroc", "ood-auroc", "overconfidence", "mean-confidence")...)
	one := world{curve: honest, silent: 0.25, outside: 0.1}.ranked(generator(8200), n)
	o := one.Outcomes.Take(identity(n))
	rng := generator(8201)
	for i := range o.Prediction { // another model: other answers are withheld, some changed
		switch u := rng.Float64(); {
		case u < 0.1:
			o.Prediction[i], o.Correct[i] = metrics.NoAnswer, false
		case u < 0.2 && o.Label[i] >= 0:
			o.Prediction[i], o.Correct[i] = o.Label[i], true
		}
	}
	other := metrics.Rank(o, &o.Confidences[0])
	draws := resample.Draw(resample.Independent(n), 5, b)
	x, y := resample.Bootstrap(one, ms, draws), resample.Bootstrap(other, ms, draws)
	for i, m := range ms {
		a, okA := resample.Influence(m.Metric, m.At, one)
		c, okC := resample.Influence(m.Metric, m.At, other)
		if !okA || !okC {
			t.Errorf("%s has no influence values", m.ID())
			continue
		}
		if ratio := resample.StandardError(a) / resample.Spread(x[i]); !(ratio > 0.9 && ratio < 1.1) {
			t.Errorf("%s: standard error by influence is %.3f of that by replicates", m.ID(), ratio)
		}
		by := resample.ByInfluence(0, 0, a, c, n, 0.95).SE
		if ratio := by / resample.Spread(resample.Differences(x[i], y[i])); !(ratio > 0.9 && ratio < 1.1) {
			t.Errorf("%s: that of the difference is %.3f of that by replicates", m.ID(), ratio)
		}
		c1, ok := resample.Paired(m, m.Of(one).Value, m.Of(other).Value, one, other, draws.Design, 0.95)
		if !ok || !(c1.Lo <= c1.Difference && c1.Difference <= c1.Hi) || !(c1.P >= 0 && c1.P <= 1) {
			t.Errorf("%s: paired %+v, %v", m.ID(), c1, ok)
		}
	}
	if d := resample.Discordant(one, other); d.N != one.All() || d.First == 0 || d.Second == 0 {
		t.Errorf("discordant %+v of %d", d, one.All())
	}
}

func identity(n int) []int32 {
	rows := make([]int32, n)
	for i := range rows {
		rows[i] = int32(i)
	}
	return rows
}

// TestAbstentionByHand: of ten samples three are not answered, one of them rightly so, and
// one should not have been; of seven answers two are wrong.
func TestAbstentionByHand(t *testing.T) {
	o := &metrics.Outcomes{
		Classes:       2,
		Label:         []int32{0, 0, 0, 0, 0, 1, 1, 1, 1, 1},
		Prediction:    []int32{0, 0, 0, 1, -1, 1, 1, 0, -1, -1},
		Correct:       []bool{true, true, true, false, false, true, true, false, false, false},
		ShouldAbstain: []bool{false, false, false, true, true, false, false, false, false, false},
		Confidences:   []metrics.Confidence{{Name: "stored", Probability: true, Value: []float64{.9, .8, .7, .6, math.NaN(), .95, .85, .75, math.NaN(), .99}}},
	}
	r := metrics.Rank(o, &o.Confidences[0])
	for id, want := range map[string]float64{
		"answered": 0.7, "answered-accuracy": 5. / 7, "accuracy": 0.5, "error": 0.2, "balanced-accuracy": (3./5 + 2./5) / 2,
		"abstention-precision": 1. / 3, "abstention-recall": 0.5, "abstention-f1": 0.4,
		"sac@0.8": 0.6, "coverage-at-risk@0.2": 0.6, "risk@0.7": 2. / 7, "risk@0.8": math.NaN(), "selective-accuracy@0.5": 0.8,
		"auroc": 9. / 10, "aurc": (0 + 0 + 0 + 0 + 1./5 + 1./6 + 2./7) / 7, "overconfidence": 5.55/7 - 5./7,
		"mean-confidence": 5.55 / 7, "ece@1": 0.55 / 7, "true-positive-rate": 2. / 3,
	} {
		m := measures(t, id)[0]
		e := m.Of(r)
		if !near(e.Value, want, 1e-12) {
			t.Errorf("%s = %v, want %v", id, e.Value, want)
		}
		if left := len(e.Notes) > 0 && e.Notes[len(e.Notes)-1] == "3 of 10 samples are not answered and left out"; left == m.Metric.OfAll {
			t.Errorf("%s: notes %q", id, e.Notes)
		}
	}
	if p := metrics.RiskCoverage(r); p[len(p)-1].Coverage != 0.7 {
		t.Errorf("the curve ends at %v", p[len(p)-1])
	}
}
