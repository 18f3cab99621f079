package pictures

import (
	"math"
	"testing"

	"abstain/harness/study"
)

func TestSeveritySentences(t *testing.T) {
	none := study.Bounds{Lo: math.NaN(), Hi: math.NaN()}
	change := study.Changes{Median: -0.2, Proof: study.Proven, Samples: none, Models: study.Bounds{Lo: -0.3, Hi: -0.1}, Both: none}
	falls := study.Basis{Tests: []study.Test{{Method: study.WilcoxonTest, Raw: 0.003, P: 0.003, Units: 9, Family: study.Family{Correction: study.Holm, Size: 1}}}, Intervals: []study.Interval{{Method: study.MedianOfChanges, Level: 0.95, Over: study.NewModels}}}
	level := study.Basis{Tests: []study.Test{{Method: study.SpearmanTest, P: 0.00002, Units: 9}, {Method: study.SpearmanTest, P: math.NaN(), Units: 4}},
		Intervals: []study.Interval{{Method: study.FisherTransform, Level: 0.95, Over: study.NewModels}}}
	few, rises, open, here, mixed := change, change, change, change, change
	few.Models = none
	few.Proof = study.Unproven
	fallsOfFew := study.Basis{Tests: falls.Tests}
	rises.Median, rises.Models = 0.2, study.Bounds{Lo: 0.1, Hi: 0.3}
	open.Proof = study.Unproven
	here.Proof, here.Models = study.TestOnly, study.Bounds{Lo: -0.3, Hi: 0.1}
	mixed.Median, mixed.Proof = 0.1, study.Unproven
	sentences(t, "severity", []study.Finding{
		{Claim: study.SeverityChanges{Easiest: 0.9, Hardest: 0.7, Levels: 11, Change: change}, Basis: falls, N: 20, Of: study.Models},
		{Claim: study.SeverityChanges{Easiest: 0.9, Hardest: 0.7, Levels: 2, Change: few}, Basis: fallsOfFew, N: 3, Of: study.Models},
		{Claim: study.SeverityChanges{Easiest: 0.7, Hardest: 0.9, Levels: 11, Change: rises}, Basis: falls, N: 20, Of: study.Models},
		{Claim: study.SeverityChanges{Easiest: 0.9, Hardest: 0.7, Levels: 11, Change: open}, Basis: falls, N: 20, Of: study.Models},
		{Claim: study.SeverityChanges{Easiest: 0.9, Hardest: 0.7, Levels: 11, Change: here}, Basis: falls, N: 20, Of: study.Models},
		{Claim: study.SeverityChanges{Easiest: 0.9, Hardest: 0.7, Levels: 11, Change: mixed}, Basis: falls, N: 20, Of: study.Models},
		{Claim: study.LevelCorrelated{Level: 5, Accuracy: study.Correlation{Spearman: 0.9, SpearmanIn: study.Bounds{Lo: 0.8, Hi: 0.95}},
			AUROC: study.Correlation{Spearman: 0.1, SpearmanIn: study.Bounds{Lo: -0.1, Hi: 0.3}}}, Basis: level, N: 20, Of: study.Models},
	},
		"Telling new classes from known ones gets harder with severity: the median AUROC falls from 0.900 at the easiest to 0.700 at the hardest of 11 levels "+
			"(change −0.200 [−0.300, −0.100], interval over new models, these samples; Wilcoxon over 9 units, p = 0.003; 20 models).",
		"The median AUROC of telling new classes from known ones falls from 0.900 at the easiest to 0.700 at the hardest of 2 levels, "+
			"which is not beyond chance (change −0.200; too few units for an interval; Wilcoxon over 9 units, p = 0.003; 3 models).",
		"Telling new classes from known ones gets easier with severity: the median AUROC rises from 0.700 at the easiest to 0.900 at the hardest of 11 levels "+
			"(change +0.200 [+0.100, +0.300], interval over new models, these samples; Wilcoxon over 9 units, p = 0.003; 20 models).",
		"The median AUROC of telling new classes from known ones falls from 0.900 at the easiest to 0.700 at the hardest of 11 levels, "+
			"which is not beyond chance (change −0.200 [−0.300, −0.100], interval over new models, these samples; Wilcoxon over 9 units, p = 0.003; 20 models).",
		"The median AUROC of telling new classes from known ones falls from 0.900 at the easiest to 0.700 at the hardest of 11 levels, "+
			"beyond chance by the test, but not proven: the interval holds 0 (change −0.200 [−0.300, +0.100], interval over new models, these samples; Wilcoxon over 9 units, p = 0.003; 20 models).",
		"The median AUROC of telling new classes from known ones is 0.900 at the easiest and 0.700 at the hardest of 11 levels, "+
			"which is not beyond chance (change +0.100 [−0.300, −0.100], interval over new models, these samples; Wilcoxon over 9 units, p = 0.003; 20 models).",
		"At level 5 the AUROC against new classes has Spearman 0.90 [0.80, 0.95] with accuracy and 0.10 [−0.10, 0.30] with the AUROC of failure prediction "+
			"(95 % intervals over new models; p < 0.001 of 9 units and no p-value of 4 units; 20 models).",
	)
	lacksAndNotes(t, &study.Experiment{Name: "severity", Missing: []study.Missing{study.NoLevels{}, study.NoOutsideClasses{},
		study.FewerLevels{Wanted: 11, Levels: 3, Classes: 3}, study.FewerLevels{Wanted: 11, Levels: 1, Classes: 1}},
		Notes: []study.Note{study.SeverityWindows{Classes: 12, Column: "source", Windows: 11, Window: 2, Levels: 11},
			study.SeverityWindows{Classes: 1, Column: "class", Windows: 1, Window: 1, Levels: 1}}},
		"severity levels need rows of conditions such as c-ood-s05 with ood-auroc, or stored predictions: the folder holds published figures only",
		"severity levels need a table of out-of-distribution samples (label -1) with a column that names their class, such as ood_class or source (--ood-class NAME)",
		"11 severity levels: with 3 classes out of distribution there are 3",
		"11 severity levels: with 1 class out of distribution there are 1",
		"12 classes out of distribution, named by the column source: 11 windows of 2 classes, 11 levels; for each model by itself, "+
			"classes ranked by mean confidence on 75 % of their samples, AUROC against the known classes on the other 25 %",
		"1 class out of distribution, named by the column class: 1 window of 1 class, 1 level; for each model by itself, "+
			"classes ranked by mean confidence on 75 % of their samples, AUROC against the known classes on the other 25 %",
	)
}
