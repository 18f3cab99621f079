package study

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"

	"abstain/harness/pool"
	"abstain/metrics/stattest"
)

const (
	leastCorrelated = 5 // models of a correlation
	leastRelated    = 6 // units, at least in effect, of a correlation with an interval
)

// Correlation holds the correlations of two metrics over models.
type Correlation struct {
	A, B   string  // ids of the metrics
	Scope  string  // "all", or the family whose models it is over
	Regime string  // of the family's models, where it has several; "" for all of them
	N      int     // models with both values
	Units  int     // independent observations among them
	Pooled float64 // Spearman over all regimes of the family; NaN where there are no others

	Spearman, Kendall, Pearson       float64
	SpearmanIn, KendallIn, PearsonIn Bounds
	P                                float64 // of no rank correlation of the means of units, two-sided; NaN for too few
}

// noCorrelation is the undefined correlation: that of too few models, or of a constant.
var noCorrelation = Correlation{Spearman: math.NaN(), Kendall: math.NaN(), Pearson: math.NaN(),
	SpearmanIn: noBounds, KendallIn: noBounds, PearsonIn: noBounds, P: math.NaN(), Pooled: math.NaN()}

// Defined reports whether there were enough models for a correlation.
func (c Correlation) Defined() bool { return !math.IsNaN(c.Spearman) }

// Correlations is what the experiment correlations found.
type Correlations struct {
	Metrics []string // ids of the metrics whose correlations over all models are a matrix
	All     map[[2]string]Correlation
	Rows    []Correlation // over all models and inside families
	Ranking *Rankings
}

// Correlated is the rank correlation of two metrics over all models.
type Correlated struct {
	A, B     string // ids of the metrics
	Spearman float64
	In       Bounds
}

// SignsByFamily says inside which families two metrics are correlated beyond chance, and
// with which sign.
type SignsByFamily struct {
	A, B         string // ids of the metrics
	Above, Below []Correlation
	TooFew       int // correlations of so few units that they could not be beyond chance
}

// TooFewMetrics says that there are fewer than two metrics to correlate.
type TooFewMetrics struct {
	Have  int
	Least int // models that have to have a value
}

// NoFamilies says that the models have no families to correlate in.
type NoFamilies struct{}

// FisherIntervals says how intervals of correlations are made.
type FisherIntervals struct{}

func (Correlated) claim()      {}
func (SignsByFamily) claim()   {}
func (TooFewMetrics) missing() {}
func (NoFamilies) missing()    {}
func (FisherIntervals) note()  {}

// basis is the evidence for a claim of Spearman's correlation.
func (c Correlation) basis(level float64) Basis {
	b := Basis{Tests: []Test{c.test()}}
	if c.SpearmanIn.Defined() {
		b.Intervals = []Interval{{Method: FisherTransform, Level: level, Over: NewModels}}
	}
	return b
}

func (c Correlation) test() Test { return Test{Method: SpearmanTest, Raw: c.P, P: c.P, Units: c.Units} }

// correlate is correlate of the folder's models in their units, at the level of the study.
func (f *Folder) correlate(a, b *column, members []int, scope string) (Correlation, bool) {
	return correlate(a, b, members, f.unitOf, scope, f.level)
}

// correlate sets two columns against each other over some models; ok is false, and
// the correlation is not defined, if fewer than leastCorrelated have both or one of
// them is constant.
//
// Intervals are by Fisher's transform: with the variance (1 + r^2/2)/(n - 3) for
// Spearman's and 0.437/(n - 4) for Kendall's correlation (Bonett and Wright 2000;
// Fieller, Hartley and Pearson 1957), 1/(n - 3) for Pearson's. They take
// the units of the models for a random sample of all possible units: n is the effective
// number of units, as if the models of one unit were all alike. From leastRelated on there
// are intervals; in simulations of joint normal values with units of up to 20 models they
// held the correlation in 97 to 100 % (TestCorrelationIntervalsOfUnits). The test is that of
// the means of units.
func correlate(a, b *column, members []int, unitOf func(i int) string, scope string, level float64) (c Correlation, ok bool) {
	x, y, units := both(a, b, members, unitOf)
	c = noCorrelation
	c.A, c.B, c.Scope, c.N, c.Units = a.ID, b.ID, scope, len(x), len(units)
	if c.N < leastCorrelated {
		return c, false
	}
	// Spearman's is Pearson's of the ranks; its p-value over the models is not wanted, and
	// would take long where it is exact.
	s, k, p := stattest.Pearson(stattest.MidRanks(x), stattest.MidRanks(y)), stattest.Kendall(x, y), stattest.Pearson(x, y)
	if math.IsNaN(s.Statistic) {
		return c, false
	}
	c.Spearman, c.Kendall, c.Pearson = whole(s.Statistic), whole(k.Statistic), whole(p.Statistic)
	if len(units) >= leastCorrelated {
		c.P = stattest.Spearman(unitMeans(x, units), unitMeans(y, units)).P
	}
	n := effective(units)
	if n < leastRelated-1e-9 {
		return c, true
	}
	c.SpearmanIn = fisher(c.Spearman, func(r float64) float64 { return (1 + r*r/2) / (n - 3) }, 12/(n*(n*n-1)), level)
	c.KendallIn = fisher(c.Kendall, func(float64) float64 { return 0.437 / (n - 4) }, 4/(n*(n-1)), level)
	c.PearsonIn = fisher(c.Pearson, func(float64) float64 { return 1 / (n - 3) }, 0, level)
	return c, true
}

