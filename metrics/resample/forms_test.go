package resample_test

import (
	"math"
	"testing"

	"abstain/metrics"
	"abstain/metrics/resample"
)

// TestPaired: the test of a metric's row is the one to be called by hand.
func TestPaired(t *testing.T) {
	rng := generator(77)
	a, b := world{curve: honest}.ranked(rng, 500), world{curve: honest}.ranked(rng, 500)
	const level = 0.95
	alone := resample.Independent(500)
	code := make([]int32, 500)
	for i := range code {
		code[i] = int32(i / 5)
	}
	clusters := resample.Clustered(code)
	paired := func(id string, d *resample.Design) (resample.Comparison, bool) {
		m, err := metrics.ParseMeasure(id)
		if err != nil {
			t.Fatal(err)
		}
		return resample.Paired(m, m.Of(a).Value, m.Of(b).Value, a, b, d, level)
	}
	for _, c := range []struct {
		id     string
		test   resample.Test
		design *resample.Design
		pairs  int
	}{
		{"accuracy", resample.McNemarTest, alone, 500},
		{"error", resample.McNemarTest, alone, 500},
		{"auroc", resample.ModeratedTest, alone, 500},
		{"aurc", resample.InfluenceTest, alone, 329},
		{"accuracy", resample.InfluenceTest, clusters, 100},
		{"auroc", resample.ModeratedTest, clusters, 100},
	} {
		got, ok := paired(c.id, c.design)
		if !ok || got.Test != c.test || (got.Design != "") != (c.design == clusters) || got.Pairs != c.pairs || !(got.P > 0 && got.P <= 1) || !(got.Lo <= got.Difference && got.Difference <= got.Hi) {
			t.Errorf("%s, %s: %+v, %v", c.id, c.design, got, ok)
		}
	}
	accuracy, _ := paired("accuracy", alone)
	wrong, _ := paired("error", alone)
	if accuracy.P != wrong.P || accuracy.Lo != -wrong.Hi || math.Abs(accuracy.Difference+wrong.Difference) > 1e-15 {
		t.Errorf("accuracy %+v, error %+v", accuracy, wrong)
	}
	got, _ := paired("auroc", alone)
	if want := resample.ByDeLong(a, b, level); math.Abs(got.P-want.P) > 0.01 || math.Abs(got.SE/want.SE-1) > 0.01 {
		t.Errorf("of many errors %+v, DeLong's %+v", got, want)
	}
	if c, ok := paired("sac@0.9", alone); ok {
		t.Errorf("an operating point has a closed test: %+v", c)
	}
}
