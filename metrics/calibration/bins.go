package calibration

import (
	"math"
	"slices"

	"abstain/metrics/internal/sums"
)

// Bin gathers the samples of one bin.
type Bin struct {
	N, Right   int // samples in it, and how many of them are right
	confidence sums.Sum
}

func (b *Bin) add(confidence float64, right bool) {
	b.N++
	if right {
		b.Right++
	}
	b.confidence.Add(confidence)
}

// Accuracy is the share of right samples; NaN if the bin is empty.
func (b *Bin) Accuracy() float64 { return float64(b.Right) / float64(b.N) }

// Confidence is the mean confidence; NaN if the bin is empty.
func (b *Bin) Confidence() float64 { return b.confidence.Value() / float64(b.N) }

// excess is N times the gap between accuracy and mean confidence.
func (b *Bin) excess() float64 { return float64(b.Right) - b.confidence.Value() }

// Of makes one number of the gaps of the non-empty bins. n is the number of
// samples; the bins hold fewer if some samples are in no bin.
func (o Norm) Of(bins []Bin, n int) float64 {
	switch o {
	case L2:
		return normL2(bins, n)
	case Largest:
		return normMax(bins)
	case MeanGap:
		return normMean(bins)
	case Over:
		return oneSided(bins, n, -1)
	case Under:
		return oneSided(bins, n, 1)
	}
	return normL1(bins, n)
}

func normL1(bins []Bin, n int) float64 {
	var total sums.Sum
	for i := range bins {
		total.Add(math.Abs(bins[i].excess()))
	}
	return total.Value() / float64(n)
}

func normL2(bins []Bin, n int) float64 {
	var total sums.Sum
	for i := range bins {
		if b := &bins[i]; b.N > 0 {
			x := b.excess()
			total.Add(float64(x*x) / float64(b.N))
		}
	}
	return math.Sqrt(total.Value() / float64(n))
}

func normMax(bins []Bin) float64 {
	worst := 0.0
	for i := range bins {
		if b := &bins[i]; b.N > 0 {
			worst = math.Max(worst, math.Abs(b.excess())/float64(b.N))
		}
	}
	return worst
}

// normDebiased is normL2 without the part of the squared gaps that is expected if
// every bin is perfectly calibrated.
func normDebiased(bins []Bin, n int) float64 {
	var total sums.Sum
	for i := range bins {
		if b := &bins[i]; b.N > 1 {
			x, accuracy := b.excess(), b.Accuracy()
			total.Add(float64(x*x) / float64(b.N))
			total.Add(-float64(b.Right) * (1 - accuracy) / float64(b.N-1))
		}
	}
	return math.Sqrt(max(0, total.Value()/float64(n)))
}

func normMean(bins []Bin) float64 {
	var total sums.Sum
	full := 0
	for i := range bins {
		if b := &bins[i]; b.N > 0 {
			full++
			total.Add(math.Abs(b.excess()) / float64(b.N))
		}
	}
	if full == 0 {
		return 0
	}
	return total.Value() / float64(full)
}

// oneSided is normL1 of the gaps accuracy - confidence of one sign.
func oneSided(bins []Bin, n int, sign float64) float64 {
	var total sums.Sum
	for i := range bins {
		total.Add(math.Max(0, sign*bins[i].excess()))
	}
	return total.Value() / float64(n)
}

// exactBin is a bin of confidences that are probabilities. Its sum does not
// depend on the order in which they come.
type exactBin struct {
	tally      uint64 // 2^32 for each sample, 1 for each right one
	confidence sums.Unit
}

func (b *exactBin) add(confidence float64, right bool) {
	one := uint64(0)
	if right {
		one = 1
	}
	b.tally += 1<<32 | one
	b.confidence.Add(confidence)
}

// rounded returns the bins with their sums as float64.
func rounded(exact []exactBin) []Bin {
	bins := make([]Bin, len(exact))
	for k, b := range exact {
		bins[k] = Bin{int(b.tally >> 32), int(uint32(b.tally)), sums.Of(b.confidence.Value())}
	}
	return bins
}

// WidthBins places samples in the m bins ((k-1)/m, k/m], the first of which also takes
// 0. Samples may come in any order. Those with a negative label are left out; label may
// be nil.
func WidthBins(confidence []float64, correct []bool, label []int32, m int) []Bin {
	bins := make([]exactBin, m)
	correct = correct[:len(confidence)]
	near := float64(m) * 0x1p-50 // the edge and the product are each off by less than m 2^-53
	for i, v := range confidence {
		if label != nil && label[i] < 0 {
			continue
		}
		place := v * float64(m)
		k := int(place)
		if off := place - float64(k); off < near || off > 1-near || k >= m {
			k = WidthBin(v, m)
		}
		bins[k].add(v, correct[i])
	}
	return rounded(bins)
}

// WidthBin is the number of the bin, from 0, of a confidence among the m bins of
// WidthBins: the k with k/m < v <= (k+1)/m in float64. The product v m is off by
// at most one bin, which the comparison with the edges corrects. A confidence
// that rounding raised above 1 is in the last bin.
func WidthBin(v float64, m int) int {
	k := max(min(int(v*float64(m)), m-1), 0)
	if v <= float64(k)/float64(m) {
		return max(k-1, 0)
	}
	if v > float64(k+1)/float64(m) {
		return min(k+1, m-1)
	}
	return k
}

// MassBins cuts the sorted confidences into m runs whose lengths differ by at
// most one (the longer ones at the low end), sets an edge half-way between the
// neighbours of each cut, and places samples by value. Equal confidences
// therefore stay together. falling lists the samples by falling confidence.
func MassBins(confidence []float64, correct []bool, falling []int32, m int) []Bin {
	edges := MassEdges(confidence, falling, m)
	bins := make([]exactBin, len(edges)+1)
	k := len(edges)
	for _, i := range falling {
		v := confidence[i]
		for k > 0 && v <= edges[k-1] { // down to the first edge >= v: right-closed
			k--
		}
		bins[k].add(v, correct[i])
	}
	return rounded(bins)
}

// MassEdges lists the inner edges of MassBins, rising. There is one edge less
// than bins, and at most as many bins as samples. Bins between equal edges are
// empty.
func MassEdges(confidence []float64, falling []int32, m int) []float64 {
	n := len(falling)
	m = min(m, n)
	rising := func(j int) float64 { return confidence[falling[n-1-j]] }
	var edges []float64
	cut := 0
	for k := range m - 1 {
		cut += n / m
		if k < n%m {
			cut++
		}
		edges = append(edges, (rising(cut-1)+rising(cut))/2)
	}
	return edges
}

// Between places samples in the bins (lo, hi] between edges, which rise. A sample
// outside all edges is in no bin.
func Between(confidence []float64, correct []bool, edges []float64) []Bin {
	bins := make([]Bin, len(edges)-1)
	for i, v := range confidence {
		if k, _ := slices.BinarySearch(edges, v); k > 0 && k < len(edges) {
			bins[k-1].add(v, correct[i])
		}
	}
	return bins
}

// Edges32 are the edges k/m, k = 0..m, as a float32 torch.linspace has them.
func Edges32(m int) []float64 {
	edges := make([]float64, m+1)
	for k := range edges {
		edges[k] = edge32(k, m)
	}
	return edges
}
