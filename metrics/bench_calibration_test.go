package metrics_test

import (
	"testing"

	"abstain/metrics"
)

// BenchmarkCalibration measures the metrics of calibration at fifty thousand
// samples without ties, the ranking given.
func BenchmarkCalibration(b *testing.B) {
	o := large()
	r := metrics.Rank(o, o.Confidence("msp"))
	for _, id := range []string{
		"ece@15", "ece-debiased@15", "ece-sweep", "ece-p@15", "ece-top-class@15",
		"smece", "smece-blasiok2023", "sece@0.05", "sece@0.01", "mmce@0.4", "kde-ece@0.02", "ks", "kuiper-p", "mcb", "mcb-log",
	} {
		b.Run(id, func(b *testing.B) {
			m, at, err := metrics.Parse(id)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				m.Of(r, at)
			}
			perSample(b, o.N())
		})
	}
}
