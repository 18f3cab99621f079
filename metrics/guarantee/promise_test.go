package guarantee_test

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"abstain/metrics/guarantee"
)

// population is a distribution of rows: the confidence is uniform in (0, 1), rounded up to
// so many levels if levels is positive, and risk is the chance of an error at it.
type population struct {
	risk   func(confidence float64) float64
	levels float64
}

func (p population) level(v float64) float64 {
	if p.levels > 0 {
		return math.Ceil(v*p.levels) / p.levels
	}
	return v
}

func (p population) draw(rng *rand.Rand, n int) ([]float64, []bool) {
	confidence, correct := make([]float64, n), make([]bool, n)
	for i := range confidence {
		v := rng.Float64()
		confidence[i] = p.level(v)
		correct[i] = rng.Float64() >= p.risk(confidence[i])
	}
	return confidence, correct
}

// truth is the share of rows above a confidence, and that of rows above it and wrong, by
// 20 000 slices.
type truth struct{ accepted, wrong []float64 }

const slicesOf = 20000

func (p population) truth() truth {
	t := truth{make([]float64, slicesOf+1), make([]float64, slicesOf+1)}
	for k := slicesOf - 1; k >= 0; k-- { // of those from slice k on
		v := p.level((float64(k) + 0.5) / slicesOf)
		t.accepted[k] = t.accepted[k+1] + 1./slicesOf
		t.wrong[k] = t.wrong[k+1] + p.risk(v)/slicesOf
	}
	return t
}

// above is the truth of the rule confidence > t.
func (p population) above(t truth, threshold float64) (accepted, wrong float64) {
	k := int(math.Round(math.Min(1, math.Max(0, threshold)) * slicesOf))
	if p.levels > 0 && threshold > 0 && threshold <= 1 { // rows of levels above it lie in slices above it
		k = int(math.Round(threshold * slicesOf))
	}
	return t.accepted[k], t.wrong[k]
}

// populations are hard for promises of risk r: accuracy near the target everywhere, ties,
// no feasible threshold, errors among the most trusted.
func populations(r float64) map[string]population {
	return map[string]population{
		"flat, just above": {risk: func(float64) float64 { return 1.02 * r }},
		"five levels, one above": {levels: 5, risk: func(v float64) float64 {
			if v > 0.5 && v < 0.7 {
				return 3 * r
			}
			return 0.5 * r
		}},
		"nothing feasible": {risk: func(float64) float64 { return 1.5 * r }},
		"ranked":           {risk: func(v float64) float64 { return math.Min(1, 4*r*(1-v)) }},
		"ranked well":      {risk: func(v float64) float64 { return math.Min(1, 5*r*math.Pow(1-v, 3)) }},
		"inverted":         {risk: func(v float64) float64 { return math.Min(1, 2.2*r*v) }},
		"worst at the top": {risk: func(v float64) float64 { return map[bool]float64{true: 4 * r, false: 0.4 * r}[v > 0.9] }},
		"all right":        {risk: func(float64) float64 { return 0 }},
	}
}

// long asks for as many draws as the promises were judged by.
var long = flag.Bool("long", false, "simulate with 3000 draws in place of 400, which takes a minute")

