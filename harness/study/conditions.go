package study

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"abstain/datasets"
	"abstain/harness/results"
	"abstain/metrics"
)

// Conditions is what the comparison of clean data with shift and attack found.
type Conditions struct {
	Metrics  []string // ids
	Labels   []string
	Better   []metrics.Direction
	Settings []Condition
	Models   []string
	// Clean and Under are by setting, metric and model; NaN where a model has no
	// such table. Clean is over the same samples as Under where these are known.
	Clean, Under [][][]float64
	// Changes have the condition as treatment. The highest severity of each kind is
	// tested; the others, which go with it, are described.
	Changes []Changes
	Ranks   []Correlation // of the clean value (A) with that under the condition (B)
	// Regimes have the regime as treatment and the kind of condition as setting: of the
	// mean over the severities of the kind, against the base twin.
	Regimes     []Changes
	SameSamples bool
}

// Condition is a setting with its kind and severity.
type Condition struct {
	Split, Name, Kind string
	Severity          int // -1 if the name has none
}

// RanksUnderConditions says how well clean ranks by AURC agree with those under a
// condition: where they agree least, and where most.
type RanksUnderConditions struct{ Least, Most Correlation }

// UnderCondition says what a condition does to a metric.
type UnderCondition struct{ Changes }

// SeparableRegimes lists the regimes that differ from their base twins under conditions
// beyond chance. A base twin is the model of the same architecture and size that was
// trained plainly.
type SeparableRegimes struct{ Changes []Changes }

// NoSeparableRegime says that no regime differs from its base twins.
type NoSeparableRegime struct {
	Units    int  // of the regime that has most
	Hopeless bool // so few that none could be told apart
}

// NoConditions says that there are no conditions beside the one compared.
type NoConditions struct{ Clean string }

// CleanValues says which samples clean values are over.
type CleanValues struct{ SameSamples bool }

func (RanksUnderConditions) claim() {}
func (UnderCondition) claim()       {}
func (SeparableRegimes) claim()     {}
func (NoSeparableRegime) claim()    {}
func (NoConditions) missing()       {}
func (CleanValues) note()           {}

// conditions compares each model under shift and attack with itself on clean data, and
// the ranks of the models under each condition with their clean ranks.
func conditions(ctx context.Context, f *Folder) (Experiment, error) {
	var e Experiment
	d := &Conditions{}
	var columns []*column
	for _, m := range metrics.StudyMeasures() {
		if c := f.column(m.ID()); c != nil && c.at >= 0 && m.Metric.In(metrics.InShift) {
			columns = append(columns, c)
			d.Metrics, d.Labels, d.Better = append(d.Metrics, c.ID), append(d.Labels, c.Label), append(d.Better, c.Better)
		}
	}
	for _, s := range f.conditions() {
		if f.judged(s, columns) {
			kind, level := kindOf(s.Condition)
			d.Settings = append(d.Settings, Condition{s.Split, s.Condition, kind, level})
		}
	}
	if len(d.Settings) == 0 {
		e.missing(NoConditions{f.view.Choice.Condition})
		return e, nil
	}
	slices.SortStableFunc(d.Settings, func(a, b Condition) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Severity, b.Severity))
	})
	for _, s := range f.models {
		d.Models = append(d.Models, s.row.Model)
	}
	if err := f.gatherConditions(ctx, d, columns); err != nil {
		return e, err
	}
	f.compareConditions(d, columns)
	e.Data = d
	e.Tables = []Table{changeTable("conditions", "condition_name", d.Changes), d.rankTable(), d.modelTable()}
	if len(d.Regimes) > 0 {
		e.Tables = append(e.Tables, changeTable("conditions-regimes", "regime", d.Regimes))
	}
	e.note(CleanValues{d.SameSamples})
	f.noteIntervals(&e, OfModel, "kind of condition", false)
	f.conditionClaims(&e, d)
	return e, nil
}

// judged reports whether any model has a value of one of the metrics in a setting.
func (f *Folder) judged(in setting, columns []*column) bool {
	for _, s := range f.models {
		if row := f.under(s, in); row != nil {
			for _, c := range columns {
				if row.Cells[c.at].Defined() {
					return true
				}
			}
		}
	}
	return false
}

