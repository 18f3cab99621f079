package calibration

import (
	"math"
	"slices"

	"abstain/metrics/internal/radix"
	"abstain/metrics/internal/sums"
)

// Calibration errors in general: how samples are put into bins, where the edges
// of bins lie, and how the gaps of the bins become one number. The metrics in the
// table of package metrics fix these choices. Error leaves them open, so that it
// can also compute the number of any other tool.

// Binning is a way to group samples by confidence.
type Binning uint8

const (
	// EqualWidth cuts [0, 1] into Bins intervals of one width; see Edges.
	EqualWidth Binning = iota
	// EqualMass cuts the sorted confidences into runs whose lengths differ by at
	// most one, longer runs first. Each edge is half-way between the neighbours
	// of a cut, and samples are placed by value, (lo, hi], so that equal
	// confidences share a bin (Kumar et al. 2019).
	EqualMass
	// EqualCount takes these runs themselves as bins. Equal confidences may be in
	// different bins, in the order in which they are given.
	EqualCount
	// EqualMassLeft has its edges at the sorted confidences of rank
	// round(k n/Bins), halves to even, and bins [lo, hi) (Nixon et al. 2019).
	EqualMassLeft
	// Quantiles has bins (lo, hi] between the linearly interpolated quantiles of
	// order k/Bins; the smallest confidence has a bin of its own.
	Quantiles
	// Distinct gives every distinct confidence a bin.
	Distinct
	// SweepMass takes the largest number of runs for which the accuracies do not
	// fall from bin to bin: it counts up from one and stops before the first
	// number that fails. Edges are half-way between the runs, bins are [lo, hi),
	// and the largest confidence has a bin of its own (Roelofs et al. 2022). Bins
	// is not used.
	SweepMass
	// SweepWidth is SweepMass with intervals of equal width.
	SweepWidth
)

// Edges says to which interval a confidence on the edge of two equal-width
// intervals belongs, and how exactly the edges k/Bins are known.
type Edges uint8

const (
	// RightClosed has intervals (lo, hi], the first of which also takes 0, with
	// edges rounded to float64.
	RightClosed Edges = iota
	// RightClosed32 has the edges of a float32 torch.linspace. A confidence of 0
	// is in no interval: it counts among the samples but adds to no gap (Galil et
	// al. 2023).
	RightClosed32
	// RightClosedStepped has edges at k times the rounded width; the last may lie
	// above 1. A confidence of 0 is in no interval.
	RightClosedStepped
	// RightClosedZero has 0 in an interval of its own, below the first.
	RightClosedZero
	// LeftClosed has intervals [lo, hi), the last of which also takes 1.
	LeftClosed
	// LeftClosedOne has 1 in an interval of its own, above the last.
	LeftClosedOne
	// LeftClosedOne32 is LeftClosedOne with the edges of a float32 torch.linspace.
	LeftClosedOne32
	// LeftClosedStretched is LeftClosed on [0, 1 + 1e-8] instead of [0, 1].
	LeftClosedStretched
)

// Norm makes one number of the gaps |accuracy - mean confidence| of the
// non-empty bins.
type Norm uint8

const (
	L1      Norm = iota // mean over samples of the gap of their bin
	L2                  // root of the mean over samples of the squared gap
	Largest             // largest gap
	MeanGap             // mean over bins of the gap, however many samples they hold
	Over                // the part of L1 from bins whose confidence is above their accuracy
	Under               // the part of L1 from bins whose confidence is below their accuracy
)

// Options are the choices in a calibration error. The zero value with Bins set is
// the metric ece.
type Options struct {
	Bins    int // 1 or more, where Binning uses it
	Binning Binning
	Edges   Edges // for EqualWidth
	Norm    Norm
	// From is where the intervals of EqualWidth with edges in float64 begin: they
	// cover [From, 1]. With two classes, for example, no top-label confidence is
	// below 1/2.
	From float64
	// Debias subtracts acc (1 - acc) / (n - 1) from the squared gap of each bin
	// of n samples. The gap of a bin with a single sample is not counted, and a
	// negative sum becomes 0 (Kumar et al. 2019, section 5). It needs the norm
	// L2.
	Debias bool
	// Threshold, if positive, leaves out the confidences that are not above it;
	// math.SmallestNonzeroFloat64 leaves out those that are exactly 0.
	Threshold float64
}

