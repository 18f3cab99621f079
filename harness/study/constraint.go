package study

import (
	"context"
	"fmt"
	"math"
	"slices"

	"abstain/harness/pool"
	"abstain/metrics"
	"abstain/metrics/ranks"
	"abstain/metrics/resample"
	"abstain/metrics/stattest"
)

// Constraint is what the experiment constraint found, one for each selective
// accuracy.
type Constraint struct {
	Accuracy float64 // demanded among the answered samples
	Scatter  *Scatter
	Best     string   // the model of the largest coverage
	Rivals   []string // models that may be the best as well; nil if that could not be tested
}

// ReachConstraint says how many models reach a selective accuracy at some coverage.
type ReachConstraint struct {
	Accuracy         float64
	Reaching, Models int
	Share            Bounds // of the models there could be
}

// ConstraintCorrelated is the rank correlation of the coverage under a constraint with
// accuracy.
type ConstraintCorrelated struct {
	Accuracy float64
	Spearman float64
	In       Bounds
}

// NoneReaches says that no model reaches a selective accuracy at any coverage.
type NoneReaches struct{ Accuracy float64 }

// BestUnderConstraint names the model that answers the largest share of the samples.
type BestUnderConstraint struct {
	Accuracy float64
	Model    string
	Coverage float64
	In       Bounds   // of the coverage; undefined without stored predictions
	Rivals   []string // models not told apart from the best; nil if that could not be tested
}

// NoConstraint says that the coverage under a constraint is not known.
type NoConstraint struct{ Metric string }

func (ReachConstraint) claim()      {}
func (ConstraintCorrelated) claim() {}
func (NoneReaches) claim()          {}
func (BestUnderConstraint) claim()  {}
func (NoConstraint) missing()       {}

// constraint asks how many samples a model can answer if a given share of the answers
// must be right.
func constraint(_ context.Context, f *Folder) (Experiment, error) {
	var e Experiment
	accuracy := f.column("accuracy")
	var data []Constraint
	for _, id := range []string{"sac@0.95", "sac@0.99"} {
		c := f.column(id)
		if c == nil || c.known() == 0 || accuracy == nil {
			e.missing(NoConstraint{id})
			continue
		}
		x := Constraint{Accuracy: c.measure.At, Scatter: f.scatter(accuracy, c)}
		e.Tables = append(e.Tables, x.Scatter.table("constraint-"+fmt.Sprint(100*x.Accuracy)))
		if err := f.bestUnder(&e, c, &x); err != nil {
			return e, err
		}
		reach := positive(c.Values)
		lo, hi := stattest.Wilson(reach, c.known(), f.level)
		e.find(Finding{Claim: ReachConstraint{x.Accuracy, reach, c.known(), Bounds{lo, hi}}, N: c.known(), Of: Models,
			Basis: Basis{Intervals: []Interval{{Method: WilsonInterval, Level: f.level, Over: NewModels}}}})
		if r, ok := correlate(accuracy, c, f.every(), "all", f.level); ok {
			e.find(Finding{Claim: ConstraintCorrelated{x.Accuracy, r.Spearman, r.SpearmanIn}, Basis: r.basis(f.level), N: r.N, Of: Models})
		}
		data = append(data, x)
	}
	if data != nil {
		e.Data = data
	}
	return e, nil
}

// bestUnder names the model to take under a constraint. Its bounds are simultaneous over
// all models, because a model picked for its value looks better than it is.
func (f *Folder) bestUnder(e *Experiment, c *column, x *Constraint) error {
	order := f.order(c)
	if len(order) == 0 || c.Values[order[0]] <= 0 {
		e.find(Finding{Claim: NoneReaches{x.Accuracy}, Basis: Basis{Counted: true}, N: len(order), Of: Models, Headline: true})
		return nil
	}
	rivals, err := f.rivals(c)
	if err != nil {
		return err
	}
	best := f.models[order[0]]
	x.Best, x.Rivals = best.row.Model, rivals
	claim := BestUnderConstraint{Accuracy: x.Accuracy, Model: x.Best, Coverage: c.Values[order[0]], In: noBounds, Rivals: x.Rivals}
	found := Finding{N: len(order), Of: Models}
	if f.stored {
		r, err := f.ranked(best.row.Key)
		if err != nil {
			return err
		}
		claim.In.Lo, claim.In.Hi = resample.CoverageBounds(r, 1-x.Accuracy, 1-(1-f.level)/float64(len(order)))
		found.N, found.Of, found.Headline = f.view.N, Samples, true
		found.Basis.Intervals = []Interval{{Method: BinomialBounds, Level: f.level, Over: NewSamples,
			Family: Family{Correction: Bonferroni, Size: len(order), Of: "model"}}}
	}
	if x.Rivals != nil {
		found.Basis.Tests = []Test{{Method: TiedWithBestTest, P: math.NaN(), Level: f.level, Replicates: f.replicates()}}
	}
	found.Claim = claim
	e.find(found)
	return nil
}

// rivals are the models that may be the best by a column, at the level of the study. It
// is nil if the column has no replicates to test with.
func (f *Folder) rivals(c *column) ([]string, error) {
	if c.Replicates == nil {
		return nil, nil
	}
	var values []float64
	var deviations [][]float64
	var models []int
	for i, d := range c.Replicates {
		if d == nil || slices.ContainsFunc(d, math.IsNaN) {
			continue
		}
		m, b := mean(d), float64(len(d))
		v := make([]float64, len(d))
		for k := range d { // so that resample.Covariance gives the covariance of the replicates
			v[k] = (d[k] - m) * b / math.Sqrt(b-1)
		}
		values, deviations, models = append(values, c.Values[i]), append(deviations, v), append(models, i)
	}
	if len(models) < 2 || len(c.Replicates[models[0]]) < 2 {
		return nil, nil
	}
	covariance, err := resample.Covariance(deviations, len(deviations[0]))
	if err != nil {
		return nil, err
	}
	noise, err := ranks.NewNoise(covariance)
	if err != nil {
		return nil, err
	}
	better := metrics.Higher
	if c.improves() < 0 {
		better = metrics.Lower
	}
	sets, err := ranks.New(values, noise, ranks.Options{Better: better, Level: f.level, Seed: f.options.Seed, Parallel: pool.Each})
	if err != nil {
		return nil, err
	}
	var list []string
	for _, k := range sets.TiedWithBest() {
		list = append(list, f.models[models[k]].row.Model)
	}
	return list, nil
}
