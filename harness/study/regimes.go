package study

import (
	"cmp"
	"context"
	"math"
	"slices"

	"abstain/metrics"
)

// Regimes is what the experiment regimes found: the changes by regime and metric.
type Regimes struct {
	Regimes []string // with a pair, by name
	Metrics []string // ids
	Labels  []string // of the metrics
	Better  []metrics.Direction
	Changes []Changes
}

// RegimeChanges says which regimes change a metric beyond chance.
type RegimeChanges struct {
	Metric        string // id
	Better, Worse []Changes
	Doubtful      []Changes // beyond chance by the test, but the interval holds 0
	Open          int       // further regimes of which nothing is proven, though it could be
	TooFew        []Changes // with too few twins to prove anything
}

// NoRegimes says that no model names a regime and a base among the models.
type NoRegimes struct{}

// Baseless counts the models whose base is not among the compared models.
type Baseless struct{ Models int }

// OwnBase counts the models that are their own base, or the base of their base.
type OwnBase struct{ Models int }

// OverBaseTwins says what the change of a regime is.
type OverBaseTwins struct{}

// ReplicatesBias says which bias bootstrap replicates of calibration errors have.
type ReplicatesBias struct{}

func (RegimeChanges) claim() {}
func (NoRegimes) missing()   {}
func (Baseless) missing()    {}
func (OwnBase) missing()     {}
func (OverBaseTwins) note()  {}
func (ReplicatesBias) note() {}

// regimes compares each model of a training regime with its base twin: the model of the
// same architecture and size with plain training.
func regimes(_ context.Context, f *Folder) (Experiment, error) {
	var e Experiment
	pairs, order, missing := f.regimePairs()
	e.Missing = missing
	if len(order) == 0 {
		e.missing(NoRegimes{})
		return e, nil
	}
	data := &Regimes{Regimes: order}
	var list []contrast
	columns := append(slices.Clone(f.axes()), f.outsideAxes()...)
	for _, c := range columns {
		data.Metrics, data.Labels, data.Better = append(data.Metrics, c.ID), append(data.Labels, c.Label), append(data.Better, c.Better)
		for _, regime := range order {
			list = append(list, contrast{treatment: regime, column: c, pairing: f.pairUp(c, pairs[regime])})
		}
	}
	data.Changes = f.describe(list)
	e.Data = data
	e.Tables = append(e.Tables, changeTable("regimes", "regime", data.Changes), pairTable("regime-pairs", "regime", f, data.Changes))
	e.note(OverBaseTwins{})
	f.noteIntervals(&e, OfBase, "regime", f.replicates() > 0)
	if f.replicates() > 0 && slices.Contains(data.Metrics, "ece@15") {
		e.note(ReplicatesBias{})
	}
	for _, c := range columns {
		f.regimeClaim(&e, c, data.Changes, c.onFirstPage())
	}
	return e, nil
}

// onFirstPage reports whether the first page shows changes of the column: it shows the
// metrics that a run prints at its end, each at its last operating point in a study.
func (c *column) onFirstPage() bool {
	last := map[string]string{standIn: ""}
	for _, m := range metrics.StudyMeasures() {
		if m.Metric.In(metrics.InHead) {
			last[m.Metric.ID] = m.ID()
		}
	}
	id, ok := last[cmp.Or(c.measure.Metric.ID, c.ID)]
	return ok && id == c.canonical
}

// regimePairs lists the pairs of each regime, the regimes by name, and why models of
// a regime are in no pair.
func (f *Folder) regimePairs() (pairs map[string][]pair, order []string, missing []Missing) {
	pairs = map[string][]pair{}
	absent, round := 0, 0
	for i, s := range f.models {
		base, regime := s.meta.Get("base"), s.meta.Get("regime")
		if base == "" || regime == "" {
			continue
		}
		at, ok := f.place[base]
		if !ok {
			absent++
			continue
		}
		if own := f.models[i].row.Model; base == own || f.models[at].meta.Get("base") == own {
			round++
			continue
		}
		pairs[regime] = append(pairs[regime], pair{at, i})
	}
	if absent > 0 {
		missing = append(missing, Baseless{absent})
	}
	if round > 0 {
		missing = append(missing, OwnBase{round})
	}
	for regime := range pairs {
		order = append(order, regime)
	}
	slices.Sort(order)
	return pairs, order, missing
}

// regimeClaim states for a metric which regimes change it beyond chance.
func (f *Folder) regimeClaim(e *Experiment, c *column, changes []Changes, headline bool) {
	claim := RegimeChanges{Metric: c.ID}
	tests, pairs := 0, 0
	for _, x := range changes {
		if x.Metric != c.ID {
			continue
		}
		tests, pairs = x.Tests, pairs+len(x.Values)
		claim.add(x, c.improves())
	}
	if tests == 0 {
		return
	}
	e.find(Finding{Claim: claim, N: pairs, Of: Pairs, Headline: headline, Basis: Basis{
		Tests:     []Test{{Method: WilcoxonTest, Raw: math.NaN(), P: math.NaN(), Level: f.level, Family: Family{Holm, tests, "regime"}}},
		Intervals: []Interval{{Method: MedianOfChanges, Level: f.level, Over: f.reach(), Replicates: f.replicates()}}}})
}

// add puts a change where it belongs. Only what is proven by the test and by the interval
// is named as better or worse.
func (r *RegimeChanges) add(x Changes, improves float64) {
	switch {
	case x.Proof == Proven && x.Median*improves > 0:
		r.Better = append(r.Better, x)
	case x.Proof == Proven:
		r.Worse = append(r.Worse, x)
	case x.Proof == TestOnly:
		r.Doubtful = append(r.Doubtful, x)
	case x.Hopeless:
		r.TooFew = append(r.TooFew, x)
	default:
		r.Open++
	}
}

// reach is what the widest intervals of changes generalise to.
func (f *Folder) reach() Population {
	if f.replicates() > 0 {
		return NewModels | NewSamples
	}
	return NewModels
}

// pairTable lists the change of every pair, absolute and as a share of the value without
// the treatment.
func pairTable(name, treatment string, f *Folder, changes []Changes) Table {
	t := Table{Name: name, Columns: []string{treatment, "metric", "model", "base", "without", "with", "change", "relative_change"}}
	for _, c := range changes {
		values := f.column(c.Metric).Values
		for k, m := range c.Names {
			i := f.place[m]
			base := f.models[i].meta.Get("base")
			without := values[f.place[base]]
			t.add(c.Treatment, c.Metric, m, base, without, values[i], c.Values[k], c.Values[k]/without)
		}
	}
	return t
}
