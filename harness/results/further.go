package results

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/harness/evaluate"
	"abstain/harness/pool"
	"abstain/metrics"
)

// With returns the results with further metrics behind their own: of the rows that of
// accepts, computed from the kept outcomes as a run that asks for them computes them,
// with the intervals of the folder's run. All other rows are undefined by them.
// Metrics that the folder has are passed over; if it has all, the results are returned
// as they are. Nothing is written. It is an error if outcomes are not kept, or if a
// metric needs class vectors, which never are.
func (s *Results) With(further []metrics.Measure, of func(Row) bool) (*Results, error) {
	var lacking []metrics.Measure
	for _, m := range further {
		if s.Column(m) < 0 && !slices.ContainsFunc(lacking, m.Same) {
			lacking = append(lacking, m)
		}
	}
	if lacking == nil {
		return s, nil
	}
	cells, err := s.compute(lacking, of)
	if err != nil {
		return nil, err
	}
	more := *s
	more.Measures = slices.Concat(s.Measures, lacking)
	more.Computed = slices.Concat(s.Computed, lacking)
	more.Rows = slices.Clone(s.Rows)
	for i := range more.Rows {
		if row := &more.Rows[i]; row.Status == "ok" {
			row.Cells = slices.Concat(row.Cells, cells[i])
		}
	}
	return &more, nil
}

// Estimates are a row's values by the metrics: the stored ones, or computed as With
// does.
func (s *Results) Estimates(row Row, measures []metrics.Measure) ([]metrics.Estimate, error) {
	with, err := s.With(measures, func(r Row) bool { return r.Key == row.Key })
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(with.Rows, func(r Row) bool { return r.Key == row.Key })
	if at < 0 {
		return nil, fmt.Errorf("%s has no row of model %q", s.Dir, row.Model)
	}
	estimates := make([]metrics.Estimate, len(measures))
	for i, m := range measures {
		estimates[i] = with.Rows[at].Cells[with.Column(m)]
	}
	return estimates, nil
}

// compute evaluates metrics, for each of the rows.
func (s *Results) compute(measures []metrics.Measure, of func(Row) bool) ([][]metrics.Estimate, error) {
	for _, m := range measures {
		if m.Metric.Needs&metrics.NeedsVectors != 0 {
			return nil, fmt.Errorf("%s has no metric %q, which needs class vectors, and these are not kept: abstain run CORPUS --out %s --metrics +%s adds it",
				s.Dir, m.Name(), s.Dir, m.Name())
		}
	}
	w := &evaluate.Wanted{Measures: measures, Intervals: s.Run.Intervals}
	cells, errs := make([][]metrics.Estimate, len(s.Rows)), make([]error, len(s.Rows))
	pool.Each(len(s.Rows), func(i int) {
		if row := s.Rows[i]; of(row) && row.Status == "ok" {
			cells[i], errs[i] = s.evaluate(w, row)
		} else {
			cells[i] = undefined(len(measures), row.N)
		}
	})
	for _, err := range errs { // the first, whichever row was done first
		if errors.Is(err, errNotKept) {
			return nil, fmt.Errorf("%s has no metric %q and keeps no outcomes to compute it from (there are %s)",
				s.Dir, measures[0].Name(), strings.Join(s.Names(), ", "))
		}
		if err != nil {
			return nil, err
		}
	}
	return cells, nil
}

// errNotKept is that of a row whose outcomes the folder does not keep.
var errNotKept = errors.New("the folder keeps no outcomes")

// evaluate computes the metrics of one row.
func (s *Results) evaluate(w *evaluate.Wanted, row Row) ([]metrics.Estimate, error) {
	if s.Kept[row.Key.Table()] == "" {
		return nil, errNotKept
	}
	o, err := s.Outcomes(row.Key)
	if err != nil {
		return nil, err
	}
	inside, err := s.inside(w, row.Key, o)
	if err != nil {
		return nil, err
	}
	return w.Of(o, inside, row.Confidence)
}

// inside are the outcomes with whose in-distribution samples those of a table are
// compared that are all out of distribution: the same model's clean ones, of the test
// split if it has one; nil if there are none or no metric wants them. The same rule as
// a run's.
func (s *Results) inside(w *evaluate.Wanted, k Key, o *metrics.Outcomes) (*metrics.Outcomes, error) {
	if !w.Outside() || !allOutside(o) {
		return nil, nil
	}
	var found *metrics.Outcomes
	seen := map[Key]bool{}
	for _, row := range s.Rows {
		partner := row.Key.Table()
		partner.Transform = k.Table().Transform
		of := row.Model == k.Model && row.Dataset == k.Dataset && row.Condition == "clean" && row.Split != "val"
		if !of || row.Status != "ok" || seen[partner] || s.Kept[partner] == "" || found != nil && row.Split != "test" {
			continue
		}
		seen[partner] = true
		clean, err := s.Outcomes(partner)
		if err != nil {
			return nil, err
		}
		if !allOutside(clean) {
			found = clean
		}
	}
	return found, nil
}

// allOutside reports whether no sample is in distribution.
func allOutside(o *metrics.Outcomes) bool {
	return o.Label != nil && !slices.ContainsFunc(o.Label, func(l int32) bool { return l >= 0 })
}

func undefined(n, samples int) []metrics.Estimate {
	cells := make([]metrics.Estimate, n)
	for i := range cells {
		cells[i] = metrics.Estimate{Value: math.NaN(), Lo: math.NaN(), Hi: math.NaN(), N: samples}
	}
	return cells
}
