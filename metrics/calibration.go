package metrics

import (
	"math"
	"sync"
)

// Metrics of whether confidence, read as a probability, is right as often as it says.

const noProbability = "the confidence is no probability"

// uncalibrated says why a calibration metric cannot be given, or "".
func uncalibrated(r *Ranked) string {
	switch why := unranked(r); {
	case why != "":
		return why
	case !r.Confidence.Probability:
		return noProbability
	}
	return ""
}

// bin gathers the samples of one bin.
type bin struct {
	n, right   int
	confidence sum
}

func (b *bin) add(confidence float64, right bool) {
	b.n++
	if right {
		b.right++
	}
	b.confidence.add(confidence)
}

// excess is n times the gap between accuracy and mean confidence.
func (b *bin) excess() float64 { return float64(b.right) - b.confidence.value() }

// ece is the expected calibration error over equal-width bins.
func ece(r *Ranked, bins float64) Estimate { return binned(r, equalWidth, bins, normL1) }

// eceL2 is the root mean squared calibration error over equal-width bins.
func eceL2(r *Ranked, bins float64) Estimate { return binned(r, equalWidth, bins, normL2) }

// mce is the largest calibration error of an equal-width bin.
func mce(r *Ranked, bins float64) Estimate { return binned(r, equalWidth, bins, normMax) }

// eceMass is the expected calibration error over bins of equal numbers of samples.
func eceMass(r *Ranked, bins float64) Estimate { return binned(r, equalMass, bins, normL1) }

// binned evaluates a norm of the gaps of the non-empty bins.
func binned(r *Ranked, binning func(*Ranked, int) []bin, bins float64, norm func([]bin, int) float64) Estimate {
	if why := uncalibrated(r); why != "" {
		return undefined(r.N(), why)
	}
	return point(norm(binning(r, int(bins)), r.N()), r.N())
}

// normL1 is the mean over samples of the absolute gap of their bin.
func normL1(bins []bin, n int) float64 {
	var total sum
	for i := range bins {
		total.add(math.Abs(bins[i].excess()))
	}
	return total.value() / float64(n)
}

// normL2 is the root of the mean over samples of the squared gap of their bin.
func normL2(bins []bin, n int) float64 {
	var total sum
	for i := range bins {
		if b := &bins[i]; b.n > 0 {
			x := b.excess()
			total.add(float64(x*x) / float64(b.n))
		}
	}
	return math.Sqrt(total.value() / float64(n))
}

// normMax is the largest absolute gap of a non-empty bin.
func normMax(bins []bin, _ int) float64 {
	worst := 0.0
	for i := range bins {
		if b := &bins[i]; b.n > 0 {
			worst = math.Max(worst, math.Abs(b.excess())/float64(b.n))
		}
	}
	return worst
}

// probabilityBin is a bin of confidences that are probabilities, whose sum does
// not depend on the order in which they come.
type probabilityBin struct {
	tally      uint64 // 2^32 for each sample, 1 for each right one
	confidence unitSum
}

func (b *probabilityBin) add(confidence float64, right bool) {
	b.tally += 1<<32 | uint64(count(right))
	b.confidence.add(confidence)
}

// rounded are the bins with their sums as float64.
func rounded(exact []probabilityBin) []bin {
	bins := make([]bin, len(exact))
	for k, b := range exact {
		bins[k] = bin{int(b.tally >> 32), int(uint32(b.tally)), sum{s: b.confidence.value()}}
	}
	return bins
}

// equalWidth places the samples in bins ((k-1)/m, k/m], the first of which also
// takes 0. Values are taken from the confidence's own scale. Several metrics want
// the same bins, which are made once and must not be changed.
func equalWidth(r *Ranked, m int) []bin {
	if r.widths == nil {
		return widthBins(r, m)
	}
	r.widths.mu.Lock()
	defer r.widths.mu.Unlock()
	if r.widths.bins[m] == nil {
		r.widths.bins[m] = widthBins(r, m)
	}
	return r.widths.bins[m]
}

// widths are the bins of equal width of a ranking, by their number.
type widths struct {
	mu   sync.Mutex
	bins map[int][]bin
}

// widthBins takes the samples in the order of the rows, which costs less than that
// of the ranking.
func widthBins(r *Ranked, m int) []bin {
	edges := evenEdges(m)
	bins := make([]probabilityBin, m)
	values, label := r.Confidence.Value, r.Outcomes.Label
	correct := r.Outcomes.Correct[:len(values)]
	all := r.N() == len(values)
	near := float64(m) * 0x1p-50 // an edge: both it and the product are off by less than m 2^-53
	for i, v := range values {
		if !all && label[i] < 0 {
			continue
		}
		place := v * float64(m)
		k := int(place)
		if off := place - float64(k); off < near || off > 1-near || k >= m {
			k = widthBin(v, edges)
		}
		bins[k].add(v, correct[i])
	}
	return rounded(bins)
}

// evenEdges are the edges k/m.
func evenEdges(m int) []float64 {
	edges := make([]float64, m+1)
	for k := range edges {
		edges[k] = float64(k) / float64(m)
	}
	return edges
}

// widthBin is the bin of v: the k with edges[k] < v <= edges[k+1]. The product
// is off by at most one bin, which the edges then put right. A softmax that
// rounding has lifted above 1 stays in the last bin.
func widthBin(v float64, edges []float64) int {
	m := len(edges) - 1
	k := min(int(v*float64(m)), m-1)
	if v <= edges[k] {
		k = max(k-1, 0)
	} else if v > edges[k+1] {
		k = min(k+1, m-1)
	}
	return k
}

// equalMass cuts the sorted confidences into m runs whose lengths differ by at
// most one (the longer ones at the low end), sets an edge half-way between the
// neighbours of each cut, and places samples by value. So equal confidences
// stay together.
func equalMass(r *Ranked, m int) []bin {
	edges := massEdges(r, min(m, r.N()))
	bins := make([]probabilityBin, len(edges)+1)
	k := len(edges)
	for _, i := range r.Order {
		v := r.Confidence.Value[i]
		for k > 0 && v <= edges[k-1] { // down to the first edge >= v: right-closed
			k--
		}
		bins[k].add(v, r.Outcomes.Correct[i])
	}
	return rounded(bins)
}

// massEdges lists the inner edges, rising. Edges that coincide leave the bins
// between them empty.
func massEdges(r *Ranked, m int) []float64 {
	n := r.N()
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
	return edges
}

// meanConfidence is the mean confidence of the in-distribution samples, or of
// the others in a table that has only those. It is defined on any scale.
func meanConfidence(r *Ranked, _ float64) Estimate {
	switch {
	case r.Confidence == nil:
		return undefined(r.N(), notRanked)
	case r.N() > 0:
		return mean(r.Confidence.Value, r.Order)
	}
	_, outside := split(r.Outcomes)
	if len(outside) == 0 {
		return undefined(0, "no samples")
	}
	e := mean(r.Confidence.Value, sortRows(r.Confidence.Order(), outside))
	e.Notes = append(e.Notes, "mean over out-of-distribution samples")
	return e
}

// overconfidence is mean confidence minus accuracy.
func overconfidence(r *Ranked, _ float64) Estimate {
	if why := uncalibrated(r); why != "" {
		return undefined(r.N(), why)
	}
	var total unitSum
	o := r.Outcomes
	for i, v := range r.Confidence.Value {
		if o.Label == nil || o.Label[i] >= 0 {
			total.add(v)
		}
	}
	return point(total.less(ones(r.N()-r.Errors))/float64(r.N()), r.N())
}
