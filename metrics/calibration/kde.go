package calibration

import (
	"math"
	"slices"

	"abstain/metrics/internal/sums"
)

// Calibration errors by kernel density estimation on the simplex (Popordanoska,
// Sayer and Blaschko 2022). The accuracy at a sample is the mean correctness of
// the other samples, weighted by kernels. A kernel is a beta density (for one
// probability) or a Dirichlet density (for class vectors) around each of the
// others, evaluated at the sample. On the boundary, where all densities may be 0,
// the limit of their ratio is taken.

// KernelError is the mean over samples of |a - c|^p, p = 1 or 2, where c is a
// sample's confidence and a the accuracy at it, by beta kernels of the bandwidth
// around the other samples. No root is taken. Up to 2000 distinct confidences it
// is exact. Beyond that, logarithms of sums of kernels are tabulated, and a is
// off by about 1e-7.
//
// It is NaN for fewer than two samples. It panics if the slices differ in length,
// on a confidence of NaN, if the bandwidth is not above 0, and for another p.
func KernelError(confidence []float64, correct []bool, bandwidth float64, p int) float64 {
	checkKernel(bandwidth, p)
	return rising(confidence, correct).kernelError(bandwidth, p)
}

// MarginalKernelError is the sum over classes of the KernelError that compares
// the class's probability with whether the class is the label. vectors holds
// len(label) x classes probabilities, row by row.
func MarginalKernelError(vectors []float64, classes int, label []int32, bandwidth float64, p int) float64 {
	checkKernel(bandwidth, p)
	if len(vectors) != len(label)*classes {
		panic("calibration: class vectors and labels differ in length")
	}
	var total sums.Sum
	for class := range classes {
		total.Add(rising(column(vectors, classes, class), isLabel(label, class)).kernelError(bandwidth, p))
	}
	return total.Value()
}

func checkKernel(bandwidth float64, p int) {
	if !(bandwidth > 0) {
		panic("calibration: a bandwidth that is not above 0")
	}
	if p != 1 && p != 2 {
		panic("calibration: a norm other than 1 and 2")
	}
}

// power is |d|^p.
func power(d float64, p int) float64 {
	if p == 2 {
		return float64(d * d)
	}
	return math.Abs(d)
}

const tabulated = 2000 // with more distinct confidences, sums are tabulated

func (p pairs) kernelError(bandwidth float64, norm int) float64 {
	if p.n() < 2 {
		return math.NaN()
	}
	k := newBetaSums(p.ties(), bandwidth)
	around := k.others
	if len(k.groups) > tabulated {
		around = k.table().others
	}
	var total sums.Sum
	for i := range k.groups {
		t := &k.groups[i]
		all, right, own := around(i) // of the other groups; own is the kernel of one sample of this group
		if t.right > 0 {
			total.Add(t.right * power((right+float64((t.right-1)*own))/(all+float64((t.n-1)*own))-t.at, norm))
		}
		if t.right < t.n {
			total.Add((t.n - t.right) * power((right+float64(t.right*own))/(all+float64((t.n-1)*own))-t.at, norm))
		}
	}
	return total.Value() / float64(p.n())
}

// betaSums evaluates sums of beta kernels. As a function of the log-odds x of its
// argument, the kernel around c is exp(c x / b - lnB(c)), up to a factor that all
// kernels share. It is log-concave in c.
type betaSums struct {
	groups    []tied
	logBeta   []float64
	bandwidth float64
}

func newBetaSums(groups []tied, bandwidth float64) *betaSums {
	k := &betaSums{groups: groups, bandwidth: bandwidth}
	for i := range groups {
		c := min(max(groups[i].at, 0), 1) // rounding may raise a softmax above 1
		groups[i].at = c
		p, _ := math.Lgamma(c/bandwidth + 1)
		q, _ := math.Lgamma((1-c)/bandwidth + 1)
		k.logBeta = append(k.logBeta, p+q)
	}
	return k
}

// exponent is the logarithm of the kernel around group j at log-odds x.
func (k *betaSums) exponent(j int, x float64) float64 {
	return float64(k.groups[j].at*(x/k.bandwidth)) - k.logBeta[j]
}

