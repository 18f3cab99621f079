package pictures

import (
	"testing"

	"abstain/harness/study"
)

func TestCorrelationSentences(t *testing.T) {
	in := study.Bounds{Lo: 0.1, Hi: 0.9}
	interval := []study.Interval{{Method: study.FisherTransform, Level: 0.95, Over: study.NewModels}}
	families := study.Basis{Tests: []study.Test{{Method: study.SpearmanTest, Level: 0.95, Family: study.Family{Correction: study.Holm, Size: 2, Of: "family"}}}, Intervals: interval}
	up := []study.Correlation{{Scope: "vit", N: 9, Spearman: 0.5, SpearmanIn: in}}
	down := []study.Correlation{{Scope: "cnn", N: 8, Spearman: -0.5, SpearmanIn: study.Bounds{Lo: -0.9, Hi: -0.1}}}
	const by = "p-values by Holm over 2 families, at 5 %; intervals over new models of the family; 17 models"
	sentences(t, "correlations", []study.Finding{
		{Claim: study.Correlated{A: "accuracy", B: "auroc", Spearman: 0.5, In: in}, Basis: study.Basis{Tests: []study.Test{{P: 0.01}}, Intervals: interval}, N: 20, Of: study.Models},
		{Claim: study.SignsByFamily{A: "auroc", B: "ece@15", Above: up, Below: down}, Basis: families, N: 17, Of: study.Models},
		{Claim: study.SignsByFamily{A: "auroc", B: "ece@15", Below: down}, Basis: families, N: 17, Of: study.Models},
		{Claim: study.SignsByFamily{A: "auroc", B: "ece@15"}, Basis: families, N: 17, Of: study.Models},
		{Claim: study.OrderedDifferently{From: "aurc", By: "accuracy", Disorder: 0.254, Kendall: 0.5, In: in, Top: 10, Shared: 3, Chance: 0.02, Best: "vit", Place: 4},
			Basis: study.Basis{Tests: []study.Test{{Method: study.OverlapTest, P: 0.02}}, Intervals: interval}, N: 20, Of: study.Models},
	},
		"Spearman(accuracy, AUROC) = 0.50 [0.10, 0.90] (95 % interval over new models; p = 0.01; 20 models).",
		"Spearman(AUROC, ECE@15) changes its sign between families: above 0 in vit 0.50 [0.10, 0.90], n = 9; below 0 in cnn -0.50 [-0.90, -0.10], n = 8 ("+by+").",
		"Inside families Spearman(AUROC, ECE@15) differs from 0 in cnn -0.50 [-0.90, -0.10], n = 8 ("+by+").",
		"In no family does Spearman(AUROC, ECE@15) differ from 0 beyond chance ("+by+").",
		"AURC and accuracy order 25 % of the pairs of models differently; of the 10 best by either, 3 are the same; the best by accuracy, vit, has place 4 by AURC "+
			"(Kendall's tau-b = 0.50 [0.10, 0.90], 95 % interval over new models; overlap by chance or better: hypergeometric p = 0.02; 20 models).",
	)
}
