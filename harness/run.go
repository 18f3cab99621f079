package harness

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"syscall"
	"time"

	"abstain/datasets"
	"abstain/harness/disk"
	"abstain/harness/posthoc/apply"
	"abstain/harness/posthoc/conform"
	"abstain/harness/posthoc/hedge"
	"abstain/harness/results"
	"abstain/harness/store"
)

// Run evaluates every table of the corpora that is not evaluated already and
// writes the folder's files. A table that cannot be evaluated is a failed row
// with its reason. When ctx ends early the files hold what is done and the
// error is that of ctx.
func Run(ctx context.Context, cfg Config) (*results.Results, error) {
	p, err := newPlan(cfg)
	if err != nil {
		return nil, err
	}
	found, err := p.store.Begin()
	if err != nil {
		return nil, err
	}
	p.notices = slices.Concat(found, p.untrusted(), p.notices)
	began := time.Now()
	w, stopped := p.compute(ctx, p.begin())
	r := p.assemble(join(w, p.store.Folder, p.Intervals))
	r.Run.Interrupted = stopped != nil
	r.Run.Seconds = time.Since(began).Seconds()
	if noRoom(stopped) {
		return r, once(p.Out, stopped, p.store.Close())
	}
	return r, once(p.Out, stopped, r.Write(p.Out), p.store.Close())
}

// untrusted notes that digests of the manifest were not compared with the contents.
func (p *plan) untrusted() []string {
	if p.TrustTimes && slices.ContainsFunc(p.tables, func(t datasets.Table) bool { return t.Digest != "" }) {
		return []string{"digests in the manifest were not verified of tables that have the size and time of an earlier run (--trust-times)"}
	}
	return nil
}

// noRoom reports whether nothing can be written any more.
func noRoom(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EROFS)
}

// once joins the errors. What the machine lacks is said once, whatever failed for it.
func once(out string, errs ...error) error {
	err := errors.Join(errs...)
	if lacking := exhausted(err); lacking != nil {
		return fmt.Errorf("%w: what was done is kept in %s, and the same command goes on from there", lacking, out)
	}
	return err
}

// exhausted is the first of the joined errors that is for what the machine lacks; nil if
// none is.
func exhausted(err error) error {
	if !disk.Exhausted(err) {
		return nil
	}
	if joined, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err); ok {
		for _, e := range joined.Unwrap() {
			if lacking := exhausted(e); lacking != nil {
				return lacking
			}
		}
	}
	return err
}

// work is the state of the tables of a plan between two stages of a run. Each
// stage takes the work of the stage before and returns its own; none changes what
// it was given.
type work struct {
	tables      []evaluated          // by place in the plan
	transformed []apply.Done         // by place in the plan; the tables under transforms
	hedged      map[int]hedge.Done   // by place in the plan; tables under credal predictions
	covered     map[int]conform.Done // by place in the plan; tables with prediction sets
	notices     []string
}

// evaluated is the state of one table.
type evaluated struct {
	table  datasets.Table
	source source
	record *store.Record // nil until evaluated
	err    error         // why it failed
}

// source says where a table's numbers come from.
type source uint8

const (
	fromTable    source = iota // the table has to be read
	fromOutcomes               // its stored outcomes suffice
	fromJournal                // nothing has to be computed
)

// begin returns the work before the first stage.
func (p *plan) begin() work {
	w := work{tables: make([]evaluated, len(p.tables)), transformed: make([]apply.Done, len(p.tables)), notices: p.notices}
	if p.earlier != nil {
		w.hedged, w.covered = p.earlier.hedged, p.earlier.covered
	}
	for place, t := range p.tables {
		w.tables[place].table = t
		if p.earlier != nil {
			w.tables[place] = p.judge(t, p.earlier.records[place])
			w.transformed[place].Transforms = p.earlier.transforms[place]
		}
	}
	return w
}

// compute gives every table a record or an error. The first stage evaluates each
// table by itself, the second every table under the transforms, the third those of
// models that borrow another one's calibration, the fourth those with prediction sets,
// and the last the metrics of out-of-distribution samples, which also need the model's
// clean table.
func (p *plan) compute(ctx context.Context, w work) (work, error) {
	for _, stage := range []func(context.Context, work) (work, error){p.evaluate, p.transform, p.hedge, p.cover, p.setOutside} {
		var err error
		if w, err = stage(ctx, w); err != nil {
			return w, err
		}
	}
	return w, nil
}
