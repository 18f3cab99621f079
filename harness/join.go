package harness

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"abstain/datasets"
	"abstain/harness/evaluate"
	"abstain/harness/gather"
	"abstain/harness/internal/words"
	"abstain/harness/store"
)

// join checks that the tables of one dataset, split and condition have the same
// samples with the same labels, because models are compared sample by sample. The
// samples that most of the tables have are the reference; a table that differs
// from it fails. Where nothing says that tables belong together (no manifest, no
// metadata, no ids), those with other samples become datasets of their own, unless
// they have the same labels in another order: a loader has shuffled them.
//
// If folder is not "", the outcomes in it are used to name the sample that
// differs.
func join(w work, folder store.Folder, intervals evaluate.Intervals) work {
	j := joiner{folder: folder, intervals: intervals}
	w.tables = slices.Clone(w.tables)
	for _, set := range comparable(w.tables) {
		if !slices.ContainsFunc(set, func(t *evaluated) bool { return !bare(t) }) {
			set = j.separate(set)
		}
		set = j.otherTasks(set)
		var digests func(*evaluated) store.Digests
		digests, j.numbered = j.digests(set)
		same := j.agree(set, func(t *evaluated) string { return digests(t).Samples })
		j.agreeOnDesign(j.agree(same, func(t *evaluated) string { return digests(t).Labels }))
	}
	w.notices = slices.Concat(w.notices, j.notices)
	return w
}

// comparable groups the evaluated tables by dataset, split and condition, in the
// order of the first of each.
func comparable(tables []evaluated) [][]*evaluated {
	type key struct{ dataset, split, condition string }
	at := map[key]int{}
	var sets [][]*evaluated
	for i := range tables {
		t := &tables[i]
		if t.record == nil || t.err != nil {
			continue
		}
		k := key{t.table.Dataset, t.table.Split, t.table.Condition}
		if _, ok := at[k]; !ok {
			at[k] = len(sets)
			sets = append(sets, nil)
		}
		sets[at[k]] = append(sets[at[k]], t)
	}
	return sets
}

// bare reports whether nothing says which samples the table has: no manifest or
// metadata, and no ids.
func bare(t *evaluated) bool { return !t.table.Declared && !t.record.HasIDs }

// joiner holds the state of join: a copy of the tables, which it may change.
type joiner struct {
	folder    store.Folder
	intervals evaluate.Intervals
	numbered  bool // samples go by their numbers, whatever prefix is before them
	notices   []string
}

// digests says by which digests the tables of a set are compared: those of the ids
// as they are written. A prefix is ignored, which is noted, if all ids that have one
// have the same, and a table without one is over the numbers behind it.
func (j *joiner) digests(set []*evaluated) (digests func(*evaluated) store.Digests, numbered bool) {
	written := func(t *evaluated) store.Digests { return t.record.Digests }
	var prefixed *evaluated
	for _, t := range set {
		switch {
		case t.record.Numbered == nil:
		case prefixed == nil:
			prefixed = t
		case t.record.Prefix != prefixed.record.Prefix:
			return written, false
		}
	}
	plain := slices.IndexFunc(set, func(t *evaluated) bool {
		return prefixed != nil && t.record.Numbered == nil && t.record.Samples == prefixed.record.Numbered.Samples
	})
	if plain < 0 {
		return written, false
	}
	j.notices = append(j.notices, fmt.Sprintf("sample ids of %s begin with %q and those of %s do not: taken for the same samples by their numbers",
		prefixed.table.Name, prefixed.record.Prefix, set[plain].table.Name))
	return func(t *evaluated) store.Digests {
		if t.record.Numbered != nil {
			return *t.record.Numbered
		}
		return t.record.Digests
	}, true
}

// agree returns the tables that share the commonest digest and refuses the
// others. An empty digest agrees with all.
func (j *joiner) agree(tables []*evaluated, digest func(*evaluated) string) []*evaluated {
	reference := commonest(tables, digest)
	var same []*evaluated
	for _, t := range tables {
		if digest(t) == "" || digest(t) == digest(reference) {
			same = append(same, t)
		} else {
			t.err = j.refusal(t, reference)
		}
	}
	return same
}

