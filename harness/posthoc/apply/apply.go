package apply

import (
	"context"
	"fmt"
	"slices"

	"abstain/datasets"
	"abstain/harness/evaluate"
	"abstain/harness/gather"
	"abstain/harness/posthoc"
	"abstain/harness/store"
	"abstain/metrics"
)

// evaluate computes what is missing of a table's transforms: from stored outcomes
// if these suffice, else in one pass over the table for all transforms. If it
// returns an error, it also returns what was done before.
func (s *Stage) evaluate(ctx context.Context, j Job) (Done, error) {
	d := Done{Transforms: slices.Clone(j.Transforms), Computed: true}
	fresh, err := s.refillAll(d.Transforms)
	if err != nil || fresh == nil {
		return d, err
	}
	if j.fitting == nil {
		return d, s.Store.Insufficient("transform " + ID(s.Transforms, fresh[0]))
	}
	maps, err := s.fitOnce(ctx, j.fitting)
	if err != nil {
		return d, &FitError{j.fitting.on, fmt.Errorf("transforms of %s: fitting on %s: %w", s.Tables[j.Table].Model, s.Tables[j.fitting.on].Name, err)}
	}
	base, err := s.base(ctx, s.Tables[j.Table], slices.Contains(fresh, len(s.Transforms)) && s.Wanted.Vectors())
	if err != nil {
		return d, err
	}
	d.AllFitted, err = s.evaluateFresh(ctx, subject{j.Table, s.Tables[j.Table], base, maps}, d.Transforms, fresh)
	return d, err
}

// refillAll completes, from kept outcomes, the records that lack something. It
// returns the places of the transforms whose outcomes do not suffice.
func (s *Stage) refillAll(transforms []Transformed) (fresh []int, err error) {
	for i := range transforms {
		t := &transforms[i]
		if !t.Due {
			continue
		}
		r, err := Refill(s.Store, s.Wanted, t.Record)
		if err != nil {
			return nil, err
		}
		if r == nil {
			fresh = append(fresh, i)
		} else {
			t.Record = r
		}
	}
	return fresh, nil
}

// Refill completes a record from the outcomes kept under its key. It returns nil
// if there is no record or if its outcomes do not suffice.
func Refill(s *store.Store, wanted *evaluate.Wanted, old *store.Record) (*store.Record, error) {
	if old == nil {
		return nil, nil
	}
	o, err := s.LoadOutcomes(old.Key)
	if err != nil || !wanted.Suffices(o, old) {
		return nil, nil
	}
	r := old.Clone()
	if err := wanted.Fill(s.Folder, r.Path, r, o, new(metrics.Ranker)); err != nil {
		return nil, err
	}
	return r, s.Append(r)
}

// base returns the outcomes of a table as stored, with the columns that
// transforms need.
func (s *Stage) base(ctx context.Context, t Table, vectors bool) (*store.Outcomes, error) {
	if !vectors {
		o, err := s.Store.LoadOutcomes(t.Record.Key)
		if err == nil && (t.Record.Stored || o.Confidence("msp") != nil || !s.replacing()) {
			return o, nil
		}
	}
	o, _, err := gather.Table(ctx, t.Table, gather.Wanted{Vectors: vectors, Functions: append(s.Wanted.Functions(t.Record), "msp")})
	return o, err
}

// replacing reports whether a transform needs the msp of the tables as stored.
func (s *Stage) replacing() bool {
	return slices.ContainsFunc(s.Transforms, func(t posthoc.Transform) bool { return t.Input == posthoc.Probability })
}

// subject is a table to be transformed.
type subject struct {
	place int
	Table
	base *store.Outcomes // as stored
	*fits
}

// evaluateFresh makes the records of the transforms at the places fresh. It
// reports whether every sample was fitted on: then none is left to judge, and
// there are no records.
func (s *Stage) evaluateFresh(ctx context.Context, t subject, transforms []Transformed, fresh []int) (allFitted bool, err error) {
	which := t.judges(t.base, t.place)
	rows, dropped := judged(which)
	if len(rows) == 0 {
		for _, i := range fresh {
			transforms[i] = Transformed{}
		}
		return true, nil
	}
	outcomes, err := s.transform(ctx, t, which, fresh)
	if err != nil {
		return false, err
	}
	for _, i := range fresh {
		to := &transforms[i]
		if i < len(s.Transforms) && t.maps[i].err != nil {
			to.Err = &FitError{t.on, t.maps[i].err}
			continue
		}
		if i == len(s.Transforms) && dropped == 0 {
			*to = Transformed{}
			continue
		}
		o := outcomes[i]
		if dropped > 0 {
			o = o.Only(rows)
		}
		r := s.describe(t, i, o, dropped)
		r.Key = to.Key
		r.Inherit(to.Record)
		if err := s.keep(t.Name, r, o); err != nil {
			return false, err
		}
		to.Record = r
	}
	return false, nil
}

