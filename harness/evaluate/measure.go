package evaluate

import (
	"fmt"

	"abstain/harness/store"
	"abstain/metrics"
)

// Measure is a metric at its operating point: ID "sac@0.99" is Metric "sac" at 0.99.
type Measure struct {
	ID     string // as asked
	Metric metrics.Metric
	At     float64
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
		if first, ok := seen[key(measure, "", "")]; ok {
			return nil, fmt.Errorf("metric %q is asked twice (%q)", id, first)
		}
		seen[key(measure, "", "")] = id
		ms = append(ms, measure)
	}
	return ms, nil
}

// key names what decides a value besides the table's content: the canonical id,
// the version of its code, how its interval is made as Intervals.key names it and,
// for metrics over two tables, the other one.
func key(m Measure, intervals, partner string) string {
	canonical, err := metrics.Canonical(m.ID)
	if err != nil {
		panic("harness: measure that was not parsed: " + m.ID)
	}
	k := fmt.Sprintf("%s#%d%s", canonical, m.Metric.Version, intervals)
	if outside(m) {
		k += "~" + partner
	}
	return k
}

// ReplicatesName is the name under which a measure's values in the replicates are kept.
func ReplicatesName(confidence string, m Measure) string {
	return store.ReplicatesName(confidence, key(m, "", ""))
}

// outside reports whether the metric sets out-of-distribution samples against
// the model's in-distribution ones.
func outside(m Measure) bool { return m.Metric.Needs&metrics.NeedsOutside != 0 }

// inside is the opposite of outside.
func inside(m Measure) bool { return !outside(m) }

// vectors reports whether the metric needs the whole class vectors.
func vectors(m Measure) bool { return m.Metric.Needs&metrics.NeedsVectors != 0 }
