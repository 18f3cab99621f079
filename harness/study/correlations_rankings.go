package study

import (
	"cmp"
	"math"
	"slices"
)

// Rankings is how the leaderboard changes with the metric: the same models, those
// with all of the values, ranked by each.
type Rankings struct {
	Metrics  []string // ids
	Labels   []string
	Models   []string
	Families []string // by model
	Ranks    [][]int  // by metric and model, 1 = best, equal values share the better rank
	Top      int
	Overlap  [][]int     // of the Top best, how many two metrics share
	Disorder [][]float64 // share of pairs of models that two metrics order differently
}

// OrderedDifferently says how much the ranking changes from one metric to another.
type OrderedDifferently struct {
	From, By string  // ids of the metrics
	Disorder float64 // share of pairs of models ordered in opposite ways
	Kendall  float64 // tau-b of the two, larger where they agree
	In       Bounds  // of Kendall
	Top      int     // of so many best by either,
	Shared   int     // so many are the same
	Expected float64 // of two rankings that have nothing in common, in the mean
	// Best is the best model by the metric By; it is not named if Tied was not looked for.
	Best  string
	Tied  Tied
	Place int // of Best by the metric From
}

// NoRankingBy says that too few models have a metric to rank by it as by the others.
type NoRankingBy struct {
	Metric string
	Models int // with a value
}

// NoRankings says that there are not two metrics and two models to rank.
type NoRankings struct{}

func (OrderedDifferently) claim() {}
func (NoRankingBy) missing()      {}
func (NoRankings) missing()       {}

// rankings ranks the models by every axis, and says what depends on the choice of the
// metric.
func (f *Folder) rankings(e *Experiment) (*Rankings, error) {
	columns := widelyKnown(f.axes())
	for _, c := range f.axes() {
		if !slices.Contains(columns, c) {
			e.missing(NoRankingBy{c.ID, c.known()})
		}
	}
	var models []int
	for i := range f.models {
		if !slices.ContainsFunc(columns, func(c *column) bool { return math.IsNaN(c.Values[i]) }) {
			models = append(models, i)
		}
	}
	if len(columns) < 2 || len(models) < 2 {
		e.missing(NoRankings{})
		return nil, nil
	}
	r := &Rankings{Top: min(cmp.Or(f.options.Top, 10), len(models))}
	for _, i := range models {
		r.Models = append(r.Models, f.models[i].row.Model)
		r.Families = append(r.Families, f.models[i].meta.Get("family"))
	}
	worse := make([][]float64, len(columns)) // smaller is better
	for k, c := range columns {
		r.Metrics, r.Labels = append(r.Metrics, c.ID), append(r.Labels, c.Label)
		for _, i := range models {
			worse[k] = append(worse[k], -c.improves()*c.Values[i])
		}
		r.Ranks = append(r.Ranks, placesOf(worse[k]))
	}
	for i := range columns {
		overlap, disorder := make([]int, len(columns)), make([]float64, len(columns))
		for j := range columns {
			overlap[j] = sharedTop(r.Ranks[i], r.Ranks[j], r.Top)
			disorder[j] = disordered(r.Ranks[i], r.Ranks[j])
		}
		r.Overlap, r.Disorder = append(r.Overlap, overlap), append(r.Disorder, disorder)
	}
	e.Tables = append(e.Tables, r.rankTable(), r.overlapTable())
	sets, err := f.rankSets(columns)
	if err != nil {
		return nil, err
	}
	if sets.Rows != nil {
		e.Tables = append(e.Tables, sets)
	}
	return r, f.rankingClaims(e, r)
}

// widelyKnown are the columns with values for at least half as many models as the column
// with most values. Only models with all metrics are ranked, and published tables often
// have some metric for a few models only: by that metric, hardly a model would be left.
func widelyKnown(columns []*column) []*column {
	most := 0
	for _, c := range columns {
		most = max(most, c.known())
	}
	return slices.DeleteFunc(slices.Clone(columns), func(c *column) bool { return 2*c.known() < most })
}

// placesOf ranks values, smaller first; equal values share the better rank.
func placesOf(v []float64) []int {
	order := make([]int, len(v))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(v[a], v[b]) })
	ranks := make([]int, len(v))
	for k, i := range order {
		ranks[i] = k + 1
		if k > 0 && v[order[k-1]] == v[i] {
			ranks[i] = ranks[order[k-1]]
		}
	}
	return ranks
}

