package harness

import (
	"fmt"
	"slices"
	"strings"

	"abstain/metrics"
)

// Measure is a metric at its operating point: ID "sac@0.99" is Metric "sac" at 0.99.
type Measure struct {
	ID     string // as asked
	Metric metrics.Metric
	At     float64

	intervals string // part of key: how its interval is made
}

// Measures parses metric ids; none means metrics.DefaultIDs(). An id asked twice,
// also in two spellings, is an error.
func Measures(ids []string) ([]Measure, error) {
	if len(ids) == 0 {
		ids = metrics.DefaultIDs()
	}
	seen := map[string]string{}
	var ms []Measure
	for _, id := range ids {
		m, at, err := metrics.Parse(id)
		if err != nil {
			return nil, err
		}
		measure := Measure{ID: id, Metric: m, At: at}
		if first, ok := seen[measure.key("")]; ok {
			return nil, fmt.Errorf("metric %q is asked twice (%q)", id, first)
		}
		seen[measure.key("")] = id
		ms = append(ms, measure)
	}
	return ms, nil
}

// key names what decides the value besides the table's content: the canonical
// id, the version of its code and, for metrics over two tables, the other one.
func (m Measure) key(partner string) string {
	canonical, err := metrics.Canonical(m.ID)
	if err != nil {
		panic("harness: measure that was not parsed: " + m.ID)
	}
	k := fmt.Sprintf("%s#%d%s", canonical, m.Metric.Version, m.intervals)
	if m.outside() {
		k += "~" + partner
	}
	return k
}

// with is the measure with an interval made so, as Intervals.key names it.
func (m Measure) with(intervals string) Measure {
	m.intervals = intervals
	return m
}

// outside reports whether the metric sets out-of-distribution samples against
// the model's in-distribution ones.
func (m Measure) outside() bool { return m.Metric.Needs&metrics.NeedsOutside != 0 }

// inside is the opposite of outside.
func (m Measure) inside() bool { return !m.outside() }

// vectors reports whether the metric needs the whole class vectors.
func (m Measure) vectors() bool { return m.Metric.Needs&metrics.NeedsVectors != 0 }

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

// DefaultConfidences are evaluated when the user names none.
var DefaultConfidences = []string{"msp", AllScores}

// checkConfidences refuses names that no table can have.
func checkConfidences(names []string) error {
	for i, n := range names {
		switch {
		case slices.Contains(names[:i], n):
			return fmt.Errorf("confidence function %q is asked twice", n)
		case slices.Contains(standard(), n), n == "stored", strings.HasPrefix(n, "score:") && n != "score:":
		default:
			return fmt.Errorf("unknown confidence function %q; there are %s, and score:NAME for a table's own columns",
				n, strings.Join(standard(), ", "))
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
