package sets_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	_ "abstain/metrics/internal/conformance" // its flags
	"abstain/metrics/sets"
)

// draw makes rows of probabilities, rounded so that some tie, and labels drawn from them.
func draw(rng *rand.Rand, n, classes int) (rows []float64, label []int32) {
	for range n {
		row, total := make([]float64, classes), 0.0
		for j := range row {
			row[j] = math.Ceil(10*rng.ExpFloat64()) / 10
			total += row[j]
		}
		u, l := rng.Float64()*total, 0
		for u -= row[0]; u > 0 && l < classes-1; u -= row[l] {
			l++
		}
		for j := range row {
			row[j] /= total
		}
		rows, label = append(rows, row...), append(label, int32(l))
	}
	return rows, label
}

// before reports whether class a is placed before b.
func before(row []float64, a, b int) bool { return row[a] > row[b] || row[a] == row[b] && a < b }

// Scores from their definitions, class by class, by comparing with every other.
var twins = map[string]struct {
	score sets.Score
	of    func(row []float64, c int) float64
}{
	"LAC": {sets.LAC, func(row []float64, c int) float64 { return 1 - row[c] }},
	"Margin": {sets.Margin, func(row []float64, c int) float64 {
		best := 0.0
		for j, p := range row {
			if j != c {
				best = max(best, p)
			}
		}
		return best - row[c]
	}},
	"APS":  {sets.APS, downTo},
	"TopK": {sets.TopK, place},
	"TopKTied": {sets.TopKTied, func(row []float64, c int) float64 {
		k := 1.0
		for _, p := range row {
			if p > row[c] {
				k++
			}
		}
		return k
	}},
	"RAPS": {sets.RAPS(0.07, 2), func(row []float64, c int) float64 { return downTo(row, c) + 0.07*max(0, place(row, c)-2) }},
}

func place(row []float64, c int) float64 {
	k := 1.0
	for j := range row {
		if before(row, j, c) {
			k++
		}
	}
	return k
}

func downTo(row []float64, c int) float64 {
	total := row[c]
	for j, p := range row {
		if before(row, j, c) {
			total += p
		}
	}
	return total
}

func TestScores(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, classes := range []int{1, 2, 3, 8} {
		rows, label := draw(rng, 50, classes)
		for name, twin := range twins {
			got := make([]float64, len(rows))
			twin.score(got, rows, classes)
			for i := range label {
				row := rows[i*classes : (i+1)*classes]
				for c := range row {
					if want := twin.of(row, c); math.Abs(got[i*classes+c]-want) > 1e-14 {
						t.Fatalf("%s of class %d in %v: %v, want %v", name, c, row, got[i*classes+c], want)
					}
				}
			}
		}
	}
}

// Every measure against the sets themselves.
func TestMeasures(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for name, twin := range twins {
		const n, classes, alpha = 80, 6, 0.2
		rows, label := draw(rng, n, classes)
		label[3], label[5] = -1, classes
		rule := sets.Rule{Score: twin.score, Threshold: sets.Threshold(sets.OfLabels(twin.score, rows, classes, label), alpha)}
		s := rule.Sets(rows, classes, label)
		covered, hits, size, empty, labelled := 0.0, 0.0, 0.0, 0.0, 0.0
		byClass, ofClass := make([]float64, classes), make([]float64, classes)
		for i, l := range label {
			members := rule.Members(rows[i*classes : (i+1)*classes])
			size += float64(len(members))
			if len(members) == 0 {
				empty++
			}
			if int(s.Size[i]) != len(members) || s.Covered[i] != slices.Contains(members, l) || !slices.IsSorted(members) {
				t.Fatalf("%s: row %d: %v, size %d", name, i, members, s.Size[i])
			}
			if l < 0 || l >= classes {
				continue
			}
			labelled++
			ofClass[l]++
			if slices.Contains(members, l) {
				covered++
				byClass[l]++
				if len(members) == 1 {
					hits++
				}
			}
		}
		gap, present := 0.0, 0.0
		for c := range byClass {
			if ofClass[c] > 0 {
				gap += math.Abs(byClass[c]/ofClass[c] - (1 - alpha))
				present++
			}
		}
		for what, v := range map[string][2]float64{
			"coverage": {s.Coverage(), covered / labelled}, "size": {s.MeanSize(), size / n},
			"hits": {s.SingletonHits(), hits / labelled}, "empty": {s.Empty(), empty / n},
			"gap": {s.ClassGap(alpha), gap / present},
		} {
			if math.Abs(v[0]-v[1]) > 1e-14 {
				t.Errorf("%s: %s %v, want %v", name, what, v[0], v[1])
			}
		}
		if s.Coverage() < 1-alpha {
			t.Errorf("%s: covers %v of the rows it was calibrated on", name, s.Coverage())
		}
		worst := 0.0
		for k := range classes + 1 { // strata of one size each
			in, hit := 0.0, 0.0
			for i, l := range label {
				if int(s.Size[i]) == k && l >= 0 && l < classes {
					in++
					if s.Covered[i] {
						hit++
					}
				}
			}
			if in > 0 {
				worst = max(worst, math.Abs(hit/in-(1-alpha)))
			}
		}
		if got := s.SizeViolation(alpha, [][2]int{{0, 0}, {1, 1}, {2, 2}, {3, 3}, {4, 4}, {5, 5}, {6, 6}, {7, 9}}); math.Abs(got-worst) > 1e-14 {
			t.Errorf("%s: size violation %v, want %v", name, got, worst)
		}
	}
}

