package hedge

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"abstain/datasets"
	"abstain/harness/store"
	"abstain/metrics"
	"abstain/metrics/credal"
	"abstain/metrics/sets"
)

var long = flag.Bool("long", false, "simulate the law of coverage with 4000 draws in place of 200, which takes two minutes")

// drawn are logits of a cloud and of an edge over n new rows. With ties the logits are whole
// and rows of a few kinds, so that scores are equal; same makes the models equal.
func drawn(rng *rand.Rand, n, classes int, ties, same bool) (cloud, edge *vectors) {
	cloud = &vectors{Outcomes: &store.Outcomes{Outcomes: &metrics.Outcomes{Label: make([]int32, n)}}, classes: classes, logits: true, f32: make([]float32, n*classes)}
	edge = &vectors{Outcomes: cloud.Outcomes, classes: classes, logits: true, f32: make([]float32, n*classes)}
	for i := range n {
		cloud.Label[i] = int32(rng.IntN(classes))
		kind := rng.IntN(4)
		for c := range classes {
			k := i*classes + c
			z := rng.NormFloat64()
			if ties {
				z = float64((kind*7 + c*c*3) % 5)
			}
			cloud.f32[k] = float32(z)
			if int32(c) == cloud.Label[i] && !ties {
				cloud.f32[k] += 2
			}
			edge.f32[k] = cloud.f32[k]
			if !same {
				edge.f32[k] = 2*cloud.f32[k] + float32(kind%2*c)
				if !ties {
					edge.f32[k] += float32(rng.NormFloat64())
				}
			}
		}
	}
	return cloud, edge
}

// TestCoverageFollowsItsLaw: of new draws of tempering, calibration and judged rows, the number
// of judged rows whose set holds the cloud's distribution is Beta-binomial where scores do not
// tie, and no smaller where they do.
func TestCoverageFollowsItsLaw(t *testing.T) {
	const judged, classes = 40, 3
	draws := 200
	switch {
	case *long:
		draws = 4000
	case testing.Short():
		t.Skip("a simulation")
	}
	for _, c := range []struct {
		divergence string
		n          int
		eps        float64
		ties, same bool
	}{
		{"kl", 19, 0.1, false, false}, {"kl", 60, 0.3, false, false}, {"tv", 30, 0.5, false, false}, {"alpha@0.9", 12, 0.2, false, false},
		{"renyi@1.5", 25, 0.4, false, false}, {"inner", 20, 0.2, false, false}, {"wasserstein", 20, 0.3, false, false}, {"kl-reverse", 15, 0.25, false, false},
		{"kl", 5, 0.1, false, false}, // k > n: the set is everything
		{"kl", 19, 0.3, true, false}, {"tv", 30, 0.5, true, false}, {"alpha@0.9", 40, 0.1, true, false},
		{"kl", 20, 0.5, false, true}, {"alpha@1.2", 20, 0.3, false, true}, // equal models, whose cloud has a temperature
	} {
		t.Run(fmt.Sprintf("%s/n=%d,eps=%v,ties=%v,same=%v", c.divergence, c.n, c.eps, c.ties, c.same), func(t *testing.T) {
			d, err := credal.Parse(c.divergence)
			if err != nil {
				t.Fatal(err)
			}
			rng := rand.New(rand.NewPCG(17, uint64(c.n)))
			count := make([]int, judged+1)
			const temper = 25
			for range draws {
				cloud, edge := drawn(rng, temper+c.n+judged, classes, c.ties, c.same)
				temperature := 1.3
				if !c.ties {
					if temperature, err = cloud.temperature(upTo(0, temper), "nll"); err != nil {
						t.Fatal(err)
					}
					temperature = math.Min(8, math.Max(0.2, temperature))
				}
				scores := scoresOf([]credal.Divergence{d}, cloud, edge, upTo(temper, c.n), temperature)[0]
				count[coveredOf(t, d, credal.Threshold(scores, c.eps), cloud, edge, temperature, temper+c.n)]++
			}
			compareLaw(t, count, draws, sets.LawOf(c.n, c.eps), c.ties || c.divergence == "inner")
		})
	}
}

// coveredOf counts the rows from one on whose sets hold the cloud, as the stage does.
func coveredOf(t *testing.T, d credal.Divergence, threshold float64, cloud, edge *vectors, temperature float64, from int) int {
	set, err := credal.NewSet(d, threshold)
	if err != nil {
		t.Fatal(err)
	}
	spec := metrics.Spec{Kind: metrics.FromProbs, Classes: cloud.classes, Column: "probs", Functions: []string{"msp"}}
	j := &judging{d: []credal.Divergence{d}, temperature: temperature, own: math.NaN(), over: cloud, at: []*atEps{{set: set}},
		beside:  map[string]*claims{"edge": {}, "own": {}, "cloud": {}},
		streams: map[string]*metrics.Collector{Intersection: metrics.NewCollector(spec), Entropy: metrics.NewCollector(spec)}}
	w, n := newWork(cloud.classes), len(cloud.Label)
	for i := from; i < n; i++ {
		if err := j.row(w, &datasets.Batch{N: n, F32: edge.f32}, i, i, cloud.Label[i], true); err != nil {
			t.Fatal(err)
		}
	}
	return j.at[0].covered
}

func upTo(from, n int) []int32 {
	all := make([]int32, n)
	for i := range all {
		all[i] = int32(from + i)
	}
	return all
}

// compareLaw compares the distribution of counts with the law's: by the largest distance of
// their distribution functions, where scores tie only towards fewer covered rows.
func compareLaw(t *testing.T, count []int, draws int, law sets.Law, atLeast bool) {
	t.Helper()
	judged := len(count) - 1
	limit := 1.95 / math.Sqrt(float64(draws)) // Kolmogorov's: less than 0.1 % of draws beyond it
	upTo, worst, mean := 0, 0.0, 0.0
	for k, n := range count {
		upTo += n
		mean += float64(k*n) / float64(draws)
		off := float64(upTo)/float64(draws) - law.CountAtMost(k, judged)
		if !atLeast {
			off = math.Abs(off)
		}
		worst = math.Max(worst, off)
	}
	t.Logf("%d draws: mean coverage %.4f, of the law %.4f; distance %.4f, limit %.4f", draws, mean/float64(judged), law.Mean(), worst, limit)
	if worst > limit {
		t.Errorf("coverage lies %v off its law, more than %v", worst, limit)
	}
}
