package harness

import (
	"context"
	"maps"
	"slices"

	"abstain/harness/evaluate"
	"abstain/harness/posthoc/apply"
	"abstain/harness/posthoc/conform"
	"abstain/harness/posthoc/hedge"
	"abstain/harness/results"
)

// cover makes the prediction sets of the tables.
func (p *plan) cover(ctx context.Context, w work) (work, error) {
	stage := &conform.Stage{Wanted: p.wanted, Store: p.store, Asked: p.Sets, Workers: p.Workers}
	if p.earlier != nil {
		return w, p.refillCovered(stage, w)
	}
	if p.Sets == nil {
		return w, nil
	}
	for _, t := range w.tables {
		stage.Tables = append(stage.Tables, apply.Table{Table: t.table, Record: t.record, Failed: t.err != nil})
	}
	done, notices, err := stage.Run(ctx, func(tables int) { p.Progress.Start(len(p.tables)+tables, 0) },
		func(place int, err error) { p.Progress.Table(Event{Table: p.tables[place], Err: err}) })
	w.covered, w.notices = done, slices.Concat(w.notices, notices)
	return w, err
}

// refillCovered completes what an earlier run kept.
func (p *plan) refillCovered(stage *conform.Stage, w work) error {
	for _, place := range slices.Sorted(maps.Keys(w.covered)) {
		d := w.covered[place]
		all, err := stage.Refill(&d)
		if err != nil {
			return err
		}
		if !all {
			return p.store.Insufficient("prediction sets")
		}
		w.covered[place] = d
	}
	return nil
}

// addCovered adds a table with prediction sets, if a record with that key exists.
func (p *plan) addCovered(table int, transform, name string) {
	if p.earlier.covered == nil {
		p.earlier.covered = map[int]conform.Done{}
	}
	d, ok := p.earlier.covered[table]
	if !ok {
		d.Names = p.Sets.Transforms()
		d.Transforms = make([]apply.Transformed, len(d.Names))
	}
	d.Transforms[slices.Index(d.Names, transform)] = apply.LookUp(p.store, p.wanted, name)
	p.earlier.covered[table] = d
}

// choiceRow is the row of the sets out of credal sets of a table, if it has any.
func (p *plan) choiceRow(t evaluated, d hedge.Done) (row results.SetRow, ok bool) {
	if len(d.Transforms) == 0 || d.Transforms[0].Record == nil || d.Transforms[0].Err != nil || len(d.Transforms[0].Record.Fits) == 0 {
		return row, false
	}
	r := d.Transforms[0].Record
	credal, err := hedge.RowOf(r.Fits[0])
	if err != nil {
		return row, false
	}
	o, err := p.store.LoadOutcomes(r.Key)
	if err != nil || !o.HasSets() {
		return row, false
	}
	group := ""
	for _, name := range p.wanted.Groups {
		if group == "" && name != evaluate.LabelAttribute && evaluate.Has(r, name) {
			group = name
		}
	}
	return conform.OfChoices(t.table, hedge.Intersection, o.Outcomes, group, credal.Eps, credal.Threshold, r.Fits[0].On, credal.Rows, p.wanted.Intervals.Level), true
}

// setRows are the rows of sets.csv: of each table, by kind of set and alpha, and those out of
// credal sets where a metric of sets is wanted.
func (p *plan) setRows(w work) []results.SetRow {
	var rows []results.SetRow
	for place, t := range w.tables {
		for _, under := range w.covered[place].Transforms {
			if under.Record == nil || under.Err != nil {
				continue
			}
			for _, f := range under.Record.Fits {
				r, err := conform.RowOf(f)
				if err != nil {
					continue // of another version, which its key excludes
				}
				r.Model, r.Dataset, r.Split, r.Condition = t.table.Model, t.table.Dataset, t.table.Split, t.table.Condition
				rows = append(rows, r)
			}
		}
		if row, ok := p.choiceRow(t, w.hedged[place]); ok {
			rows = append(rows, row)
		}
	}
	return rows
}
