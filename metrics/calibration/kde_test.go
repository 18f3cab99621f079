package calibration

import (
	"math"
	"math/rand/v2"
	"testing"
)

// calibratedDraw draws samples of a model whose confidences are too high by a
// wave, without ties, crowded at 1 as those of a good network are.
func calibratedDraw(n int, seed uint64) (confidence []float64, correct []bool) {
	rng := rand.New(rand.NewPCG(seed, 1))
	for range n {
		c := 1 - math.Pow(rng.Float64(), 4)/2
		confidence = append(confidence, c)
		correct = append(correct, rng.Float64() < c-0.1*math.Abs(math.Sin(20*c))*(1-c))
	}
	return confidence, correct
}

// TestKernelTable compares tabulated sums of kernels with those taken term by term.
func TestKernelTable(t *testing.T) {
	for _, bandwidth := range []float64{0.001, 0.02, 0.3} {
		p := rising(calibratedDraw(2*tabulated, 7))
		k := newBetaSums(p.ties(), bandwidth)
		table := k.table()
		worst := 0.0
		for i := 0; i < len(k.groups); i += 13 {
			all, right, _ := k.others(i)
			fast, fastRight, _ := table.others(i)
			worst = max(worst, math.Abs(right/all-fastRight/fast))
		}
		if worst > 1e-6 {
			t.Errorf("bandwidth %v: accuracies from the table are off by %.2g", bandwidth, worst)
		}
		t.Logf("bandwidth %v: %d points, off by at most %.2g", bandwidth, len(table.x), worst)
	}
}

// TestGaussSums compares the series in boxes with sums taken term by term.
func TestGaussSums(t *testing.T) {
	for _, h := range []float64{0.0005, 0.01, 0.05, 1} {
		p := rising(calibratedDraw(3000, 8))
		g := newGaussSums(p.ties(), h)
		for j := 0; j < len(g.groups); j += 7 {
			all, right := g.around(j)
			wantAll, wantRight := g.termByTerm(j)
			if math.Abs(all-wantAll) > 1e-11*wantAll || math.Abs(right-wantRight) > 1e-11*wantAll {
				t.Fatalf("h = %v at %v: %v and %v, term by term %v and %v", h, g.groups[j].at, all, right, wantAll, wantRight)
			}
		}
	}
}

// TestFarNeighbours: what a sample's neighbours say does not depend on how little they
// weigh; the smallest weights that count are near 1e-12.
func TestFarNeighbours(t *testing.T) {
	right := []bool{true, false, true, true}
	for _, c := range []struct {
		confidence []float64
		want       float64
	}{
		{[]float64{0.1, 0.45, 0.8}, (0.1 + 0.55 + 0.8) / 3},
		{[]float64{0.25, 0.6}, (0.25 + 0.4) / 2},
		{[]float64{0.125, 0.5, 0.5 + 0.375, 0.5 + 0.375}, // the first is too far, the last are two of a kind
			(0.5 + 0.125 + 0.125) / 3},
	} {
		got := SECE(c.confidence, right[:len(c.confidence)], 0.05)
		if math.Abs(got-c.want) > 1e-11 {
			t.Errorf("SECE of %v is %v, want %v", c.confidence, got, c.want)
		}
	}
}
