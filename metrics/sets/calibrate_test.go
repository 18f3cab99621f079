package sets_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"abstain/metrics/sets"
)

// kinds are all scores with and without what they allow.
func kinds() []sets.Kind {
	var list []sets.Kind
	for s := sets.LACScore; s <= sets.TopKScore; s++ {
		k := sets.Kind{Score: s, Lambda: 0.03, Free: 1}
		list = append(list, k)
		if s >= sets.APSScore {
			k.Randomised = true
			list = append(list, k)
			k.FirstWhole = true
			list = append(list, k)
		}
	}
	return list
}

// rowsOf draws rows with labels from their probabilities, groups and uniform numbers.
// Classes are skewed: low ones occur more often.
func rowsOf(rng *rand.Rand, n, classes int) sets.Rows {
	r := sets.Rows{Classes: classes}
	for range n {
		row, total := make([]float64, classes), 0.0
		for j := range row {
			row[j] = math.Exp(1.5*rng.NormFloat64() - 0.25*float64(j))
			total += row[j]
		}
		u, label := rng.Float64()*total, 0
		for u -= row[0]; u > 0 && label < classes-1; u -= row[label] {
			label++
		}
		for _, p := range row {
			r.Probs = append(r.Probs, p/total)
		}
		r.Label, r.U, r.Group = append(r.Label, int32(label)), append(r.U, rng.Float64()), append(r.Group, int32(rng.IntN(3)))
	}
	return r
}

// scoreOf is the score of a class from its definition, by comparing with all others.
func scoreOf(k sets.Kind, row []float64, c int, u float64) float64 {
	place, above, largest := 1.0, 0.0, slices.Max(row)
	for j, p := range row {
		if p > row[c] || p == row[c] && j < c {
			place++
			above += p
		}
	}
	v := 1.0
	if k.Randomised && !(k.FirstWhole && place == 1) {
		v = u
	}
	switch k.Score {
	case sets.LACScore:
		return 1 - row[c]
	case sets.MarginScore:
		other := 0.0
		for j, p := range row {
			if j != c {
				other = max(other, p)
			}
		}
		return other - row[c]
	case sets.APSScore:
		return above + v*row[c]
	case sets.RAPSScore:
		return above + v*row[c] + k.Lambda*max(0, place-float64(k.Free))
	case sets.SAPSScore:
		if place == 1 {
			return v * largest
		}
		return largest + (place-2+v)*k.Lambda
	}
	return place - 1 + v
}

// TestPredictors: the sets of every score and kind of threshold are those of the
// definition, from scores that all classes are given by comparison with all others.
func TestPredictors(t *testing.T) {
	rng := rand.New(rand.NewPCG(21, 1))
	for _, k := range kinds() {
		for by := sets.Marginal; by <= sets.ByCluster; by++ {
			calibration, test := rowsOf(rng, 90, 4), rowsOf(rng, 40, 4)
			calibration.Label[3], test.Label[5] = -1, 9
			p, err := sets.Calibrate(k, calibration, 0.2, sets.Options{By: by, NeverEmpty: by == sets.ByGroup})
			if err != nil {
				t.Fatal(err)
			}
			s, err := p.Sets(test)
			if err != nil {
				t.Fatal(err)
			}
			for i, l := range test.Label {
				row := test.Probs[4*i : 4*i+4]
				size, covered := 0, false
				for c := range 4 {
					threshold := p.Threshold
					switch by {
					case sets.ByClass, sets.ByCluster:
						threshold = p.OfClass[c]
					case sets.ByGroup:
						threshold = p.OfGroup[test.Group[i]]
					}
					first := by == sets.ByGroup && c == slices.Index(row, slices.Max(row))
					if v := scoreOf(k, row, c, test.U[i]); v <= threshold+1e-12 || first {
						size++
						covered = covered || int32(c) == l
					}
				}
				if size != int(s.Size[i]) || covered != s.Covered[i] {
					t.Errorf("%v %v by %d: row %d has %d classes, want %d", k.Score, k.Randomised, by, i, s.Size[i], size)
				}
			}
			if by == sets.ByGroup && s.Empty() != 0 {
				t.Errorf("%v: %v of the sets are empty", k.Score, s.Empty())
			}
		}
	}
}

