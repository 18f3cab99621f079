package pictures

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"abstain/harness/study"
	"abstain/metrics/stattest"
)

func TestRegimeSentences(t *testing.T) {
	none := study.Bounds{Lo: math.NaN(), Hi: math.NaN()}
	change := func(regime string, median float64) study.Changes {
		return study.Changes{Treatment: regime, Median: median, Better: 2, Values: make([]float64, 3), Wilcoxon: stattest.Result{P: 0.001}, P: 0.004,
			Samples: none, Models: study.Bounds{Lo: median - 0.01, Hi: median + 0.01}, Both: none}
	}
	var many, few []study.Changes
	for k := range 7 {
		many = append(many, change(fmt.Sprintf("r%d", k), 0.01*float64(k)))
		few = append(few, study.Changes{Treatment: fmt.Sprintf("f%d", k), Median: 0.01, Better: k, Values: slices.Repeat([]float64{1}, 6)})
	}
	basis := study.Basis{Tests: []study.Test{{Method: study.WilcoxonTest, Level: 0.95, Family: study.Family{Correction: study.Holm, Size: 12, Of: "regime"}}},
		Intervals: []study.Interval{{Method: study.MedianOfChanges, Level: 0.95, Over: study.NewModels}}}
	const by = "median change against the base twin; Wilcoxon with Holm within each metric over 12 regimes at 5 %; intervals over new models, these samples; 9 pairs"
	finding := func(c study.RegimeChanges) study.Finding {
		c.Metric = "auroc"
		return study.Finding{Claim: c, Basis: basis, N: 9, Of: study.Pairs}
	}
	const p = " better (p = 0.001, adjusted 0.004)"
	sentences(t, "regimes", []study.Finding{
		finding(study.RegimeChanges{Open: 3}),
		finding(study.RegimeChanges{Better: []study.Changes{change("kd", 0.02)}, Worse: []study.Changes{change("drop", -0.1), change("wd", -0.2)}, Open: 1,
			Doubtful: []study.Changes{change("mc", 0.3)}, TooFew: few[6:]}),
		finding(study.RegimeChanges{Better: many}),
		finding(study.RegimeChanges{TooFew: few}),
	},
		"No regime is shown to change AUROC; nothing is proven for 3 regimes ("+by+").",
		"AUROC improves with kd +0.020 [+0.010, +0.030], 2 of 3"+p+"; AUROC gets worse with wd −0.200 [−0.210, −0.190], 2 of 3"+p+" and "+
			"drop −0.100 [−0.110, −0.090], 2 of 3"+p+"; beyond chance by the test, but not proven, because the interval holds 0, with "+
			"mc +0.300 [+0.290, +0.310], 2 of 3"+p+"; nothing is proven for 1 regime; "+
			"1 regime has too few twins to prove anything: f6 +0.010, 6 of 6 better ("+by+").",
		"AUROC improves with r6 +0.060 [+0.050, +0.070], 2 of 3"+p+", r5 +0.050 [+0.040, +0.060], 2 of 3"+p+", r4 +0.040 [+0.030, +0.050], 2 of 3"+p+", "+
			"r3 +0.030 [+0.020, +0.040], 2 of 3"+p+", r2 +0.020 [+0.010, +0.030], 2 of 3"+p+" and 2 further regimes ("+by+").",
		"No regime is shown to change AUROC; 7 regimes have too few twins to prove anything: f0 +0.010, 0 of 6 better, f6 +0.010, 6 of 6 better, "+
			"f1 +0.010, 1 of 6 better, f5 +0.010, 5 of 6 better, f2 +0.010, 2 of 6 better and 2 more ("+by+").",
	)
}
