package metrics

// Measure is a metric at its operating point or number of bins. It is parsed once,
// where the user writes it, and passed on as a value.
type Measure struct {
	Metric Metric
	At     float64 // 0 for a metric without parameter
}

// ParseMeasure reads a metric id as Parse does: "aurc", "sac@0.99".
func ParseMeasure(id string) (Measure, error) {
	m, at, err := Parse(id)
	return Measure{m, at}, err
}

// ParseMeasures reads several ids; the first that is wrong is the error.
func ParseMeasures(ids ...string) ([]Measure, error) {
	ms := make([]Measure, len(ids))
	for i, id := range ids {
		m, err := ParseMeasure(id)
		if err != nil {
			return nil, err
		}
		ms[i] = m
	}
	return ms, nil
}

// ID is the canonical metric id, by which two measures are the same: "sac@0.99".
func (m Measure) ID() string { return m.Metric.At(m.At) }

// Of evaluates the metric.
func (m Measure) Of(r *Ranked) Estimate { return m.Metric.Of(r, m.At) }

// Label is the metric's label with its operating point, for headers and axes:
// "SAC@0.99", "AURC".
func (m Measure) Label() string {
	if m.Metric.Param == nil {
		return m.Metric.Label
	}
	return m.Metric.Label + m.ID()[len(m.Metric.ID):]
}
