package pictures

import (
	"abstain/harness/study"
	"abstain/metrics"
	"abstain/reports/figure"
	"cmp"
	"fmt"
	"math"
	"slices"
)

var rankingCalibration = Picture{
	Name: "ranking-calibration", Title: "Ranking of errors against calibration",
	Claim: noClaim, Basis: noBasis, Missing: noMissing, Note: noNote,
	Listing: noListing, Figures: rankingCalibrationFigures,
}

func rankingCalibrationFigures(r *study.Report, e *study.Experiment) ([]*figure.Figure, error) {
	d, ok := e.Data.(*study.Scatter)
	if !ok {
		return nil, nil
	}
	return draw([]sketch{calibrationCloud(d)})
}

// calibrationCloud sets AUROC against -log10 of the calibration
// error, marks as large as models.
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
