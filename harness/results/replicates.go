package harness

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"abstain/datasets"
	"abstain/datasets/column"
	"abstain/datasets/ipc"
	"abstain/metrics"
	"abstain/metrics/resample"
)

// replicated is a metric's values in the replicates of a run. They are kept beside
// the outcomes for the metrics whose intervals they made, so that models can be
// compared later without drawing again: replicate k is the same samples for each.
type replicated struct {
	confidence string
	measure    string // Measure.key without an interval
	values     []float64
}

func (r replicated) column() string { return r.confidence + "|" + r.measure }

// replicatesPath is where the replicates of a table with this content are kept.
func replicatesPath(dir, key string) string {
	return filepath.Join(dir, "replicates", key+".arrow")
}

// saveReplicates writes columns of float32, which is exact to 1 part in 10^7 where
// a standard error is known to 1 in 50. Columns that are there already stay, if
// they were drawn alike.
func saveReplicates(path, drawn string, list []replicated) error {
	have := map[string]bool{}
	for _, r := range list {
		have[r.column()] = true
	}
	for name, values := range loadReplicates(path, drawn) {
		if confidence, measure, ok := strings.Cut(name, "|"); ok && !have[name] {
			list = append(list, replicated{confidence, measure, values})
		}
	}
	by := map[string]replicated{}
	for _, r := range list {
		by[r.column()] = r
	}
	var columns []ipc.Column
	for _, name := range sortedKeys(by) {
		columns = append(columns, ipc.Floats(name, ipc.Float32, by[name].values))
	}
	meta := []column.Pair{{Key: "drawn", Value: drawn}}
	return replaceFile(path, func(w io.Writer) error { return ipc.Write(w, columns, ipc.Options{Meta: meta}) })
}

// loadReplicates reads what saveReplicates wrote; nothing if it is absent, torn or
// drawn in another way, since replicates can be made again.
func loadReplicates(path, drawn string) map[string][]float64 {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	r, err := ipc.Open(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return nil
	}
	defer r.Close()
	same := false
	for _, p := range r.Meta() {
		same = same || p.Key == "drawn" && p.Value == drawn
	}
	fields := r.Fields()
	want := make([]column.Want, len(fields))
	for i := range fields {
		want[i] = column.Want{Field: i, Kind: column.Float32}
	}
	if !same || r.Select(want) != nil {
		return nil
	}
	values := map[string][]float64{}
	for {
		chunk, err := r.Next()
		if err == io.EOF {
			return values
		}
		if err != nil {
			return nil
		}
		for i, f := range fields {
			for _, v := range chunk.Columns[i].F32 {
				values[f.Name] = append(values[f.Name], float64(v))
			}
		}
	}
}

// fillKeeping fills the record of a table and keeps the replicates under its key.
func (r *runner) fillKeeping(table string, rec *record, o *outcomes, ranker *metrics.Ranker) error {
	kept, err := r.fill(rec, o, ranker)
	if err != nil {
		return &datasets.Error{Table: table, Column: cmp.Or(r.intervals.Cluster, r.intervals.Stratify), Row: -1, Err: err,
			Hint: "every table needs the column by which samples are drawn; it has " + strings.Join(append(slices.Clone(rec.Attributes), labelAttribute), ", ")}
	}
	if len(kept) == 0 {
		return nil
	}
	if err := saveReplicates(replicatesPath(r.Out, rec.Key), r.intervals.drawn(), kept); err != nil {
		return &storeError{err}
	}
	return nil
}

// setDesign notes which samples belong together.
func (r *record) setDesign(i Intervals, digest string) {
	if i.sampling() == "" {
		return
	}
	if r.Designs == nil {
		r.Designs = map[string]string{}
	}
	r.Designs[i.sampling()] = digest
}

// agreeOnDesign refuses tables whose samples are in other clusters or strata than
// those of most: replicates are shared by all models.
func (r *runner) agreeOnDesign(jobs []*job) {
	name := r.intervals.sampling()
	if name == "" {
		return
	}
	digest := func(j *job) string { return j.record.Designs[name] }
	reference := commonest(jobs, digest)
	for _, j := range jobs {
		if j.failure == nil && digest(j) != digest(reference) {
			j.fail(&datasets.Error{Table: j.table.Name, Column: cmp.Or(r.intervals.Cluster, r.intervals.Stratify), Row: -1,
				Err:  fmt.Errorf("puts samples into other groups than %s", reference.table.Name),
				Hint: "a sample belongs to the same group whichever model answers it: write the column again from one source"})
		}
	}
}

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
func (s *Results) Replicates(rows []Row, m Measure) (values [][]float64, made int, err error) {
	with := s.Run.Intervals
	if with.Replicates == 0 {
		with.Replicates = DefaultReplicates
		with.Seed = cmp.Or(with.Seed, DefaultSeed)
	}
	with.Level = cmp.Or(with.Level, DefaultLevel)
	values = make([][]float64, len(rows))
	errs := make([]error, len(rows))
	counted := make([]bool, len(rows))
	var drawn draws
	Parallel(len(rows), func(i int) {
		name := replicated{rows[i].Confidence, m.key(""), nil}.column()
		if kept := loadReplicates(replicatesPath(s.Dir, s.outcomes[rows[i].table()]), with.drawn())[name]; len(kept) == with.Replicates {
			values[i] = kept
			return
		}
		counted[i] = true
		var o *metrics.Outcomes
		if o, errs[i] = s.Outcomes(rows[i].Key); errs[i] != nil {
			return
		}
		var d sampling
		if d, errs[i] = with.design(o); errs[i] != nil {
			return
		}
		r := metrics.Rank(o, o.Confidence(rows[i].Confidence))
		of := []resample.Measure{{Metric: m.Metric, At: m.At}}
		if !resample.NewEvaluator(r, of).Fast(0) {
			errs[i] = ErrNotSwept
			return
		}
		values[i] = resample.Bootstrap(r, of, drawn.get(d, with))[0]
		for k, v := range values[i] {
			values[i][k] = float64(float32(v)) // as kept ones are, so that it does not matter
		}
	})
	for i := range rows {
		if counted[i] {
			made++
		}
	}
	return values, made, errors.Join(errs...)
}

// Design is how the samples of a table are drawn again: independently, or as the
// run's clusters or strata say.
func (s *Results) Design(o *metrics.Outcomes) (*resample.Design, error) {
	d, err := s.Run.Intervals.design(o)
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
