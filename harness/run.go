package harness

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"abstain/datasets"
	"abstain/harness/posthoc"

	"golang.org/x/sync/errgroup"
)

// Config says what to evaluate, into which folder.
type Config struct {
	Corpora     []*datasets.Corpus // none: the tables whose outcomes Out keeps
	Out         string
	Metrics     []string // ids; none means metrics.DefaultIDs()
	Confidences []string // none means DefaultConfidences
	Groups      []string // attributes by which every metric is computed too
	Intervals   Intervals
	Transforms  Transforms
	Workers     int // 0 means one per CPU
	Version     string
	Progress    Progress // may be nil
}

// Progress hears what a run does. Its methods are never called at the same time.
// Start is called again when the tables are done and have to be evaluated once
// more under transforms: tables then counts both stages, bytes the second.
type Progress interface {
	Start(tables int, bytes int64)
	Table(Event)
}

// Event is the end of one table's evaluation.
type Event struct {
	Table  datasets.Table
	Cached bool  // everything wanted was there already
	Err    error // nil if the table was evaluated
}

// job is one table on its way through a run.
type job struct {
	place   int // in the order of the corpora
	table   datasets.Table
	record  *record // nil until evaluated
	failure *Failure
	source  source
	kept    string // key of the record, where there is no table to look at

	// against is the record key of the table that its out-of-distribution
	// samples are set against, settled before the workers begin; "" for none.
	against string

	// By transform asked, and last the stored predictions on those samples that
	// the fitted ones are judged on; nil if none applies.
	transforms []transformed
	fitting    *fitting
}

// source says where a table's numbers come from.
type source uint8

const (
	fromTable    source = iota // the table has to be read
	fromOutcomes               // its stored outcomes suffice
	fromJournal                // nothing has to be computed
)

type runner struct {
	Config
	wanted
	journal *journal
	jobs    []*job
	earlier *Results // what the folder held, if no corpus was named
	notices []string
	desks   sync.Pool // of *desk, one for each worker

	transforms []posthoc.Transform
	fittedAll  []*job // of which nothing is left to judge, guarded by mu

	mu sync.Mutex // guards Progress
}

// Run evaluates every table of the corpora that is not evaluated already and
// writes the folder's files. A table that cannot be evaluated is a failed row
// with its reason. When ctx ends early the files hold what is done and the
// error is that of ctx.
func Run(ctx context.Context, cfg Config) (*Results, error) {
	r, err := newRunner(cfg)
	if err != nil {
		return nil, err
	}
	if err := r.journal.begin(); err != nil {
		return nil, err
	}
	began := time.Now()
	stopped := r.evaluate(ctx)
	r.join()
	results := r.results()
	results.Run.Interrupted = stopped != nil
	results.Run.Seconds = time.Since(began).Seconds()
	return results, errors.Join(results.write(r.Out), r.journal.close(), stopped)
}

func newRunner(cfg Config) (*runner, error) {
	measures, err := Measures(cfg.Metrics)
	if err != nil {
		return nil, err
	}
	if len(cfg.Confidences) == 0 {
		cfg.Confidences = DefaultConfidences
	}
	if err := checkConfidences(cfg.Confidences); err != nil {
		return nil, err
	}
	if cfg.Workers <= 0 {
		cfg.Workers = runtime.GOMAXPROCS(0)
	}
	if err := cfg.Intervals.check(); err != nil {
		return nil, err
	}
	r := &runner{Config: cfg, wanted: wanted{measures: measures, confidences: cfg.Confidences, groups: cfg.Groups, intervals: cfg.Intervals}}
	if len(cfg.Corpora) == 0 {
		return r, r.fromFolder()
	}
	for _, c := range cfg.Corpora {
		for _, t := range c.Tables {
			r.jobs = append(r.jobs, &job{place: len(r.jobs), table: t})
		}
	}
	if err := uniqueTables(r.jobs); err != nil {
		return nil, err
	}
	if err := r.setTransforms(); err != nil {
		return nil, err
	}
	r.journal, err = readJournal(cfg.Out)
	return r, err
}

// uniqueTables refuses two tables that would give the same row.
func uniqueTables(jobs []*job) error {
	seen := map[Key]string{}
	for _, j := range jobs {
		k := Key{Model: j.table.Model, Dataset: j.table.Dataset, Split: j.table.Split, Condition: j.table.Condition}
		if first, ok := seen[k]; ok {
			return fmt.Errorf("%s and %s are both model %q on dataset %q, split %q, condition %q",
				first, j.table.Name, k.Model, k.Dataset, k.Split, k.Condition)
		}
		seen[k] = j.table.Name
	}
	return nil
}

