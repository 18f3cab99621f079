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
	N, Units       int
	Values         []float64
	Median         float64
	Quartiles      [2]float64
	Others         float64         // the median of all other models
	Superior       float64         // probability that a unit of the family has the larger mean than one of the others, ties one half
	MannWhitney    stattest.Result // of the means of units
	P              float64         // by Holm over the families of the metric; NaN if it is not tested
	TooFew         bool            // units of it to be told apart, or others than its own

	least float64 // the least p-value of so many units
}

// SeparableFamilies says which families differ from all other models in a metric beyond
// chance.
type SeparableFamilies struct {
	Metric        string // id
	Better, Worse []FamilyMetric
	TooFew        int // families of too few units to be told apart
}

// SizeCorrelated holds the rank correlations of a metric with the number of parameters.
type SizeCorrelated struct {
	Metric       string        // id
	All          Correlation   // over all models
	Beyond       bool          // it is beyond chance over all models
	Above, Below []Correlation // inside the families, or their regimes, where it is beyond chance
	TooFew       int           // of those with too few units for that

	tests int // that the p-values are adjusted over
}

// TooFewFamilies says that there are no two families to compare.
type TooFewFamilies struct{}

// SizesUnknown says that too few models name their number of parameters.
type SizesUnknown struct{ Least int }

// FamilyTests says how families are compared with all other models.
type FamilyTests struct {
	Least int // units of a family that is tested
}

func (SeparableFamilies) claim() {}
func (SizeCorrelated) claim()    {}
func (TooFewFamilies) missing()  {}
func (SizesUnknown) missing()    {}
func (FamilyTests) note()        {}

// leastFamily is the least number of units of a family that is tested.
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
	f.size(&e)
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
	t := Table{Name: "families", Columns: []string{"family", "metric", "n", "median", "quartile_1", "quartile_3", "median_of_others", "superiority", "mann_whitney_p", "holm_p", "units"}}
	for _, c := range columns {
		f.adjustFamilies(d, c)
	}
	for _, x := range d.Rows {
		t.add(x.Family, x.Metric, x.N, x.Median, x.Quartiles[0], x.Quartiles[1], x.Others, x.Superior, x.MannWhitney.P, x.P, x.Units)
	}
	e.Data, e.Tables = d, append(e.Tables, t)
	e.note(FamilyTests{leastFamily})
	for _, c := range columns {
		if c.Better != metrics.None {
			f.familyClaim(e, d, c)
		}
	}
}

// family describes one family by one metric; ok is false if no model has it. What is
// tested are the means of its units against those of the other units. Models of other
// families that share a unit with it, such as ensembles of its members, depend on it and
// are no others in the test.
func (f *Folder) family(name string, members []int, c *column) (x FamilyMetric, ok bool) {
	in, own := map[int]bool{}, map[string]bool{}
	for _, i := range members {
		in[i], own[f.unitOf(i)] = true, true
	}
	var others, compared []float64
	var units, otherUnits []string
	for i, v := range c.Values {
		switch {
		case math.IsNaN(v):
		case in[i]:
			x.Values, units = append(x.Values, v), append(units, f.unitOf(i))
		default:
			others = append(others, v)
			if !own[f.unitOf(i)] {
				compared, otherUnits = append(compared, v), append(otherUnits, f.unitOf(i))
			}
		}
	}
	x.Family, x.Metric, x.N = name, c.ID, len(x.Values)
	sorted := ordered(x.Values)
	x.Median, x.Quartiles, x.Others = quantile(sorted, 0.5), [2]float64{quantile(sorted, 0.25), quantile(sorted, 0.75)}, median(others)
	inside, outside := unitMeans(x.Values, grouped(units)), unitMeans(compared, grouped(otherUnits))
	x.Units = len(inside)
	x.MannWhitney = stattest.MannWhitney(inside, outside)
	x.Superior = x.MannWhitney.Statistic / float64(len(inside)*len(outside))
	x.least = leastMannWhitney(len(inside), len(outside))
	return x, x.N > 0
}

