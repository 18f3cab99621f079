package calibration

import (
	"math"

	"abstain/metrics/internal/sums"
)

// BrierParts is the Brier score, summed over classes, decomposed by predicted
// class: the samples predicted as one class share the label frequencies of
// their group. Uncertainty - Resolution + Reliability is the Brier score up to
// twice the covariance, inside the groups, of probabilities and labels.
type BrierParts struct {
	Uncertainty float64 // 1 - sum of squared label frequencies: 0 to 1
	Resolution  float64 // mean squared distance of the group's label frequencies from all labels'
	Reliability float64 // mean squared distance of the probabilities from their group's label frequencies
}

// DecomposeBrierByPrediction computes the parts from len(label) x classes
// probabilities, row by row, labels and predictions (Bröcker 2009 with the
// partition by predicted class). All parts are NaN without samples. It panics if
// the slices do not agree in length, and on labels or predictions outside
// 0..classes-1.
func DecomposeBrierByPrediction(vectors []float64, classes int, label, prediction []int32) BrierParts {
	n := len(label)
	if len(vectors) != n*classes || len(prediction) != n {
		panic("calibration: class vectors, labels and predictions differ in length")
	}
	if n == 0 {
		return BrierParts{math.NaN(), math.NaN(), math.NaN()}
	}
	size := make([]int, classes)          // samples by predicted class
	all := make([]int, classes)           // samples by label
	count := make([]int, classes*classes) // by predicted class and label
	for i, l := range label {
		size[prediction[i]]++
		all[l]++
		count[int(prediction[i])*classes+int(l)]++
	}
	var squares, resolution, reliability sums.Sum
	for l, k := range all {
		f := float64(k) / float64(n)
		squares.Add(f * f)
		for g, of := range size {
			if of > 0 {
				d := f - float64(count[g*classes+l])/float64(of)
				resolution.Add(float64(of) * float64(d*d))
			}
		}
	}
	for i, g := range prediction {
		for l, p := range vectors[i*classes : (i+1)*classes] {
			d := p - float64(count[int(g)*classes+l])/float64(size[g])
			reliability.Add(d * d)
		}
	}
	return BrierParts{1 - squares.Value(), resolution.Value() / float64(n), reliability.Value() / float64(n)}
}
