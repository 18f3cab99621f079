package harness

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"abstain/datasets"
	"abstain/harness/posthoc"
	"abstain/metrics"

	"github.com/zeebo/xxh3"
)

// Transforms says how a run changes stored predictions to evaluate them once
// more, and which rows the maps are fitted on. The zero value is no transform.
//
// Maps are fitted for each model on each dataset, on its clean table of the
// split FitSplit, and serve all its other tables, whatever their condition. With
// Holdout or Folds no other table is needed: a share of the samples of the
// table to be evaluated is set aside, or every sample is judged by maps that
// were fitted on the other folds. No sample is ever judged by a map that was
// fitted on it, under whatever condition it stands.
type Transforms struct {
	IDs      []string `json:"ids,omitempty"` // as in posthoc.Table; "none" may be among them
	FitSplit string   `json:"fit_split,omitempty"`
	Holdout  float64  `json:"holdout,omitempty"` // share of the samples of each class; 0 for none
	Folds    int      `json:"folds,omitempty"`   // 0 for none
	Seed     uint64   `json:"seed,omitempty"`    // of the holdout or the folds
}

// DefaultFitSplit is the split that transforms are fitted on unless another is named.
const DefaultFitSplit = "val"

// normal fills in what is not said.
func (t Transforms) normal() Transforms {
	if t.within() {
		t.Seed = cmp.Or(t.Seed, 1)
	} else if len(t.IDs) > 0 {
		t.FitSplit, t.Seed = cmp.Or(t.FitSplit, DefaultFitSplit), 0
	}
	return t
}

// check refuses what cannot be.
func (t Transforms) check() error {
	switch {
	case t.Holdout < 0 || t.Holdout >= 1:
		return fmt.Errorf("a holdout of %v: want a share of the samples between 0 and 1, for example 0.1", t.Holdout)
	case t.Folds < 0 || t.Folds == 1 || t.Folds > 1000:
		return fmt.Errorf("%d folds: want at least 2", t.Folds)
	case len(t.IDs) == 0 && (t.within() || t.FitSplit != ""):
		return errors.New("where to fit transforms is named, but no transform is")
	case t.Folds > 0 && t.Holdout > 0, t.within() && t.FitSplit != "":
		return errors.New("transforms are fitted on a split, on a holdout or on folds: name one of the three")
	}
	return nil
}

// within reports whether maps are fitted on rows of the table to be evaluated.
func (t Transforms) within() bool { return t.Holdout > 0 || t.Folds > 0 }

// protocol names how maps are fitted, for keys.
func (t Transforms) protocol() string {
	return fmt.Sprintf("%s|%v|%d|%d|%d", t.FitSplit, t.Holdout, t.Folds, t.Seed, mostFitted)
}

// mostFitted bounds the values of class vectors that a map is fitted on, 48 MB
// of them: 6000 rows of 1000 classes. Of more rows a stratified part is taken.
const mostFitted = 6_000_000

// fitting is where the maps of one model on one dataset come from.
type fitting struct {
	on   *job   // the table fitted on; nil if there is none
	need []bool // by transform: some table lacks what it gives

	once   sync.Once
	err    error // the table fitted on could not be read
	truth  *outcomes
	part   []int16  // by sample of truth: the map that may judge it, -1 for none
	fitted []fitted // by transform
}

// fitted are the maps of one transform: one, or one for each fold and one for
// samples outside all folds.
type fitted struct {
	maps []*posthoc.Map
	fits []fitRecord
	err  error
}

// fitRecord is a fit as the journal keeps it.
type fitRecord struct {
	On         string `json:"on"`
	Rows       int    `json:"rows"`
	Parameters string `json:"parameters,omitempty"`
	Loss       string `json:"loss"`
	Before     value  `json:"before"`
	After      value  `json:"after"`
	Note       string `json:"note,omitempty"`
}

// transformed is what became of one table under one transform.
type transformed struct {
	key    string
	record *record // nil until evaluated
	err    error
	todo   bool
}

type modelKey struct{ model, dataset string }

// setTransforms parses what is asked and refuses what cannot be.
func (r *runner) setTransforms() (err error) {
	if err = r.Transforms.check(); err != nil {
		return err
	}
	if r.transforms, err = posthoc.Named(r.Transforms.IDs); err != nil {
		return err
	}
	r.Transforms = r.Transforms.normal()
	return r.checkSplits()
}