// TestPromisesHold: over many draws of few calibration rows each promise is
// broken no more often than it says, whatever the population; where risk does not fall with
// confidence, SGR's is not proved, and holds here.
func TestPromisesHold(t *testing.T) {
	simulations := 400
	switch {
	case *long:
		simulations = 3000
	case testing.Short():
		simulations = 150
	}
	for _, r := range []struct{ risk, delta float64 }{{0.1, 0.1}, {0.2, 0.05}} {
		for name, p := range populations(r.risk) {
			known := p.truth()
			for _, n := range []int{40, 150, 400} {
				broken, crc := map[string]int{}, 0.0
				coverage := map[string]float64{}
				rng := rand.New(rand.NewPCG(uint64(n), 7))
				for range simulations {
					c := guarantee.CurveOf(p.draw(rng, n))
					for method, choose := range map[string]func() (guarantee.Choice, error){
						"ltt":  func() (guarantee.Choice, error) { return guarantee.LearnThenTest(c, r.risk, r.delta) },
						"ltt1": func() (guarantee.Choice, error) { return guarantee.LearnThenTestCounts(c, r.risk, r.delta, 1, 20) },
						"sgr":  func() (guarantee.Choice, error) { return guarantee.SGR(c, r.risk, r.delta) },
						"rcps": func() (guarantee.Choice, error) { return guarantee.RCPS(c, r.risk, r.delta) },
						"crc":  func() (guarantee.Choice, error) { return guarantee.CRC(c, r.risk) },
					} {
						choice, err := choose()
						if err != nil {
							t.Fatal(err)
						}
						accepted, wrong := p.above(known, choice.Above)
						coverage[method] += accepted / float64(simulations)
						if method == "crc" {
							crc += wrong / float64(simulations)
						}
						promised := wrong
						if method != "rcps" && method != "crc" {
							promised = wrong / accepted
						}
						if choice.Feasible && accepted > 0 && promised > r.risk+1e-9 {
							broken[method]++
						}
					}
				}
				for _, method := range []string{"ltt", "ltt1", "sgr", "rcps"} {
					share := float64(broken[method]) / float64(simulations)
					if most := r.delta + 3.5*math.Sqrt(r.delta*(1-r.delta)/float64(simulations)); share > most {
						t.Errorf("%s, %s, n = %d, risk %v: broken in %.4f of the draws, delta %v", method, name, n, r.risk, share, r.delta)
					}
				}
				if crc > r.risk+3.5*r.risk/math.Sqrt(float64(simulations)) {
					t.Errorf("crc, %s, n = %d: %.4f of all rows are answered and wrong on average, risk %v", name, n, crc, r.risk)
				}
				t.Logf("%-22s n %4d risk %v: broken ltt %.4f sgr %.4f rcps %.4f; coverage ltt %.3f sgr %.3f rcps %.3f; crc mean %.4f", name, n, r.risk,
					float64(broken["ltt"])/float64(simulations), float64(broken["sgr"])/float64(simulations), float64(broken["rcps"])/float64(simulations),
					coverage["ltt"], coverage["sgr"], coverage["rcps"], crc)
			}
		}
	}
}

// TestTheEmpiricalThresholdBreaksItsPromise: what a promise is for. The largest coverage
// whose risk on the calibration rows is at most the given one has more risk on new rows
// in half of the draws and more.
func TestTheEmpiricalThresholdBreaksItsPromise(t *testing.T) {
	const n, simulations, r = 200, 1000, 0.1
	p := populations(r)["ranked"]
	known := p.truth()
	rng := rand.New(rand.NewPCG(5, 5))
	broken := 0
	for range simulations {
		c := guarantee.CurveOf(p.draw(rng, n))
		above := 1.0
		for g, m := range c.Accepted {
			if float64(c.Errors[g]) <= r*float64(m) {
				above = 0
				if g+1 < len(c.Confidence) {
					above = c.Confidence[g+1]
				}
			}
		}
		if accepted, wrong := p.above(known, above); wrong > r*accepted {
			broken++
		}
	}
	if broken < simulations*45/100 {
		t.Errorf("broken in %d of %d draws", broken, simulations)
	}
}

// plainLTT is LearnThenTest from its definition, with rows in a list and the tail summed.
func plainLTT(confidence []float64, correct []bool, risk, delta float64, starts, counts int) (accepted int) {
	n := len(confidence)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return int(math.Copysign(1, confidence[b]-confidence[a])) })
	level := delta / float64(starts)
	need := 1
	for math.Pow(1-risk, float64(need)) > level {
		need++
	}
	var candidates []int
	for i := range counts {
		m := int(math.Floor(float64(need) + float64(n-need)*float64(i)/float64(counts-1) + 0.5))
		for m < n && confidence[order[m]] == confidence[order[max(0, m-1)]] {
			m++
		}
		if need <= n && !slices.Contains(candidates, m) {
			candidates = append(candidates, m)
		}
	}
	for j := range starts {
		for _, m := range candidates[j*len(candidates)/starts:] {
			errors := 0
			for _, i := range order[:m] {
				if !correct[i] {
					errors++
				}
			}
			tail := 0.0
			for e := range errors + 1 {
				ln, _ := math.Lgamma(float64(m + 1))
				a, _ := math.Lgamma(float64(e + 1))
				b, _ := math.Lgamma(float64(m - e + 1))
				tail += math.Exp(ln - a - b + float64(e)*math.Log(risk) + float64(m-e)*math.Log1p(-risk))
			}
			if tail > level {
				break
			}
			accepted = max(accepted, m)
		}
	}
	return accepted
}

