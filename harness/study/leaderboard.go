package study

import (
	"context"
	"math"
	"slices"

	"abstain/metrics"
)

// officialColumns are the columns of the results file that the official code of
// the study of 523 classifiers writes, in its order, with the metric and whether
// it is after temperature scaling.
var officialColumns = []struct {
	name, metric string
	scaled       bool
}{
	{"Accuracy", "accuracy", false},
	{"AUROC", "auroc", false},
	{"AUROC_TS", "auroc", true},
	{"ECE_15", "ece@15", false},
	{"ECE_15_TS", "ece@15", true},
	{"Coverage_for_Accuracy_99", "sac@0.99", false},
	{"Coverage_for_Accuracy_99_TS", "sac@0.99", true},
	{"AURC", "aurc", false},
	{"AURC_TS", "aurc", true},
}

// Leaderboard is what the experiment leaderboard found.
type Leaderboard struct {
	Table Table              // in the official order of columns, best AUROC first
	AUROC []metrics.Estimate // by row, with the folder's intervals
}

// Extremes names the best and the worst models by a metric.
type Extremes struct {
	Metric      string // id
	Best, Worst []ModelEstimate
	Tied        Tied
}

// ModelEstimate is a metric of one model with the interval that the folder has.
type ModelEstimate struct {
	Model    string
	Estimate metrics.Estimate
}

// EmptyColumn is a column of the official code for which the folder has no value.
type EmptyColumn struct {
	Column, Metric string
	Scaled         bool // it is after temperature scaling
}

// OfficialConventions says how the numbers differ from those of the official code.
type OfficialConventions struct{}

func (Extremes) claim()           {}
func (EmptyColumn) missing()      {}
func (OfficialConventions) note() {}

// leaderboard has one row for each model, best AUROC first, with the columns of the
// official code in its order. Values are fractions; a cell is empty if the folder does
// not have the number.
func leaderboard(_ context.Context, f *Folder) (Experiment, error) {
	var e Experiment
	t := Table{Name: "leaderboard", Columns: []string{"Architecture"}}
	for _, c := range officialColumns {
		t.Columns = append(t.Columns, c.name)
	}
	by := f.column("auroc")
	order := f.every()
	if by != nil {
		order = f.order(by)
		for i := range f.models { // those without an AUROC at the end
			if math.IsNaN(by.Values[i]) {
				order = append(order, i)
			}
		}
	}
	d := &Leaderboard{}
	filled := make([]int, len(officialColumns))
	for _, i := range order {
		d.AUROC = append(d.AUROC, f.estimate(i, "auroc"))
		cells := []any{f.models[i].row.Model}
		for k, c := range officialColumns {
			v := f.official(i, c.metric, c.scaled)
			if !math.IsNaN(v) {
				filled[k]++
			}
			cells = append(cells, v)
		}
		t.add(cells...)
	}
	d.Table = t
	e.Tables, e.Data = []Table{t}, d
	for k, c := range officialColumns {
		if filled[k] == 0 {
			e.missing(EmptyColumn{c.name, c.metric, c.scaled})
		}
	}
	e.note(OfficialConventions{})
	if by != nil {
		if err := f.extremes(&e, by); err != nil {
			return e, err
		}
	}
	if c := f.calibration(); c != nil {
		return e, f.extremes(&e, c)
	}
	return e, nil
}

// extremes names the best and the worst models by a metric.
func (f *Folder) extremes(e *Experiment, c *column) error {
	order := f.order(c)
	if len(order) == 0 {
		return nil
	}
	tied, err := f.rivals(c)
	if err != nil {
		return err
	}
	few := min(5, (len(order)+1)/2)
	worst := slices.Clone(order[len(order)-few:])
	slices.Reverse(worst)
	claim := Extremes{Metric: c.ID, Best: f.estimates(order[:few], c.ID), Worst: f.estimates(worst, c.ID), Tied: tied.tied()}
	var basis Basis
	if level := claim.Best[0].Estimate.Level; level != 0 {
		basis.Intervals = []Interval{{Method: OwnInterval, Level: level, Over: NewSamples}}
	}
	e.find(Finding{Claim: claim, Basis: basis, N: len(order), Of: Models})
	return nil
}

// estimates are a metric of some models, in their order.
func (f *Folder) estimates(models []int, id string) []ModelEstimate {
	var list []ModelEstimate
	for _, i := range models {
		list = append(list, ModelEstimate{f.models[i].row.Model, f.estimate(i, id)})
	}
	return list
}

// official is a model's value, before or after temperature scaling.
func (f *Folder) official(i int, metric string, scaled bool) float64 {
	c := f.column(metric)
	switch {
	case c == nil:
		return math.NaN()
	case !scaled:
		return c.Values[i]
	case c.at < 0:
		return math.NaN()
	}
	if r := f.transformedRow(f.models[i], "temperature"); r != nil {
		return r.Cells[c.at].Value
	}
	return math.NaN()
}
