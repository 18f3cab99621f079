package main

import "math"

// expCoefficients approximates (exp(r) - 1)/r on |r| <= half.
func expCoefficients(half float64, degree int) []float64 {
	return interpolate(-half, half, degree, func(r float64) float64 {
		sum, term := 0.0, 1.0
		for k := 2; k < 30; k++ {
			sum += term
			term *= r / float64(k)
		}
		return sum
	})
}

// exp2Coefficients approximates 2^f on 0..1.
func exp2Coefficients(degree int) []float64 {
	return interpolate(0, 1, degree, math.Exp2)
}

// logCoefficients approximates (f - ln(1+f))/f^2 where 1+f runs from sqrt(1/2)
// to sqrt(2).
func logCoefficients(degree int) []float64 {
	return interpolate(math.Sqrt2/2-1, math.Sqrt2-1, degree, func(f float64) float64 {
		if math.Abs(f) > 0.05 {
			return (f - math.Log1p(f)) / (f * f)
		}
		sum, power := 0.0, 1.0
		for k := 2; k < 30; k++ {
			sum += power / float64(k)
			power *= -f
		}
		return sum
	})
}

// interpolate returns the coefficients, lowest first, of the polynomial through
// f at the Chebyshev points of [from, to], which is close to the best there is.
func interpolate(from, to float64, degree int, f func(float64) float64) []float64 {
	points, slopes := make([]float64, degree+1), make([]float64, degree+1)
	for i := range points {
		points[i] = (from+to)/2 + (to-from)/2*math.Cos(math.Pi*(float64(i)+0.5)/float64(degree+1))
		slopes[i] = f(points[i])
	}
	for step := 1; step <= degree; step++ { // divided differences
		for i := degree; i >= step; i-- {
			slopes[i] = (slopes[i] - slopes[i-1]) / (points[i] - points[i-step])
		}
	}
	c := make([]float64, degree+1)
	for i := degree; i >= 0; i-- { // Newton's form, multiplied out
		for k := degree; k > 0; k-- {
			c[k] = c[k-1] - points[i]*c[k]
		}
		c[0] = slopes[i] - points[i]*c[0]
	}
	return c
}
