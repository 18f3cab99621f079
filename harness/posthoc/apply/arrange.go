package harness

import (
	"fmt"
	"slices"

	"abstain/datasets"
	"abstain/harness/posthoc"
	"abstain/metrics"

	"github.com/zeebo/xxh3"
)

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
			f.need[i] = f.need[i] || j.transforms[i].due
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
	t.due = t.record == nil || r.missing(t.record, Measure.inside)
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
	return slices.ContainsFunc(j.transforms, func(t transformed) bool { return t.due })
}

// pending reports whether any transform of the job has to be computed.
func (j *job) pending() bool {
	return slices.ContainsFunc(j.transforms, func(t transformed) bool { return t.due })
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
