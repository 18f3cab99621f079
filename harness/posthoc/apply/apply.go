package harness

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"abstain/datasets"
	"abstain/harness/posthoc"
	"abstain/metrics"
)

// transformTable evaluates what is missing of a table's transforms: from stored
// outcomes where they suffice, else in one pass over the table for all of them.
func (r *runner) transformTable(ctx context.Context, j *job) error {
	var fresh []int
	for i := range j.transforms {
		t := &j.transforms[i]
		if !t.due {
			continue
		}
		if j.source == fromJournal {
			j.source = fromOutcomes
		}
		if kept, err := r.refill(t); err != nil {
			return err
		} else if !kept {
			fresh = append(fresh, i)
		}
	}
	if fresh == nil {
		return nil
	}
	if r.earlier != nil {
		return r.insufficient("transform " + r.transformID(fresh[0]))
	}
	f := j.fitting
	f.once.Do(func() { f.err = contain(func() error { return r.fit(ctx, f) }) })
	if f.err != nil {
		return &fitError{fmt.Errorf("transforms of %s: fitting on %s: %w", j.table.Model, f.on.table.Name, f.err)}
	}
	base, err := r.base(ctx, j, fresh)
	if err != nil {
		return err
	}
	return r.applyFresh(ctx, j, f, base, fresh)
}

// fitError is a failure that all tables of a model share.
type fitError struct{ error }

func (e *fitError) Unwrap() error { return e.error }

// refill completes a record from the outcomes kept under its key, if they do.
func (r *runner) refill(t *transformed) (bool, error) {
	if t.record == nil {
		return false, nil
	}
	o, err := loadOutcomes(outcomesPath(r.Out, t.key))
	if err != nil || !r.suffices(o, t.record) {
		return false, nil
	}
	rec := t.record.clone()
	if err := r.fillKeeping(rec.Path, rec, o, new(metrics.Ranker)); err != nil {
		return false, err
	}
	t.record = rec
	return true, r.store(rec)
}

// base returns the outcomes of the table as stored, with the columns that the
// transforms given by their places start from.
func (r *runner) base(ctx context.Context, j *job, fresh []int) (*outcomes, error) {
	rest := slices.Contains(fresh, len(r.transforms))
	if !rest || !slices.ContainsFunc(r.measures, Measure.vectors) {
		o, err := loadOutcomes(outcomesPath(r.Out, j.record.Key))
		if err == nil && (j.record.Stored || o.Confidence("msp") != nil || !r.replacing()) {
			return o, nil
		}
	}
	o, _, err := readTable(ctx, j.table, reading{vectors: rest && slices.ContainsFunc(r.measures, Measure.vectors), functions: append(r.functions(j.record), "msp")})
	return o, err
}

// replacing reports whether a transform wants the msp of tables as stored.
func (r *runner) replacing() bool {
	return slices.ContainsFunc(r.transforms, func(t posthoc.Transform) bool { return t.Input == posthoc.Probability })
}

