package metrics_test

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/metrics"
	"abstain/metrics/disparity"
	"abstain/metrics/rowstat"
	"abstain/metrics/stattest"
)

// absentClass, noCoverage ... are reviewed reasons that several rules share.
var (
	absentClass = explanation{
		"undefined if right or wrong predictions do not occur; the peer returns 0",
		func(q *question, got, want []float64) bool {
			r := q.ranked()
			return math.IsNaN(got[0]) && want[0] == 0 && (r.Errors == 0 || r.Errors == r.N())
		},
	}
	noCoverage = explanation{
		"0, with a note, where no coverage meets the target; the peer returns NaN",
		func(_ *question, got, want []float64) bool { return got[0] == 0 && math.IsNaN(want[0]) },
	}
	absentLabel = explanation{
		"the mean over the classes that occur; the peer returns NaN if one does not",
		func(q *question, _, want []float64) bool {
			return math.IsNaN(want[0]) && len(disparity.LabelGroup(q.outcomes).Levels) < q.outcomes.Classes
		},
	}
	probabilityFloor = explanation{
		"stored probabilities are raised to 1e-12, so that one stored 0 does not decide; the peer takes the logarithm of what is there",
		func(q *question, got, want []float64) bool {
			return got[0] < want[0] && slices.Max(q.outcomes.NLL) == -math.Log(rowstat.MinProb)
		},
	}
	emptyRate = explanation{
		"undefined in a group without samples of the class; the peer returns 0",
		func(q *question, got, want []float64) bool {
			return math.IsNaN(got[0]) && want[0] == 0 && q.outcomes.N() > 0
		},
	}
	permutedRows = explanation{
		"ours ties rows that are permutations of each other; the peer parts them by rounding, and its value is possible with another order among them",
		func(q *question, got, want []float64) bool {
			r := q.ranked()
			return math.Abs(got[0]-want[0])*float64(r.Errors*(r.N()-r.Errors)) <= pairsAmongPermuted(q, r)/2+1e-9
		},
	}
	classTies = explanation{
		"among equal class values the lower class is placed higher; the peer prefers the higher",
		func(q *question, _, _ []float64) bool {
			for i, l := range q.set.rows.Label {
				row := q.outcomes.Vector(i)
				for j, v := range row {
					if j != int(l) && v == row[l] {
						return true
					}
				}
			}
			return false
		},
	}
)

// pairsAmongPermuted counts the pairs of a right and a wrong row that tie and are
// permutations of each other.
func pairsAmongPermuted(q *question, r *metrics.Ranked) (pairs float64) {
	from := int32(0)
	for _, end := range r.Ends {
		count := map[string][2]float64{}
		for _, i := range r.Order[from:end] {
			row := slices.Sorted(slices.Values(q.outcomes.Vector(int(i))))
			c := count[fmt.Sprint(row)]
			if r.Outcomes.Correct[i] {
				c[0]++
			} else {
				c[1]++
			}
			count[fmt.Sprint(row)] = c
		}
		for _, c := range count {
			pairs += c[0] * c[1]
		}
		from = end
	}
	return pairs
}

