package study

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/harness"
	"abstain/harness/board"
	"abstain/metrics/resample"
)

// scaling says what post-hoc transforms such as temperature scaling change on the
// same rows.
func scaling(f *Folder, e *Experiment) {
	c := f.view.Choice
	if !plainTransform(c.Transform) {
		e.missingSentence("before and after: the rows compared are those after %s; --transform none compares with it", c.Transform)
		return
	}
	transforms := slices.DeleteFunc(board.Distinct(f.results.Rows, func(r harness.Row) string {
		if r.Dataset != c.Dataset || r.Split != c.Split || r.Condition != c.Condition {
			return ""
		}
		return r.Transform
	}), plainTransform)
	if len(transforms) == 0 {
		e.missingSentence("no rows of a transform: abstain run CORPUS --transform none,temperature fits one on a validation split and adds them")
		return
	}
	data := &Alternatives{Alternatives: transforms}
	var list []contrast
	for _, t := range transforms {
		draws := f.transformedDraws(t)
		for k, col := range f.axes() {
			p, before, after := f.transformed(t, col, draws[k])
			if len(p.values) > 0 {
				list = append(list, contrast{t, c.Condition, col, p})
				data.Before, data.After = append(data.Before, before), append(data.After, after)
			}
		}
	}
	data.Changes = f.describe(list)
	if len(data.Changes) == 0 {
		e.missingSentence("no transformed row has an untransformed one over as many samples")
		return
	}
	e.Data = data
	e.Tables = []Table{changeTable("scaling", "transform", data.Changes), data.table("scaling-models", "transform")}
	e.noteSentence("change = after less before, on the same rows; before is the untransformed row over as many samples, also where a part of the table was held out for fitting")
	f.noteIntervals(e, EachModel, f.drawn != nil)
	for _, t := range transforms {
		f.transformClaim(e, data, t)
	}
}

// plainTransform reports whether rows of the transform are untransformed: "none",
// or "none" with what was held out behind it.
func plainTransform(t string) bool { return t == "none" || strings.HasPrefix(t, "none@") }

// transformedDraws are the values of every axis after a transform on the
// replicates that the untransformed rows have, by axis and model; nil where a
// model has none or was judged on other samples.
func (f *Folder) transformedDraws(transform string) [][][]float64 {
	axes := f.axes()
	all := make([][][]float64, len(axes))
	var measures []resample.Measure
	for k, c := range axes {
		all[k] = make([][]float64, len(f.models))
		measures = append(measures, c.measure)
	}
	if f.drawn == nil {
		return all
	}
	harness.Parallel(len(f.models), func(i int) {
		to := f.transformedRow(f.models[i], transform)
		if to == nil || to.N != f.models[i].row.N || to.N != f.view.N {
			return
		}
		if r := f.ranked(to.Key); r != nil {
			for k, values := range resample.Bootstrap(r, measures, f.drawn) {
				all[k][i] = values
			}
		}
	})
	return all
}

// transformed pairs a metric's values before and after a transform; draws are
// those after it, by model.
func (f *Folder) transformed(transform string, c *column, draws [][]float64) (p pairing, before, after []float64) {
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
			p.names, p.unit, p.values = append(p.names, s.row.Model), append(p.unit, s.row.Model), append(p.values, d)
			before, after = append(before, b), append(after, t)
			if c.Draws != nil {
				p.draws = append(p.draws, differences(draws[i], c.Draws[i]))
			}
		}
	}
	return p, before, after
}

// transformedRow is a model's row of a transform, by the confidence compared or,
// for a transform that makes a confidence of its own, by that one.
func (f *Folder) transformedRow(s subject, transform string) *harness.Row {
	k := s.row.Key
	k.Transform = transform
	if r := f.row(k); r != nil {
		return r
	}
	k.Confidence = transform
	return f.row(k)
}

// untransformed is the row before the transform over as many samples as after.
func (f *Folder) untransformed(s subject, to *harness.Row) *harness.Row {
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

// transformClaim says in one sentence what a transform helps and harms.
func (f *Folder) transformClaim(e *Experiment, a *Alternatives, transform string) {
	var parts []string
	tests, models := len(a.Changes), 0
	for _, c := range a.Changes {
		if c.Treatment != transform {
			continue
		}
		col := f.column(c.Metric)
		models = max(models, len(c.Values))
		moved := 0
		for _, v := range c.Values {
			if v != 0 {
				moved++
			}
		}
		if moved == 0 {
			parts = append(parts, col.Label+" stays as it is")
			continue
		}
		doubt := ""
		switch {
		case !(c.P <= 1-f.level):
			doubt = ", not beyond chance"
		case !c.Sure():
			doubt = ", but the interval holds 0"
		}
		parts = append(parts, fmt.Sprintf("%s %s, better for %d and worse for %d of %d (%s%s)", col.Label, c.effect(), c.Better, c.Worse(), len(c.Values), probability(c.P), doubt))
	}
	if parts == nil {
		return
	}
	e.findSentence(transform == "temperature", models, "model",
		fmt.Sprintf("median change on the same rows; Wilcoxon with Holm over %s; intervals over %s", plural(tests, "test"), a.over(transform)),
		"%s, after less before: %s", transform, strings.Join(parts, "; "))
}

// over is what the intervals of an alternative's changes are over.
func (a *Alternatives) over(alternative string) string {
	for _, c := range a.Changes {
		if b, over := c.Widest(); c.Treatment == alternative && b.Defined() {
			return over.words()
		}
	}
	return "nothing: there are too few models"
}
