package harness

import (
	"context"

	"abstain/datasets"
)

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
	r, err := newRunner(cfg)
	if err != nil {
		return nil, err
	}
	plan := make([]Planned, len(r.jobs))
	err = r.pool(ctx, r.jobs, func(_ context.Context, j *job) error {
		_, err := r.identify(j)
		plan[j.place] = Planned{j.table, steps[j.source], err}
		return nil
	})
	return plan, err
}
