package metrics

import (
	"testing"

	"abstain/metrics/spelling"
)

// TestNamesAreOfOneMetric: no two metrics are called the same, and every further name leads to
// a metric and hides behind no id or label.
func TestNamesAreOfOneMetric(t *testing.T) {
	of := map[string]string{}
	add := func(name, id string) {
		folded := spelling.Fold(name)
		if have := of[folded]; have != "" && have != id {
			t.Errorf("%q is %s and %s", name, have, id)
		}
		of[folded] = id
	}
	for _, m := range table {
		add(m.ID, m.ID)
		if m.Label != "" {
			add(m.Label, m.ID)
		}
	}
	names := map[string][]string{}
	for name, id := range other {
		names[name] = []string{id}
	}
	for name, ids := range several {
		if names[name] != nil {
			t.Errorf("%q stands in both tables", name)
		}
		names[name] = ids
	}
	for name, ids := range names {
		if name != spelling.Fold(name) || of[name] != "" {
			t.Errorf("%q is not folded, or is %q already", name, of[name])
		}
		for _, id := range ids {
			if m, err := ParseMeasure(id); err != nil || m.Name() != id {
				t.Errorf("%q means %q, which is no id", name, id)
			}
		}
	}
}
