package pictures

import (
	"fmt"
	"math"
	"testing"

	"abstain/harness/study"
)

func TestRegimeSentences(t *testing.T) {
	none := study.Bounds{Lo: math.NaN(), Hi: math.NaN()}
	change := func(regime string, median float64) study.Changes {
		return study.Changes{Treatment: regime, Median: median, Better: 2, Values: make([]float64, 3), Samples: none, Models: study.Bounds{Lo: median - 0.01, Hi: median + 0.01}, Both: none}
	}
	var many []study.Changes
	for k := range 7 {
		many = append(many, change(fmt.Sprintf("r%d", k), 0.01*float64(k)))
	}
	basis := study.Basis{Tests: []study.Test{{Method: study.WilcoxonTest, Level: 0.95, Family: study.Family{Correction: study.Holm, Size: 12, Of: "test"}}},
		Intervals: []study.Interval{{Method: study.MedianOfChanges, Level: 0.95, Over: study.NewModels}}}
	const by = "median change against the base twin; Wilcoxon with Holm over 12 tests at 5 %; intervals over new models, these samples; 9 pairs"
	finding := func(c study.RegimeChanges) study.Finding {
		c.Metric = "auroc"
		return study.Finding{Claim: c, Basis: basis, N: 9, Of: study.Pairs}
	}
	sentences(t, "regimes", []study.Finding{
		finding(study.RegimeChanges{Open: 3}),
		finding(study.RegimeChanges{Better: []study.Changes{change("kd", 0.02)}, Worse: []study.Changes{change("drop", -0.1), change("wd", -0.2)}, Open: 1, Here: []study.Changes{change("mc", 0.3)}}),
		finding(study.RegimeChanges{Better: many}),
	},
		"No regime is shown to change AUROC ("+by+").",
		"AUROC improves with kd +0.0200 [+0.0100, +0.0300], 2 of 3 better; AUROC gets worse with wd -0.2000 [-0.2100, -0.1900], 2 of 3 better and "+
			"drop -0.1000 [-0.1100, -0.0900], 2 of 3 better; nothing is proven for the other 1 regime; "+
			"sure for these samples, but not for new ones, are the changes with mc +0.3000 [+0.2900, +0.3100], 2 of 3 better ("+by+").",
		"AUROC improves with r6 +0.0600 [+0.0500, +0.0700], 2 of 3 better, r5 +0.0500 [+0.0400, +0.0600], 2 of 3 better, r4 +0.0400 [+0.0300, +0.0500], 2 of 3 better, "+
			"r3 +0.0300 [+0.0200, +0.0400], 2 of 3 better, r2 +0.0200 [+0.0100, +0.0300], 2 of 3 better and 2 further regimes ("+by+").",
	)
}
