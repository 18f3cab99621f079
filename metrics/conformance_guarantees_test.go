package metrics_test

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"abstain/metrics"
	"abstain/metrics/internal/conformance"
)

// TestAccuracyRejection compares the area under the accuracy-rejection curve by four
// conventions.
func TestAccuracyRejection(t *testing.T) {
	dir := *conformance.Guarantees
	if dir == "" {
		dir = "../../shared/guarantees"
	}
	content, err := os.ReadFile(filepath.Join(dir, "auarc.json"))
	if os.IsNotExist(err) {
		t.Skipf("the reference values are not there: %v; -guarantees DIR names another place", err)
	}
	var cases []struct {
		Confidence []float64
		Correct    []int
		Expect     struct {
			FileOrder float64 `json:"mean_prefix_file_order"`
			Expected  float64 `json:"mean_prefix_expected_ties"`
			Trapezoid float64 `json:"trapezoid_accuracy1_at_0_expected_ties"`
			Oracle    float64
			Random    float64
		}
	}
	if err := json.Unmarshal(content, &cases); err != nil {
		t.Fatal(err)
	}
	for i, c := range cases {
		correct := make([]bool, len(c.Correct))
		for j, v := range c.Correct {
			correct[j] = v == 1
		}
		r := metrics.FromConfidence(c.Confidence, correct)
		of := func(id string, r *metrics.Ranked) float64 { return metrics.MustMeasure(id).Of(r).Value }
		for name, v := range map[string][2]float64{
			"in row order": {of("auarc", metrics.RankRows(r.Outcomes, r.Confidence)), c.Expect.FileOrder},
			"expected":     {of("auarc", r), c.Expect.Expected},
			"trapezoid":    {1 - of("aurc-trapezoid-zero-origin", r), c.Expect.Trapezoid},
			"oracle":       {1 - metrics.Perfect(r.N(), r.Errors), c.Expect.Oracle},
			"random":       {of("accuracy", r), c.Expect.Random},
		} {
			if math.Abs(v[0]-v[1]) > 1e-9 {
				t.Errorf("case %d: %s %v, want %v", i, name, v[0], v[1])
			}
		}
	}
}