// evaluate brings every job to a record or a failure: first each table by
// itself, largest first so that no long one is left for the end; then those
// whose out-of-distribution metrics need the model's clean table too.
func (r *runner) evaluate(ctx context.Context) error {
	queue := slices.Clone(r.jobs)
	slices.SortStableFunc(queue, func(a, b *job) int { return cmp.Compare(b.table.Size, a.table.Size) })
	var bytes int64
	for _, j := range queue {
		bytes += j.table.Size
	}
	if r.Progress != nil {
		r.Progress.Start(len(queue), bytes)
	}
	err := r.pool(ctx, queue, func(ctx context.Context, j *job) error {
		err := r.table(ctx, j)
		r.done(ctx, j, err)
		return err
	})
	if err != nil {
		return err
	}
	if err := r.transform(ctx); err != nil {
		return err
	}
	outside := r.outside()
	for _, j := range outside {
		for i := range j.transforms {
			j.transforms[i].against = r.partner(j).transformKey(i)
		}
	}
	if err := r.pool(ctx, outside, r.setOutside); err != nil {
		return err
	}
	return r.pool(ctx, outside, r.setTransformsOutside)
}

// pool runs do on every job, at most Workers at a time. It is the only place of
// the harness where goroutines begin. A job's own error is the job's failure;
// only the end of ctx or a full disk ends the pool.
func (r *runner) pool(ctx context.Context, jobs []*job, do func(context.Context, *job) error) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(r.Workers)
	for _, j := range jobs {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			err := contain(func() error { return do(ctx, j) })
			if stop, ok := errors.AsType[*storeError](err); ok {
				return stop
			}
			if err != nil && ctx.Err() == nil {
				j.fail(err)
			}
			return ctx.Err()
		})
	}
	return g.Wait()
}

// contain turns a panic into an error, so that one table never ends a run; a
// file cut short while it was mapped shows as one.
func contain(do func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			if err = datasets.Fault(p); err == nil {
				err = fmt.Errorf("internal failure: %v", p)
			}
		}
	}()
	return do()
}

// storeError is a failure of the run's folder, which ends the run.
type storeError struct{ error }

func (e *storeError) Unwrap() error { return e.error }

func (r *runner) done(ctx context.Context, j *job, err error) {
	if r.Progress == nil || ctx.Err() != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.Progress.Table(Event{Table: j.table, Cached: j.source == fromJournal, Err: err})
}

func (j *job) fail(err error) {
	t := j.table
	j.failure = &Failure{Table: t.Name, Model: t.Model, Dataset: t.Dataset, Split: t.Split,
		Condition: t.Condition, Reason: err.Error(), err: err}
	if e, ok := errors.AsType[*datasets.Error](err); ok {
		j.failure.Hint = e.Hint
	}
}

// identify finds the job's record, if there is one, and what it still needs. The
// hash is "" where no record can be of this table, so that nothing would be
// gained by reading it for its hash alone.
func (r *runner) identify(j *job) (hash string, err error) {
	if j.kept != "" {
		return j.record.Hash, nil
	}
	info, err := fs.Stat(j.table.FS, j.table.Path)
	if err != nil {
		return "", err
	}
	if hash = r.journal.unchanged(j.table.Name, info); hash == "" {
		if !r.journal.hasSize(info.Size()) {
			return "", nil
		}
		if hash, err = j.table.Hash(); err != nil {
			return "", err
		}
	}
	if j.record = r.journal.lookup(recordKey(j.table, hash)); j.record != nil {
		j.source = fromOutcomes
		if !r.missing(j.record, Measure.inside) {
			j.source = fromJournal
		}
	}
	return hash, nil
}

// recordKey names all that decides a table's outcomes.
func recordKey(t datasets.Table, hash string) string {
	if kind := t.Meta.Get("score_kind"); kind != "" {
		return hash + "-" + kind // decides whether calibration has a meaning
	}
	return hash
}

// table evaluates the metrics over the table's own samples.
func (r *runner) table(ctx context.Context, j *job) error {
	hash, err := r.identify(j)
	if err != nil {
		return err
	}
	if j.source == fromJournal {
		return r.checkRows(j)
	}
	d, ok := r.desks.Get().(*desk)
	if !ok {
		d = new(desk)
	}
	defer r.desks.Put(d)
	o, err := r.outcomes(ctx, j, hash, d)
	if err != nil {
		return err
	}
	if err := r.fillKeeping(j.table.Name, j.record, o, &d.ranker); err != nil {
		return err
	}
	if j.kept != "" {
		return r.store(j.record)
	}
	info, err := fs.Stat(j.table.FS, j.table.Path)
	if err != nil {
		return err
	}
	j.record.Path, j.record.Size = j.table.Name, info.Size()
	if t := info.ModTime(); !t.IsZero() {
		j.record.ModTime = t.UnixNano()
	}
	return r.store(j.record)
}

func (r *runner) checkRows(j *job) error {
	if j.table.Rows >= 0 && j.table.Rows != j.record.N {
		return rowCount(j.table, j.record.N)
	}
	return nil
}

