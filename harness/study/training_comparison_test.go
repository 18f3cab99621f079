package study

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"abstain/datasets"
	"abstain/metrics"
	"abstain/metrics/resample"
)

// simulatedPair is a pair of models of one seed on rows of which each has its own difficulty:
// the second is right more often by gain, on average over seeds.
func simulatedPair(difficulty []float64, gain, bySeed float64, random *rand.Rand) (first, second *metrics.Ranked) {
	shift := gain + bySeed*random.NormFloat64()
	answers := func(up float64) *metrics.Ranked {
		o := &metrics.Outcomes{}
		for _, d := range difficulty {
			o.Correct = append(o.Correct, random.Float64() < min(max(d+up, 0), 1))
		}
		return metrics.Rank(o, nil)
	}
	return answers(0), answers(shift)
}

// TestSeedIntervalsHold: the interval over 5 seeds holds the difference of new seeds on new
// rows at least as often as it says, be the seeds alike or not, and be the rows easy or hard alike.
func TestSeedIntervalsHold(t *testing.T) {
	const seeds, n, gain, worlds = 5, 200, 0.05, 600
	accuracy := metrics.MustMeasure("accuracy")
	for _, w := range []struct {
		name          string
		bySeed, byRow float64
	}{{"seeds alike", 0, 0.3}, {"seeds differ", 0.03, 0.3}, {"rows alike", 0.01, 0}} {
		random := rand.New(rand.NewPCG(1, 7))
		held := 0
		for range worlds {
			// The effect is larger on some rows than on others, so that which rows there are matters.
			difficulty := make([]float64, n)
			for i := range difficulty {
				difficulty[i] = 0.6 + w.byRow*(random.Float64()-0.5)
			}
			var differences, errors []float64
			for range seeds {
				a, b := simulatedPair(difficulty, gain, w.bySeed, random)
				va, vb := accuracy.Of(a).Value, accuracy.Of(b).Value
				p, ok := resample.Paired(accuracy, vb, va, b, a, resample.Independent(n), 0.95)
				if !ok {
					t.Fatal("no closed form")
				}
				differences, errors = append(differences, vb-va), append(errors, p.SE)
			}
			if in := pairedMean(differences, errors, 0.95).Bounds(); in.Lo <= gain && gain <= in.Hi {
				held++
			}
		}
		if share := float64(held) / worlds; share < 0.93 {
			t.Errorf("%s: the interval holds in %.3f of the worlds", w.name, share)
		}
	}
}

// TestSharedRowsMatter: where all seeds see the same effect of the test rows, the spread
// between seeds alone would give far too short an interval.
func TestSharedRowsMatter(t *testing.T) {
	const seeds, worlds = 5, 4000
	random := rand.New(rand.NewPCG(3, 4))
	held, without := 0, 0
	for range worlds {
		rows := 0.02 * random.NormFloat64() // of the same test rows, in every seed
		var differences, errors []float64
		for range seeds {
			differences = append(differences, rows+0.005*random.NormFloat64())
			errors = append(errors, math.Hypot(0.02, 0))
		}
		p := pairedMean(differences, errors, 0.95)
		if math.Abs(p.Mean) <= p.Reach {
			held++
		}
		if q := pairedMean(differences, make([]float64, seeds), 0.95); math.Abs(q.Mean) <= q.Reach {
			without++
		}
	}
	if float64(held)/worlds < 0.93 || float64(without)/worlds > 0.6 {
		t.Errorf("holds in %d of %d worlds, without the rows in %d", held, worlds, without)
	}
}

func TestPairedMean(t *testing.T) {
	p := pairedMean([]float64{0.1, 0.3, 0.2}, []float64{0.03, 0.04, 0}, 0.95)
	rows := math.Sqrt((0.0009 + 0.0016) / 3)
	between := 0.1 / math.Sqrt(3)
	if math.Abs(p.Mean-0.2) > 1e-12 || math.Abs(p.Between-between) > 1e-12 || math.Abs(p.Rows-rows) > 1e-12 ||
		math.Abs(p.Reach-4.302652729911275*math.Hypot(between, rows)) > 1e-9 {
		t.Errorf("%+v", p)
	}
	if one := pairedMean([]float64{0.1}, []float64{0.03}, 0.95); one.Mean != 0.1 || one.Bounds().Defined() {
		t.Errorf("one seed: %+v", one)
	}
}

// TestGammaSpread: the verdict is by the interval over seeds; regimes without gamma-Net have none.
func TestGammaSpread(t *testing.T) {
	for _, c := range []struct {
		deviations []string
		want       Verdict
	}{
		{[]string{"0.8", "0.9", "0.85"}, Confirmed},
		{[]string{"0.1", "0.12", "0.11"}, NotConfirmed},
		{[]string{"0.98", "0.11", "0.42", "0.94"}, Inconclusive},
		{[]string{"", ""}, ""},
	} {
		f := &Folder{level: 0.95}
		for seed, d := range c.deviations {
			s := subject{meta: datasets.Meta{{Key: "preset", Value: "gamma-net"}, {Key: "regime", Value: "gamma-net"}, {Key: "seed", Value: fmt.Sprint(seed)}}}
			if d != "" {
				s.meta = append(s.meta, datasets.Pair{Key: "gamma-std", Value: d}, datasets.Pair{Key: "gamma-mean", Value: "2"})
			}
			f.models = append(f.models, s)
		}
		var e Experiment
		(&comparison{folder: f, preset: "gamma-net"}).gammas("gamma-net", &e)
		got := Verdict("")
		if len(e.Findings) > 0 {
			got = e.Findings[0].Claim.(GammaSpread).Verdict
		}
		if got != c.want {
			t.Errorf("%q: %q, want %q", c.deviations, got, c.want)
		}
	}
}

