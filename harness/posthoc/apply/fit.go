package apply

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"abstain/datasets"
	"abstain/harness/gather"
	"abstain/harness/pool"
	"abstain/harness/posthoc"
	"abstain/harness/store"
)

// fitting says where the maps of one model on one dataset come from. The first
// table that needs them fits them for all tables.
type fitting struct {
	on   int    // place of the table fitted on; -1 if there is none
	need []bool // by transform: some table has no record under it

	once sync.Once
	fits *fits
	err  error // the table fitted on could not be read
}

// fits are the fitted maps of a model, and the samples they were fitted on.
type fits struct {
	on    int             // place of the table fitted on
	truth *store.Outcomes // outcomes of that table
	judge []int16         // by sample of truth: the map that may judge it; -1 for none
	maps  []fitted        // by transform
}

// fitted are the maps of one transform: a single one, or one for each fold and
// one for the samples outside all folds.
type fitted struct {
	maps []*posthoc.Map
	fits []store.Fit
	err  error
}

func (s *Stage) fitOnce(ctx context.Context, f *fitting) (*fits, error) {
	f.once.Do(func() {
		f.fits, f.err = pool.Contain(func() (*fits, error) { return s.fit(ctx, f.on, f.need) })
	})
	return f.fits, f.err
}

// fit fits every transform needed for a model, reading the table to fit on once.
func (s *Stage) fit(ctx context.Context, on int, need []bool) (*fits, error) {
	t := s.Tables[on]
	truth, err := s.base(ctx, t, false)
	if err != nil {
		return nil, err
	}
	labels, err := s.labels(ctx, t, truth)
	if err != nil {
		return nil, err
	}
	f := &fits{on: on, truth: truth, judge: s.Asked.Judges(labels), maps: make([]fitted, len(s.Transforms))}
	m := material{table: t, truth: truth, labels: labels, judge: f.judge}
	m.rows, m.thin = thinned(s.serving(labels, f.judge), posthoc.MostFitted/max(1, t.Record.Classes), s.Asked.Seed)
	if s.needsVectors(need) {
		if m.vectors, err = readVectors(ctx, t, truth, m.rows); err != nil {
			return nil, err
		}
	}
	for k := range s.Asked.Maps() {
		s.fitMaps(f, m, k, need)
	}
	return f, nil
}

// material is what maps are fitted on.
type material struct {
	table   Table
	truth   *store.Outcomes
	labels  []int32   // by sample of truth
	judge   []int16   // by sample of truth, as in fits
	rows    []int32   // the samples whose class vectors are in vectors
	thin    string    // the note to add if those are not all samples
	vectors []float64 // one class vector for each of rows; nil if no transform needs them
}

// fitMaps fits map k of every transform needed.
func (s *Stage) fitMaps(f *fits, m material, k int, need []bool) {
	stored := m.truth.Confidence("stored")
	sample := m.sample(s.Asked, k)
	for i, t := range s.Transforms {
		if !need[i] || f.maps[i].err != nil {
			continue
		}
		if t.Input == posthoc.Probability && stored != nil && !stored.Probability {
			f.maps[i].err = fmt.Errorf("transform %s: %s: the stored confidence is no probability", t.ID, m.table.Name)
			continue
		}
		on := s.Asked.Describe(m.table.Split, k)
		if t.Input != posthoc.Probability {
			on += m.thin
		}
		f.maps[i].add(t, sample, m.table.Name, on)
	}
}

// add fits one more map of the transform.
func (d *fitted) add(t posthoc.Transform, s *posthoc.Sample, table, on string) {
	m, fit, err := t.Fit(s)
	if err != nil {
		d.err = fmt.Errorf("transform %s: fitting on %s (%s): %w", t.ID, table, on, err)
		return
	}
	d.maps = append(d.maps, m)
	d.fits = append(d.fits, store.Fit{On: on, Rows: fit.Rows, Parameters: parameters(fit.Parameters), Loss: fit.Loss,
		Before: store.Value(fit.Before), After: store.Value(fit.After), Note: fit.Note})
}

// mostShown is how many numbers of one parameter are written in full.
const mostShown = 64

// parameters writes "T=1.25; bias=0.1 0.2"; of a long parameter it writes only
// how many numbers it has.
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

