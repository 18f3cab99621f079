package metrics_test

import (
	"strings"
	"testing"

	"abstain/metrics"
)

func TestCanonical(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"ece", "ece@15"}, {"ece@15", "ece@15"}, {"ece@1.5e1", "ece@15"}, {"fpr@0.950", "fpr@0.95"}, {"fpr", "fpr@0.95"},
		{"sac@1", "sac@1"}, {"sac@-0", "sac@0"}, {"top-k", "top-k@5"}, {"aurc", "aurc"}, {"risk@1e-7", "risk@0.0000001"},
	} {
		if got, err := metrics.Canonical(c.in); got != c.want || err != nil {
			t.Errorf("Canonical(%q) = %q, %v; want %q", c.in, got, err, c.want)
		}
	}
}

// TestNamesAsPrinted: every label and id is read in any letter case, as boards print it.
func TestNamesAsPrinted(t *testing.T) {
	for _, m := range metrics.Metrics() {
		at := 0.0
		if m.Param != nil {
			at = m.Param.Default
		}
		measure := metrics.Measure{Metric: m, At: at}
		names := []string{m.ID, strings.ToUpper(m.ID), measure.ID(), measure.Label(), m.Label, strings.ToLower(m.Label), m.Label + " ×1000 ↓"}
		for _, name := range names {
			got, err := metrics.ParseMeasures(strings.Split(name, ",")...)
			if err != nil || len(got) != 1 || !got[0].Same(measure) {
				t.Errorf("%q is %v (%v), want %s", name, got, err, measure.ID())
				continue
			}
			if name := got[0].Name(); name != m.ID && name != measure.ID() {
				t.Errorf("the name of %q is %q", m.ID, name)
			}
		}
	}
}

func TestOtherNames(t *testing.T) {
	for name, want := range map[string]string{
		"acc": "accuracy", "Acc": "accuracy", "err": "error", "error_rate": "error", "log_loss": "nll", "top-1": "accuracy", "top-5": "top-k@5",
		"SAC@0.990": "sac@0.99", " ECE @ 15": "ece@15", "E-AURC": "eaurc", "e_aurc": "eaurc", "selective-error@0.8": "risk@0.8",
		"expected calibration error": "ece@15", "TPR": "true-positive-rate", "AURC of NLL": "aurc-nll",
	} {
		if got, err := metrics.Canonical(name); got != want {
			t.Errorf("%q is %q (%v), want %q", name, got, err, want)
		}
	}
	if ms, err := metrics.ParseMeasures("aurc", "brier", "ECE (l2", "debiased)@20", "ece"); err != nil || len(ms) != 4 || ms[2].ID() != "ece-debiased@20" {
		t.Errorf("%v, %v", ms, err)
	}
	if m, _ := metrics.ParseMeasure("SAC@0.990"); m.Name() != "sac@0.990" || m.Label() != "SAC@0.990" {
		t.Errorf("name %q, label %q", m.Name(), m.Label())
	}
}

// TestSuggestionsKeepTheDirection: a dropped letter of a metric's id never leads to another
// metric alone that improves the other way.
func TestSuggestionsKeepTheDirection(t *testing.T) {
	for _, m := range metrics.Metrics() {
		for i := range m.ID {
			typo := m.ID[:i] + m.ID[i+1:]
			_, _, err := metrics.Parse(typo)
			if err == nil {
				continue // another name
			}
			text := err.Error()
			_, meant, asked := strings.Cut(text, "did you mean ")
			if asked && strings.Contains(meant, " or ") {
				continue // directions stand beside if they differ
			}
			for _, other := range metrics.Metrics() {
				if asked && strings.HasPrefix(meant, `"`+other.ID+`"`) && other.Better != m.Better && other.ID != m.ID {
					t.Errorf("%q for %q: %s", typo, m.ID, text)
				}
			}
		}
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"aurk", `did you mean "aurc"?`},
		{"", "want an id such as aurc"},
		{"@0.9", "want an id such as aurc"},
		{"aroc", `did you mean "auroc"?`},
		{"aurcc", `did you mean "auroc" (higher is better) or "aurc" (lower is better)?`},
		{"auc", `may be one of several: did you mean "auroc" (higher is better) or "aurc" (lower is better)?`},
		{"AUPR", `did you mean "aupr-error" or "aupr-success"?`},
		{"FPR95", `did you mean "fpr@0.95" or "ood-fpr-in@0.95"?`},
		{"acuracy", `did you mean "accuracy"?`},
		{"accurate", `did you mean "accuracy"?`},
		{"selective-acuracy@0.8", `did you mean "selective-accuracy"?`},
		{"selectve-error", "is not known; common ones are accuracy, auroc"},
		{"|overconfidence|", `did you mean "overconfidence"?`},
		{"zebra", "is not known; common ones are accuracy, auroc"},
		{"f1", "is not known; common ones are accuracy, auroc"},
		{"sac99", `did you mean "sac@0.99"?`},
		{"ECE_15", `did you mean "ece@15"?`},
		{"sac@99", "a number from 0 to 1; 0.99?"},
		{"SAC@99.5%", "a number from 0 to 1; 0.995?"},
		{"coverage-at-risk@5", "from 0 to 1; 0.05?"},
		{"sac@200", "from 0 to 1"},
		{"top5@7", `"top5" is "top-k@5" already`},
		{"AURC@5", `takes no parameter: write "aurc"`},
		{"aurc@5", `takes no parameter: write "aurc"`},
		{"aurc@", `takes no parameter: write "aurc"`},
		{"ece@", "the bins after @ must be a whole number from 1 to 10000"},
		{"ece@0", "a whole number from 1"},
		{"ece@2.5", "a whole number from 1"},
		{"sac@1.2", "the accuracy after @ must be a number from 0 to 1"},
		{"sac@NaN", "from 0 to 1"},
		{"sac@Inf", "from 0 to 1"},
		{"sac@-0.1", "from 0 to 1"},
		{"sac@0.9@0.9", "from 0 to 1"},
	} {
		if _, _, err := metrics.Parse(c.in); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Parse(%q): %v; want %q in it", c.in, err, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, id := range metrics.IDs() {
		f.Add(id)
	}
	for _, id := range []string{"", "@", "ece@", "ece@1e3", "sac@0x1p-3", "fpr@0.950", "nll@1", "sac@1_0", strings.Repeat("aurc", 100)} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		m, at, err := metrics.Parse(id)
		if err != nil {
			return
		}
		if m.Param != nil && !m.Param.Allows(at) {
			t.Fatalf("Parse(%q) let %v through", id, at)
		}
		c, err := metrics.Canonical(id)
		if err != nil {
			t.Fatalf("Canonical(%q): %v", id, err)
		}
		again, back, err := metrics.Parse(c)
		if err != nil || again.ID != m.ID || back != at {
			t.Fatalf("%q is %s at %v, its canonical form %q is %s at %v (%v)", id, m.ID, at, c, again.ID, back, err)
		}
		if twice, _ := metrics.Canonical(c); twice != c {
			t.Fatalf("canonical form of %q is %q", c, twice)
		}
	})
}
