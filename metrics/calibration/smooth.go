package calibration

import (
	"math"

	"abstain/metrics/internal/sums"
)

// Smooth calibration error (Błasiok and Nakkiran 2024): the residual confidence -
// correct is smoothed along confidence by a Gaussian kernel that is reflected at
// 0 and 1, and its absolute value is integrated. The bandwidth is chosen so that
// the error equals the bandwidth.
//
// Reflected smoothing is heat flow with closed ends: the coefficient of cos(pi k
// t) shrinks by exp(-(pi k sigma)^2 / 2). The residuals are therefore put on a
// mesh and transformed once, and each bandwidth needs only one short transform
// back.

const (
	finest         = 8192  // intervals of the mesh that takes the residuals
	narrowestWidth = 0.001 // smallest bandwidth tried
)

// smoother holds the cosine coefficients of the residuals.
type smoother struct {
	n           int
	coefficient []float64
}

// smoother puts the residuals on the mesh with the weights of cubic
// interpolation. A bandwidth sigma sees an error of at most
// 0.1 / (finest sigma)^4 of the mean absolute residual.
func (p pairs) smoother() *smoother {
	mesh := make([]float64, 2*finest)
	for _, t := range p.ties() {
		deposit(mesh, min(max(t.at, 0), 1)*finest, float64(t.n*t.at)-t.right)
	}
	return &smoother{p.n(), cosines(mesh)}
}

// deposit adds a weight at x to the four nearest nodes 0..finest of the mesh,
// reflected at its ends, so that cubic polynomials keep their value.
func deposit(mesh []float64, x, weight float64) {
	j := min(int(x), finest-1)
	t := x - float64(j)
	a, b, c, d := t+1, t, t-1, t-2
	mesh[abs(j-1)] -= weight * b * c * d / 6
	mesh[j] += weight * a * c * d / 2
	mesh[j+1] -= weight * a * b * d / 2
	mesh[finest-abs(finest-j-2)] += weight * a * b * c / 6
}

func abs(j int) int { return max(j, -j) }

// at is the smooth calibration error at a bandwidth.
func (s *smoother) at(sigma float64) float64 {
	m := 512
	for float64(m) < 32/sigma {
		m *= 2
	}
	series := make([]float64, 2*m)
	series[0] = s.coefficient[0]
	for k := 1; k < min(m, finest); k++ {
		x := math.Pi * float64(k) * sigma
		if x > 8.6 {
			break // below 1e-16 of the first
		}
		series[k] = 2 * s.coefficient[k] * math.Exp(-x*x/2)
	}
	return min(1, integrateAbs(cosines(series))/float64(s.n)) // it can exceed 1 by rounding only
}

// integrateAbs is the integral over [0, 1] of the absolute value of a smooth
// function whose slope is 0 at both ends, from equidistant values. Trapezoids
// would be exact except for the kinks at the zeros; each kink is corrected by two
// triangles and a term of Euler and Maclaurin.
func integrateAbs(v []float64) float64 {
	var total sums.Sum
	for j := 1; j < len(v); j++ {
		a, b := math.Abs(v[j-1]), math.Abs(v[j])
		if v[j-1]*v[j] < 0 {
			total.Add((float64(a*a)+float64(b*b))/(a+b) + (a+b)/3)
		} else {
			total.Add(a + b)
		}
	}
	return total.Value() / float64(2*(len(v)-1))
}

// fixedPoint is the bandwidth that equals its error, and the error. The error
// does not rise with the bandwidth, so there is exactly one such point in (0, 1].
func (s *smoother) fixedPoint() (value, width float64) {
	lo, hi := 1.0, 1.0
	above, below := s.at(hi)-hi, 0.0
	for above <= 0 { // towards narrow bandwidths, which take more time
		if lo == narrowestWidth {
			return above + lo, lo
		}
		hi, below = lo, above
		lo = max(lo/4, narrowestWidth)
		above = s.at(lo) - lo
	}
	// False position; the value at an end that stays is halved (Illinois).
	side := 0
	for range 100 {
		width = hi - below*(hi-lo)/(below-above)
		gap := s.at(width) - width
		if math.Abs(gap) <= 1e-13 || hi-lo <= 1e-13 {
			return gap + width, width
		}
		if gap > 0 {
			lo, above = width, gap
			if side > 0 {
				below /= 2
			}
			side = 1
		} else {
			hi, below = width, gap
			if side < 0 {
				above /= 2
			}
			side = -1
		}
	}
	return s.at(width), width
}

// SmoothECE is the smooth calibration error, 0 to 1, and the bandwidth that
// equals it, 0.001 to 1. If the error is below 0.001, the bandwidth stays at
// 0.001. Samples come in any order. The difference from the definition is below
// 1e-6 for bandwidths from 0.004 on, and always below 2e-5. Both values are NaN
// without samples. It panics if the slices differ in length, and on a confidence
// of NaN.
func SmoothECE(confidence []float64, correct []bool) (value, width float64) {
	p := rising(confidence, correct)
	if p.n() == 0 {
		return math.NaN(), math.NaN()
	}
	return p.smoother().fixedPoint()
}

// SmoothECEAt is the smooth calibration error at a given bandwidth, with the
// accuracy of SmoothECE. It panics if the bandwidth is below 0.001 or above 1,
// and as SmoothECE does.
func SmoothECEAt(confidence []float64, correct []bool, bandwidth float64) float64 {
	if !(bandwidth >= narrowestWidth && bandwidth <= 1) {
		panic("calibration: a bandwidth outside 0.001 to 1")
	}
	p := rising(confidence, correct)
	if p.n() == 0 {
		return math.NaN()
	}
	return p.smoother().at(bandwidth)
}