// coreRules are the rules of accuracy, ranking, selection, groups and
// out-of-distribution samples.
var coreRules = []rule{
	{kind: "binary", metric: "accuracy", convention: "mean of correct", id: "accuracy"},
	{kind: "binary", metric: "accuracy_ci_exact", convention: "Clopper-Pearson", of: interval(stattest.ClopperPearson)},
	{kind: "binary", metric: "accuracy_ci_wilson", convention: "", of: interval(stattest.Wilson)},

	{kind: "binary", metric: "auroc_failure", convention: "auroc.mid-rank", id: "auroc", explain: []explanation{absentClass}},
	{kind: "binary", metric: "auroc_failure", convention: "auroc.sorted-pairs", id: "auroc-galil2023"},
	{kind: "binary", metric: "aupr_success", convention: "average-precision", id: "aupr-success", explain: []explanation{absentClass}},
	{kind: "binary", metric: "aupr_error", convention: "average-precision", id: "aupr-error", explain: []explanation{absentClass}},
	{kind: "binary", metric: "fpr95", convention: "fpr95.success-positive-0.9495", id: "fpr@0.9495"},
	{kind: "binary", metric: "fpr95_error_positive", convention: "fpr95.nearest-recall", id: "fpr-error-nearest@0.95"},

	{kind: "binary", metric: "aurc", convention: "aurc.mean-prefix", id: "aurc-galil2023"},
	{kind: "binary", metric: "aurc", convention: "aurc.mean-prefix", id: "aurc", rows: true},
	{kind: "binary", metric: "aurc", convention: "aurc.mean-prefix (harmonic weights)", id: "aurc", rows: true},
	{kind: "binary", metric: "aurc", convention: "aurc.trapezoid-tie-grouped", id: "aurc-trapezoid"},
	{kind: "binary", metric: "aurc", convention: "aurc.trapezoid-zero-origin", id: "aurc-trapezoid-zero-origin", rows: true},
	{kind: "binary", metric: "aurc", convention: "aurc.trapezoid-normalised", id: "aurc-trapezoid-normalised", rows: true},
	{kind: "binary", metric: "aurc_achievable", convention: "aurc.achievable", id: "aurc-achievable"},
	{kind: "binary", metric: "aurc_ln", convention: "aurc.ln-weights", id: "aurc-ln", rows: true},
	{kind: "binary", metric: "auarc", convention: "1 - aurc.mean-prefix", id: "auarc", rows: true},
	{kind: "binary", metric: "mean_selective_accuracy", convention: "1 - aurc.mean-prefix", id: "auarc", rows: true},
	{kind: "binary", metric: "sele", convention: "sele rank/n weights", id: "sele", rows: true},
	{kind: "binary", metric: "augrc", convention: "augrc.trapezoid-tie-grouped", id: "augrc"},
	{kind: "binary", metric: "augrc", convention: "augrc.trapezoid-normalised", id: "augrc-trapezoid-normalised", rows: true},
	{kind: "binary", metric: "eaugrc", convention: "eaugrc", id: "eaugrc"},
	{kind: "binary", metric: "eaurc", convention: "eaurc.same-estimator-optimum", id: "eaurc", rows: true},
	{kind: "binary", metric: "eaurc", convention: "eaurc.continuous-optimum", peer: "official-523", id: "eaurc-galil2023"},
	{kind: "binary", metric: "eaurc", convention: "eaurc.continuous-optimum", peer: "fd-shifts", id: "eaurc-trapezoid-continuous"},
	{kind: "binary", metric: "naurc", convention: "naurc", id: "naurc-zero-origin", rows: true, explain: []explanation{absentClass}},
	{kind: "binary", metric: "aurc_legacy", convention: "aurc.fd-shifts-legacy", id: "aurc-trapezoid", explain: []explanation{legacyPoints}},
	{kind: "binary", metric: "coverage_at_accuracy", convention: "sac.first-crossing-n-plus-1", of: officialCoverage},
	{kind: "binary", metric: "coverage_at_accuracy", convention: "sac.first-crossing-n-plus-1", params: map[string]any{"start_index": 200.0}, id: "sac-galil2023@{accuracy}"},
	{kind: "binary", metric: "coverage_at_accuracy", convention: "sac.last-crossing", id: "sac@{accuracy}", rows: true},
	{kind: "binary", metric: "coverage_at_risk", convention: "car.last-crossing", id: "coverage-at-risk@{risk}", rows: true, explain: []explanation{noCoverage}},
	{kind: "binary", metric: "risk_at_coverage", convention: "rac.ceil", id: "risk@{coverage}", rows: true},
	{kind: "binary", metric: "risk_at_coverage", convention: "rac.ceil", id: "selective-accuracy@{coverage}", rows: true, adapt: oneMinus},
	{kind: "binary", metric: "working_point", convention: "pareto-distinct-thresholds", of: workingPoint},

	{kind: "binary", metric: "ece", convention: "edges.right-closed-f32", id: "ece-galil2023@{bins}"},
	{kind: "binary", metric: "mce", convention: "edges.right-closed-f32", id: "mce-galil2023@{bins}"},
	{kind: "binary", metric: "ece", convention: "equal-mass.official-step", id: "ece-adaptive-galil2023@{bins}"},
	{kind: "binary", metric: "confidence_mean", convention: "mean", id: "mean-confidence"},
	{kind: "binary", metric: "confidence_median", convention: "lower median", id: "median-confidence"},
	{kind: "binary", metric: "confidence_variance", convention: "unbiased", id: "confidence-variance"},
	{kind: "binary", metric: "confidence_gini", convention: "adds 1e-7 in place", id: "confidence-gini-galil2023"},
	{kind: "binary", metric: "confidence_gini", convention: "adds 1e-7 in place", id: "confidence-gini", explain: []explanation{
		within(1e-6, "the definition; the peer adds 1e-7 to the confidences first"),
	}},
	{kind: "binary", metric: "brier_binary", convention: "mean squared", id: "brier-top"},
	{kind: "binary", metric: "nll_binary", convention: "clip eps of the input dtype", id: "nll-binary"},
	{kind: "binary", metric: "fail_nll", convention: "log(p+1e-7)", id: "fail-nll"},

	{kind: "multiclass", metric: "accuracy", convention: "first index wins argmax ties", id: "accuracy"},
	{kind: "multiclass", metric: "balanced_accuracy", convention: "mean recall of present classes", id: "balanced-accuracy"},
	{kind: "multiclass", metric: "auroc_failure", convention: "auroc.mid-rank", id: "auroc", explain: []explanation{permutedRows}},
	{kind: "multiclass", metric: "brier", convention: "brier.sum-over-classes", id: "brier"},
	{kind: "multiclass", metric: "brier", convention: "brier.half-sum", id: "brier-half"},
	{kind: "multiclass", metric: "brier", convention: "brier.mean-over-classes", id: "brier-mean"},
	{kind: "multiclass", metric: "nll", convention: "log of given probability", id: "nll", explain: []explanation{probabilityFloor}},
	{kind: "multiclass", metric: "nll", convention: "log of given probability", id: "nll-unfloored"},
	{kind: "multiclass", metric: "nll", convention: "rows renormalised, clip eps", id: "nll-renormalised"},
	{kind: "multiclass", metric: "nll", convention: "sklearn log_loss", id: "nll-renormalised"},
	{kind: "multiclass", metric: "brier_top", convention: "top-label", id: "brier-top"},
	{kind: "multiclass", metric: "auroc_ovr_macro", convention: "auroc.mid-rank", id: "auroc-ovr-macro", explain: []explanation{absentLabel}},
	{kind: "multiclass", metric: "aurrrc", convention: "mean risk at 10 thresholds", id: "aurrrc@{bins}"},
	{kind: "multiclass", metric: "topk_accuracy", convention: "mergesort argsort, last k", id: "top-k@{k}", explain: []explanation{classTies}},

	{kind: "multiclass", metric: "entropy_mean", convention: "natural log", confidence: "entropy", id: "mean-confidence", adapt: minus},

	{kind: "logits", metric: "auroc_failure", convention: "auroc.mid-rank", id: "auroc"},
	{kind: "logits", metric: "aurc", convention: "aurc.trapezoid-zero-origin", id: "aurc-trapezoid-zero-origin", rows: true},

	{kind: "ood", metric: "ood_auroc", convention: "auroc.mid-rank", id: "ood-auroc"},
	{kind: "ood", metric: "ood_aupr_in", convention: "trapezoid under the PR curve, ID positive", id: "ood-aupr-in-trapezoid"},
	{kind: "ood", metric: "ood_aupr_in_ap", convention: "average-precision (step)", id: "ood-aupr-in"},
	{kind: "ood", metric: "ood_aupr_out", convention: "trapezoid under the PR curve, OOD positive", id: "ood-aupr-out-trapezoid"},
	{kind: "ood", metric: "ood_aupr_out_ap", convention: "average-precision (step)", id: "ood-aupr-out"},
	{kind: "ood", metric: "ood_ccr_at_fpr", convention: "strictly above the ceil(fpr*n_ood)-th largest OOD score", id: "ood-ccr@{fpr}"},
	{kind: "ood", metric: "ood_fpr95", convention: "OOD is positive, score -conf, first threshold with TPR >= 0.95", id: "ood-fpr-out@0.95"},
	{kind: "ood", metric: "ood_fpr95", convention: "fpr95.nearest-recall", id: "ood-fpr-out-nearest@0.95"},
	{kind: "ood", metric: "ood_fpr95_id_positive", convention: "ID is positive, first threshold with TPR >= 0.95", id: "ood-fpr-in@0.95"},
	{kind: "ood", metric: "ood_accuracy_id", convention: "ID rows only", id: "accuracy"},

	{kind: "groups", metric: "aurc", convention: "aurc.mean-prefix", of: groupAURC},
	{kind: "groups", metric: "auroc", convention: "auroc.mid-rank", of: groupAUROC},
	{kind: "groups", metric: "accuracy", convention: "by group", id: "accuracy"},
	{kind: "groups", metric: "accuracy", convention: "overall", id: "accuracy"},
	{kind: "groups", metric: "accuracy_group_difference", convention: "max-min", of: betweenGroups("accuracy", disparity.Difference)},
	{kind: "groups", metric: "accuracy_group_ratio", convention: "min/max", of: betweenGroups("accuracy", disparity.Ratio)},
	{kind: "groups", metric: "selection_rate", convention: "by group", id: "positive-rate"},
	{kind: "groups", metric: "selection_rate", convention: "overall", id: "positive-rate"},
	{kind: "groups", metric: "selection_rate_group_difference", convention: "max-min", of: betweenGroups("positive-rate", disparity.Difference)},
	{kind: "groups", metric: "selection_rate_group_ratio", convention: "min/max", of: betweenGroups("positive-rate", disparity.Ratio)},
	{kind: "groups", metric: "tpr", convention: "by group", id: "true-positive-rate", explain: []explanation{emptyRate}},
	{kind: "groups", metric: "tpr", convention: "overall", id: "true-positive-rate"},
	{kind: "groups", metric: "tpr_group_difference", convention: "max-min", of: betweenGroups("true-positive-rate", disparity.Difference)},
	{kind: "groups", metric: "tpr_group_ratio", convention: "min/max", of: betweenGroups("true-positive-rate", disparity.Ratio)},
	{kind: "groups", metric: "fnr", convention: "by group", id: "false-negative-rate", explain: []explanation{emptyRate}},
	{kind: "groups", metric: "fnr", convention: "overall", id: "false-negative-rate"},
	{kind: "groups", metric: "fnr_group_difference", convention: "max-min", of: betweenGroups("false-negative-rate", disparity.Difference)},
	{kind: "groups", metric: "fnr_group_ratio", convention: "min/max", of: betweenGroups("false-negative-rate", disparity.Ratio)},
	{kind: "groups", metric: "tnr", convention: "by group", id: "true-negative-rate", explain: []explanation{emptyRate}},
	{kind: "groups", metric: "tnr", convention: "overall", id: "true-negative-rate"},
	{kind: "groups", metric: "tnr_group_difference", convention: "max-min", of: betweenGroups("true-negative-rate", disparity.Difference)},
	{kind: "groups", metric: "tnr_group_ratio", convention: "min/max", of: betweenGroups("true-negative-rate", disparity.Ratio)},
	{kind: "groups", metric: "fpr", convention: "by group", id: "false-positive-rate", explain: []explanation{emptyRate}},
	{kind: "groups", metric: "fpr", convention: "overall", id: "false-positive-rate"},
	{kind: "groups", metric: "fpr_group_difference", convention: "max-min", of: betweenGroups("false-positive-rate", disparity.Difference)},
	{kind: "groups", metric: "fpr_group_ratio", convention: "min/max", of: betweenGroups("false-positive-rate", disparity.Ratio)},
	{kind: "groups", metric: "count", convention: "by group", of: groupSize},
	{kind: "groups", metric: "count", convention: "overall", of: groupSize},
	{kind: "groups", metric: "count_group_difference", convention: "max-min", of: sizes(disparity.Difference)},
	{kind: "groups", metric: "count_group_ratio", convention: "min/max", of: sizes(disparity.Ratio)},
	{kind: "groups", metric: "demographic_parity_difference", convention: "max-min selection rate", of: betweenGroups("positive-rate", disparity.Difference)},
	{kind: "groups", metric: "demographic_parity_difference", convention: "max gap to the whole", of: parityToWhole},
	{kind: "groups", metric: "demographic_parity_ratio", convention: "min/max selection rate", of: betweenGroups("positive-rate", disparity.Ratio)},
	{kind: "groups", metric: "equal_opportunity_difference", convention: "TPR gap", of: betweenGroups("true-positive-rate", disparity.Difference)},
	{kind: "groups", metric: "equal_opportunity_ratio", convention: "TPR ratio", of: betweenGroups("true-positive-rate", disparity.Ratio)},
	{kind: "groups", metric: "equalized_odds_difference", convention: "max or mean of TPR and FPR gaps", of: equalisedOdds(disparity.EqualisedOdds)},
	{kind: "groups", metric: "equalized_odds_ratio", convention: "min or mean of TPR and FPR ratios", of: equalisedOdds(disparity.EqualisedOddsRatio)},
}

