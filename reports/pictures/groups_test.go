package pictures

import (
	"math"
	"testing"

	"abstain/harness/study"
)

func TestGroupSentences(t *testing.T) {
	none := study.Bounds{Lo: math.NaN(), Hi: math.NaN()}
	basis := func(m study.Method, p float64, units int, f study.Family) study.Basis {
		return study.Basis{Tests: []study.Test{{Method: m, Raw: p / 2, P: p, Level: 0.95, Units: units, Family: f}}}
	}
	within := basis(study.FisherExactTest, math.NaN(), 0, study.Family{Correction: study.Holm})
	gap := basis(study.WilcoxonTest, 0.01, 6, study.Family{Correction: study.Holm, Size: 18, Of: "comparison"})
	gap.Intervals = []study.Interval{{Method: study.MedianOfChanges, Level: 0.95, Over: study.NewModels}}
	change := study.Changes{Median: 0.02, Values: make([]float64, 6), Up: 5, Proof: study.Proven, Samples: none, Models: study.Bounds{Lo: 0.01, Hi: 0.03}, Both: none}
	few := study.Changes{Median: -0.02, Values: make([]float64, 1), Samples: none, Models: none, Both: none}
	sentences(t, "groups", []study.Finding{
		{Claim: study.GroupDiffers{Metric: "accuracy", Attribute: "sex", Group: "f", Median: -0.02, Quartiles: [2]float64{-0.03, 0.01}, Above: 1, Below: 4, Models: 7},
			Basis: basis(study.InfluenceTest, math.NaN(), 0, study.Family{Correction: study.Holm, Size: 28, Of: "test"}), N: 7, Of: study.Models},
		{Claim: study.GainsAtCost{Attribute: "sex", Of: 7}, Basis: within, N: 7, Of: study.Models},
		{Claim: study.GainsAtCost{Attribute: "age", Models: 2, Of: 7, Gainers: []string{"old", "young"}, Losers: []string{"middle"},
			At: []study.ModelsAtCoverage{{Coverage: 0.3, Models: 1}, {Coverage: 0.4, Models: 2}}}, Basis: within, N: 7, Of: study.Models},
		{Claim: study.LeastAnswered{Attribute: "sex", Group: "f", Overall: 0.8, Share: 0.75, Difference: -0.0483, Beyond: true},
			Basis: basis(study.WilcoxonTest, 0.03, 5, study.Family{Correction: study.Bonferroni, Size: 2, Of: "group"}), N: 7, Of: study.Models},
		{Claim: study.LeastAnswered{Attribute: "sex", Group: "f", Overall: 0.8, Share: 0.82, Difference: 0.02},
			Basis: basis(study.WilcoxonTest, 1, 1, study.Family{Correction: study.Bonferroni, Size: 1, Of: "group"}), N: 1, Of: study.Models},
		{Claim: study.GapChanges{Attribute: "sex", Coverage: 0.5, Change: change}, Basis: gap, N: 6, Of: study.Models},
		{Claim: study.GapChanges{Attribute: "sex", Coverage: 0.8, Change: few},
			Basis: basis(study.WilcoxonTest, 1, 1, study.Family{Correction: study.Holm, Size: 18, Of: "comparison"}), N: 1, Of: study.Models},
	},
		"Accuracy of sex f is by −0.0200 (median over models; quartiles −0.0300 to +0.0100) above that of the other samples; above is proven for 1, below for 4 of 7 models "+
			"(influence-function tests within each model over new samples, Holm over models, groups and metrics at 5 %; 7 models).",
		"Withholding answers at one threshold is shown to raise the selective accuracy of one group of sex while lowering that of another in 0 of 7 models "+
			"(Fisher's exact test within each model over new samples, threshold fixed, Holm over groups and coverages 0.1 to 0.9 at 5 %; 7 models).",
		"Withholding answers at one threshold is shown to raise the selective accuracy of one group of age while lowering that of another in 2 of 7 models: "+
			"old and young at the cost of middle, at coverages of 0.3 (1 model) and 0.4 (2 models) "+
			"(Fisher's exact test within each model over new samples, threshold fixed, Holm over groups and coverages 0.1 to 0.9 at 5 %; 7 models).",
		"Where one threshold answers 80 % of all samples, sex f is answered least: 75 % of its samples (median over models), 0.0483 less than of all "+
			"(Wilcoxon over 5 units, these samples, p = 0.03 by Bonferroni over 2 groups; 7 models).",
		"Where one threshold answers 80 % of all samples, sex f is answered least: 82 % of its samples (median over models), 0.0200 more than of all, "+
			"which is not beyond chance (Wilcoxon over 1 unit, these samples, p = 1 by Bonferroni over 1 group; 1 model).",
		"At coverage 0.5 the gap in selective accuracy between the groups of sex that are best and worst with nothing withheld changes by +0.020 [+0.010, +0.030] (median), "+
			"and is larger than with nothing withheld in 5 of 6 models (Wilcoxon over 6 units, p = 0.005, by Holm over 18 comparisons 0.01; interval over new models, these samples; 6 models).",
		"At coverage 0.8 the gap in selective accuracy between the groups of sex that are best and worst with nothing withheld changes by −0.020 (median), "+
			"and is larger than with nothing withheld in 0 of 1 models, which is not beyond chance (Wilcoxon over 1 unit, p = 0.5, by Holm over 18 comparisons 1; too few units for an interval; 1 model).",
	)
}

func TestWhatGroupsLack(t *testing.T) {
	lacksAndNotes(t, &study.Experiment{Name: "groups", Missing: []study.Missing{study.GroupsNotAsked{}, study.GroupsNeedSamples{}, study.NoAttributes{MostLevels: 20, LeastSamples: 30}},
		Notes: []study.Note{study.GroupsAgainstOthers{LeastOfEach: 5}, study.OneThreshold{}}},
		"groups were not asked for",
		"groups of samples need stored predictions: the folder holds published figures only",
		"groups of samples need a column of the prediction tables that names them, with 2 to 20 values of 30 samples or more",
		"each group against all other samples that have the attribute; groups are disjoint, so standard errors from influence values add up by squares; "+
			"p-values two-sided normal, from 5 right and wrong answers on each side, Holm over the models, groups and metrics of an attribute",
		"one threshold for all samples; the change of a group's selective accuracy is against answering all samples of the group, tested by Fisher's exact test of "+
			"answered against withheld samples with the threshold taken as fixed, Holm over groups and coverages of one model and attribute",
	)
}
