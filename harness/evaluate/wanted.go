package evaluate

import (
	"maps"
	"math"
	"slices"
	"strings"

	"abstain/harness/store"
	"abstain/metrics"
)

// Wanted says what a run asks of every table. It keeps the replicates drawn for
// one table for the others; several goroutines may use it.
type Wanted struct {
	Measures    []metrics.Measure
	Confidences []string // of confidence functions; AllScores for every score:* column
	Groups      []string // attributes by which every metric is computed too
	Intervals   Intervals

	drawings Drawings
}

// Vectors reports whether a metric asked for needs whole class vectors, which are
// not kept.
func (w *Wanted) Vectors() bool { return slices.ContainsFunc(w.Measures, vectors) }

// Outside reports whether a metric asked for sets out-of-distribution samples
// against in-distribution ones.
func (w *Wanted) Outside() bool { return slices.ContainsFunc(w.Measures, outside) }

// Functions are the confidence functions that anybody has asked for, now or
// before: computing and keeping all of them would double the cost. The earlier
// record is nil if there is none.
func (w *Wanted) Functions(earlier *store.Record) []string {
	names := slices.Clone(w.Confidences)
	if earlier != nil {
		names = append(names, slices.Sorted(maps.Keys(earlier.Cells))...)
	}
	return names
}

// Suffices reports whether the outcomes have every confidence column wanted
// that the table can give, and no metric is missing that needs class vectors.
func (w *Wanted) Suffices(o *store.Outcomes, r *store.Record) bool {
	if w.missing(r, vectors) {
		return false
	}
	for _, name := range w.ConfidencesOf(r) {
		if slices.Contains(r.Available, name) && o.Confidence(name) == nil {
			return false
		}
	}
	return true
}

// Missing reports whether the record lacks any of the metrics wanted of the
// table's own samples.
func (w *Wanted) Missing(r *store.Record) bool { return w.missing(r, inside) }

// Lacks reports whether the record lacks one of the metrics.
func (w *Wanted) Lacks(r *store.Record, m metrics.Measure) bool { return w.missing(r, m.Same) }

// missing is Missing for metrics of that kind.
func (w *Wanted) missing(r *store.Record, kind func(metrics.Measure) bool) bool {
	names := w.ConfidencesOf(r)
	of := func(m metrics.Measure) bool { return kind(m) && inside(m) }
	lacking := func(have map[string]store.Cells) bool {
		for _, name := range names {
			for _, m := range w.Measures {
				if _, ok := w.find(have[name], m, ""); !ok && of(m) {
					return true
				}
			}
		}
		return false
	}
	return lacking(r.Cells) || slices.ContainsFunc(w.Groups, func(name string) bool {
		if !Has(r, name) {
			return false
		}
		for _, g := range r.Groups[name] {
			if lacking(g.Cells) {
				return true
			}
		}
		return len(r.Groups[name]) == 0 && slices.ContainsFunc(w.Measures, of)
	})
}

// missingOutside reports whether fillOutside has anything to do.
func (w *Wanted) missingOutside(r *store.Record, partnerKey string) bool {
	for _, name := range w.ConfidencesOf(r) {
		for _, m := range w.Measures {
			if inside(m) {
				continue
			}
			if _, ok := w.find(r.Cells[name], m, partnerKey); !ok {
				return true
			}
			for _, attribute := range w.Groups {
				for _, g := range r.Groups[attribute] {
					if _, ok := w.find(g.Cells[name], m, partnerKey); !ok {
						return true
					}
				}
			}
		}
	}
	return false
}

// Estimates lists the cells in the order of the metrics asked. The partner is the
// key of what out-of-distribution samples are set against, "" for none.
func (w *Wanted) Estimates(cells store.Cells, partner string) []metrics.Estimate {
	var list []metrics.Estimate
	for _, m := range w.Measures {
		c, ok := w.find(cells, m, partner)
		if !ok {
			c = store.Cell{Value: store.Value(math.NaN()), Notes: []string{noOutside}}
		}
		list = append(list, c.Estimate())
	}
	return list
}

// find returns the cell of a measure whose interval was made as wanted.
func (w *Wanted) find(cells store.Cells, m metrics.Measure, partner string) (store.Cell, bool) {
	for _, f := range w.Intervals.forms() {
		if c, ok := cells[key(m, w.Intervals.key(f), partner)]; ok {
			return c, true
		}
	}
	return store.Cell{}, false
}

// put keeps estimates under the keys by which find will look for them.
func (w *Wanted) put(cells store.Cells, measures []metrics.Measure, partner string, estimates []estimate) {
	for i, e := range estimates {
		cells[key(measures[i], w.Intervals.key(e.form), partner)] = store.NewCell(e.Estimate)
	}
}

// attributes names the columns by which the samples of a table may be grouped.
func attributes(r *store.Record) string {
	return strings.Join(append(slices.Clone(r.Attributes), LabelAttribute), ", ")
}
