package study

import (
	"fmt"
	"math"

	"abstain/metrics"
	"abstain/metrics/stattest"
)

// Families is what the experiment families found.
type Families struct {
	Families []string
	Metrics  []string
	Labels   []string
	Better   []metrics.Direction
	Rows     []FamilyMetric
	Size     []Correlation // of the number of parameters with each metric
	Points   *Scatter      // models by number of parameters and AUROC; nil if these are not known
}

// FamilyMetric is one metric over the models of one family.
type FamilyMetric struct {
	Family, Metric string
	N              int
	Values         []float64
	Median         float64
	Quartiles      [2]float64
	Others         float64 // the median of all other models
	Superior       float64 // probability that a model of the family has the larger value than one of the others, ties one half
	MannWhitney    stattest.Result
	P              float64 // by Holm over all families and metrics
}

// leastFamily is the number of models from which a family is tested.
const leastFamily = 3

// families compares architecture families, and size inside and across them.
func families(f *Folder, e *Experiment) {
	order, members := f.by("family")
	if len(order) < 2 {
		e.missingSentence("families need metadata \"family\" with two values or more")
	} else {
		f.compareFamilies(e, order, members)
	}
	f.size(e, order, members)
}

func (f *Folder) compareFamilies(e *Experiment, order []string, members map[string][]int) {
	d := &Families{Families: order}
	columns := f.axes()
	if c := f.column("overconfidence"); c != nil && c.known() > 0 {
		columns = append(columns, c)
	}
	columns = append(columns, f.outsideAxes()...)
	for _, c := range columns {
		d.Metrics, d.Labels, d.Better = append(d.Metrics, c.ID), append(d.Labels, c.Label), append(d.Better, c.Better)
		for _, name := range order {
			if x, ok := f.family(name, members[name], c); ok {
				d.Rows = append(d.Rows, x)
			}
		}
	}
	ps := make([]float64, len(d.Rows))
	tests := 0
	for k, x := range d.Rows {
		ps[k] = math.NaN()
		if x.N >= leastFamily {
			ps[k] = x.MannWhitney.P
			tests++
		}
	}
	t := Table{Name: "families", Columns: []string{"family", "metric", "n", "median", "quartile_1", "quartile_3", "median_of_others", "superiority", "mann_whitney_p", "holm_p"}}
	for k, p := range stattest.Holm(ps) {
		x := &d.Rows[k]
		x.P = p
		t.add(x.Family, x.Metric, x.N, x.Median, x.Quartiles[0], x.Quartiles[1], x.Others, x.Superior, x.MannWhitney.P, x.P)
	}
	e.Data, e.Tables = d, append(e.Tables, t)
	e.noteSentence("each family of %d models or more against all other models by the Mann-Whitney test, Holm over %s; superiority is the probability that a model of the family has the larger value than one of the others", leastFamily, plural(tests, "test"))
	for _, c := range columns {
		if c.Better != metrics.None {
			f.familyClaim(e, d, c, tests)
		}
	}
}

// family describes one family by one metric; ok is false if no model has it.
func (f *Folder) family(name string, members []int, c *column) (x FamilyMetric, ok bool) {
	in := map[int]bool{}
	for _, i := range members {
		in[i] = true
	}
	var others []float64
	for i, v := range c.Values {
		switch {
		case math.IsNaN(v):
		case in[i]:
			x.Values = append(x.Values, v)
		default:
			others = append(others, v)
		}
	}
	x.Family, x.Metric, x.N = name, c.ID, len(x.Values)
	sorted := ordered(x.Values)
	x.Median, x.Quartiles, x.Others = quantile(sorted, 0.5), [2]float64{quantile(sorted, 0.25), quantile(sorted, 0.75)}, median(others)
	x.MannWhitney = stattest.MannWhitney(x.Values, others)
	x.Superior = x.MannWhitney.Statistic / float64(x.N*len(others))
	return x, x.N > 0
}

