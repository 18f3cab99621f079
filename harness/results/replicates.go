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

// ErrNotSwept says that a metric would have to be evaluated anew on each replicate.
var ErrNotSwept = errors.New("the metric has no fast way to replicates")

// Replicates are a metric's values for the rows' tables on replicates that are the
// same samples for all of them: those that the run kept, or else made from the
// outcomes, all tables at once as far as there are CPUs. It says how many had to
// be made. Values are NaN where the metric is undefined on a replicate. A run
// without replicates takes DefaultReplicates. The outcomes must be there and of
// one number of samples. The error is ErrNotSwept if that would take hours.
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
		values[k] = float64(float32(v)) // as kept ones are, so that it does not matter
	}
	return values, nil
}

// Design is how the samples of a table are drawn again: independently, or as the
// run's clusters or strata say.
func (s *Results) Design(o *metrics.Outcomes) (*resample.Design, error) {
	d, err := s.Run.Intervals.Design(o)
	return d.Design, err
}

// DefinedReplicates drops the replicates in which any of the models has no value,
// or an infinite one, and says how many those were.
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
