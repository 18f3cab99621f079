package harness

import (
	"context"
	"slices"

	"abstain/harness/pool"
	"abstain/harness/posthoc/apply"
	"abstain/harness/store"
)

// setOutside evaluates the metrics that set a table's out-of-distribution samples
// against the same model's in-distribution ones, as stored and under every
// transform. A table that has none against which to set them is undefined there.
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

// setTransformedOutside does so under every transform: both sides under the same.
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

// partnerOf is the place of the table whose in-distribution samples a table's
// out-of-distribution ones are set against: itself if it has any, else the same
// model's clean table, of the test split if there is one; -1 if there is none.
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

// recordKeyOf is the key of the record of the table at a place, -1 for none.
func recordKeyOf(w work, place int) string {
	if place < 0 || w.tables[place].record == nil {
		return ""
	}
	return w.tables[place].record.Key
}

// transformedKeyOf is the same under a transform; "" if there is no record.
func transformedKeyOf(w work, place, transform int) string {
	if place < 0 || transform >= len(w.transformed[place].Transforms) || w.transformed[place].Transforms[transform].Record == nil {
		return ""
	}
	return w.transformed[place].Transforms[transform].Record.Key
}
