package study

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"abstain/datasets"
	"abstain/harness"
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
	Changes      []Changes     // treatment: the condition
	Ranks        []Correlation // of the clean value (A) with that under the condition (B)
	Regimes      []Changes     // treatment: regime; of the values under the condition, against the base twin
	SameSamples  bool
}

// Condition is a setting with its kind and severity.
type Condition struct {
	Split, Name, Kind string
	Severity          int // -1 if the name has none
}

// conditionMetrics are compared under shift and attack, as far as they are known.
var conditionMetrics = []string{"accuracy", "auroc", "aurc", "ece@15", "nll"}

// conditions compares each model with itself under shift and attack, and ranks
// under each condition with clean ranks.
func conditions(f *Folder, e *Experiment) {
	d := &Conditions{}
	var columns []*column
	for _, id := range conditionMetrics {
		if c := f.column(id); c != nil && c.at >= 0 {
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
		e.missingSentence("tables of the same models under shift or attack: conditions other than %s, with labels", f.view.Choice.Condition)
		return
	}
	slices.SortStableFunc(d.Settings, func(a, b Condition) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Severity, b.Severity))
	})
	for _, s := range f.models {
		d.Models = append(d.Models, s.row.Model)
	}
	f.gatherConditions(d, columns)
	f.compareConditions(d, columns)
	e.Data = d
	e.Tables = []Table{changeTable("conditions", "condition_name", d.Changes), d.rankTable(), d.modelTable()}
	if len(d.Regimes) > 0 {
		e.Tables = append(e.Tables, changeTable("conditions-regimes", "regime", d.Regimes))
	}
	if d.SameSamples {
		e.noteSentence("clean values are over the samples that the condition's table has")
	} else {
		e.noteSentence("clean values are over all clean samples: which of them a condition's table holds is not known")
	}
	f.noteIntervals(e, EachModel, false)
	f.conditionClaims(e, d)
}

// judged reports whether any model has one of the metrics in a setting.
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

// gatherConditions fills in the values, clean ones over the same samples.
func (f *Folder) gatherConditions(d *Conditions, columns []*column) {
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
	harness.Parallel(len(f.models), func(i int) {
		subsets := map[string][]float64{} // clean values by the samples they are over
		for s, in := range d.Settings {
			row := f.under(f.models[i], setting{in.Split, in.Name})
			if row == nil {
				continue
			}
			clean := f.cleanOn(i, row, columns, subsets)
			for m, c := range columns {
				d.Under[s][m][i] = row.Cells[c.at].Value
				d.Clean[s][m][i] = clean[m]
			}
		}
	})
}

// cleanOn are a model's clean values over the samples of another of its tables;
// over all samples where the folder keeps none.
func (f *Folder) cleanOn(i int, row *harness.Row, columns []*column, known map[string][]float64) []float64 {
	whole := make([]float64, len(columns))
	for m, c := range columns {
		whole[m] = c.Values[i]
	}
	if !f.stored {
		return whole
	}
	_, ids, err := f.results.Samples(row.Key)
	if err != nil {
		f.fail(err)
		return whole
	}
	key := sampleKey(ids, row.N)
	if v := known[key]; v != nil {
		return v
	}
	o, all, err := f.results.Samples(f.models[i].row.Key)
	if err != nil {
		f.fail(err)
		return whole
	}
	rows := rowsOf(all, ids)
	if rows == nil || len(rows) == o.N() {
		known[key] = whole
		return whole
	}
	part := o.Take(rows)
	r := metrics.Rank(part, part.Confidence(f.models[i].row.Confidence))
	values := make([]float64, len(columns))
	for m, c := range columns {
		values[m] = c.measure.Of(r).Value
	}
	known[key] = values
	return values
}

// sampleKey names a set of samples, which are in the order of their ids.
func sampleKey(ids datasets.IDs, n int) string {
	switch {
	case len(ids.Int) > 0:
		return fmt.Sprint("i", n, ids.Int)
	case len(ids.Text) > 0:
		return fmt.Sprintf("t%d%q", n, ids.Text)
	}
	return strconv.Itoa(n)
}

