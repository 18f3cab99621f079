package calibration

import (
	"math"
	"slices"

	"abstain/metrics/internal/sums"
)

// SmoothECEOnMesh is the smooth calibration error as the code of its authors
// computes it, and its bandwidth. That code cuts the kernel off at a distance of
// 1/2, uses meshes of 1000 and 200 intervals or of 10 and 10 over the bandwidth,
// adds a small constant to the density, and finds the bandwidth by halving [0, 1]
// ten times. Its reflection leaves out the end points, so samples with a
// confidence of exactly 0 or 1 count half; this causes the largest difference
// from SmoothECE. Without such samples the difference is up to 1e-3 for
// bandwidths below 0.1, and up to 0.03 for wider ones, where the cut matters.
// NaN, and panics, as SmoothECE.
func SmoothECEOnMesh(confidence []float64, correct []bool) (value, width float64) {
	p := rising(confidence, correct)
	if p.n() == 0 {
		return math.NaN(), math.NaN()
	}
	holds := func(width float64) bool { return width < narrowestWidth || width < p.meshError(width) }
	width, low := 1.0, 0.0
	if holds(width) {
		return p.meshError(width), width
	}
	for range 10 {
		if middle := (width + low) / 2; holds(middle) {
			low = middle
		} else {
			width = middle
		}
	}
	return p.meshError(width), width
}

// SmoothECEOnMeshAt is the error at a given bandwidth above 0, otherwise as
// SmoothECEOnMesh.
func SmoothECEOnMeshAt(confidence []float64, correct []bool, bandwidth float64) float64 {
	if !(bandwidth > 0) {
		panic("calibration: a bandwidth that is not above 0")
	}
	p := rising(confidence, correct)
	if p.n() == 0 {
		return math.NaN()
	}
	return p.meshError(bandwidth)
}

// meshError smooths residuals and density on one mesh and averages over another.
func (p pairs) meshError(sigma float64) float64 {
	m := p.mesh(int(max(2000, math.RoundToEven(20/sigma)))/2+1, sigma)
	var total, mass sums.Sum
	targets := int(max(math.RoundToEven(10/sigma), 200))
	for i := range targets {
		t := float64(i) / float64(targets-1) * float64(m.points-1)
		j := min(int(t), m.points-2)
		share := t - float64(j)
		r, d := m.smooth(j)
		right, density := m.smooth(j + 1)
		total.Add(math.Abs(float64(r*(1-share)) + float64(right*share)))
		mass.Add(float64(d*(1-share)) + float64(density*share) + 1e-4)
	}
	return total.Value() / mass.Value()
}

// mesh holds the kernel, and residuals and density on equidistant points of [0,
// 1], continued by reflection at the first and the last point. It lists only
// points where there are residuals.
type mesh struct {
	points   int
	kernel   []float64
	reach    int // the kernel is negligible farther from its centre
	occupied []occupied
}

type occupied struct {
	at                int // 0..points-1; smaller and larger ones are mirror images
	residual, density float64
}

// mesh divides each sample between the two points around its confidence.
func (p pairs) mesh(points int, sigma float64) *mesh {
	residual, density := make([]float64, points), make([]float64, points)
	for j, c := range p.confidence {
		x := c * float64(points-1)
		k := min(max(int(x), 0), points-2)
		share := x - float64(k)
		r := c
		if p.correct[j] {
			r--
		}
		residual[k] += float64((1 - share) * r)
		residual[k+1] += float64(share * r)
		density[k] += 1 - share
		density[k+1] += share
	}
	m := &mesh{points: points, kernel: meshKernel(points, sigma), reach: int(9 * sigma * float64(points))}
	last := points - 1
	for at := -last; at <= 2*last; at++ {
		k := last - abs(last-abs(at))
		if density[k] != 0 {
			m.occupied = append(m.occupied, occupied{at, residual[k], density[k]})
		}
	}
	return m
}

// meshKernel is the density of a normal of mean 1/2 on a mesh of [0, 1].
func meshKernel(points int, sigma float64) []float64 {
	kernel := make([]float64, points)
	for k := range kernel {
		x := (float64(k)/float64(points-1) - 0.5) / sigma
		kernel[k] = math.Exp(-float64(x*x)/2) / (math.Sqrt(2*math.Pi) * sigma)
	}
	return kernel
}

// smooth is the convolution with the kernel at point i.
func (m *mesh) smooth(i int) (residual, density float64) {
	first := i - (m.points - 1 - m.points/2) // where the kernel begins
	centre := m.points / 2
	from := max(0, centre-m.reach)
	to := min(m.points-1, centre+m.reach)
	j, _ := slices.BinarySearchFunc(m.occupied, first+from, func(o occupied, at int) int { return o.at - at })
	for ; j < len(m.occupied) && m.occupied[j].at <= first+to; j++ {
		o := &m.occupied[j]
		w := m.kernel[o.at-first]
		residual += float64(w * o.residual)
		density += float64(w * o.density)
	}
	return residual, density
}
