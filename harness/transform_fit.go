package harness

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"abstain/datasets"
	"abstain/harness/posthoc"
)

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

// FitRow is one row of transforms.csv: how a map was fitted.
type FitRow struct {
	Model, Dataset, Transform string
	On                        string // split, and what part of it
	Rows                      int
	// Loss names what Before and After are, on the rows fitted on: nll, log-loss
	// (of being right) or aurc.
	Loss          string
	Before, After float64
	Parameters    string // "T=1.25"
	Note          string
}

// fitRows lists the fits behind the rows of the results.
func (r *runner) fitRows() []FitRow {
	type fitted struct {
		modelKey
		transform string
	}
	seen := map[fitted]bool{}
	var rows []FitRow
	for _, j := range r.jobs {
		for _, t := range j.transforms {
			if t.record == nil || t.record.Fits == nil {
				continue
			}
			k := fitted{modelKey{j.table.Model, j.table.Dataset}, t.record.Transform}
			if seen[k] {
				continue
			}
			seen[k] = true
			for _, fit := range t.record.Fits {
				rows = append(rows, FitRow{Model: k.model, Dataset: k.dataset, Transform: k.transform, On: fit.On, Rows: fit.Rows,
					Loss: fit.Loss, Before: float64(fit.Before), After: float64(fit.After), Parameters: fit.Parameters, Note: fit.Note})
			}
		}
	}
	return rows
}

// transformFailures lists what transforms could not be had, a failed fit once.
func (r *runner) transformFailures() []Failure {
	seen := map[string]bool{}
	var failures []Failure
	for _, j := range r.jobs {
		for i, t := range j.transforms {
			if t.err == nil || seen[t.err.Error()] {
				continue
			}
			seen[t.err.Error()] = true
			k := j.table
			if _, ok := errors.AsType[*fitError](t.err); ok {
				k = j.fitting.on.table
			}
			failures = append(failures, Failure{Table: k.Name, Model: k.Model, Dataset: k.Dataset, Split: k.Split, Condition: k.Condition,
				Transform: r.transformID(i), Reason: t.err.Error(), err: t.err})
		}
	}
	return failures
}

// transformID names the transform at a place of job.transforms.
func (r *runner) transformID(place int) string {
	if place == len(r.transforms) {
		return posthoc.Rest
	}
	return r.transforms[place].ID
}

// fittedOnAll tells of tables of which nothing was left to judge.
func (r *runner) fittedOnAll() []string {
	if len(r.fittedAll) == 0 {
		return nil
	}
	var names []string
	for _, j := range r.jobs {
		if slices.Contains(r.fittedAll, j) {
			names = append(names, j.table.Name)
		}
	}
	return []string{fmt.Sprintf("no transform of %s: every sample was fitted on", shorten(names, 4))}
}

// evaluation is one block of rows of results.csv: a table under a transform.
type evaluation struct {
	transform string
	record    *record
	partner   string // key of what its out-of-distribution samples are set against
}

// evaluations lists those of a job: as stored, then in the order of the
// transforms asked, the stored predictions on the judged samples first.
func (r *runner) evaluations(j *job) []evaluation {
	partner := r.partner(j)
	list := []evaluation{{posthoc.None, j.record, partner.key()}}
	for _, i := range r.places(j) {
		if rec := j.transforms[i].record; rec != nil && j.transforms[i].err == nil {
			list = append(list, evaluation{r.transformID(i), rec, partner.transformKey(i)})
		}
	}
	return list
}

// places are those of the job's transforms, in the order of rows.
func (r *runner) places(j *job) []int {
	var list []int
	for i := range j.transforms {
		list = append(list, (i+len(r.transforms))%len(j.transforms))
	}
	return list
}

// transformKey is the key of the job's record under a transform; "" for none.
func (j *job) transformKey(place int) string {
	if j == nil || place >= len(j.transforms) || j.transforms[place].record == nil {
		return ""
	}
	return j.transforms[place].record.Key
}

// setTransformsOutside evaluates the metrics that set a table's out-of-distribution
// samples against the in-distribution ones, both under the same transform.
func (r *runner) setTransformsOutside(_ context.Context, j *job) error {
	partner := r.partner(j)
	for i := range j.transforms {
		t := &j.transforms[i]
		if t.record == nil || t.err != nil {
			continue
		}
		rec, err := r.setAgainst(t.record, partner.transformKey(i))
		if err != nil {
			return err
		}
		t.record = rec
	}
	return nil
}

var fitColumns = []string{"model", "dataset", "transform", "fitted_on", "rows", "loss", "before", "after", "parameters", "note"}

// writeFits replaces transforms.csv, if there is anything to put into it.
func (s *Results) writeFits(dir string) error {
	path := filepath.Join(dir, "transforms.csv")
	if len(s.Fits) == 0 {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	return writeFile(path, table(fitColumns, func(yield func([]string)) {
		for _, f := range s.Fits {
			yield([]string{f.Model, f.Dataset, f.Transform, f.On, strconv.Itoa(f.Rows), f.Loss, number(f.Before), number(f.After), f.Parameters, f.Note})
		}
	}))
}

func (s *Results) readFits(path string) error {
	header, lines, err := readCSV(path)
	if err != nil {
		return err
	}
	if !slices.Equal(header, fitColumns) {
		return fmt.Errorf("%s: the header must be %s", path, strings.Join(fitColumns, ","))
	}
	for i, f := range lines {
		row := FitRow{Model: f[0], Dataset: f[1], Transform: f[2], On: f[3], Loss: f[5], Before: math.NaN(), After: math.NaN(), Parameters: f[8], Note: f[9]}
		n, err := strconv.Atoi(f[4])
		for k, to := range []*float64{&row.Before, &row.After} {
			if text := f[6+k]; err == nil && text != "" {
				*to, err = strconv.ParseFloat(text, 64)
			}
		}
		if err != nil {
			return fmt.Errorf("%s: line %d: %w", path, i+2, err)
		}
		row.Rows = n
		s.Fits = append(s.Fits, row)
	}
	return nil
}
