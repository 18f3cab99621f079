package ranks

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"abstain/metrics"
	"abstain/metrics/resample"
)

// tied are the answers of models of exactly one quality to the same samples: of
// each sample's difficulty they see the same part and one of their own.
func tied(r *rand.Rand, models, n int) []*metrics.Ranked {
	difficulty := make([]float64, n)
	for i := range difficulty {
		difficulty[i] = r.NormFloat64()
	}
	var all []*metrics.Ranked
	for range models {
		o := &metrics.Outcomes{Correct: make([]bool, n)}
		c := metrics.Confidence{Name: "score", Value: make([]float64, n)}
		for i, d := range difficulty {
			c.Value[i] = -d - 0.5*r.NormFloat64()
			o.Correct[i] = d+0.7*r.NormFloat64() < 0.9
		}
		o.Confidences = []metrics.Confidence{c}
		all = append(all, metrics.Rank(o, &o.Confidences[0]))
	}
	return all
}

// naiveSets are percentile intervals of the ranks that models have in replicates.
func naiveSets(values [][]float64, better metrics.Direction) []Interval {
	b := len(values[0])
	sets := make([]Interval, len(values))
	for i := range sets {
		ranks := make([]int, b)
		for k := range ranks {
			ranks[k] = 1
			for _, other := range values {
				if better == metrics.Higher && other[k] > values[i][k] || better == metrics.Lower && other[k] < values[i][k] {
					ranks[k]++
				}
			}
		}
		slices.Sort(ranks)
		sets[i] = Interval{ranks[b/40], ranks[b-1-b/40]}
	}
	return sets
}

// TestCoverageOfTiedModels goes the whole way: answers are simulated, and rank
// sets built from influence values (AURC) and from shared replicates (SAC). With
// all models tied, the sets have to hold every rank for every model in 95 % of
// the simulations; those of bootstrapping the ranks hold them in none.
func TestCoverageOfTiedModels(t *testing.T) {
	const models, n, b = 12, 1000, 99
	rounds := 250
	if testing.Short() {
		rounds = 60
	}
	measures, err := metrics.ParseMeasures("aurc", "sac@0.9")
	if err != nil {
		t.Fatal(err)
	}
	all := make([]Interval, models)
	for i := range all {
		all[i] = Interval{1, models}
	}
	var closed, drawn, naive coverage
	r := rand.New(rand.NewPCG(21, 22))
	design := resample.Independent(n)
	for round := range rounds {
		values, replicates := make([][]float64, 2), make([][][]float64, 2)
		var influence [][]float64
		draws := resample.Draw(design, uint64(round), b)
		for _, m := range tied(r, models, n) {
			for k, rows := range resample.Bootstrap(m, measures, draws) {
				values[k] = append(values[k], measures[k].Of(m).Value)
				replicates[k] = append(replicates[k], rows)
			}
			v, _ := resample.Influence(measures[0].Metric, 0, m)
			influence = append(influence, v)
		}
		byInfluence, err := FactoredInfluence(influence, n, inTurn)
		if err != nil {
			t.Fatal(err)
		}
		byReplicates, err := FactoredReplicates(replicates[1], inTurn)
		if err != nil {
			t.Fatal(err)
		}
		a := mustRanks(t, values[0], byInfluence, Options{Better: metrics.Lower, Draws: 400, Seed: uint64(round)})
		s := mustRanks(t, values[1], byReplicates, Options{Better: metrics.Higher, Draws: 400, Seed: uint64(round)})
		closed.add(all, func(i int) Interval { return a.Sets[i].Simultaneous })
		drawn.add(all, func(i int) Interval { return s.Sets[i].Simultaneous })
		boot := naiveSets(replicates[0], metrics.Lower)
		naive.add(all, func(i int) Interval { return boot[i] })
	}
	total := float64(rounds)
	t.Logf("%d tied models hold all ranks: AURC by influence %.3f, SAC by replicates %.3f, AURC by bootstrapped ranks %.3f (one model %.3f)",
		models, closed.all/total, drawn.all/total, naive.all/total, naive.one/total)
	margin := 3 * math.Sqrt(0.95*0.05/total)
	if got := closed.all / total; math.Abs(got-0.95) > margin {
		t.Errorf("AURC: simultaneous sets cover with %.3f", got)
	}
	if got := drawn.all / total; got < 0.95-margin {
		t.Errorf("SAC: simultaneous sets cover with %.3f", got)
	}
	if naive.all > 0 {
		t.Errorf("bootstrapping the ranks covers with %.3f: it should fail here", naive.all/total)
	}
}
