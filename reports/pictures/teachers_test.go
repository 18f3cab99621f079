package pictures

import (
	"testing"

	"abstain/harness/study"
)

func TestTeacherSentences(t *testing.T) {
	unproven, few, here, proven := aChange("", "auroc", study.Unproven), aChange("", "auroc", study.Unproven), aChange("", "auroc", study.TestOnly), aChange("", "auroc", study.Proven)
	few.Hopeless = true
	sentences(t, "teachers", []study.Finding{
		{Claim: study.StudentOverTeacher{Changes: unproven}, Basis: ofChange(unproven), N: 3, Of: study.Pairs},
		{Claim: study.StudentOverTeacher{Changes: few}, Basis: ofChange(few), N: 3, Of: study.Pairs},
		{Claim: study.StudentOverTeacher{Changes: here}, Basis: ofChange(here), N: 3, Of: study.Pairs},
		{Claim: study.StudentOverTwin{Changes: proven}, Basis: ofChange(proven), N: 3, Of: study.Pairs},
	},
		"By AUROC the student is better than its teacher in 2 of 3 pairs: median change +0.020, which is not beyond chance "+
			"(Wilcoxon over 3 units, p = 0.001, by Holm over 8 regimes 0.004; too few units for an interval; 3 pairs).",
		"By AUROC the student is better than its teacher in 2 of 3 pairs: median change +0.020, of too few units to prove it for new models "+
			"(Wilcoxon over 3 units, p = 0.001, by Holm over 8 regimes 0.004; too few units for an interval; 3 pairs).",
		"By AUROC the student is better than its teacher in 2 of 3 pairs: median change +0.020 [−0.010, +0.040], "+
			"beyond chance by the test, but not proven: the interval holds 0 "+
			"(Wilcoxon over 3 units, p = 0.001, by Holm over 8 regimes 0.004; interval over new models and new samples; 3 pairs).",
		"Where the teacher has the worse AUROC than the student's twin, the student is better than the twin in 2 of 3 pairs: median change +0.020 [+0.010, +0.040] "+
			"(Wilcoxon over 3 units, p = 0.001, by Holm over 8 regimes 0.004; interval over new models, these samples; 3 pairs).",
	)
	remarks(t, "teachers", []study.Missing{study.OwnTeacher{Model: "vit"}, study.TeachersAbsent{Students: 1}, study.NoTeachers{}},
		[]study.Note{study.TwinsPicked{}},
		"the teacher of vit, which is named as its own: left out",
		"the teachers of 1 student: they are not among the compared models",
		"no model has metadata \"teacher\" that names another of the models",
		"where the teacher is worse than the base twin, the twin was picked for being good on these samples, which counts against the student")
}
