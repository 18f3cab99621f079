package study

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/metrics"
)

// Regimes is what experiment E4 found: the changes by regime and metric.
type Regimes struct {
	Regimes []string // with a pair, by name
	Metrics []string // ids
	Labels  []string // of the metrics
	Better  []metrics.Direction
	Changes []Changes
}

// headMetrics are those whose changes stand on the first page.
var headMetrics = []string{"accuracy", "auroc", "aurc", "sac@0.95", "ece@15", standIn}

// regimes is E4: each model of a training regime against its base, the vanilla
// twin of the same architecture and size.
func regimes(f *Folder, e *Experiment) {
	pairs, order := f.regimePairs(e)
	if len(order) == 0 {
		e.missing("no model has metadata \"regime\" and a \"base\" among the models: the manifest's columns regime and base say which twin was trained plainly")
		return
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
	e.note("change = with the regime less its base twin, on the same samples; pairs that share a base form one unit")
	f.intervalsNote(e, "base twins", f.replicates() > 0)
	if f.replicates() > 0 && slices.Contains(data.Metrics, "ece@15") {
		e.note("calibration errors of replicates are biased upwards, more where a model is better calibrated: intervals of their changes over new samples lean towards 0")
	}
	for _, c := range columns {
		f.regimeClaim(e, c, data.Changes, slices.Contains(headMetrics, c.ID))
	}
}

// regimePairs lists the pairs of each regime, and the regimes by name.
func (f *Folder) regimePairs(e *Experiment) (map[string][]pair, []string) {
	pairs := map[string][]pair{}
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
		e.missing("%s no base among the compared models", plural2(absent, "model has", "models have"))
	}
	if round > 0 {
		e.missing("%s itself for base, or a base whose base it is: left out", plural2(round, "model has", "models have"))
	}
	var order []string
	for regime := range pairs {
		order = append(order, regime)
	}
	slices.Sort(order)
	return pairs, order
}

// mostTreatments is how many regimes a sentence names; the others are counted.
const mostTreatments = 5

// regimeClaim states for a metric which regimes change it beyond chance, the
// largest changes first.
func (f *Folder) regimeClaim(e *Experiment, c *column, changes []Changes, headline bool) {
	var better, worse, here []Changes
	tests, pairs, open := 0, 0, 0
	for _, x := range changes {
		if x.Metric != c.ID {
			continue
		}
		tests++
		pairs += len(x.Values)
		switch {
		case !(x.P <= 1-f.level):
			open++
		case !x.sure():
			here = append(here, x)
		case x.Median*c.improves() > 0:
			better = append(better, x)
		default:
			worse = append(worse, x)
		}
	}
	if tests == 0 {
		return
	}
	var parts []string
	if better != nil {
		parts = append(parts, fmt.Sprintf("%s improves with %s", c.Label, treatments(better)))
	}
	if worse != nil {
		parts = append(parts, fmt.Sprintf("%s gets worse with %s", c.Label, treatments(worse)))
	}
	if parts == nil {
		parts = append(parts, fmt.Sprintf("no regime is shown to change %s", c.Label))
	} else if open > 0 {
		parts = append(parts, fmt.Sprintf("nothing is proven for the other %s", plural(open, "regime")))
	}
	if here != nil {
		parts = append(parts, fmt.Sprintf("sure for these samples, but not for new ones, are the changes with %s", treatments(here)))
	}
	by := fmt.Sprintf("median change against the base twin; Wilcoxon with Holm over %s at %s; intervals over %s",
		plural(len(changes), "test"), percent(1-f.level), f.reach())
	e.find(headline, pairs, "pair", by, "%s", strings.Join(parts, "; "))
}

// treatments names changes with their effects, the largest first.
func treatments(list []Changes) string {
	slices.SortStableFunc(list, func(a, b Changes) int { return cmp.Compare(math.Abs(b.Median), math.Abs(a.Median)) })
	var words []string
	for k, x := range list {
		if k == mostTreatments {
			words = append(words, plural(len(list)-k, "further regime"))
			break
		}
		words = append(words, fmt.Sprintf("%s %s, %d of %d better", x.Treatment, x.effect(), x.Better, len(x.Values)))
	}
	return names(words)
}

// reach is what the widest intervals of changes generalise to.
func (f *Folder) reach() string {
	if f.replicates() > 0 {
		return "new models and new samples"
	}
	return "new models, these samples"
}

// pairTable lists every single change, absolute and as a share of the value
// without the treatment.
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