// adjustFamilies adjusts the p-values of the families by one metric over each other.
func (f *Folder) adjustFamilies(d *Families, c *column) {
	var places []int
	var family []trial
	for k := range d.Rows {
		x := &d.Rows[k]
		if x.Metric != c.ID {
			continue
		}
		x.P, x.TooFew = math.NaN(), true
		if x.Units >= leastFamily && !math.IsNaN(x.MannWhitney.P) {
			places, family = append(places, k), append(family, trial{x.MannWhitney.P, x.least})
		}
	}
	for j, p := range holm(family) {
		x := &d.Rows[places[j]]
		x.P = p
		x.TooFew = !(p <= 1-f.level) && hopeless(family, j, x.least, f.level)
	}
}

// familyClaim states which families differ from all other models by a metric.
func (f *Folder) familyClaim(e *Experiment, d *Families, c *column) {
	claim, models, tests := SeparableFamilies{Metric: c.ID}, 0, 0
	for _, x := range d.Rows {
		if x.Metric != c.ID {
			continue
		}
		models += x.N
		if !math.IsNaN(x.P) {
			tests++
		}
		switch {
		case x.TooFew:
			claim.TooFew++
		case !(x.P <= 1-f.level):
		case (x.Superior-0.5)*c.improves() > 0:
			claim.Better = append(claim.Better, x)
		default:
			claim.Worse = append(claim.Worse, x)
		}
	}
	test := Test{Method: MannWhitneyTest, Raw: math.NaN(), P: math.NaN(), Level: f.level, Family: Family{Holm, tests, "family"}}
	e.find(Finding{Claim: claim, Basis: Basis{Tests: []Test{test}}, N: models, Of: Models})
}

// size correlates the number of parameters with the metrics, over all models and inside
// families, there over models of one training regime.
func (f *Folder) size(e *Experiment) {
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
	scopes := append([]scope{{name: "all", members: f.every()}}, f.scopes()...)
	for _, c := range f.axes() {
		for _, in := range scopes {
			if r, ok := f.correlateIn(params, c, in); ok {
				rows = append(rows, r)
			}
		}
	}
	t := Table{Name: "size", Columns: []string{"metric", "scope", "n", "spearman", "spearman_lo", "spearman_hi", "p", "holm_p", "regime", "units"}}
	var claims []SizeCorrelated
	for _, c := range f.axes() {
		claim, adjusted := f.sizeClaim(c.ID, rows)
		claims = append(claims, claim)
		for k, r := range rows {
			if r.B == c.ID {
				t.add(r.B, r.Scope, r.N, r.Spearman, r.SpearmanIn.Lo, r.SpearmanIn.Hi, r.P, adjusted[k], r.Regime, r.Units)
			}
		}
	}
	e.Tables = append(e.Tables, t)
	if d, ok := e.Data.(*Families); ok {
		d.Size = rows
		if c := f.column("auroc"); c != nil {
			d.Points = f.scatter(params, c)
		}
	}
	for _, claim := range claims {
		if claim.All.N == 0 {
			continue
		}
		basis := Basis{
			Tests:     []Test{{Method: SpearmanTest, Raw: math.NaN(), P: math.NaN(), Level: f.level, Family: Family{Holm, claim.tests, "correlation"}}},
			Intervals: []Interval{{Method: FisherTransform, Level: f.level, Over: NewModels}}}
		e.find(Finding{Claim: claim, Basis: basis, N: claim.All.N, Of: Models})
	}
}

// sizeClaim collects the correlations of size with a metric, and adjusts their p-values
// over each other; those pooled over the regimes of a family are not tested. All is zero
// if there is none over all models.
func (f *Folder) sizeClaim(metric string, rows []Correlation) (claim SizeCorrelated, adjusted []float64) {
	claim.Metric = metric
	var list []Correlation
	var places []int
	for k, r := range rows {
		if r.B == metric && !r.pooled(rows) {
			list, places = append(list, r), append(places, k)
		}
	}
	adjusted = undefined(len(rows))
	ps, few := f.adjustCorrelations(list)
	claim.tests = len(list)
	for j, r := range list {
		adjusted[places[j]] = ps[j]
		beyond := f.related(r, ps[j])
		switch {
		case r.Scope == "all":
			claim.All, claim.Beyond = r, beyond
		case few[j]:
			claim.TooFew++
		case beyond && r.Spearman > 0:
			claim.Above = append(claim.Above, r)
		case beyond:
			claim.Below = append(claim.Below, r)
		}
	}
	return claim, adjusted
}
