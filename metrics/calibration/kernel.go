package calibration

import (
	"math"

	"abstain/metrics/internal/sums"
)

// Calibration errors by kernels over confidence, without bins: SECE with a
// Gaussian kernel, MMCE with a Laplacian one.

// SECE is the mean over samples of |a - c|, where c is the sample's confidence
// and a the mean correctness of the other samples. Each of these is weighted by
// the Gaussian kernel exp(-d^2 / (2 h^2)) of its distance d in confidence (Wang
// and Golebiowski 2024; the form and the bandwidth 0.05 are a reconstruction).
// Samples without neighbours, whose weights sum to less than 1e-12, are left out.
// The time after sorting is proportional to n; sums of kernels are exact to 1e-13
// n, and small sums are computed term by term.
//
// It is NaN if no sample has a neighbour, so for fewer than two. It panics if the
// slices differ in length, on a confidence of NaN, and if the bandwidth is not
// above 0.
func SECE(confidence []float64, correct []bool, bandwidth float64) float64 {
	if !(bandwidth > 0) {
		panic("calibration: a bandwidth that is not above 0")
	}
	return rising(confidence, correct).sece(bandwidth)
}

// tied is a group of samples of equal confidence.
type tied struct {
	at       float64
	n, right float64
}

// ties lists the groups, confidence rising.
func (p pairs) ties() []tied {
	list := make([]tied, 0, p.n())
	for j, c := range p.confidence {
		if j == 0 || c != p.confidence[j-1] {
			list = append(list, tied{at: c})
		}
		t := &list[len(list)-1]
		t.n++
		if p.correct[j] {
			t.right++
		}
	}
	return list
}

func (p pairs) sece(h float64) float64 {
	if p.n() == 0 {
		return math.NaN()
	}
	groups := p.ties()
	g := newGaussSums(groups, h)
	var total sums.Sum
	entered := 0.0
	for j := range groups {
		t := &groups[j]
		all, right := g.around(j)
		others := all + (t.n - 1) // of its own group a sample has the others, at weight 1
		if others < 1e-12 {
			continue
		}
		entered += t.n
		if t.right > 0 {
			total.Add(t.right * math.Abs((right+(t.right-1))/others-t.at))
		}
		if t.right < t.n {
			total.Add((t.n - t.right) * math.Abs((right+t.right)/others-t.at))
		}
	}
	if entered == 0 {
		return math.NaN()
	}
	return total.Value() / entered
}

// gaussSums holds samples in boxes that are half a bandwidth wide. With x and y
// the distances of target and sample from the centre of the box, in bandwidths,
// the kernel is exp(-x^2/2) exp(-y^2/2) exp(x y). The Taylor series of the last
// factor in x y, |y| <= 1/4, makes it a sum of products, so one moment for each
// box and power is enough.
type gaussSums struct {
	groups []tied
	h, lo  float64
	boxes  []box
}

const (
	powers = 14  // the rest of the series is below 1e-14 of a weight
	reach  = 8.5 // bandwidths beyond which the kernel is below 1e-15
	sparse = 0.1 // sums of the others' weights below this are taken term by term
)

// box holds the moments of n and right of the samples in it.
type box struct {
	filled     bool
	all, right [powers]float64
}

func newGaussSums(groups []tied, h float64) *gaussSums {
	g := &gaussSums{groups: groups, h: h, lo: groups[0].at}
	g.boxes = make([]box, g.index(groups[len(groups)-1].at)+1)
	for _, t := range groups {
		k := g.index(t.at)
		b := &g.boxes[k]
		y := (t.at - g.centre(k)) / h
		m := math.Exp(-float64(y*y) / 2)
		b.filled = true
		for p := range powers {
			b.all[p] += float64(t.n * m)
			b.right[p] += float64(t.right * m)
			m = float64(m*y) / float64(p+1)
		}
	}
	return g
}

func (g *gaussSums) index(v float64) int      { return int((v - g.lo) / (g.h / 2)) }
func (g *gaussSums) centre(k int) float64     { return g.lo + (float64(k)+0.5)*(g.h/2) }
func (g *gaussSums) weight(d float64) float64 { d /= g.h; return math.Exp(-float64(d*d) / 2) }

// around is the sum of weights about group j of the samples of other groups, all and
// the right ones.
func (g *gaussSums) around(j int) (all, right float64) {
	at := g.groups[j].at
	k := g.index(at)
	span := int(2*reach) + 1
	for i := max(0, k-span); i <= min(len(g.boxes)-1, k+span); i++ {
		b := &g.boxes[i]
		if !b.filled {
			continue
		}
		x := (at - g.centre(i)) / g.h
		scale := math.Exp(-float64(x*x) / 2)
		a, r := b.all[powers-1], b.right[powers-1]
		for p := powers - 2; p >= 0; p-- {
			a = float64(a*x) + b.all[p]
			r = float64(r*x) + b.right[p]
		}
		all += float64(scale * a)
		right += float64(scale * r)
	}
	// The group's own samples are taken off what the boxes hold, which costs digits
	// where little is left beside them.
	own := g.groups[j]
	if all-1 < sparse {
		return g.termByTerm(j)
	}
	return all - own.n, right - own.right
}

// termByTerm is around without the series.
func (g *gaussSums) termByTerm(j int) (all, right float64) {
	var a, r sums.Sum
	at := g.groups[j].at
	for i := j - 1; i >= 0 && at-g.groups[i].at <= reach*g.h; i-- {
		a.Add(g.groups[i].n * g.weight(at-g.groups[i].at))
		r.Add(g.groups[i].right * g.weight(at-g.groups[i].at))
	}
	for i := j + 1; i < len(g.groups) && g.groups[i].at-at <= reach*g.h; i++ {
		a.Add(g.groups[i].n * g.weight(at-g.groups[i].at))
		r.Add(g.groups[i].right * g.weight(at-g.groups[i].at))
	}
	return a.Value(), r.Value()
}

// MMCE is the maximum mean calibration error in a reproducing-kernel space: the
// root of the mean, over all pairs of samples (each sample also with itself), of
// the product of their residuals correct - confidence and the Laplacian kernel
// exp(-d / width) of the distance d of their confidences (Kumar, Sarawagi and
// Jain 2018, with width 0.4). It is exact, 0 to 1, and takes linear time after
// sorting. It is NaN without samples. It panics if the slices differ in length,
// on a confidence of NaN, and if the width is not above 0.
func MMCE(confidence []float64, correct []bool, width float64) float64 {
	if !(width > 0) {
		panic("calibration: a width that is not above 0")
	}
	return rising(confidence, correct).mmce(width)
}

func (p pairs) mmce(width float64) float64 {
	if p.n() == 0 {
		return math.NaN()
	}
	// below is the sum of the residuals of lower confidence, discounted by their
	// distance; the discount multiplies along the order.
	var total sums.Sum
	below, last := 0.0, p.confidence[0]
	for _, t := range p.ties() {
		residual := t.right - float64(t.n*t.at)
		below *= math.Exp((last - t.at) / width)
		total.Add(float64(residual*residual) + 2*float64(residual*below))
		below += residual
		last = t.at
	}
	return math.Sqrt(max(0, total.Value())) / float64(p.n())
}
