package metrics

import "math"

// Point is a point of a risk-coverage curve.
type Point struct {
	Coverage  float64 // accepted share of all in-distribution samples, in (0, 1]
	Risk      float64 // share of errors among the accepted
	Threshold float64 // smallest accepted confidence, on the ordering scale
}

// Bin is a bin of a reliability diagram: samples with Lo < confidence <= Hi
// (the first bin also takes Lo).
type Bin struct {
	Lo, Hi     float64
	N          int
	Accuracy   float64 // NaN if empty
	Confidence float64 // mean confidence; NaN if empty
}

// RiskCoverage is the selective risk at every threshold the confidences allow:
// one point per group of equal confidence, coverage rising, up to the share that the
// model answered. It is nil if r is empty or not ranked.
func RiskCoverage(r *Ranked) []Point {
	if len(r.Ends) == 0 {
		return nil
	}
	points := make([]Point, len(r.Ends))
	for g := range points {
		points[g] = r.point(g)
	}
	return points
}

// Oracle is the risk-coverage curve of the same errors ranked perfectly: one
// point for all correct samples, then one per error. Its thresholds are NaN. It
// is nil if r is empty.
func Oracle(r *Ranked) []Point {
	n := r.N()
	if n == 0 {
		return nil
	}
	points := make([]Point, 0, r.Errors+1)
	for e := range r.Errors + 1 {
		if k := n - r.Errors + e; k > 0 {
			points = append(points, Point{float64(k) / float64(r.All()), float64(e) / float64(k), math.NaN()})
		}
	}
	return points
}

// Reliability is the reliability diagram over equal-width bins: the bins of the
// ece metric, empty ones included. It is nil if r is empty or not ranked, or if
// its confidence is no probability. It panics if bins < 1.
func Reliability(r *Ranked, bins int) []Bin {
	if bins < 1 {
		panic("metrics: a reliability diagram needs a bin")
	}
	if uncalibrated(r) != "" {
		return nil
	}
	diagram := make([]Bin, bins)
	for k, b := range equalWidth(r, bins) {
		d := Bin{Lo: float64(k) / float64(bins), Hi: float64(k+1) / float64(bins), N: b.N, Accuracy: math.NaN(), Confidence: math.NaN()}
		if b.N > 0 {
			d.Accuracy, d.Confidence = b.Accuracy(), b.Confidence()
		}
		diagram[k] = d
	}
	return diagram
}

// Thin reduces a curve to at most limit points for drawing: the first, the last,
// and between them the points that form the largest triangles with their
// neighbours (Steinarsson 2013), so that peaks stay visible. A curve that is
// short enough is returned as it is. It panics if limit < 3.
func Thin(points []Point, limit int) []Point {
	if limit < 3 {
		panic("metrics: a curve needs at least three points")
	}
	n := len(points)
	if n <= limit {
		return points
	}
	kept := make([]Point, 0, limit)
	kept = append(kept, points[0])
	cut := func(k int) int { return 1 + k*(n-2)/(limit-2) } // first point of part k of the curve
	for k := range limit - 2 {
		next := centre(points[min(cut(k+1), n-1):min(cut(k+2), n)])
		bucket := points[cut(k):cut(k+1)]
		kept = append(kept, bucket[widest(kept[len(kept)-1], bucket, next)])
	}
	return append(kept, points[n-1])
}

// centre is the mean of the points.
func centre(points []Point) Point {
	var c Point
	for _, p := range points {
		c.Coverage += p.Coverage
		c.Risk += p.Risk
	}
	c.Coverage /= float64(len(points))
	c.Risk /= float64(len(points))
	return c
}

// widest is the point of the bucket that forms the largest triangle with a and b.
func widest(a Point, bucket []Point, b Point) int {
	best, largest := 0, -1.0
	for i, p := range bucket {
		area := math.Abs(float64((a.Coverage-b.Coverage)*(p.Risk-a.Risk)) - float64((a.Coverage-p.Coverage)*(b.Risk-a.Risk)))
		if area > largest {
			best, largest = i, area
		}
	}
	return best
}