func TestRulesJudge(t *testing.T) {
	for _, c := range []struct {
		relation    Relation
		margin      float64
		mean, reach float64
		want        Verdict
	}{
		{Falls, 0.04, -0.06, 0.02, Confirmed},
		{Falls, 0.04, -0.03, 0.02, Inconclusive}, // below 0, but not by the margin; up to 0.05
		{Falls, 0.04, -0.03, 0.005, NotConfirmed},
		{Falls, 0.04, +0.06, 0.02, NotConfirmed},
		{Falls, 0.04, -0.06, 0.07, Inconclusive},
		{Falls, 0, +0.01, 0.02, Inconclusive},
		{Rises, 0, +0.03, 0.02, Confirmed},
		{Rises, 0, -0.03, 0.02, NotConfirmed},
		{FallsTo, 0.5, -0.03, 0.02, Confirmed},
		{FallsTo, 0.5, +0.03, 0.02, NotConfirmed},
		{KeepsHigh, 0.01, +0.5, 0.1, Confirmed},
		{KeepsHigh, 0.01, -0.005, 0.004, Confirmed},
		{KeepsHigh, 0.01, -0.005, 0.006, Inconclusive},
		{KeepsHigh, 0.01, -0.02, 0.005, NotConfirmed},
		{Keeps, 0.02, 0.005, 0.01, Confirmed},
		{Keeps, 0.02, 0.015, 0.01, Inconclusive},
		{Keeps, 0.02, -0.05, 0.01, NotConfirmed},
		{Rises, 0, 0.5, math.NaN(), Inconclusive},
	} {
		if got := (TrainingRule{Relation: c.relation, Margin: c.margin}).judge(Paired{Mean: c.mean, Reach: c.reach}); got != c.want {
			t.Errorf("relation %d, margin %v, %v +- %v: %s, want %s", c.relation, c.margin, c.mean, c.reach, got, c.want)
		}
	}
}

// TestRulesAreOfColumns: every rule is about metrics that exist, and each preset with rules has a table.
func TestRulesAreOfColumns(t *testing.T) {
	check := func(c ComparedColumn) {
		if _, ok := criteria[c.Metric]; ok {
			return
		}
		if _, err := metrics.ParseMeasure(c.Metric); err != nil {
			t.Error(err)
		}
	}
	for _, columns := range presetColumns {
		for _, c := range columns {
			check(c)
		}
	}
	for _, r := range trainingRules {
		check(r.Column)
		if len(presetColumns[r.Preset]) == 0 || r.Column.Metric != r.Other.Metric {
			t.Errorf("%+v", r)
		}
	}
}

// TestCriteria compares the criteria with their definitions on counts worked out by hand.
func TestCriteria(t *testing.T) {
	o := &metrics.Outcomes{Classes: 2}
	var g metrics.Group
	g.Levels = []string{"a", "b"}
	add := func(group, label, prediction int32, times int) {
		for range times {
			o.Label, o.Prediction = append(o.Label, label), append(o.Prediction, prediction)
			g.Code = append(g.Code, group)
		}
	}
	add(0, 1, 1, 8) // TPR 0.8
	add(0, 1, 0, 2)
	add(0, 0, 1, 1) // FPR 0.1
	add(0, 0, 0, 9)
	add(1, 1, 1, 4) // TPR 0.4
	add(1, 1, 0, 6)
	add(1, 0, 1, 6) // FPR 0.6
	add(1, 0, 0, 4)
	counts := (&tally{o, &g}).of(nil)
	for name, want := range map[string]float64{"equalised-odds-difference": 0.5, "equalised-odds-ratio": 0.1 / 0.6, "average-odds-difference": 0.45,
		"positive-rate-difference": 0.05, "positive-rate-ratio": 0.9, "accuracy-equality-difference": 0.6 - 0.15, "accuracy-equality-ratio": 0.25,
		"worst-cell-accuracy": 0.4} {
		if got := criteria[name](counts); math.Abs(got-want) > 1e-12 {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
	weights := make([]uint8, len(o.Label))
	for i := range weights {
		weights[i] = 2
	}
	if got := criteria["equalised-odds-difference"]((&tally{o, &g}).of(weights)); math.Abs(got-0.5) > 1e-12 {
		t.Errorf("all samples twice: %v", got)
	}
	if got := criteria["worst-cell-accuracy"](groupCounts{{{1, 0}, {0, 0}}}); !math.IsNaN(got) {
		t.Errorf("an empty cell: %v", got)
	}
	if s := fmt.Sprint(len(criteria)); !strings.HasPrefix(s, "8") {
		t.Errorf("%s criteria, 8 are checked", s)
	}
}
