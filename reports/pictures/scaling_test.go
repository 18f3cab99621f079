package pictures

import (
	"math"
	"testing"

	"abstain/harness/study"
)

func TestScalingSentences(t *testing.T) {
	still := aChange("temperature", "accuracy", study.Unproven)
	still.Median, still.Better, still.Values = 0, 0, make([]float64, 3)
	few := aChange("pnorm", "auroc", study.Unproven)
	few.Hopeless = true
	basis := func(intervals ...study.Interval) study.Basis {
		return study.Basis{Tests: []study.Test{{Method: study.WilcoxonTest, P: math.NaN(), Level: 0.95, Units: 3,
			Family: study.Family{Correction: study.Holm, Size: 8, Of: "transform"}}}, Intervals: intervals}
	}
	sentences(t, "scaling", []study.Finding{
		{Claim: study.TransformChanges{Transform: "temperature", Changes: []study.Changes{still, aChange("temperature", "auroc", study.Proven),
			aChange("temperature", "aurc", study.TestOnly), aChange("temperature", "ece@15", study.Unproven)}},
			Basis: basis(study.Interval{Method: study.MedianOfChanges, Level: 0.95, Over: study.NewModels}), N: 3, Of: study.Models},
		{Claim: study.TransformChanges{Transform: "pnorm", Changes: []study.Changes{still, few}}, Basis: basis(), N: 3, Of: study.Models},
	},
		"temperature, after less before: accuracy stays as it is; AUROC +0.020 [+0.010, +0.040], better for 2 and worse for 1 of 3 (p = 0.004); "+
			"AURC +2.00 [−1.00, +4.00] %, better for 2 and worse for 1 of 3 (p = 0.004, but not proven: the interval holds 0); "+
			"ECE@15 +2.0 %, better for 2 and worse for 1 of 3 (p = 0.004, not beyond chance) "+
			"(median change on the same rows; Wilcoxon with Holm within each metric over 8 transforms over 3 units; intervals over new models, these samples; 3 models).",
		"pnorm, after less before: accuracy stays as it is; AUROC +0.020, better for 2 and worse for 1 of 3 (p = 0.004, too few units to prove it for new models) (median change on the same rows; Wilcoxon with Holm within each metric over 8 transforms over 3 units; "+
			"intervals over nothing: there are too few units; 3 models).",
	)
	remarks(t, "scaling", []study.Missing{study.AlreadyTransformed{Transform: "temperature"}, study.NoTransforms{}, study.NoneUntransformed{}},
		[]study.Note{study.AfterLessBefore{}},
		"before and after: the rows compared are those after temperature; --transform none compares with it",
		"no rows of a transform: abstain run CORPUS --transform none,temperature fits one on a validation split and adds them",
		"no transformed row has an untransformed one over as many samples",
		"change = after less before, on the same rows; before is the untransformed row over as many samples, also where a part of the table was held out for fitting")
}