// applyFresh makes the records of the transforms at the given places.
func (r *runner) applyFresh(ctx context.Context, j *job, f *fitting, base *outcomes, fresh []int) error {
	which := f.judges(base, j == f.on)
	rows, dropped := judged(which)
	if len(rows) == 0 {
		for _, i := range fresh {
			j.transforms[i] = transformed{}
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.fittedAll = append(r.fittedAll, j)
		return nil
	}
	results, err := r.apply(ctx, j, f, base, which, fresh)
	if err != nil {
		return err
	}
	for _, i := range fresh {
		t := &j.transforms[i]
		if i < len(r.transforms) && f.fitted[i].err != nil {
			t.err = &fitError{f.fitted[i].err}
			continue
		}
		if i == len(r.transforms) && dropped == 0 {
			*t = transformed{}
			continue
		}
		o := results[i]
		if dropped > 0 {
			o = o.only(rows)
		}
		if err := r.keep(j, t, i, f, o, dropped); err != nil {
			return err
		}
	}
	return nil
}

// keep stores the outcomes of a transform, evaluates them and stores the record.
func (r *runner) keep(j *job, t *transformed, place int, f *fitting, o *outcomes, dropped int) error {
	d := new(desk)
	if err := saveOutcomes(outcomesPath(r.Out, t.key), o, &d.narrow); err != nil {
		return &storeError{err}
	}
	old := t.record
	rec := newRecord(o, j.record.Stored)
	rec.Key, rec.Hash, rec.Path, rec.Size, rec.ModTime = t.key, j.record.Hash, j.record.Path, j.record.Size, j.record.ModTime
	rec.Transform, rec.Dropped = posthoc.Rest, dropped
	if place < len(r.transforms) {
		rec.Transform, rec.Fits = r.transforms[place].ID, f.fitted[place].fits
		rec.Replaced = r.transforms[place].Output == posthoc.Confidence
	}
	if old != nil {
		had := old.clone()
		rec.Cells, rec.Groups = had.Cells, had.Groups
	}
	if err := r.fillKeeping(j.table.Name, rec, o, &d.ranker); err != nil {
		return err
	}
	t.record = rec
	return r.store(rec)
}

// apply gives the outcomes of each transform, by its place, all in one pass over
// the table if any of them works on class vectors.
func (r *runner) apply(ctx context.Context, j *job, f *fitting, base *outcomes, which []int16, fresh []int) (map[int]*outcomes, error) {
	results := map[int]*outcomes{}
	streams := map[int]*posthoc.Stream{}
	for _, i := range fresh {
		switch {
		case i == len(r.transforms):
			results[i] = &outcomes{Outcomes: base.Outcomes, IDs: base.IDs, Row: base.Row, available: j.record.Available}
		case f.fitted[i].err != nil:
		case r.transforms[i].Input == posthoc.Probability:
			name := map[bool]string{true: "stored", false: "msp"}[j.record.Stored]
			results[i] = base.with(posthoc.Calibrate(base.Outcomes, name, f.fitted[i].maps, which), name)
		default:
			streams[i] = nil
		}
	}
	if len(streams) == 0 {
		return results, nil
	}
	if err := r.stream(ctx, j, f, base, which, streams); err != nil {
		return nil, err
	}
	for i, s := range streams {
		o := s.Outcomes(base.Outcomes, base.Row)
		results[i] = base.with(o, s.Available()...)
	}
	return results, nil
}

// with are other outcomes of the same samples.
func (o *outcomes) with(of *metrics.Outcomes, available ...string) *outcomes {
	return &outcomes{Outcomes: of, IDs: o.IDs, Row: o.Row, available: available}
}

// only are the outcomes of some of the samples, which keep their identity.
func (o *outcomes) only(rows []int32) *outcomes {
	ids, at := o.IDs, make([]int32, len(rows))
	if ids.Int == nil && ids.Text == nil {
		for i := range o.N() {
			ids.Int = append(ids.Int, int64(i))
		}
	}
	for k, i := range rows {
		at[k] = int32(o.row(int(i)))
	}
	return &outcomes{Outcomes: o.Take(rows), IDs: takeIDs(ids, rows), Row: at, available: o.available}
}

// judged lists the samples that some map may judge, and counts the others.
func judged(which []int16) (rows []int32, dropped int) {
	for i, w := range which {
		if w >= 0 {
			rows = append(rows, int32(i))
		}
	}
	return rows, len(which) - len(rows)
}

// stream reads the table once and gives every stream its rows.
func (r *runner) stream(ctx context.Context, j *job, f *fitting, base *outcomes, which []int16, streams map[int]*posthoc.Stream) error {
	mapOf, top := make([]int16, len(which)), make([]int32, len(which))
	for i := range which {
		mapOf[base.row(i)], top[base.row(i)] = which[i], base.Prediction[i]
	}
	functions := slices.DeleteFunc(append(r.functions(j.record), "msp"), func(name string) bool { return !slices.Contains(j.record.Available, name) })
	begin := func(s datasets.Schema) {
		for i := range streams {
			streams[i] = posthoc.NewStream(r.transforms[i], metrics.Spec{Kind: kinds[s.Kind], Classes: s.Classes, Column: s.Column, Rows: len(which),
				Functions: functions, KeepVectors: slices.ContainsFunc(r.measures, Measure.vectors)}, f.fitted[i].maps)
		}
	}
	return eachBatch(ctx, j.table, len(which), begin, func(b *datasets.Batch) error {
		rows := metrics.Rows{F32: b.F32, F64: b.F64, Label: b.Label}
		for i, s := range streams {
			if err := s.Add(rows, mapOf[b.First:b.First+b.N], top[b.First:b.First+b.N]); err != nil {
				return fmt.Errorf("%s: transform %s: %w", j.table.Name, r.transforms[i].ID, err)
			}
		}
		return nil
	})
}

// eachBatch reads a table that was read before and had that many rows.
func eachBatch(ctx context.Context, t datasets.Table, rows int, begin func(datasets.Schema), each func(*datasets.Batch) error) error {
	reader, err := datasets.OpenTable(t)
	if err != nil {
		return err
	}
	defer reader.Close()
	begin(reader.Schema())
	seen := 0
	for b, err := range reader.Batches() {
		if err = errors.Join(err, ctx.Err()); err != nil {
			return err
		}
		if seen = b.First + b.N; seen > rows {
			break
		}
		if err := each(b); err != nil {
			return err
		}
	}
	if seen != rows {
		return fmt.Errorf("%s: it has other rows than when it was first read: run again", t.Name)
	}
	return nil
}

// judges gives each sample of a table of the same model the map that may judge
// it, -1 for none. own says that it is the table fitted on.
func (f *fitting) judges(o *outcomes, own bool) []int16 {
	if own {
		return f.part
	}
	which := make([]int16, o.N())
	outside := int16(0)
	if n := len(f.anyMaps()); n > 1 {
		outside = int16(n - 1)
	}
	for i := range which {
		which[i] = outside
	}
	for _, pair := range shared(o, f.truth) {
		which[pair[0]] = f.part[pair[1]]
	}
	return which
}

func (f *fitting) anyMaps() []*posthoc.Map {
	for _, d := range f.fitted {
		if d.err == nil && d.maps != nil {
			return d.maps
		}
	}
	return nil
}

// shared pairs the samples that two tables have in common. Equal ids are the
// same sample if the labels of all pairs with known labels agree; otherwise ids are counted
// anew in each table, and the samples have nothing to do with each other.
func shared(a, b *outcomes) [][2]int32 {
	var pairs [][2]int32
	for i, k := 0, 0; i < a.N() && k < b.N(); {
		switch c := compareIDs(a, i, b, k); {
		case c < 0:
			i++
		case c > 0:
			k++
		default:
			if a.Label != nil && b.Label != nil && a.Label[i] != b.Label[k] {
				return nil
			}
			pairs = append(pairs, [2]int32{int32(i), int32(k)})
			i, k = i+1, k+1
		}
	}
	return pairs
}
