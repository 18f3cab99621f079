package harness

import (
	"context"

	"abstain/datasets"
	"abstain/harness/posthoc"
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
	if err != nil {
		return nil, err
	}
	r.planTransforms(plan)
	return plan, nil
}

// planTransforms corrects the step of tables that are done but for a transform.
func (r *runner) planTransforms(plan []Planned) {
	if len(r.transforms) == 0 {
		return
	}
	if r.earlier == nil {
		r.arrange()
	}
	for _, j := range r.jobs {
		if j.source == fromTable || j.record == nil {
			continue
		}
		for i, t := range j.transforms {
			if !t.due {
				continue
			}
			j.source = fromOutcomes
			if r.earlier == nil && t.record == nil && i < len(r.transforms) && r.transforms[i].Input != posthoc.Probability {
				j.source = fromTable
				break
			}
		}
		plan[j.place].Step = steps[j.source]
	}
}
