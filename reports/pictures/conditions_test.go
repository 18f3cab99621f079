package pictures

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"abstain/harness/study"
)

func TestConditionSentences(t *testing.T) {
	ranks := study.Basis{Intervals: []study.Interval{{Method: study.FisherTransform, Level: 0.95, Over: study.NewModels}}}
	regimes := study.Basis{Tests: []study.Test{{Method: study.WilcoxonTest, P: math.NaN(), Level: 0.95,
		Family: study.Family{Correction: study.Holm, Size: 60, Of: "regime and kind of condition"}}}}
	none := study.Bounds{Lo: math.NaN(), Hi: math.NaN()}
	agree := func(scope string, r float64) study.Correlation {
		return study.Correlation{Scope: scope, Spearman: r, SpearmanIn: study.Bounds{Lo: r - 0.1, Hi: r + 0.1}}
	}
	under := aChange("fog-5", "nll", study.Proven)
	proven := aChange("kd", "ece@15", study.Proven)
	proven.Setting = "fog"
	sentences(t, "conditions", []study.Finding{
		{Claim: study.RanksUnderConditions{Least: agree("fog-5", 0.3), Most: agree("blur-1", 0.8)}, Basis: ranks, N: 20, Of: study.Models},
		{Claim: study.RanksUnderConditions{Least: study.Correlation{Scope: "fog-5", Spearman: 0.3, SpearmanIn: none}, Most: study.Correlation{Scope: "blur-1", Spearman: 0.8, SpearmanIn: none}},
			Basis: study.Basis{Counted: true}, N: 20, Of: study.Models},
		{Claim: study.UnderCondition{Changes: under}, Basis: ofChange(under), N: 3, Of: study.Models},
		{Claim: study.NoSeparableRegime{Units: 1, Hopeless: true}, Basis: regimes, N: 3, Of: study.Pairs},
		{Claim: study.NoSeparableRegime{Units: 30}, Basis: regimes, N: 90, Of: study.Pairs},
		{Claim: study.SeparableRegimes{Changes: []study.Changes{proven}}, Basis: regimes, N: 90, Of: study.Pairs},
	},
		"Ranks by AURC under shift and attack agree with clean ranks by Spearman 0.30 [0.20, 0.40] under fog-5, the least, to 0.80 [0.70, 0.90] under blur-1, the most "+
			"(95 % intervals over new models, these samples; 20 models).",
		"Ranks by AURC under shift and attack agree with clean ranks by Spearman 0.30 (too few units for an interval) under fog-5, the least, to "+
			"0.80 (too few units for an interval) under blur-1, the most (these models and samples; 20 models).",
		"Under fog-5 NLL changes by +0.020 [+0.010, +0.040] (median), to the worse for 1 of 3 models "+
			"(Wilcoxon over 3 units, p = 0.001, by Holm over 8 regimes 0.004; interval over new models, these samples; 3 models).",
		"Under conditions the regimes have too few twins to prove anything: at most 1 unit "+
			"(Wilcoxon with Holm within each metric over 60 regimes and kinds of condition at 5 %; 3 pairs).",
		"Under no condition is a regime told apart from its base twins (Wilcoxon with Holm within each metric over 60 regimes and kinds of condition at 5 %; 90 pairs).",
		"Told apart from their base twins, by the mean over severities, are kd, ECE@15 under fog: +2.0 [+1.0, +4.0] % "+
			"(Wilcoxon with Holm within each metric over 60 regimes and kinds of condition at 5 %; 90 pairs).",
	)
	remarks(t, "conditions", []study.Missing{study.NoConditions{Clean: "clean"}}, []study.Note{study.CleanValues{SameSamples: true}, study.CleanValues{}},
		"tables of the same models under shift or attack: conditions other than clean, with labels",
		"clean values are over the samples that the condition's table has",
		"clean values are over all clean samples: which of them a condition's table holds is not known")
}

func TestManyRegimesApart(t *testing.T) {
	var want string
	for k := range 12 {
		want += fmt.Sprintf("kd, AUROC under c%d: +0.020 [+0.010, +0.040], ", k)
	}
	many := slices.Repeat([]study.Changes{aChange("kd", "auroc", study.Proven)}, 14)
	for k := range many {
		many[k].Setting = fmt.Sprint("c", k)
	}
	want = "told apart from their base twins, by the mean over severities, are " + want[:len(want)-2] + " and 2 more"
	if got := conditionClaim(study.SeparableRegimes{Changes: many}); got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
}