// transform evaluates every table once more under every transform wanted.
func (r *runner) transform(ctx context.Context) error {
	if len(r.transforms) == 0 {
		return nil
	}
	transformed := r.jobs
	if r.earlier == nil {
		transformed = r.arrange()
	}
	var jobs []*job
	var bytes int64
	for _, j := range transformed {
		if j.pending() {
			jobs = append(jobs, j)
			bytes += j.table.Size
		}
	}
	if r.Progress != nil && len(jobs) > 0 {
		r.Progress.Start(len(r.jobs)+len(jobs), bytes)
	}
	return r.pool(ctx, jobs, func(ctx context.Context, j *job) error {
		err := contain(func() error { return r.transformTable(ctx, j) })
		if stop, ok := errors.AsType[*storeError](err); ok {
			return stop
		}
		if err != nil && ctx.Err() == nil {
			for i := range j.transforms {
				if t := &j.transforms[i]; t.todo && t.err == nil {
					t.err = err
				}
			}
		}
		r.done(ctx, j, err)
		return nil
	})
}

// arrange looks up what is there of every transform of every table, and returns
// the jobs that any transform applies to.
func (r *runner) arrange() []*job {
	fittings := map[modelKey]*fitting{}
	var left leftOut
	var jobs []*job
	for _, j := range r.jobs {
		k := modelKey{j.table.Model, j.table.Dataset}
		if fittings[k] == nil {
			fittings[k] = &fitting{on: r.fitsOn(k), need: make([]bool, len(r.transforms))}
		}
		f := fittings[k]
		j.fitting = f
		if j.record == nil || j.failure != nil || (j == f.on && !r.Transforms.within()) {
			continue
		}
		if f.on == nil {
			for _, t := range r.transforms {
				left.add(t.ID, r.noSplit(k), j.table.Model)
			}
			continue
		}
		jobs = append(jobs, j)
		j.transforms = make([]transformed, len(r.transforms)+1)
		for i, t := range r.transforms {
			if why := r.unfit(t, j, f); why != "" {
				left.add(t.ID, why, j.table.Model)
				continue
			}
			j.transforms[i] = r.lookUp(j, f, t.ID, t.Version)
			f.need[i] = f.need[i] || j.transforms[i].todo
		}
		if rest := r.lookUp(j, f, posthoc.Rest, 1); j.dropped() || (j == f.on && r.Transforms.Holdout > 0) {
			j.transforms[len(r.transforms)] = rest
		}
	}
	r.notices = append(r.notices, left.notices()...)
	return jobs
}

// fitsOn is the job whose table the maps of a model are fitted on; nil if none is fit for it.
func (r *runner) fitsOn(k modelKey) *job {
	var found *job
	for _, j := range r.jobs {
		t := j.table
		if (modelKey{t.Model, t.Dataset}) != k || !r.fitsFrom(t) || j.failure != nil || j.record == nil || j.record.Outside == j.record.N {
			continue
		}
		if found == nil || (t.Split == "test" && found.table.Split != "test") {
			found = j
		}
	}
	return found
}

// noSplit says why there is nothing to fit the maps of a model on, and what to do.
func (r *runner) noSplit(k modelKey) string {
	for _, j := range r.jobs {
		if (modelKey{j.table.Model, j.table.Dataset}) == k && r.fitsFrom(j.table) && j.failure != nil {
			return "the table to fit on failed"
		}
	}
	if r.Transforms.within() {
		return "there is no clean table with labels to take rows from"
	}
	return fmt.Sprintf("there is no clean table of split %q to fit on; --fit-split names another split, --holdout 0.1 or --folds 5 fit on part of the evaluated rows", r.Transforms.FitSplit)
}

// fitsFrom reports whether maps may be fitted on the table.
func (r *runner) fitsFrom(t datasets.Table) bool {
	return t.Condition == "clean" && (t.Split == r.Transforms.FitSplit || (r.Transforms.within() && t.Split != DefaultFitSplit))
}