// both are the values of two columns for the models that have both, finite, and the
// places of each unit among them.
func both(a, b *column, members []int, unitOf func(i int) string) (x, y []float64, units [][]int) {
	var names []string
	for _, i := range members {
		if v, w := a.Values[i], b.Values[i]; !math.IsNaN(v-w) && !math.IsInf(v, 0) && !math.IsInf(w, 0) {
			x, y, names = append(x, v), append(y, w), append(names, unitOf(i))
		}
	}
	return x, y, grouped(names)
}

// fisher is an interval of a correlation by the inverse hyperbolic tangent. The interval
// of a correlation of exactly 1 or -1 would have no width. Its inner bound is therefore
// that of the next possible value, which is nearer to 0 by step; if step is 0, the
// interval is the point.
func fisher(r float64, variance func(r float64) float64, step, level float64) Bounds {
	if math.IsNaN(r) {
		return noBounds
	}
	inner := r
	if math.Abs(r) == 1 {
		if step == 0 {
			return Bounds{r, r}
		}
		inner = math.Copysign(1-step, r)
	}
	half := stattest.NormalReach(level) * math.Sqrt(variance(inner))
	b := Bounds{math.Tanh(math.Atanh(inner) - half), math.Tanh(math.Atanh(inner) + half)}
	if r == 1 {
		b.Hi = 1
	}
	if r == -1 {
		b.Lo = -1
	}
	return b
}

// whole rounds a correlation to 1 or -1 if only rounding errors keep it from that.
func whole(r float64) float64 {
	if math.Abs(r) > 1-1e-14 {
		return math.Copysign(1, r)
	}
	return r
}

// every lists all models by index.
func (f *Folder) every() []int {
	all := make([]int, len(f.models))
	for i := range all {
		all[i] = i
	}
	return all
}

// varied are the columns that can be correlated: those whose values are known for enough
// models and are not all equal.
func (f *Folder) varied() []*column {
	return slices.DeleteFunc(slices.Clone(f.columns), func(c *column) bool {
		v := ordered(c.Values)
		return len(v) < leastCorrelated || v[0] == v[len(v)-1]
	})
}

// correlations correlates all metrics with each other, over all models and inside
// families, and says how the ranking of the models changes with the metric.
func correlations(_ context.Context, f *Folder) (Experiment, error) {
	var e Experiment
	columns := f.varied()
	if len(columns) < 2 {
		e.missing(TooFewMetrics{Have: len(columns), Least: leastCorrelated})
		return e, nil
	}
	data := &Correlations{All: map[[2]string]Correlation{}}
	scopes := append([]scope{{name: "all", members: f.every()}}, f.scopes()...)
	found := make([][]Correlation, len(scopes))
	pool.Each(len(scopes), func(k int) {
		for i, a := range columns {
			for _, b := range columns[i+1:] {
				if c, ok := f.correlateIn(a, b, scopes[k]); ok {
					found[k] = append(found[k], c)
				}
			}
		}
	})
	for k, list := range found {
		data.Rows = append(data.Rows, list...)
		if k == 0 {
			for _, c := range list {
				data.All[[2]string{c.A, c.B}], data.All[[2]string{c.B, c.A}] = c, c
			}
		}
	}
	for _, c := range f.matrixColumns() {
		data.Metrics = append(data.Metrics, c.ID)
	}
	e.Data = data
	e.Tables = append(e.Tables, correlationTable(data.Rows))
	e.note(FisherIntervals{})
	if len(scopes) == 1 {
		e.missing(NoFamilies{})
	}
	f.mainCorrelations(&e, data)
	f.familySigns(&e, data)
	var err error
	data.Ranking, err = f.rankings(&e)
	return e, err
}

// matrixColumns are the columns of the heat map: the axes, and telling new classes
// from known ones.
func (f *Folder) matrixColumns() []*column {
	varied := f.varied()
	return slices.DeleteFunc(append(slices.Clone(f.axes()), f.outsideAxes()...), func(c *column) bool { return !slices.Contains(varied, c) })
}

func correlationTable(rows []Correlation) Table {
	t := Table{Name: "correlations", Columns: []string{"metric_a", "metric_b", "scope", "n", "spearman", "spearman_lo", "spearman_hi",
		"kendall", "kendall_lo", "kendall_hi", "spearman_p", "pearson", "pearson_lo", "pearson_hi", "regime", "units"}}
	for _, c := range rows {
		t.add(c.A, c.B, c.Scope, c.N, c.Spearman, c.SpearmanIn.Lo, c.SpearmanIn.Hi, c.Kendall, c.KendallIn.Lo, c.KendallIn.Hi,
			c.P, c.Pearson, c.PearsonIn.Lo, c.PearsonIn.Hi, c.Regime, c.Units)
	}
	return t
}

