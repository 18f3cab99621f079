package study

import (
	"context"
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

// SeparableFamilies says which families differ from all other models in a metric beyond
// chance.
type SeparableFamilies struct {
	Metric        string // id
	Better, Worse []FamilyMetric
}

// SizeCorrelated holds the rank correlations of a metric with the number of parameters.
type SizeCorrelated struct {
	Metric       string        // id
	All          Correlation   // over all models
	Beyond       bool          // it is beyond chance over all models
	Above, Below []Correlation // inside the families where it is beyond chance
}

// TooFewFamilies says that there are no two families to compare.
type TooFewFamilies struct{}

// SizesUnknown says that too few models name their number of parameters.
type SizesUnknown struct{ Least int }

// FamilyTests says how families are compared with all other models.
type FamilyTests struct {
	Least int // models of a family that is tested
	Tests int
}

func (SeparableFamilies) claim() {}
func (SizeCorrelated) claim()    {}
func (TooFewFamilies) missing()  {}
func (SizesUnknown) missing()    {}
func (FamilyTests) note()        {}

// leastFamily is the least number of models of a family that is tested.
const leastFamily = 3

// families compares architecture families, and size inside and across them.
func families(_ context.Context, f *Folder) (Experiment, error) {
	var e Experiment
	order, members := f.by("family")
	if len(order) < 2 {
		e.missing(TooFewFamilies{})
	} else {
		f.compareFamilies(&e, order, members)
	}
	f.size(&e, order, members)
	return e, nil
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
	e.note(FamilyTests{leastFamily, tests})
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

// familyClaim states which families differ from all other models by a metric.
func (f *Folder) familyClaim(e *Experiment, d *Families, c *column, tests int) {
	claim, models := SeparableFamilies{Metric: c.ID}, 0
	for _, x := range d.Rows {
		if x.Metric != c.ID {
			continue
		}
		models += x.N
		switch {
		case !(x.P <= 1-f.level):
		case (x.Superior-0.5)*c.improves() > 0:
			claim.Better = append(claim.Better, x)
		default:
			claim.Worse = append(claim.Worse, x)
		}
	}
	test := Test{Method: MannWhitneyTest, P: math.NaN(), Level: f.level, Family: Family{Holm, tests, "test"}}
	e.find(Finding{Claim: claim, Basis: Basis{Tests: []Test{test}}, N: models, Of: Models})
}

// size correlates the number of parameters with the metrics, over all models and inside
// families.
func (f *Folder) size(e *Experiment, order []string, members map[string][]int) {
	params := &column{ID: "params", Label: "parameters", Values: undefined(len(f.models))}
	for i := range f.models {
		if v := f.params(i); v > 0 {
			params.Values[i] = v
		}
	}
	if params.known() < leastCorrelated {
		e.missing(SizesUnknown{leastCorrelated})
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

// sizeClaims states for each metric its correlation with size.
func (f *Folder) sizeClaims(e *Experiment, rows []Correlation, adjusted []float64) {
	basis := Basis{
		Tests:     []Test{{Method: SpearmanTest, P: math.NaN(), Level: f.level, Family: Family{Holm, len(rows), "test"}}},
		Intervals: []Interval{{Method: FisherTransform, Level: f.level, Over: NewModels}}}
	for _, c := range f.axes() {
		if claim := f.sizeClaim(c.ID, rows, adjusted); claim.All.N > 0 {
			e.find(Finding{Claim: claim, Basis: basis, N: claim.All.N, Of: Models})
		}
	}
}

// sizeClaim collects the correlations of size with a metric. All is zero if there is
// none over all models.
func (f *Folder) sizeClaim(metric string, rows []Correlation, adjusted []float64) SizeCorrelated {
	claim := SizeCorrelated{Metric: metric}
	for k, r := range rows {
		beyond := f.related(r, adjusted[k])
		switch {
		case r.B != metric:
		case r.Scope == "all":
			claim.All, claim.Beyond = r, beyond
		case beyond && r.Spearman > 0:
			claim.Above = append(claim.Above, r)
		case beyond:
			claim.Below = append(claim.Below, r)
		}
	}
	return claim
}
