package harness

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"abstain/datasets"
)

// join checks that the tables of one dataset, split and condition are over the
// same samples with the same labels, since every comparison is in pairs. What
// most of them have is the reference; a table that departs from it fails. Where
// nothing declares that tables belong together (no manifest, no metadata, no
// ids), those with other samples become datasets of their own.
func (r *runner) join() {
	type set struct{ dataset, split, condition string }
	sets := map[set][]*job{}
	var order []set
	for _, j := range r.jobs {
		if j.record == nil || j.failure != nil {
			continue
		}
		s := set{j.table.Dataset, j.table.Split, j.table.Condition}
		if sets[s] == nil {
			order = append(order, s)
		}
		sets[s] = append(sets[s], j)
	}
	for _, s := range order {
		same := r.joinBy(sets[s], func(j *job) string { return j.record.Samples })
		labelled := slices.DeleteFunc(same, func(j *job) bool { return j.record.Labels == "" })
		r.joinBy(labelled, func(j *job) string { return j.record.Labels })
	}
}

// joinBy returns the jobs that share the commonest digest and refuses or
// separates the others.
func (r *runner) joinBy(jobs []*job, digest func(*job) string) []*job {
	count := map[string]int{}
	var reference *job
	for _, j := range jobs {
		count[digest(j)]++
	}
	for _, j := range jobs {
		if reference == nil || count[digest(j)] > count[digest(reference)] {
			reference = j
		}
	}
	var same []*job
	alone := map[string]string{} // digest to the dataset made for it
	for _, j := range jobs {
		switch {
		case digest(j) == digest(reference):
			same = append(same, j)
		case r.separable(j, reference):
			if alone[digest(j)] == "" {
				alone[digest(j)] = j.table.Dataset + "/" + stem(j.table)
			}
			j.table.Dataset = alone[digest(j)]
			r.notices = append(r.notices, fmt.Sprintf("%s: other samples than %s: taken as dataset %q", j.table.Name, reference.table.Name, j.table.Dataset))
		default:
			j.fail(r.refusal(j, reference))
		}
	}
	return same
}

// separable reports whether nothing says that the two tables share their
// samples: neither a dataset's name nor ids nor labels of which one's are the
// beginning of the other's.
func (r *runner) separable(j, reference *job) bool {
	if j.table.Declared || j.record.HasIDs || reference.record.HasIDs {
		return false
	}
	a, errA := r.load(j)
	b, errB := r.load(reference)
	if errA != nil || errB != nil || a.Label == nil || b.Label == nil {
		return errA == nil && errB == nil && (a.Label == nil) != (b.Label == nil) || j.record.N != reference.record.N
	}
	n := min(len(a.Label), len(b.Label))
	return j.record.Classes != reference.record.Classes || !slices.Equal(a.Label[:n], b.Label[:n])
}

// refusal is the error of a table whose samples are not the reference's.
func (r *runner) refusal(j, reference *job) error {
	e := &datasets.Error{Table: j.table.Name, Row: -1,
		Hint: "models are compared in pairs, so they must answer the same samples: write the table again, or give it a dataset, split or condition of its own in manifest.csv"}
	o, err := r.load(j)
	ref, errRef := r.load(reference)
	if err = errors.Join(err, errRef); err != nil {
		e.Err = fmt.Errorf("not the samples of %s (%w)", reference.table.Name, err)
		return e
	}
	var problem string
	e.Column, e.Row, problem = difference(o, ref, reference.table.Name)
	e.Err = errors.New(problem)
	return e
}

// load returns the outcomes of an evaluated job, read again if they are not kept.
func (r *runner) load(j *job) (*outcomes, error) {
	if r.Out != "" {
		if o, err := loadOutcomes(outcomesPath(r.Out, j.record.Key)); err == nil {
			return o, nil
		}
	}
	return readTable(context.Background(), j.table, nil)
}
