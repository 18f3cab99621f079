package evaluate

import (
	"fmt"
	"slices"
	"strings"

	"abstain/harness/store"
	"abstain/metrics"
	"abstain/metrics/spelling"
)

// standard are the names of the confidence functions that class vectors give.
func standard() []string {
	var names []string
	for _, f := range metrics.ConfidenceFunctions() {
		names = append(names, f.Name)
	}
	return names
}

// AllScores stands for every score:* column of a table.
const AllScores = "score:*"

// CheckConfidences refuses names that no table can have.
func CheckConfidences(names []string) error {
	for i, n := range names {
		switch {
		case slices.Contains(names[:i], n):
			return fmt.Errorf("confidence function %q is asked twice", n)
		case slices.Contains(standard(), n), n == "stored", strings.HasPrefix(n, "score:") && n != "score:":
		default:
			return fmt.Errorf("unknown confidence function %q; there are %s, and score:NAME for a table's own columns%s",
				n, strings.Join(standard(), ", "), spelling.Meant(n, standard()))
		}
	}
	return nil
}

// confidences are the rows a table gets: the functions asked for, or its stored
// one if it has no class vectors.
func confidences(asked, available []string, stored bool) []string {
	var names []string
	if stored {
		names = append(names, "stored")
	}
	for _, a := range asked {
		for _, have := range available {
			if a == AllScores && strings.HasPrefix(have, "score:") && !slices.Contains(names, have) {
				names = append(names, have)
			}
		}
		vector := !strings.HasPrefix(a, "score:")
		known := slices.Contains(available, a)
		if a != AllScores && a != "stored" && !slices.Contains(names, a) && (known || !(stored && vector)) {
			names = append(names, a)
		}
	}
	return names
}

// ConfidencesOf are the functions by which the table of the record is evaluated,
// of those asked: all it has if one is replaced, and none that it lacks under any
// transform.
func (w *Wanted) ConfidencesOf(r *store.Record) []string {
	if r.Replaced {
		return r.Available
	}
	names := confidences(w.Confidences, r.Available, r.Stored)
	if r.Transform != "" {
		names = slices.DeleteFunc(names, func(n string) bool { return !slices.Contains(r.Available, n) })
	}
	return names
}