// Error is the gap between confidence and accuracy over bins, 0 to 1, by any
// convention. Confidences are probabilities, one for each sample, in any order;
// the order matters only to EqualCount, and to SweepMass among ties. The result
// is NaN without samples, and 0 if the threshold leaves none. It panics if the
// two slices differ in length, if a confidence is NaN, if a binning needs a
// number of bins and has none, and if Debias is set with a norm other than L2.
func Error(confidence []float64, correct []bool, o Options) float64 {
	if len(confidence) == 0 {
		return math.NaN()
	}
	return rising(confidence, correct).error(o)
}

// SweepError is Error by SweepMass, with the wrong samples first in each group of
// ties. It therefore does not depend on the order of the samples.
func SweepError(confidence []float64, correct []bool) float64 {
	if len(confidence) == 0 {
		return math.NaN()
	}
	return rising(confidence, correct).wrongFirst().error(Options{Binning: SweepMass})
}

// wrongFirst returns the same samples, with the wrong ones first in each group of
// ties.
func (p pairs) wrongFirst() pairs {
	correct := slices.Clone(p.correct)
	from := 0
	for _, end := range p.groups() {
		slices.SortFunc(correct[from:end], compareBool)
		from = end
	}
	return pairs{p.confidence, correct}
}

// ClasswiseError compares the probability of each class with how often the class
// is the label, and combines the classes: by the mean; for L2 by the root of the
// mean square; for Largest by the largest. vectors holds len(label) x classes
// probabilities, row by row. It panics as Error does, and if the lengths do not
// agree.
func ClasswiseError(vectors []float64, classes int, label []int32, o Options) float64 {
	if len(vectors) != len(label)*classes {
		panic("calibration: class vectors and labels differ in length")
	}
	if len(label) == 0 {
		return math.NaN()
	}
	var total sums.Sum
	worst := 0.0
	for class := range classes {
		e := Error(column(vectors, classes, class), isLabel(label, class), o)
		worst = max(worst, e)
		if o.Norm == L2 {
			e = float64(e * e)
		}
		total.Add(e)
	}
	switch mean := total.Value() / float64(classes); o.Norm {
	case Largest:
		return worst
	case L2:
		return math.Sqrt(mean)
	default:
		return mean
	}
}

// TopClassError is the mean, over the classes that are predicted, of the
// calibration error of the samples with that prediction; every class has the same
// weight (Gupta and Ramdas 2022). It panics as Error does, and on a prediction
// below 0.
func TopClassError(confidence []float64, correct []bool, prediction []int32, o Options) float64 {
	if len(prediction) != len(confidence) {
		panic("calibration: predictions and confidences differ in length")
	}
	if len(prediction) == 0 {
		return math.NaN()
	}
	rows := make([][]int32, slices.Max(prediction)+1)
	for i, class := range prediction {
		rows[class] = append(rows[class], int32(i))
	}
	var total sums.Sum
	classes := 0
	for _, of := range rows {
		if len(of) > 0 {
			total.Add(Error(take(confidence, of), take(correct, of), o))
			classes++
		}
	}
	return total.Value() / float64(classes)
}

// column is the probability of one class of all samples.
func column(vectors []float64, classes, class int) []float64 {
	p := make([]float64, len(vectors)/classes)
	for i := range p {
		p[i] = vectors[i*classes+class]
	}
	return p
}

// isLabel says for every sample whether the class is its label.
func isLabel(label []int32, class int) []bool {
	is := make([]bool, len(label))
	for i, l := range label {
		is[i] = int(l) == class
	}
	return is
}

// pairs are samples by rising confidence.
type pairs struct {
	confidence []float64
	correct    []bool
}

// rising sorts samples by rising confidence, equal ones in the order given.
func rising(confidence []float64, correct []bool) pairs {
	if len(confidence) != len(correct) {
		panic("calibration: confidences and correctness differ in length")
	}
	sorted := true
	for i, v := range confidence {
		sorted = sorted && (i == 0 || confidence[i-1] <= v)
		if math.IsNaN(v) {
			panic("calibration: NaN among confidences")
		}
	}
	if sorted {
		return pairs{confidence, correct}
	}
	falling := make([]float64, len(confidence))
	for i, v := range confidence {
		falling[i] = -v
	}
	order := radix.FallingAll(falling)
	return pairs{take(confidence, order), take(correct, order)}
}

// n is the number of samples.
func (p pairs) n() int { return len(p.confidence) }

