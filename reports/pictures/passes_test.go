package pictures

import (
	"testing"

	"abstain/harness/study"
)

func TestPassesSentences(t *testing.T) {
	scored, mean := aChange("score:mc-mean", "aurc", study.Proven), aChange("passes vs dropout twin", "aurc", study.Unproven)
	sentences(t, "passes", []study.Finding{
		{Claim: study.InPlaceOf{Reference: "entropy", Changes: scored}, Basis: ofChange(scored), N: 3, Of: study.Models},
		{Claim: study.MeanOfPasses{Changes: mean}, Basis: ofChange(mean), N: 3, Of: study.Pairs},
	},
		"score:mc-mean in place of entropy changes AURC by +2.00 [+1.00, +4.00] % (median), to the better for 2 of 3 models "+
			"(Wilcoxon over 3 units, p = 0.001, by Holm over 8 regimes 0.004; interval over new models, these samples; 3 models).",
		"Passes vs dropout twin: median change of AURC +2.00 %, better in 2 of 3 pairs, which is not beyond chance "+
			"(Wilcoxon over 3 units, p = 0.001, by Holm over 8 regimes 0.004; too few units for an interval; 3 pairs).",
	)
	remarks(t, "passes", []study.Missing{study.NoPasses{}, study.NoMutualInformation{}, study.NoMeansOfPasses{}}, nil,
		"confidences of stored stochastic passes: no rows of a confidence function score:mc-...; "+
			"a table's columns score:mc-mean, score:mc-entropy and score:mc-mutual-information are taken as they are",
		"mutual information of the passes: no column score:mc-mutual-information",
		"models of the regime mc-dropout, whose stored predictions are means of passes, with a base twin")
}
