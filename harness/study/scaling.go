package study

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"abstain/harness"
)

// scaling is E5: what post-hoc transforms such as temperature scaling change, on
// the same rows.
func scaling(f *Folder, e *Experiment) {
	c := f.view.Choice
	transforms := slices.DeleteFunc(distinct(f.results.Rows, func(r harness.Row) string {
		if r.Dataset != c.Dataset || r.Split != c.Split || r.Condition != c.Condition {
			return ""
		}
		return r.Transform
	}), plainTransform)
	if len(transforms) == 0 {
		e.missing("no rows of a transform: abstain run CORPUS --transform none,temperature fits one on a validation split and adds them")
		return
	}
	data := &Alternatives{Alternatives: transforms}
	var list []contrast
	for _, t := range transforms {
		for _, col := range f.axes() {
			p, before, after := f.transformed(t, col)
			if len(p.values) > 0 {
				list = append(list, contrast{t, c.Condition, col, p})
				data.Before, data.After = append(data.Before, before), append(data.After, after)
			}
		}
	}
	data.Changes = f.describe(list)
	if len(data.Changes) == 0 {
		e.missing("no transformed row has an untransformed one over as many samples")
		return
	}
	e.Data = data
	e.Tables = []Table{changeTable("scaling", "transform", data.Changes), data.table("scaling-models", "transform")}
	e.note("change = after less before, on the same rows; before is the untransformed row over as many samples, also where a part of the table was held out for fitting")
	f.intervalsNote(e, "models")
	for _, t := range transforms {
		f.transformClaim(e, data, t)
	}
}

// plainTransform reports whether rows of the transform are untransformed: "none",
// or "none" with what was held out behind it.
func plainTransform(t string) bool { return t == "none" || strings.HasPrefix(t, "none@") }

// transformed pairs a metric's values before and after a transform.
func (f *Folder) transformed(transform string, c *column) (p pairing, before, after []float64) {
	if c.at < 0 {
		return p, nil, nil
	}
	for _, s := range f.models {
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
		parts = append(parts, fmt.Sprintf("%s %s, better for %d and worse for %d of %d (%s%s)", col.Label, c.effect(), c.Better, worseCount(c), len(c.Values), probability(c.P), unproven(c.P, f.level)))
	}
	if parts == nil {
		return
	}
	e.find(transform == "temperature", models, "model",
		fmt.Sprintf("median change on the same rows; Wilcoxon with Holm over %s; intervals over new models, these samples", plural(tests, "test")),
		"%s, after less before: %s", transform, strings.Join(parts, "; "))
}
