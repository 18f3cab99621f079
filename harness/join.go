package harness

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

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
		jobs := sets[s]
		if !slices.ContainsFunc(jobs, func(j *job) bool { return !j.bare() }) {
			jobs = r.separate(jobs)
		}
		same := r.agree(jobs, func(j *job) string { return j.record.Samples })
		r.agreeOnDesign(r.agree(same, func(j *job) string { return j.record.Labels }))
	}
}

// bare reports whether nothing says which samples the table is over.
func (j *job) bare() bool { return !j.table.Declared && !j.record.HasIDs }

// agree returns the jobs that share the commonest digest and refuses the
// others. An empty digest agrees with all.
func (r *runner) agree(jobs []*job, digest func(*job) string) []*job {
	reference := commonest(jobs, digest)
	var same []*job
	for _, j := range jobs {
		if digest(j) == "" || digest(j) == digest(reference) {
			same = append(same, j)
		} else {
			j.fail(r.refusal(j, reference))
		}
	}
	return same
}

// commonest is the first of the jobs whose digest most have; nil if none has one.
func commonest(jobs []*job, digest func(*job) string) *job {
	count := map[string]int{}
	for _, j := range jobs {
		count[digest(j)]++
	}
	var most *job
	for _, j := range jobs {
		if digest(j) != "" && (most == nil || count[digest(j)] > count[digest(most)]) {
			most = j
		}
	}
	return most
}

// separate returns the bare tables that share the commonest samples, with those
// that begin like them: such a one is torn rather than over other samples. The
// others become datasets of their own, named by the first table of each.
func (r *runner) separate(jobs []*job) []*job {
	kind := func(j *job) string {
		return fmt.Sprintf("%s %s %d", j.record.Samples, j.record.Labels, j.record.Classes)
	}
	reference := commonest(jobs, kind)
	var same []*job
	made := map[string]string{}
	var names []string
	for _, j := range jobs {
		if kind(j) == kind(reference) || r.torn(j, reference) {
			same = append(same, j)
			continue
		}
		if made[kind(j)] == "" {
			made[kind(j)] = j.table.Dataset + "/" + stem(j.table)
			names = append(names, made[kind(j)])
		}
		j.table.Dataset = made[kind(j)]
	}
	if names != nil {
		r.notices = append(r.notices, fmt.Sprintf(
			"tables of %s without sample ids have other rows or labels than %s: taken as %d further datasets (%s); a manifest.csv would say what belongs together",
			reference.table.Dataset, reference.table.Name, len(names), shorten(names, 4)))
	}
	return same
}

// torn reports whether the labels of one table are the beginning of the other's.
func (r *runner) torn(j, reference *job) bool {
	if j.record.Classes != reference.record.Classes || j.record.N == reference.record.N {
		return false
	}
	a, errA := r.load(j)
	b, errB := r.load(reference)
	if errors.Join(errA, errB) != nil || a.Label == nil || b.Label == nil {
		return false
	}
	n := min(len(a.Label), len(b.Label))
	return slices.Equal(a.Label[:n], b.Label[:n])
}

// shorten lists the first names and counts the rest.
func shorten(names []string, most int) string {
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
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
	o, _, err := readTable(context.Background(), j.table, reading{})
	return o, err
}
