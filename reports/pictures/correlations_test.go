package pictures

import (
	"math"
	"testing"

	"abstain/harness/study"
)

func TestCorrelationSentences(t *testing.T) {
	in, none := study.Bounds{Lo: 0.1, Hi: 0.9}, study.Bounds{Lo: math.NaN(), Hi: math.NaN()}
	interval := []study.Interval{{Method: study.FisherTransform, Level: 0.95, Over: study.NewModels}}
	families := study.Basis{Tests: []study.Test{{Method: study.SpearmanTest, Level: 0.95, Family: study.Family{Correction: study.Holm, Size: 3, Of: "family"}}}, Intervals: interval}
	up := []study.Correlation{{Scope: "vit", N: 9, Spearman: 0.5, SpearmanIn: in, Pooled: math.NaN()}}
	down := []study.Correlation{{Scope: "cnn", Regime: "kd", N: 8, Spearman: -0.5, SpearmanIn: study.Bounds{Lo: -0.9, Hi: -0.1}, Pooled: 0.3}}
	const by = "p-values by Holm over 3 families and their regimes, at 5 %; intervals over new models of the family; 17 models"
	sentences(t, "correlations", []study.Finding{
		{Claim: study.Correlated{A: "accuracy", B: "auroc", Spearman: 0.5, In: in}, Basis: study.Basis{Tests: []study.Test{{P: 0.01, Units: 12}}, Intervals: interval}, N: 20, Of: study.Models},
		{Claim: study.Correlated{A: "accuracy", B: "auroc", Spearman: 0.5, In: none}, Basis: study.Basis{Tests: []study.Test{{P: math.NaN(), Units: 4}}}, N: 20, Of: study.Models},
		{Claim: study.SignsByFamily{A: "auroc", B: "ece@15", Above: up, Below: down}, Basis: families, N: 17, Of: study.Models},
		{Claim: study.SignsByFamily{A: "auroc", B: "ece@15", Below: down}, Basis: families, N: 17, Of: study.Models},
		{Claim: study.SignsByFamily{A: "auroc", B: "ece@15", TooFew: 2}, Basis: families, N: 17, Of: study.Models},
		{Claim: study.OrderedDifferently{From: "aurc", By: "accuracy", Disorder: 0.254, Kendall: 0.5, In: in, Top: 10, Shared: 3, Expected: 0.24, Best: "vit", Tied: study.Tied{Models: 7, Of: 20}, Place: 4},
			Basis: study.Basis{Counted: true, Intervals: interval}, N: 20, Of: study.Models},
		{Claim: study.OrderedDifferently{From: "aurc", By: "brier", Disorder: 0.254, Kendall: 0.5, In: none, Top: 10, Shared: 3, Expected: 0.24}, Basis: study.Basis{Counted: true}, N: 20, Of: study.Models},
	},
		"Spearman(accuracy, AUROC) = 0.50 [0.10, 0.90] (95 % interval over new models; p = 0.01 of 12 units; 20 models).",
		"Spearman(accuracy, AUROC) = 0.50 (too few units for an interval) (no p-value of 4 units; 20 models).",
		"Spearman(AUROC, ECE@15) changes its sign between families: above 0 in vit 0.50 [0.10, 0.90], n = 9; below 0 in cnn (kd) −0.50 [−0.90, −0.10], n = 8 (0.30 with all regimes of the family together) ("+by+").",
		"Inside families Spearman(AUROC, ECE@15) differs from 0 in cnn (kd) −0.50 [−0.90, −0.10], n = 8 (0.30 with all regimes of the family together) ("+by+").",
		"In no family does Spearman(AUROC, ECE@15) differ from 0 beyond chance; 2 further families or regimes have too few models to prove anything ("+by+").",
		"AURC and accuracy order 25 % of the pairs of models differently; of the 10 best by either, 3 are the same (0.2 if they had nothing in common); "+
			"the best by accuracy, vit (one of 7, none proven better), has place 4 by AURC (Kendall's tau-b = 0.50 [0.10, 0.90], 95 % interval over new models; 20 models).",
		"AURC and Brier order 25 % of the pairs of models differently; of the 10 best by either, 3 are the same (0.2 if they had nothing in common) "+
			"(Kendall's tau-b = 0.50 (too few units for an interval); 20 models).",
	)
}