// sharedTop counts the models that both rankings place among the first.
func sharedTop(a, b []int, top int) int {
	n := 0
	for i := range a {
		if a[i] <= top && b[i] <= top {
			n++
		}
	}
	return n
}

// disordered is the share of pairs of models that two rankings order in opposite
// ways; pairs tied in either are not. NaN for fewer than two models.
func disordered(a, b []int) float64 {
	n := 0
	for i := range a {
		for j := range i {
			if x, y := a[i]-a[j], b[i]-b[j]; x > 0 && y < 0 || x < 0 && y > 0 {
				n++
			}
		}
	}
	return float64(n) / float64(len(a)*(len(a)-1)/2)
}

// choose is the logarithm of the binomial coefficient, -Inf where it is 0.
func choose(n, k int) float64 {
	if k < 0 || k > n {
		return math.Inf(-1)
	}
	a, _ := math.Lgamma(float64(n + 1))
	b, _ := math.Lgamma(float64(k + 1))
	c, _ := math.Lgamma(float64(n - k + 1))
	return a - b - c
}

func (r *Rankings) at(id string) int {
	return slices.Index(r.Metrics, id)
}

// rankingClaims compares the ranking by AURC, or else by AUROC, with the other rankings.
func (f *Folder) rankingClaims(e *Experiment, r *Rankings) error {
	from := max(r.at("aurc"), 0)
	if from == 0 {
		from = max(r.at("auroc"), 0)
	}
	for k, id := range r.Metrics {
		if k == from {
			continue
		}
		// the order of pairs: Kendall's tau-b over the models, with its interval
		a, b := f.column(r.Metrics[from]), f.column(id)
		c, ok := f.correlate(a, b, f.indices(r.Models), "all")
		if !ok {
			continue
		}
		tau, in := c.Kendall, c.KendallIn
		if a.improves() != b.improves() {
			tau, in = -tau, Bounds{-in.Hi, -in.Lo}
		}
		claim := OrderedDifferently{From: a.ID, By: id, Disorder: r.Disorder[from][k], Kendall: tau, In: in, Top: r.Top, Shared: r.Overlap[from][k],
			Expected: float64(r.Top*r.Top) / float64(len(r.Models))}
		headline := id == "accuracy" || b == f.calibration() || id == "auroc"
		if headline {
			best := slices.Index(r.Ranks[k], 1)
			claim.Best, claim.Place = r.Models[best], r.Ranks[from][best]
			tied, err := f.rivals(b)
			if err != nil {
				return err
			}
			claim.Tied = tied.tied()
		}
		basis := Basis{Counted: true}
		if in.Defined() {
			basis.Intervals = []Interval{{Method: FisherTransform, Level: f.level, Over: NewModels}}
		}
		e.find(Finding{Claim: claim, N: len(r.Models), Of: Models, Headline: headline, Basis: basis})
	}
	return nil
}

func (f *Folder) indices(models []string) []int {
	list := make([]int, len(models))
	for k, m := range models {
		list[k] = f.place[m]
	}
	return list
}

// rankSets are the ranks that the data allow for each model by each metric, where that could
// be tested: the ranks of measured values in rankTable are an order that is mostly not proven.
func (f *Folder) rankSets(columns []*column) (Table, error) {
	t := Table{Name: "rank-sets", Columns: []string{"model", "metric", "models", "rank_lo", "rank_hi", "tied_with_best"}}
	for _, c := range columns {
		rivals, err := f.rivals(c)
		if err != nil {
			return t, err
		}
		for _, s := range rivals.sets {
			t.add(s.model, c.ID, rivals.of, s.ranks.Lo, s.ranks.Hi, s.tied)
		}
	}
	return t, nil
}

func (r *Rankings) rankTable() Table {
	t := Table{Name: "ranks", Columns: append([]string{"model", "family"}, r.Metrics...)}
	for i, m := range r.Models {
		cells := []any{m, r.Families[i]}
		for k := range r.Metrics {
			cells = append(cells, r.Ranks[k][i])
		}
		t.add(cells...)
	}
	return t
}

func (r *Rankings) overlapTable() Table {
	t := Table{Name: "overlaps", Columns: []string{"metric_a", "metric_b", "n", "top", "shared", "pairs_ordered_differently"}}
	for i, a := range r.Metrics {
		for j := i + 1; j < len(r.Metrics); j++ {
			t.add(a, r.Metrics[j], len(r.Models), r.Top, r.Overlap[i][j], r.Disorder[i][j])
		}
	}
	return t
}
