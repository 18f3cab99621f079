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

// leastCorrelated is the least number of models for a correlation.
const leastCorrelated = 5

// Correlation holds the correlations of two metrics over models.
type Correlation struct {
	A, B  string // ids of the metrics
	Scope string // "all", or the family whose models it is over
	N     int    // models with both values

	Spearman, Kendall, Pearson       float64
	SpearmanIn, KendallIn, PearsonIn Bounds
	P                                float64 // of no rank correlation, two-sided
}

// noCorrelation is the undefined correlation: that of too few models, or of a constant.
var noCorrelation = Correlation{Spearman: math.NaN(), Kendall: math.NaN(), Pearson: math.NaN(),
	SpearmanIn: noBounds, KendallIn: noBounds, PearsonIn: noBounds, P: math.NaN()}

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
	return Basis{Tests: []Test{{Method: SpearmanTest, P: c.P}}, Intervals: []Interval{{Method: FisherTransform, Level: level, Over: NewModels}}}
}

// correlate sets two columns against each other over some models; ok is false, and
// the correlation is not defined, if fewer than leastCorrelated have both or one of
// them is constant.
//
// Intervals are by Fisher's transform: with the variance (1 + r^2/2)/(n - 3) for
// Spearman's and 0.437/(n - 4) for Kendall's correlation (Bonett and Wright 2000;
// Fieller, Hartley and Pearson 1957), 1/(n - 3) for Pearson's. They treat
// the models as a random sample of all possible models.
func correlate(a, b *column, members []int, scope string, level float64) (c Correlation, ok bool) {
	x, y := both(a, b, members)
	c = noCorrelation
	c.A, c.B, c.Scope, c.N = a.ID, b.ID, scope, len(x)
	if c.N < leastCorrelated {
		return c, false
	}
	s, k, p := stattest.Spearman(x, y), stattest.Kendall(x, y), stattest.Pearson(x, y)
	if math.IsNaN(s.Statistic) {
		return c, false
	}
	n := float64(c.N)
	c.Spearman, c.Kendall, c.Pearson, c.P = whole(s.Statistic), whole(k.Statistic), whole(p.Statistic), s.P
	c.SpearmanIn = fisher(c.Spearman, func(r float64) float64 { return (1 + r*r/2) / (n - 3) }, 12/(n*(n*n-1)), level)
	c.KendallIn = fisher(c.Kendall, func(float64) float64 { return 0.437 / (n - 4) }, 4/(n*(n-1)), level)
	c.PearsonIn = fisher(c.Pearson, func(float64) float64 { return 1 / (n - 3) }, 0, level)
	return c, true
}

// both are the values of two columns for the models that have both, finite.
func both(a, b *column, members []int) (x, y []float64) {
	for _, i := range members {
		if v, w := a.Values[i], b.Values[i]; !math.IsNaN(v-w) && !math.IsInf(v, 0) && !math.IsInf(w, 0) {
			x, y = append(x, v), append(y, w)
		}
	}
	return x, y
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
	families, members := f.by("family")
	scopes := append([]string{"all"}, families...)
	found := make([][]Correlation, len(scopes))
	pool.Each(len(scopes), func(k int) {
		in := f.every()
		if k > 0 {
			in = members[scopes[k]]
		}
		if len(in) < leastCorrelated {
			return
		}
		for i, a := range columns {
			for _, b := range columns[i+1:] {
				if c, ok := correlate(a, b, in, scopes[k], f.level); ok {
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
	if len(families) == 0 {
		e.missing(NoFamilies{})
	}
	f.mainCorrelations(&e, data)
	f.familySigns(&e, data, families)
	data.Ranking = f.rankings(&e)
	return e, nil
}

// matrixColumns are the columns of the heat map: the axes, and telling new classes
// from known ones.
func (f *Folder) matrixColumns() []*column {
	varied := f.varied()
	return slices.DeleteFunc(append(slices.Clone(f.axes()), f.outsideAxes()...), func(c *column) bool { return !slices.Contains(varied, c) })
}

func correlationTable(rows []Correlation) Table {
	t := Table{Name: "correlations", Columns: []string{"metric_a", "metric_b", "scope", "n", "spearman", "spearman_lo", "spearman_hi",
		"kendall", "kendall_lo", "kendall_hi", "spearman_p", "pearson", "pearson_lo", "pearson_hi"}}
	for _, c := range rows {
		t.add(c.A, c.B, c.Scope, c.N, c.Spearman, c.SpearmanIn.Lo, c.SpearmanIn.Hi, c.Kendall, c.KendallIn.Lo, c.KendallIn.Hi,
			c.P, c.Pearson, c.PearsonIn.Lo, c.PearsonIn.Hi)
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
// which sign.
func (f *Folder) familySigns(e *Experiment, data *Correlations, families []string) {
	ece, auroc := f.calibration(), f.column("auroc")
	if ece == nil || auroc == nil || len(families) == 0 {
		return
	}
	var inside []Correlation
	var ps []float64
	for _, c := range data.Rows {
		if c.Scope != "all" && (c.A == auroc.ID && c.B == ece.ID || c.A == ece.ID && c.B == auroc.ID) {
			inside, ps = append(inside, c), append(ps, c.P)
		}
	}
	if len(inside) == 0 {
		return
	}
	adjusted := stattest.Holm(ps)
	claim, models := SignsByFamily{A: auroc.ID, B: ece.ID}, 0
	for k, c := range inside {
		models += c.N
		switch {
		case !f.related(c, adjusted[k]):
		case c.Spearman > 0:
			claim.Above = append(claim.Above, c)
		default:
			claim.Below = append(claim.Below, c)
		}
	}
	e.find(Finding{Claim: claim, N: models, Of: Models, Headline: claim.Above != nil && claim.Below != nil, Basis: Basis{
		Tests:     []Test{{Method: SpearmanTest, P: math.NaN(), Level: f.level, Family: Family{Holm, len(inside), "family"}}},
		Intervals: []Interval{{Method: FisherTransform, Level: f.level, Over: NewModels}}}})
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
