package resample

import (
	"math"
	"testing"

	"abstain/metrics"
)

// alwaysRight and its contrary are ranked tables of n samples on which the
// bootstrap sees no error at all.
func always(n int, right bool) *metrics.Ranked {
	o := &metrics.Outcomes{Correct: make([]bool, n), Confidences: []metrics.Confidence{{Name: "stored", Value: make([]float64, n)}}}
	for i := range n {
		o.Correct[i] = right
		o.Confidences[0].Value[i] = float64(i%7) / 7
	}
	return metrics.Rank(o, &o.Confidences[0])
}

// Sixty right answers do not prove that there is never a wrong one.
func TestNoIntervalIsAPoint(t *testing.T) {
	sac, at, err := metrics.Parse("sac@0.99")
	if err != nil {
		t.Fatal(err)
	}
	aurc, _, err := metrics.Parse("aurc")
	if err != nil {
		t.Fatal(err)
	}
	for _, right := range []bool{true, false} {
		r := always(60, right)
		e := Intervals(r, []metrics.Measure{{Metric: sac, At: at}, {Metric: aurc}}, Options{B: 200})
		if wantLo, wantHi := CoverageBounds(r, 1-at, 0.95); e[0].Lo != wantLo || e[0].Hi != wantHi || wantLo == wantHi {
			t.Errorf("right %v: SAC %v [%v, %v], want the exact bounds [%v, %v]", right, e[0].Value, e[0].Lo, e[0].Hi, wantLo, wantHi)
		}
		// no error among sixty says how many there may be among others; no right answer says nothing
		if right != (e[1].Lo == 0 && e[1].Hi > 0.05) || right == math.IsNaN(e[1].Hi) {
			t.Errorf("right %v: AURC %v [%v, %v]", right, e[1].Value, e[1].Lo, e[1].Hi)
		}
		if b := Intervals(r, []metrics.Measure{{Metric: sac, At: at}}, Options{B: 200, Method: ByPercentile})[0]; b.Lo == b.Hi {
			t.Errorf("right %v: percentiles [%v, %v]", right, b.Lo, b.Hi)
		}
	}
}

// What rounding leaves of influence values is no sampling error.
func TestByInfluenceOfRounding(t *testing.T) {
	none := make([]float64, 60)
	rounding := make([]float64, 60)
	for i := range rounding {
		rounding[i] = 1e-16 * float64(i%3-1)
	}
	c := ByInfluence(1, 0, rounding, none, 60, 0.95)
	if c.SE != 0 || !math.IsNaN(c.P) || !math.IsNaN(c.Lo) || !math.IsNaN(c.Hi) {
		t.Errorf("an error of rounding alone: %+v", c)
	}
	if c := ByInfluence(1e-12, 0, []float64{3e-13, -3e-13, 0}, make([]float64, 3), 3, 0.95); !(c.SE > 0) || math.IsNaN(c.Lo) {
		t.Errorf("small values have an error of their own size: %+v", c)
	}
}

// LeastP is what a sign-flip test says of n differences that all agree: of the 2^n
// ways to choose signs, two are as extreme.
func TestLeastP(t *testing.T) {
	for n := 1; n <= 12; n++ {
		extreme := 0
		for signs := range 1 << n {
			sum := 0
			for i := range n {
				sum += 2*(signs>>i&1) - 1
			}
			if sum == n || sum == -n {
				extreme++
			}
		}
		if got, want := LeastP(n), float64(extreme)/float64(int(1)<<n); got != want {
			t.Errorf("LeastP(%d) = %v, want %v", n, got, want)
		}
	}
	if LeastP(0) != 1 {
		t.Error("nothing is proven without samples")
	}
}

func TestDesignSize(t *testing.T) {
	code := []int32{0, 0, 1, 1, 2, -1}
	for want, d := range map[int]*Design{4: Clustered(code), 6: Stratified(code)} {
		if d.Size() != want {
			t.Errorf("%v: %d units, want %d", d, d.Size(), want)
		}
	}
}

func TestByReplicatesAllAlike(t *testing.T) {
	ones, zeros := []float64{1, 1, 1}, []float64{0, 0, 0}
	if c := ByReplicates(1, 0, ones, zeros, 0.95); !math.IsNaN(c.Lo) || !math.IsNaN(c.Hi) || c.Difference != 1 {
		t.Errorf("always 1 apart: %+v", c)
	}
	if c := ByReplicates(0, 0, zeros, zeros, 0.95); c.Lo != 0 || c.Hi != 0 || c.P != 1 {
		t.Errorf("never apart: %+v", c)
	}
}
