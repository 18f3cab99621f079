package board

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"abstain/datasets"
	"abstain/harness"
	"abstain/harness/evaluate"
	"abstain/metrics"
)

// TestCurvesHaveBands: every point of the curves carries the score interval of a
// share, from its definition: the p with |k/m - p| = z sqrt(p(1-p)/m).
func TestCurvesHaveBands(t *testing.T) {
	var table strings.Builder
	table.WriteString("sample_id,label,p0,p1\n")
	for i := range 80 {
		p := 0.5 + float64(i*37%80)/170
		fmt.Fprintf(&table, "%d,%d,%.4f,%.4f\n", i, i%3%2, p, 1-p)
	}
	corpus, err := datasets.OpenFS(fstest.MapFS{"m.csv": {Data: []byte(table.String())}}, ".", "tiny")
	if err != nil {
		t.Fatal(err)
	}
	for _, level := range []float64{0.9, 0} {
		s, err := harness.Run(context.Background(), harness.Config{Corpora: []*datasets.Corpus{corpus}, Out: t.TempDir(),
			Metrics: metrics.MustMeasures("aurc"), Intervals: evaluate.Intervals{Level: level}})
		if err != nil {
			t.Fatal(err)
		}
		c, err := NewCurves(s, s.Rows[0])
		if err != nil {
			t.Fatal(err)
		}
		if c.Level != level {
			t.Fatalf("level %v, want %v", c.Level, level)
		}
		if level == 0 {
			if c.RiskBand.Lo != nil || c.AccuracyBand.Lo != nil {
				t.Error("bands without a level")
			}
			continue
		}
		const z = 1.6448536269514722 // the 0.95 quantile of the normal distribution
		edge := func(at string, share, p float64, m int) {
			if math.Abs(math.Abs(share-p)-z*math.Sqrt(p*(1-p)/float64(m))) > 1e-9 && !(p < 1e-12 && share < 1e-12) && !(p > 1-1e-12 && share > 1-1e-12) {
				t.Errorf("%s: %v is no end of the interval of %v of %d", at, p, share, m)
			}
		}
		for i, p := range c.RiskCoverage {
			m := int(math.Round(p.Coverage * 80))
			edge("risk", p.Risk, c.RiskBand.Lo[i], m)
			edge("risk", p.Risk, c.RiskBand.Hi[i], m)
			if c.RiskBand.Lo[i] > p.Risk+1e-12 || c.RiskBand.Hi[i] < p.Risk-1e-12 {
				t.Errorf("risk %v lies outside [%v, %v]", p.Risk, c.RiskBand.Lo[i], c.RiskBand.Hi[i])
			}
		}
		filled := 0
		for i, b := range c.Reliability {
			if b.N == 0 {
				if !math.IsNaN(c.AccuracyBand.Lo[i]) {
					t.Error("an empty bin has an interval")
				}
				continue
			}
			filled++
			edge("accuracy", b.Accuracy, c.AccuracyBand.Lo[i], b.N)
			edge("accuracy", b.Accuracy, c.AccuracyBand.Hi[i], b.N)
		}
		if filled < 5 {
			t.Errorf("%d bins", filled)
		}
	}
}
