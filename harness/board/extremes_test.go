package board

import (
	"fmt"
	"math"
	"testing"

	"abstain/metrics"
)

func TestCalibrationExtremes(t *testing.T) {
	b := &Board{By: metrics.MustMeasure("aurc"), Beside: metrics.MustMeasures("accuracy", "ece@15", "overconfidence")}
	of := func(v float64) metrics.Estimate { return metrics.Estimate{Value: v, N: 10} }
	for i, row := range [][3]float64{{0.9, 0.05, 0.02}, {0.8, 0.01, 0.01}, {0.85, 0.2, 0.2}, {0.88, 0.3, -0.3}, {0.1, 0.8, 0.8}, {0.2, math.NaN(), -0.9}} {
		b.Entries = append(b.Entries, Entry{Model: fmt.Sprint("m", i), Value: of(float64(i)), Beside: []metrics.Estimate{of(row[0]), of(row[1]), of(row[2])}})
	}
	want := "[{m0 best AURC} {m1 smallest ECE} {m2 most over-confident} {m3 least confident}]"
	if got := fmt.Sprint(CalibrationExtremes(b)); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	b.Beside = nil
	if got := fmt.Sprint(CalibrationExtremes(b)); got != "[{m0 best AURC}]" {
		t.Errorf("without metrics: %s", got)
	}
	if got := CalibrationExtremes(&Board{}); got != nil {
		t.Errorf("without models: %v", got)
	}
}
