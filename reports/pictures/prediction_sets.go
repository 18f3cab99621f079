package pictures

import (
	"fmt"
	"math"
	"strings"

	"abstain/harness/results"
	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports/figure"
	"abstain/reports/words"
)

var predictionSets = Picture{
	Name: "prediction-sets", Title: "Sets in place of answers",
	Claim: predictionSetClaim, Basis: predictionSetBasis, Missing: predictionSetMissing, Note: predictionSetNote,
	Listing: noListing, Figures: predictionSetFigures,
}

func predictionSetClaim(c study.Claim) string {
	switch c := c.(type) {
	case study.SetsNearAim:
		return fmt.Sprintf("%s: the median coverage is %s, aimed at %s; that of %d of %d models lies where 95 %% of the draws of calibration and judged rows put it",
			c.Transform, words.Value(c.Median), words.Value(1-c.Alpha), c.Within, c.Models)
	case study.SmallestSets:
		var others []string
		for _, o := range c.Others {
			others = append(others, fmt.Sprintf("%s %s", o.Transform, words.Value(o.Median)))
		}
		return fmt.Sprintf("of the sets with one threshold for all rows, %s is the smallest in %d of %d models: median of the mean sizes %s; %s",
			c.Transform, c.Best, c.Models, words.Value(c.Median), strings.Join(others, ", "))
	case study.SmallSetsOfAccurate:
		how := "larger"
		if c.Spearman < 0 {
			how = "smaller"
		}
		return fmt.Sprintf("models that are right more often have %s sets (%s), as far as the rank correlation goes: %s = %s",
			how, c.Transform, spearman("accuracy", "set-size"), coefficient(c.Spearman, c.In))
	case study.WorstClassCovered:
		return fmt.Sprintf("%s: a threshold for each class raises the coverage of the worst class in %d of %d models, median %s to %s, aimed at %s; sets then have %s classes in place of %s",
			c.Score, c.Better, c.Models, words.Value(c.All), words.Value(c.ByClass), words.Value(1-c.Alpha), words.Value(c.SizeBy), words.Value(c.SizeAll))
	case study.SizeRanksErrors:
		return fmt.Sprintf("the size of a set (%s) tells wrong predictions from right ones worse than %s in %d of %d models: median AUROC %s against %s",
			c.Transform, c.Confidence, c.Worse, c.Models, words.Value(c.Size), words.Value(c.Reference))
	}
	return unsaid(c)
}

func predictionSetBasis(f study.Finding) string {
	if _, ok := f.Claim.(study.SmallSetsOfAccurate); ok {
		return correlationOver(f.Basis)
	}
	return "exact count on these rows"
}

func predictionSetMissing(m study.Missing) string {
	if _, ok := m.(study.NoPredictionSets); ok {
		return "prediction sets of the rows compared: abstain run CORPUS --sets lac,aps makes them"
	}
	return unsaid(m)
}

func predictionSetNote(n study.Note) string {
	if n, ok := n.(study.SetRowsJudged); ok {
		return fmt.Sprintf("calibrated on %s (%d rows), judged on %d others; a set holds the true class with probability at least 1 - alpha on average over draws "+
			"of calibration rows (Vovk, Gammerman and Shafer 2005), and the coverage of one draw is beta-distributed around that", n.On, n.Rows, n.Judged)
	}
	return unsaid(n)
}

func predictionSetFigures(_ *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	d, ok := e.Data.(*study.PredictionSets)
	if !ok {
		return nil, nil
	}
	s := figure.Strips{}
	panels := []struct {
		axis      figure.Axis
		reference float64
		of        func(results.SetRow) float64
	}{
		{figure.Axis{Label: "coverage"}, 1 - d.Alpha, study.SetCoverage},
		{figure.Axis{Label: "mean set size", Better: metrics.Lower}, math.NaN(), study.SetSize},
		{figure.Axis{Label: "coverage of the worst class", Better: metrics.Higher}, 1 - d.Alpha, study.WorstClass},
	}
	for _, k := range d.Kinds {
		s.Rows = append(s.Rows, strings.TrimPrefix(k.Transform, "sets-"))
	}
	for _, p := range panels {
		panel := figure.StripPanel{Axis: p.axis, Reference: p.reference}
		for _, k := range d.Kinds {
			panel.Strips = append(panel.Strips, figure.Strip{Values: k.Values(p.of), Median: figure.Number(k.Median(p.of))})
		}
		s.Panels = append(s.Panels, panel)
	}
	return draw([]sketch{{"prediction-sets", "Prediction sets by kind",
		fmt.Sprintf("%d kinds of sets at alpha %v, one dot a model; the line is 1 - alpha. More coverage than that is not better: it costs size.", len(d.Kinds), d.Alpha), s}})
}