// confidenceNames are our names for the confidence functions of the vectors.
var confidenceNames = map[string]string{
	"margin": "margin", "neg_entropy": "entropy", "neg_gini": "gini", "msp": "msp",
	"max_logit": "max-logit", "neg_energy": "energy", "margin_softmax": "margin",
}

func oneMinus(v float64, _ *metrics.Ranked) float64 { return 1 - v }
func minus(v float64, _ *metrics.Ranked) float64    { return -v }

// legacyPoints: the peer's older area has a point for the first sample of each
// group.
var legacyPoints = explanation{
	"the peer's older area puts a point after the first sample of every group but the first, not at its end, and gives a single sample the area 0; without ties that is at most 2/n. aurc-trapezoid is the area it later became",
	func(q *question, got, want []float64) bool {
		return q.set.Input.Ties || math.Abs(got[0]-want[0]) <= 2/float64(q.outcomes.N())
	},
}

// interval gives the interval of the accuracy at level 0.95.
func interval(of func(k, n int, level float64) (lo, hi float64)) func(*question) []float64 {
	return func(q *question) []float64 {
		r := q.ranked()
		lo, hi := of(r.N()-r.Errors, r.N(), 0.95)
		return []float64{lo, hi}
	}
}

func officialCoverage(q *question) []float64 {
	return []float64{metrics.CoverageGalil2023(q.ranked(), q.number("accuracy"), int(q.number("start_index"))).Value}
}