// gatherConditions fills in the values under conditions, and the clean values over the
// same samples, so that the change is by the condition only.
func (f *Folder) gatherConditions(ctx context.Context, d *Conditions, columns []*column) error {
	grid := func() [][][]float64 {
		g := make([][][]float64, len(d.Settings))
		for s := range g {
			g[s] = make([][]float64, len(columns))
			for m := range g[s] {
				g[s][m] = undefined(len(f.models))
			}
		}
		return g
	}
	d.Clean, d.Under, d.SameSamples = grid(), grid(), f.stored
	return f.eachModel(ctx, func(i int) error {
		subsets := map[string][]float64{} // clean values by the samples they are over
		for s, in := range d.Settings {
			row := f.under(f.models[i], setting{in.Split, in.Name})
			if row == nil {
				continue
			}
			clean, err := f.cleanOn(i, row, columns, subsets)
			if err != nil {
				return err
			}
			for m, c := range columns {
				d.Under[s][m][i] = row.Cells[c.at].Value
				d.Clean[s][m][i] = clean[m]
			}
		}
		return nil
	})
}

// cleanOn are a model's clean values over the samples of another of its tables. They
// are over all samples if the folder keeps no outcomes. known keeps the values by
// samples, because many tables of a model have the same.
func (f *Folder) cleanOn(i int, row *results.Row, columns []*column, known map[string][]float64) ([]float64, error) {
	whole := make([]float64, len(columns))
	for m, c := range columns {
		whole[m] = c.Values[i]
	}
	if !f.stored {
		return whole, nil
	}
	_, ids, err := f.results.Samples(row.Key)
	if err != nil {
		return nil, err
	}
	key := sampleKey(ids, row.N)
	if v := known[key]; v != nil {
		return v, nil
	}
	o, all, err := f.results.Samples(f.models[i].row.Key)
	if err != nil {
		return nil, err
	}
	rows := rowsOf(all, ids)
	if rows == nil || len(rows) == o.N() {
		known[key] = whole
		return whole, nil
	}
	part := o.Take(rows)
	r := metrics.Rank(part, part.Confidence(f.models[i].row.Confidence))
	values := make([]float64, len(columns))
	for m, c := range columns {
		values[m] = c.measure.Of(r).Value
	}
	known[key] = values
	return values, nil
}

// sampleKey names a set of samples, which are in the order of their ids.
func sampleKey(ids datasets.IDs, n int) string {
	switch {
	case len(ids.Int) > 0:
		return fmt.Sprint("i", ids.Prefix, ids.Width, n, ids.Int)
	case len(ids.Text) > 0:
		return fmt.Sprintf("t%d%q", n, ids.Text)
	}
	return strconv.Itoa(n)
}

// rowsOf finds some samples among all by their ids; both are in the order of ids. It is
// nil unless all of them are found.
func rowsOf(all, some datasets.IDs) []int32 {
	var rows []int32
	switch {
	case len(all.Int) > 0 && len(some.Int) > 0 && all.Alike(some):
		for _, id := range some.Int {
			at, ok := slices.BinarySearch(all.Int, id)
			if !ok {
				return nil
			}
			rows = append(rows, int32(at))
		}
	case len(all.Text) > 0 && len(some.Text) > 0:
		for _, id := range some.Text {
			at, ok := slices.BinarySearch(all.Text, id)
			if !ok {
				return nil
			}
			rows = append(rows, int32(at))
		}
	}
	return rows
}

// compareConditions describes changes, ranks and regimes.
func (f *Folder) compareConditions(d *Conditions, columns []*column) {
	var list []contrast
	for s, in := range d.Settings {
		for m, c := range columns {
			clean, under := &column{ID: c.ID, Values: d.Clean[s][m]}, &column{ID: c.ID, Better: c.Better, Values: d.Under[s][m]}
			var p pairing
			for i, name := range d.Models {
				if v := under.Values[i] - clean.Values[i]; !math.IsNaN(v) && !math.IsInf(v, 0) {
					p.names, p.unit, p.values = append(p.names, name), append(p.unit, f.unitOf(i)), append(p.values, v)
				}
			}
			list = append(list, contrast{treatment: in.Name, setting: in.Name, column: c, pairing: p, untested: !d.hardest(s)})
			if r, ok := f.correlate(clean, under, f.every(), in.Name); ok {
				r.A, r.B = c.ID, c.ID+"["+in.Name+"]"
				d.Ranks = append(d.Ranks, r)
			}
		}
	}
	d.Changes, d.Regimes = f.describe(list), f.describe(f.regimesByKind(d, columns))
}

// hardest reports whether a setting is that of the highest severity of its kind.
func (d *Conditions) hardest(s int) bool {
	return s+1 == len(d.Settings) || d.Settings[s+1].Kind != d.Settings[s].Kind
}