// outcomes gives the job a record of its own and the outcomes to fill it from:
// the stored ones if they hold every column wanted, else those of the table,
// which are then stored. The hash is "" if the table has none yet.
func (r *runner) outcomes(ctx context.Context, j *job, hash string, d *desk) (*outcomes, error) {
	if j.source == fromOutcomes {
		o, err := loadOutcomes(outcomesPath(r.Out, j.record.Key))
		if err == nil && r.suffices(o, j.record) {
			j.record = j.record.clone()
			return o, r.checkRows(j)
		}
		if j.kept != "" {
			return nil, errors.Join(err, r.insufficient("what is asked"))
		}
		j.source = fromTable
	}
	o, read, err := readTable(ctx, j.table, reading{
		vectors: slices.ContainsFunc(r.measures, Measure.vectors), hash: hash == "", functions: r.functions(j.record), desk: d})
	if err != nil {
		return nil, err
	}
	if hash = cmp.Or(hash, read); hash == "" {
		if hash, err = j.table.Hash(); err != nil {
			return nil, err
		}
	}
	old := j.record
	j.record = newRecord(o, o.Confidence("stored") != nil)
	j.record.Hash, j.record.Key = hash, recordKey(j.table, hash)
	if old != nil {
		had := old.clone()
		j.record.Cells, j.record.Groups = had.Cells, had.Groups
	}
	if err := saveOutcomes(outcomesPath(r.Out, j.record.Key), o, &d.narrow); err != nil {
		return nil, &storeError{err}
	}
	return o, nil
}

// suffices reports whether the outcomes have every confidence column wanted
// that the table can give, and no metric is missing that needs class vectors,
// which are not kept.
func (r *runner) suffices(o *outcomes, rec *record) bool {
	if r.missing(rec, Measure.vectors) {
		return false
	}
	for _, name := range rec.confidences(r.confidences) {
		if slices.Contains(rec.Available, name) && o.Confidence(name) == nil {
			return false
		}
	}
	return true
}

// functions are the confidence functions that anybody has asked for, now or
// before: computing and keeping all of them would double the cost.
func (r *runner) functions(old *record) []string {
	names := slices.Clone(r.confidences)
	if old != nil {
		names = append(names, sortedKeys(old.Cells)...)
	}
	return names
}

func (r *runner) store(rec *record) error {
	if err := r.journal.append(rec); err != nil {
		return &storeError{err}
	}
	return nil
}

// outside returns the jobs with out-of-distribution samples, if a metric wants them.
func (r *runner) outside() []*job {
	var jobs []*job
	if slices.ContainsFunc(r.measures, Measure.outside) {
		for _, j := range r.jobs {
			if j.failure == nil && j.record != nil && j.record.Outside > 0 {
				j.against = r.partner(j).key()
				jobs = append(jobs, j)
			}
		}
	}
	return jobs
}

// setOutside evaluates the metrics that set a table's out-of-distribution
// samples against the same model's in-distribution ones.
func (r *runner) setOutside(_ context.Context, j *job) error {
	rec, err := r.setAgainst(j.record, j.against)
	if err == nil {
		j.record = rec
	}
	return err
}

// setAgainst returns the record with those metrics, against the in-distribution
// samples whose outcomes are kept under the key; "" for none.
func (r *runner) setAgainst(rec *record, against string) (*record, error) {
	if !r.missingOutside(rec, against) {
		return rec, nil
	}
	o, err := loadOutcomes(outcomesPath(r.Out, rec.Key))
	if err != nil {
		return nil, err
	}
	var in *outcomes
	if against != "" && against != rec.Key {
		if in, err = loadOutcomes(outcomesPath(r.Out, against)); err != nil {
			return nil, err
		}
	}
	rec = rec.clone()
	if err := r.fillOutside(rec, o, in, against); err != nil {
		return nil, err
	}
	return rec, r.store(rec)
}

// partner is the job whose in-distribution samples j is set against: itself if
// it has any, else the same model's clean table, of the test split if there is
// one; nil if there is none.
func (r *runner) partner(j *job) *job {
	if j.record.Outside < j.record.N {
		return j
	}
	var found *job
	for _, p := range r.jobs {
		same := p.table.Model == j.table.Model && p.table.Dataset == j.table.Dataset
		usable := p.failure == nil && p.record != nil && p.record.Outside < p.record.N
		if same && usable && p.table.Condition == "clean" && p.table.Split != "val" &&
			(found == nil || p.table.Split == "test") {
			found = p
		}
	}
	return found
}

func (j *job) key() string {
	if j == nil || j.record == nil {
		return ""
	}
	return j.record.Key
}

// stem is the table's file name without folder and extension.
func stem(t datasets.Table) string {
	return strings.TrimSuffix(path.Base(t.Path), path.Ext(t.Path))
}
