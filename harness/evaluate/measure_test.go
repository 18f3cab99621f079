package evaluate

import (
	"slices"
	"strings"
	"testing"

	"abstain/metrics"
)

// TestAsked: sets, single metrics, and metrics added to the default.
func TestAsked(t *testing.T) {
	def := metrics.DefaultIDs()
	names := func(ids ...string) []string {
		t.Helper()
		ms, err := Asked(ids, true)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, m := range ms {
			all = append(all, m.Name())
		}
		return all
	}
	for _, c := range []struct{ got, want []string }{
		{names(), nil}, {names("default"), def}, {names("aurc", "accuracy"), []string{"aurc", "accuracy"}},
		{names("+smece"), append(slices.Clone(def), "smece")}, {names("default", "sac@0.95"), append(slices.Clone(def), "sac@0.95")},
		{names("+smece", "+accuracy"), append(slices.Clone(def), "smece")}, {names("smece", "+risk@0.5"), append(slices.Clone(def), "smece", "risk@0.5")},
	} {
		if !slices.Equal(c.got, c.want) {
			t.Errorf("%v, want %v", c.got, c.want)
		}
	}
	if got := names("default", "ece"); slices.Contains(got, "ece@15") || !slices.Contains(got, "ece") || len(got) != len(def) {
		t.Errorf("a metric of the set in another spelling: %v", got)
	}
	if got := names("all"); len(got) != len(metrics.Metrics()) || !slices.Contains(got, "ece@15") {
		t.Errorf("%d of %d metrics", len(got), len(metrics.Metrics()))
	}
	kept, err := Asked([]string{"all"}, false)
	if err != nil || slices.ContainsFunc(kept, vectors) || len(kept) < len(def) {
		t.Errorf("without class vectors: %d metrics, %v", len(kept), err)
	}
	for text, ids := range map[string][]string{"asked twice": {"aurc", "+aurc"}, "not known": {"+aucr"}} {
		if _, err := Asked(ids, true); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("%v: %v", ids, err)
		}
	}
}
