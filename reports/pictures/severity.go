package pictures

import (
	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports/figure"
	"fmt"
	"math"
)

var severity = Picture{
	Name: "severity", Title: "Classes out of distribution by severity",
	Claim: noClaim, Basis: noBasis, Missing: noMissing, Note: noNote,
	Listing: severityListing, Figures: severityFigures,
}

func severityFigures(r *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	d, ok := e.Data.(*study.Severity)
	if !ok {
		return nil, nil
	}
	return draw([]sketch{severityLines(r, d)})
}

func severityLines(r *study.Report, d *study.Severity) sketch {
	l := figure.Lines{X: figure.Axis{Label: "severity level, s0 the easiest"}}
	p := figure.LinePanel{Y: figure.Axis{Label: "AUROC, known against new classes", Better: metrics.Higher}}
	middle := figure.Line{Name: "median over models"}
	for k, v := range d.Levels {
		l.Places = append(l.Places, fmt.Sprintf("s%d", v.Level))
		middle.X = append(middle.X, float64(k))
		middle.Y = append(middle.Y, figure.Value{At: v.Median, Lo: v.In.Lo, Hi: v.In.Hi})
	}
	p.Lines = append(p.Lines, middle)
	drawn := 0
	for i, m := range d.Models {
		line := figure.Line{Name: m, Faint: true}
		for k := range d.Levels {
			if !math.IsNaN(d.Values[k][i]) {
				line.X, line.Y = append(line.X, float64(k)), append(line.Y, figure.Number(d.Values[k][i]))
			}
		}
		if len(line.X) > 1 {
			p.Lines = append(p.Lines, line)
			drawn++
		}
	}
	l.Panels = []figure.LinePanel{p}
	return sketch{"severity", "Telling new classes from known ones", fmt.Sprintf("%d models, each a grey line, by severity of the new classes; for each model classes are ranked by itself. The band is the %g %% interval of the median over new models.", drawn, 100*r.Level), l}
}

func severityListing(r *study.Report, e *study.Experiment) *Listing {
	d, ok := e.Data.(*study.Severity)
	if !ok {
		return nil
	}
	l := &Listing{Columns: []Column{{"level", true}, {"models", true}, {"median AUROC", true}, {"interval", true}, {"Spearman with accuracy", true}, {"with AUROC of failure prediction", true}},
		Note: "intervals over new models"}
	for _, v := range d.Levels {
		l.Rows = append(l.Rows, []string{fmt.Sprint(v.Level), fmt.Sprint(v.N), fmt.Sprintf("%.4f", v.Median), fmt.Sprintf("[%.4f, %.4f]", v.In.Lo, v.In.Hi), coefficient(v.Accuracy), coefficient(v.AUROC)})
	}
	return l
}

func coefficient(c study.Correlation) string {
	if c.A == "" || c.N == 0 {
		return "–"
	}
	return fmt.Sprintf("%.2f [%.2f, %.2f]", c.Spearman, c.SpearmanIn.Lo, c.SpearmanIn.Hi)
}
