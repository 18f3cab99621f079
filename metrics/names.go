package metrics

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"abstain/metrics/spelling"
)

// other are usual names of metrics beside their ids and labels, folded, with the id they mean;
// an id with a parameter means that one.
var other = map[string]string{
	"acc":                           "accuracy",
	"top1":                          "accuracy",
	"top1accuracy":                  "accuracy",
	"top1acc":                       "accuracy",
	"top5":                          "top-k@5",
	"top5accuracy":                  "top-k@5",
	"top5acc":                       "top-k@5",
	"topkacc":                       "top-k",
	"balancedacc":                   "balanced-accuracy",
	"bacc":                          "balanced-accuracy",
	"err":                           "error",
	"errorrate":                     "error",
	"misclassificationrate":         "error",
	"logloss":                       "nll",
	"crossentropy":                  "nll",
	"negativeloglikelihood":         "nll",
	"brierscore":                    "brier",
	"excessaurc":                    "eaurc",
	"normalizedaurc":                "naurc",
	"normalisedaurc":                "naurc",
	"selectiverisk":                 "risk",
	"selectiveerror":                "risk",
	"riskatcoverage":                "risk",
	"erroratcoverage":               "risk",
	"accuracyatcoverage":            "selective-accuracy",
	"selectiveacc":                  "selective-accuracy",
	"coverageataccuracy":            "sac",
	"selectiveaccuracyconstraint":   "sac",
	"expectedcalibrationerror":      "ece",
	"maximumcalibrationerror":       "mce",
	"maxcalibrationerror":           "mce",
	"cwece":                         "ece-classwise",
	"staticcalibrationerror":        "ece-classwise",
	"smoothece":                     "smece",
	"debiasedece":                   "ece-debiased",
	"sweepece":                      "ece-sweep",
	"sensitivity":                   "true-positive-rate",
	"specificity":                   "true-negative-rate",
	"areaundertheriskcoveragecurve": "aurc",
}

// several are names that are used for more than one metric, folded, with the ids of these.
var several = map[string][]string{
	"auc":                         {"auroc", "aurc"},
	"rocauc":                      {"auroc", "auroc-ovr-macro"},
	"aucroc":                      {"auroc", "auroc-ovr-macro"},
	"aupr":                        {"aupr-error", "aupr-success"},
	"auprc":                       {"aupr-error", "aupr-success"},
	"prauc":                       {"aupr-error", "aupr-success"},
	"ap":                          {"aupr-error", "aupr-success"},
	"averageprecision":            {"aupr-error", "aupr-success"},
	"fpr95":                       {"fpr@0.95", "ood-fpr-in@0.95"},
	"fprat95tpr":                  {"fpr@0.95", "ood-fpr-in@0.95"},
	"ce":                          {"nll", "ece"},
	"coverage":                    {"sac@0.99", "coverage-at-risk@0.05"},
	"calibration":                 {"ece", "smece"},
	"calibrationerror":            {"ece", "smece"},
	"adaptiveece":                 {"ece-mass", "ace"},
	"adaece":                      {"ece-mass", "ace"},
	"adaptivecalibrationerror":    {"ace", "ece-mass"},
	"confidence":                  {"mean-confidence", "overconfidence"},
	"oodauc":                      {"ood-auroc", "ood-aupr-in", "ood-aupr-out"},
	"oodaupr":                     {"ood-aupr-in", "ood-aupr-out"},
	"recall":                      {"balanced-accuracy", "true-positive-rate"},
	"falsepositiverateat95recall": {"fpr@0.95", "ood-fpr-in@0.95"},
}

// common are the metrics that an error names where nothing is near.
const common = "accuracy, auroc, aurc, sac@0.99, ece and brier"

// unadorned is a name without what the head of a board's column adds: unit and arrow, or the scale that
// older boards have.
func unadorned(name string) string {
	name = strings.TrimSpace(strings.TrimRight(strings.TrimSpace(name), "↑↓"))
	if before, ok := strings.CutSuffix(name, " %"); ok {
		name = strings.TrimSpace(before)
	}
	if before, factor, ok := strings.Cut(name, "×"); ok && strings.Trim(factor, "0123456789") == "" {
		name = strings.TrimSpace(before)
	}
	return name
}

