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
	"abstain/harness/posthoc/conform"
	"abstain/harness/posthoc/hedge"
	"abstain/harness/results"
	"abstain/harness/store"
	"abstain/metrics"
)

// plan is what a run has to do: what is wanted, of which tables, and what the
// folder already has. It does not change once it is made.
type plan struct {
	Config     // with its defaults filled in
	wanted     *evaluate.Wanted
	transforms []posthoc.Transform // parsed from Config.Transforms
	tables     []datasets.Table    // in the order of the corpora
	store      *store.Store
	earlier    *earlier          // nil if a corpus was named
	asked      []metrics.Measure // of those wanted; the others are of earlier runs
	notices    []string          // of what the folder's earlier runs were asked for
}

// newPlan decides what to do. It writes nothing to the disk.
func newPlan(cfg Config) (*plan, error) {
	asked := cfg
	cfg, wanted, err := cfg.complete()
	if err != nil {
		return nil, err
	}
	p := &plan{Config: cfg, wanted: wanted}
	p.goOn(asked, results.ReadInfo(cfg.Out))
	if len(cfg.Corpora) == 0 {
		return p, p.overEarlier()
	}
	for _, c := range cfg.Corpora {
		p.tables = append(p.tables, c.Tables...)
	}
	if err := uniqueTables(p.tables); err != nil {
		return nil, err
	}
	if err := hedge.Check(cfg.Credal, p.tables); err != nil {
		return nil, err
	}
	if err := conform.Check(cfg.Sets, p.tables); err != nil {
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

// completeTransforms parses the transforms asked for, fills in defaults, and
// refuses transforms that cannot be fitted on the tables.
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

// Plan says for each table, in the order of the corpora, what Run would do with
// it. It reads tables only where their content hash is needed, and writes
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

// planTransforms returns the tables. A table that is complete as stored, but
// lacks a transform, gets the source of that transform's numbers.
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

// sourceOf says where the numbers of a table under all of its transforms come from,
// given the source of those as stored.
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

// largestFirst lists the places of the tables by falling size, so that no long
// one is left for the end of the run, when other workers would wait for it.
func largestFirst(tables []datasets.Table) []int {
	order := make([]int, len(tables))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(tables[b].Size, tables[a].Size) })
	return order
}
