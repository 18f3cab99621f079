package harness

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"abstain/harness/posthoc"
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
	case !(t.Holdout >= 0 && t.Holdout < 1):
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

// transformed is what became of one table under one transform.
type transformed struct {
	key    string
	record *record // nil until evaluated
	err    error
	due    bool

	// against is the key of what its out-of-distribution samples are set
	// against, settled before the workers begin; "" for none.
	against string
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
				if t := &j.transforms[i]; t.due && t.err == nil {
					t.err = err
				}
			}
		}
		r.done(ctx, j, err)
		return nil
	})
}