// commonest returns the first table whose digest is the most common one; nil if
// no table has a digest.
func commonest(tables []*evaluated, digest func(*evaluated) string) *evaluated {
	count := map[string]int{}
	for _, t := range tables {
		count[digest(t)]++
	}
	var most *evaluated
	for _, t := range tables {
		if digest(t) != "" && (most == nil || count[digest(t)] > count[digest(most)]) {
			most = t
		}
	}
	return most
}

// separate returns the bare tables with the most common samples. A table whose
// labels are the beginning of theirs is returned too: more likely its file was
// cut off than that it has other samples. So is one with their labels in another
// order. The others become datasets of their own, each named after its first table;
// those with the labels of one of these in another order are refused.
func (j *joiner) separate(tables []*evaluated) []*evaluated {
	kind := func(t *evaluated) string {
		return fmt.Sprintf("%s %s %d", t.record.Samples, t.record.Labels, t.record.Classes)
	}
	reference := commonest(tables, kind)
	var same []*evaluated
	made := map[string]string{}
	var names []string
	var firsts []*evaluated // of the further datasets
	shuffled := map[string]*evaluated{}
	for _, t := range tables {
		if kind(t) == kind(reference) || j.torn(t, reference) || j.shuffled(t, reference) {
			same = append(same, t)
			continue
		}
		if made[kind(t)] == "" {
			name := t.table.Dataset + "/" + t.table.Model
			if i := slices.IndexFunc(firsts, func(f *evaluated) bool { return j.shuffled(t, f) }); i >= 0 {
				name, shuffled[kind(t)] = firsts[i].table.Dataset, firsts[i]
			} else {
				names, firsts = append(names, name), append(firsts, t)
			}
			made[kind(t)] = name
		}
		t.table.Dataset = made[kind(t)]
		if first := shuffled[kind(t)]; first != nil {
			t.err = j.refusal(t, first)
		}
	}
	if names != nil {
		j.notices = append(j.notices, fmt.Sprintf(
			"tables of %s without sample ids have other rows or labels than %s: taken as %s (%s); a manifest.csv would say what belongs together",
			reference.table.Dataset, reference.table.Name, words.Plural(len(names), "further dataset"), words.Shorten(names, 4)))
	}
	return same
}

// otherTasks returns the tables that are of the same task as most. Those without
// sample ids that have another number of classes and other labels become datasets of
// their own, whatever a manifest says: no row of theirs can be the same sample.
func (j *joiner) otherTasks(tables []*evaluated) []*evaluated {
	classes := func(t *evaluated) string {
		if t.record.HasIDs || t.record.Classes == 0 {
			return ""
		}
		return fmt.Sprint(t.record.Classes)
	}
	reference := commonest(tables, classes)
	if reference == nil {
		return tables
	}
	var same []*evaluated
	for _, t := range tables {
		if classes(t) == "" || classes(t) == classes(reference) || t.record.Labels == reference.record.Labels {
			same = append(same, t)
			continue
		}
		before := t.table.Dataset
		t.table.Dataset = fmt.Sprintf("%s (%s classes)", before, classes(t))
		j.notices = append(j.notices, fmt.Sprintf("%s has %s classes and other labels than %s, which has %s: taken as another dataset, %s",
			t.table.Name, classes(t), reference.table.Name, classes(reference), t.table.Dataset))
	}
	return same
}

// torn reports whether the labels of one table are the beginning of the other's,
// as when a file was cut off.
func (j *joiner) torn(t, reference *evaluated) bool {
	if t.record.Classes != reference.record.Classes || t.record.N == reference.record.N {
		return false
	}
	a, errA := j.load(t)
	b, errB := j.load(reference)
	if errors.Join(errA, errB) != nil || a.Label == nil || b.Label == nil {
		return false
	}
	n := min(len(a.Label), len(b.Label))
	return slices.Equal(a.Label[:n], b.Label[:n])
}

// shuffled reports whether two tables without ids have the same labels, each as
// often, in another order.
func (j *joiner) shuffled(t, reference *evaluated) bool {
	a, b := t.record, reference.record
	if a.HasIDs || b.HasIDs || a.Classes != b.Classes || a.N != b.N || a.Outside != b.Outside || a.Labels == b.Labels {
		return false
	}
	of, errOf := j.load(t)
	ref, errRef := j.load(reference)
	if errors.Join(errOf, errRef) != nil || of.Label == nil || ref.Label == nil {
		return false
	}
	return slices.Equal(slices.Sorted(slices.Values(of.Label)), slices.Sorted(slices.Values(ref.Label)))
}

