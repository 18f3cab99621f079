package recalibrate

import "abstain/metrics/calibration"

// Tenths is the grid 0.1, 0.2, ..., n/10 of temperatures.
func Tenths(n int) []float64 {
	grid := make([]float64, n)
	for k := range grid {
		grid[k] = float64(k+1) / 10
	}
	return grid
}

// FitTemperatureECE chooses from a grid the temperature of least expected calibration
// error over so many bins of equal width, that of the metric ece, on the rows with a label:
// the first among equals. Loss is that error. AtBound says that the choice is the first or
// the last of the grid. The ECE jumps as samples cross the edges of bins, so that it may
// have several minima and none beside which the others are worse; this is the
// choice of papers to be repeated. FitTemperature is the better one. Errors are those of
// FitTemperature. It panics if the grid is empty or there is no bin.
//
// Source: the code of Bohdal, Yang and Hospedales 2023 (Meta-Calibration), with the grid
// Tenths(100), and of Huang, Park and Simeone 2025 (conformalized credal inference), with
// Tenths(40); both with 15 bins.
func FitTemperatureECE(logits []float64, classes int, label []int32, grid []float64, bins int) (Temperature, error) {
	if len(grid) == 0 || bins < 1 {
		panic("recalibrate: a temperature by ECE needs a grid and a bin")
	}
	n, err := checkLogits(logits, classes, label)
	if err != nil {
		return Temperature{}, err
	}
	rows, correct := make([]float64, 0, n*classes), make([]bool, 0, n)
	for row, l := range labelled(logits, classes, label) {
		first, _ := leaders(row)
		rows, correct = append(rows, row...), append(correct, first == l)
	}
	confidence := make([]float64, n)
	best := FitTemperatureBy(rows, classes, grid, func(sureness []float64) float64 {
		for i, s := range sureness {
			confidence[i] = 1 / (1 - min(s, 0))
		}
		return calibration.L1.Of(calibration.WidthBins(confidence, correct, nil, bins), n)
	})
	best.AtBound = best.T == grid[0] || best.T == grid[len(grid)-1]
	_, best.Flat = extremes(logits, classes, label)
	return best, nil
}
