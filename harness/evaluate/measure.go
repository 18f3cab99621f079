package evaluate

import (
	"fmt"
	"slices"
	"strings"

	"abstain/harness/store"
	"abstain/metrics"
)

// Measures are those of a run that asks for these: none means those of
// metrics.InDefault. One that is asked twice is an error, as Distinct says it.
func Measures(asked []metrics.Measure) ([]metrics.Measure, error) {
	if len(asked) == 0 {
		return metrics.MeasuresIn(metrics.InDefault), nil
	}
	return asked, Distinct(asked)
}

// Asked reads what a user asks for: ids, "default" for the default set, "all" for
// every metric at its default parameter, and +id, which is that metric behind the
// default set. A metric of a set that is named too is written as it is named. Without
// class vectors, "all" leaves out the metrics that need them. None asked means none.
func Asked(ids []string, vectors bool) ([]metrics.Measure, error) {
	var set, named []metrics.Measure
	for _, id := range metrics.Names(ids) {
		added, plus := strings.CutPrefix(id, "+")
		switch {
		case id == "all":
			set = every(vectors)
			continue
		case (plus || id == "default") && set == nil:
			set = metrics.MeasuresIn(metrics.InDefault)
		}
		if id == "default" {
			continue
		}
		m, err := metrics.ParseMeasure(added)
		if err != nil {
			return nil, err
		}
		named = append(named, m)
	}
	return Union(set, named), Distinct(named)
}

// Union is the first measures, spelled as among the others where they are there too,
// and behind them the rest of the others.
func Union(first, others []metrics.Measure) []metrics.Measure {
	all := slices.Clone(first)
	for _, m := range others {
		if i := slices.IndexFunc(first, m.Same); i >= 0 {
			all[i] = m
		} else {
			all = append(all, m)
		}
	}
	return all
}

// every lists all metrics at their default parameters.
func every(vectors bool) []metrics.Measure {
	var all []metrics.Measure
	for _, m := range metrics.Metrics() {
		measure := metrics.Measure{Metric: m}
		if m.Param != nil {
			measure.At = m.Param.Default
		}
		if vectors || m.Needs&metrics.NeedsVectors == 0 {
			all = append(all, measure)
		}
	}
	return all
}

// Distinct refuses a measure that is asked twice, also in two spellings.
func Distinct(ms []metrics.Measure) error {
	first := map[string]string{}
	for _, m := range ms {
		if name, ok := first[m.ID()]; ok {
			return fmt.Errorf("metric %q is asked twice (%q)", m.Name(), name)
		}
		first[m.ID()] = m.Name()
	}
	return nil
}

// key names what decides a value besides the table's content: the canonical id,
// the version of its code, how its interval is made as Intervals.key names it and,
// for metrics over two tables, the other one.
func key(m metrics.Measure, intervals, partner string) string {
	k := fmt.Sprintf("%s#%d%s", m.ID(), m.Metric.Version, intervals)
	if outside(m) {
		k += "~" + partner
	}
	return k
}

// ReplicatesName is the name under which a measure's values in the replicates are kept.
func ReplicatesName(confidence string, m metrics.Measure) string {
	return store.ReplicatesName(confidence, key(m, "", ""))
}

// outside reports whether the metric sets out-of-distribution samples against
// the model's in-distribution ones.
func outside(m metrics.Measure) bool { return m.Metric.Needs&metrics.NeedsOutside != 0 }

// inside is the opposite of outside.
func inside(m metrics.Measure) bool { return !outside(m) }

// vectors reports whether the metric needs the whole class vectors.
func vectors(m metrics.Measure) bool { return m.Metric.Needs&metrics.NeedsVectors != 0 }