// otherOrder is why a shuffled table is refused.
type otherOrder struct{ reference datasets.Table }

func (e otherOrder) Error() string {
	return fmt.Sprintf("labels in another order than %s: the same labels, as often, in another order", e.reference.Name)
}

// Brief is the reason in a few words, in which models stand for their tables.
func (e otherOrder) Brief() string { return "labels in another order than " + e.reference.Model }

// refusal is the error for a table whose samples are not those of the reference.
func (j *joiner) refusal(t, reference *evaluated) error {
	e := &datasets.Error{Table: t.table.Name, Row: -1,
		Hint: "models are compared in pairs, so they must answer the same samples: write the table again, or give it a dataset, split or condition of its own in manifest.csv"}
	if j.shuffled(t, reference) {
		e.Column, e.Err = "label", otherOrder{reference.table}
		e.Hint = "models are compared in pairs, so row i has to be the same sample in all tables: give sample ids, or do not shuffle"
		return e
	}
	o, err := j.load(t)
	ref, errRef := j.load(reference)
	if err = errors.Join(err, errRef); err != nil {
		e.Err = fmt.Errorf("not the samples of %s (%w)", reference.table.Name, err)
		return e
	}
	var problem string
	e.Column, e.Row, problem = difference(o, ref, reference.table.Name, j.numbered)
	e.Err = errors.New(problem)
	return e
}

// load returns the outcomes of an evaluated table. If they are not kept, it reads
// the table again.
func (j *joiner) load(t *evaluated) (*store.Outcomes, error) {
	if j.folder != "" {
		if o, err := j.folder.LoadOutcomes(t.record.Key); err == nil {
			return o, nil
		}
	}
	o, _, err := gather.Table(context.Background(), t.table, gather.Wanted{})
	return o, err
}

// difference describes where a table departs from the reference: the column,
// the row of the table (-1 if no row of it is at fault) and the problem. A
// sample too many or a label that differs is named before one that is missing.
// Samples are the same if their ids are as written, or by number if that is asked.
func difference(o, ref *store.Outcomes, reference string, numbered bool) (column string, row int, problem string) {
	name := func(of *store.Outcomes, i int) string { return of.ID(i) }
	if numbered {
		name = func(of *store.Outcomes, i int) string { return of.IDs.Unprefixed().Name(i) }
	}
	left := make(map[string]int, ref.N())
	for k := range ref.N() {
		left[name(ref, k)] = k
	}
	for i := range o.N() {
		k, ok := left[name(o, i)]
		if !ok {
			return "sample_id", o.TableRow(i), fmt.Sprintf("sample %s is not in %s, with which the table should share its samples", o.ID(i), reference)
		}
		if o.Label != nil && ref.Label != nil && o.Label[i] != ref.Label[k] {
			return "label", o.TableRow(i), fmt.Sprintf("label %d for sample %s, but %d in %s", o.Label[i], o.ID(i), ref.Label[k], reference)
		}
		delete(left, name(o, i))
	}
	missing := ""
	for k := range ref.N() {
		if _, ok := left[name(ref, k)]; ok {
			missing = ref.ID(k)
			break
		}
	}
	return "sample_id", -1, fmt.Sprintf("%d samples, but %d in %s: sample %s is missing", o.N(), ref.N(), reference, missing)
}

// agreeOnDesign refuses tables whose samples are in other clusters or strata than
// those of most tables, because all models share the bootstrap replicates.
func (j *joiner) agreeOnDesign(tables []*evaluated) {
	name := j.intervals.Sampling()
	if name == "" {
		return
	}
	digest := func(t *evaluated) string { return t.record.Designs[name] }
	reference := commonest(tables, digest)
	for _, t := range tables {
		if t.err == nil && digest(t) != digest(reference) {
			t.err = &datasets.Error{Table: t.table.Name, Column: j.intervals.By(), Row: -1,
				Err:  fmt.Errorf("puts samples into other groups than %s", reference.table.Name),
				Hint: "a sample belongs to the same group whichever model answers it: write the column again from one source"}
		}
	}
}
