package pictures

import (
	"math"
	"testing"

	"abstain/harness/study"
)

func TestFamilySentences(t *testing.T) {
	better := []study.FamilyMetric{{Family: "vit", N: 9, Median: 0.9, Others: 0.8}, {Family: "cait", N: 3, Median: 0.85, Others: 0.8}}
	worse := []study.FamilyMetric{{Family: "cnn", N: 8, Median: 0.7, Others: 0.85}}
	basis := study.Basis{Tests: []study.Test{{Method: study.MannWhitneyTest, P: math.NaN(), Level: 0.95, Family: study.Family{Correction: study.Holm, Size: 12, Of: "family"}}}}
	in := study.Bounds{Lo: 0.1, Hi: 0.9}
	up := []study.Correlation{{Scope: "vit", N: 9, Spearman: 0.5, SpearmanIn: in}}
	down := []study.Correlation{{Scope: "cnn", Regime: "kd", N: 8, Spearman: -0.5, SpearmanIn: study.Bounds{Lo: -0.9, Hi: -0.1}}}
	size := study.Basis{Tests: []study.Test{{Method: study.SpearmanTest, P: math.NaN(), Level: 0.95, Family: study.Family{Correction: study.Holm, Size: 6, Of: "correlation"}}},
		Intervals: []study.Interval{{Method: study.FisherTransform, Level: 0.9, Over: study.NewModels}}}
	all := study.Correlation{Scope: "all", N: 20, Spearman: 0.5, SpearmanIn: in}
	const by, over = "Mann-Whitney of units against all other units, Holm over 12 families at 5 %; 20 models", "90 % intervals over new models; Holm over 6 correlations at 5 %; 20 models"
	sentences(t, "families", []study.Finding{
		{Claim: study.SeparableFamilies{Metric: "auroc", TooFew: 2}, Basis: basis, N: 20, Of: study.Models},
		{Claim: study.SeparableFamilies{Metric: "auroc", Better: better}, Basis: basis, N: 20, Of: study.Models},
		{Claim: study.SeparableFamilies{Metric: "auroc", Worse: worse}, Basis: basis, N: 20, Of: study.Models},
		{Claim: study.SeparableFamilies{Metric: "auroc", Better: better, Worse: worse}, Basis: basis, N: 20, Of: study.Models},
		{Claim: study.SizeCorrelated{Metric: "accuracy", All: all}, Basis: size, N: 20, Of: study.Models},
		{Claim: study.SizeCorrelated{Metric: "accuracy", All: all, Beyond: true, Above: up, Below: down, TooFew: 1}, Basis: size, N: 20, Of: study.Models},
	},
		"By AUROC no family differs from the others beyond chance; 2 families have too few units to prove anything ("+by+").",
		"By AUROC better than the others: vit (median 0.900 against 0.800, n = 9) and cait (median 0.850 against 0.800, n = 3) ("+by+").",
		"By AUROC worse than the others: cnn (median 0.700 against 0.850, n = 8) ("+by+").",
		"By AUROC better than the others: vit (median 0.900 against 0.800, n = 9) and cait (median 0.850 against 0.800, n = 3); "+
			"worse: cnn (median 0.700 against 0.850, n = 8) ("+by+").",
		"Spearman(parameters, accuracy) = 0.50 [0.10, 0.90], not beyond chance over all models ("+over+").",
		"Spearman(parameters, accuracy) = 0.50 [0.10, 0.90] over all models; inside families above 0 in vit 0.50 [0.10, 0.90]; "+
			"inside families below 0 in cnn (kd) −0.50 [−0.90, −0.10]; 1 family or regime of one has too few models to prove anything ("+over+").",
	)
}

func TestWhatFamiliesLack(t *testing.T) {
	lacksAndNotes(t, &study.Experiment{Name: "families", Missing: []study.Missing{study.TooFewFamilies{}, study.SizesUnknown{Least: 5}}, Notes: []study.Note{study.FamilyTests{Least: 3}}},
		"families need metadata \"family\" with two values or more",
		"size against metrics: fewer than 5 models have metadata \"params\"",
		"each family of 3 units or more against the units that have no model of it, by the Mann-Whitney test of the means of units; "+
			"Holm over the families of a metric, where each p-value counts the tests that could have reached it (Tarone 1990); "+
			"superiority is the probability that a unit of the family has the larger mean than one of the others",
	)
}
