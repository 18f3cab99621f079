package pictures

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports/figure"
	"abstain/reports/words"
)

var rankingCalibration = Picture{
	Name: "ranking-calibration", Title: "Ranking of errors against calibration",
	Claim: rankingCalibrationClaim, Basis: rankingCalibrationBasis, Missing: rankingCalibrationMissing, Note: noNote,
	Listing: noListing, Figures: rankingCalibrationFigures,
}

func rankingCalibrationClaim(c study.Claim) string {
	switch c := c.(type) {
	case study.RankingWithCalibration:
		how := "worse"
		if c.Spearman < 0 { // the calibration metric is an error, so smaller is better
			how = "better"
		}
		return fmt.Sprintf("models that rank their errors better are %s calibrated, as far as the rank correlation goes: %s = %s",
			how, spearman(c.Ranking, c.Calibration), coefficient(c.Spearman, c.In))
	case study.Undominated:
		const most = 8
		return fmt.Sprintf("%s no other model is better at both %s and %s: %s", words.Count(len(c.Models), "model is such that", "models are such that"),
			study.Label(c.Ranking), study.Label(c.Calibration), words.List(words.FirstOf(c.Models, most)))
	case study.Overconfident:
		return fmt.Sprintf("%s of the models are over-confident on average (mean confidence above accuracy)", share(c.Over, c.Models, c.Share))
	}
	return unsaid(c)
}

func rankingCalibrationBasis(f study.Finding) string {
	switch f.Claim.(type) {
	case study.Undominated:
		return "exact count on these values; their sampling error may move models on and off"
	case study.Overconfident:
		return wilsonOver(f.Basis)
	}
	return correlationOver(f.Basis)
}

func rankingCalibrationMissing(m study.Missing) string {
	if _, ok := m.(study.NoRankingCalibration); ok {
		return "AUROC and a calibration error (ece@15, or accuracy and mean-confidence) of the same models"
	}
	return unsaid(m)
}

func rankingCalibrationFigures(r *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	d, ok := e.Data.(*study.Scatter)
	if !ok {
		return nil, nil
	}
	return draw([]sketch{calibrationCloud(d)})
}

// calibrationCloud shows AUROC against -log10 of the calibration error; the size
// of a mark shows the size of the model.
func calibrationCloud(d *study.Scatter) sketch {
	c := figure.Cloud{X: axis(d.X), Y: figure.Axis{Label: "−log10 " + study.Label(d.Y), Better: metrics.Higher}, Grouping: "training regime", Marked: markedRegimes(d.Points)}
	points, sized := slices.Clone(d.Points), false
	slices.SortStableFunc(points, func(a, b study.ScatterPoint) int { return cmp.Compare(b.X, a.X) })
	for k, p := range points {
		sized = sized || p.Params > 0
		c.Points = append(c.Points, figure.Point{Name: p.Model, Group: p.Regime, X: figure.Number(p.X), Y: figure.Number(-math.Log10(p.Y)),
			Size: p.Params, Named: k < 3 || k == len(points)-1})
	}
	if sized {
		c.Size = "the number of parameters"
	}
	return sketch{"ranking-calibration", fmt.Sprintf("%s against %s", study.Label(d.X), study.Label(d.Y)),
		fmt.Sprintf("%d models: how well they rank their errors against how well their confidence is calibrated.", len(d.Points)), c}
}
