package resample

import "abstain/metrics"

// Measure is a metric at its operating point or number of bins.
type Measure struct {
	Metric metrics.Metric
	At     float64
}

// Measures parses metric ids such as "aurc" and "sac@0.99".
func Measures(ids ...string) ([]Measure, error) {
	ms := make([]Measure, len(ids))
	for i, id := range ids {
		m, at, err := metrics.Parse(id)
		if err != nil {
			return nil, err
		}
		ms[i] = Measure{m, at}
	}
	return ms, nil
}

// ID is the canonical metric id.
func (m Measure) ID() string { return m.Metric.At(m.At) }

// Of evaluates the metric.
func (m Measure) Of(r *metrics.Ranked) metrics.Estimate { return m.Metric.Of(r, m.At) }
