package study

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"abstain/metrics/stattest"
)

// closed is the closed test behind holm in the plainest form: a hypothesis is rejected if
// every set of hypotheses that holds it is, and a set is tested by its least p-value times
// the number of its tests that could have reached it.
func closed(family []trial) []float64 {
	adjusted := make([]float64, len(family))
	for set := uint(1); set < 1<<len(family); set++ {
		p := 1.0
		for i, t := range family {
			if set>>i&1 == 0 {
				continue
			}
			could := 0
			for j := range family {
				if set>>j&1 == 1 && family[j].least <= t.p {
					could++
				}
			}
			p = min(p, float64(could)*t.p)
		}
		for i := range family {
			if set>>i&1 == 1 {
				adjusted[i] = max(adjusted[i], p)
			}
		}
	}
	return adjusted
}

// Adjusted p-values are never below those of the closed test, so the probability of a
// false rejection is as it says, and never above those of Holm's plain correction.
func TestHolmIsBetweenClosedTestAndHolm(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	smaller := 0
	for range 3000 {
		family := make([]trial, 1+random.IntN(6))
		ps := make([]float64, len(family))
		for i := range family {
			n := 1 + random.IntN(10)
			least := leastSigned(n)
			family[i] = trial{min(1, least*float64(1+random.IntN(1<<random.IntN(n)))), least}
			ps[i] = family[i].p
		}
		adjusted, below, above := holm(family), closed(family), stattest.Holm(ps)
		for i := range family {
			if adjusted[i] < below[i]-1e-12 || adjusted[i] > above[i]+1e-12 {
				t.Fatalf("%v: adjusted %v, closed %v, Holm %v", family, adjusted, below, above)
			}
			if adjusted[i] < above[i]-1e-12 {
				smaller++
			}
		}
	}
	if smaller == 0 {
		t.Error("tests that cannot reach a p-value count all the same")
	}
	if got := holm([]trial{{math.NaN(), 1}, {0.01, 0.001}}); !math.IsNaN(got[0]) || got[1] != 0.01 {
		t.Errorf("a test without a p-value: %v", got)
	}
}

// The published pairs: of six regimes with 26, 9, 8, 7, 4 and 4 twins, all eight changes of
// one sign are proven, and of seven or four they could not be.
func TestUnanimousChangesAreVisible(t *testing.T) {
	f := &Folder{level: 0.95}
	of := func(n int, sign bool) Changes {
		p := pairing{names: units(n), unit: units(n)}
		for i := range n {
			v := float64(i + 1)
			if !sign && i%2 == 0 {
				v = -v
			}
			p.values = append(p.values, v)
		}
		return p.sum(f.level, 1)
	}
	changes := []Changes{of(26, true), of(9, false), of(8, true), of(7, false), of(4, true), of(4, false)}
	f.adjust(changes, []int{0, 1, 2, 3, 4, 5})
	for k, want := range []struct {
		proof    Proof
		hopeless bool
	}{{Proven, false}, {Unproven, false}, {Proven, false}, {Unproven, false}, {Unproven, true}, {Unproven, true}} {
		if c := changes[k]; c.Proof != want.proof || c.Hopeless != want.hopeless || c.Tests != 6 {
			t.Errorf("regime %d of %d twins: proof %d, hopeless %v, p %v of %v, %d tests", k, c.Units, c.Proof, c.Hopeless, c.P, c.Wilcoxon.P, c.Tests)
		}
	}
	alone := []Changes{of(5, true)}
	f.adjust(alone, []int{0})
	if c := alone[0]; !c.Hopeless || c.Verdict() != "too few units" {
		t.Errorf("five twins of one sign: %+v", c)
	}
}

// Without any effect the probability that a regime of a metric is called better or worse
// is at most 5 %, however few twins the regimes have, though they share base twins and
// several models of a regime have the same one.
func TestFalseClaimsOfRegimes(t *testing.T) {
	if testing.Short() {
		t.Skip("a simulation")
	}
	const runs = 3000
	f := &Folder{level: 0.95}
	random := rand.New(rand.NewPCG(3, 4))
	for _, sizes := range [][]int{{4, 5, 6, 6, 7, 7, 8, 8}, {6, 6, 6, 6, 6, 20}, {9, 10, 11, 12, 15, 20, 25, 30}, {6}} {
		for _, shared := range []float64{0, 0.8} { // the share of a base's own noise, which all its pairs have
			for _, copies := range []int{1, 3} {
				claims := 0
				for range runs {
					bases := make([]float64, 30)
					for i := range bases {
						bases[i] = random.NormFloat64()
					}
					changes := make([]Changes, len(sizes))
					for k, n := range sizes {
						var p pairing
						for i := range n {
							for range copies {
								p.names, p.unit = append(p.names, "model"), append(p.unit, fmt.Sprint(i))
								p.values = append(p.values, shared*bases[i]+math.Sqrt(1-shared*shared)*random.NormFloat64())
							}
						}
						changes[k] = p.tested()
					}
					members := make([]int, len(sizes))
					for k := range members {
						members[k] = k
					}
					f.adjust(changes, members)
					for _, c := range changes {
						if c.P <= 1-f.level {
							claims++
							break
						}
					}
				}
				share := float64(claims) / runs
				t.Logf("%v twins, shared %v, %d models a twin: %.4f", sizes, shared, copies, share)
				if share > 0.05+3*math.Sqrt(0.05*0.95/runs) {
					t.Errorf("%v twins, shared %v, %d models a twin: a false claim in %.4f of the metrics", sizes, shared, copies, share)
				}
			}
		}
	}
}

// tested is the test of sum without its intervals, which take long and are no part of it.
func (p pairing) tested() Changes {
	units := grouped(p.unit)
	return Changes{Values: p.values, Units: len(units), Wilcoxon: stattest.SignedRank(unitMeans(p.values, units)), Samples: noBounds, Models: noBounds, Both: noBounds}
}

// Better and worse take the test and the interval; what is beyond chance by the test but
// has no interval, or one that holds 0, is neither proven nor said to be sure.
func TestRegimesNeedTestAndInterval(t *testing.T) {
	change := func(p float64, in Bounds, hopeless bool) Changes {
		c := Changes{P: p, Median: 0.1, Tests: 3, Hopeless: hopeless, Samples: noBounds, Models: in, Both: noBounds}
		c.Proof = c.proof(0.95)
		return c
	}
	var r RegimeChanges
	for _, c := range []Changes{change(0.01, Bounds{0.05, 0.2}, false), change(0.047, Bounds{-0.05, 0.2}, false), change(0.01, noBounds, false),
		change(0.2, Bounds{0.05, 0.2}, false), change(0.5, noBounds, true)} {
		r.add(c, 1)
	}
	if len(r.Better) != 1 || len(r.Worse) != 0 || len(r.Doubtful) != 1 || r.Doubtful[0].P != 0.047 || r.Open != 2 || len(r.TooFew) != 1 {
		t.Errorf("%+v", r)
	}
	r = RegimeChanges{}
	if r.add(change(0.01, Bounds{0.05, 0.2}, false), -1); len(r.Worse) != 1 {
		t.Errorf("a rise of what is better lower: %+v", r)
	}
}