// find is the metric of a name: its ID, its label, or a usual other name, in any letter case.
// at is the parameter that such a name implies; "" if it implies none.
func find(name string) (m Metric, at string, ok bool) {
	if m, ok = Lookup(name); ok {
		return m, "", true
	}
	folded := spelling.Fold(name)
	if strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789 -_(),") != "" {
		return Metric{}, "", false // such as |overconfidence|, which is another number
	}
	i := slices.IndexFunc(table, func(m Metric) bool { return spelling.Fold(m.ID) == folded })
	if i < 0 && folded != "" {
		i = slices.IndexFunc(table, func(m Metric) bool { return spelling.Fold(m.Label) == folded })
	}
	if i >= 0 {
		return table[i], "", true
	}
	id, at, _ := strings.Cut(other[folded], "@")
	m, ok = Lookup(id)
	return m, at, ok
}

// unknown says that a name is no metric's, and which it may be.
func unknown(id, name string) error {
	if spelling.Fold(name) == "" {
		return fmt.Errorf("metric %q: want an id such as aurc; common ones are %s (abstain ls metrics lists all)", id, common)
	}
	if ids := several[spelling.Fold(name)]; ids != nil {
		return fmt.Errorf("metric %q may be one of several: did you mean %s?", id, choices(ids))
	}
	if m := joined(id); m != "" {
		return fmt.Errorf("metric %q is not known: did you mean %q?", id, m)
	}
	near := likely(name)
	if near == nil {
		return fmt.Errorf("metric %q is not known; common ones are %s (abstain ls metrics lists all)", id, common)
	}
	return fmt.Errorf("metric %q is not known: did you mean %s?", id, choices(near))
}

// parameter is a number behind a name, where "@" should stand between them.
var parameter = regexp.MustCompile(`^(.*[A-Za-z)])[-_ =:]*([0-9]+(?:\.[0-9]+)?)%?$`)

// joined is the id that somebody wrote without "@", as in "sac99" and "ECE_15"; "" if it is none.
func joined(id string) string {
	part := parameter.FindStringSubmatch(id)
	if part == nil {
		return ""
	}
	m, _, ok := find(part[1])
	if !ok || m.Param == nil {
		return ""
	}
	v, err := strconv.ParseFloat(part[2], 64)
	if err == nil && !m.Param.Allows(v) {
		v /= 100
	}
	if err != nil || !m.Param.Allows(v) {
		return ""
	}
	return m.At(v)
}

// likely are the ids near to a name whose metrics do not improve the other way than the words
// of the name say: a misspelt accuracy is no error.
func likely(name string) []string {
	spellings := map[string]string{} // ids by all that they are called
	var names []string
	add := func(name, id string) {
		if spellings[name] == "" {
			spellings[name] = id
			names = append(names, name)
		}
	}
	for _, m := range table {
		add(m.ID, m.ID)
	}
	for _, m := range table {
		if m.Label != "" {
			add(m.Label, m.ID)
		}
	}
	names = slices.DeleteFunc(names, func(s string) bool {
		m, _ := Lookup(spellings[s])
		return against(name, m)
	})
	var ids []string
	for _, s := range spelling.Near(name, names) {
		if !slices.Contains(ids, spellings[s]) {
			ids = append(ids, spellings[s])
		}
	}
	return ids
}

// leaning are words that say which way a metric improves.
var leaning = []struct {
	word   string
	better Direction
}{
	{"acc", Higher}, {"roc", Higher}, {"precision", Higher}, {"correct", Higher},
	{"err", Lower}, {"risk", Lower}, {"loss", Lower}, {"ece", Lower}, {"gap", Lower},
}

// against reports whether a name has a word that says the opposite of the metric's direction,
// and that the metric's own name has not.
func against(name string, m Metric) bool {
	folded := spelling.Fold(name)
	for _, l := range leaning {
		if strings.Contains(folded, l.word) && m.Better != l.better && m.Better != None &&
			!strings.Contains(spelling.Fold(m.ID+m.Label), l.word) {
			return true
		}
	}
	return false
}

// choices names metrics in a question; with the directions, if these differ.
func choices(ids []string) string {
	var better []Direction
	for _, id := range ids {
		name, _, _ := strings.Cut(id, "@")
		m, _ := Lookup(name)
		better = append(better, m.Better)
	}
	differ := slices.ContainsFunc(better, func(d Direction) bool { return d != better[0] })
	var parts []string
	for i, id := range ids {
		part := strconv.Quote(id)
		if differ {
			part += " (" + cmp.Or(map[Direction]string{Higher: "higher is better", Lower: "lower is better"}[better[i]], "neither way is better") + ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, " or ")
}
