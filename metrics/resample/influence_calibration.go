package resample

import (
	"math"

	"abstain/metrics"
)

// widthBin is the equal-width bin of v among m: the k with k/m < v <= (k+1)/m in
// float64; the first takes 0 too, and the last what rounding has lifted above 1.
// It is the rule of the ece metric.
func widthBin(v float64, m int) int {
	k := min(max(int(math.Ceil(v*float64(m)))-1, 0), m-1)
	if k > 0 && v <= float64(k)/float64(m) {
		k--
	}
	if k < m-1 && v > float64(k+1)/float64(m) {
		k++
	}
	return k
}

// massBin is the bin of the ece-mass metric: edges half-way between the
// neighbours of each cut of the sorted confidences, bins (lo, hi]. It looks from the
// bin of the value before, as values mostly come in order.
func massBin(r *metrics.Ranked, m int) func(v float64) int {
	n := r.N()
	m = min(m, n)
	rising := func(j int) float64 { return r.Confidence.Value[r.Order[n-1-j]] }
	var edges []float64
	cut := 0
	for k := range m - 1 {
		cut += n / m
		if k < n%m {
			cut++
		}
		edges = append(edges, (rising(cut-1)+rising(cut))/2)
	}
	k := len(edges)
	return func(v float64) int {
		for k > 0 && edges[k-1] >= v {
			k--
		}
		for k < len(edges) && edges[k] < v {
			k++
		}
		return k
	}
}

// calibration is the bins of a ranking.
type calibration struct {
	of      []int32 // bin by place
	size    []float64
	excess  []float64 // sum of correct - confidence
	scatter []float64 // variance of that sum
}

// calibration bins the samples as the metric of that id does.
func (l *lineup) calibration(id string, m int) *calibration {
	kept := &l.bins[0]
	if id == "ece-mass" {
		kept = &l.bins[1]
	}
	if *kept == nil || len((*kept).size) != m {
		*kept = l.newCalibration(id, m)
	}
	return *kept
}

func (l *lineup) newCalibration(id string, m int) *calibration {
	c := &calibration{of: make([]int32, l.n), size: make([]float64, m), excess: make([]float64, m), scatter: make([]float64, m)}
	bin := func(v float64) int { return widthBin(v, m) }
	if id == "ece-mass" {
		bin = massBin(l.r, m)
	}
	for j, v := range l.confidences() {
		b, gap := bin(v), (1-l.wrong[j])-v
		c.of[j] = int32(b)
		c.size[b]++
		c.excess[b] += gap
		c.scatter[b] += float64(gap * gap)
	}
	for b, n := range c.size {
		if n > 1 {
			mean := c.excess[b] / n
			c.scatter[b] = math.Max(0, n/(n-1)*(c.scatter[b]-float64(n*mean*mean)))
		}
	}
	return c
}

// ece pulls by a sample's own gap, with the sign of its bin's, or with what
// weight makes of the sign.
func ece(id string, weight func(gap float64) float64) func(*lineup, float64) []float64 {
	return func(l *lineup, bins float64) []float64 {
		c, conf := l.calibration(id, int(bins)), l.confidences()
		by := make([]float64, len(c.excess))
		for b, x := range c.excess {
			by[b] = weight(x)
		}
		return l.spread(l.each(func(j int) float64 { return by[c.of[j]] * ((1 - l.wrong[j]) - conf[j]) }))
	}
}

// eceL2 is a root: it has no derivative where all gaps are 0.
func eceL2(l *lineup, bins float64) []float64 {
	c, conf := l.calibration("ece-l2", int(bins)), l.confidences()
	square, gaps := 0.0, make([]float64, len(c.excess))
	for b, x := range c.excess {
		if c.size[b] > 0 {
			square += float64(x*x) / c.size[b]
			gaps[b] = x / c.size[b]
		}
	}
	root := math.Sqrt(square / float64(l.n))
	if root == 0 {
		return nil
	}
	return l.spread(l.each(func(j int) float64 {
		gap := gaps[c.of[j]]
		return gap * (2*((1-l.wrong[j])-conf[j]) - gap) / (2 * root)
	}))
}

// withoutBias lowers the lower bound of a binned calibration error by how much
// chance alone may have raised its value. The gap of a bin is never exactly 0,
// and its absolute value or square is on average more than that of the true
// gap, the more the closer that is to 0; each bin's true gap is taken as small
// as one standard error below what was found.
func (l *lineup) withoutBias(id string, bins int, lo float64) float64 {
	c := l.calibration(id, bins)
	n, bias := float64(l.n), 0.0
	for b, x := range c.excess {
		switch s := math.Sqrt(c.scatter[b]); {
		case s == 0:
		case id == "ece-l2":
			bias += c.scatter[b] / c.size[b] / n
		default:
			u := math.Max(0, math.Abs(x)/s-1)
			density := math.Exp(-u*u/2) / math.Sqrt(2*math.Pi)
			bias += 2 * s * (density - float64(u*normalShare(-u))) / n
		}
	}
	if id == "ece-l2" {
		return math.Sqrt(math.Max(0, float64(lo*lo)-bias))
	}
	return math.Max(0, lo-bias)
}