// regimesByKind sets each regime against its base twins under each kind of condition, by
// the mean over its severities: these are correlated, and no tests of their own.
func (f *Folder) regimesByKind(d *Conditions, columns []*column) []contrast {
	var list []contrast
	pairs, order, _ := f.regimePairs()
	for first := 0; first < len(d.Settings); {
		last := first
		for !d.hardest(last) {
			last++
		}
		for m, c := range columns {
			mean := &column{ID: c.ID, Better: c.Better, Values: make([]float64, len(f.models))}
			for i := range mean.Values {
				for s := first; s <= last; s++ {
					mean.Values[i] += d.Under[s][m][i] / float64(last-first+1)
				}
			}
			for _, regime := range order {
				list = append(list, contrast{treatment: regime, setting: d.Settings[first].Kind, column: c, pairing: f.pairUp(mean, pairs[regime])})
			}
		}
		first = last + 1
	}
	return list
}

func (d *Conditions) rankTable() Table {
	t := Table{Name: "conditions-ranks", Columns: []string{"condition", "metric", "n", "spearman", "spearman_lo", "spearman_hi", "kendall", "kendall_lo", "kendall_hi"}}
	for _, c := range d.Ranks {
		t.add(c.Scope, c.A, c.N, c.Spearman, c.SpearmanIn.Lo, c.SpearmanIn.Hi, c.Kendall, c.KendallIn.Lo, c.KendallIn.Hi)
	}
	return t
}

func (d *Conditions) modelTable() Table {
	t := Table{Name: "conditions-models", Columns: []string{"model", "split", "condition", "kind", "severity", "metric", "clean", "under"}}
	for s, in := range d.Settings {
		for m, id := range d.Metrics {
			for i, name := range d.Models {
				if !math.IsNaN(d.Under[s][m][i]) {
					t.add(name, in.Split, in.Name, in.Kind, in.Severity, id, d.Clean[s][m][i], d.Under[s][m][i])
				}
			}
		}
	}
	return t
}

// conditionClaims states how well clean ranks hold under conditions, what the highest
// severity of each kind does, and which regimes differ from their base twins.
func (f *Folder) conditionClaims(e *Experiment, d *Conditions) {
	f.rankClaim(e, d)
	for k, in := range d.Settings {
		if !d.hardest(k) {
			continue
		}
		for _, c := range d.Changes {
			if c.Treatment != in.Name || c.Metric == "nll" {
				continue
			}
			e.find(Finding{Claim: UnderCondition{c}, Basis: f.changeBasis(c, "kind of condition"), N: len(c.Values), Of: Models})
		}
	}
	f.regimeUnderConditions(e, d)
}

// rankClaim sets the condition under which ranks hold least against that under which
// they hold most.
func (f *Folder) rankClaim(e *Experiment, d *Conditions) {
	var least, most *Correlation
	for k := range d.Ranks {
		r := &d.Ranks[k]
		if r.A != "aurc" {
			continue
		}
		if least == nil || r.Spearman < least.Spearman {
			least = r
		}
		if most == nil || r.Spearman > most.Spearman {
			most = r
		}
	}
	if least == most {
		return
	}
	basis := Basis{Counted: true}
	if least.SpearmanIn.Defined() || most.SpearmanIn.Defined() {
		basis.Intervals = []Interval{{Method: FisherTransform, Level: f.level, Over: NewModels}}
	}
	e.find(Finding{Claim: RanksUnderConditions{*least, *most}, N: least.N, Of: Models, Headline: true, Basis: basis})
}

// regimeUnderConditions says which regimes are proven better or worse than their
// base twins under conditions.
func (f *Folder) regimeUnderConditions(e *Experiment, d *Conditions) {
	if len(d.Regimes) == 0 {
		return
	}
	var separable SeparableRegimes
	none := NoSeparableRegime{Hopeless: true}
	pairs, tests := 0, 0
	for _, c := range d.Regimes {
		pairs, none.Units, tests = pairs+len(c.Values), max(none.Units, c.Units), max(tests, c.Tests)
		none.Hopeless = none.Hopeless && c.Hopeless
		if c.Proof == Proven {
			separable.Changes = append(separable.Changes, c)
		}
	}
	var claim Claim = separable
	if separable.Changes == nil {
		claim = none
	}
	e.find(Finding{Claim: claim, N: pairs, Of: Pairs,
		Basis: Basis{Tests: []Test{{Method: WilcoxonTest, Raw: math.NaN(), P: math.NaN(), Level: f.level, Family: Family{Holm, tests, "regime and kind of condition"}}}}})
}