// others sums the kernels around all groups but i, at group i. It returns the sum
// over all samples and the sum over the right ones, relative to the largest
// kernel; own is the kernel of one sample of group i.
func (k *betaSums) others(i int) (all, right, own float64) {
	at := k.groups[i].at
	if at == 0 || at == 1 {
		return k.boundary(i)
	}
	x := logOdds(at)
	top := math.Inf(-1)
	for j := range k.groups {
		if j != i || k.groups[i].n > 1 {
			top = max(top, k.exponent(j, x))
		}
	}
	var a, r sums.Sum
	for j := range k.groups {
		if j != i {
			e := math.Exp(k.exponent(j, x) - top)
			a.Add(k.groups[j].n * e)
			r.Add(k.groups[j].right * e)
		}
	}
	if k.groups[i].n > 1 {
		own = math.Exp(k.exponent(i, x) - top)
	}
	return a.Value(), r.Value(), own
}

// boundary is others at 0 or 1. There all kernels are 0 except those around the
// same place. If no other sample is at that place, the nearest group outweighs
// the rest.
func (k *betaSums) boundary(i int) (all, right, own float64) {
	if k.groups[i].n > 1 {
		return 0, 0, 1
	}
	j := 1
	if i > 0 {
		j = i - 1
	}
	return k.groups[j].n, k.groups[j].right, 0
}

func logOdds(p float64) float64 { return math.Log(p) - math.Log1p(-p) }

// betaTable holds the logarithms of sums of kernels, and their slopes, at points
// in rising order.
type betaTable struct {
	*betaSums
	x          []float64
	all, right []node
}

// node is the logarithm of a sum of kernels and its slope.
type node struct{ log, slope float64 }

// table evaluates the sums at points whose distance is a tenth of a kernel's width.
func (k *betaSums) table() *betaTable {
	t := &betaTable{betaSums: k}
	inside := slices.DeleteFunc(slices.Clone(k.groups), func(g tied) bool { return g.at == 0 || g.at == 1 })
	x, last := logOdds(inside[0].at), logOdds(inside[len(inside)-1].at)
	for done := false; !done; {
		done = x >= last
		all, right := k.sums(x)
		t.x, t.all, t.right = append(t.x, x), append(t.all, all), append(t.right, right)
		z := 1 / (1 + math.Exp(-x))
		x += min(0.25, 0.1*math.Sqrt(k.bandwidth/(z*(1-z))))
	}
	return t
}

// sums evaluates the sums of all samples and of the right ones at log-odds x.
// Exponents fall on both sides of the largest, so the loops can stop early.
func (k *betaSums) sums(x float64) (all, right node) {
	const negligible = 45
	z := 1 / (1 + math.Exp(-x))
	from, _ := slices.BinarySearchFunc(k.groups, z, func(g tied, z float64) int {
		if g.at < z {
			return -1
		}
		return 1
	})
	top := min(from, len(k.groups)-1)
	for top+1 < len(k.groups) && k.exponent(top+1, x) > k.exponent(top, x) {
		top++
	}
	for top > 0 && k.exponent(top-1, x) > k.exponent(top, x) {
		top--
	}
	largest := k.exponent(top, x)
	var a, r, da, dr float64
	add := func(j int) bool {
		g := &k.groups[j]
		e := k.exponent(j, x) - largest
		if e < -negligible {
			return false
		}
		w := math.Exp(e)
		a, da = a+float64(g.n*w), da+float64(g.n*w*g.at)
		r, dr = r+float64(g.right*w), dr+float64(g.right*w*g.at)
		return true
	}
	for j := top; j < len(k.groups) && add(j); j++ {
	}
	for j := top - 1; j >= 0 && add(j); j-- {
	}
	return node{largest + math.Log(a), da / a / k.bandwidth}, node{largest + math.Log(r), dr / r / k.bandwidth}
}

// others is like that of betaSums, but uses the table. Where a sample itself is
// much of the sum, or no right sample is near, the sum is computed term by term.
func (t *betaTable) others(i int) (all, right, own float64) {
	g := &t.groups[i]
	if g.at == 0 || g.at == 1 {
		return t.boundary(i)
	}
	x := logOdds(g.at)
	j, _ := slices.BinarySearch(t.x, x)
	j = max(1, min(j, len(t.x)-1))
	a := hermite(x, t.x[j-1], t.x[j], t.all[j-1], t.all[j])
	r := hermite(x, t.x[j-1], t.x[j], t.right[j-1], t.right[j])
	own = math.Exp(t.exponent(i, x) - a)
	if g.n*own > 0.1 || math.IsNaN(r) || r-a < -20 {
		return t.betaSums.others(i)
	}
	return 1 - float64(g.n*own), math.Exp(r-a) - float64(g.right*own), own
}

