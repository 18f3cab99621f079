package stattest_test

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"abstain/metrics/stattest"
)

// TestScipy compares with what scipy 1.10.1 gives on the columns of
// testdata/scipy.json, with and without ties; testdata/peer.py made them.
func TestScipy(t *testing.T) {
	raw, err := os.ReadFile("testdata/scipy.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Test         string
		Statistic, P float64
		Exact        *bool
		Inputs       [][]float64
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	pairs := map[string]func(a, b []float64) stattest.Result{"spearman": stattest.Spearman, "kendall": stattest.Kendall,
		"pearson": stattest.Pearson, "wilcoxon": stattest.Wilcoxon, "mann-whitney": stattest.MannWhitney}
	seen := map[string]int{}
	for i, c := range cases {
		var r stattest.Result
		switch of, pair := pairs[c.Test]; {
		case pair:
			r = of(c.Inputs[0], c.Inputs[1])
		case c.Test == "friedman":
			r = stattest.Friedman(c.Inputs)
		default:
			t.Fatalf("case %d: unknown test %q", i, c.Test)
		}
		seen[c.Test]++
		// exact where scipy uses the limit: the two are close, but not equal
		if r.Exact && (c.Exact == nil || !*c.Exact) {
			if math.Abs(r.Statistic-c.Statistic) > 1e-10*math.Max(1, math.Abs(c.Statistic)) || math.Abs(r.P-c.P) > 0.02 {
				t.Errorf("case %d, %s: statistic %v, p %v; scipy's limit %v, %v", i, c.Test, r.Statistic, r.P, c.Statistic, c.P)
			}
			continue
		}
		if math.Abs(r.Statistic-c.Statistic) > 1e-10*math.Max(1, math.Abs(c.Statistic)) || math.Abs(r.P-c.P) > 1e-8*c.P+1e-15 {
			t.Errorf("case %d, %s: statistic %v, p %v; scipy %v, %v", i, c.Test, r.Statistic, r.P, c.Statistic, c.P)
		}
		if c.Exact != nil && r.Exact != *c.Exact {
			t.Errorf("case %d, %s: exact %v", i, c.Test, r.Exact)
		}
	}
	for _, test := range []string{"spearman", "kendall", "pearson", "wilcoxon", "mann-whitney", "friedman"} {
		if seen[test] < 6 {
			t.Errorf("%d cases of %s", seen[test], test)
		}
	}
}
