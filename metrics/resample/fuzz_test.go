package resample_test

import (
	"math"
	"slices"
	"testing"

	"abstain/metrics"
	"abstain/metrics/resample"
)

// FuzzValues: whatever the samples and the counts, the sweeps give what the
// metrics give on the expanded table. A sample is two bytes: its confidence, and
// label, answer and count.
func FuzzValues(f *testing.F) {
	f.Add([]byte{200, 0x10, 100, 0x21, 100, 0x30})
	f.Add([]byte{0, 0x13, 255, 0xf2, 255, 0x00, 7, 0x04})
	ms := measures(f, slices.Concat(metrics.DefaultIDs(), beyond)...)
	f.Fuzz(func(t *testing.T, samples []byte) {
		o := &metrics.Outcomes{Classes: 3, Label: []int32{}, LabelRank: []int32{}, Correct: []bool{}, NLL: []float64{}, Brier: []float64{}}
		c := metrics.Confidence{Name: "stored", Probability: true}
		var counts []uint8
		for len(samples) >= 2 && len(counts) < 500 {
			confidence, rest := samples[0], samples[1]
			samples = samples[2:]
			label, rank := int32(rest&3)-1, int32(rest>>2&3)
			if rank == 3 || label < 0 {
				rank = 0
			}
			nll, brier := float64(confidence)/16, float64(rest)/128
			if label < 0 {
				nll, brier = math.NaN(), math.NaN()
			}
			o.Label, o.LabelRank, o.Correct = append(o.Label, label), append(o.LabelRank, rank), append(o.Correct, rank == 0 && label >= 0)
			o.NLL, o.Brier = append(o.NLL, nll), append(o.Brier, brier)
			c.Value = append(c.Value, float64(confidence)/255)
			counts = append(counts, rest>>4)
		}
		o.Confidences = []metrics.Confidence{c}
		got := make([]float64, len(ms))
		resample.NewEvaluator(metrics.Rank(o, &o.Confidences[0]), ms).Values(counts, got)
		want := expanded(o, counts)
		for i, m := range ms {
			tolerance := 1e-9 // bins are differences of running sums
			if m.Metric.ID == "naurc" {
				tolerance = 1e-7 // a quotient of differences, which nearly vanish where almost all is wrong
			}
			if v := m.Of(want).Value; !near(got[i], v, tolerance) {
				t.Errorf("%s = %v, on the expanded table %v", m.ID(), got[i], v)
			}
		}
	})
}