// TestCoverageOfEveryKind: over 2 000 draws of few calibration rows coverage is 1 - alpha at
// least on average, for the rows of each class or group where thresholds are by these, and no more
// than that and 1/(n+1) where a randomised score does not tie.
func TestCoverageOfEveryKind(t *testing.T) {
	draws := 2000
	if testing.Short() {
		draws = 200
	}
	const n, alpha, classes = 40, 0.15, 3
	rng := rand.New(rand.NewPCG(22, 1))
	for _, k := range kinds() {
		for by := sets.Marginal; by <= sets.ByGroup; by++ {
			hits, of := make([]float64, 3), make([]float64, 3) // by class or group
			for range draws {
				p, err := sets.Calibrate(k, rowsOf(rng, n, classes), alpha, sets.Options{By: by})
				if err != nil {
					t.Fatal(err)
				}
				test := rowsOf(rng, 8, classes)
				s, err := p.Sets(test)
				if err != nil {
					t.Fatal(err)
				}
				for i := range s.Covered {
					part := int32(0)
					switch by {
					case sets.ByClass:
						part = test.Label[i]
					case sets.ByGroup:
						part = test.Group[i]
					}
					of[part]++
					if s.Covered[i] {
						hits[part]++
					}
				}
			}
			for part, m := range of {
				if m == 0 {
					continue
				}
				// Rows of a draw share its thresholds: they tell less than as many alone.
				share, error := hits[part]/m, 3.5*math.Sqrt(alpha*(1-alpha)/m*(1+8./(n+2)))
				if share < 1-alpha-error {
					t.Errorf("%v, randomised %v, by %d: covers %.4f of part %d", k.Score, k.Randomised, by, share, part)
				}
				if by == sets.Marginal && k.Randomised && !k.FirstWhole && share > 1-alpha+1./(n+1)+error {
					t.Errorf("%v: covers %.4f, too much", k.Score, share)
				}
			}
		}
	}
}

// TestLawOfCoverage: the coverage of new rows from draw to draw is beta-binomial, for a
// score without ties.
func TestLawOfCoverage(t *testing.T) {
	draws := 4000
	if testing.Short() {
		draws = 500
	}
	const n, m, alpha = 30, 50, 0.1
	law := sets.LawOf(n, alpha)
	rng := rand.New(rand.NewPCG(23, 1))
	counts := make([]float64, m+1)
	for range draws {
		scores := make([]float64, n)
		for i := range scores {
			scores[i] = rng.Float64()
		}
		threshold, covered := sets.Threshold(scores, alpha), 0
		for range m {
			if rng.Float64() <= threshold {
				covered++
			}
		}
		counts[covered]++
	}
	below := 0.0
	for c := range counts {
		below += counts[c] / float64(draws)
		if want := law.CountAtMost(c, m); math.Abs(below-want) > 3.7*math.Sqrt(0.25/float64(draws)) {
			t.Errorf("at most %d of %d covered in %.4f of the draws, want %.4f", c, m, below, want)
		}
	}
	if p := sets.RankPAC(200, 0.1, 0.1); !((sets.Law{N: 200, K: p}).AtMost(0.9) <= 0.1) || (sets.Law{N: 200, K: p - 1}).AtMost(0.9) <= 0.1 {
		t.Errorf("PAC rank %d", p)
	}
}

