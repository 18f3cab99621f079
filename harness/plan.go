package harness

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"abstain/datasets"
	"abstain/harness/evaluate"
	"abstain/harness/pool"
	"abstain/harness/posthoc"
	"abstain/harness/posthoc/apply"
	"abstain/harness/results"
	"abstain/harness/store"
)

// plan is what a run is to do: what is wanted, of which tables, and what the
// folder keeps already. It does not change once it is made.
type plan struct {
	Config     // complete
	wanted     *evaluate.Wanted
	transforms []posthoc.Transform // those of Config.Transforms
	tables     []datasets.Table    // in the order of the corpora
	store      *store.Store
	earlier    *earlier // if no corpus was named
}

// newPlan decides what to do. It writes nothing.
func newPlan(cfg Config) (*plan, error) {
	cfg, wanted, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	p := &plan{Config: cfg, wanted: wanted}
	if len(cfg.Corpora) == 0 {
		return p, p.overEarlier()
	}
	for _, c := range cfg.Corpora {
		p.tables = append(p.tables, c.Tables...)
	}
	if err := uniqueTables(p.tables); err != nil {
		return nil, err
	}
	if p.Transforms, p.transforms, err = completeTransforms(cfg.Transforms, p.tables); err != nil {
		return nil, err
	}
	p.store, err = store.Open(cfg.Out)
	return p, err
}

// uniqueTables refuses two tables that would give the same row.
func uniqueTables(tables []datasets.Table) error {
	seen := map[results.Key]string{}
	for _, t := range tables {
		k := rowKey(t, "", "")
		if first, ok := seen[k]; ok {
			return fmt.Errorf("%s and %s are both model %q on dataset %q, split %q, condition %q",
				first, t.Name, k.Model, k.Dataset, k.Split, k.Condition)
		}
		seen[k] = t.Name
	}
	return nil
}

// completeTransforms parses what is asked, fills in what is not said, and refuses
// what cannot be.
func completeTransforms(asked posthoc.Transforms, tables []datasets.Table) (posthoc.Transforms, []posthoc.Transform, error) {
	if err := asked.Check(); err != nil {
		return asked, nil, err
	}
	transforms, err := posthoc.Named(asked.IDs)
	if err != nil {
		return asked, nil, err
	}
	asked = asked.Normal()
	return asked, transforms, apply.CheckSplits(asked, transforms, tables)
}

// Planned is what a run would do with one table.
type Planned struct {
	Table datasets.Table
	Step  string // "read", "from outcomes", "cached"
	Err   error  // why the table cannot be opened
}

var steps = map[source]string{fromTable: "read", fromOutcomes: "from outcomes", fromJournal: "cached"}

// Plan says for each table, in the order of the corpora, what Run would do.
// It reads tables only as far as their content hashes need it, and writes
// nothing.
func Plan(ctx context.Context, cfg Config) ([]Planned, error) {
	p, err := newPlan(cfg)
	if err != nil {
		return nil, err
	}
	w := p.begin()
	identified, err := pool.Map(ctx, p.Workers, w.tables, func(_ context.Context, e evaluated) (evaluated, error) {
		e, _, err := p.identify(e)
		return e, err
	}, nil)
	if err != nil {
		return nil, err
	}
	for place, e := range identified {
		w.tables[place].source, w.tables[place].record = e.Value.source, e.Value.record
	}
	planned := make([]Planned, len(p.tables))
	for place, t := range p.planTransforms(w) {
		planned[place] = Planned{t.table, steps[t.source], identified[place].Err}
	}
	return planned, nil
}

// planTransforms returns the tables, those that are done but for a transform with
// where that would come from.
func (p *plan) planTransforms(w work) []evaluated {
	tables := slices.Clone(w.tables)
	if len(p.transforms) == 0 {
		return tables
	}
	jobs, _ := p.arrange(p.stage(w))
	for _, j := range jobs {
		if t := &tables[j.Table]; t.source != fromTable && t.record != nil {
			t.source = p.sourceOf(j, t.source)
		}
	}
	return tables
}

// sourceOf is where the numbers of a table come from under all of its transforms,
// if they are there as stored.
func (p *plan) sourceOf(j apply.Job, stored source) source {
	for i, t := range j.Transforms {
		if !t.Due {
			continue
		}
		stored = fromOutcomes
		if p.earlier == nil && t.Record == nil && i < len(p.transforms) && p.transforms[i].Input != posthoc.Probability {
			return fromTable
		}
	}
	return stored
}

// largestFirst are the places of the tables, so that no long one is left for the
// end of a run.
func largestFirst(tables []datasets.Table) []int {
	order := make([]int, len(tables))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(tables[b].Size, tables[a].Size) })
	return order
}