// checkSplits refuses transforms of which none could be fitted.
func (r *runner) checkSplits() error {
	if len(r.transforms) == 0 || r.Transforms.within() || slices.ContainsFunc(r.jobs, func(j *job) bool { return r.fitsFrom(j.table) }) {
		return nil
	}
	models := map[string]bool{}
	for _, j := range r.jobs {
		models[j.table.Model] = true
	}
	if len(models) == 0 {
		return nil
	}
	whose := fmt.Sprintf("any of %d models", len(models))
	if len(models) == 1 {
		whose = "model " + sortedKeys(models)[0]
	}
	return fmt.Errorf("no validation split for %s: %s", whose, r.noSplit(modelKey{}))
}

// unfit says why a transform cannot be had of a table; "" if it can.
func (r *runner) unfit(t posthoc.Transform, j *job, f *fitting) string {
	if r.Transforms.Folds > 0 && t.Input == posthoc.Logits {
		return "its confidences are on another scale in every fold; take a split or a holdout"
	}
	rows := f.on.record.N - f.on.record.Outside
	if r.Transforms.Holdout > 0 {
		rows = int(r.Transforms.Holdout * float64(rows))
	}
	rows = min(rows, mostFitted/max(1, j.record.Classes))
	if f.on.record.kind() != j.record.kind() || (f.on.record.Classes != j.record.Classes && t.Input != posthoc.Probability) {
		return "the table to fit on stores something else"
	}
	return t.Unfit(posthoc.Shape{Kind: j.record.kind(), Classes: j.record.Classes, Rows: rows, Probability: !j.record.Margin && !f.on.record.Margin})
}

// kind is what the table stores, told from the confidence functions it has.
func (r *record) kind() metrics.Kind {
	switch {
	case r.Stored:
		return metrics.FromScores
	case slices.Contains(r.Available, "max-logit"):
		return metrics.FromLogits
	}
	return metrics.FromProbs
}

// lookUp finds what is there of a transform of a table.
func (r *runner) lookUp(j *job, f *fitting, id string, version int) transformed {
	key := fmt.Sprintf("%s-%s-%s", j.record.Key, id, digestOf(fmt.Sprintf("%d|%s|%s", version, f.on.record.Key, r.Transforms.protocol())))
	t := transformed{key: key, record: r.journal.lookup(key)}
	t.todo = t.record == nil || r.missing(t.record, Measure.inside)
	return t
}

// dropped reports whether some of the job's samples are fitted on, so that the
// stored predictions have to be judged on the others too; true until it is known.
func (j *job) dropped() bool {
	for _, t := range j.transforms {
		if t.record != nil {
			return t.record.Dropped > 0
		}
	}
	return slices.ContainsFunc(j.transforms, func(t transformed) bool { return t.todo })
}

// pending reports whether any transform of the job has to be computed.
func (j *job) pending() bool {
	return slices.ContainsFunc(j.transforms, func(t transformed) bool { return t.todo })
}

func digestOf(text string) string {
	h := xxh3.New()
	h.WriteString(text)
	return short(h)
}

// leftOut counts what does not apply, so that it is said once and not for every table.
type leftOut struct {
	order  []string // reasons
	what   map[string][]string
	models map[string][]string
}

func (l *leftOut) add(what, why, model string) {
	if l.what == nil {
		l.what, l.models = map[string][]string{}, map[string][]string{}
	}
	if l.what[why] == nil {
		l.order = append(l.order, why)
	}
	if !slices.Contains(l.what[why], what) {
		l.what[why] = append(l.what[why], what)
	}
	if m := l.models[why]; len(m) == 0 || m[len(m)-1] != model && !slices.Contains(m, model) {
		l.models[why] = append(m, model)
	}
}

func (l *leftOut) notices() []string {
	var list []string
	for _, why := range l.order {
		models := fmt.Sprintf("%d models (%s)", len(l.models[why]), shorten(l.models[why], 3))
		if len(l.models[why]) == 1 {
			models = "model " + l.models[why][0]
		}
		list = append(list, fmt.Sprintf("%s left out for %s: %s", shorten(l.what[why], 4), models, why))
	}
	return list
}

// transformTable evaluates what is missing of a table's transforms: from stored
// outcomes where they suffice, else in one pass over the table for all of them.
func (r *runner) transformTable(ctx context.Context, j *job) error {
	var fresh []int
	for i := range j.transforms {
		t := &j.transforms[i]
		if !t.todo {
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
	r.fill(rec, o, new(metrics.Ranker))
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
	if err := saveOutcomes(outcomesPath(r.Out, t.key), o); err != nil {
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
	r.fill(rec, o, new(metrics.Ranker))
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
