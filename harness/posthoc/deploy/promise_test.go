package deploy_test

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"abstain/datasets"
	"abstain/harness/posthoc/deploy"
	"abstain/harness/results"
	"abstain/harness/store"
	"abstain/metrics"
)

var long = flag.Bool("long", false, "simulate with 2500 draws in place of 60, which takes minutes")

// world is a distribution of rows: the confidence is uniform in (0, 1), rounded up to so many
// levels if levels is positive; risk is the chance of an error at it.
type world struct {
	risk   func(confidence float64) float64
	levels float64
	// feasible says that some threshold has less risk than the promise.
	feasible bool
}

// worlds are hard for promises of risk r: accuracy near the target, ties, no feasible threshold,
// errors among the most trusted, perfect models.
func worlds(r float64) map[string]world {
	return map[string]world{
		"near the target":  {risk: func(float64) float64 { return 1.02 * r }},
		"nothing feasible": {risk: func(float64) float64 { return 1.5 * r }},
		"five levels, one above": {levels: 5, feasible: true, risk: func(v float64) float64 {
			if v > 0.5 && v < 0.7 {
				return 3 * r
			}
			return 0.5 * r
		}},
		"two levels":       {levels: 2, feasible: true, risk: func(v float64) float64 { return map[bool]float64{true: 0.98 * r, false: 1.3 * r}[v > 0.5] }},
		"ranked":           {feasible: true, risk: func(v float64) float64 { return math.Min(1, 4*r*(1-v)) }},
		"worst at the top": {feasible: true, risk: func(v float64) float64 { return map[bool]float64{true: 4 * r, false: 0.4 * r}[v > 0.9] }},
		"all right":        {feasible: true, risk: func(float64) float64 { return 0 }},
	}
}

func (w world) level(v float64) float64 {
	if w.levels > 0 {
		return math.Ceil(v*w.levels) / w.levels
	}
	return v
}

const steps = 20000

// truth is the share of rows above a threshold, and that of rows above it and wrong, by slices.
type truth struct{ accepted, wrong [steps + 1]float64 }

func (w world) truth() *truth {
	t := new(truth)
	for k := steps - 1; k >= 0; k-- {
		t.accepted[k] = t.accepted[k+1] + 1./steps
		t.wrong[k] = t.wrong[k+1] + w.risk(w.level((float64(k)+0.5)/steps))/steps
	}
	return t
}

// above is that of the threshold; rows of a level lie in the slices below it.
func (t *truth) above(threshold float64) (accepted, wrong float64) {
	k := int(math.Round(math.Min(1, math.Max(0, threshold)) * steps))
	return t.accepted[k], t.wrong[k]
}

// keep puts n rows of the world into a folder, as the outcomes of a model's only split.
func (w world) keep(t *testing.T, s *results.Results, model string, rng *rand.Rand, n int, workspace *store.Workspace) {
	t.Helper()
	o := &metrics.Outcomes{Confidences: []metrics.Confidence{{Name: "stored"}}}
	for range n {
		v := w.level(rng.Float64())
		o.Correct = append(o.Correct, rng.Float64() >= w.risk(v))
		o.Confidences[0].Value = append(o.Confidences[0].Value, v)
	}
	if err := store.Folder(s.Dir).SaveOutcomes(model, &store.Outcomes{Outcomes: o, IDs: datasets.IDs{}}, workspace); err != nil {
		t.Fatal(err)
	}
	s.Kept[results.Key{Model: model, Dataset: "d", Split: "test", Condition: "clean", Transform: "none"}] = model
}

