package harness

import (
	"context"
	"slices"

	"abstain/harness/posthoc/apply"
)

// transform evaluates every table again under every transform wanted.
func (p *plan) transform(ctx context.Context, w work) (work, error) {
	if len(p.transforms) == 0 {
		return w, nil
	}
	stage := p.stage(w)
	jobs, notices := p.arrange(stage)
	if pending := apply.Pending(jobs); len(pending) > 0 {
		var bytes int64
		for _, j := range pending {
			bytes += p.tables[j.Table].Size
		}
		p.Progress.Start(len(p.tables)+len(pending), bytes)
	}
	done, err := stage.Run(ctx, jobs, func(place int, err error) {
		p.Progress.Table(Event{Table: p.tables[place], Err: err})
	})
	w.transformed, w.notices = done, slices.Concat(w.notices, notices)
	return w, err
}

// stage hands the tables over to package apply.
func (p *plan) stage(w work) *apply.Stage {
	s := &apply.Stage{Wanted: p.wanted, Store: p.store, Asked: p.Transforms, Transforms: p.transforms, Workers: p.Workers}
	for _, t := range w.tables {
		s.Tables = append(s.Tables, apply.Table{Table: t.table, Record: t.record, Failed: t.err != nil})
	}
	return s
}

// arrange looks up which transforms of the tables exist already.
func (p *plan) arrange(s *apply.Stage) (jobs []apply.Job, notices []string) {
	if p.earlier != nil {
		return p.earlier.jobs(), nil
	}
	return s.Arrange()
}
