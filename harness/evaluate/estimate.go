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
func (w *Wanted) evaluate(r *metrics.Ranked, name string, measures []Measure, replicates *resample.Replicates) []estimate {
	estimates := make([]estimate, len(measures))
	var able []resample.Measure
	var places []int
	for i, m := range measures {
		if r.Confidence == nil && m.Metric.Needs&metrics.NeedsConfidence != 0 {
			estimates[i].Estimate = metrics.Estimate{Value: math.NaN(), Lo: math.NaN(), Hi: math.NaN(), N: r.N(),
				Notes: []string{fmt.Sprintf("the table has no confidence function %q", name)}}
			continue
		}
		if w.Intervals.Level == 0 {
			estimates[i].Estimate = m.Metric.Of(r, m.At)
			continue
		}
		able, places = append(able, resample.Measure{Metric: m.Metric, At: m.At}), append(places, i)
	}
	if able == nil {
		return estimates
	}
	o := resample.Options{Level: w.Intervals.Level, Method: w.Intervals.method(), SweptOnly: !w.Intervals.Every,
		Design: replicates.Design, Keep: func(k int, values []float64) {
			e := &estimates[places[k]]
			e.form, e.replicates = resampled, values
			if values == nil && w.Intervals.Replicates > 0 {
				e.form = unresampled
			}
		}}
	if w.Intervals.Replicates > 0 {
		o.Replicates = replicates
	}
	for k, e := range resample.Intervals(r, able, o) {
		to := &estimates[places[k]]
		// how intervals are made, or that a metric has none, is the same for all
		// models: run.json says it
		e.Notes = slices.DeleteFunc(e.Notes, func(n string) bool {
			return strings.HasPrefix(n, "interval: ") || strings.HasPrefix(n, "no interval: ") && to.form != closedForm && to.replicates == nil
		})
		if len(e.Notes) == 0 {
			e.Notes = nil
		}
		to.Estimate = e
	}
	return estimates
}
