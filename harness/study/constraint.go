package study

import (
	"context"
	"fmt"
	"math"

	"abstain/metrics"
)

// Constraint is what the experiment constraint found, one for each selective
// accuracy.
type Constraint struct {
	Accuracy float64 // demanded among the answered samples
	Scatter  *Scatter
	Best     string   // the model of the largest coverage
	Rivals   []string // models that may be the best as well; nil if that could not be tested
}

// ReachConstraint says how many models reach a selective accuracy at some coverage. A few
// samples of the highest confidence reach it by luck, so it counts the models whose
// interval of the coverage lies above 0, where there are intervals.
type ReachConstraint struct {
	Accuracy         float64
	Reaching, Models int
	Points           int     // models whose coverage by these samples is above 0
	Level            float64 // of the intervals of coverages; 0 if there are none, then Reaching is Points
	Share            Bounds  // of the models there could be
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
	Coverage metrics.Estimate // with the interval that the folder has of it
	Tied     Tied
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
		reach, basis := f.reaching(c, x.Accuracy)
		e.find(Finding{Claim: reach, N: c.known(), Of: Models, Basis: basis})
		if r, ok := f.correlate(accuracy, c, f.every(), "all"); ok {
			e.find(Finding{Claim: ConstraintCorrelated{x.Accuracy, r.Spearman, r.SpearmanIn}, Basis: r.basis(f.level), N: r.N, Of: Models})
		}
		data = append(data, x)
	}
	if data != nil {
		e.Data = data
	}
	return e, nil
}

// reaching counts the models that reach a selective accuracy.
func (f *Folder) reaching(c *column, accuracy float64) (claim ReachConstraint, basis Basis) {
	claim = ReachConstraint{Accuracy: accuracy, Models: c.known(), Points: positive(c.Values)}
	var models []int
	for i, v := range c.Values {
		if math.IsNaN(v) {
			continue
		}
		models = append(models, i)
		if e := f.estimate(i, c.ID); e.Level != 0 {
			claim.Level = e.Level
			if e.Lo > 0 {
				claim.Reaching++
			}
		}
	}
	if claim.Level == 0 {
		claim.Reaching = claim.Points
	}
	claim.Share, basis = f.shareOf(claim.Reaching, models)
	return claim, basis
}

// bestUnder names the model of the largest coverage under a constraint.
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
	best := order[0]
	x.Best, x.Rivals = f.models[best].row.Model, rivals.names
	claim := BestUnderConstraint{Accuracy: x.Accuracy, Model: x.Best, Coverage: f.estimate(best, c.ID), Tied: rivals.tied()}
	found := Finding{Claim: claim, N: len(order), Of: Models, Headline: f.stored}
	if claim.Coverage.Level != 0 {
		found.N, found.Of = f.view.N, Samples
		found.Basis.Intervals = []Interval{{Method: OwnInterval, Level: claim.Coverage.Level, Over: NewSamples}}
	}
	if claim.Tied.Tested() {
		found.Basis.Tests = []Test{{Method: TiedWithBestTest, Raw: math.NaN(), P: math.NaN(), Level: f.level}}
	}
	e.find(found)
	return nil
}
