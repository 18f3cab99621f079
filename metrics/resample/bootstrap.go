package resample

import (
	"math"
	"slices"

	"abstain/metrics"
	"abstain/metrics/stattest"
)

// Bootstrap evaluates measures on every replicate: row k of the result holds the
// values of measure k, one per replicate, NaN where it is undefined. With the
// same replicates two models' rows are paired: their difference, entry by entry,
// is distributed as the difference of the models is. The result takes 8 bytes
// per measure and replicate. It panics if the replicates are not of r's samples.
func Bootstrap(r *metrics.Ranked, measures []metrics.Measure, replicates *Replicates) [][]float64 {
	e := NewEvaluator(r, measures)
	values := make([][]float64, len(measures))
	for m := range values {
		values[m] = make([]float64, replicates.B)
	}
	out := make([]float64, len(measures))
	var scratch, drawn []uint8
	if replicates.bundles == nil {
		scratch, drawn = make([]uint8, lanes*replicates.Design.n), make([]uint8, lanes*replicates.Design.n)
	}
	for first := 0; first < replicates.B; first += lanes {
		counts, n := replicates.bundle(first/lanes, scratch, drawn)
		e.eachOf(counts, n, out, func(lane int) {
			for m, v := range out {
				values[m][first+lane] = v
			}
		})
	}
	return values
}

// Spread is the standard deviation of the defined replicates; NaN if fewer than
// two are.
func Spread(replicates []float64) float64 {
	values := defined(replicates)
	if len(values) < 2 {
		return math.NaN()
	}
	mean, squares := 0.0, 0.0
	for _, v := range values {
		mean += v
	}
	mean /= float64(len(values))
	for _, v := range values {
		squares += float64((v - mean) * (v - mean))
	}
	return math.Sqrt(squares / float64(len(values)-1))
}

// defined are the values that are not NaN, rising.
func defined(replicates []float64) []float64 {
	values := slices.DeleteFunc(slices.Clone(replicates), math.IsNaN)
	slices.Sort(values)
	return values
}

// Percentile is the interval between the quantiles (1-level)/2 and (1+level)/2
// of the replicates. Undefined replicates are left out; both bounds are NaN if
// all are. A level that asks for quantiles beyond the smallest and the largest
// replicate gets these.
//
// Source: Efron and Tibshirani 1993, chapter 13.
func Percentile(replicates []float64, level float64) (lo, hi float64) {
	values := defined(replicates)
	return quantile(values, (1-level)/2), quantile(values, (1+level)/2)
}

// quantile interpolates between the order statistics around (B+1)p.
func quantile(rising []float64, p float64) float64 {
	if len(rising) == 0 {
		return math.NaN()
	}
	at := p*float64(len(rising)+1) - 1
	k := int(math.Floor(at))
	switch {
	case k < 0:
		return rising[0]
	case k >= len(rising)-1:
		return rising[len(rising)-1]
	case rising[k] == rising[k+1]:
		return rising[k]
	}
	return rising[k] + float64((at-float64(k))*(rising[k+1]-rising[k]))
}

// BCa is the bias-corrected and accelerated interval of an estimate: the
// quantiles of the replicates are moved by how far the estimate lies from their
// median, and by the acceleration, that of Acceleration, or 0 for the
// bias-corrected interval (BC). Both bounds are NaN if no replicate is defined;
// if all lie on one side of the estimate, the percentile interval is returned.
//
// Source: Efron 1987; Efron and Tibshirani 1993, section 14.3.
func BCa(replicates []float64, estimate, acceleration, level float64) (lo, hi float64) {
	values := defined(replicates)
	below, _ := slices.BinarySearch(values, estimate)
	upto := below
	for upto < len(values) && values[upto] == estimate {
		upto++
	}
	share := float64(below+upto) / (2 * float64(len(values)))
	if !(share > 0 && share < 1) {
		return Percentile(replicates, level)
	}
	bias := stattest.NormalQuantile(share)
	move := func(p float64) float64 {
		z := bias + stattest.NormalQuantile(p)
		return quantile(values, stattest.NormalShare(bias+z/(1-float64(acceleration*z))))
	}
	return move((1 - level) / 2), move((1 + level) / 2)
}
