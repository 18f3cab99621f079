package harness

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"

	"abstain/datasets"
	"abstain/harness/posthoc"
)

// fromFolder makes the jobs of a run without a corpus: the tables of the
// folder's results, whose outcomes are there. It is an error to ask for what
// outcomes do not hold.
func (r *runner) fromFolder() (err error) {
	if r.earlier, err = ReadResults(r.Out); err != nil {
		return err
	}
	if r.journal, err = readJournal(r.Out); err != nil {
		return err
	}
	if slices.ContainsFunc(r.measures, Measure.vectors) {
		return r.insufficient("a metric over class vectors, which are not kept")
	}
	if asked, err := posthoc.Named(r.Transforms.IDs); err != nil {
		return err
	} else if len(asked) > 0 {
		return r.insufficient("transforms, which begin from class vectors")
	}
	r.Transforms = r.earlier.Run.Transforms
	if r.transforms, err = posthoc.Named(r.Transforms.IDs); err != nil {
		return err
	}
	seen, stored := map[Key]bool{}, map[Key]*job{}
	for _, row := range r.earlier.Rows {
		k := row.Key.table()
		if name := r.earlier.outcomes[k]; name != "" && !seen[k] {
			seen[k] = true
			of := k
			of.Transform = posthoc.None
			if of != k && stored[of] != nil {
				r.addKeptTransform(stored[of], k.Transform, name)
				continue
			}
			if err := r.addKept(k, name); err != nil {
				return err
			}
			stored[of] = r.jobs[len(r.jobs)-1]
		}
	}
	if len(r.jobs) == 0 {
		return fmt.Errorf("%s keeps no outcomes: name the corpus to read", r.Out)
	}
	return nil
}

// addKept adds the job of a table by the name of its outcomes.
func (r *runner) addKept(k Key, name string) error {
	record := r.journal.lookup(name)
	if record == nil {
		return fmt.Errorf("%s has results of %s, but its journal does not know them: name the corpus to read", r.Out, k.Model)
	}
	for _, c := range record.confidences(r.confidences) {
		if slices.Contains(record.Available, c) && record.Cells[c] == nil {
			return r.insufficient("confidence function " + c)
		}
	}
	j := &job{place: len(r.jobs), kept: name, record: record, source: fromOutcomes, table: datasets.Table{
		Name: filepath.ToSlash(record.Path), Model: k.Model, Dataset: k.Dataset, Split: k.Split, Condition: k.Condition,
		Rows: -1, Meta: r.earlier.Meta(k.Model, k.Dataset), Declared: true}}
	if !r.missing(record, Measure.inside) {
		j.source = fromJournal
	}
	r.jobs = append(r.jobs, j)
	return nil
}

// addKeptTransform gives the job a transform by the name of its outcomes.
func (r *runner) addKeptTransform(j *job, transform, name string) {
	if j.transforms == nil {
		j.transforms = make([]transformed, len(r.transforms)+1)
	}
	place := slices.IndexFunc(r.transforms, func(t posthoc.Transform) bool { return t.ID == transform })
	if place < 0 {
		place = len(r.transforms) // the stored predictions on fewer samples
	}
	t := transformed{key: name, record: r.journal.lookup(name)}
	t.due = t.record == nil || r.missing(t.record, Measure.inside)
	j.transforms[place] = t
}

func (r *runner) insufficient(what string) error {
	return fmt.Errorf("%s keeps outcomes that do not suffice for %s: name the corpus to read", r.Out, what)
}

// describeEarlier repeats what the folder said of its corpora and models, and of
// the tables that failed, which keep their places.
func (r *runner) describeEarlier(out *Results) {
	out.Models, out.Run.Corpora = r.earlier.Models, r.earlier.Run.Corpora
	out.Failures = append(out.Failures, r.earlier.Failures...)
	for _, f := range r.earlier.Failures {
		if f.Transform == "" {
			out.Run.Counts.Tables++
			out.Run.Counts.Failed++
		}
	}
	place := map[Key]int{}
	for i, row := range r.earlier.Rows {
		if k := row.Key.table(); place[k] == 0 {
			place[k] = i + 1
		}
		if row.Status != "ok" {
			out.Rows = append(out.Rows, row)
		}
	}
	slices.SortStableFunc(out.Rows, func(a, b Row) int { return cmp.Compare(place[a.Key.table()], place[b.Key.table()]) })
}
