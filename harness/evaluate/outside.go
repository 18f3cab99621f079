package evaluate

import (
	"math"
	"slices"

	"abstain/harness/store"
	"abstain/metrics"
	"abstain/metrics/resample"
)

// SetOutside returns the record with the metrics that set its table's
// out-of-distribution samples against the in-distribution ones whose outcomes are
// kept under the key against, which may be the record's own; "" for none. A record
// that has them already is returned as it is; another is kept.
func (w *Wanted) SetOutside(s *store.Store, r *store.Record, against string) (*store.Record, error) {
	if !w.missingOutside(r, against) {
		return r, nil
	}
	o, err := s.LoadOutcomes(r.Key)
	if err != nil {
		return nil, err
	}
	var in *store.Outcomes
	if against != "" && against != r.Key {
		if in, err = s.LoadOutcomes(against); err != nil {
			return nil, err
		}
	}
	r = r.Clone()
	if err := w.fillOutside(r, o, in, against); err != nil {
		return nil, err
	}
	return r, s.Append(r)
}

// noOutside is the note of a metric over out-of-distribution samples where there are none.
const noOutside = "no out-of-distribution samples"

// Of evaluates the measures by one confidence function of the outcomes, as Fill and
// SetOutside do for a record; nothing is kept. A table that is all out of distribution
// is set beside the samples of in, nil for none.
func (w *Wanted) Of(o, in *metrics.Outcomes, confidence string) ([]metrics.Estimate, error) {
	design, err := w.Intervals.Design(o)
	if err != nil {
		return nil, err
	}
	estimates := make([]metrics.Estimate, len(w.Measures))
	w.evaluateInto(estimates, inside, o, confidence, w.drawings.Of(design, w.Intervals))
	if !w.Outside() {
		return estimates, nil
	}
	if !slices.ContainsFunc(o.Label, func(l int32) bool { return l < 0 }) {
		for i, m := range w.Measures {
			if outside(m) {
				estimates[i] = store.Cell{Value: store.Value(math.NaN()), Notes: []string{noOutside}}.Estimate()
			}
		}
		return estimates, nil
	}
	if in != nil {
		if o, err = metrics.Concat(in, o); err != nil {
			return nil, err
		}
	}
	replicates, err := w.draw(o)
	if err == nil {
		w.evaluateInto(estimates, outside, o, confidence, replicates)
	}
	return estimates, err
}

// evaluateInto evaluates the measures of a kind, into their places.
func (w *Wanted) evaluateInto(estimates []metrics.Estimate, kind func(metrics.Measure) bool, o *metrics.Outcomes, confidence string, replicates *resample.Replicates) {
	var measures []metrics.Measure
	var places []int
	for i, m := range w.Measures {
		if kind(m) {
			measures, places = append(measures, m), append(places, i)
		}
	}
	if measures == nil {
		return
	}
	for k, e := range w.evaluate(metrics.Rank(o, o.Confidence(confidence)), confidence, measures, replicates) {
		estimates[places[k]] = e.Estimate
	}
}

// fillOutside adds those metrics, in all and by level of the attributes wanted; a
// nil partner means that the table itself has both kinds of samples.
func (w *Wanted) fillOutside(r *store.Record, o, partner *store.Outcomes, partnerKey string) error {
	if err := w.fillOutsideCells(r, r.Cells, o.Outcomes, partner, partnerKey); err != nil || partner == nil {
		return err
	}
	for _, name := range w.Groups {
		g := Attribute(o.Outcomes, name)
		if g == nil {
			continue
		}
		for code, rows := range levels(g) {
			level := r.Groups[name][g.Levels[code]]
			if err := w.fillOutsideCells(r, level.Cells, o.Take(rows), partner, partnerKey); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *Wanted) fillOutsideCells(r *store.Record, into map[string]store.Cells, o *metrics.Outcomes, partner *store.Outcomes, partnerKey string) error {
	if partner != nil {
		var err error
		if o, err = metrics.Concat(partner.Outcomes, o); err != nil {
			return err
		}
	}
	replicates, err := w.draw(o)
	if err != nil {
		return err
	}
	measures := slices.DeleteFunc(slices.Clone(w.Measures), inside)
	for _, name := range w.ConfidencesOf(r) {
		w.put(into[name], measures, partnerKey, w.evaluate(metrics.Rank(o, o.Confidence(name)), name, measures, replicates))
	}
	return nil
}
