package harness

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/metrics"
	"abstain/metrics/resample"
)

// Intervals says how sure the numbers of a run are to be stated. The zero value
// is no intervals at all.
type Intervals struct {
	Level float64 `json:"level"` // of confidence, e.g. 0.95; 0 for no intervals
	// Method is one of IntervalMethods; "" is ByInfluence.
	Method string `json:"method,omitempty"`
	// Replicates are bootstrap replicates, shared by all models, for the metrics
	// that have no closed form, or for all with another method than ByInfluence. 0
	// leaves operating points with exact bounds and the others without an interval.
	Replicates int    `json:"replicates"`
	Seed       uint64 `json:"seed"`
	// Every also evaluates on the replicates what has to be evaluated anew on each,
	// such as kernel estimates: that takes hundreds of times as long.
	Every bool `json:"every,omitempty"`
	// Cluster is the attribute whose groups of samples depend on each other, such
	// as the images of a patient: they are drawn together.
	Cluster string `json:"cluster,omitempty"`
	// Stratify is the attribute whose groups have the size they have by design:
	// samples are drawn inside each.
	Stratify string `json:"stratify,omitempty"`
}

// Ways to an interval.
const (
	ByInfluence = "influence" // closed forms where simulations show that they hold their level
	ByBootstrap = "bootstrap" // percentiles of replicates throughout
	ByBCa       = "bca"       // bias-corrected and accelerated percentiles throughout
)

// IntervalMethods are the values of Intervals.Method.
var IntervalMethods = []string{ByInfluence, ByBootstrap, ByBCa}

// Defaults unless others are asked for.
const (
	DefaultLevel      = 0.95
	DefaultReplicates = 1000
	DefaultSeed       = 1
)

// check refuses what cannot be.
func (i Intervals) check() error {
	switch {
	case i.Level < 0 || i.Level >= 1 || i.Replicates < 0 || i.Replicates == 1:
		return fmt.Errorf("intervals of level %v with %d replicates: want a level between 0 and 1, and 0 or at least 2 replicates", i.Level, i.Replicates)
	case i.Method != "" && !slices.Contains(IntervalMethods, i.Method):
		return fmt.Errorf("intervals by %q: want one of %s", i.Method, strings.Join(IntervalMethods, ", "))
	case i.Level > 0 && i.Replicates == 0 && i.method() != resample.Standard:
		return fmt.Errorf("intervals by %s need replicates", i.Method)
	case i.Cluster != "" && i.Stratify != "":
		return fmt.Errorf("samples are drawn in clusters of %q or in strata of %q, not both", i.Cluster, i.Stratify)
	}
	return nil
}

func (i Intervals) method() resample.Method {
	switch i.Method {
	case ByBootstrap:
		return resample.ByPercentile
	case ByBCa:
		return resample.ByBCa
	}
	return resample.Standard
}

// drawn names what decides the replicates besides the samples.
func (i Intervals) drawn() string {
	return fmt.Sprintf("%dx%d%s", i.Replicates, i.Seed, i.sampling())
}

// sampling is the part of drawn that also decides closed forms.
func (i Intervals) sampling() string {
	switch {
	case i.Cluster != "":
		return ",cluster=" + i.Cluster
	case i.Stratify != "":
		return ",stratify=" + i.Stratify
	}
	return ""
}

// form is how an interval came about, as far as a later run has to know in order
// to keep it.
type form uint8

const (
	closedForm  form = iota // or no interval at all, whatever the replicates
	resampled               // from replicates, or for want of them from exact bounds
	unresampled             // none: too expensive without Every
)

// key is the part of a cell's key that intervals of the form decide.
func (i Intervals) key(f form) string {
	if i.Level == 0 {
		return ""
	}
	k := fmt.Sprintf("|%v", i.Level)
	if i.method() != resample.Standard {
		k += "," + i.Method
	}
	switch {
	case f == closedForm:
		return k + i.sampling()
	case f == unresampled:
		return k + ",unresampled"
	case i.Replicates == 0:
		return k + ",exact" + i.sampling()
	}
	return k + "," + i.drawn()
}

// forms are those in which an estimate serves.
func (i Intervals) forms() []form {
	switch {
	case i.Level == 0:
		return []form{closedForm}
	case i.Replicates > 0 && !i.Every:
		return []form{closedForm, resampled, unresampled}
	}
	return []form{closedForm, resampled}
}

// find returns the cell of a measure whose interval was made as wanted.
func (w *wanted) find(cs cells, m Measure, partner string) (cell, bool) {
	for _, f := range w.intervals.forms() {
		if c, ok := cs[m.with(w.intervals.key(f)).key(partner)]; ok {
			return c, true
		}
	}
	return cell{}, false
}

// put keeps estimates under the keys by which find will look for them.
func (w *wanted) put(cs cells, measures []Measure, partner string, estimates []estimate) {
	for i, e := range estimates {
		cs[measures[i].with(w.intervals.key(e.form)).key(partner)] = newCell(e.Estimate)
	}
}

// estimate is one with the form of its interval and its values in the replicates,
// if there are any.
type estimate struct {
	metrics.Estimate
	form       form
	replicates []float64
}

// evaluate computes the measures of a ranking with their intervals. Measures
// that need a confidence the table does not have are undefined and say so.
func (w *wanted) evaluate(r *metrics.Ranked, name string, measures []Measure, replicates *resample.Replicates) []estimate {
	estimates := make([]estimate, len(measures))
	var able []resample.Measure
	var places []int
	for i, m := range measures {
		if r.Confidence == nil && m.Metric.Needs&metrics.NeedsConfidence != 0 {
			estimates[i].Estimate = metrics.Estimate{Value: math.NaN(), Lo: math.NaN(), Hi: math.NaN(), N: r.N(),
				Notes: []string{fmt.Sprintf("the table has no confidence function %q", name)}}
			continue
		}
		if w.intervals.Level == 0 {
			estimates[i].Estimate = m.Metric.Of(r, m.At)
			continue
		}
		able, places = append(able, resample.Measure{Metric: m.Metric, At: m.At}), append(places, i)
	}
	if able == nil {
		return estimates
	}
	o := resample.Options{Level: w.intervals.Level, Method: w.intervals.method(), SweptOnly: !w.intervals.Every,
		Design: replicates.Design, Keep: func(k int, values []float64) {
			e := &estimates[places[k]]
			e.form, e.replicates = resampled, values
			if values == nil && w.intervals.Replicates > 0 {
				e.form = unresampled
			}
		}}
	if w.intervals.Replicates > 0 {
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

// String says in words how the intervals are made: the line below a table.
func (i Intervals) String() string {
	if i.Level == 0 {
		return "no intervals"
	}
	text := fmt.Sprintf("%g %% intervals: ", 100*i.Level)
	closed, points := "Wilson (shares), influence values (means and areas; DeLong for AUROC), ", "exact binomial bounds (operating points)"
	if i.sampling() != "" { // those two know of no clusters
		closed, points = "influence values (shares, means and areas), ", "none (operating points)"
	}
	boot := fmt.Sprintf("%d bootstrap replicates shared by all models, seed %d", i.Replicates, i.Seed)
	switch {
	case i.method() == resample.ByPercentile:
		text += "percentiles of " + boot
	case i.method() == resample.ByBCa:
		text += "BCa from " + boot
	case i.Replicates > 0:
		text += closed + "for the rest percentiles of " + boot
	default:
		text += closed + points
	}
	if what := cmp.Or(i.Cluster, i.Stratify); what != "" {
		text += map[bool]string{true: "; clusters of ", false: "; strata of "}[i.Cluster != ""] + what
	}
	return text
}