// TestAgainstDefinition, and what holds for any rows: the rule does what the choice says,
// the row order does not matter, a larger risk or delta never accepts fewer rows by the
// methods that do not search, and no method takes a threshold within a tie.
func TestAgainstDefinition(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n := rapid.IntRange(0, 120).Draw(rt, "n")
		levels := rapid.SampledFrom([]int{3, 10, 1000000}).Draw(rt, "levels")
		hard := rapid.Float64Range(0, 0.6).Draw(rt, "hard")
		confidence, correct := make([]float64, n), make([]bool, n)
		for i := range confidence {
			confidence[i] = float64(rapid.IntRange(-levels, levels).Draw(rt, "confidence")) / float64(levels)
			correct[i] = rapid.Float64Range(0, 1).Draw(rt, "right") >= hard*hard
		}
		risk, delta := rapid.SampledFrom([]float64{0.03, 0.1, 0.25, 0.5}).Draw(rt, "risk"), rapid.SampledFrom([]float64{0.01, 0.1, 0.3}).Draw(rt, "delta")
		c := guarantee.CurveOf(confidence, correct)
		ltt, err := guarantee.LearnThenTest(c, risk, delta)
		if err != nil {
			rt.Fatal(err)
		}
		if want := plainLTT(confidence, correct, risk, delta, 2, 50); ltt.Accepted != want {
			rt.Errorf("ltt accepts %d rows, by its definition %d", ltt.Accepted, want)
		}
		sgr, _ := guarantee.SGR(c, risk, delta)
		crc, _ := guarantee.CRC(c, risk)
		rcps, _ := guarantee.RCPS(c, risk, delta)
		for name, choice := range map[string]guarantee.Choice{"ltt": ltt, "sgr": sgr, "crc": crc, "rcps": rcps} {
			accepted, errors, atLeast := 0, 0, 0
			for i, v := range confidence {
				if v >= choice.AtLeast {
					atLeast++
				}
				if v > choice.Above {
					accepted++
					if !correct[i] {
						errors++
					}
				}
			}
			if accepted != choice.Accepted || atLeast != choice.Accepted || errors != choice.Errors || choice.N != n {
				rt.Errorf("%s: the rule accepts %d rows with %d errors, %+v", name, accepted, errors, choice)
			}
			if !choice.Feasible && (choice.Accepted > 0 || !math.IsInf(choice.Above, 1)) {
				rt.Errorf("%s: not feasible, but %+v", name, choice)
			}
			if choice.Feasible && (choice.Bound < 0 || choice.Bound > risk+1e-12) {
				rt.Errorf("%s: the bound %v is above the risk %v", name, choice.Bound, risk)
			}
		}
		if crc.Feasible != (1 <= risk*float64(n+1)+1e-12 && n > 0) {
			rt.Errorf("crc of %d rows, risk %v: feasible %v", n, risk, crc.Feasible)
		}
		if more, _ := guarantee.CRC(c, math.Min(0.99, 2*risk)); more.Accepted < crc.Accepted {
			rt.Errorf("crc accepts fewer rows at twice the risk")
		}
		if more, _ := guarantee.RCPS(c, risk, math.Min(0.99, 2*delta)); more.Accepted < rcps.Accepted {
			rt.Errorf("rcps accepts fewer rows at twice the delta")
		}
	})
}