// rowsOf finds samples by their ids among others; both are in the order of ids.
// It is nil unless all are found.
func rowsOf(all, some datasets.IDs) []int32 {
	var rows []int32
	switch {
	case len(all.Int) > 0 && len(some.Int) > 0:
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
	var list, regimes []contrast
	pairs, order := f.regimePairs(&Experiment{})
	for s, in := range d.Settings {
		for m, c := range columns {
			clean, under := &column{ID: c.ID, Values: d.Clean[s][m]}, &column{ID: c.ID, Better: c.Better, Values: d.Under[s][m]}
			var p pairing
			for i, name := range d.Models {
				if v := under.Values[i] - clean.Values[i]; !math.IsNaN(v) && !math.IsInf(v, 0) {
					p.names, p.unit, p.values = append(p.names, name), append(p.unit, name), append(p.values, v)
				}
			}
			list = append(list, contrast{in.Name, in.Name, c, p})
			for _, regime := range order {
				regimes = append(regimes, contrast{regime, in.Name, c, f.pairUp(under, pairs[regime])})
			}
			if r, ok := correlate(clean, under, f.every(), in.Name, f.level); ok {
				r.A, r.B = c.ID, c.ID+"["+in.Name+"]"
				d.Ranks = append(d.Ranks, r)
			}
		}
	}
	d.Changes, d.Regimes = f.describe(list), f.describe(regimes)
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

// conditionClaims states for each kind what its highest severity does, and how
// far clean ranks hold under it.
func (f *Folder) conditionClaims(e *Experiment, d *Conditions) {
	var lowest, highest *Correlation
	for k := range d.Ranks {
		r := &d.Ranks[k]
		if r.A != "aurc" {
			continue
		}
		if lowest == nil || r.Spearman < lowest.Spearman {
			lowest = r
		}
		if highest == nil || r.Spearman > highest.Spearman {
			highest = r
		}
	}
	if lowest != nil && lowest != highest {
		e.findSentence(true, lowest.N, "model", fmt.Sprintf("%s intervals over new models, these samples", percent(f.level)),
			"ranks by AURC under shift and attack agree with clean ranks by Spearman %s under %s, the least, to %s under %s, the most",
			correlated(lowest.Spearman, lowest.SpearmanIn), lowest.Scope, correlated(highest.Spearman, highest.SpearmanIn), highest.Scope)
	}
	for k, in := range d.Settings {
		if k+1 < len(d.Settings) && d.Settings[k+1].Kind == in.Kind {
			continue // not the highest severity of its kind
		}
		for _, c := range d.Changes {
			if c.Treatment != in.Name || c.Metric == "nll" {
				continue
			}
			e.findSentence(false, len(c.Values), "model", c.evidence(), "under %s %s changes by %s (median), to the worse for %d of %d models%s", in.Name,
				f.column(c.Metric).Label, c.effect(), c.Worse(), len(c.Values), c.unproven(f.level))
		}
	}
	f.regimeUnderConditions(e, d)
}

// regimeUnderConditions says which regimes are proven better or worse than their
// base twins under conditions.
func (f *Folder) regimeUnderConditions(e *Experiment, d *Conditions) {
	var proven []string
	pairs := 0
	for _, c := range d.Regimes {
		pairs += len(c.Values)
		if c.P <= 1-f.level {
			proven = append(proven, fmt.Sprintf("%s, %s under %s: %s", c.Treatment, f.column(c.Metric).Label, c.Setting, c.effect()))
		}
	}
	if len(d.Regimes) == 0 {
		return
	}
	by := fmt.Sprintf("Wilcoxon with Holm over %s at %s", plural(len(d.Regimes), "test"), percent(1-f.level))
	if proven == nil {
		most, claim := 0, "under no condition is a regime told apart from its base twins"
		for _, c := range d.Regimes {
			most = max(most, c.Units)
		}
		if math.Pow(2, float64(1-most))*float64(len(d.Regimes)) > 1-f.level { // the least p-value that the test can give
			claim += fmt.Sprintf(": with at most %s for a regime and this many tests, none could be", plural(most, "pair"))
		}
		e.findSentence(false, pairs, "pair", by, "%s", claim)
		return
	}
	e.findSentence(false, pairs, "pair", by, "told apart from their base twins are %s", names(firstOf(proven, 12)))
}