// labels returns the labels of the samples fitted on. A table that stores only
// whether its predictions were right takes the labels of another table with the
// same samples, so that all models set the same samples aside. If there is no
// such table, all samples count as one class.
func (s *Stage) labels(ctx context.Context, t Table, truth *store.Outcomes) ([]int32, error) {
	if truth.Label != nil {
		return truth.Label, nil
	}
	for _, other := range s.Tables {
		if other.Record == nil || other.Record.Labels == "" || !other.Record.SameSamples(t.Record) || other.Dataset != t.Dataset {
			continue
		}
		o, err := s.Store.LoadOutcomes(other.Record.Key)
		if err != nil {
			o, _, err = gather.Table(ctx, other.Table, gather.Wanted{})
		}
		if err != nil {
			return nil, err
		}
		return o.Label, nil
	}
	return make([]int32, truth.N()), nil
}

// serving returns the labels, with -1 for samples that no map is fitted on.
func (s *Stage) serving(labels []int32, judge []int16) []int32 {
	serving := slices.Clone(labels)
	for i, k := range judge {
		if k >= 0 && s.Asked.Folds == 0 {
			serving[i] = -1
		}
	}
	return serving
}

// thinned lists the samples with a label, or a stratified part of them if there
// are more than most, and the note that says so.
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

func (s *Stage) needsVectors(need []bool) bool {
	for i, t := range s.Transforms {
		if need[i] && t.Input != posthoc.Probability {
			return true
		}
	}
	return false
}

// readVectors reads the class vectors of the given samples, in the order of rows.
func readVectors(ctx context.Context, t Table, truth *store.Outcomes, rows []int32) ([]float64, error) {
	classes := t.Record.Classes
	slot := make([]int32, truth.N()) // by row of the table: the row's place among rows
	for i := range slot {
		slot[i] = -1
	}
	for k, i := range rows {
		slot[truth.TableRow(int(i))] = int32(k)
	}
	vectors := make([]float64, len(rows)*classes)
	err := gather.Again(ctx, t.Table, truth.N(), func(datasets.Schema) {}, func(b *datasets.Batch) error {
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

// sample returns what map k is fitted on.
func (m material) sample(asked posthoc.Transforms, k int) *posthoc.Sample {
	s := &posthoc.Sample{Kind: m.table.Record.Kind(), Classes: m.table.Record.Classes}
	serves := func(i int32) bool { return asked.Serves(m.judge[i], k) }
	switch {
	case m.vectors == nil:
	case !slices.ContainsFunc(m.rows, func(i int32) bool { return !serves(i) }): // every row serves
		s.Vectors, s.Label = m.vectors, make([]int32, len(m.rows))
		for at, i := range m.rows {
			s.Label[at] = m.labels[i]
		}
	default:
		for at, i := range m.rows {
			if serves(i) {
				s.Vectors = append(s.Vectors, m.vectors[at*s.Classes:(at+1)*s.Classes]...)
				s.Label = append(s.Label, m.labels[i])
			}
		}
	}
	c := m.truth.Confidence("stored")
	if c == nil {
		c = m.truth.Confidence("msp")
	}
	for i := range m.judge {
		if c != nil && m.labels[i] >= 0 && m.truth.Answered(i) && serves(int32(i)) {
			s.Confidence, s.Correct = append(s.Confidence, c.Value[i]), append(s.Correct, m.truth.Correct[i])
		}
	}
	return s
}

// judges gives each sample of another table of the same model the map that may
// judge it; -1 for none.
func (f *fits) judges(o *store.Outcomes, table int) []int16 {
	if table == f.on {
		return f.judge
	}
	which := make([]int16, o.N())
	outside := int16(0)
	if n := len(f.anyMaps()); n > 1 {
		outside = int16(n - 1)
	}
	for i := range which {
		which[i] = outside
	}
	for _, pair := range Shared(o, f.truth) {
		which[pair[0]] = f.judge[pair[1]]
	}
	return which
}

func (f *fits) anyMaps() []*posthoc.Map {
	for _, d := range f.maps {
		if d.err == nil && d.maps != nil {
			return d.maps
		}
	}
	return nil
}

// Shared pairs the samples that two tables have in common. Equal ids mean the
// same sample if the labels of all such pairs agree where both are known.
// Otherwise each table counts its samples from the same number, and they are
// different samples.
func Shared(a, b *store.Outcomes) [][2]int32 {
	var pairs [][2]int32
	for i, k := 0, 0; i < a.N() && k < b.N(); {
		switch c := a.CompareIDs(i, b, k); {
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
