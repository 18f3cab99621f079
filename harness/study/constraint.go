package study

import (
	"fmt"
	"math"
	"slices"

	"abstain/harness"
	"abstain/metrics"
	"abstain/metrics/ranks"
	"abstain/metrics/resample"
)

// Constraint is what experiment E3 found, one for each selective accuracy.
type Constraint struct {
	Accuracy float64 // demanded among the answered samples
	Scatter  *Scatter
	Best     string   // the model of the largest coverage
	Rivals   []string // models that may be the best as well; nil if that could not be tested
}

// constraint is E3: how many samples can be answered if the answers have to be
// right with a given share.
func constraint(f *Folder, e *Experiment) {
	accuracy := f.column("accuracy")
	var data []Constraint
	for _, id := range []string{"sac@0.95", "sac@0.99"} {
		c := f.column(id)
		if c == nil || c.known() == 0 || accuracy == nil {
			e.missing("%s: the folder does not have it, and it needs %s", id, f.absent())
			continue
		}
		x := Constraint{Accuracy: c.measure.At, Scatter: f.scatter(accuracy, c)}
		e.Tables = append(e.Tables, x.Scatter.table("constraint-"+fmt.Sprint(100*x.Accuracy)))
		f.bestUnder(e, c, &x)
		reach := positive(c.Values)
		lo, hi := wilson(reach, c.known(), f.level)
		e.find(false, c.known(), "model", fmt.Sprintf("%s Wilson interval over new models", percent(f.level)),
			"%d of %d models (%.0f %% [%.0f, %.0f]) reach a selective accuracy of %s at some coverage", reach, c.known(),
			100*float64(reach)/float64(c.known()), 100*lo, 100*hi, percent(x.Accuracy))
		if r, ok := correlate(accuracy, c, f.every(), "all", f.level); ok {
			e.find(false, r.N, "model", fmt.Sprintf("%s interval over new models; %s", percent(f.level), probability(r.P)),
				"accuracy and the coverage at %s selective accuracy go together with Spearman %s", percent(x.Accuracy), correlated(r.Spearman, r.SpearmanIn))
		}
		data = append(data, x)
	}
	if data != nil {
		e.Data = data
	}
}

// bestUnder names the model to take under a constraint, with bounds that hold
// although it was picked from all for its value.
func (f *Folder) bestUnder(e *Experiment, c *column, x *Constraint) {
	order := f.order(c)
	if len(order) == 0 || c.Values[order[0]] <= 0 {
		e.find(true, len(order), "model", "exact count on these samples", "no model reaches a selective accuracy of %s at any coverage", percent(x.Accuracy))
		return
	}
	best := f.models[order[0]]
	x.Best = best.row.Model
	by, value := "point values: the folder has no stored predictions", plain(c.Values[order[0]])
	if f.stored {
		r := f.ranked(best.row.Key)
		if r == nil {
			return
		}
		lo, hi := resample.CoverageBounds(r, 1-x.Accuracy, 1-(1-f.level)/float64(len(order)))
		value += " " + between(Bounds{lo, hi})
		by = fmt.Sprintf("exact binomial bounds over new samples, %s for all %s at once by Bonferroni", percent(f.level), plural(len(order), "model"))
	}
	claim := fmt.Sprintf("under a selective accuracy of %s take %s, which answers the largest share of the samples, %s", percent(x.Accuracy), x.Best, value)
	x.Rivals = f.rivals(c)
	if x.Rivals != nil {
		claim += fmt.Sprintf("; %s not told apart from the best", plural2(len(x.Rivals), "model is", "models are"))
		by += fmt.Sprintf("; max-t set of the best from %s, %s", plural(f.replicates(), "bootstrap replicate"), percent(f.level))
	}
	n, of := f.view.N, "sample"
	if !f.stored {
		n, of = len(order), "model"
	}
	e.find(f.stored, n, of, by, "%s", claim)
}

// rivals are the models that may be the best by a column at the level, from its
// replicates; nil if there are none.
func (f *Folder) rivals(c *column) []string {
	if c.Draws == nil {
		return nil
	}
	var values []float64
	var deviations [][]float64
	var models []int
	for i, d := range c.Draws {
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
	if len(models) < 2 || len(c.Draws[models[0]]) < 2 {
		return nil
	}
	covariance, err := resample.Covariance(deviations, len(deviations[0]))
	if err != nil {
		f.fail(err)
		return nil
	}
	noise, err := ranks.NewNoise(covariance)
	if err != nil {
		f.fail(err)
		return nil
	}
	better := metrics.Higher
	if c.improves() < 0 {
		better = metrics.Lower
	}
	sets, err := ranks.New(values, noise, ranks.Options{Better: better, Level: f.level, Seed: f.options.Seed, Parallel: harness.Parallel})
	if err != nil {
		f.fail(err)
		return nil
	}
	var list []string
	for _, k := range sets.TiedWithBest() {
		list = append(list, f.models[models[k]].row.Model)
	}
	return list
}