// hermite interpolates between a and b by value and slope.
func hermite(x, a, b float64, at, bt node) float64 {
	h := b - a
	s := (x - a) / h
	u := 1 - s
	value := float64(at.log*((1+2*s)*u*u)) + float64(bt.log*(s*s*(1+2*u)))
	return value + float64(h*s*u*(float64(at.slope*u)-float64(bt.slope*s)))
}

// CanonicalKernelError is the mean over samples of the sum over classes of |a -
// p|^norm, norm = 1 or 2. Here p is the class vector of a sample, and a the
// vector of label frequencies at it, by Dirichlet kernels of the bandwidth around
// the other samples. No root is taken. It is exact; its time grows with the
// square of the number of samples, times the classes. Samples where all kernels
// are 0, because of a probability of 0 that no other sample shares, are left out.
//
// vectors holds len(label) x classes probabilities, row by row. It is NaN if no
// sample is left. It panics if the slices do not agree in length, if the
// bandwidth is not above 0, and for another norm.
func CanonicalKernelError(vectors []float64, classes int, label []int32, bandwidth float64, norm int) float64 {
	checkKernel(bandwidth, norm)
	n := len(label)
	if len(vectors) != n*classes {
		panic("calibration: class vectors and labels differ in length")
	}
	d := newDirichlet(vectors, classes, label, bandwidth)
	var total sums.Sum
	entered := 0
	frequency := make([]float64, classes)
	exponent := make([]float64, n)
	for i := range n {
		if !d.frequencies(i, exponent, frequency) {
			continue
		}
		entered++
		for k, a := range frequency {
			total.Add(power(a-vectors[i*classes+k], norm))
		}
	}
	if entered == 0 {
		return math.NaN()
	}
	return total.Value() / float64(entered)
}

// dirichlet evaluates Dirichlet kernels around class vectors.
type dirichlet struct {
	vectors   []float64
	classes   int
	label     []int32
	logBeta   []float64
	logs      []float64 // logarithms of the vector at which kernels are evaluated; 0 where it is 0
	bandwidth float64
}

func newDirichlet(vectors []float64, classes int, label []int32, bandwidth float64) *dirichlet {
	d := &dirichlet{vectors, classes, label, nil, make([]float64, classes), bandwidth}
	for i := range label {
		total, b := 0.0, 0.0
		for _, p := range d.row(i) {
			g, _ := math.Lgamma(p/bandwidth + 1)
			b += g
			total += p/bandwidth + 1
		}
		g, _ := math.Lgamma(total)
		d.logBeta = append(d.logBeta, b-g)
	}
	return d
}

func (d *dirichlet) row(i int) []float64 { return d.vectors[i*d.classes : (i+1)*d.classes] }

// frequencies computes the label frequencies around sample i, which is left out.
// It reports whether any kernel is above 0 there. exponent is overwritten.
func (d *dirichlet) frequencies(i int, exponent, frequency []float64) bool {
	at := d.row(i)
	edge := false
	for k, p := range at {
		d.logs[k] = 0
		if p > 0 {
			d.logs[k] = math.Log(p) / d.bandwidth
		} else {
			edge = true
		}
	}
	top := math.Inf(-1)
	for j := range d.label {
		exponent[j] = math.Inf(-1)
		if j == i || edge && d.vanishes(at, d.row(j)) {
			continue
		}
		e := -d.logBeta[j]
		for k, p := range d.row(j) {
			e += float64(p * d.logs[k])
		}
		exponent[j] = e
		top = max(top, e)
	}
	if math.IsInf(top, -1) {
		return false
	}
	clear(frequency)
	all := 0.0
	for j, e := range exponent {
		if e-top > -45 {
			w := math.Exp(e - top)
			all += w
			frequency[d.label[j]] += w
		}
	}
	for k := range frequency {
		frequency[k] /= all
	}
	return true
}

// vanishes reports whether the kernel around one vector is 0 at another: where
// the other has a 0 and the first does not.
func (d *dirichlet) vanishes(at, about []float64) bool {
	for k, p := range at {
		if p <= 0 && about[k] > 0 {
			return true
		}
	}
	return false
}