// TestPerfectModels: SGR no longer refuses a perfect model that a single threshold would
// accept, and LearnThenTest needs little more.
func TestPerfectModels(t *testing.T) {
	right := func(n int) guarantee.Curve {
		confidence, correct := make([]float64, n), make([]bool, n)
		for i := range confidence {
			confidence[i], correct[i] = float64(i), true
		}
		return guarantee.CurveOf(confidence, correct)
	}
	for n, want := range map[int][2]bool{89: {false, false}, 90: {true, false}, 103: {true, false}, 104: {true, true}, 200: {true, true}, 5000: {true, true}} {
		sgr, _ := guarantee.SGR(right(n), 0.05, 0.01)
		ltt, _ := guarantee.LearnThenTest(right(n), 0.05, 0.01)
		if sgr.Feasible != want[0] || ltt.Feasible != want[1] {
			t.Errorf("%d right rows: sgr %+v, ltt %+v", n, sgr, ltt)
		}
		if n >= 200 && (sgr.Accepted != n || ltt.Accepted != n) {
			t.Errorf("%d right rows: sgr accepts %d, ltt %d", n, sgr.Accepted, ltt.Accepted)
		}
	}
	if old, _ := guarantee.SGRAs(guarantee.SGRRows, right(264), 0.05, 0.01); old.Feasible {
		t.Error("the search among all rows accepts 264")
	}
	if v := guarantee.LeastRisk(200, 0.01, 2); math.Abs(v-0.0261437629835213) > 1e-15 {
		t.Errorf("least risk %v", v)
	}
}

// TestRefused: risks and probabilities outside (0, 1) are refused, with the number.
func TestRefused(t *testing.T) {
	c := guarantee.CurveOf([]float64{1}, []bool{true})
	for _, v := range []float64{0, 1, -0.1, 5, math.NaN(), math.Inf(1)} {
		_, a := guarantee.LearnThenTest(c, v, 0.1)
		_, b := guarantee.SGR(c, v, 0.1)
		_, d := guarantee.CRC(c, v)
		_, e := guarantee.RCPS(c, 0.1, v)
		for i, err := range []error{a, b, d, e} {
			if err == nil {
				t.Errorf("%v is allowed by method %d", v, i)
			}
		}
	}
	if err := guarantee.Check(5, 0.1); fmt.Sprint(err) != "risk 5: a risk lies between 0 and 1: write 0.05 for 5 %" {
		t.Error(err)
	}
	empty, err := guarantee.LearnThenTest(guarantee.CurveOf(nil, nil), 0.1, 0.1)
	if err != nil || empty.Feasible {
		t.Errorf("of no rows %+v, %v", empty, err)
	}
}

// TestRowsForPlugIn: the numbers of rows are those that trying every number finds.
func TestRowsForPlugIn(t *testing.T) {
	for _, c := range []struct{ coverage, plugIn, risk, level float64 }{{0.7, 0.03, 0.08, 0.05}, {1, 0, 0.1, 0.01}, {0.4, 0.1, 0.2, 0.2}, {0.9, 0.001, 0.05, 0.1}} {
		got := guarantee.RowsFor(c.coverage, c.plugIn, c.risk, c.level)
		first, lastFail, lastUnlikely := 0, 0, 0
		for n := 1; n < 3000; n++ {
			m := int(c.coverage*float64(n) + 1e-9)
			errors := int(math.Ceil(c.plugIn*float64(m) - 1e-9))
			if m > 0 && guarantee.BinomialP(errors, m, c.risk) <= c.level {
				if first == 0 {
					first = n
				}
			} else {
				lastFail = n
			}
			most := -1
			for most < m && guarantee.BinomialP(most+1, m, c.risk) <= c.level {
				most++
			}
			if most < 0 || c.plugIn > 0 && guarantee.BinomialP(most, m, c.plugIn) < 0.8 {
				lastUnlikely = n
			}
		}
		if want := (guarantee.Rows{First: first, FromOn: lastFail + 1, Likely: lastUnlikely + 1}); got != want {
			t.Errorf("%+v: %+v, want %+v", c, got, want)
		}
	}
	if got := guarantee.RowsFor(0.5, 0.1, 0.1, 0.01); got != (guarantee.Rows{}) {
		t.Errorf("a risk that is no more than promised: %+v", got)
	}
}

func BenchmarkLearnThenTest(b *testing.B) {
	c := guarantee.CurveOf(populations(0.05)["ranked well"].draw(rand.New(rand.NewPCG(1, 1)), 50000))
	for b.Loop() {
		if _, err := guarantee.LearnThenTest(c, 0.05, 0.01); err != nil {
			b.Fatal(err)
		}
	}
}