func TestThreshold(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		n := 1 + rng.IntN(60)
		scores := make([]float64, n)
		for i := range scores {
			scores[i] = rng.Float64()
		}
		a := 1 + rng.IntN(39) // alpha = a/40, so that the rank can be computed in whole numbers
		alpha := float64(a) / 40
		rising := slices.Sorted(slices.Values(scores))
		rank := ((n+1)*(40-a) + 39) / 40
		want := math.Inf(1)
		if rank <= n {
			want = rising[rank-1]
		}
		if got := sets.Threshold(scores, alpha); got != want {
			t.Fatalf("n = %d, alpha = %v: %v, want the %d-th score", n, alpha, got, rank)
		}
		higher := sets.ThresholdHigher(scores, alpha)
		want = math.Inf(1)
		if (n+1)*(40-a) <= 40*n {
			want = rising[((n-1)*(n+1)*(40-a)+40*n-1)/(40*n)]
		}
		if higher != want {
			t.Fatalf("n = %d, alpha = %v: higher %v, want %v", n, alpha, higher, want)
		}
		if higher < sets.Threshold(scores, alpha) {
			t.Fatalf("n = %d, alpha = %v: higher is lower", n, alpha)
		}
	}
	if v := sets.Threshold([]float64{1, math.NaN()}, 0.5); !math.IsNaN(v) {
		t.Errorf("with NaN: %v", v)
	}
	if v := sets.Threshold(nil, 0.5); !math.IsInf(v, 1) {
		t.Errorf("of nothing: %v", v)
	}
}

// The guarantee: over many draws of calibration and test rows, the mean coverage
// is at least 1 - alpha, and for a continuous score at most 1/(n+1) more.
func TestCoverageIsAsPromised(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 8))
	const n, alpha, draws = 49, 0.1, 400
	total := 0.0
	for range draws {
		scores := make([]float64, n)
		for i := range scores {
			scores[i] = rng.NormFloat64()
		}
		total += 1 - math.Erfc(sets.Threshold(scores, alpha)/math.Sqrt2)/2 // of a new normal score
	}
	mean, spread := total/draws, math.Sqrt(0.1*0.9/(n+2)/draws)
	if mean < 0.9-4*spread || mean > 0.9+1./(n+1)+4*spread {
		t.Errorf("mean coverage %.4f, want 0.9 to 0.92 within %.4f", mean, 4*spread)
	}
}

// A full set has all classes, whatever the score; larger thresholds never shrink a set.
func TestSetsGrow(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 10))
	const classes = 7
	rows, label := draw(rng, 60, classes)
	for name, twin := range twins {
		full := sets.Rule{Score: twin.score, Threshold: math.Inf(1)}.Sets(rows, classes, label)
		if full.Coverage() != 1 || full.MeanSize() != classes {
			t.Errorf("%s: full sets cover %v with %v classes", name, full.Coverage(), full.MeanSize())
		}
		last := make([]int32, len(label))
		for threshold := -1.0; threshold < 8; threshold += 0.05 {
			s := sets.Rule{Score: twin.score, Threshold: threshold}.Sets(rows, classes, label)
			for i, k := range s.Size {
				if k < last[i] {
					t.Fatalf("%s: row %d shrinks at %v", name, i, threshold)
				}
			}
			last = s.Size
		}
	}
}

func TestEdges(t *testing.T) {
	none := sets.Rule{Score: sets.LAC, Threshold: 0.5}.Sets(nil, 3, nil)
	unlabelled := sets.Rule{Score: sets.LAC, Threshold: 0.5}.Sets([]float64{0.6, 0.4}, 2, []int32{-1})
	for name, v := range map[string]float64{
		"coverage": none.Coverage(), "size": none.MeanSize(), "hits": none.SingletonHits(), "empty": none.Empty(),
		"size violation": none.SizeViolation(0.1, nil), "class gap": none.ClassGap(0.1),
		"coverage without labels": unlabelled.Coverage(), "class gap without labels": unlabelled.ClassGap(0.1),
	} {
		if !math.IsNaN(v) {
			t.Errorf("%s: %v, want NaN", name, v)
		}
	}
	if unlabelled.MeanSize() != 1 {
		t.Errorf("size without labels %v", unlabelled.MeanSize())
	}
	if s := none.BySize(nil); len(s) != len(sets.Strata) || !math.IsNaN(s[0].Coverage) || s[0].N != 0 {
		t.Errorf("strata of nothing: %+v", s)
	}
}
