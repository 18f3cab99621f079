package sums

import "math"

// Variance is the unbiased variance; NaN if a value is infinite.
func Variance(x []float64) float64 {
	var total Sum
	for _, v := range x {
		total.Add(v)
	}
	mean := total.Value() / float64(len(x))
	if math.IsInf(mean, 0) {
		return math.NaN()
	}
	var squares Sum
	for _, v := range x {
		d := v - mean
		squares.Add(float64(d * d))
	}
	return squares.Value() / float64(len(x)-1)
}

// Gini is the Gini coefficient of falling values: the sum over i of (2i - n - 1) times
// the i-th smallest value, over n times the sum of values.
func Gini(falling []float64) float64 {
	n := len(falling)
	var weighed, total Sum
	for j, v := range falling {
		weighed.Add(float64(float64(n-1-2*j) * v))
		total.Add(v)
	}
	return weighed.Value() / (float64(n) * total.Value())
}
