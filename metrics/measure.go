package metrics

import (
	"slices"
	"strings"
)

// Measure is a metric at its operating point or number of bins. It is parsed once,
// where the user writes it or a file names it, and passed on as a value.
type Measure struct {
	Metric Metric
	At     float64 // 0 for a metric without parameter
	Asked  string  // the id with the parameter as it was written, "ece" for ece@15; "" for a measure made in code
}

// ParseMeasure reads a metric as Parse does: "aurc", "sac@0.99", "SAC@0.99". The measure's name
// is the id, whatever spelling it was read from.
func ParseMeasure(id string) (Measure, error) {
	return read(id)
}

// ParseMeasures reads several metrics; the first that is wrong is the error. A label with a
// comma, such as "ECE (l2, debiased)", may come cut into two at it.
func ParseMeasures(ids ...string) ([]Measure, error) {
	var ms []Measure
	for _, id := range Names(ids) {
		m, err := ParseMeasure(id)
		if err != nil {
			return nil, err
		}
		ms = append(ms, m)
	}
	return ms, nil
}

// Names puts labels together that were cut at their comma, as those of a list are; all other names
// stay as they are.
func Names(list []string) []string {
	var names []string
	for i := 0; i < len(list); i++ {
		name := list[i]
		if i+1 < len(list) {
			if both := strings.TrimSpace(name) + ", " + strings.TrimSpace(list[i+1]); labelled(both) {
				i, name = i+1, both
			}
		}
		names = append(names, name)
	}
	return names
}

// labelled reports whether a text with a comma in it is a metric's label, with or without a
// parameter.
func labelled(text string) bool {
	name, _, _ := strings.Cut(unadorned(strings.TrimPrefix(text, "+")), "@")
	return slices.ContainsFunc(table, func(m Metric) bool {
		return strings.Contains(m.Label, ",") && strings.EqualFold(m.Label, name)
	})
}

// MustMeasure is ParseMeasure for an id that stands in code; it panics if that is wrong.
func MustMeasure(id string) Measure {
	m, err := ParseMeasure(id)
	if err != nil {
		panic(err)
	}
	return m
}

// MustMeasures is ParseMeasures for ids that stand in code; it panics if one is wrong.
func MustMeasures(ids ...string) []Measure {
	ms, err := ParseMeasures(ids...)
	if err != nil {
		panic(err)
	}
	return ms
}

// MeasuresIn lists a set in the order of the table, parameters at their defaults.
func MeasuresIn(s Sets) []Measure {
	var ms []Measure
	for _, m := range table {
		if m.In(s) {
			ms = append(ms, m.byDefault())
		}
	}
	return ms
}

// StudyMeasures lists the axes of a study in their order, at their operating points.
func StudyMeasures() []Measure {
	var axes []Metric
	for _, m := range table {
		if m.Axis > 0 {
			axes = append(axes, m)
		}
	}
	slices.SortFunc(axes, func(a, b Metric) int { return a.Axis - b.Axis })
	var ms []Measure
	for _, m := range axes {
		if m.AxisAt[0] == 0 {
			ms = append(ms, m.byDefault())
			continue
		}
		ms = append(ms, Measure{Metric: m, At: m.AxisAt[0]}, Measure{Metric: m, At: m.AxisAt[1]})
	}
	return ms
}

// byDefault is the metric at its default parameter.
func (m Metric) byDefault() Measure {
	if m.Param == nil {
		return Measure{Metric: m}
	}
	return Measure{Metric: m, At: m.Param.Default}
}

// idsOf are the canonical ids of measures.
func idsOf(ms []Measure) []string {
	var ids []string
	for _, m := range ms {
		ids = append(ids, m.ID())
	}
	return ids
}

// ID is the canonical metric id, by which two measures are the same: "ece@15",
// "sac@0.99". Keys of stored values are made of it.
func (m Measure) ID() string { return m.Metric.At(m.At) }

// Same reports whether two measures are one, in whatever spelling: what
// slices.ContainsFunc and slices.IndexFunc ask for.
func (m Measure) Same(other Measure) bool {
	return m.Metric.ID == other.Metric.ID && m.At == other.At
}

// Name is the id as it was written, "ece": the name of the measure's columns and
// what messages call it. It is ID for a measure made in code.
func (m Measure) Name() string {
	if m.Asked != "" {
		return m.Asked
	}
	return m.ID()
}

// Label is the metric's label for headers and axes, with the operating point as far
// as Name has it: "SAC@0.99", "AURC", and "ECE" if nobody wrote "ece@15".
func (m Measure) Label() string {
	if m.Metric.Label == "" {
		return m.Name()
	}
	if _, at, ok := strings.Cut(m.Name(), "@"); ok {
		return m.Metric.Label + "@" + at
	}
	return m.Metric.Label
}

// Of evaluates the metric.
func (m Measure) Of(r *Ranked) Estimate { return m.Metric.Of(r, m.At) }

// Phrase says what a model that is better, or worse, by the measure does: "ranks its
// errors better than". Where the table has no words it is "is better by AUARC than".
func (m Measure) Phrase(better bool) string {
	switch words := m.Metric.Phrases; {
	case words[0] == "" && better:
		return "is better by " + m.Label() + " than"
	case words[0] == "":
		return "is worse by " + m.Label() + " than"
	case better:
		return words[0]
	}
	return m.Metric.Phrases[1]
}
