package pictures

import (
	"testing"

	"abstain/harness/study"
)

func TestConfidenceSentences(t *testing.T) {
	errors, outside := aChange("margin", "auroc", study.TestOnly), aChange("energy", "ood-auroc", study.Proven)
	outside.Setting = "c-ood-s05"
	best := study.Basis{Counted: true, Tests: []study.Test{{Method: study.SignTest, Raw: 0.02, P: 0.02, Units: 7}}}
	sentences(t, "confidences", []study.Finding{
		{Claim: study.InPlaceOf{Reference: "msp", Changes: errors}, Basis: ofChange(errors), N: 3, Of: study.Models},
		{Claim: study.InPlaceOf{Reference: "msp", Changes: outside}, Basis: ofChange(outside), N: 3, Of: study.Models},
		{Claim: study.BestConfidence{Confidence: "msp", Best: 9, Models: 10, Units: 7, Most: 6, Least: 1}, Basis: best, N: 10, Of: study.Models},
	},
		"margin in place of msp changes AUROC by +0.020 [−0.010, +0.040] (median), to the better for 2 of 3 models, "+
			"beyond chance by the test, but not proven: the interval holds 0 "+
			"(Wilcoxon over 3 units, p = 0.001, by Holm over 8 regimes 0.004; interval over new models and new samples; 3 models).",
		"energy in place of msp changes OOD AUROC under c-ood-s05 by +0.020 [+0.010, +0.040] (median), to the better for 2 of 3 models "+
			"(Wilcoxon over 3 units, p = 0.001, by Holm over 8 regimes 0.004; interval over new models, these samples; 3 models).",
		"msp ranks errors better than every other confidence function tried in 9 of 10 models; of their 7 units, it does so in most models of 6 and in the fewest of 1 (exact count; sign test over units p = 0.02; 10 models).",
	)
	remarks(t, "confidences", []study.Missing{study.NoOtherConfidence{Confidence: "msp"}, study.NoSharedConfidence{Confidence: "msp"}},
		[]study.Note{study.OtherLessReference{Reference: "msp"}},
		"no rows of other confidence functions than msp: abstain run CORPUS --confidence msp,margin,entropy,max-logit,energy,gini gives them where class vectors are stored",
		"no model has values by msp and by another confidence function",
		"change = by the other confidence function less by msp, on the same model")
}
