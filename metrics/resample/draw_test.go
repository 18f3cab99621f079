package resample_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"abstain/metrics"
	_ "abstain/metrics/internal/conformance" // its flag
)

// world is a population of which the truth is known: a sample's confidence is
// uniform on [0.2, 1], on a grid if grid > 0, and it is right with probability
// curve(confidence).
type world struct {
	curve   func(v float64) float64
	grid    int
	outside float64 // share of samples out of distribution
	silent  float64 // share of samples that the model does not answer, more of them where it should not
}

// overconfident is right less often than it says, the more so the surer it is.
func overconfident(v float64) float64 { return 0.1 + 0.75*v }

// honest is as right as it says.
func honest(v float64) float64 { return v }

func (w world) draw(rng *rand.Rand, n int) *metrics.Outcomes {
	const classes = 4
	o := &metrics.Outcomes{Classes: classes}
	c := metrics.Confidence{Name: "msp", Probability: true}
	for range n {
		v := 0.2 + 0.8*rng.Float64()
		if w.grid > 0 {
			v = math.Ceil(v*float64(w.grid)) / float64(w.grid)
		}
		label, right := int32(rng.IntN(classes)), rng.Float64() < w.curve(v)
		prediction, rank := label, int32(0)
		if !right {
			rank = int32(1 + rng.IntN(classes-1))
			prediction = (label + rank) % classes
		}
		nll, brier := rng.ExpFloat64(), 2*rng.Float64()
		if rng.Float64() < w.outside {
			label, right, rank, nll, brier = -1, false, -1, math.NaN(), math.NaN()
			v *= 0.9
		}
		o.Label, o.Prediction, o.Correct = append(o.Label, label), append(o.Prediction, prediction), append(o.Correct, right)
		o.LabelRank, o.NLL, o.Brier = append(o.LabelRank, rank), append(o.NLL, nll), append(o.Brier, brier)
		c.Value = append(c.Value, v)
		size := 1 + int32((1-v)*classes) // without a draw, so that worlds stay as they were
		o.SetSize, o.SetHolds, o.SetAlpha = append(o.SetSize, size), append(o.SetHolds, right || rank < size-1), 0.1
		if w.silent > 0 {
			w.withhold(rng, o)
		}
	}
	o.Confidences = []metrics.Confidence{c}
	return o
}

// withhold has the model abstain from the last sample, if chance says so.
func (w world) withhold(rng *rand.Rand, o *metrics.Outcomes) {
	should := rng.Float64() < w.silent
	o.ShouldAbstain = append(o.ShouldAbstain, should)
	chance := w.silent / 2
	if should {
		chance = 0.6
	}
	if i := o.N() - 1; rng.Float64() < chance {
		o.Prediction[i], o.Correct[i] = metrics.NoAnswer, false
	}
}

func (w world) ranked(rng *rand.Rand, n int) *metrics.Ranked {
	o := w.draw(rng, n)
	return metrics.Rank(o, &o.Confidences[0])
}

func measures(t testing.TB, ids ...string) []metrics.Measure {
	t.Helper()
	ms, err := metrics.ParseMeasures(ids...)
	if err != nil {
		t.Fatal(err)
	}
	return ms
}

func generator(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 99)) }

// near compares to a relative tolerance; NaN equals NaN and infinities themselves.
func near(a, b, tolerance float64) bool {
	return a == b || math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= tolerance*math.Max(1, math.Abs(b))
}

// twins are two models of one quality on the same samples: of each sample's
// difficulty both see the same part and a share that is their own. Each is right
// as often as the other.
func twins(rng *rand.Rand, n, grid int, own float64) (one, other *metrics.Ranked) {
	base := world{curve: honest}.draw(rng, n)
	see := func() *metrics.Ranked {
		o := base.Take(rows(n))
		c := &o.Confidences[0]
		for i := range c.Value {
			v := min(max(c.Value[i]+own*(2*rng.Float64()-1), 0), 1)
			if grid > 0 {
				v = math.Round(v*float64(grid)) / float64(grid)
			}
			c.Value[i] = v
			if rng.Float64() < 2*own { // answers of its own, right as often
				o.Correct[i] = rng.Float64() < base.Confidences[0].Value[i]
			}
			o.NLL[i], o.Brier[i] = o.NLL[i]+own*rng.ExpFloat64(), min(2, o.Brier[i]+own*rng.Float64())
			o.LabelRank[i] = int32(1 + rng.IntN(3))
			if o.Correct[i] {
				o.LabelRank[i] = 0
			}
		}
		return metrics.Rank(o, c)
	}
	return see(), see()
}

func rows(n int) []int32 {
	r := make([]int32, n)
	for i := range r {
		r[i] = int32(i)
	}
	return r
}