func workingPoint(q *question) []float64 {
	p, ok := metrics.PointAtCoverage(q.ranked(), q.number("target_coverage"))
	if q.has("target_risk") {
		p, ok = metrics.PointAtRisk(q.ranked(), q.number("target_risk"))
	}
	if !ok {
		return []float64{math.NaN()}
	}
	return []float64{p.Coverage, p.Risk, p.Threshold}
}

// grouping is the attribute that the entry compares.
func grouping(q *question) *metrics.Group {
	if a, b, ok := strings.Cut(q.text("by"), "*"); ok {
		g := disparity.CrossGroups(q.outcomes.Group(a), q.outcomes.Group(b))
		return &g
	}
	return q.outcomes.Group(q.text("by"))
}

// byGroup evaluates a metric in every group, with the peer's 0 for empty rates.
func byGroup(q *question, id string) []disparity.Level {
	m, at, err := metrics.Parse(id)
	if err != nil {
		panic(err)
	}
	return disparity.Fill(disparity.ByGroup(q.outcomes, "", grouping(q), m, at, 1), 0)
}

func betweenGroups(id string, of func([]disparity.Level) metrics.Estimate) func(*question) []float64 {
	return func(q *question) []float64 { return []float64{of(byGroup(q, id)).Value} }
}

func parityToWhole(q *question) []float64 {
	m, at, _ := metrics.Parse("positive-rate")
	whole := m.Of(metrics.Rank(q.outcomes, nil), at)
	return []float64{disparity.GapToWhole(byGroup(q, "positive-rate"), whole).Value}
}

