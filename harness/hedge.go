package harness

import (
	"context"
	"maps"
	"slices"

	"abstain/harness/posthoc/apply"
	"abstain/harness/posthoc/hedge"
	"abstain/harness/results"
)

// hedge evaluates the tables of models that borrow another one's calibration.
func (p *plan) hedge(ctx context.Context, w work) (work, error) {
	stage := &hedge.Stage{Wanted: p.wanted, Store: p.store, Asked: p.Credal, Workers: p.Workers}
	if p.earlier != nil {
		return w, p.refillHedged(stage, w)
	}
	if p.Credal == nil {
		return w, nil
	}
	for _, t := range w.tables {
		stage.Tables = append(stage.Tables, apply.Table{Table: t.table, Record: t.record, Failed: t.err != nil})
	}
	done, notices, err := stage.Run(ctx, func(tables int) { p.Progress.Start(len(p.tables)+tables, 0) },
		func(place int, err error) { p.Progress.Table(Event{Table: p.tables[place], Err: err}) })
	w.hedged, w.notices = done, slices.Concat(w.notices, notices)
	return w, err
}

// refillHedged completes what an earlier run kept.
func (p *plan) refillHedged(stage *hedge.Stage, w work) error {
	for _, place := range slices.Sorted(maps.Keys(w.hedged)) {
		d := w.hedged[place]
		all, err := stage.Refill(&d)
		if err != nil {
			return err
		}
		if !all {
			return p.store.Insufficient("a credal prediction")
		}
		w.hedged[place] = d
	}
	return nil
}

// addHedged adds a table under a credal prediction, if a record with that key exists.
func (p *plan) addHedged(table int, transform, name string) {
	if p.earlier.hedged == nil {
		p.earlier.hedged = map[int]hedge.Done{}
	}
	d, ok := p.earlier.hedged[table]
	if !ok {
		d.Transforms = make([]apply.Transformed, len(hedge.Predictions))
	}
	d.Transforms[slices.Index(hedge.Predictions, transform)] = apply.LookUp(p.store, p.wanted, name)
	p.earlier.hedged[table] = d
}

// credalRows are the rows of credal.csv: of each edge's clean tables, by eps.
func credalRows(w work) []results.CredalRow {
	var rows []results.CredalRow
	for place, t := range w.tables {
		d, ok := w.hedged[place]
		if !ok || t.table.Condition != "clean" || d.Transforms[0].Record == nil || d.Transforms[0].Err != nil {
			continue
		}
		for _, f := range d.Transforms[0].Record.Fits {
			r, err := hedge.RowOf(f)
			if err != nil {
				continue // of another version, which its key excludes
			}
			r.Edge, r.Dataset, r.Split, r.Condition = t.table.Model, t.table.Dataset, t.table.Split, t.table.Condition
			rows = append(rows, r)
		}
	}
	return rows
}
