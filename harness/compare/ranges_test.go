package compare

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"abstain/harness/pool"
	"abstain/metrics"
	"abstain/metrics/ranks"
	"abstain/metrics/resample"
)

// answer is a model's answer to a sample.
type answer struct {
	confidence float64
	right      bool
}

// newTrial is a model with these answers.
func newTrial(label string, answers []answer) *trial {
	o := &metrics.Outcomes{Classes: 2, Confidences: []metrics.Confidence{{Name: "msp", Probability: true}}}
	for _, a := range answers {
		o.Correct = append(o.Correct, a.right)
		o.Confidences[0].Value = append(o.Confidences[0].Value, a.confidence)
	}
	return &trial{entrant: entrant{Contender: Contender{Label: label, Model: label, Transform: "none", Confidence: "msp"}},
		ranked: metrics.Rank(o, &o.Confidences[0])}
}

// noisy answers n samples, whose difficulty both models see with noise of their
// own: a model's confidence is that of a fair judge times what it sees.
func noisy(r *rand.Rand, n int, sharpness float64) (a, b []answer) {
	for range n {
		difficulty := r.Float64()
		one := func(sharp float64) answer {
			seen := sharp*difficulty + (1-sharp)*r.Float64()
			return answer{confidence: 1 - 0.7*seen, right: r.Float64() > 0.4*difficulty}
		}
		a, b = append(a, one(0.5)), append(b, one(sharpness))
	}
	return a, b
}

// TestStepRisks compares the risks along coverage with their definition: the mean
// error of the first samples of the expanded table, those of a group through which
// the coverage cuts counting by the group's mean.
func TestStepRisks(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 30 {
		n := 5 + r.IntN(60)
		var answers []answer
		counts := make([]uint8, n)
		for i := range n {
			answers = append(answers, answer{float64(r.IntN(20)) / 20, r.IntN(3) > 0})
			counts[i] = uint8(r.IntN(4))
		}
		counts[0] = 1
		tr := newTrial("m", answers)
		got := make([]float64, coverageSteps)
		stepRisks(tr.ranked, counts, got)
		for k, v := range got {
			if want := riskByDefinition(answers, counts, coverageAt(k)); math.Abs(v-want) > 1e-12 {
				t.Fatalf("risk at coverage %v is %v, by definition %v", coverageAt(k), v, want)
			}
		}
	}
}

// riskByDefinition gives every sample the mean error of its group, and then
// averages over the most trusted share, the last sample in part.
func riskByDefinition(answers []answer, counts []uint8, coverage float64) float64 {
	var expanded []answer
	for i, a := range answers {
		for range counts[i] {
			expanded = append(expanded, a)
		}
	}
	mean := func(confidence float64) float64 {
		size, wrong := 0.0, 0.0
		for _, a := range expanded {
			if a.confidence == confidence {
				size++
				if !a.right {
					wrong++
				}
			}
		}
		return wrong / size
	}
	slices.SortFunc(expanded, func(a, b answer) int {
		if a.confidence > b.confidence {
			return -1
		}
		return 1
	})
	left, total := coverage*float64(len(expanded)), 0.0
	for _, a := range expanded {
		part := math.Min(1, left)
		if part <= 0 {
			break
		}
		total += part * mean(a.confidence)
		left -= part
	}
	return total / (coverage * float64(len(expanded)))
}

// TestCoverageRangesUnderTheNull: where two models differ by chance alone, a range
// of coverage is found in at most 5 % of tables, whether the models know the same
// difficulties or are independent of each other.
func TestCoverageRangesUnderTheNull(t *testing.T) {
	if testing.Short() {
		t.Skip("a simulation")
	}
	r := rand.New(rand.NewPCG(3, 4))
	for _, null := range []struct {
		name string
		draw func() (a, b []answer)
	}{
		{"few samples", func() (a, b []answer) { return noisy(r, 200, 0.5) }},
		{"more samples", func() (a, b []answer) { return noisy(r, 500, 0.5) }},
		{"near twins", func() (a, b []answer) { return twins(r, 250) }},
	} {
		runs, replicates, wrong := 300, 150, 0
		for seed := range runs {
			a, b := null.draw()
			if len(compared(t, a, b, replicates, uint64(seed)).Ranges) > 0 {
				wrong++
			}
		}
		share := float64(wrong) / float64(runs)
		t.Logf("%s: a range in %.3f of %d tables without a difference", null.name, share, runs)
		if limit := 0.05 + 3*math.Sqrt(0.05*0.95/float64(runs)); share > limit {
			t.Errorf("%s: a range in %v of tables, want at most %v", null.name, share, limit)
		}
	}
}

