package study

import (
	"fmt"

	"abstain/harness/board"
	"abstain/metrics"
)

// riskCoverage gives the risk-coverage curves of a few models, those asked for
// or else spread over the ranking by AURC.
func riskCoverage(f *Folder, e *Experiment) {
	by := f.column("aurc")
	if by == nil || by.known() == 0 {
		by = f.column("auroc")
	}
	if !f.stored || by == nil {
		e.missingSentence("risk-coverage curves need %s", f.absent())
		return
	}
	names := f.options.Models
	if len(names) == 0 {
		names = f.spread(by)
	}
	var data []board.Curves
	curve := Table{Name: "risk-coverage", Columns: []string{"model", "confidence", "coverage", "selective_risk"}}
	figures := Table{Name: "risk-coverage-models", Columns: []string{"model", "confidence", "n", "accuracy", "auroc", "aurc", "aurc_lo", "aurc_hi"}}
	for _, name := range names {
		i := f.place[name]
		row := f.models[i].row
		c, err := board.NewCurves(f.results, row)
		if err != nil {
			f.fail(err)
			return
		}
		for _, p := range metrics.Thin(c.RiskCoverage, 500) {
			curve.add(name, c.Confidence, p.Coverage, p.Risk)
		}
		a := f.estimate(i, "aurc")
		figures.add(name, c.Confidence, c.N, f.estimate(i, "accuracy").Value, f.estimate(i, "auroc").Value, a.Value, a.Lo, a.Hi)
		data = append(data, *c)
		e.findSentence(false, c.N, "sample", f.intervalBy(a),
			"model %s has AURC %s, AUROC %s and accuracy %s", name, f.value(i, "aurc"), f.value(i, "auroc"), f.value(i, "accuracy"))
	}
	if len(data) > 0 {
		e.Data, e.Tables = data, []Table{figures, curve}
	}
	if len(f.options.Models) == 0 {
		e.noteSentence("models at the places 0, 10, 25, 50, 75 and 90 %% from the best by %s; curves of more than 500 points are thinned in the file", by.Label)
	}
}

// spread picks the models that Exemplars would.
func (f *Folder) spread(by *column) []string {
	b := &board.Board{}
	for _, i := range f.order(by) {
		b.Entries = append(b.Entries, board.Entry{Model: f.models[i].row.Model, Value: metrics.Estimate{Value: by.Values[i]}})
	}
	return board.Exemplars(b)
}

// estimate is a metric of a model with the interval that the folder has.
func (f *Folder) estimate(model int, id string) metrics.Estimate {
	c := f.column(id)
	if c == nil {
		return metrics.Estimate{Value: undefined(1)[0], Lo: noBounds.Lo, Hi: noBounds.Hi}
	}
	if c.at >= 0 {
		return f.models[model].row.Cells[c.at]
	}
	return metrics.Estimate{Value: c.Values[model], Lo: noBounds.Lo, Hi: noBounds.Hi}
}

// value writes a metric of a model with its interval.
func (f *Folder) value(model int, id string) string {
	e := f.estimate(model, id)
	if e.Level == 0 {
		return plain(e.Value)
	}
	return plain(e.Value) + " " + between(Bounds{e.Lo, e.Hi})
}

// intervalBy says what the intervals written by value are.
func (f *Folder) intervalBy(e metrics.Estimate) string {
	if e.Level == 0 {
		return "point values: the folder has no intervals"
	}
	return fmt.Sprintf("%s intervals of each value by itself, over new samples", percent(e.Level))
}
