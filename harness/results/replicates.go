package results

import (
	"cmp"
	"errors"
	"math"

	"abstain/harness/evaluate"
	"abstain/harness/pool"
	"abstain/harness/store"
	"abstain/metrics"
	"abstain/metrics/resample"
)

// ErrNotSwept says that a metric has no fast way to its replicates: it would have
// to be evaluated again on each one.
var ErrNotSwept = errors.New("the metric has no fast way to replicates")

// Replicates returns a metric's values for the rows' tables on bootstrap
// replicates. A replicate has the same samples for all tables. It takes the
// values that the run kept, and makes the others from the outcomes, as many
// tables at a time as there are CPUs; made says how many it made. A value is NaN
// if the metric is undefined on a replicate. For a run without replicates it
// makes DefaultReplicates. All outcomes must be kept and have the same number of
// samples. The error is ErrNotSwept if the metric would take hours.
//
// It takes 8 bytes for each row and replicate, and besides what a run does.
func (s *Results) Replicates(rows []Row, m metrics.Measure) (values [][]float64, made int, err error) {
	with := s.Run.Intervals
	if with.Replicates == 0 {
		with.Replicates = evaluate.DefaultReplicates
		with.Seed = cmp.Or(with.Seed, evaluate.DefaultSeed)
	}
	with.Level = cmp.Or(with.Level, evaluate.DefaultLevel)
	values = make([][]float64, len(rows))
	errs := make([]error, len(rows))
	counted := make([]bool, len(rows))
	var drawings evaluate.Drawings
	pool.Each(len(rows), func(i int) {
		all := store.Folder(s.Dir).LoadReplicates(s.Kept[rows[i].Table()], with.Drawn())
		if kept := all[evaluate.ReplicatesName(rows[i].Confidence, m)]; len(kept) == with.Replicates {
			values[i] = kept
			return
		}
		counted[i] = true
		values[i], errs[i] = s.replicate(rows[i], m, with, &drawings)
	})
	for i := range rows {
		if counted[i] {
			made++
		}
	}
	return values, made, errors.Join(errs...)
}

// replicate evaluates a metric of a row's table anew on every replicate.
func (s *Results) replicate(row Row, m metrics.Measure, with evaluate.Intervals, drawings *evaluate.Drawings) ([]float64, error) {
	o, err := s.Outcomes(row.Key)
	if err != nil {
		return nil, err
	}
	design, err := with.Design(o)
	if err != nil {
		return nil, err
	}
	r := metrics.Rank(o, o.Confidence(row.Confidence))
	of := []metrics.Measure{m}
	if !resample.NewEvaluator(r, of).Fast(0) {
		return nil, ErrNotSwept
	}
	values := resample.Bootstrap(r, of, drawings.Of(design, with))[0]
	for k, v := range values {
		values[k] = float64(float32(v)) // rounded as kept replicates are, so that both give the same numbers
	}
	return values, nil
}

// Design says how the samples of a table are resampled: one by one, or as the
// run's clusters or strata require.
func (s *Results) Design(o *metrics.Outcomes) (*resample.Design, error) {
	d, err := s.Run.Intervals.Design(o)
	return d.Design, err
}

// DefinedReplicates drops the replicates in which the value of any model is
// undefined or infinite, and says how many it dropped.
func DefinedReplicates(values [][]float64) (kept [][]float64, dropped int) {
	if len(values) == 0 {
		return values, 0
	}
	drop := make([]bool, len(values[0]))
	for _, row := range values {
		for k, v := range row {
			drop[k] = drop[k] || math.IsNaN(v) || math.IsInf(v, 0)
		}
	}
	for _, d := range drop {
		if d {
			dropped++
		}
	}
	if dropped == 0 {
		return values, 0
	}
	for _, row := range values {
		var some []float64
		for k, v := range row {
			if !drop[k] {
				some = append(some, v)
			}
		}
		kept = append(kept, some)
	}
	return kept, dropped
}