func equalisedOdds(of func(tpr, fpr []disparity.Level, mean bool) metrics.Estimate) func(*question) []float64 {
	return func(q *question) []float64 {
		return []float64{of(byGroup(q, "true-positive-rate"), byGroup(q, "false-positive-rate"), q.text("agg") == "mean").Value}
	}
}

// groupSize is NaN for combinations of levels that no sample has: they are no groups.
func groupSize(q *question) []float64 {
	if q.outcomes.N() == 0 {
		return []float64{math.NaN()}
	}
	return []float64{float64(q.outcomes.N())}
}

// sizes compares the sizes of the groups.
func sizes(of func([]disparity.Level) metrics.Estimate) func(*question) []float64 {
	return func(q *question) []float64 {
		levels := byGroup(q, "accuracy")
		for i := range levels {
			levels[i].Value = float64(levels[i].Size)
		}
		return []float64{of(levels).Value}
	}
}

// groupAURC takes the score as the probability of class 1, of which the larger
// side is the confidence.
func groupAURC(q *question) []float64 {
	scores := q.confidence("").Value
	o := &metrics.Outcomes{Confidences: []metrics.Confidence{{Name: "stored", Probability: true}}}
	for i, s := range scores {
		o.Confidences[0].Value = append(o.Confidences[0].Value, max(s, 1-s))
		o.Correct = append(o.Correct, (s >= 0.5) == (q.outcomes.Label[i] == 1))
	}
	return []float64{q.evaluate("aurc-galil2023", metrics.Rank(o, &o.Confidences[0]))}
}

// groupAUROC tells class 1 from class 0 by the score.
func groupAUROC(q *question) []float64 {
	o := &metrics.Outcomes{Correct: where1(q.outcomes.Label)}
	return []float64{q.evaluate("auroc", metrics.Rank(o, q.confidence("")))}
}

// where1 marks the samples of class 1.
func where1(label []int32) []bool {
	is := make([]bool, len(label))
	for i, l := range label {
		is[i] = l == 1
	}
	return is
}

// zeroOrigin is the trapezoid rule through (0, 0), which is less by half the last
// step.
func zeroOrigin(v float64, r *metrics.Ranked) float64 {
	n := float64(r.N())
	return v - float64(r.Errors)/n/(2*n)
}