// TestIntervalsOfSets: intervals hold the value of many rows at their level or more often.
func TestIntervalsOfSets(t *testing.T) {
	simulations := 1000
	if testing.Short() {
		simulations = 150
	}
	const n, level, alpha, classes = 150, 0.95, 0.2, 4
	rng := rand.New(rand.NewPCG(24, 1))
	p, err := sets.Calibrate(sets.Kind{Score: sets.APSScore}, rowsOf(rng, 100, classes), alpha, sets.Options{})
	if err != nil {
		t.Fatal(err)
	}
	of := func(n int) map[string]sets.Interval {
		s, err := p.Sets(rowsOf(rng, n, classes))
		if err != nil {
			t.Fatal(err)
		}
		return map[string]sets.Interval{
			"coverage": s.CoverageIn(level), "size": s.MeanSizeIn(level), "singletons": s.SingletonShareIn(level), "accuracy": s.SingletonAccuracyIn(level),
			"empty": s.EmptyIn(level), "worst class": s.WorstClassIn(level), "worst group": s.WorstGroupIn(level),
			"class gap": s.ClassGapIn(alpha, level), "largest class gap": s.ClassGapMaxIn(alpha, level),
			"size violation": s.SizeViolationIn(alpha, level, [][2]int{{0, 1}, {2, 2}, {3, 4}}),
		}
	}
	truth := of(300_000)
	held := map[string]int{}
	for range simulations {
		for name, in := range of(n) {
			if !(in.Lo <= in.Value+1e-12 && in.Value <= in.Hi+1e-12) {
				t.Fatalf("%s: %+v", name, in)
			}
			if in.Lo-1e-3 <= truth[name].Value && truth[name].Value <= in.Hi+1e-3 {
				held[name]++
			}
		}
	}
	for name := range truth {
		share := float64(held[name]) / float64(simulations)
		t.Logf("%s: %.3f", name, share)
		if share < level-3.3*math.Sqrt(level*(1-level)/float64(simulations))-0.005 {
			t.Errorf("the interval of %s holds the truth in %.3f of %d simulations", name, share, simulations)
		}
	}
}

// TestCalibrateRefuses what has no meaning, and full sets come of too few rows.
func TestCalibrateRefuses(t *testing.T) {
	rng := rand.New(rand.NewPCG(25, 1))
	rows := rowsOf(rng, 20, 3)
	without := rows
	without.U, without.Group = nil, nil
	bad := rowsOf(rng, 20, 3)
	bad.Probs[4] = math.NaN()
	for name, c := range map[string]struct {
		kind  sets.Kind
		rows  sets.Rows
		alpha float64
		o     sets.Options
	}{
		"alpha 0":         {sets.Kind{}, rows, 0, sets.Options{}},
		"alpha 1":         {sets.Kind{}, rows, 1, sets.Options{}},
		"no u":            {sets.Kind{Score: sets.APSScore, Randomised: true}, without, 0.1, sets.Options{}},
		"no groups":       {sets.Kind{}, without, 0.1, sets.Options{By: sets.ByGroup}},
		"randomised LAC":  {sets.Kind{Randomised: true}, rows, 0.1, sets.Options{}},
		"lambda below 0":  {sets.Kind{Score: sets.RAPSScore, Lambda: -1}, rows, 0.1, sets.Options{}},
		"no such score":   {sets.Kind{Score: 9}, rows, 0.1, sets.Options{}},
		"no such option":  {sets.Kind{}, rows, 0.1, sets.Options{By: 9}},
		"NaN":             {sets.Kind{}, bad, 0.1, sets.Options{}},
		"uneven":          {sets.Kind{}, sets.Rows{Classes: 2, Probs: []float64{1}, Label: []int32{0}}, 0.1, sets.Options{}},
		"negative number": {sets.Kind{}, rows, 0.1, sets.Options{By: sets.ByCluster, Clusters: -1}},
	} {
		if _, err := sets.Calibrate(c.kind, c.rows, c.alpha, c.o); err == nil {
			t.Errorf("%s is allowed", name)
		}
	}
	p, err := sets.Calibrate(sets.Kind{}, sets.Rows{Classes: 3, Probs: []float64{1, 0, 0}, Label: []int32{0}}, 0.1, sets.Options{By: sets.ByCluster})
	if err != nil || !math.IsInf(p.Threshold, 1) || len(p.Members([]float64{0.2, 0.3, 0.5}, 0, -1)) != 3 {
		t.Errorf("one row: %+v, %v", p, err)
	}
	byGroup, _ := sets.Calibrate(sets.Kind{}, rows, 0.2, sets.Options{By: sets.ByGroup})
	if len(byGroup.Members([]float64{0.2, 0.3, 0.5}, 0, 7)) != 3 {
		t.Error("a group without calibration rows has less than all classes")
	}
}

// BenchmarkSets is the time of a row of 1000 classes.
func BenchmarkSets(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	rows := rowsOf(rng, 200, 1000)
	for _, k := range []sets.Kind{{Score: sets.LACScore}, {Score: sets.RAPSScore, Lambda: 0.01, Free: 5}} {
		p, err := sets.Calibrate(k, rows, 0.1, sets.Options{})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(k.Score.String(), func(b *testing.B) {
			for b.Loop() {
				if _, err := p.Sets(rows); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/200, "ns/row")
		})
	}
}
