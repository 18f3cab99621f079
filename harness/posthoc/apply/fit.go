package harness

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"abstain/datasets"
	"abstain/harness/posthoc"
)

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

// fit fits every transform that is needed of a model, all from one reading of
// the table fitted on.
func (r *runner) fit(ctx context.Context, f *fitting) error {
	everything := make([]int, len(r.transforms))
	var err error
	if f.truth, err = r.base(ctx, f.on, everything); err != nil {
		return err
	}
	labels, err := r.labels(ctx, f)
	if err != nil {
		return err
	}
	f.part = r.Transforms.partition(labels)
	serving := slices.Clone(labels)
	for i, part := range f.part {
		if part >= 0 && r.Transforms.Folds == 0 {
			serving[i] = -1
		}
	}
	rows, thin := thinned(serving, mostFitted/max(1, f.on.record.Classes), r.Transforms.Seed)
	var vectors []float64
	if r.needsVectors(f) {
		if vectors, err = readVectors(ctx, f.on, f.truth, rows); err != nil {
			return err
		}
	}
	f.fitted = make([]fitted, len(r.transforms))
	maps := 1
	if r.Transforms.Folds > 0 {
		maps += r.Transforms.Folds // one without each fold, and one of all
	}
	stored := f.truth.Confidence("stored")
	for k := range maps {
		s := f.sample(r.Transforms, k, labels, rows, vectors)
		for i, t := range r.transforms {
			if f.need[i] && f.fitted[i].err == nil {
				on := r.Transforms.describe(f.on.table, k)
				if t.Input == posthoc.Probability && stored != nil && !stored.Probability {
					f.fitted[i].err = fmt.Errorf("transform %s: %s: the stored confidence is no probability", t.ID, f.on.table.Name)
					continue
				}
				if t.Input != posthoc.Probability {
					on += thin
				}
				f.fitted[i].add(t, s, f.on.table.Name, on)
			}
		}
	}
	return nil
}

// add fits one more map.
func (d *fitted) add(t posthoc.Transform, s *posthoc.Sample, table, on string) {
	m, fit, err := t.Fit(s)
	if err != nil {
		d.err = fmt.Errorf("transform %s: fitting on %s (%s): %w", t.ID, table, on, err)
		return
	}
	d.maps = append(d.maps, m)
	d.fits = append(d.fits, fitRecord{On: on, Rows: fit.Rows, Parameters: parameters(fit.Parameters), Loss: fit.Loss,
		Before: value(fit.Before), After: value(fit.After), Note: fit.Note})
}

// mostShown is how many numbers of one parameter are written out.
const mostShown = 64

// parameters writes "T=1.25; bias=0.1 0.2", long ones by their number only.
func parameters(list []posthoc.Parameter) string {
	var parts []string
	for _, p := range list {
		var numbers []string
		for _, v := range p.Values {
			numbers = append(numbers, strconv.FormatFloat(v, 'g', -1, 64))
		}
		text := strings.Join(numbers, " ")
		if len(numbers) > mostShown {
			text = fmt.Sprintf("(%d numbers)", len(numbers))
		}
		parts = append(parts, p.Name+"="+text)
	}
	return strings.Join(parts, "; ")
}

// describe says which rows map k is fitted on.
func (t Transforms) describe(on datasets.Table, k int) string {
	switch {
	case t.Holdout > 0:
		return fmt.Sprintf("%s, holdout %v, seed %d", on.Split, t.Holdout, t.Seed)
	case t.Folds > 0 && k < t.Folds:
		return fmt.Sprintf("%s, without fold %d of %d, seed %d", on.Split, k+1, t.Folds, t.Seed)
	}
	return on.Split
}

// labels are those of the samples fitted on. A table that tells only what was
// right borrows them from another over the same samples, so that all models set
// the same samples aside; without any all samples are of one class.
func (r *runner) labels(ctx context.Context, f *fitting) ([]int32, error) {
	if f.truth.Label != nil {
		return f.truth.Label, nil
	}
	for _, j := range r.jobs {
		if j.record == nil || j.record.Labels == "" || j.record.Samples != f.on.record.Samples || j.table.Dataset != f.on.table.Dataset {
			continue
		}
		o, err := loadOutcomes(outcomesPath(r.Out, j.record.Key))
		if err != nil {
			o, _, err = readTable(ctx, j.table, reading{})
		}
		if err != nil {
			return nil, err
		}
		return o.Label, nil
	}
	return make([]int32, f.truth.N()), nil
}

