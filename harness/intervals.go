package harness

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"abstain/metrics"
	"abstain/metrics/resample"
)

// Intervals says how sure the numbers of a run are to be stated. The zero value
// is no intervals at all.
type Intervals struct {
	Level float64 `json:"level"` // of confidence, e.g. 0.95; 0 for no intervals
	// Replicates are bootstrap replicates, shared by all models, for the metrics
	// that have no closed form; 0 leaves those without an interval.
	Replicates int    `json:"replicates"`
	Seed       uint64 `json:"seed"`
}

// DefaultLevel is the level of confidence unless another is asked for.
const DefaultLevel = 0.95

// key is the part of a cell's key that intervals decide.
func (i Intervals) key() string {
	switch {
	case i.Level == 0:
		return ""
	case i.Replicates == 0:
		return fmt.Sprintf("|%v", i.Level)
	}
	return fmt.Sprintf("|%v,%dx%d", i.Level, i.Replicates, i.Seed)
}

// check refuses what cannot be.
func (i Intervals) check() error {
	if i.Level < 0 || i.Level >= 1 || i.Replicates < 0 || i.Replicates == 1 {
		return fmt.Errorf("intervals of level %v with %d replicates: want a level between 0 and 1, and 0 or at least 2 replicates", i.Level, i.Replicates)
	}
	return nil
}

// draws keeps the replicates of a run, drawn once for each number of samples: a
// replicate is the same samples for every model.
type draws struct {
	mu sync.Mutex
	of map[int]*resample.Replicates
}

// get returns the replicates of n samples, one byte each per sample and replicate.
func (d *draws) get(n int, i Intervals) *resample.Replicates {
	if i.Replicates == 0 {
		return nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.of == nil {
		d.of = map[int]*resample.Replicates{}
	}
	if d.of[n] == nil {
		d.of[n] = resample.Draw(resample.Independent(n), i.Seed, i.Replicates)
	}
	return d.of[n]
}

// evaluate computes the measures of a ranking with their intervals. Measures
// that need a confidence the table does not have are undefined and say so.
func (w *wanted) evaluate(r *metrics.Ranked, name string, measures []Measure, replicates *resample.Replicates) []metrics.Estimate {
	estimates := make([]metrics.Estimate, len(measures))
	var able []resample.Measure
	var places []int
	for i, m := range measures {
		if r.Confidence == nil && m.Metric.Needs&metrics.NeedsConfidence != 0 {
			estimates[i] = metrics.Estimate{Value: math.NaN(), Lo: math.NaN(), Hi: math.NaN(), N: r.N(),
				Notes: []string{fmt.Sprintf("the table has no confidence function %q", name)}}
			continue
		}
		if w.intervals.Level == 0 {
			estimates[i] = m.Metric.Of(r, m.At)
			continue
		}
		able, places = append(able, resample.Measure{Metric: m.Metric, At: m.At}), append(places, i)
	}
	if able == nil {
		return estimates
	}
	for k, e := range resample.Intervals(r, able, resample.Options{Level: w.intervals.Level, Replicates: replicates}) {
		// how the interval was made is the same for all models: run.json says it
		e.Notes = slices.DeleteFunc(e.Notes, func(n string) bool {
			return strings.HasPrefix(n, "interval: ") || strings.HasPrefix(n, "no interval: ")
		})
		if len(e.Notes) == 0 {
			e.Notes = nil
		}
		estimates[places[k]] = e
	}
	return estimates
}
