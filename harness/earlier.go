package harness

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"abstain/datasets"
	"abstain/harness/evaluate"
	"abstain/harness/posthoc"
	"abstain/harness/posthoc/apply"
	"abstain/harness/posthoc/conform"
	"abstain/harness/posthoc/hedge"
	"abstain/harness/results"
	"abstain/harness/store"
	"abstain/metrics"
)

// earlier is what a folder holds of the run that made it. A run that names no
// corpus starts from it, because the predictions may be gone.
type earlier struct {
	*results.Results
	records    []*store.Record       // by place of the table
	transforms [][]apply.Transformed // by place of the table, as in apply.Job; nil for none
	hedged     map[int]hedge.Done    // by place of the table
	covered    map[int]conform.Done  // by place of the table
}

// overEarlier plans a run without a corpus: over the tables in the folder's
// results whose outcomes are kept. It is an error to ask for something that
// cannot be computed from outcomes.
func (p *plan) overEarlier() error {
	r, err := results.Read(p.Out)
	if err != nil {
		return err
	}
	if p.store, err = store.Open(p.Out); err != nil {
		return err
	}
	if err := p.needNoVectors(r); err != nil {
		return err
	}
	if asked, err := posthoc.Named(p.Transforms.IDs); err != nil {
		return err
	} else if len(asked) > 0 {
		return p.store.Insufficient("transforms, which begin from class vectors")
	}
	if p.Credal != nil {
		return p.store.Insufficient("credal sets, which begin from class vectors")
	}
	if p.Sets != nil {
		return p.store.Insufficient("prediction sets, which begin from class vectors")
	}
	p.Transforms, p.Credal, p.Sets = r.Run.Transforms, r.Run.Credal, r.Run.Sets
	if p.transforms, err = posthoc.Named(p.Transforms.IDs); err != nil {
		return err
	}
	p.earlier = &earlier{Results: r}
	return p.addEarlier()
}

// goOn keeps what the folder's last run was asked for beside what is asked now: its
// metrics, which stay behind those asked, and where nothing else is asked its confidence
// functions and, without a corpus, its groups.
func (p *plan) goOn(asked Config, before results.RunInfo) {
	p.asked = slices.Clone(p.wanted.Measures)
	for _, id := range before.Metrics {
		m, err := metrics.ParseMeasure(id)
		switch {
		case err != nil:
			p.notices = append(p.notices, fmt.Sprintf("metric %q of the folder's earlier runs is left out: this version does not know it", id))
		case m.Metric.Needs&metrics.NeedsSets != 0 && len(asked.Corpora) > 0 && asked.Sets == nil && asked.Credal == nil: // there are none any more
		case !slices.ContainsFunc(p.wanted.Measures, m.Same):
			p.wanted.Measures = append(slices.Clip(p.wanted.Measures), m)
		}
	}
	if len(asked.Confidences) == 0 && len(before.Confidences) > 0 && evaluate.CheckConfidences(before.Confidences) == nil {
		p.wanted.Confidences = slices.Clone(before.Confidences)
		for _, c := range DefaultConfidences {
			if len(asked.Corpora) > 0 && !slices.Contains(before.Confidences, c) {
				p.wanted.Confidences = append(p.wanted.Confidences, c)
			}
		}
	}
	if len(asked.Corpora) == 0 && len(asked.Groups) == 0 {
		p.wanted.Groups = before.Groups
	}
}

// needNoVectors refuses metrics asked for that need class vectors, which are not kept,
// and leaves out those of earlier runs, unless the journal has them.
func (p *plan) needNoVectors(r *results.Results) error {
	var kept []metrics.Measure
	for _, m := range p.wanted.Measures {
		lacking := m.Metric.Needs&metrics.NeedsVectors != 0 && slices.ContainsFunc(slices.Collect(maps.Values(r.Kept)), func(name string) bool {
			record := p.store.Lookup(name)
			return record != nil && p.wanted.Lacks(record, m)
		})
		switch {
		case !lacking:
			kept = append(kept, m)
		case slices.ContainsFunc(p.asked, m.Same):
			return p.store.Insufficient(fmt.Sprintf("metric %q over class vectors, which are not kept", m.Name()))
		default:
			p.notices = append(p.notices, fmt.Sprintf("metric %q is left out: made in this way it needs class vectors, which are not kept; name the corpus to read", m.Name()))
		}
	}
	p.wanted.Measures = kept
	return nil
}

