package harness

import (
	"context"
	"slices"

	"abstain/harness/pool"
	"abstain/harness/posthoc/apply"
	"abstain/harness/store"
)

// setOutside evaluates the metrics that compare a table's out-of-distribution
// samples with in-distribution samples of the same model, as stored and under
// every transform. If the model has no such samples, the metrics are undefined.
func (p *plan) setOutside(ctx context.Context, w work) (work, error) {
	if !p.wanted.Outside() {
		return w, nil
	}
	var outside []int
	for place, t := range w.tables {
		if t.err == nil && t.record != nil && t.record.Outside > 0 {
			outside = append(outside, place)
		}
	}
	type pair struct {
		record      *store.Record
		transformed apply.Done
	}
	done, err := pool.Map(ctx, p.Workers, outside, func(_ context.Context, place int) (pair, error) {
		partner := partnerOf(w.tables, place)
		record, err := p.wanted.SetOutside(p.store, w.tables[place].record, recordKeyOf(w, partner))
		if err != nil {
			return pair{w.tables[place].record, w.transformed[place]}, err
		}
		transformed, err := p.setTransformedOutside(w, place, partner)
		return pair{record, transformed}, err
	}, nil)
	w.tables, w.transformed = slices.Clone(w.tables), slices.Clone(w.transformed)
	for i, place := range outside {
		if done[i].Value.record != nil {
			w.tables[place].record, w.transformed[place] = done[i].Value.record, done[i].Value.transformed
		}
		w.tables[place].err = done[i].Err
	}
	return w, err
}

// setTransformedOutside does the same under every transform; both sides have the
// same transform.
func (p *plan) setTransformedOutside(w work, place, partner int) (apply.Done, error) {
	done := w.transformed[place]
	done.Transforms = slices.Clone(done.Transforms)
	for i := range done.Transforms {
		t := &done.Transforms[i]
		if t.Record == nil || t.Err != nil {
			continue
		}
		record, err := p.wanted.SetOutside(p.store, t.Record, transformedKeyOf(w, partner, i))
		if err != nil {
			return done, err
		}
		t.Record = record
	}
	return done, nil
}

// partnerOf returns the place of the table with whose in-distribution samples a
// table's out-of-distribution samples are compared: the table itself if it has
// any, else the same model's clean table, of the test split if there is one; -1
// if there is none.
func partnerOf(tables []evaluated, place int) int {
	j := tables[place]
	if j.record.Outside < j.record.N {
		return place
	}
	found := -1
	for i, t := range tables {
		same := t.table.Model == j.table.Model && t.table.Dataset == j.table.Dataset
		usable := t.err == nil && t.record != nil && t.record.Outside < t.record.N
		if same && usable && t.table.Condition == "clean" && t.table.Split != "val" && (found < 0 || t.table.Split == "test") {
			found = i
		}
	}
	return found
}

// recordKeyOf returns the key of the record of the table at a place; "" if the
// place is -1.
func recordKeyOf(w work, place int) string {
	if place < 0 || w.tables[place].record == nil {
		return ""
	}
	return w.tables[place].record.Key
}

// transformedKeyOf returns the key of the record under a transform; "" if there
// is none.
func transformedKeyOf(w work, place, transform int) string {
	if place < 0 || transform >= len(w.transformed[place].Transforms) || w.transformed[place].Transforms[transform].Record == nil {
		return ""
	}
	return w.transformed[place].Transforms[transform].Record.Key
}
