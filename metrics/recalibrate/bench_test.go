package recalibrate_test

import (
	"math/rand/v2"
	"testing"

	"abstain/metrics/recalibrate"
)

// 5000 rows of 1000 classes are the calibration part of the 523-classifier study.
func BenchmarkFitTemperature(b *testing.B) {
	logits, label := draw(rand.New(rand.NewPCG(1, 1)), 5000, 1000, 1.4)
	for b.Loop() {
		if _, err := recalibrate.FitTemperature(logits, 1000, label, recalibrate.NLL); err != nil {
			b.Fatal(err)
		}
	}
}
