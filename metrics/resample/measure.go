package resample

import "abstain/metrics"

// Measure is a metric at its operating point or number of bins.
type Measure = metrics.Measure

// Measures parses metric ids such as "aurc" and "sac@0.99".
func Measures(ids ...string) ([]Measure, error) { return metrics.ParseMeasures(ids...) }

// Version is raised whenever an interval of the same samples would change, so that
// stored ones of an earlier method are computed anew.
const Version = 2
