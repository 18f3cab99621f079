package metrics_test

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"

	"abstain/metrics"
)

func TestTable(t *testing.T) {
	groups := []string{"accuracy", "ranking", "selective", "calibration", "ood", "groups"}
	kebab := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	seen := map[string]bool{}
	for _, m := range metrics.Metrics() {
		if seen[m.ID] || seen["label "+m.Label] {
			t.Errorf("%s: id or label %q appears twice", m.ID, m.Label)
		}
		seen[m.ID], seen["label "+m.Label] = true, true
		if !kebab.MatchString(m.ID) {
			t.Errorf("%s is not kebab-case", m.ID)
		}
		if m.Label == "" || m.Unit == "" || m.Source == "" || m.Version < 1 || m.Of == nil || !slices.Contains(groups, m.Group) {
			t.Errorf("%s: a field is missing", m.ID)
		}
		if !strings.HasSuffix(m.Definition, ".") || len(m.Definition) < 40 {
			t.Errorf("%s: the definition is no sentence", m.ID)
		}
		if !(m.Range[0] < m.Range[1]) {
			t.Errorf("%s: range %v", m.ID, m.Range)
		}
		if p := m.Param; p != nil && (p.Name == "" || !p.Allows(p.Default) || !p.Allows(p.Min) || !p.Allows(p.Max)) {
			t.Errorf("%s: parameter %+v", m.ID, *p)
		}
		if twins[m.ID] == nil {
			t.Errorf("%s has no twin: write the plainest code of its definition into one of the twins*_test.go", m.ID)
		}
		if m.Needs&metrics.NeedsProbability != 0 && m.Needs&metrics.NeedsConfidence == 0 {
			t.Errorf("%s needs a probability but no confidence", m.ID)
		}
	}
	for id := range twins {
		if !seen[id] {
			t.Errorf("the twin of %s is of no metric", id)
		}
	}
}

// uncatalogued are the metrics for which the conformance vectors have no value
// by the same convention; their twins alone check them.
var uncatalogued = []string{
	"error", "mce", "overconfidence",
	"accuracy-galil2023", "gamma", "fpr-error", "naurc", "eaurc-continuous", "aurc-balanced", "augrc-balanced",
	"aurc-nll", "aurc-brier", "sgr", "oracle-collaborative-accuracy",
	"prr", "answered", "answered-accuracy", "abstention-precision", "abstention-recall", "abstention-f1",
	// metrics/sets checks these against reference values
	"set-coverage", "set-size", "set-singletons", "set-empty", "set-singleton-accuracy", "set-size-violation", "set-class-gap", "set-worst-class",
}

func TestTableIsInConformance(t *testing.T) {
	var covered []string
	for _, u := range rules {
		name, _, _ := strings.Cut(u.id, "@")
		covered = append(covered, name)
	}
	uncatalogued := slices.Concat(uncatalogued, uncataloguedCalibration)
	for _, m := range metrics.Metrics() {
		if slices.Contains(covered, m.ID) == slices.Contains(uncatalogued, m.ID) {
			t.Errorf("%s: has reference values (a rule in conformance_*_test.go): %v, is listed in uncatalogued as having none: %v; one of them has to hold",
				m.ID, slices.Contains(covered, m.ID), slices.Contains(uncatalogued, m.ID))
		}
	}
}

// TestNeeds checks that a metric declares what it uses, and that every undefined
// value has a reason.
func TestNeeds(t *testing.T) {
	empty := &metrics.Outcomes{}
	right := &metrics.Outcomes{Correct: []bool{true, false, true}, Confidences: []metrics.Confidence{{Name: "stored", Value: []float64{3, 1, 2}}}}
	for _, m := range metrics.Metrics() {
		at := parameters(m)[0]
		for name, r := range map[string]*metrics.Ranked{
			"empty":      metrics.Rank(empty, nil),
			"unranked":   metrics.Rank(right, nil),
			"margins":    metrics.Rank(right, &right.Confidences[0]),
			"empty rank": metrics.Rank(empty, &metrics.Confidence{Name: "msp", Probability: true}),
		} {
			e := m.Of(r, at)
			if !e.Defined() && (len(e.Notes) != 1 || e.Notes[0] == "") {
				t.Errorf("%s on %s: undefined with notes %q", m.ID, name, e.Notes)
			}
			if strings.HasPrefix(name, "empty") && e.Defined() {
				t.Errorf("%s on %s: %v, want undefined", m.ID, name, e.Value)
			}
			if !math.IsNaN(e.Lo) || !math.IsNaN(e.Hi) || e.Level != 0 {
				t.Errorf("%s on %s claims an interval", m.ID, name)
			}
		}
		if e := m.Of(metrics.Rank(right, nil), at); m.Needs&metrics.NeedsConfidence != 0 && e.Defined() {
			t.Errorf("%s needs a confidence but gave %v without", m.ID, e.Value)
		}
		if e := m.Of(metrics.Rank(right, &right.Confidences[0]), at); m.Needs&metrics.NeedsProbability != 0 && e.Defined() {
			t.Errorf("%s needs a probability but gave %v for a margin", m.ID, e.Value)
		}
	}
}