func (f *Folder) familyClaim(e *Experiment, d *Families, c *column, tests int) {
	var better, worse []string
	models := 0
	for _, x := range d.Rows {
		if x.Metric != c.ID {
			continue
		}
		models += x.N
		if !(x.P <= 1-f.level) {
			continue
		}
		text := fmt.Sprintf("%s (median %s against %s, n = %d)", x.Family, plain(x.Median), plain(x.Others), x.N)
		if (x.Superior-0.5)*c.improves() > 0 {
			better = append(better, text)
		} else {
			worse = append(worse, text)
		}
	}
	by := fmt.Sprintf("Mann-Whitney against all other models, Holm over %s at %s", plural(tests, "test"), percent(1-f.level))
	switch {
	case better == nil && worse == nil:
		e.findSentence(false, models, "model", by, "by %s no family differs from the others beyond chance", c.Label)
	case worse == nil:
		e.findSentence(false, models, "model", by, "by %s better than the others: %s", c.Label, names(better))
	case better == nil:
		e.findSentence(false, models, "model", by, "by %s worse than the others: %s", c.Label, names(worse))
	default:
		e.findSentence(false, models, "model", by, "by %s better than the others: %s; worse: %s", c.Label, names(better), names(worse))
	}
}

// size sets the number of parameters against the metrics, over all models and
// inside families.
func (f *Folder) size(e *Experiment, order []string, members map[string][]int) {
	params := &column{ID: "params", Label: "parameters", Values: undefined(len(f.models))}
	for i := range f.models {
		if v := f.params(i); v > 0 {
			params.Values[i] = v
		}
	}
	if params.known() < leastCorrelated {
		e.missingSentence("size against metrics: fewer than %d models have metadata \"params\"", leastCorrelated)
		return
	}
	var rows []Correlation
	var ps []float64
	add := func(c *column, in []int, scope string) {
		if r, ok := correlate(params, c, in, scope, f.level); ok {
			rows, ps = append(rows, r), append(ps, r.P)
		}
	}
	for _, c := range f.axes() {
		add(c, f.every(), "all")
		for _, name := range order {
			add(c, members[name], name)
		}
	}
	t := Table{Name: "size", Columns: []string{"metric", "scope", "n", "spearman", "spearman_lo", "spearman_hi", "p", "holm_p"}}
	adjusted := stattest.Holm(ps)
	for k, r := range rows {
		t.add(r.B, r.Scope, r.N, r.Spearman, r.SpearmanIn.Lo, r.SpearmanIn.Hi, r.P, adjusted[k])
	}
	e.Tables = append(e.Tables, t)
	if d, ok := e.Data.(*Families); ok {
		d.Size = rows
		if c := f.column("auroc"); c != nil {
			d.Points = f.scatter(params, c)
		}
	}
	f.sizeClaims(e, rows, adjusted)
}

func (f *Folder) sizeClaims(e *Experiment, rows []Correlation, adjusted []float64) {
	for _, c := range f.axes() {
		var whole string
		var up, down []string
		n := 0
		for k, r := range rows {
			switch {
			case r.B != c.ID:
			case r.Scope == "all":
				whole, n = correlated(r.Spearman, r.SpearmanIn), r.N
				if !f.related(r, adjusted[k]) {
					whole += ", not beyond chance"
				}
			case f.related(r, adjusted[k]) && r.Spearman > 0:
				up = append(up, fmt.Sprintf("%s %s", r.Scope, correlated(r.Spearman, r.SpearmanIn)))
			case f.related(r, adjusted[k]):
				down = append(down, fmt.Sprintf("%s %s", r.Scope, correlated(r.Spearman, r.SpearmanIn)))
			}
		}
		if whole == "" {
			continue
		}
		claim := fmt.Sprintf("Spearman(parameters, %s) = %s over all models", c.Label, whole)
		if up != nil {
			claim += "; inside families above 0 in " + names(up)
		}
		if down != nil {
			claim += "; inside families below 0 in " + names(down)
		}
		e.findSentence(false, n, "model", fmt.Sprintf("%s intervals over new models; Holm over %s at %s", percent(f.level), plural(len(rows), "test"), percent(1-f.level)), "%s", claim)
	}
}