// describe makes the record of a table's outcomes under a transform, still
// without cells.
func (s *Stage) describe(t subject, place int, o *store.Outcomes, dropped int) *store.Record {
	r := store.NewRecord(o)
	r.Hash, r.Path, r.Size, r.ModTime = t.Record.Hash, t.Record.Path, t.Record.Size, t.Record.ModTime
	r.Transform, r.Dropped = posthoc.Rest, dropped
	if place < len(s.Transforms) {
		r.Transform, r.Fits = s.Transforms[place].ID, t.maps[place].fits
		r.Replaced = s.Transforms[place].Output == posthoc.Confidence
	}
	return r
}

// keep stores the outcomes of a transform, evaluates them and stores the record.
func (s *Stage) keep(table string, r *store.Record, o *store.Outcomes) error {
	if err := s.Store.SaveOutcomes(r.Key, o, new(store.Workspace)); err != nil {
		return err
	}
	if err := s.Wanted.Fill(s.Store.Folder, table, r, o, new(metrics.Ranker)); err != nil {
		return err
	}
	return s.Store.Append(r)
}

// transform returns the outcomes under each transform, by its place. It reads the
// table once for all transforms, and only if one of them works on class vectors.
func (s *Stage) transform(ctx context.Context, t subject, which []int16, fresh []int) (map[int]*store.Outcomes, error) {
	outcomes := map[int]*store.Outcomes{}
	streams := map[int]*posthoc.Stream{}
	for _, i := range fresh {
		switch {
		case i == len(s.Transforms):
			outcomes[i] = sameSamples(t.base, t.base.Outcomes, t.Record.Available...)
		case t.maps[i].err != nil:
		case s.Transforms[i].Input == posthoc.Probability:
			name := map[bool]string{true: "stored", false: "msp"}[t.Record.Stored]
			outcomes[i] = sameSamples(t.base, posthoc.Calibrate(t.base.Outcomes, name, t.maps[i].maps, which), name)
		default:
			streams[i] = nil
		}
	}
	if len(streams) == 0 {
		return outcomes, nil
	}
	if err := s.stream(ctx, t, which, streams); err != nil {
		return nil, err
	}
	for i, stream := range streams {
		o := stream.Outcomes(t.base.Outcomes, t.base.Row)
		outcomes[i] = sameSamples(t.base, o, stream.Available()...)
	}
	return outcomes, nil
}

// sameSamples gives other outcomes the sample ids of base.
func sameSamples(base *store.Outcomes, o *metrics.Outcomes, available ...string) *store.Outcomes {
	return &store.Outcomes{Outcomes: o, IDs: base.IDs, Row: base.Row, Available: available}
}

// stream reads the table once and passes its rows to every stream.
func (s *Stage) stream(ctx context.Context, t subject, which []int16, streams map[int]*posthoc.Stream) error {
	mapOf, top := make([]int16, len(which)), make([]int32, len(which))
	for i := range which {
		mapOf[t.base.TableRow(i)], top[t.base.TableRow(i)] = which[i], t.base.Prediction[i]
	}
	functions := slices.DeleteFunc(append(s.Wanted.Functions(t.Record), "msp"), func(name string) bool { return !slices.Contains(t.Record.Available, name) })
	begin := func(schema datasets.Schema) {
		for i := range streams {
			streams[i] = posthoc.NewStream(s.Transforms[i], metrics.Spec{Kind: gather.Kinds[schema.Kind], Classes: schema.Classes, Column: schema.Column,
				Rows: len(which), Functions: functions, KeepVectors: s.Wanted.Vectors()}, t.maps[i].maps)
		}
	}
	return gather.Again(ctx, t.Table.Table, len(which), begin, func(b *datasets.Batch) error {
		rows := metrics.Rows{F32: b.F32, F64: b.F64, Label: b.Label}
		for i, stream := range streams {
			if err := stream.Add(rows, mapOf[b.First:b.First+b.N], top[b.First:b.First+b.N]); err != nil {
				return fmt.Errorf("%s: transform %s: %w", t.Name, s.Transforms[i].ID, err)
			}
		}
		return nil
	})
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
