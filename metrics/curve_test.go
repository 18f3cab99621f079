package metrics_test

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"abstain/metrics"
)

func TestRiskCoverage(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	o, in, _ := draw(rng, 80, 4, 12, 0.1)
	points := metrics.RiskCoverage(metrics.Rank(o, o.Confidence("msp")))
	ts := thresholds(in)
	if len(points) != len(ts) {
		t.Fatalf("%d points for %d distinct confidences", len(points), len(ts))
	}
	for g, p := range points {
		a := accepted(in, ts[g])
		risk := share(a, func(s sample) bool { return !s.correct })
		if p.Threshold != ts[g] || p.Risk != risk || p.Coverage != float64(len(a))/float64(len(in)) {
			t.Errorf("point %d is %+v, want threshold %v risk %v of %d", g, p, ts[g], risk, len(a))
		}
	}
}

func TestOracle(t *testing.T) {
	o := &metrics.Outcomes{Correct: []bool{false, true, true, false}}
	r := metrics.Rank(o, nil)
	want := []metrics.Point{{Coverage: 0.5, Risk: 0}, {Coverage: 0.75, Risk: 1.0 / 3}, {Coverage: 1, Risk: 0.5}}
	got := metrics.Oracle(r)
	for i, p := range got {
		if !math.IsNaN(p.Threshold) {
			t.Errorf("point %d has threshold %v", i, p.Threshold)
		}
		got[i].Threshold = 0
	}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	wrong := metrics.Oracle(metrics.Rank(&metrics.Outcomes{Correct: []bool{false, false}}, nil))
	if len(wrong) != 2 || wrong[0].Coverage != 0.5 || wrong[0].Risk != 1 {
		t.Errorf("all wrong: %v", wrong)
	}
	empty := metrics.Rank(new(metrics.Outcomes), nil)
	if metrics.Oracle(empty) != nil || metrics.RiskCoverage(empty) != nil || metrics.Reliability(empty, 15) != nil {
		t.Error("curves of no samples")
	}
}

// TestReliability: the ECE can be computed from the diagram.
func TestReliability(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	o, in, _ := draw(rng, 300, 4, 30, 0.1)
	r := metrics.Rank(o, o.Confidence("msp"))
	m, _, _ := metrics.Parse("ece@15")
	n, total := 0, 0.0
	for k, b := range metrics.Reliability(r, 15) {
		if b.Lo != float64(k)/15 || b.Hi != float64(k+1)/15 || (b.N == 0) != math.IsNaN(b.Accuracy) || (b.N == 0) != math.IsNaN(b.Confidence) {
			t.Errorf("bin %d: %+v", k, b)
		}
		n += b.N
		if b.N > 0 {
			total += float64(b.N) * math.Abs(b.Accuracy-b.Confidence)
		}
	}
	if got := m.Of(r, 15).Value; n != len(in) || !same(total/float64(n), got, 1e-14) {
		t.Errorf("%d samples in bins of %d; their gaps give %v, ece %v", n, len(in), total/float64(n), got)
	}
	if metrics.Reliability(metrics.Rank(o, o.Confidence("entropy")), 15) != nil {
		t.Error("a reliability diagram of entropies")
	}
}

// TestThin: the thinned curve stays close to the whole one, as a broken line.
func TestThin(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	var points []metrics.Point
	wrong := 0
	const n = 20000
	for k := 1; k <= n; k++ {
		if rng.Float64() < 0.3*float64(k)/n {
			wrong++
		}
		points = append(points, metrics.Point{Coverage: float64(k) / n, Risk: float64(wrong) / float64(k)})
	}
	thin := metrics.Thin(points, 400)
	if len(thin) != 400 || thin[0] != points[0] || thin[399] != points[n-1] {
		t.Fatalf("%d points from %v to %v", len(thin), thin[0], thin[len(thin)-1])
	}
	worst, at := 0.0, 0
	for _, p := range points {
		for thin[at+1].Coverage < p.Coverage {
			at++
		}
		a, b := thin[at], thin[at+1]
		line := a.Risk + (b.Risk-a.Risk)*(p.Coverage-a.Coverage)/(b.Coverage-a.Coverage)
		worst = max(worst, math.Abs(line-p.Risk))
	}
	if worst > 0.01 {
		t.Errorf("the thinned curve is off by %v", worst)
	}
	if got := metrics.Thin(points[:50], 50); len(got) != 50 {
		t.Errorf("a short curve came back with %d points", len(got))
	}
	for limit := 3; limit < 60; limit++ {
		if got := metrics.Thin(points[:61], limit); len(got) != limit {
			t.Errorf("limit %d gave %d points", limit, len(got))
		}
	}
}