// mainCorrelations states those between accuracy, ranking and calibration.
func (f *Folder) mainCorrelations(e *Experiment, data *Correlations) {
	claims := 0
	for _, pair := range f.mainPairs() {
		a, b := f.column(pair[0]), f.column(pair[1])
		if a == nil || b == nil {
			continue
		}
		c, ok := data.All[[2]string{a.ID, b.ID}]
		if !ok {
			continue
		}
		claims++
		e.find(Finding{Claim: Correlated{a.ID, b.ID, c.Spearman, c.SpearmanIn}, Basis: c.basis(f.level), N: c.N, Of: Models, Headline: claims <= 2})
	}
}

func (f *Folder) mainPairs() [][2]string {
	ece := "ece@15"
	if f.column(ece) == nil {
		ece = standIn
	}
	pairs := [][2]string{{"accuracy", "auroc"}, {"auroc", ece}, {"accuracy", ece}, {"accuracy", "aurc"}, {"aurc", "auroc"}, {"aurc", ece}}
	for _, c := range f.outsideAxes() {
		pairs = append(pairs, [2]string{"accuracy", c.ID}, [2]string{"auroc", c.ID})
	}
	return pairs
}

// familySigns says in which families ranking and calibration are correlated, and with
// which sign. In a family of several training regimes each regime is looked at by itself,
// for a regime that changes both metrics makes a correlation of its own.
func (f *Folder) familySigns(e *Experiment, data *Correlations) {
	ece, auroc := f.calibration(), f.column("auroc")
	if ece == nil || auroc == nil {
		return
	}
	var inside []Correlation
	for _, c := range data.Rows {
		if c.Scope != "all" && !c.pooled(data.Rows) && (c.A == auroc.ID && c.B == ece.ID || c.A == ece.ID && c.B == auroc.ID) {
			inside = append(inside, c)
		}
	}
	if len(inside) == 0 {
		return
	}
	claim, models := SignsByFamily{A: auroc.ID, B: ece.ID}, 0
	adjusted, few := f.adjustCorrelations(inside)
	for k, c := range inside {
		models += c.N
		switch {
		case few[k]:
			claim.TooFew++
		case !f.related(c, adjusted[k]):
		case c.Spearman > 0:
			claim.Above = append(claim.Above, c)
		default:
			claim.Below = append(claim.Below, c)
		}
	}
	e.find(Finding{Claim: claim, N: models, Of: Models, Headline: claim.Above != nil && claim.Below != nil, Basis: Basis{
		Tests:     []Test{{Method: SpearmanTest, Raw: math.NaN(), P: math.NaN(), Level: f.level, Family: Family{Holm, len(inside), "family"}}},
		Intervals: []Interval{{Method: FisherTransform, Level: f.level, Over: NewModels}}}})
}

// pooled reports whether other rows are of the regimes of the correlation's family.
func (c Correlation) pooled(rows []Correlation) bool {
	return c.Regime == "" && slices.ContainsFunc(rows, func(r Correlation) bool { return r.Scope == c.Scope && r.Regime != "" })
}

// adjustCorrelations adjusts the p-values of correlations over each other, and says which
// are of too few units to be beyond chance whatever their order.
func (f *Folder) adjustCorrelations(list []Correlation) (adjusted []float64, few []bool) {
	family := make([]trial, len(list))
	for k, c := range list {
		family[k] = trial{c.P, leastSpearman(c.Units)}
	}
	adjusted, few = holm(family), make([]bool, len(list))
	for k, c := range list {
		few[k] = !(adjusted[k] <= 1-f.level) && (!c.SpearmanIn.Defined() || hopeless(family, k, family[k].least, f.level))
	}
	return adjusted, few
}

// related reports whether a correlation differs from 0 both by its adjusted p-value and
// by its interval. These are different approximations, which may disagree for few
// models; then nothing is claimed.
func (f *Folder) related(c Correlation, adjusted float64) bool {
	return adjusted <= 1-f.level && (c.SpearmanIn.Lo > 0 || c.SpearmanIn.Hi < 0)
}

// outsideAxes are at most three of the columns of telling new classes from known ones,
// so that they do not crowd out the others: the first, the middle and the last by kind
// of condition and level, whatever their order in the folder.
func (f *Folder) outsideAxes() []*column {
	var list []*column
	for _, c := range f.columns {
		if len(c.ID) > 10 && c.ID[:10] == "ood-auroc[" {
			list = append(list, c)
		}
	}
	slices.SortStableFunc(list, func(a, b *column) int {
		kind, level := kindOf(strings.TrimSuffix(a.ID, "]"))
		other, its := kindOf(strings.TrimSuffix(b.ID, "]"))
		return cmp.Or(cmp.Compare(kind, other), cmp.Compare(level, its))
	})
	if n := len(list); n > 3 {
		return []*column{list[0], list[n/2], list[n-1]}
	}
	return list
}