// above are the samples whose confidence is above a threshold.
func (p pairs) above(threshold float64) pairs {
	from, _ := slices.BinarySearchFunc(p.confidence, threshold, func(v, t float64) int {
		if v > t {
			return 1
		}
		return -1
	})
	return pairs{p.confidence[from:], p.correct[from:]}
}

// error is the calibration error.
func (p pairs) error(o Options) float64 {
	if o.Debias && o.Norm != L2 {
		panic("calibration: only the l2 norm is debiased")
	}
	if o.Threshold > 0 {
		p = p.above(o.Threshold)
	}
	if p.n() == 0 {
		return 0
	}
	bins := p.bins(o)
	if o.Debias {
		return normDebiased(bins, p.n())
	}
	return o.Norm.Of(bins, p.n())
}

// bins places the samples.
func (p pairs) bins(o Options) []Bin {
	if o.Bins < 1 && o.Binning != Distinct && o.Binning != SweepMass && o.Binning != SweepWidth {
		panic("calibration: a calibration error needs a bin")
	}
	switch o.Binning {
	case EqualMass:
		return p.cut(midpoints(p.runs(min(o.Bins, p.n())), p.confidence), true)
	case EqualCount:
		return p.gather(p.runs(o.Bins))
	case EqualMassLeft:
		return p.cut(rankEdges(p.confidence, o.Bins), false)
	case Quantiles:
		return p.cut(quantiles(p.confidence, o.Bins), true)
	case Distinct:
		return p.gather(p.groups())
	case SweepMass:
		return p.cut(sweepEdges(p, p.share), false)
	case SweepWidth:
		return p.cut(sweepEdges(p, p.interval), false)
	}
	return p.equalWidth(o)
}

// equalWidth places the samples in intervals of equal width.
func (p pairs) equalWidth(o Options) []Bin {
	edges, right := widthEdges(o.Edges, o.Bins)
	if o.From > 0 {
		for k, e := range edges {
			edges[k] = o.From + float64(e*(1-o.From))
		}
	}
	bins := p.cut(edges, right)
	if o.Edges == RightClosed32 || o.Edges == RightClosedStepped {
		bins[0] = Bin{}
		for j, v := range p.confidence {
			if v > 0 && v <= edges[0] {
				bins[0].add(v, p.correct[j])
			}
		}
	}
	return bins
}

// widthEdges are the edges between m intervals of equal width, rising, and
// whether intervals are closed on the right.
func widthEdges(e Edges, m int) (edges []float64, right bool) {
	first, last, at := 1, m-1, func(k int) float64 { return float64(k) / float64(m) }
	switch e {
	case RightClosed32:
		last, at = m, func(k int) float64 { return edge32(k, m) }
	case RightClosedStepped:
		width := 1 / float64(m)
		last, at = int(math.Ceil((1+width-width)/width)), func(k int) float64 { return stepped(k, width) }
	case RightClosedZero:
		first = 0
	case LeftClosedOne:
		last = m
	case LeftClosedOne32:
		last, at = m, func(k int) float64 { return edge32(k, m) }
	case LeftClosedStretched:
		at = func(k int) float64 { return float64(float64(k) * ((1 + 1e-8) / float64(m))) }
	}
	for k := first; k <= last; k++ {
		edges = append(edges, at(k))
	}
	return edges, e <= RightClosedZero
}

// edge32 is k/m as torch.linspace has it in float32 on processors of eight
// lanes: each edge steps from the nearer end of [0, 1], except that whole pairs
// of blocks of eight step from the first edge of their block. Up to 1e-7 from k/m.
func edge32(k, m int) float64 {
	const lanes = 8
	step := float32(1) / float32(m)
	first := k
	if k < (m+1)/(2*lanes)*(2*lanes) {
		first -= k % lanes
	}
	base := float32(step * float32(first))
	if first >= (m+1)/2 {
		base = 1 - float32(step*float32(m-first))
	}
	return float64(base + float32(step*float32(k-first)))
}

// stepped is the k-th edge, where the first is the width and each step is the
// difference between the second edge and the first.
func stepped(k int, width float64) float64 {
	step := (width + width) - width
	return width + float64(float64(k-1)*step)
}

