package evaluate

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/metrics"
	"abstain/metrics/resample"
)

// estimate is one with the form of its interval and its values in the replicates,
// if there are any.
type estimate struct {
	metrics.Estimate
	form       form
	replicates []float64
}

// evaluate computes the measures of a ranking with their intervals. Measures
// that need a confidence the table does not have are undefined and say so.
func (w *Wanted) evaluate(r *metrics.Ranked, name string, measures []metrics.Measure, replicates *resample.Replicates) []estimate {
	estimates := make([]estimate, len(measures))
	var able []metrics.Measure
	var places []int // of those among the measures
	for i, m := range measures {
		switch {
		case r.Confidence == nil && m.Metric.Needs&metrics.NeedsConfidence != 0:
			estimates[i].Estimate = metrics.Estimate{Value: math.NaN(), Lo: math.NaN(), Hi: math.NaN(), N: r.N(),
				Notes: []string{fmt.Sprintf("the table has no confidence function %q", name)}}
		case w.Intervals.Level == 0:
			estimates[i].Estimate = m.Of(r)
		default:
			able, places = append(able, m), append(places, i)
		}
	}
	if able != nil {
		for k, e := range w.resample(r, able, replicates) {
			estimates[places[k]] = e
		}
	}
	if note := r.Confidence.Note(); note != "" {
		for i, m := range measures {
			if m.Metric.Needs&metrics.NeedsConfidence != 0 {
				estimates[i].Notes = append(slices.Clip(estimates[i].Notes), note)
			}
		}
	}
	return estimates
}

// resample computes the measures with intervals.
func (w *Wanted) resample(r *metrics.Ranked, measures []metrics.Measure, replicates *resample.Replicates) []estimate {
	estimates := make([]estimate, len(measures))
	o := resample.Options{Level: w.Intervals.Level, Method: w.Intervals.method(), SweptOnly: !w.Intervals.Every,
		Design: replicates.Design, Keep: func(k int, values []float64) {
			e := &estimates[k]
			e.form, e.replicates = resampled, values
			if values == nil && w.Intervals.Replicates > 0 {
				e.form = unresampled
			}
		}}
	if w.Intervals.Replicates > 0 {
		o.Replicates = replicates
	}
	for k, e := range resample.Intervals(r, measures, o) {
		e.Notes = estimates[k].telling(e.Notes)
		estimates[k].Estimate = e
	}
	return estimates
}

// telling drops notes of how the interval was made, or that the metric has none:
// that is the same for all models, and run.json says it.
func (e estimate) telling(notes []string) []string {
	notes = slices.DeleteFunc(notes, func(n string) bool {
		return strings.HasPrefix(n, "interval: ") || strings.HasPrefix(n, "no interval: ") && e.form != closedForm && e.replicates == nil
	})
	if len(notes) == 0 {
		return nil
	}
	return notes
}
