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

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"aurk", `did you mean "aurc"?`},
		{"", "did you mean"},
		{"AUROC", "did you mean"},
		{"tpr", `did you mean "true-positive-rate"?`},
		{"selective-acuracy@0.8", `did you mean "selective-accuracy"?`},
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
