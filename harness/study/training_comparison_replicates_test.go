package study

import (
	"flag"
	"math"
	"math/rand/v2"
	"testing"

	"abstain/metrics"
	"abstain/metrics/resample"
)

// world is a population of rows, and models that answer them: in each seed two models, a and b.
type world struct {
	name   string
	metric string // of metrics, or a criterion of fairness
	overA  float64
	overB  float64 // overconfidence: 1 is calibrated, 0 is always sure
	biasA  float64 // of the two models: how much more often group 1 is given class 1
	biasB  float64
	want   float64 // the difference of a and b in the population
}

// seedPair draws a seed's models on rows that all seeds share. hard says which rows are hard, by uniform numbers.
func (w world) seedPair(hard, common []float64, group []int32, random *rand.Rand) (a, b *metrics.Outcomes) {
	n := len(hard)
	make1 := func(over, bias float64) *metrics.Outcomes {
		o := &metrics.Outcomes{Classes: 2, Label: make([]int32, n), Prediction: make([]int32, n), Correct: make([]bool, n)}
		c := metrics.Confidence{Name: "msp", Probability: true, Value: make([]float64, n)}
		g := metrics.Group{Name: "g", Levels: []string{"0", "1"}, Code: group}
		for i, h := range hard {
			right := 0.5 + 0.5*h // the true probability of a right answer
			o.Label[i] = int32(i % 2)
			p1 := right // of class 1
			if o.Label[i] == 0 {
				p1 = 1 - right
			}
			p1 = min(max(p1+bias*(float64(group[i])-0.5), 0), 1)
			// Half of what decides an answer is the row's own, in all seeds alike.
			u := common[i]
			if random.Float64() < 0.5 {
				u = random.Float64()
			}
			if u < p1 {
				o.Prediction[i] = 1
			}
			o.Correct[i] = o.Prediction[i] == o.Label[i]
			c.Value[i] = 1 - over*(1-right)
		}
		o.Confidences, o.Groups = []metrics.Confidence{c}, []metrics.Group{g}
		return o
	}
	return make1(w.overA, w.biasA), make1(w.overB, w.biasB)
}

// values are the metric of a model, and on replicates.
func (w world) values(o *metrics.Outcomes, drawn *resample.Replicates) (float64, []float64) {
	if of, ok := criteria[w.metric]; ok {
		t := &tally{o, &o.Groups[0]}
		var values []float64
		for k := range seedReplicates {
			values = append(values, of(t.of(drawn.Counts(k))))
		}
		return of(t.of(nil)), values
	}
	m := metrics.MustMeasure(w.metric)
	r := metrics.Rank(o, o.Confidence("msp"))
	return m.Of(r).Value, resample.Bootstrap(r, []metrics.Measure{m}, drawn)[0]
}

var longSimulation = flag.Bool("long", false, "simulate all worlds, which takes some minutes")

// TestReplicateIntervalsHold: the same of metrics whose standard error by the rows comes from replicates. Calibration
// errors and differences between groups cannot be negative, so they are too high where they are small: even where one
// of two models is calibrated and the other far from it, the interval holds. It is wide, because the replicates' error
// has a part of the seeds' in it.
func TestReplicateIntervalsHold(t *testing.T) {
	if testing.Short() {
		t.Skip("simulates for half a minute")
	}
	const seeds, n = 5, 500
	worlds := 60
	if *longSimulation {
		worlds = 300
	}
	for _, w := range []world{
		{name: "both overconfident", metric: "ece@15", overA: 0.3, overB: 0.6, want: 0.075},
		{name: "one calibrated", metric: "ece@15", overA: 0.3, overB: 1, want: 0.175},
		{name: "both calibrated", metric: "ece@15", overA: 1, overB: 1},
		{name: "equal mass", metric: "ece-mass@15", overA: 0.3, overB: 0.6, want: 0.075},
		{name: "kernels", metric: "sece@0.05", overA: 0.3, overB: 0.6, want: 0.075},
		{name: "unfair against fair", metric: "equalised-odds-difference", overA: 1, overB: 1, biasA: 0.4, want: math.NaN()},
		{name: "both unfair", metric: "positive-rate-difference", overA: 1, overB: 1, biasA: 0.4, biasB: 0.2, want: math.NaN()},
		{name: "both fair", metric: "accuracy-equality-difference", overA: 1, overB: 1},
		{name: "worst cell", metric: "worst-cell-accuracy", overA: 1, overB: 1, biasA: 0.4, biasB: 0.2, want: math.NaN()},
	} {
		random := rand.New(rand.NewPCG(11, 7))
		draw := func(n int) (hard, common []float64, group []int32) {
			for range n {
				hard, common, group = append(hard, random.Float64()), append(common, random.Float64()), append(group, int32(random.IntN(2)))
			}
			return
		}
		if math.IsNaN(w.want) { // of a population so large that chance does not matter
			a, b := w.seedPair(append3(draw(400000))(random))
			w.want = criteria[w.metric]((&tally{a, &a.Groups[0]}).of(nil)) - criteria[w.metric]((&tally{b, &b.Groups[0]}).of(nil))
		}
		if w.metric == "sece@0.05" && !*longSimulation {
			continue // its time grows with the square of the rows
		}
		held, reach := 0, 0.0
		for at := range worlds {
			hard, common, group := draw(n)
			drawn := resample.Draw(resample.Independent(n), uint64(at+1), seedReplicates)
			var differences, errors []float64
			for range seeds {
				a, b := w.seedPair(hard, common, group, random)
				va, ra := w.values(a, drawn)
				vb, rb := w.values(b, drawn)
				differences, errors = append(differences, va-vb), append(errors, spreadOf(ra, rb, 1))
			}
			p := pairedMean(differences, errors, 0.95)
			reach += p.Reach / float64(worlds)
			if in := p.Bounds(); in.Lo <= w.want && w.want <= in.Hi {
				held++
			}
		}
		share := float64(held) / float64(worlds)
		t.Logf("%s, %s: holds in %.3f, difference %.4f, half width %.4f", w.name, w.metric, share, w.want, reach)
		if share < 0.95-2.5*math.Sqrt(0.95*0.05/float64(worlds)) {
			t.Errorf("%s, %s: the interval holds in %.3f of the worlds", w.name, w.metric, share)
		}
	}
}

func append3(hard, common []float64, group []int32) func(*rand.Rand) ([]float64, []float64, []int32, *rand.Rand) {
	return func(r *rand.Rand) ([]float64, []float64, []int32, *rand.Rand) { return hard, common, group, r }
}