// addEarlier adds every table whose outcomes are kept, as stored and under
// transforms.
func (p *plan) addEarlier() error {
	seen, places := map[results.Key]bool{}, map[results.Key]int{}
	for _, row := range p.earlier.Rows {
		k := row.Key.Table()
		name := p.earlier.Kept[k]
		if name == "" || seen[k] {
			continue
		}
		seen[k] = true
		stored := k
		stored.Transform = posthoc.None
		place, ok := places[stored]
		if ok && slices.Contains(hedge.Predictions, k.Transform) {
			p.addHedged(place, k.Transform, name)
			continue
		}
		if ok && p.Sets != nil && slices.Contains(p.Sets.Transforms(), k.Transform) {
			p.addCovered(place, k.Transform, name)
			continue
		}
		if ok && k != stored {
			p.addTransformed(place, k.Transform, name)
			continue
		}
		places[stored] = len(p.tables)
		if err := p.addTable(k, name); err != nil {
			return err
		}
	}
	if len(p.tables) == 0 {
		return fmt.Errorf("%s keeps no outcomes: name the corpus to read", p.Out)
	}
	return nil
}

// addTable adds a table by the key of its record.
func (p *plan) addTable(k results.Key, name string) error {
	r := p.store.Lookup(name)
	if r == nil && p.store.OfEarlierVersion() {
		return fmt.Errorf("what an earlier version of abstain kept in %s has no digests, so it is not believed: name the corpus to read", p.Out)
	}
	if r == nil {
		return fmt.Errorf("%s has results of %s, but its journal does not know them: name the corpus to read", p.Out, k.Model)
	}
	for _, c := range p.wanted.ConfidencesOf(r) {
		if slices.Contains(r.Available, c) && r.Cells[c] == nil {
			return p.store.Insufficient("confidence function " + c)
		}
	}
	p.tables = append(p.tables, datasets.Table{Name: filepath.ToSlash(r.Path), Model: k.Model, Dataset: k.Dataset, Split: k.Split,
		Condition: k.Condition, Rows: -1, Meta: p.earlier.Meta(k.Model, k.Dataset), Declared: true})
	p.earlier.records = append(p.earlier.records, r)
	p.earlier.transforms = append(p.earlier.transforms, nil)
	return nil
}

// addTransformed adds a table under a transform, if a record with that key
// exists.
func (p *plan) addTransformed(table int, transform, name string) {
	if p.earlier.transforms[table] == nil {
		p.earlier.transforms[table] = make([]apply.Transformed, len(p.transforms)+1)
	}
	place := slices.IndexFunc(p.transforms, func(t posthoc.Transform) bool { return t.ID == transform })
	if place < 0 {
		place = len(p.transforms) // the stored predictions on the judged samples only
	}
	p.earlier.transforms[table][place] = apply.LookUp(p.store, p.wanted, name)
}

// jobs lists the tables that have transforms.
func (e *earlier) jobs() []apply.Job {
	var jobs []apply.Job
	for place, t := range e.transforms {
		if t != nil {
			jobs = append(jobs, apply.Job{Table: place, Transforms: t})
		}
	}
	return jobs
}

// repeat adds what the folder says about its corpora and models, and about the
// tables that failed, which keep their places.
func (e *earlier) repeat(out *results.Results) {
	out.Models, out.Run.Corpora = e.Models, e.Run.Corpora
	out.Failures = append(out.Failures, e.Failures...)
	for _, f := range e.Failures {
		if f.Transform == "" {
			out.Run.Counts.Tables++
			out.Run.Counts.Failed++
		}
	}
	place := map[results.Key]int{}
	for i, row := range e.Rows {
		if k := row.Key.Table(); place[k] == 0 {
			place[k] = i + 1
		}
		if row.Status != "ok" {
			out.Rows = append(out.Rows, row)
		}
	}
	slices.SortStableFunc(out.Rows, func(a, b results.Row) int {
		return cmp.Compare(place[a.Key.Table()], place[b.Key.Table()])
	})
}