// twins answer alike but for one sample in twenty, in which they differ by chance.
func twins(r *rand.Rand, n int) (a, b []answer) {
	a, _ = noisy(r, n, 0.5)
	b = slices.Clone(a)
	for i := range b {
		if r.IntN(20) == 0 {
			other, another := noisy(r, 1, 0.5)
			a[i], b[i] = other[0], another[0]
		}
	}
	return a, b
}

// compared looks for ranges between two models.
func compared(t *testing.T, a, b []answer, replicates int, seed uint64) *Comparison {
	t.Helper()
	trials := []*trial{newTrial("a", a), newTrial("b", b)}
	c := &Comparison{Level: 0.95, N: len(a), Models: []Contender{trials[0].Contender, trials[1].Contender}}
	draws := resample.Draw(resample.Independent(len(a)), seed, replicates)
	c.findRanges(trials, draws, Options{Level: 0.95, Parallel: pool.Each})
	return c
}

// TestCoverageRangesFindADifference: a model that sees more of the difficulty has
// the smaller risk at low coverage and the same at full coverage, and that is
// what is found.
func TestCoverageRangesFindADifference(t *testing.T) {
	a, b := noisy(rand.New(rand.NewPCG(5, 6)), 4000, 0.95)
	c := compared(t, a, b, 300, 1)
	if len(c.Ranges) == 0 {
		t.Fatal("no range found")
	}
	for _, r := range c.Ranges {
		if !r.Better || r.Model != "b" || r.Against != "a" {
			t.Errorf("range %+v: want b better than a", r)
		}
		if !(r.From <= r.At && r.At <= r.To && r.Hi < 0 && r.Lo < r.Difference && r.Difference < r.Hi) {
			t.Errorf("range %+v does not hang together", r)
		}
		if r.To > 0.97 {
			t.Errorf("range %+v: at full coverage the models are alike", r)
		}
	}
	mirrored := compared(t, b, a, 300, 1)
	if len(mirrored.Ranges) != len(c.Ranges) {
		t.Fatalf("%d ranges, but %d with the models exchanged", len(c.Ranges), len(mirrored.Ranges))
	}
	for i, r := range mirrored.Ranges {
		if w := c.Ranges[i]; r.Better || r.From != w.From || r.To != w.To || r.Difference != -w.Difference {
			t.Errorf("exchanged: %+v, but %+v", r, w)
		}
	}
}

// TestCoverageRangesNeedErrors: nothing is compared where hardly anything is wrong.
func TestCoverageRangesNeedErrors(t *testing.T) {
	var a, b []answer
	for i := range 500 {
		a, b = append(a, answer{float64(i), i > 5}), append(b, answer{float64(i), i > 7})
	}
	c := compared(t, a, b, 100, 1)
	if c.Ranges != nil || c.Band != nil || len(c.Notes) != 1 {
		t.Errorf("%d ranges, band %+v, notes %+v; want a note alone", len(c.Ranges), c.Band, c.Notes)
	}
}

// TestVerdictsUnderTheNull: where two models differ by chance alone, a comparison
// by several metrics calls any of them better or worse in at most 5 % of tables.
func TestVerdictsUnderTheNull(t *testing.T) {
	if testing.Short() {
		t.Skip("a simulation")
	}
	r := rand.New(rand.NewPCG(11, 12))
	measures := metrics.MustMeasures("accuracy", "auroc", "aurc", "augrc", "sac@0.9", "coverage-at-risk@0.15", "ece@15")
	runs, wrong, single := 400, 0, 0
	for seed := range runs {
		a, b := noisy(r, 300, 0.5)
		trials := []*trial{newTrial("a", a), newTrial("b", b)}
		c := &Comparison{Level: 0.95}
		draws := resample.Draw(resample.Independent(300), uint64(seed), 399)
		for _, t := range trials {
			t.values = resample.Intervals(t.ranked, measures, resample.Options{Level: 0.95})
		}
		c.test(trials, measures, draws, Options{Level: 0.95, Parallel: pool.Each})
		if slices.ContainsFunc(c.Metrics, func(d Difference) bool { return d.Verdict == ranks.Better || d.Verdict == ranks.Worse }) {
			wrong++
		}
		if slices.ContainsFunc(c.Metrics, func(d Difference) bool { return d.P <= 0.05 }) {
			single++
		}
	}
	share := float64(wrong) / float64(runs)
	t.Logf("a verdict in %.3f of %d tables without a difference, a p-value of 0.05 before adjustment in %.3f", share, runs, float64(single)/float64(runs))
	if limit := 0.05 + 3*math.Sqrt(0.05*0.95/float64(runs)); share > limit {
		t.Errorf("a verdict in %v of tables, want at most %v", share, limit)
	}
	if single <= wrong {
		t.Error("adjustment changes nothing: the test tests nothing")
	}
}
