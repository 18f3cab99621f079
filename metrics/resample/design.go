package resample

import (
	"math"
	"math/rand/v2"
	"slices"
)

// independent names the design in which every sample is drawn by itself.
const independent = "independent samples"

// Design says how samples are drawn again: which of them come together, and
// inside what. It is made once for the samples that all models answer.
type Design struct {
	n       int
	strata  [][]int32 // units drawn with replacement among themselves; nil if all units are
	members [][]int32 // samples of a unit; nil if each sample is a unit
	kind    string
}

// Independent draws n samples with replacement out of n.
func Independent(n int) *Design {
	return &Design{n: n, kind: independent}
}

// Stratified draws, inside each group of samples of equal code, as many samples
// as there are, so that the sizes of the groups are the same in every replicate.
// Missing samples (code -1) are a group too.
func Stratified(code []int32) *Design {
	return &Design{n: len(code), strata: byCode(code), kind: "stratified samples"}
}

// Clustered draws whole groups of samples of equal code (all images of a
// patient), as many as there are, so that samples of a group may depend on each
// other. The number of samples differs between replicates. A sample whose code is
// missing (-1) is a group of its own.
func Clustered(code []int32) *Design {
	d := &Design{n: len(code), kind: "clusters"}
	for _, group := range byCode(code) {
		if code[group[0]] >= 0 {
			d.members = append(d.members, group)
			continue
		}
		for _, i := range group {
			d.members = append(d.members, []int32{i})
		}
	}
	return d
}

// byCode lists the rows of each code, codes rising.
func byCode(code []int32) [][]int32 {
	rows := make([]int32, len(code))
	for i := range rows {
		rows[i] = int32(i)
	}
	slices.SortStableFunc(rows, func(a, b int32) int { return int(code[a]) - int(code[b]) })
	var groups [][]int32
	for from, to := 0, 0; from < len(rows); from = to {
		for to = from + 1; to < len(rows) && code[rows[to]] == code[rows[from]]; to++ {
		}
		groups = append(groups, rows[from:to])
	}
	return groups
}

// N is the number of samples.
func (d *Design) N() int { return d.n }

// String names the design as notes do: "independent samples", "clusters".
func (d *Design) String() string { return d.kind }

// Draw fills counts, one per sample, with how often each is in replicate k. It
// depends on the design, the seed and k only. A unit that has been drawn 255
// times is not drawn again, which in a fair draw happens less than once in
// 10^500. It panics if counts has not one entry per sample.
func (d *Design) Draw(counts []uint8, seed uint64, k int) {
	if len(counts) != d.n {
		panic("resample: counts and samples differ in number")
	}
	rng := rand.NewPCG(seed, uint64(k))
	units := counts
	if d.members != nil {
		units = make([]uint8, len(d.members))
	}
	clear(units)
	if d.strata == nil {
		drawAmong(units, nil, len(units), rng)
	}
	for _, s := range d.strata {
		drawAmong(units, s, len(s), rng)
	}
	if d.members != nil {
		for u, group := range d.members {
			for _, i := range group {
				counts[i] = units[u]
			}
		}
	}
}

// drawAmong draws m of the m units, all of counts if units is nil, two from every
// random number. The multiplication that scales 32 random bits to m units favours
// some of them by less than m/2^32.
func drawAmong(counts []uint8, units []int32, m int, rng *rand.PCG) {
	take := func(bits uint64) int {
		u := int(bits * uint64(m) >> 32)
		if units != nil {
			u = int(units[u])
		}
		if counts[u] == math.MaxUint8 {
			return 0
		}
		counts[u]++
		return 1
	}
	drawn := 0
	for drawn+2 <= m {
		v := rng.Uint64()
		drawn += take(v >> 32)
		drawn += take(v & math.MaxUint32)
	}
	for drawn < m {
		drawn += take(rng.Uint64() >> 32)
	}
}

// Units turns the influence values of samples into those of the design's units,
// from which StandardError's sum, Covariance and Acceleration follow as from
// samples (always with n the number of samples): values of a cluster add up, and
// values inside a stratum lose their mean. Those of independent samples are
// returned as they are; the length differs from n for clusters.
func (d *Design) Units(influence []float64) []float64 {
	if len(influence) != d.n {
		panic("resample: influence values and samples differ in number")
	}
	if d.kind == independent {
		return influence
	}
	if d.members != nil {
		sums := make([]float64, len(d.members))
		for u, group := range d.members {
			for _, i := range group {
				sums[u] += influence[i]
			}
		}
		return sums
	}
	values := slices.Clone(influence)
	for _, s := range d.strata {
		mean := 0.0
		for _, i := range s {
			mean += influence[i]
		}
		mean /= float64(len(s))
		for _, i := range s {
			values[i] -= mean
		}
	}
	return values
}

// StandardError is the standard error under the design: as the function of that
// name for independent samples.
func (d *Design) StandardError(influence []float64) float64 {
	u := d.Units(influence)
	return math.Sqrt(dot(u, u)) / float64(d.n)
}

// Replicates are the counts of several replicates, shared by all models, so that
// differences between models are paired. Those of Draw are kept, one byte per
// sample and replicate (64 bytes a sample for every 64 begun): 51 MB for 1000 replicates
// of 50 000 samples. Those of DrawEach are drawn whenever they are asked for, which gives
// the same counts, takes no memory and several times the time.
type Replicates struct {
	Design  *Design
	Seed    uint64
	B       int       // number of replicates
	bundles [][]uint8 // counts of 64 replicates side by side, a row of the table after the other
}

// Draw draws b replicates and keeps them.
func Draw(d *Design, seed uint64, b int) *Replicates {
	r := DrawEach(d, seed, b)
	drawn := make([][]uint8, (b+lanes-1)/lanes)
	scratch := make([]uint8, lanes*d.n)
	for k := range drawn {
		drawn[k] = r.draw(k, scratch, make([]uint8, lanes*d.n))
	}
	r.bundles = drawn
	return r
}

// DrawEach is b replicates of which none is kept.
func DrawEach(d *Design, seed uint64, b int) *Replicates {
	return &Replicates{Design: d, Seed: seed, B: b}
}

// Counts is how often each sample is in replicate k.
func (r *Replicates) Counts(k int) []uint8 {
	counts := make([]uint8, r.Design.n)
	if r.bundles == nil {
		r.Design.Draw(counts, r.Seed, k)
		return counts
	}
	return replicate{r.bundles[k/lanes], 6, uint8(k % lanes)}.apart(counts).counts
}

// bundle is the k-th 64 replicates side by side, drawn into memory given if they are not
// kept, and how many of them there are.
func (r *Replicates) bundle(k int, scratch, drawn []uint8) (counts []uint8, n int) {
	n = min(lanes, r.B-k*lanes)
	if r.bundles != nil {
		return r.bundles[k], n
	}
	return r.draw(k, scratch, drawn), n
}

// draw draws the k-th 64 replicates into drawn; those beyond the last are of no use to
// anybody, and of zeros.
func (r *Replicates) draw(k int, scratch, drawn []uint8) []uint8 {
	n := r.Design.n
	for l := range lanes {
		counts := scratch[l*n : (l+1)*n]
		if k*lanes+l >= r.B {
			clear(counts)
			continue
		}
		r.Design.Draw(counts, r.Seed, k*lanes+l)
	}
	transpose(drawn, scratch, n)
	return drawn
}