// TestAgainstOtherSimulations: coverages and broken promises of LearnThenTest and of the
// search of SGR among all rows are those of other code's simulations of the same
// populations.
func TestAgainstOtherSimulations(t *testing.T) {
	if testing.Short() {
		t.Skip("a simulation")
	}
	type rates struct{ Violation, Coverage [][]float64 }
	var file struct {
		N         []int
		Scenarios []string
		Tables    []struct {
			Risk, Delta float64
			Methods     map[string]rates
		}
	}
	read(t, "simulation.json", &file)
	known := map[string]string{
		"flat 1.5 r (nothing feasible)": "nothing feasible", "ranked, error 4r(1-c)": "ranked",
		"ranked well, error 5r(1-c)^3": "ranked well", "inverted, error 2.2 r c": "inverted", "all right": "all right",
	}
	const simulations = 1500
	for _, table := range file.Tables {
		for i, scenario := range file.Scenarios {
			p, ok := populations(table.Risk)[known[scenario]]
			if !ok {
				continue
			}
			of := p.truth()
			for j, n := range file.N {
				broken, coverage := map[string]float64{}, map[string]float64{}
				rng := rand.New(rand.NewPCG(uint64(n), 77))
				for range simulations {
					c := guarantee.CurveOf(p.draw(rng, n))
					ltt, err := guarantee.LearnThenTest(c, table.Risk, table.Delta)
					if err != nil {
						t.Fatal(err)
					}
					sgr, _ := guarantee.SGRAs(guarantee.SGRRows, c, table.Risk, table.Delta)
					for name, choice := range map[string]guarantee.Choice{
						"ltt-counts, 2 starts, 50 counts": ltt, "SGR, n+1 outcomes, last passed (abstain)": sgr,
					} {
						accepted, wrong := p.above(of, choice.AtLeast)
						coverage[name] += accepted / simulations
						if choice.Feasible && wrong > table.Risk*accepted+1e-9 {
							broken[name] += 1. / simulations
						}
					}
				}
				for name := range coverage {
					want := table.Methods[name]
					v, k := want.Violation[i][j], want.Coverage[i][j]
					if math.Abs(coverage[name]-k) > 0.005+3.5*math.Sqrt(k*(1-k)/simulations) || math.Abs(broken[name]-v) > 0.003+4*math.Sqrt(v*(1-v)/simulations+1e-6) {
						t.Errorf("%s, %s, n = %d, risk %v: coverage %.3f, broken %.4f; there %.3f and %.4f", name, scenario, n, table.Risk, coverage[name], broken[name], k, v)
					}
				}
			}
		}
	}
}

// TestRowsForNearTheRisk: just below the risk an answer comes at once, by the normal tail, which
// meets the exact numbers where it takes over.
func TestRowsForNearTheRisk(t *testing.T) {
	for _, c := range []struct{ risk, below, above float64 }{{0.05, 0.05 - 0.00325, 0.05 - 0.00323}, {0.3, 0.3 - 0.01672, 0.3 - 0.01667}, {0.01, 0.01 - 0.000663, 0.01 - 0.00066}} {
		exact, normal := guarantee.RowsFor(0.8, c.below, c.risk, 0.005), guarantee.RowsFor(0.8, c.above, c.risk, 0.005)
		if normal.First != normal.FromOn || exact.First == exact.FromOn {
			t.Errorf("risk %v: %+v is not exact, or %+v not normal", c.risk, exact, normal)
		}
		scale := math.Pow((c.risk-c.below)/(c.risk-c.above), 2)
		for _, v := range [][2]int{{exact.FromOn, normal.FromOn}, {exact.Likely, normal.Likely}} {
			if r := float64(v[1]) / float64(v[0]) / scale; math.Abs(r-1) > 0.015 {
				t.Errorf("risk %v: exact %d, normal %d, ratio %.4f", c.risk, v[0], v[1], r)
			}
		}
	}
	if r := guarantee.RowsFor(1, 0.0499999999, 0.05, 0.005); r.FromOn != math.MaxInt32 || r.Likely < r.FromOn {
		t.Errorf("just below the risk: %+v", r)
	}
}