// partition gives each sample of the table fitted on the map that may judge it:
// -1 if every map is fitted on it, its fold if there are folds.
func (t Transforms) partition(labels []int32) []int16 {
	part := make([]int16, len(labels))
	switch {
	case t.Folds > 0:
		part = posthoc.Folds(labels, t.Folds, t.Seed)
		for i, k := range part {
			if k < 0 {
				part[i] = int16(t.Folds)
			}
		}
	case t.Holdout > 0:
		for i, held := range posthoc.Holdout(labels, t.Holdout, t.Seed) {
			if held {
				part[i] = -1
			}
		}
	default:
		for i := range part {
			part[i] = -1
		}
	}
	return part
}

// serves reports whether map k is fitted on samples of that part.
func (t Transforms) serves(part int16, k int) bool {
	if t.Folds > 0 {
		return int(part) != k || k == t.Folds
	}
	return part < 0
}

// thinned lists the samples with a label, or a stratified part of them that is
// no longer than most, and how to tell of that.
func thinned(labels []int32, most int, seed uint64) (rows []int32, tell string) {
	for i, l := range labels {
		if l >= 0 {
			rows = append(rows, int32(i))
		}
	}
	if len(rows) <= most {
		return rows, ""
	}
	tell = fmt.Sprintf(" (%d of %d rows)", most, len(rows))
	keep := posthoc.Holdout(labels, float64(most)/float64(len(rows)), seed+1)
	return slices.DeleteFunc(rows, func(i int32) bool { return !keep[i] }), tell
}

func (r *runner) needsVectors(f *fitting) bool {
	for i, t := range r.transforms {
		if f.need[i] && t.Input != posthoc.Probability {
			return true
		}
	}
	return false
}

// readVectors reads the class vectors of some samples, in their order.
func readVectors(ctx context.Context, on *job, truth *outcomes, rows []int32) ([]float64, error) {
	classes := on.record.Classes
	slot := make([]int32, truth.N())
	for i := range slot {
		slot[i] = -1
	}
	for k, i := range rows {
		slot[truth.row(int(i))] = int32(k)
	}
	vectors := make([]float64, len(rows)*classes)
	err := eachBatch(ctx, on.table, truth.N(), func(datasets.Schema) {}, func(b *datasets.Batch) error {
		for i, k := range slot[b.First : b.First+b.N] {
			if k < 0 {
				continue
			}
			to := vectors[int(k)*classes : (int(k)+1)*classes]
			if b.F64 != nil {
				copy(to, b.F64[i*classes:])
				continue
			}
			for c := range to {
				to[c] = float64(b.F32[i*classes+c])
			}
		}
		return nil
	})
	return vectors, err
}

// sample is what map k is fitted on.
func (f *fitting) sample(t Transforms, k int, labels, rows []int32, vectors []float64) *posthoc.Sample {
	s := &posthoc.Sample{Kind: f.on.record.kind(), Classes: f.on.record.Classes}
	everyRow := !slices.ContainsFunc(rows, func(i int32) bool { return !t.serves(f.part[i], k) })
	switch {
	case vectors == nil:
	case everyRow:
		s.Vectors, s.Label = vectors, make([]int32, len(rows))
		for at, i := range rows {
			s.Label[at] = labels[i]
		}
	default:
		for at, i := range rows {
			if t.serves(f.part[i], k) {
				s.Vectors = append(s.Vectors, vectors[at*s.Classes:(at+1)*s.Classes]...)
				s.Label = append(s.Label, labels[i])
			}
		}
	}
	c := f.truth.Confidence("stored")
	if c == nil {
		c = f.truth.Confidence("msp")
	}
	for i, part := range f.part {
		if c != nil && labels[i] >= 0 && t.serves(part, k) {
			s.Confidence, s.Correct = append(s.Confidence, c.Value[i]), append(s.Correct, f.truth.Correct[i])
		}
	}
	return s
}
