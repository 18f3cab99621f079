package ranks

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"abstain/metrics"
	"abstain/metrics/resample"
)

// world is a simulated leaderboard: true values, and the covariance of estimates.
type world struct {
	truth      []float64 // higher is better
	covariance *resample.Matrix
	noise      *Noise
}

// newWorld gives the models standard errors between 1 and 3 and correlations of 0.6.
func newWorld(t *testing.T, truth []float64) *world {
	n := len(truth)
	c := resample.NewMatrix(n)
	for i := range n {
		for j := range n {
			c.Data[i*n+j] = 0.6 * deviation(i) * deviation(j)
			if i == j {
				c.Data[i*n+j] /= 0.6
			}
		}
	}
	return &world{truth, c, mustNoise(t, c)}
}

func deviation(i int) float64 { return 1 + float64(i%5)/2 }

// estimates are the true values with one draw of the noise, made without Noise.
func (w *world) estimates(r *rand.Rand) []float64 {
	common := math.Sqrt(0.6) * r.NormFloat64()
	x := make([]float64, len(w.truth))
	for i, v := range w.truth {
		x[i] = v + deviation(i)*(common+math.Sqrt(0.4)*r.NormFloat64())
	}
	return x
}

// possible are the ranks that breaking true ties could give each model.
func (w *world) possible() []Interval {
	ranks := make([]Interval, len(w.truth))
	for i, v := range w.truth {
		ranks[i] = Interval{1, len(w.truth)}
		for _, u := range w.truth {
			if u > v {
				ranks[i].Lo++
			}
			if u < v {
				ranks[i].Hi--
			}
		}
	}
	return ranks
}

// naive are the percentile intervals from bootstrapping the ranks themselves.
func (w *world) naive(x []float64, r *rand.Rand) []Interval {
	const replicates = 200
	ranks := make([][]int, len(x))
	for range replicates {
		again := (&world{truth: x}).estimates(r)
		for i, v := range again {
			rank := 1
			for _, u := range again {
				if u > v {
					rank++
				}
			}
			ranks[i] = append(ranks[i], rank)
		}
	}
	sets := make([]Interval, len(x))
	for i := range sets {
		slices.Sort(ranks[i])
		sets[i] = Interval{ranks[i][replicates/40], ranks[i][replicates-1-replicates/40]}
	}
	return sets
}

// coverage counts how often sets hold ranks.
type coverage struct{ one, all, rounds float64 }

func (c *coverage) add(ranks []Interval, set func(i int) Interval) {
	held := 0
	for i, r := range ranks {
		if s := set(i); s.Lo <= r.Lo && r.Hi <= s.Hi {
			held++
		}
	}
	c.rounds++
	c.one += float64(held) / float64(len(ranks))
	if held == len(ranks) {
		c.all++
	}
}

// simulate returns the coverage of marginal sets, of simultaneous sets, and of
// naive intervals.
func (w *world) simulate(t *testing.T, rounds int) (marginal, simultaneous, naive coverage) {
	r := rand.New(rand.NewPCG(11, 12))
	for round := range rounds {
		x := w.estimates(r)
		sets := mustRanks(t, x, w.noise, Options{Better: metrics.Higher, Draws: 400, Seed: uint64(round), Marginal: true})
		marginal.add(w.possible(), func(i int) Interval { return sets.Sets[i].Marginal })
		simultaneous.add(w.possible(), func(i int) Interval { return sets.Sets[i].Simultaneous })
		boot := w.naive(x, r)
		naive.add(w.possible(), func(i int) Interval { return boot[i] })
	}
	return marginal, simultaneous, naive
}

// TestCoverageWithTies: with all models exactly tied, sets hold every rank that
// breaking the ties could give as often as the level says, no less and, as all
// comparisons are of equals, no more.
func TestCoverageWithTies(t *testing.T) {
	if testing.Short() {
		t.Skip("a simulation of a thousand boards")
	}
	const rounds = 1000
	w := newWorld(t, make([]float64, 20))
	marginal, simultaneous, naive := w.simulate(t, rounds)
	t.Logf("20 tied models: marginal %.3f, simultaneous %.3f, naive bootstrap %.3f and at once %.3f",
		marginal.one/rounds, simultaneous.all/rounds, naive.one/rounds, naive.all/rounds)
	margin := 3 * math.Sqrt(0.95*0.05/rounds)
	if got := marginal.one / rounds; math.Abs(got-0.95) > margin {
		t.Errorf("marginal sets cover with %.3f", got)
	}
	if got := simultaneous.all / rounds; math.Abs(got-0.95) > margin {
		t.Errorf("simultaneous sets cover with %.3f", got)
	}
	if naive.one > 0.5*rounds || naive.all > 0 {
		t.Errorf("the naive bootstrap covers with %.3f and at once with %.3f: it should fail here", naive.one/rounds, naive.all/rounds)
	}
}

// TestCoverageNearTies: models in a strict order that no data could show, and
// further ones far away, so that every model has one true rank or a few.
// One-sided mistakes only count, so the sets cover more often than the level says.
func TestCoverageNearTies(t *testing.T) {
	const rounds = 400
	var truth []float64
	for i := range 16 {
		truth = append(truth, -1e-9*float64(i)-30*float64(i/8))
	}
	marginal, simultaneous, naive := newWorld(t, truth).simulate(t, rounds)
	t.Logf("two groups of near ties: marginal %.3f, simultaneous %.3f, naive bootstrap %.3f and at once %.3f",
		marginal.one/rounds, simultaneous.all/rounds, naive.one/rounds, naive.all/rounds)
	margin := 3 * math.Sqrt(0.95*0.05/rounds)
	if got := marginal.one / rounds; got < 0.95-margin {
		t.Errorf("marginal sets cover with %.3f", got)
	}
	if got := simultaneous.all / rounds; got < 0.95-margin {
		t.Errorf("simultaneous sets cover with %.3f", got)
	}
	if naive.one > 0.9*rounds || naive.all > 0.5*rounds {
		t.Errorf("the naive bootstrap covers with %.3f and at once with %.3f: it should fail here", naive.one/rounds, naive.all/rounds)
	}
}
