package study

import (
	"context"
	"math"
	"slices"
	"strings"

	"abstain/harness/board"
	"abstain/harness/posthoc/conform"
	"abstain/harness/results"
	"abstain/metrics"
	"abstain/metrics/resample"
)

// TransformChanges says what a transform changes on the same rows.
type TransformChanges struct {
	Transform string
	Changes   []Changes // by metric
}

// AlreadyTransformed says that before and after cannot be compared, because the rows
// compared are those after a transform.
type AlreadyTransformed struct{ Transform string }

// NoTransforms says that the folder has no rows of a transform.
type NoTransforms struct{}

// NoneUntransformed says that no transformed row has an untransformed one to compare with.
type NoneUntransformed struct{}

// AfterLessBefore says what the change of a transform is.
type AfterLessBefore struct{}

func (TransformChanges) claim()     {}
func (AlreadyTransformed) missing() {}
func (NoTransforms) missing()       {}
func (NoneUntransformed) missing()  {}
func (AfterLessBefore) note()       {}

// scaling says what transforms that are fitted after training, such as temperature
// scaling, change on the same rows.
func scaling(ctx context.Context, f *Folder) (Experiment, error) {
	var e Experiment
	c := f.view.Choice
	if !plainTransform(c.Transform) {
		e.missing(AlreadyTransformed{c.Transform})
		return e, nil
	}
	transforms := slices.DeleteFunc(board.Distinct(f.results.Rows, func(r results.Row) string {
		if r.Dataset != c.Dataset || r.Split != c.Split || r.Condition != c.Condition {
			return ""
		}
		return r.Transform
	}), func(t string) bool { return plainTransform(t) || strings.HasPrefix(t, conform.Prefix) }) // sets leave predictions as they are
	if len(transforms) == 0 {
		e.missing(NoTransforms{})
		return e, nil
	}
	data := &Alternatives{Alternatives: transforms}
	var list []contrast
	for _, t := range transforms {
		replicates, err := f.transformedReplicates(ctx, t)
		if err != nil {
			return e, err
		}
		for k, col := range f.axes() {
			p, before, after := f.transformed(t, col, replicates[k])
			if len(p.values) > 0 {
				list = append(list, contrast{treatment: t, setting: c.Condition, column: col, pairing: p})
				data.Before, data.After = append(data.Before, before), append(data.After, after)
			}
		}
	}
	data.Changes = f.describe(list)
	if len(data.Changes) == 0 {
		e.missing(NoneUntransformed{})
		return e, nil
	}
	e.Data = data
	e.Tables = []Table{changeTable("scaling", "transform", data.Changes), data.table("scaling-models", "transform")}
	e.note(AfterLessBefore{})
	f.noteIntervals(&e, OfModel, "transform", f.bootstrap != nil)
	for _, t := range transforms {
		f.transformClaim(&e, data, t)
	}
	return e, nil
}

// plainTransform reports whether rows of the transform are untransformed: "none", or
// "none@" followed by what was held out for fitting.
func plainTransform(t string) bool { return t == "none" || strings.HasPrefix(t, "none@") }

// transformedReplicates are the values of every axis after a transform, by axis and
// model, on the same bootstrap replicates as before it, so that their differences are
// of pairs. They are nil for a model that has none or was judged on other samples.
func (f *Folder) transformedReplicates(ctx context.Context, transform string) ([][][]float64, error) {
	axes := f.axes()
	all := make([][][]float64, len(axes))
	var measures []metrics.Measure
	for k, c := range axes {
		all[k] = make([][]float64, len(f.models))
		measures = append(measures, c.measure)
	}
	if f.bootstrap == nil {
		return all, nil
	}
	err := f.eachModel(ctx, func(i int) error {
		to := f.transformedRow(f.models[i], transform)
		if to == nil || to.N != f.models[i].row.N || to.N != f.view.N {
			return nil
		}
		r, err := f.ranked(to.Key)
		if err != nil {
			return err
		}
		for k, values := range resample.Bootstrap(r, measures, f.bootstrap) {
			all[k][i] = values
		}
		return nil
	})
	return all, err
}

// transformed pairs a metric's values before and after a transform. replicates are the
// values after it on bootstrap replicates, by model.
func (f *Folder) transformed(transform string, c *column, replicates [][]float64) (p pairing, before, after []float64) {
	if c.at < 0 {
		return p, nil, nil
	}
	for i, s := range f.models {
		to := f.transformedRow(s, transform)
		if to == nil {
			continue
		}
		from := f.untransformed(s, to)
		if from == nil {
			continue
		}
		b, t := from.Cells[c.at].Value, to.Cells[c.at].Value
		if d := t - b; !math.IsNaN(d) && !math.IsInf(d, 0) {
			p.names, p.unit, p.values = append(p.names, s.row.Model), append(p.unit, f.unitOf(i)), append(p.values, d)
			before, after = append(before, b), append(after, t)
			if c.Replicates != nil {
				p.replicates = append(p.replicates, differences(replicates[i], c.Replicates[i]))
			}
		}
	}
	return p, before, after
}

// transformedRow is a model's row after a transform, by the confidence compared. Some
// transforms make a confidence of their own; then the row is by that one.
func (f *Folder) transformedRow(s subject, transform string) *results.Row {
	k := s.row.Key
	k.Transform = transform
	if r := f.row(k); r != nil {
		return r
	}
	k.Confidence = transform
	return f.row(k)
}

// untransformed is the row before the transform over as many samples as after.
func (f *Folder) untransformed(s subject, to *results.Row) *results.Row {
	if s.row.N == to.N {
		return &s.row
	}
	for i := range f.results.Rows {
		r := &f.results.Rows[i]
		k := s.row.Key
		k.Transform = r.Transform
		if r.Key == k && plainTransform(r.Transform) && r.N == to.N && r.Status == "ok" {
			return r
		}
	}
	return nil
}

// transformClaim states in one finding what a transform helps and what it harms.
func (f *Folder) transformClaim(e *Experiment, a *Alternatives, transform string) {
	claim, models := TransformChanges{Transform: transform}, 0
	basis := Basis{Tests: []Test{{Method: WilcoxonTest, Raw: math.NaN(), P: math.NaN(), Level: f.level}}}
	for _, c := range a.Changes {
		if c.Treatment != transform {
			continue
		}
		claim.Changes, models = append(claim.Changes, c), max(models, len(c.Values))
		basis.Tests[0].Units, basis.Tests[0].Family = max(basis.Tests[0].Units, c.Units), Family{Holm, c.Tests, "transform"}
		if basis.Intervals == nil {
			basis.Intervals = f.changeBasis(c, "transform").Intervals
		}
	}
	if claim.Changes == nil {
		return
	}
	e.find(Finding{Claim: claim, Basis: basis, N: models, Of: Models, Headline: transform == "temperature"})
}
