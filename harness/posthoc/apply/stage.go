package apply

import (
	"context"
	"slices"

	"abstain/datasets"
	"abstain/harness/evaluate"
	"abstain/harness/pool"
	"abstain/harness/posthoc"
	"abstain/harness/store"
)

// Table is a table as the run has evaluated it.
type Table struct {
	datasets.Table
	Record *store.Record // nil if it has none
	Failed bool
}

// Stage is the input of this package: the transforms that a run asks for, and the
// tables that it has evaluated.
type Stage struct {
	Wanted     *evaluate.Wanted
	Store      *store.Store
	Asked      posthoc.Transforms
	Transforms []posthoc.Transform // parsed from Asked
	Tables     []Table
	Workers    int
}

// Transformed is the state of one table under one transform.
type Transformed struct {
	Key    string        // of the record
	Record *store.Record // nil until evaluated
	Due    bool          // something wanted was missing when the record was looked up
	Err    error         // why it could not be evaluated
}

// Job is a table that at least one transform applies to.
type Job struct {
	Table int // its place among the tables
	// Transforms are in the order of Stage.Transforms. The last entry is the
	// stored predictions on those samples that the fitted transforms are judged
	// on. An entry that does not apply has neither key nor record.
	Transforms []Transformed

	fitting *fitting // nil if the predictions are gone
}

// Done is the result for one table.
type Done struct {
	Transforms []Transformed // as in Job; nil if none applies
	Computed   bool          // something was due, and its computation was begun
	AllFitted  bool          // every sample was fitted on: nothing is left to judge
}

// ID names the transform at a place of Job.Transforms.
func ID(transforms []posthoc.Transform, place int) string {
	if place == len(transforms) {
		return posthoc.Rest
	}
	return transforms[place].ID
}

// LookUp finds the record under the key and whether it has all that is wanted.
func LookUp(s *store.Store, wanted *evaluate.Wanted, key string) Transformed {
	r := s.Lookup(key)
	return Transformed{Key: key, Record: r, Due: r == nil || wanted.Missing(r)}
}

// Pending lists the jobs in which any transform is due.
func Pending(jobs []Job) []Job {
	return slices.DeleteFunc(slices.Clone(jobs), func(j Job) bool {
		return !slices.ContainsFunc(j.Transforms, func(t Transformed) bool { return t.Due })
	})
}

// Run evaluates what is due in the jobs and returns the result of each table, by
// its place. It calls done for the table of every job that was pending. When ctx
// ends early, Run returns what was done until then, with the error of ctx.
func (s *Stage) Run(ctx context.Context, jobs []Job, done func(table int, err error)) ([]Done, error) {
	tables := make([]Done, len(s.Tables))
	for _, j := range jobs {
		tables[j.Table].Transforms = j.Transforms
	}
	pending := Pending(jobs)
	results, err := pool.Map(ctx, s.Workers, pending, s.evaluate, func(j Job, r pool.Result[Done]) { done(j.Table, r.Err) })
	for i, r := range results {
		if r.Value.Computed {
			tables[pending[i].Table] = r.Value
		}
		if r.Err != nil {
			tables[pending[i].Table] = failed(tables[pending[i].Table], r.Err)
		}
	}
	return tables, err
}

// failed gives the error to every transform that was due and has no error of its
// own.
func failed(d Done, err error) Done {
	d.Transforms, d.Computed = slices.Clone(d.Transforms), true
	for i := range d.Transforms {
		if t := &d.Transforms[i]; t.Due && t.Err == nil {
			t.Err = err
		}
	}
	return d
}

// FitError is a failure that all tables of a model share, because the maps could
// not be fitted.
type FitError struct {
	On  int // place of the table that could not be fitted on
	Err error
}

func (e *FitError) Error() string { return e.Err.Error() }
func (e *FitError) Unwrap() error { return e.Err }