// TestPromisesThroughFolder: over many draws, each kept as a run keeps it, the thresholds that
// Choose gives break their promise no more often than they say, in every world; and where
// nothing is feasible they are given as seldom.
func TestPromisesThroughFolder(t *testing.T) {
	draws := 60
	switch {
	case *long:
		draws = 2500
	case testing.Short():
		draws = 20
	}
	const risk, delta = 0.1, 0.1
	seldom := func(share float64) bool { return share <= delta+3.5*math.Sqrt(delta*(1-delta)/float64(draws)) }
	var worst struct {
		share float64
		what  string
	}
	loose := 0.0 // the most often that the empirical threshold breaks the risk
	for name, w := range worlds(risk) {
		known := w.truth()
		for _, n := range []int{30, 120} {
			rng := rand.New(rand.NewPCG(uint64(n), uint64(len(name))))
			broken, given, crc := map[string]int{}, map[string]int{}, 0.0
			for d := range draws { // a folder each: models are not compared here
				s := &results.Results{Dir: t.TempDir(), Kept: map[results.Key]string{}}
				model := fmt.Sprintf("m%d", d)
				w.keep(t, s, model, rng, n, new(store.Workspace))
				for _, m := range deploy.Methods() {
					got, err := deploy.Choose(s, deploy.Asked{Model: model, Risk: risk, Delta: delta, Level: 0.95, Method: m.ID, Positive: -1})
					if err != nil {
						t.Fatal(err)
					}
					if got.On != nil || got.Choice.N != n {
						t.Fatalf("rows that chose are judged: %+v", got)
					}
					if !got.Choice.Feasible {
						continue
					}
					given[m.ID]++
					accepted, wrong := known.above(got.Choice.Above)
					promised := wrong
					if !m.Joint {
						promised = wrong / accepted
					}
					if accepted > 0 && promised > risk+1e-9 {
						broken[m.ID]++
					}
					if m.Average {
						crc += wrong / float64(draws)
					}
				}
			}
			for _, m := range deploy.Methods() {
				share := float64(broken[m.ID]) / float64(draws)
				switch {
				case m.None:
					loose = max(loose, share)
				case m.Average:
				case !seldom(share):
					t.Errorf("%s, %s, n = %d: broken in %.4f of %d draws, delta %v", m.ID, name, n, share, draws, delta)
				case share > worst.share:
					worst.share, worst.what = share, fmt.Sprintf("%s, %s, n = %d", m.ID, name, n)
				}
				if !w.feasible && !m.Joint && !m.None && !seldom(float64(given[m.ID])/float64(draws)) {
					t.Errorf("%s, %s, n = %d: a threshold is given in %d of %d draws", m.ID, name, n, given[m.ID], draws)
				}
			}
			if crc > risk+3.5*risk/math.Sqrt(float64(draws)) {
				t.Errorf("crc, %s, n = %d: %.4f of all rows are answered and wrong on average", name, n, crc)
			}
			if name == "all right" && n == 120 && (given["ltt"] != draws || given["sgr"] != draws) {
				t.Errorf("a model without an error gets a threshold in %d (ltt) and %d (sgr) of %d draws", given["ltt"], given["sgr"], draws)
			}
		}
	}
	t.Logf("%d draws each: most often broken, in %.4f: %s; the empirical threshold in up to %.2f", draws, worst.share, worst.what, loose)
	if loose < 0.5 {
		t.Errorf("the empirical threshold breaks the risk in at most %.2f of the draws: is anything measured?", loose)
	}
}

// TestNothingFeasibleIsSaid: the least risk that the rows can promise is that of the method.
func TestNothingFeasibleIsSaid(t *testing.T) {
	s := &results.Results{Dir: t.TempDir(), Kept: map[results.Key]string{}}
	worlds(0.1)["all right"].keep(t, s, "m", rand.New(rand.NewPCG(1, 2)), 200, new(store.Workspace))
	for method, want := range map[string]float64{"ltt": 0.0261, "one-start": 0.0228, "sgr": 0.0228, "rcps": 0.0228, "crc": 0.0050} {
		got, err := deploy.Choose(s, deploy.Asked{Model: "m", Risk: 0.004, Delta: 0.01, Level: 0.95, Method: method, Positive: -1})
		if err != nil || got.Choice.Feasible || math.Abs(got.Least-want) > 5e-5 {
			t.Errorf("%s: feasible %v, least %v, want %v; %v", method, got.Choice.Feasible, got.Least, want, err)
		}
		got, err = deploy.Choose(s, deploy.Asked{Model: "m", Risk: want + 1e-4, Delta: 0.01, Level: 0.95, Method: method, Positive: -1})
		if err != nil || !got.Choice.Feasible {
			t.Errorf("%s: a risk of %v is not promised by 200 rows that are all right: %v", method, want+1e-4, err)
		}
	}
	for _, risk := range []float64{0, 1, -0.1, 5, math.NaN(), math.Inf(1)} {
		if _, err := deploy.Choose(s, deploy.Asked{Model: "m", Risk: risk, Delta: 0.01, Level: 0.95, Positive: -1}); err == nil {
			t.Errorf("risk %v is not refused", risk)
		}
	}
}
