package resample

import (
	"math"

	"abstain/metrics"
	"abstain/metrics/calibration"
	"abstain/metrics/stattest"
)

// binning is a way to bin the samples.
type binning uint8

const (
	equalWidth binning = iota // as the ece metric
	equalMass                 // as the ece-mass metric
)

// massBin is the bin of a value under equalMass. It looks from the bin of the value
// before, as values mostly come in order.
func massBin(r *metrics.Ranked, m int) func(v float64) int {
	edges := calibration.MassEdges(r.Confidence.Value, r.Order, m)
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

// gaps are the bins of a ranking.
type gaps struct {
	of      []int32 // bin by place
	size    []float64
	excess  []float64 // sum of correct - confidence
	scatter []float64 // variance of that sum
}

// gaps bins the samples.
func (l *layout) gaps(by binning, m int) *gaps {
	kept := &l.bins[by]
	if *kept == nil || len((*kept).size) != m {
		*kept = l.newGaps(by, m)
	}
	return *kept
}

func (l *layout) newGaps(by binning, m int) *gaps {
	c := &gaps{of: make([]int32, l.n), size: make([]float64, m), excess: make([]float64, m), scatter: make([]float64, m)}
	bin := func(v float64) int { return calibration.WidthBin(v, m) }
	if by == equalMass {
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
func ece(binning binning, weight func(gap float64) float64) func(*layout, float64) []float64 {
	return func(l *layout, bins float64) []float64 {
		c, conf := l.gaps(binning, int(bins)), l.confidences()
		weights := make([]float64, len(c.excess))
		for b, x := range c.excess {
			weights[b] = weight(x)
		}
		return l.spread(l.each(func(j int) float64 { return weights[c.of[j]] * ((1 - l.wrong[j]) - conf[j]) }))
	}
}

func positive(gap float64) float64 { return math.Max(sign(gap), 0) }
func negative(gap float64) float64 { return math.Min(sign(gap), 0) }

// eceL2 is a root: it has no derivative where all gaps are 0.
func eceL2(l *layout, bins float64) []float64 {
	c, conf := l.gaps(equalWidth, int(bins)), l.confidences()
	square, mean := 0.0, make([]float64, len(c.excess))
	for b, x := range c.excess {
		if c.size[b] > 0 {
			square += float64(x*x) / c.size[b]
			mean[b] = x / c.size[b]
		}
	}
	root := math.Sqrt(square / float64(l.n))
	if root == 0 {
		return nil
	}
	return l.spread(l.each(func(j int) float64 {
		gap := mean[c.of[j]]
		return gap * (2*((1-l.wrong[j])-conf[j]) - gap) / (2 * root)
	}))
}

// gapBias lowers the lower bound of a binned calibration error by how much chance
// alone may have raised its value. The gap of a bin is never exactly 0, and its
// absolute value is on average more than that of the true gap, the more the closer
// that is to 0; each bin's true gap is taken as small as one standard error below what
// was found.
func gapBias(binning binning) func(l *layout, bins int, lo float64) float64 {
	return func(l *layout, bins int, lo float64) float64 {
		c := l.gaps(binning, bins)
		n, bias := float64(l.n), 0.0
		for b, x := range c.excess {
			s := math.Sqrt(c.scatter[b])
			if s == 0 {
				continue
			}
			u := math.Max(0, math.Abs(x)/s-1)
			density := math.Exp(-u*u/2) / math.Sqrt(2*math.Pi)
			bias += 2 * s * (density - float64(u*stattest.NormalShare(-u))) / n
		}
		return math.Max(0, lo-bias)
	}
}

// squareBias is gapBias of ece-l2: the expectation of each squared gap is more than the
// true one's by its variance.
func squareBias(l *layout, bins int, lo float64) float64 {
	c := l.gaps(equalWidth, bins)
	n, bias := float64(l.n), 0.0
	for b := range c.excess {
		if c.scatter[b] > 0 {
			bias += c.scatter[b] / c.size[b] / n
		}
	}
	return math.Sqrt(math.Max(0, float64(lo*lo)-bias))
}
