package study

import (
	"abstain/harness/board"
	"abstain/metrics"
	"context"
)

// CurveModel gives the figures of a model whose curve is drawn.
type CurveModel struct {
	Model                 string
	AURC, AUROC, Accuracy metrics.Estimate
}

// NoCurves says that curves cannot be drawn without stored predictions.
type NoCurves struct{}

// SpreadOver says that the models of the curves are some from best to worst by a metric.
type SpreadOver struct{ Metric string }

func (CurveModel) claim() {}
func (NoCurves) missing() {}
func (SpreadOver) note()  {}

// riskCoverage gives the risk-coverage curves of a few models: those of the options, or
// else some from the best to the worst by AURC.
func riskCoverage(_ context.Context, f *Folder) (Experiment, error) {
	var e Experiment
	by := f.column("aurc")
	if by == nil || by.known() == 0 {
		by = f.column("auroc")
	}
	if !f.stored || by == nil {
		e.missing(NoCurves{})
		return e, nil
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
			return e, err
		}
		for _, p := range metrics.Thin(c.RiskCoverage, 500) {
			curve.add(name, c.Confidence, p.Coverage, p.Risk)
		}
		m := CurveModel{name, f.estimate(i, "aurc"), f.estimate(i, "auroc"), f.estimate(i, "accuracy")}
		figures.add(name, c.Confidence, c.N, m.Accuracy.Value, m.AUROC.Value, m.AURC.Value, m.AURC.Lo, m.AURC.Hi)
		data = append(data, *c)
		e.find(Finding{Claim: m, Basis: ownBasis(m.AURC), N: c.N, Of: Samples})
	}
	if len(data) > 0 {
		e.Data, e.Tables = data, []Table{figures, curve}
	}
	if len(f.options.Models) == 0 {
		e.note(SpreadOver{by.ID})
	}
	return e, nil
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
	if c.Own != nil && c.Own[model].Level != 0 {
		return c.Own[model]
	}
	return metrics.Estimate{Value: c.Values[model], Lo: noBounds.Lo, Hi: noBounds.Hi}
}

// ownBasis is the interval that the folder has of a value by itself; nothing for a
// value without one.
func ownBasis(e metrics.Estimate) Basis {
	if e.Level == 0 {
		return Basis{}
	}
	return Basis{Intervals: []Interval{{Method: OwnInterval, Level: e.Level, Over: NewSamples}}}
}