// cut places the samples between edges, which rise and may coincide.
func (p pairs) cut(edges []float64, right bool) []Bin {
	bins := make([]Bin, len(edges)+1)
	k := 0
	for j, v := range p.confidence {
		for k < len(edges) && (v > edges[k] || !right && v == edges[k]) {
			k++
		}
		bins[k].add(v, p.correct[j])
	}
	return bins
}

// gather makes bins of runs, given by their ends.
func (p pairs) gather(ends []int) []Bin {
	bins := make([]Bin, len(ends))
	from := 0
	for k, end := range ends {
		for j := from; j < end; j++ {
			bins[k].add(p.confidence[j], p.correct[j])
		}
		from = end
	}
	return bins
}

// runs are the ends of m runs whose lengths differ by at most one, longer first.
func (p pairs) runs(m int) []int {
	ends := make([]int, m)
	end := 0
	for k := range ends {
		end += p.n() / m
		if k < p.n()%m {
			end++
		}
		ends[k] = end
	}
	return ends
}

// groups are the ends of the runs of equal confidence.
func (p pairs) groups() []int {
	var ends []int
	for j := range p.confidence {
		if j+1 == p.n() || p.confidence[j+1] != p.confidence[j] {
			ends = append(ends, j+1)
		}
	}
	return ends
}

// midpoints are the edges half-way between the runs that end at ends.
func midpoints(ends []int, confidence []float64) []float64 {
	var edges []float64
	for _, end := range ends[:len(ends)-1] {
		edges = append(edges, (confidence[end-1]+confidence[end])/2)
	}
	return edges
}

// rankEdges are the confidences of rank round(k n/m), k = 1..m-1.
func rankEdges(confidence []float64, m int) []float64 {
	n := len(confidence)
	var edges []float64
	for k := 1; k < m; k++ {
		at := int(math.RoundToEven(float64(k) * (float64(n) / float64(m))))
		edges = append(edges, confidence[min(at, n-1)])
	}
	return edges
}

// quantiles are the quantiles of order k/m, k = 0..m, interpolated between the
// sorted confidences; in the last digits as numpy.percentile has them, which
// interpolates from the nearer end.
func quantiles(confidence []float64, m int) []float64 {
	last := len(confidence) - 1
	edges := make([]float64, 0, m+1)
	for k := range m {
		percent := float64(k) * (1 / float64(m)) * 100
		at := percent / 100 * float64(last)
		j := int(at)
		a, b, share := confidence[j], confidence[min(j+1, last)], at-float64(j)
		if share < 0.5 {
			edges = append(edges, a+float64(share*(b-a)))
		} else {
			edges = append(edges, b-float64((1-share)*(b-a)))
		}
	}
	return append(edges, confidence[last])
}

// share is the run of sample j among b runs of equal length.
func (p pairs) share(j, b int) int {
	return min(b-1, int(float64(float64(j)/float64(p.n()))*float64(b)))
}

// interval is the interval of sample j among b intervals of one width.
func (p pairs) interval(j, b int) int { return max(0, min(b-1, int(p.confidence[j]*float64(b)))) }

// sweepEdges are the edges of the largest number of bins, counting up, whose
// accuracies do not fall, and the largest confidence. place is the bin of a
// sample among a number of bins.
func sweepEdges(p pairs, place func(j, b int) int) []float64 {
	b := 1
	if slices.IsSortedFunc(p.correct, compareBool) {
		b = max(1, p.n()-1) // all wrong ones below all right ones: no number of bins fails
	} else {
		for b+1 < p.n() && p.monotone(b+1, place) {
			b++
		}
	}
	var edges []float64
	for j := 1; j < p.n(); j++ {
		if place(j, b) != place(j-1, b) {
			edges = append(edges, float64(p.confidence[j]*.5)+float64(p.confidence[j-1]*.5))
		}
	}
	return append(edges, p.confidence[p.n()-1])
}

// monotone reports whether the accuracies of b bins do not fall.
func (p pairs) monotone(b int, place func(j, b int) int) bool {
	last, right, n, bin := 0.0, 0, 0, place(0, b)
	for j := range p.confidence {
		if k := place(j, b); k != bin {
			if float64(right)/float64(n) < last {
				return false
			}
			last, right, n, bin = float64(right)/float64(n), 0, 0, k
		}
		n++
		if p.correct[j] {
			right++
		}
	}
	return float64(right)/float64(n) >= last
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func take[T any](column []T, rows []int32) []T {
	t := make([]T, len(rows))
	for j, i := range rows {
		t[j] = column[i]
	}
	return t
}