// TestSets fixes the sets, because the layout of results, reports and studies
// depends on them.
func TestSets(t *testing.T) {
	for name, c := range map[string]struct{ got, want string }{
		"default": {strings.Join(metrics.DefaultIDs(), " "), "accuracy error top-k@5 balanced-accuracy nll brier auroc aupr-success aupr-error fpr@0.95 " +
			"aurc eaurc naurc augrc sac@0.99 coverage-at-risk@0.05 risk@0.8 selective-accuracy@0.8 " +
			"ece@15 ece-l2@15 mce@15 ece-mass@15 mean-confidence overconfidence ood-auroc"},
		"study":      {strings.Join(metrics.StudyIDs(), " "), "accuracy auroc aurc sac@0.99 sac@0.95 ece@15 nll brier"},
		"comparison": {strings.Join(metrics.IDsIn(metrics.InComparison), " "), "accuracy nll brier auroc aurc augrc sac@0.99 coverage-at-risk@0.05 ece@15"},
		"groups": {strings.Join(metrics.IDsIn(metrics.InGroups), " "),
			"accuracy auroc aurc ece@15 overconfidence positive-rate true-positive-rate false-positive-rate"},
		"page": {strings.Join(metrics.IDsIn(metrics.InPage), " "), "accuracy nll brier auroc aurc eaurc augrc sac@0.99 coverage-at-risk@0.05 ece@15"},
		"head": {strings.Join(metrics.IDsIn(metrics.InHead), " "), "accuracy auroc aurc sac@0.99 ece@15"},
	} {
		if c.got != c.want {
			t.Errorf("%s: %s, want %s", name, c.got, c.want)
		}
	}
	axes := map[int]string{}
	for _, m := range metrics.Metrics() {
		if m.In(metrics.InStudy) != (m.Axis > 0) || axes[m.Axis] != "" && m.Axis > 0 {
			t.Errorf("%s: axis %d of a study %v, which is also %q", m.ID, m.Axis, m.In(metrics.InStudy), axes[m.Axis])
		}
		axes[m.Axis] = m.ID
		if (m.Phrases[0] == "") != (m.Phrases[1] == "") {
			t.Errorf("%s: phrases %q", m.ID, m.Phrases)
		}
	}
}

// TestMetricsIsACopy: nobody can change the table.
func TestMetricsIsACopy(t *testing.T) {
	metrics.Metrics()[0].ID, metrics.ConfidenceFunctions()[0].Name = "changed", "changed"
	if metrics.Metrics()[0].ID == "changed" || metrics.ConfidenceFunctions()[0].Name == "changed" {
		t.Error("the tables can be changed")
	}
}

func TestMeasure(t *testing.T) {
	for _, c := range []struct{ id, canonical, label, better string }{
		{"aurc", "aurc", "AURC", "has the smaller selective risk on the whole than"},
		{"ece", "ece@15", "ECE", "is better calibrated than"},
		{"sac@0.950", "sac@0.95", "SAC@0.950", "answers more samples than"},
		{"auarc", "auarc", "AUARC", "is better by AUARC than"},
	} {
		m, err := metrics.ParseMeasure(c.id)
		if err != nil || m.ID() != c.canonical || m.Label() != c.label || m.Phrase(true) != c.better || m.Phrase(false) == c.better {
			t.Errorf("%s: %s, %q, %q, %v", c.id, m.ID(), m.Label(), m.Phrase(true), err)
		}
	}
	if _, err := metrics.ParseMeasures("aurc", "nonsense"); err == nil {
		t.Error("nonsense is a measure")
	}
}

// TestMeasuresAreTheSame in whatever spelling, and keep the one they were asked by; one
// made in code has the canonical id for a name.
func TestMeasuresAreTheSame(t *testing.T) {
	asked := metrics.MustMeasure("ece")
	made := metrics.Measure{Metric: asked.Metric, At: 15}
	if !asked.Same(made) || asked.Same(metrics.MustMeasure("ece@10")) || asked.Same(metrics.MustMeasure("mce")) {
		t.Error("ece is not ece@15, or another as well")
	}
	if asked.Name() != "ece" || made.Name() != "ece@15" || made.Label() != "ECE@15" {
		t.Errorf("%q; %q, %q", asked.Name(), made.Name(), made.Label())
	}
	unknown := metrics.Measure{Asked: "aurc-new@0.5"} // no metric that there is
	if unknown.Name() != "aurc-new@0.5" || unknown.Label() != "aurc-new@0.5" {
		t.Errorf("%q, %q", unknown.Name(), unknown.Label())
	}
	defer func() {
		if recover() == nil {
			t.Error("nonsense in code is a measure")
		}
	}()
	metrics.MustMeasures("aurc", "nonsense")
}

func TestDefault(t *testing.T) {
	for _, id := range metrics.DefaultIDs() {
		if c, err := metrics.Canonical(id); err != nil || c != id {
			t.Errorf("Default has %q, canonical %q, %v", id, c, err)
		}
	}
	for _, id := range metrics.IDs() {
		m, _, err := metrics.Parse(id)
		if err != nil {
			t.Errorf("IDs has %q: %v", id, err)
		}
		special := m.Group == "groups" || m.Needs&metrics.NeedsVectors != 0
		if special && slices.Contains(metrics.DefaultIDs(), id) {
			t.Errorf("%q asks for more than outcomes hold, or for a binary task, but is in Default", id)
		}
	}
}
